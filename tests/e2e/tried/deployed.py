"""What a role is tried on: the deployed stack, and things beside it that are nobody's."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from infra.local.settings import STACK_NAME
from infra.local.stack_file import StackFile
from tests.e2e.aws_clients import AwsClients, clients_with

ACCOUNT = "000000000000"
TABLE_OF_NOBODYS = "nobodys-table"
BUCKET_OF_NOBODYS = "nobodys-bucket"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The deployed stack. `functions`, `roles` and `queues` go by logical id.

    What is nobody's is named by no policy of the stack.
    """

    stack: StackFile
    functions: Mapping[str, str]
    """The functions' names."""
    roles: Mapping[str, str]
    """The roles' ARNs: the functions' and the state machines'."""
    queues: Mapping[str, str]
    """Their addresses."""
    streams: Mapping[str, str]
    """The streams of "payments" and of "nobodys" table, by ARN."""
    role_of_nobodys: str
    """A role without any policy, which trusts the account."""
    role_of_everything: str
    """A role that may do everything."""
    bucket_of_nobodys: str = BUCKET_OF_NOBODYS

    def table(self, name: str) -> str:
        """The name of "payments", "merchants" or "nobodys"."""
        named: Mapping[str, object] = {**self.stack["tables"], "nobodys": TABLE_OF_NOBODYS}
        return str(named[name])

    def machine(self, name: str) -> str:
        """The ARN of "watch" or "deliver"."""
        named: Mapping[str, object] = {**self.stack["machines"]}
        return str(named[name])


Call = Callable[[AwsClients, Deployed], object]
"""One call under a role's credentials; raises ClientError when it is denied, and may when not."""


@contextmanager
def deployed_beside_nobodys(stack: StackFile, administrator: AwsClients) -> Iterator[Deployed]:
    """Describe the stack, and make what no policy names."""
    ids = physical_ids(administrator)
    functions = ids["AWS::Lambda::Function"]
    machines = ids["AWS::StepFunctions::StateMachine"]
    payments = administrator("dynamodb").describe_table(TableName=stack["tables"]["payments"])
    with ExitStack() as made:
        nobodys_stream = made.enter_context(_table(administrator))
        made.enter_context(_bucket(administrator))
        yield Deployed(
            stack=stack,
            functions=functions,
            roles=_roles_of_functions(administrator, functions)
            | _roles_of_machines(administrator, machines),
            queues=ids["AWS::SQS::Queue"],
            streams={"payments": payments["Table"]["LatestStreamArn"], "nobodys": nobodys_stream},
            role_of_nobodys=made.enter_context(_role(administrator, "nobodys")),
            role_of_everything=made.enter_context(_role(administrator, "everything", EVERYTHING)),
        )


def physical_ids(administrator: AwsClients) -> dict[str, dict[str, str]]:
    """The stack's resources: type -> logical id -> the name, address or ARN that AWS gave."""
    found: dict[str, dict[str, str]] = {}
    told = administrator("cloudformation").describe_stack_resources(StackName=STACK_NAME)
    for resource in told["StackResources"]:
        ids = found.setdefault(resource["ResourceType"], {})
        ids[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
    return found


@contextmanager
def _table(administrator: AwsClients) -> Iterator[str]:
    """A table; its stream."""
    dynamodb = administrator("dynamodb")
    keys = {"pk": "HASH", "sk": "RANGE"}
    made = dynamodb.create_table(
        TableName=TABLE_OF_NOBODYS,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    try:
        yield made["TableDescription"]["LatestStreamArn"]
    finally:
        dynamodb.delete_table(TableName=TABLE_OF_NOBODYS)


@contextmanager
def _bucket(administrator: AwsClients) -> Iterator[None]:
    s3 = administrator("s3")
    s3.create_bucket(Bucket=BUCKET_OF_NOBODYS)
    try:
        yield
    finally:
        for file in s3.list_objects_v2(Bucket=BUCKET_OF_NOBODYS).get("Contents", ()):
            s3.delete_object(Bucket=BUCKET_OF_NOBODYS, Key=file["Key"])
        s3.delete_bucket(Bucket=BUCKET_OF_NOBODYS)


@contextmanager
def _role(
    administrator: AwsClients, name: str, statement: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A role with this one statement, which trusts the account; its ARN."""
    iam = administrator("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]
    if statement is not None:
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(statement))
    try:
        yield role["Arn"]
    finally:
        if statement is not None:
            iam.delete_role_policy(RoleName=name, PolicyName=name)
        iam.delete_role(RoleName=name)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _roles_of_functions(administrator: AwsClients, names: Mapping[str, str]) -> dict[str, str]:
    pages = administrator("lambda").get_paginator("list_functions").paginate()
    told = {one["FunctionName"]: one["Role"] for page in pages for one in page["Functions"]}
    return {logical_id: told[name] for logical_id, name in names.items()}


def _roles_of_machines(administrator: AwsClients, arns: Mapping[str, str]) -> dict[str, str]:
    states = administrator("stepfunctions")
    return {
        logical_id: states.describe_state_machine(stateMachineArn=arn)["roleArn"]
        for logical_id, arn in arns.items()
    }


@contextmanager
def clients_of(stack: StackFile, administrator: AwsClients, role: str) -> Iterator[AwsClients]:
    """Clients under a role. The local AWS lets its root take any role, whoever it trusts."""
    given: dict[str, Any] = administrator("sts").assume_role(RoleArn=role, RoleSessionName="e2e")[
        "Credentials"
    ]
    credentials = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    with clients_with(stack, credentials) as clients:
        yield clients
