"""What a merchant must know before anything else: that their endpoint is not called any more."""

from typing import TYPE_CHECKING, Literal, TypedDict

from ledger.endpoints import DisabledWhy
from payments.clock import iso

if TYPE_CHECKING:
    from ledger.endpoints import Endpoint

MESSAGES = {
    DisabledWhy.GONE: "Your webhook endpoint answered 410 Gone, so nothing is sent to it",
    DisabledWhy.FAILING: "Your webhook endpoint failed for 5 days, so nothing is sent to it",
}


class Notice(TypedDict):
    """Something that wants the merchant's hand."""

    code: Literal["WEBHOOK_ENDPOINT_DISABLED"]
    message: str
    since: str
    reason: DisabledWhy


def notices_of(endpoint: "Endpoint") -> list[Notice]:
    """What is to be said of an endpoint; nothing of one that works."""
    if endpoint.disabled_at is None or endpoint.disabled_why is None:
        return []
    return [
        {
            "code": "WEBHOOK_ENDPOINT_DISABLED",
            "message": f"{MESSAGES[endpoint.disabled_why]}. Mend it, enable it, and send the"
            " events of this time anew",
            "since": iso(endpoint.disabled_at),
            "reason": endpoint.disabled_why,
        }
    ]
