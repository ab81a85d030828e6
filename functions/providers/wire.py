"""JSON over HTTP to a provider, and the one distinction that matters: whether it was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from payments.errors import ProviderRefused, ProviderSilent, UnusableAmount
from payments.money import Money
from payments.report import Reason

if TYPE_CHECKING:
    import httpx

# A provider's answer is hostile input: none of theirs comes near this size.
MOST_ANSWER_BYTES = 64 * 1024

# Their addresses are the longest texts that we keep.
LONGEST_TEXT = 2000

# Answers of an HTTP layer that turned the request away unread.
TURNED_AWAY = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider said: one JSON object, its numbers int or Decimal."""

    spoken: Mapping[str, Any]
    status: int
    """The HTTP status, below 500."""

    @property
    def is_success(self) -> bool:
        """Whether the HTTP status says that all went well."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def turned_away(self) -> bool:
        """Whether the HTTP status alone already says that the request was not taken."""
        return self.status in TURNED_AWAY


class TurnedAway(ProviderRefused):
    """An HTTP layer turned the request away without a word that can be read."""

    def __init__(self, status: int) -> None:
        super().__init__(Reason.NOT_ENABLED)
        self.status = status


def post_json(
    client: "httpx.Client",
    url: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    auth: tuple[str, str] | None = None,
) -> Answer:
    """Post, and read one JSON object.

    Raises ProviderRefused when the request was surely never sent or was turned away unread
    (TurnedAway), ProviderSilent when nobody can tell.
    """
    request = client.build_request("POST", url, json=body, headers=headers)
    return answer_to(client, request, auth)


def get_json(
    client: "httpx.Client",
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> Answer:
    """Get one JSON object. Raises as `post_json` does."""
    request = client.build_request("GET", url, params=params, headers=headers)
    return answer_to(client, request, auth)


def answer_to(
    client: "httpx.Client", request: "httpx.Request", auth: tuple[str, str] | None = None
) -> Answer:
    """What the provider answers to a request. Raises as `post_json` does."""
    import httpx  # noqa: PLC0415  # whoever only needs the words of an offer does without it

    # These happen before a byte of the request leaves: nothing can have been charged.
    never_sent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
        httpx.ProxyError,
    )
    try:
        answer = client.send(request, auth=auth, stream=True)
        try:
            content = read_capped(answer)
        finally:
            answer.close()
    except never_sent as unreachable:
        raise ProviderRefused(Reason.UNREACHABLE) from unreachable
    except httpx.HTTPError as lost:
        raise ProviderSilent(type(lost).__name__) from lost
    status = answer.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProviderSilent(f"HTTP {status}")
    spoken = read_object(content)
    if spoken is None:
        if status in TURNED_AWAY:
            raise TurnedAway(status)
        raise ProviderSilent(f"HTTP {status} without a JSON object")
    return Answer(spoken=spoken, status=status)


def read_capped(answer: "httpx.Response") -> bytes:
    """The body, or nothing of it when it is larger than any honest answer."""
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_ANSWER_BYTES:
            return b""
    return content


def read_object(content: bytes) -> dict[str, Any] | None:
    """The JSON object in these bytes; None when there is none, or it contradicts itself."""
    try:
        spoken = json.loads(content, parse_float=Decimal, object_pairs_hook=said_once)
    except (ValueError, RecursionError, InvalidOperation):
        # InvalidOperation: a number with an exponent beyond what Decimal holds.
        return None
    return spoken if isinstance(spoken, dict) else None


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError for a name that comes twice with two values.

    Python would keep the last of two sums, and whoever signed it may have meant the first.
    """
    spoken = dict(pairs)
    # Not a number is unlike itself, and still said once.
    if any(spoken[name] is not value and spoken[name] != value for name, value in pairs):
        raise ValueError("one name with two values")
    return spoken


def web_address(text: str | None) -> str | None:
    """An address to send the customer to; None for a blank, as failures have, or anything else."""
    return text if text and text.startswith(("https://", "http://")) else None


def text_of(spoken: Mapping[str, Any], name: str) -> str | None:
    """A field as trimmed text, fit to store; None when absent, blank, endless or no scalar."""
    value = spoken.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    # JSON can carry half a surrogate pair ("\ud800"), which nothing could store or send on.
    text = str(value).encode(errors="replace").decode().strip()
    return text if 0 < len(text) <= LONGEST_TEXT else None


def stated_money(spoken: Mapping[str, Any], asked: Money) -> Money | None:
    """The sum that an answer names as `amount` and `currency`; None when it names none.

    What it leaves out of the two is taken as it was asked for. Raises ProviderSilent when a sum
    is named that is no sum of money, or a currency that is no text.
    """
    named = text_of(spoken, "currency")
    if named is None and not is_blank(spoken.get("currency")):
        raise ProviderSilent("a currency that cannot be read")
    currency = (named or asked.currency).upper()
    is_unstated = spoken.get("amount") in (None, "", " ")
    if is_unstated and currency == asked.currency:
        return None
    try:
        amount = asked.major if is_unstated else Decimal(text_of(spoken, "amount") or "")
        return Money.of(amount, currency)
    except (InvalidOperation, UnusableAmount) as unreadable:
        raise ProviderSilent("a sum that cannot be read") from unreadable


def is_blank(value: object) -> bool:
    """Whether a field says nothing: it is not there, null, or a blank text."""
    return value is None or (isinstance(value, str) and not value.strip())
