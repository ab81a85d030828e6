"""Every function's own role, under enforcement: what it may do is exactly what its work needs.

Each role is assumed and tries every call of `CALLS`, on items and parameters that do not exist,
so that a call that is let through changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.settings import STACK_NAME
from infra.local.stack_file import StackFile
from tests.e2e.aws_clients import AwsClients, clients_with
from tests.e2e.merchant import Merchant

DENIED = {"AccessDenied", "AccessDeniedException"}
KEY = {"pk": {"S": "NOBODY"}, "sk": {"S": "NOTHING"}}
ONLY_IF_THERE = "attribute_exists(pk)"

Call = Callable[[AwsClients, StackFile], Any]


def on_table(operation: str, table: str, **details: object) -> Call:
    def call(clients: AwsClients, stack: StackFile) -> object:
        name = stack["tables"]["payments" if table == "payments" else "merchants"]
        return getattr(clients("dynamodb"), operation)(TableName=name, **details)

    return call


def parameter(path: str) -> Call:
    def call(clients: AwsClients, stack: StackFile) -> object:
        name = f"{stack['parameter_prefix']}/{path}"
        return clients("ssm").get_parameter(Name=name, WithDecryption=True)

    return call


def read_payments_in_a_batch(clients: AwsClients, stack: StackFile) -> object:
    asked = {stack["tables"]["payments"]: {"Keys": [KEY]}}
    return clients("dynamodb").batch_get_item(RequestItems=asked)


def write_webhook_secret(clients: AwsClients, stack: StackFile) -> object:
    return clients("ssm").put_parameter(
        # Nobody's, so that nothing is changed for anybody.
        Name=f"{stack['parameter_prefix']}/webhook-secret/mer_nobody/e2e",
        Value="none",
        Type="SecureString",
        Overwrite=True,
    )


def start_watch(clients: AwsClients, stack: StackFile) -> object:
    return clients("stepfunctions").start_execution(
        stateMachineArn=stack["machines"]["watch"],
        # A watch of nothing ends at once; a name that was used starts nothing again.
        name="of-nothing",
        input='{"payment_id": "NOBODY", "attempt": "NOTHING"}',
    )


def wake_somebody(clients: AwsClients, _: StackFile) -> object:
    return clients("stepfunctions").send_task_success(taskToken="nobodys", output="{}")


CALLS: Mapping[str, Call] = {
    "read a payment": on_table("get_item", "payments", Key=KEY),
    "open a payment": on_table("put_item", "payments", Item=KEY, ConditionExpression=ONLY_IF_THERE),
    "change a payment": on_table(
        "update_item",
        "payments",
        Key=KEY,
        UpdateExpression="SET x = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
        ConditionExpression=ONLY_IF_THERE,
    ),
    "delete a payment": on_table(
        "delete_item", "payments", Key=KEY, ConditionExpression=ONLY_IF_THERE
    ),
    "list payments": on_table("scan", "payments", Limit=1),
    "look a tx_ref up": on_table(
        "query",
        "payments",
        IndexName="by_tx_ref",
        KeyConditionExpression="tx_ref = :t",
        ExpressionAttributeValues={":t": {"S": "NOBODYS"}},
    ),
    "list what is a merchant's": on_table(
        "query",
        "payments",
        IndexName="by_owner",
        KeyConditionExpression="#owner = :o",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":o": {"S": "NOBODYS"}},
    ),
    "read what lies beside a payment": on_table(
        "query",
        "payments",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "NOBODY"}},
    ),
    "read payments in a batch": read_payments_in_a_batch,
    "read a merchant": on_table("get_item", "merchants", Key=KEY),
    "write a merchant": on_table(
        "put_item", "merchants", Item=KEY, ConditionExpression=ONLY_IF_THERE
    ),
    "change a merchant": on_table(
        "update_item",
        "merchants",
        Key=KEY,
        UpdateExpression="SET x = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
        ConditionExpression=ONLY_IF_THERE,
    ),
    "delete what is a merchant's": on_table(
        "delete_item", "merchants", Key=KEY, ConditionExpression=ONLY_IF_THERE
    ),
    "list merchants": on_table("scan", "merchants", Limit=1),
    "list a merchant's links": on_table(
        "query",
        "merchants",
        IndexName="by_owner",
        KeyConditionExpression="#owner = :o",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":o": {"S": "NOBODYS"}},
    ),
    "read the uses of a link": on_table(
        "query",
        "merchants",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "NOBODY"}},
    ),
    "read K-Pay's credentials": parameter("providers/kpay/mer_nobody/live"),
    "read V-Pay's credentials": parameter("providers/vpay/mer_nobody/live"),
    "read DGS-Pay's credentials": parameter("providers/dgspay/mer_nobody/live"),
    "read RwandaPay's credentials": parameter("providers/rwandapay/mer_nobody/live"),
    "read a webhook secret": parameter("webhook-secret/mer_nobody/live"),
    "write a webhook secret": write_webhook_secret,
    "start a watch": start_watch,
    "wake a watch": wake_somebody,
}
CHARGING = {
    "read a payment",
    "change a payment",
    "read a merchant",
    "read K-Pay's credentials",
    "read V-Pay's credentials",
    "read DGS-Pay's credentials",
    "read RwandaPay's credentials",
}
# Whoever finds a link used up gives back the uses of payments that ended without money.
MAKING_ROOM = {
    "read payments in a batch",
    "read a merchant",
    "read the uses of a link",
    "change a merchant",
    "delete what is a merchant's",
}
# A signed notification is read against the payment before anything is written.
HEARING = {"read a payment", "change a payment"}
MAY: Mapping[str, set[str]] = {
    "Initialize": CHARGING | {"open a payment", "change a merchant"},
    "Verify": {"read a payment", "look a tx_ref up", "read a merchant", "change a merchant"},
    "Page": {"read a payment", "read a merchant"},
    "Pay": CHARGING,
    "Process": CHARGING,
    "Cancel": {
        "read a payment",
        "open a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
    },
    "ListPayments": {"list what is a merchant's", "read a merchant", "change a merchant"},
    "ShowPayment": {"read what lies beside a payment", "read a merchant", "change a merchant"},
    "TurnAway": set(),
    "Describe": set(),
    "ChooseTestCard": {"read a payment", "change a payment"},
    "ShowLogo": {"read a merchant"},
    "CreateLink": {"open a payment", "read a merchant", "write a merchant", "change a merchant"},
    "ShowLinks": {"read a merchant", "list a merchant's links", "change a merchant"},
    "DeactivateLink": {"open a payment", "read a merchant", "change a merchant"},
    "DrawQr": {"read a merchant"},
    "OpenLink": MAKING_ROOM,
    "PayLink": MAKING_ROOM | {"read a payment", "open a payment", "write a merchant"},
    "PrintPoster": {"read a merchant"},
    "KpayWebhook": {"change a payment", "read K-Pay's credentials"},
    "VpayWebhook": HEARING | {"read V-Pay's credentials"},
    "DgspayWebhook": HEARING | {"read DGS-Pay's credentials"},
    "RwandapayWebhook": HEARING | {"read RwandaPay's credentials"},
    "SandboxWebhook": {"change a payment"},
    "AskProvider": CHARGING - {"read a merchant"},
    "Announce": {"open a payment", "start a watch", "wake a watch"},
    "Deliver": {
        "read a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
        "read a webhook secret",
    },
    "ListEvents": {"list what is a merchant's", "read a merchant", "change a merchant"},
    "ShowEvent": {"read a payment", "read a merchant", "change a merchant"},
    "Resend": {
        "list what is a merchant's",
        "read a payment",
        "open a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
    },
    "ArrangeEndpoint": {
        "open a payment",
        "read a merchant",
        "change a merchant",
        "read a webhook secret",
        "write a webhook secret",
    },
}


@pytest.fixture(scope="module")
def roles(merchant: Merchant) -> dict[str, str]:
    """The deployed functions' roles (ARN) by logical id."""
    resources = merchant.administrator("cloudformation").describe_stack_resources(
        StackName=STACK_NAME
    )
    deployed = {
        function["FunctionName"]: function["Role"]
        for function in merchant.administrator("lambda").list_functions()["Functions"]
    }
    return {
        resource["LogicalResourceId"]: deployed[resource["PhysicalResourceId"]]
        for resource in resources["StackResources"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }


@contextmanager
def clients_of(merchant: Merchant, role: str) -> Iterator[AwsClients]:
    sts = merchant.administrator("sts")
    given = sts.assume_role(RoleArn=role, RoleSessionName="e2e")["Credentials"]
    credentials = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    with clients_with(merchant.stack, credentials) as clients:
        yield clients


def is_let_through(call: Call, clients: AwsClients, stack: StackFile) -> bool:
    try:
        call(clients, stack)
    except ClientError as refused:
        return refused.response["Error"]["Code"] not in DENIED
    return True


def test_every_function_has_a_role_of_its_own(roles: dict[str, str]) -> None:
    assert roles.keys() == MAY.keys()
    assert len(set(roles.values())) == len(roles)


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_its_own_work_and_nothing_else(
    merchant: Merchant, roles: dict[str, str], function: str
) -> None:
    with clients_of(merchant, roles[function]) as clients:
        done = {
            name for name, call in CALLS.items() if is_let_through(call, clients, merchant.stack)
        }
    assert done == MAY[function]


def test_credentials_that_nobody_gave_open_nothing(merchant: Merchant) -> None:
    stranger = {"aws_access_key_id": "AKIASTRANGER00000000", "aws_secret_access_key": "none"}
    with (
        clients_with(merchant.stack, stranger) as clients,
        pytest.raises(ClientError, match="security token"),
    ):
        clients("dynamodb").get_item(TableName=merchant.stack["tables"]["payments"], Key=KEY)
