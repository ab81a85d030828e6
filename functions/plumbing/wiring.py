"""What the functions are made of, built when first needed and kept while the sandbox lives.

`outside` holds what tests replace: the clock, AWS, and the two ways to the network. Clients are
botocore's own: boto3 makes the same ones, and its import is a quarter of a cold start
(infra/decisions/0015).
"""

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from ledger.checks import Checks
from ledger.counted_keys import CountedKeys
from ledger.endpoints import Endpoints
from ledger.events import Events
from ledger.link_payments import LinkPayments
from ledger.links import Links
from ledger.listing import Listing
from ledger.logos import Logos
from ledger.merchants import Merchants
from ledger.payments import Payments
from ledger.receipts import Receipts
from ledger.repeats import Repeats
from ledger.unresolved import Unresolved
from ledger.whole_payments import WholePayments
from payments.clock import Clock, utc_now
from plumbing.parameter_secrets import Secrets
from plumbing.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpcore
    import httpx
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

    from payments.merchant import Merchant

MERCHANT_KEPT_SECONDS = 60.0

# Short enough that a Lambda outlives its own retries.
AWS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    parameter_validation=False,
)


def aws_client(service: str) -> Any:  # noqa: ANN401  # one for each service
    """A client of an AWS service, by the name that botocore has for it."""
    return Session().create_client(service, config=AWS)


@dataclass
class Outside:
    """What lies beyond the code."""

    clock: Clock = utc_now
    aws: "Callable[[str], Any]" = aws_client
    transport: "httpx.BaseTransport | None" = None
    """The way to the providers; None is the network itself."""
    merchants: "httpcore.NetworkBackend | None" = None
    """The way to merchants' endpoints, behind the guard; None is the network itself."""


outside = Outside()


@cache
def dynamodb() -> "DynamoDBClient":
    """The one DynamoDB client of this sandbox."""
    client: DynamoDBClient = outside.aws("dynamodb")
    return client


@cache
def step_functions() -> "SFNClient":
    """The one Step Functions client of this sandbox."""
    client: SFNClient = outside.aws("stepfunctions")
    return client


@cache
def mail() -> "SESV2Client":
    """The one SES client of this sandbox."""
    client: SESV2Client = outside.aws("sesv2")
    return client


@cache
def payments() -> Payments:
    """The ledger of payments."""
    return Payments(dynamodb(), settings().payments_table)


@cache
def whole_payments() -> WholePayments:
    """The payments with their events."""
    return WholePayments(dynamodb(), settings().payments_table)


@cache
def checks() -> Checks:
    """When payments are to be looked at again."""
    return Checks(dynamodb(), settings().payments_table)


@cache
def unresolved() -> Unresolved:
    """The payments that a person has to look at."""
    return Unresolved(dynamodb(), settings().payments_table)


@cache
def events() -> Events:
    """The ledger of what merchants hear."""
    return Events(dynamodb(), settings().payments_table)


@cache
def receipts() -> Receipts:
    """The receipts that went out."""
    return Receipts(dynamodb(), settings().payments_table)


@cache
def merchants() -> Merchants:
    """The merchants and their keys."""
    return Merchants(dynamodb(), settings().merchants_table)


@cache
def counted_keys() -> CountedKeys:
    """The keys, as whoever is asked with them sees them."""
    return CountedKeys(dynamodb(), settings().merchants_table)


@cache
def listing() -> Listing:
    """Payments and events by merchant, newest first."""
    return Listing(dynamodb(), settings().payments_table)


@cache
def repeats() -> Repeats:
    """The Idempotency-Keys of the last day."""
    return Repeats(dynamodb(), settings().payments_table)


@cache
def endpoints() -> Endpoints:
    """Where merchants hear of payments."""
    return Endpoints(dynamodb(), settings().merchants_table)


@cache
def links() -> Links:
    """The payment links."""
    return Links(dynamodb(), settings().merchants_table)


@cache
def logos() -> Logos:
    """The merchants' logos."""
    return Logos(dynamodb(), settings().merchants_table)


@cache
def link_payments() -> LinkPayments:
    """What is paid by links."""
    return LinkPayments(dynamodb(), settings().payments_table, settings().merchants_table)


@cache
def secrets() -> Secrets:
    """The secrets that this function may read."""
    client: SSMClient = outside.aws("ssm")
    return Secrets(client, settings().parameter_prefix)


_merchants_kept: "dict[str, tuple[float, Merchant]]" = {}


def merchant(merchant_id: str) -> "Merchant":
    """A merchant's profile, at most a minute old: its name and routes may lag, its salt cannot.

    Keys are never kept: a revoked one stops at once.
    """
    now = time.monotonic()
    until, kept = _merchants_kept.get(merchant_id, (now, None))
    if kept is not None and until > now:
        return kept
    found = merchants().merchant(merchant_id)
    if found is None:
        raise LookupError(merchant_id)
    _merchants_kept[merchant_id] = (now + MERCHANT_KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Forget everything that was built: for tests, which change the surroundings."""
    _merchants_kept.clear()
    for built in (
        settings,
        dynamodb,
        step_functions,
        mail,
        payments,
        whole_payments,
        checks,
        unresolved,
        events,
        receipts,
        merchants,
        counted_keys,
        listing,
        repeats,
        endpoints,
        links,
        logos,
        link_payments,
        secrets,
    ):
        built.cache_clear()
