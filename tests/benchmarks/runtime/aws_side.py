"""The AWS that everybody's functions call: MiniStack, the template's tables, merchants enrolled.

The same for everybody, and without roles: whoever calls is the account's root.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import boto3

from infra.local.environments import CREDENTIALS
from infra.local.ministack import ministack
from infra.local.settings import REGION, Settings
from infra.operator import enrolment
from infra.operator.deployment import Deployment
from ledger.events import Events
from ledger.merchants import Merchants
from ledger.payments import Payments
from payments.clock import utc_now
from payments.keys import KeyPair
from payments.merchant import Merchant
from payments.plan import ENTERPRISE, Plan
from tests.integration.tables import make_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

PREFIX = "/ishyura/benchmark"
BASE_URL = "https://pay.example"
PAYMENTS, MERCHANTS, IDEMPOTENCY = "Payments", "Merchants", "Idempotency"
# Nobody runs into a limit: what is measured is a request that is good.
PLAN = Plan(name=ENTERPRISE, per_minute=6_000, burst=100_000, per_day=1_000_000)
# Deliveries are not measured: what is started ends at once.
DEFINITION = '{"StartAt": "Over", "States": {"Over": {"Type": "Succeed"}}}'
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "states.amazonaws.com"}}]}'
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant and its keys of test mode."""

    merchant: Merchant
    keys: KeyPair


@dataclass(frozen=True, slots=True)
class AwsSide:
    """The local AWS, with what the functions find there."""

    dynamodb: "DynamoDBClient"
    step_functions: "SFNClient"
    deployment: Deployment
    endpoint: str
    machine: str
    """What watches and deliveries are started on."""

    @property
    def payments(self) -> Payments:
        """The ledger of payments."""
        return Payments(self.dynamodb, PAYMENTS)

    @property
    def events(self) -> Events:
        """The ledger of what merchants hear."""
        return Events(self.dynamodb, PAYMENTS)

    def told(self) -> dict[str, str]:
        """What the template tells functions, and where this AWS is."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "PAYMENTS_TABLE": PAYMENTS,
            "MERCHANTS_TABLE": MERCHANTS,
            "IDEMPOTENCY_TABLE": IDEMPOTENCY,
            "PARAMETER_PREFIX": PREFIX,
            "PUBLIC_BASE_URL": BASE_URL,
            "WATCH_MACHINE_ARN": self.machine,
            "DELIVER_MACHINE_ARN": self.machine,
        }

    def enrol(self, name: str) -> Shop:
        """Enrol a merchant, as the operator does."""
        now = utc_now()
        enrolled = enrolment.enrol(self.deployment, name, None, now)
        self.deployment.merchants.set_plan(enrolled.merchant.merchant_id, PLAN, now)
        return Shop(enrolled.merchant, enrolled.test_keys)


@contextmanager
def aws_side(settings: Settings) -> Iterator[AwsSide]:
    """Run MiniStack with tables and a machine in it. Raises StepFailed."""
    client = partial(
        boto3.client,
        endpoint_url=settings.endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    with (
        ministack(settings),
        closing(client("dynamodb")) as dynamodb,
        closing(client("ssm")) as ssm,
        closing(client("iam")) as iam,
        closing(client("stepfunctions")) as step_functions,
    ):
        make_tables(dynamodb)
        make_table_of_idempotency(dynamodb)
        role = iam.create_role(RoleName="Machine", AssumeRolePolicyDocument=TRUST)["Role"]
        made = step_functions.create_state_machine(
            name="Machine", definition=DEFINITION, roleArn=role["Arn"]
        )
        deployment = Deployment(
            merchants=Merchants(dynamodb, MERCHANTS),
            dynamodb=dynamodb,
            ssm=ssm,
            parameter_prefix=PREFIX,
            payments_table=PAYMENTS,
            api_url=f"{BASE_URL}/api/v1",
            loopback_allowed=False,
        )
        yield AwsSide(
            dynamodb, step_functions, deployment, settings.endpoint, made["stateMachineArn"]
        )


def make_table_of_idempotency(dynamodb: "DynamoDBClient") -> None:
    """Make what Powertools remembers requests in."""
    dynamodb.create_table(
        TableName=IDEMPOTENCY,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
