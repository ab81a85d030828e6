"""What the functions are made of, built when first needed and kept while the sandbox lives.

Each ledger is imported when it is first needed, so that a function's cold start pays for its own.
`outside` holds what tests replace: the clock, AWS, and the two ways to the network.
"""

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from payments.clock import Clock, utc_now
from plumbing.aws_clients import aws_client
from plumbing.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpcore
    import httpx
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

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
    from payments.merchant import Merchant
    from plumbing.parameter_secrets import Secrets

MERCHANT_KEPT_SECONDS = 60.0


@dataclass
class Outside:
    """What lies beyond the code."""

    clock: Clock = utc_now
    sleep: "Callable[[float], None]" = time.sleep
    """Given seconds."""
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
def payments() -> "Payments":
    """The ledger of payments."""
    from ledger.payments import Payments

    return Payments(dynamodb(), settings().payments_table)


@cache
def whole_payments() -> "WholePayments":
    """The payments with their events."""
    from ledger.whole_payments import WholePayments

    return WholePayments(dynamodb(), settings().payments_table)


@cache
def checks() -> "Checks":
    """When payments are to be looked at again."""
    from ledger.checks import Checks

    return Checks(dynamodb(), settings().payments_table)


@cache
def unresolved() -> "Unresolved":
    """The payments that a person has to look at."""
    from ledger.unresolved import Unresolved

    return Unresolved(dynamodb(), settings().payments_table)


@cache
def events() -> "Events":
    """The ledger of what merchants hear."""
    from ledger.events import Events

    return Events(dynamodb(), settings().payments_table)


@cache
def receipts() -> "Receipts":
    """The receipts that went out."""
    from ledger.receipts import Receipts

    return Receipts(dynamodb(), settings().payments_table)


@cache
def merchants() -> "Merchants":
    """The merchants and their keys."""
    from ledger.merchants import Merchants

    return Merchants(dynamodb(), settings().merchants_table)


@cache
def counted_keys() -> "CountedKeys":
    """The keys, as whoever is asked with them sees them."""
    from ledger.counted_keys import CountedKeys

    return CountedKeys(dynamodb(), settings().merchants_table)


@cache
def listing() -> "Listing":
    """Payments and events by merchant, newest first."""
    from ledger.listing import Listing

    return Listing(dynamodb(), settings().payments_table)


@cache
def repeats() -> "Repeats":
    """The Idempotency-Keys of the last day."""
    from ledger.repeats import Repeats

    return Repeats(dynamodb(), settings().payments_table)


@cache
def endpoints() -> "Endpoints":
    """Where merchants hear of payments."""
    from ledger.endpoints import Endpoints

    return Endpoints(dynamodb(), settings().merchants_table)


@cache
def links() -> "Links":
    """The payment links."""
    from ledger.links import Links

    return Links(dynamodb(), settings().merchants_table)


@cache
def logos() -> "Logos":
    """The merchants' logos."""
    from ledger.logos import Logos

    return Logos(dynamodb(), settings().merchants_table)


@cache
def link_payments() -> "LinkPayments":
    """What is paid by links."""
    from ledger.link_payments import LinkPayments

    return LinkPayments(dynamodb(), settings().payments_table, settings().merchants_table)


@cache
def secrets() -> "Secrets":
    """The secrets that this function may read."""
    from plumbing.parameter_secrets import Secrets

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
