"""RwandaPay: a session is opened, then the wallet is prompted in it. Source: seed 000.

Two calls to charge: `initialize`, which charges nobody, and `process`, which prompts. So a silent
`initialize` is a refusal, and a silent `process` is silence. Its webhooks are signed; what they say
counts only where reference, sum and currency agree.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from payments.errors import (
    Declined,
    ForgedWebhook,
    ProviderRefused,
    ProviderSilent,
)
from payments.payment import Attempt, Method, Payment
from payments.phone import parse_phone
from payments.report import Outcome, Reason, Report
from providers.port import Addresses, Credential, Listing, Notice, Offer, Opening
from providers.wire import (
    Answer,
    TurnedAway,
    get_json,
    post_json,
    read_object,
    stated_money,
    text_of,
    web_address,
)

if TYPE_CHECKING:
    import httpx

# [assume] Seen in an integration without saying whether it lies under the base (/api/v1) or, with
# a slash before it, under the site's root: we take the base, where `initialize` is.
PROCESS_PATH = "checkout/{session_id}/process"

# Where the push is not offered, their hosted page is.
PUSH_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})

# It becomes part of a path, so nothing else may stand in it.
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

# Error code -> ours (seed 000's table, and IDEMPOTENCY_KEY_REQUIRED as seen). SESSION_NOT_FOUND on
# a session just opened is no page of theirs either, so it is a refusal and no missing path.
REFUSALS = frozenset(
    {"AUTH_FAILED", "INITIALIZATION_FAILED", "SESSION_NOT_FOUND", "IDEMPOTENCY_KEY_REQUIRED"}
)
NO_BALANCE = "INSUFFICIENT_BALANCE"
USED_BEFORE = "DUPLICATE_REFERENCE"

# An unknown reference is HTTP 200 and "pending" with this message, or a 404 with this code.
NOT_FOUND_MESSAGE = "transaction not found"
NOT_FOUND_CODE = "SESSION_NOT_FOUND"

PAID = "successful"
# [assume] "failed" is the seed's; of the two others it only knows that sessions expire.
DECLINES = {
    "failed": Reason.DECLINED,
    "cancelled": Reason.CANCELLED,
    "expired": Reason.TIMED_OUT,
}

# Only ever to tell the customer why; never to decide whether.
NO_FUNDS = re.compile(r"(insufficient|not enough) (funds|balance|money)", re.IGNORECASE)

SIGNATURE_HEADERS = ("x-webhook-signature", "x-rwandapay-signature")

# Paypack's own notification, passed on as it came.
FLAT_KIND = "transaction:processed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RwandapayCredentials:
    """What RwandaPay gave the merchant. An empty webhook secret makes every webhook a forgery."""

    public_key: str
    secret_key: str
    webhook_secret: str

    @property
    def mode(self) -> str:
        """The mode of these keys, as every answer to them states it."""
        return "test" if self.public_key.startswith("pk_test_") else "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A checkout that is open at RwandaPay, in which nobody was prompted yet."""

    session_id: str
    payment_url: str | None


class Rwandapay:
    """RwandaPay for one merchant."""

    def __init__(
        self, http: "httpx.Client", base_url: str, credentials: RwandapayCredentials
    ) -> None:
        self._http = http
        self._base_url = f"{base_url.rstrip('/')}/"
        self._credentials = credentials

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Open a session and prompt in it. Raises ProviderSilent when somebody may be prompted."""
        try:
            session = self._initialize(payment, attempt, addresses)
            return self._process(session, payment, attempt)
        except ProviderRefused as refused:
            return Report(
                attempt_ref=attempt.ref, outcome=Outcome.REFUSED, reason=Reason(refused.reason)
            )
        except Declined as declined:
            return Report(
                attempt_ref=attempt.ref, outcome=Outcome.DECLINED, reason=Reason(declined.reason)
            )

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Verify by our reference. Raises ProviderSilent when the answer does not say."""
        url = urljoin(self._base_url, f"checkout/{attempt.ref}/verify")
        try:
            answer = get_json(self._http, url, self._keys)
        except ProviderRefused as unanswered:
            # A question turned away says nothing about the money.
            raise ProviderSilent(unanswered.reason) from unanswered
        if text_of(answer.spoken, "mode") not in (None, self._credentials.mode):
            raise ProviderSilent("an answer about another mode")
        return read_status(answer, payment, attempt)

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> Report | None:
        """Read a webhook of either shape; None when it is not surely about this attempt's money.

        Raises ForgedWebhook before anything is parsed.
        """
        check_signature(notice, self._credentials.webhook_secret)
        spoken = read_object(notice.body) or {}
        facts = nested_facts(spoken, attempt) or flat_facts(spoken, attempt)
        if facts is None or text_of(facts, "mode") not in (None, self._credentials.mode):
            return None
        return read_notice(facts, payment, attempt)

    @property
    def _keys(self) -> dict[str, str]:
        own = self._credentials
        return {
            "X-Public-Key": own.public_key,
            "X-Secret-Key": own.secret_key,
            "Accept": "application/json",
        }

    def _initialize(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Session:
        order = {
            "amount": payment.money.json_number,
            "tx_ref": attempt.ref,
            "currency": payment.money.currency,
            "customer": {
                "name": attempt.payer_name,
                "email": attempt.payer_email,
                "phone": local_phone(payment, attempt),
            },
            "redirect_url": addresses.return_url,
            "webhook_url": addresses.callback_url,
            "description": payment.description or payment.tx_ref,
        }
        url = urljoin(self._base_url, "checkout/initialize")
        try:
            answer = post_json(self._http, url, order, self._keys | idempotency(attempt))
        except ProviderSilent as silent:
            # Seed 000: a session is paid only by whoever is sent to it, and nobody will be.
            raise ProviderRefused(Reason.UNREACHABLE) from silent
        return read_session(answer, payment, attempt, self._credentials.mode)

    def _process(self, session: Session, payment: Payment, attempt: Attempt) -> Report:
        prompt = {
            "phone": local_phone(payment, attempt),
            "network": attempt.network,
            "customer_name": attempt.payer_name,
            "email": attempt.payer_email,
        }
        path = PROCESS_PATH.format(session_id=session.session_id)
        headers = {"Accept": "application/json"} | idempotency(attempt)
        try:
            answer = post_json(self._http, urljoin(self._base_url, path), prompt, headers)
        except TurnedAway as turned_away:
            if turned_away.status not in PUSH_MISSING:
                raise
            return on_their_page(session, attempt)
        if answer.status in PUSH_MISSING and error_code(answer.spoken) is None:
            return on_their_page(session, attempt)
        return read_prompted(answer, session, payment, attempt)


def local_phone(payment: Payment, attempt: Attempt) -> str:
    """07XXXXXXXX: the form that is surely read."""
    return parse_phone(attempt.phone or payment.customer.phone).national


def idempotency(attempt: Attempt) -> dict[str, str]:
    """The key that is demanded on financial calls.

    [assume] One key serves both calls: it is held against the key and the path, not the key alone.
    """
    return {"Idempotency-Key": attempt.ref}


def read_session(answer: Answer, payment: Payment, attempt: Attempt, mode: str) -> Session:
    """Read the reply to `initialize`. Nobody is charged by it, so whatever is wrong is a refusal.

    Raises ProviderRefused and Declined; ProviderSilent only when our reference was known before or
    is not the one that the reply is about.
    """
    raise_error(answer)
    facts = facts_of(answer.spoken)
    check_reference(facts, attempt)
    session_id = text_of(facts, "session_id") or ""
    if (
        answer.spoken.get("success") is not True
        or not SESSION_ID.fullmatch(session_id)
        or text_of(facts, "mode") not in (None, mode)
        or stated_money(facts, payment.money) not in (None, payment.money)
    ):
        raise ProviderRefused(Reason.NOT_ENABLED)
    return Session(session_id=session_id, payment_url=web_address(text_of(facts, "payment_url")))


def read_prompted(answer: Answer, session: Session, payment: Payment, attempt: Attempt) -> Report:
    """Read the reply to `process`, which is documented nowhere: it may refuse, but never pay.

    Raises ProviderRefused, Declined, ProviderSilent.
    """
    raise_error(answer)
    if not answer.is_success:
        raise ProviderSilent(f"HTTP {answer.status}")
    facts = facts_of(answer.spoken)
    check_reference(facts, attempt)
    return Report(
        attempt_ref=attempt.ref,
        outcome=Outcome.PENDING,
        provider_ref=session.session_id,
        stated=stated_money(facts, payment.money),
    )


def on_their_page(session: Session, attempt: Attempt) -> Report:
    """The customer pays on RwandaPay's own page instead. Raises ProviderRefused without one."""
    if session.payment_url is None:
        raise ProviderRefused(Reason.NOT_ENABLED)
    return Report(
        attempt_ref=attempt.ref,
        outcome=Outcome.PENDING,
        provider_ref=session.session_id,
        next_url=session.payment_url,
    )


def raise_error(answer: Answer) -> None:
    """Raise what an answer's error says: ProviderRefused, Declined or, unknown, ProviderSilent."""
    code = error_code(answer.spoken)
    if code == USED_BEFORE or answer.status == HTTPStatus.CONFLICT:
        # Somebody may have been prompted under it: ask, and charge no more.
        raise ProviderSilent(USED_BEFORE)
    # The table has it as 422; where an error is a message alone, the message tells it apart from
    # a request that is not valid.
    is_unprocessable = answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    if code == NO_BALANCE or (is_unprocessable and NO_FUNDS.search(told_message(answer.spoken))):
        raise Declined(Reason.INSUFFICIENT_FUNDS)
    if code in REFUSALS or answer.turned_away:
        raise ProviderRefused(Reason.NOT_ENABLED)


def error_code(spoken: Mapping[str, Any]) -> str | None:
    """The code of an error; None for one that has a `message` alone."""
    error = spoken.get("error")
    return (text_of(error, "code") or "").upper() or None if isinstance(error, dict) else None


def told_message(spoken: Mapping[str, Any]) -> str:
    """What an answer tells people, wherever it stands."""
    error = spoken.get("error")
    inner = text_of(error, "message") if isinstance(error, dict) else None
    return f"{text_of(spoken, 'message') or ''} {inner or ''}".strip()


def facts_of(spoken: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that tells of the payment: `data` where there is one."""
    data = spoken.get("data")
    return data if isinstance(data, dict) else spoken


def check_reference(facts: Mapping[str, Any], attempt: Attempt) -> None:
    """Raise ProviderSilent when an answer names a transaction that is not ours."""
    session_id = text_of(facts, "session_id")
    if text_of(facts, "reference") not in (None, attempt.ref) or (
        session_id and attempt.provider_ref and session_id != attempt.provider_ref
    ):
        raise ProviderSilent("an answer about another transaction")


def read_status(answer: Answer, payment: Payment, attempt: Attempt) -> Report:
    """Read the answer to `verify`. Raises ProviderSilent when it does not speak of our payment."""
    spoken = answer.spoken
    if error_code(spoken) == NOT_FOUND_CODE:
        return Report(attempt_ref=attempt.ref, outcome=Outcome.NOT_FOUND)
    if not answer.is_success or error_code(spoken):
        raise ProviderSilent(f"HTTP {answer.status}")
    check_reference(spoken, attempt)
    outcome, reason = verdict(spoken)
    return Report(
        attempt_ref=attempt.ref,
        outcome=outcome,
        reason=reason,
        provider_ref=text_of(spoken, "session_id"),
        network_ref=network_reference(spoken),
        stated=stated_money(spoken, payment.money),
    )


def verdict(spoken: Mapping[str, Any]) -> tuple[Outcome, Reason | None]:
    """What `verify` says. Paid is `success` and `completed`, both true; either alone is not."""
    word = (text_of(spoken, "status") or "").lower()
    if spoken.get("completed") is True:
        if word in DECLINES and spoken.get("success") is not True:
            return Outcome.DECLINED, decline_reason(word, spoken)
        if spoken.get("success") is True and word not in DECLINES:
            return Outcome.PAID, None
    elif told_message(spoken).lower() == NOT_FOUND_MESSAGE:
        return Outcome.NOT_FOUND, None
    return Outcome.PENDING, None


def decline_reason(word: str, facts: Mapping[str, Any]) -> Reason:
    """Why, by the status and as far as the message tells more."""
    lacks_funds = word == "failed" and NO_FUNDS.search(told_message(facts))
    return Reason.INSUFFICIENT_FUNDS if lacks_funds else DECLINES[word]


def network_reference(facts: Mapping[str, Any]) -> str | None:
    """The wallet's side of it: Paypack's reference, or else RwandaPay's own transaction."""
    return text_of(facts, "paypack_reference") or text_of(facts, "transaction_id")


def check_signature(notice: Notice, secret: str) -> None:
    """Raise ForgedWebhook unless a signature header holds the body's HMAC-SHA256 in a known form.

    [assume] Keyed with the secret's text, over the raw bytes: the forms were seen, these were not.
    """
    if not secret:
        raise ForgedWebhook("no webhook secret is known")
    digest = hmac.digest(secret.encode(), notice.body, hashlib.sha256)
    forms = (digest.hex(), f"sha256={digest.hex()}", base64.b64encode(digest).decode())
    given = [notice.headers[name] for name in SIGNATURE_HEADERS if name in notice.headers]
    # On bytes: comparing text raises where a header holds more than ASCII. All are compared, so
    # that the time taken tells nothing of which form came near.
    matches = [
        hmac.compare_digest(text.strip().encode(errors="replace"), form.encode())
        for text in given
        for form in forms
    ]
    if not any(matches):
        raise ForgedWebhook("the signature is missing or wrong")


def nested_facts(spoken: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any] | None:
    """The `data` of seed 000's webhook, when it is about our attempt and says one thing."""
    facts = spoken.get("data")
    if not isinstance(facts, dict) or text_of(facts, "reference") != attempt.ref:
        return None
    word = (text_of(facts, "status") or "").lower()
    return facts if (text_of(spoken, "event") or "").lower() == f"payment.{word}" else None


def flat_facts(spoken: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any] | None:
    """The flat webhook, when it is about the wallet's transaction that we know to be ours.

    It never names our reference, and the same sum may be paid twice: as long as nobody has told us
    the wallet's, it makes us ask, which goes by ours.
    """
    is_flat = text_of(spoken, "event_kind") == FLAT_KIND and "data" not in spoken
    is_ours = attempt.network_ref is not None and network_reference(spoken) == attempt.network_ref
    return spoken if is_flat and is_ours else None


def read_notice(facts: Mapping[str, Any], payment: Payment, attempt: Attempt) -> Report | None:
    """A plain yes or no about exactly our sum; None for anything else, which then is asked about.

    A reference of the wallet's that is not the one we know is about another payment.
    """
    word = (text_of(facts, "status") or "").lower()
    network_ref = network_reference(facts)
    try:
        stated = stated_money(facts, payment.money)
    except ProviderSilent:
        return None
    if stated != payment.money or (attempt.network_ref or network_ref) != network_ref:
        return None
    if word != PAID and word not in DECLINES:
        return None
    return Report(
        attempt_ref=attempt.ref,
        outcome=Outcome.PAID if word == PAID else Outcome.DECLINED,
        reason=None if word == PAID else decline_reason(word, facts),
        network_ref=network_ref,
        stated=stated,
    )


def acknowledgement(_body: bytes) -> dict[str, str]:
    """What RwandaPay's own sample answers (seed 000)."""
    return {"status": "ok"}


def open_rwandapay(opening: Opening) -> Rwandapay:
    """RwandaPay with a merchant's keys."""
    return Rwandapay(opening.http, opening.base_url, RwandapayCredentials(**opening.credentials))


LISTING = Listing(
    offers={
        # Seed 000: one limit, in francs, and three currencies.
        Method.MOBILE_MONEY: Offer(
            currencies=frozenset({"RWF", "USD", "EUR"}), most={"RWF": 1_000_000}
        )
    },
    open=open_rwandapay,
    credentials=(
        Credential("public_key", "RwandaPay public key", is_secret=False),
        Credential("secret_key", "RwandaPay secret key"),
        Credential("webhook_secret", "RwandaPay webhook secret"),
    ),
    signs=True,
    acknowledge=acknowledgement,
)
