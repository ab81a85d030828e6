"""The demo merchant: enrolled on a fresh stack by the operator's own functions."""

from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import boto3

from infra.local.environments import CREDENTIALS
from infra.local.settings import REGION, Settings
from infra.operator import enrolment, issuing, parameters
from infra.operator.deployment import Deployment
from ledger.merchants import Merchants
from payments.clock import utc_now
from payments.keys import KeyPair
from payments.mode import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.simulators.kpay import Credentials

NAME = "Ikawa & Agaseke"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMerchant:
    """What the demo shop signs in and checks signatures with."""

    merchant_id: str
    keys: dict[str, dict[str, str]]
    """As in `StackFile`."""
    webhook_secret: str


def enrol(
    settings: Settings, outputs: "Mapping[str, str]", webhook_url: str, kpay: "Credentials"
) -> DemoMerchant:
    """Enrol the demo merchant with a pair of keys per mode, and K-Pay's credentials for live."""
    now = utc_now()
    with _deployment(settings, outputs) as deployment:
        enrolled = enrolment.enrol(deployment, NAME, webhook_url, now)
        merchant_id = enrolled.merchant.merchant_id
        parameters.keep_credentials(deployment, "kpay", merchant_id, asdict(kpay))
        live_keys = issuing.issue(deployment, merchant_id, Mode.LIVE, now)
    return DemoMerchant(
        merchant_id=merchant_id,
        keys={"test": _pair(enrolled.test_keys), "live": _pair(live_keys)},
        webhook_secret=enrolled.webhook_secret,
    )


def _pair(keys: KeyPair) -> dict[str, str]:
    return {"public": keys.public_key, "secret": keys.secret_key}


@contextmanager
def _deployment(settings: Settings, outputs: "Mapping[str, str]") -> "Iterator[Deployment]":
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    with (
        closing(session.client("dynamodb", endpoint_url=settings.endpoint)) as dynamodb,
        closing(session.client("ssm", endpoint_url=settings.endpoint)) as ssm,
    ):
        yield Deployment(
            merchants=Merchants(dynamodb, outputs["MerchantsTable"]),
            ssm=ssm,
            parameter_prefix=outputs["ParameterPrefix"],
            payments_table=outputs["PaymentsTable"],
            api_url=outputs["ApiUrl"],
            loopback_allowed=True,
        )
