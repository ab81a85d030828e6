"""Find a deployment, on AWS or on this machine, and make the clients that reach it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.operator.refused import NoDeployment
from ledger.endpoints import Endpoints
from ledger.merchants import Merchants
from plumbing.settings import RATES
from providers.registry import REGISTRY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

STACK_FILE = Path(".local/stack.json")
# A person is waiting: when nobody answers, say so soon.
PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployed gateway, as its operator reaches it."""

    merchants: Merchants
    dynamodb: "DynamoDBClient"
    ssm: "SSMClient"
    parameter_prefix: str
    """ "/ishyura/<stack name>", without a slash at the end."""
    payments_table: str
    api_url: str
    loopback_allowed: bool
    """True on the local stack alone, where webhooks may go to http on loopback."""
    provider_base_urls: Mapping[str, str] = field(default_factory=dict)
    """Provider -> its whole base address."""
    rates: Mapping[str, Decimal] = field(default_factory=lambda: rates_of(RATES))
    """Francs per dollar and per euro."""
    ask_provider: str = ""
    """The function that asks providers; empty where none is told of."""
    dead_letters_url: str = ""
    """The queue of what the stream's functions could not take; empty where none is told of."""
    client: Callable[..., Any] = boto3.client
    """Makes a client for any other service, as boto3's sessions do."""

    @property
    def public_url(self) -> str:
        """What every public address begins with."""
        return self.api_url.removesuffix("/api/v1")

    @property
    def endpoints(self) -> Endpoints:
        """Where merchants hear of payments."""
        return Endpoints(self.merchants.client, self.merchants.table)


def on_aws(stack: str) -> Deployment:
    """Find a deployment by its CloudFormation stack, with the usual AWS credentials.

    Raises NoDeployment, and botocore's own errors (no credentials, no region, access denied).
    """
    session = boto3.Session()
    described = _described(session, stack)
    outputs, parameters = described.outputs, described.parameters
    dynamodb = session.client("dynamodb", config=PATIENCE)
    try:
        return Deployment(
            merchants=Merchants(dynamodb, outputs["MerchantsTable"]),
            dynamodb=dynamodb,
            ssm=session.client("ssm", config=PATIENCE),
            parameter_prefix=outputs["ParameterPrefix"],
            payments_table=outputs["PaymentsTable"],
            api_url=outputs["ApiUrl"],
            loopback_allowed=False,
            provider_base_urls={
                provider: parameters[f"{provider.capitalize()}BaseUrl"]
                for provider in REGISTRY
                if f"{provider.capitalize()}BaseUrl" in parameters
            },
            rates=rates_of(
                {
                    currency: parameters.get(f"RwfPer{currency.capitalize()}", rate)
                    for currency, rate in RATES.items()
                }
            ),
            ask_provider=outputs.get("AskProviderFunction", ""),
            dead_letters_url=outputs.get("DeadLettersUrl", ""),
            client=session.client,
        )
    except KeyError as missing:
        raise NoDeployment(f"Stack {stack} has no output {missing}: is it this gateway?") from None


def on_this_machine(stack_file: Path = STACK_FILE) -> Deployment:
    """Find the local stack by the file that it keeps while it runs. Raises NoDeployment."""
    try:
        stack = json.loads(stack_file.read_text(encoding="utf-8"))
        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # the local stack's, known to all
            region_name=stack["region"],
        )
        endpoint = stack["endpoint"]
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=PATIENCE)
        return Deployment(
            merchants=Merchants(dynamodb, stack["tables"]["merchants"]),
            dynamodb=dynamodb,
            ssm=session.client("ssm", endpoint_url=endpoint, config=PATIENCE),
            parameter_prefix=stack["parameter_prefix"],
            payments_table=stack["tables"]["payments"],
            api_url=stack["api"],
            loopback_allowed=True,
            provider_base_urls=stack.get("providers", {}),
            ask_provider=stack.get("ask_provider", ""),
            dead_letters_url=stack.get("dead_letters", ""),
            client=partial(session.client, endpoint_url=endpoint),
        )
    except FileNotFoundError:
        raise NoDeployment(f"No local stack is running here ({stack_file} is missing)") from None
    except (ValueError, KeyError, TypeError) as broken:
        raise NoDeployment(f"{stack_file} does not describe a local stack: {broken!r}") from None


def rates_of(written: Mapping[str, str]) -> dict[str, Decimal]:
    """The rates as numbers."""
    return {currency: Decimal(rate) for currency, rate in written.items()}


@dataclass(frozen=True, slots=True)
class _Described:
    """What CloudFormation tells of a stack."""

    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


def _described(session: boto3.Session, stack: str) -> _Described:
    try:
        answer = session.client("cloudformation", config=PATIENCE).describe_stacks(StackName=stack)
    except ClientError as refused:
        # CloudFormation's way to say "no such stack".
        if refused.response["Error"]["Code"] == "ValidationError":
            raise NoDeployment(f"There is no stack {stack} in this account and region") from None
        raise
    found = answer["Stacks"][0]
    return _Described(
        outputs={told["OutputKey"]: told["OutputValue"] for told in found.get("Outputs", [])},
        parameters={
            told["ParameterKey"]: told["ParameterValue"] for told in found.get("Parameters", [])
        },
    )
