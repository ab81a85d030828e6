"""Calls on the two tables, their indexes and streams, and on a table that is nobody's.

All name items that do not exist, or are held back by a condition, so one that is let through
changes nothing. Deleting a table is held back by its deletion protection.
"""

from collections.abc import Mapping

from tests.e2e.aws_clients import AwsClients
from tests.e2e.tried.deployed import Call, Deployed

KEY = {"pk": {"S": "NOBODY"}, "sk": {"S": "NOTHING"}}
ONLY_IF_THERE = "attribute_exists(pk)"


def on_table(operation: str, table: str, **details: object) -> Call:
    """An operation that names one table."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        name = deployed.table(table)
        return getattr(clients("dynamodb"), operation)(TableName=name, **details)

    return call


def read(table: str) -> Call:
    return on_table("get_item", table, Key=KEY)


def write(table: str) -> Call:
    return on_table("put_item", table, Item=KEY, ConditionExpression=ONLY_IF_THERE)


def change(table: str) -> Call:
    return on_table(
        "update_item",
        table,
        Key=KEY,
        UpdateExpression="SET x = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
        ConditionExpression=ONLY_IF_THERE,
    )


def delete(table: str) -> Call:
    return on_table("delete_item", table, Key=KEY, ConditionExpression=ONLY_IF_THERE)


def query(table: str, key: str = "pk", index: str | None = None) -> Call:
    """Everything under one key, of the table or of an index."""
    return on_table(
        "query",
        table,
        KeyConditionExpression="#key = :key",
        ExpressionAttributeNames={"#key": key},
        ExpressionAttributeValues={":key": {"S": "NOBODYS"}},
        **({"IndexName": index} if index else {}),
    )


def scan(table: str, index: str | None = None) -> Call:
    return on_table("scan", table, Limit=1, **({"IndexName": index} if index else {}))


def read_in_a_batch(table: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        asked = {deployed.table(table): {"Keys": [KEY]}}
        return clients("dynamodb").batch_get_item(RequestItems=asked)

    return call


def delete_in_a_batch(table: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        asked = {deployed.table(table): [{"DeleteRequest": {"Key": KEY}}]}
        return clients("dynamodb").batch_write_item(RequestItems=asked)

    return call


def read_in_a_transaction(*tables: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        items = [{"Get": {"TableName": deployed.table(name), "Key": KEY}} for name in tables]
        return clients("dynamodb").transact_get_items(TransactItems=items)

    return call


def write_in_a_transaction(*tables: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        held = {"Item": KEY, "ConditionExpression": ONLY_IF_THERE}
        items = [{"Put": {"TableName": deployed.table(name), **held}} for name in tables]
        return clients("dynamodb").transact_write_items(TransactItems=items)

    return call


def select_from(table: str) -> Call:
    """PartiQL, which has actions of its own."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        statement = f"SELECT * FROM \"{deployed.table(table)}\" WHERE pk = 'NOBODY'"  # noqa: S608  # our own name
        return clients("dynamodb").execute_statement(Statement=statement)

    return call


def find_the_stream(table: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        return clients("dynamodbstreams").describe_stream(StreamArn=deployed.streams[table])

    return call


def open_the_stream(table: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        return clients("dynamodbstreams").get_shard_iterator(
            StreamArn=deployed.streams[table],
            ShardId="shardId-00000000000000000000-00000000",
            ShardIteratorType="LATEST",
        )

    return call


ON_ITEMS: Mapping[str, Call] = {
    "read a payment": read("payments"),
    "open a payment": write("payments"),
    "change a payment": change("payments"),
    "delete a payment": delete("payments"),
    "list payments": scan("payments"),
    "look a tx_ref up": query("payments", "tx_ref", "by_tx_ref"),
    "list every tx_ref": scan("payments", "by_tx_ref"),
    "look what is due": query("payments", "check_shard", "by_check"),
    "list all that is due": scan("payments", "by_check"),
    "list what a person has to look at": query("payments", "unresolved", "by_unresolved"),
    "list all that a person has to look at": scan("payments", "by_unresolved"),
    "list what is a merchant's": query("payments", "owner", "by_owner"),
    "list what is every merchant's": scan("payments", "by_owner"),
    "read what lies beside a payment": query("payments"),
    "read payments in a batch": read_in_a_batch("payments"),
    "delete payments in a batch": delete_in_a_batch("payments"),
    "select payments": select_from("payments"),
    "read a merchant": read("merchants"),
    "write a merchant": write("merchants"),
    "change a merchant": change("merchants"),
    "delete what is a merchant's": delete("merchants"),
    "list merchants": scan("merchants"),
    "list a merchant's links": query("merchants", "owner", "by_owner"),
    "list every merchant's links": scan("merchants", "by_owner"),
    "read the uses of a link": query("merchants"),
    "read merchants in a batch": read_in_a_batch("merchants"),
    "delete merchants in a batch": delete_in_a_batch("merchants"),
    "select merchants": select_from("merchants"),
    "read both tables in one transaction": read_in_a_transaction("payments", "merchants"),
    "write both tables in one transaction": write_in_a_transaction("payments", "merchants"),
}
OF_NOBODYS: Mapping[str, Call] = {
    "read nobody's table": read("nobodys"),
    "write nobody's table": write("nobodys"),
    "change nobody's table": change("nobodys"),
    "delete from nobody's table": delete("nobodys"),
    "query nobody's table": query("nobodys"),
    "scan nobody's table": scan("nobodys"),
    "read nobody's table in a batch": read_in_a_batch("nobodys"),
    "delete from nobody's table in a batch": delete_in_a_batch("nobodys"),
    "read nobody's table beside ours in one transaction": read_in_a_transaction(
        "payments", "nobodys"
    ),
    "write nobody's table beside ours in one transaction": write_in_a_transaction(
        "payments", "nobodys"
    ),
    "select from nobody's table": select_from("nobodys"),
    "find the stream of nobody's table": find_the_stream("nobodys"),
    "open the stream of nobody's table": open_the_stream("nobodys"),
}
ON_WHOLE_TABLES: Mapping[str, Call] = {
    "describe the payments": on_table("describe_table", "payments"),
    "delete the table of payments": on_table("delete_table", "payments"),
    "delete the table of merchants": on_table("delete_table", "merchants"),
    "change the table of payments": on_table(
        "update_table", "payments", DeletionProtectionEnabled=True
    ),
    "change what the merchants' table forgets": on_table(
        "update_time_to_live",
        "merchants",
        TimeToLiveSpecification={"AttributeName": "forgotten_at", "Enabled": True},
    ),
    "change the backups of payments": on_table(
        "update_continuous_backups",
        "payments",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    ),
    "list the tables": lambda clients, _: clients("dynamodb").list_tables(),
    "list the streams": lambda clients, _: clients("dynamodbstreams").list_streams(),
    "find the stream of payments": find_the_stream("payments"),
    "open the stream of payments": open_the_stream("payments"),
}
