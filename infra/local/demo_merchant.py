"""The demo's merchants: enrolled on a fresh stack by the operator's own functions."""

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import boto3

from infra.local.environments import CREDENTIALS
from infra.local.settings import REGION, Settings
from infra.local.simulators.simulated import PROVIDERS, simulated
from infra.local.stack_file import MerchantTold
from infra.operator import enrolment, issuing, parameters
from infra.operator.deployment import Deployment
from ledger.merchants import Merchants
from payments.clock import utc_now
from payments.keys import KeyPair
from payments.mode import Mode
from payments.payment import Method
from providers.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAME = "Ikawa & Agaseke"
ALL = "all"
"""The merchant whose payments may go to every provider, beside those named as a provider."""


def enrol_all(
    settings: Settings, outputs: "Mapping[str, str]", webhooks_url: str
) -> dict[str, MerchantTold]:
    """Enrol the demo merchant as ALL, and one more for each provider, by its name.

    Each has a pair of keys per mode and the simulators' credentials. With PROVIDERS_<NAME> those
    are only a beginning: `python -m infra.operator --local provider set` stores that server's own.
    """
    with _deployment(settings, outputs) as deployment:
        every = _enrol(deployment, NAME, webhooks_url, PROVIDERS)
        alone = {
            name: _enrol(
                deployment,
                f"{NAME}, by {simulated(name).title}",
                f"{webhooks_url}/{name}",
                (name,),
            )
            for name in PROVIDERS
        }
    return {ALL: every, **alone}


def _enrol(
    deployment: Deployment, name: str, webhook_url: str, providers: "Sequence[str]"
) -> MerchantTold:
    now = utc_now()
    enrolled = enrolment.enrol(deployment, name, webhook_url, now)
    merchant_id = enrolled.merchant.merchant_id
    for provider in providers:
        credentials = simulated(provider).credentials
        parameters.keep_credentials(deployment, provider, merchant_id, credentials)
    deployment.merchants.set_routes(merchant_id, routes_to(providers))
    live_keys = issuing.issue(deployment, merchant_id, Mode.LIVE, now)
    return {
        "merchant_id": merchant_id,
        "keys": {"test": _pair(enrolled.test_keys), "live": _pair(live_keys)},
        "webhook_secret": enrolled.webhook_secret,
    }


def routes_to(providers: "Sequence[str]") -> dict[str, tuple[str, ...]]:
    """Every method that these providers offer, each by all that do, in the order given."""
    offering = {
        method: tuple(name for name in providers if method in REGISTRY[name].offers)
        for method in Method
    }
    return {method.value: names for method, names in offering.items() if names}


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
            dynamodb=dynamodb,
            ssm=ssm,
            parameter_prefix=outputs["ParameterPrefix"],
            payments_table=outputs["PaymentsTable"],
            api_url=outputs["ApiUrl"],
            loopback_allowed=True,
        )
