"""DGS-Pay: JSON with an API key, mobile money in francs alone. Source: seed 004.

Nothing of ours goes into a charge: only the address that it calls back (`callback_url`) leads to
the attempt. So a charge whose reply was lost is found by its signed webhook or by hand, never by
asking, and never sent again.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from payments.errors import ForgedWebhook, ProviderRefused, ProviderSilent
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

# "Mobile Money payments are currently limited to Rwanda (RWF)" (seed 004); no limit is named.
OFFERS = {Method.MOBILE_MONEY: Offer(currencies=frozenset({"RWF"}))}

CHARGES = "charges"

# [assume] No status query is documented: we ask for the charge where it was posted.
CHARGE_BY_REFERENCE = CHARGES + "/{dgs_reference}"

RWANDA = "250"
NO_DIGIT = re.compile(r"[^0-9]")

# `transaction_status`, the only word about money: `status` tells how the call went (seed 004).
# Any other word means PENDING: only a plain yes or a plain no is final.
OUTCOMES = {
    "pending": Outcome.PENDING,
    "successful": Outcome.PAID,
    "failed": Outcome.DECLINED,
}

# `error_code`, seen in public integrations (PROVIDERS.md); 90 also in seed 004.
ALL_WELL = "00"
REFUSALS = frozenset({"90", "91"})  # validation; authentication or IP address
NOT_FOUND = "92"
# A repeated request and their own trouble: neither says what became of the charge.
UNDECIDED = frozenset({"93", "99"})
TROUBLE = REFUSALS | UNDECIDED | {NOT_FOUND}

# Only ever to tell the customer why; never to decide whether. The text goes first, since seed 004
# calls insufficient funds 05, which is no such thing in ISO 8583.
WHY = (
    (re.compile(r"insufficient|not enough|balance", re.IGNORECASE), Reason.INSUFFICIENT_FUNDS),
    (re.compile(r"time.?out|timed out|expired", re.IGNORECASE), Reason.TIMED_OUT),
    (re.compile(r"cancel", re.IGNORECASE), Reason.CANCELLED),
)
# [assume] `issuer_response_code` counts as ISO 8583 does, field 39.
ISSUER_REASONS = {"51": Reason.INSUFFICIENT_FUNDS}

# Hex HMAC-SHA256 of the raw body (seen in public integrations).
SIGNATURE_HEADER = "x-dgs-signature"

# `event`, and what `transaction_status` must say beside it. The first was seen; [assume] the
# second is called so. An event of another name makes us ask: it may be about a refund.
EVENTS = {"payment.success": Outcome.PAID, "payment.failed": Outcome.DECLINED}

# [assume] What they want to hear of a webhook is documented nowhere.
ACKNOWLEDGED = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class DgspayCredentials:
    """What DGS-Pay gave the merchant; not everyone has an account number."""

    api_key: str
    webhook_secret: str
    account_number: str | None = None


class Dgspay:
    """DGS-Pay for one merchant."""

    def __init__(self, http: "httpx.Client", base_url: str, credentials: DgspayCredentials) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Post the charge. Raises ProviderSilent when nobody can say whether it arrived."""
        order = charge_order(payment, attempt, addresses)
        try:
            answer = post_json(self._http, f"{self._base_url}/{CHARGES}", order, self._headers())
        except ProviderRefused as refused:
            return refusal(attempt, Reason(refused.reason))
        if is_refusal(answer):
            return refusal(attempt, Reason.NOT_ENABLED)
        return read_charge(answer, payment, attempt)

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Get the charge by DGS-Pay's own reference, the only one that it knows.

        Raises ProviderSilent when we never heard that reference: the charge may live all the same.
        """
        if attempt.provider_ref is None:
            raise ProviderSilent("DGS-Pay cannot be asked about a charge that it has not named")
        try:
            answer = self._get(attempt.provider_ref)
        except TurnedAway as unread:
            if unread.status == HTTPStatus.NOT_FOUND:
                return Report(attempt_ref=attempt.ref, outcome=Outcome.NOT_FOUND)
            raise ProviderSilent(unread.reason) from unread
        except ProviderRefused as unanswered:
            # A question turned away says nothing about the money.
            raise ProviderSilent(unanswered.reason) from unanswered
        if is_not_found(answer):
            return Report(attempt_ref=attempt.ref, outcome=Outcome.NOT_FOUND)
        return read_charge(answer, payment, attempt)

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> Report | None:
        """Read a webhook, once its signature is found good. None when it makes us ask.

        Raises ForgedWebhook.
        """
        if not is_signed(notice, self._credentials.webhook_secret):
            raise ForgedWebhook(SIGNATURE_HEADER)
        spoken = read_object(notice.body)
        return None if spoken is None else read_notice(spoken, payment, attempt)

    def _get(self, reference: str) -> Answer:
        path = CHARGE_BY_REFERENCE.format(dgs_reference=quote(reference, safe=""))
        return get_json(self._http, f"{self._base_url}/{path}", self._headers())

    def _headers(self) -> dict[str, str]:
        own = self._credentials
        headers = {"X-DGS-API-Key": own.api_key}
        if own.account_number:
            # Sent by public integrations; seed 004 does not name it.
            headers["X-DGS-ACCOUNT-NUMBER"] = own.account_number
        return headers


def charge_order(payment: Payment, attempt: Attempt, addresses: Addresses) -> dict[str, Any]:
    """The body of `POST /charges` (seed 004, parameters), with the address to call back."""
    first_name, last_name = first_and_last(attempt.payer_name)
    # Numbers go without country code and leading zero: "789654321".
    wallet = parse_phone(attempt.phone or payment.customer.phone)
    return {
        "amount": payment.money.json_number,
        "currency": payment.money.currency,
        "payment_type": "mobile_money",
        "customer_email": attempt.payer_email,
        "customer_first_name": first_name,
        "customer_last_name": last_name,
        "customer_phone": parse_phone(payment.customer.phone).subscriber,
        "customer_phone_country_code": RWANDA,
        "redirect_url": addresses.return_url,
        "mobile_money_network": str(attempt.network or wallet.network),
        "mobile_money_phone": wallet.subscriber,
        "narration": payment.description or payment.tx_ref,
        "callback_url": addresses.callback_url,
    }


def first_and_last(name: str) -> tuple[str, str]:
    """A name in the two parts that DGS-Pay requires; a single word is both."""
    words = name.split(maxsplit=1) or [name]
    return words[0], words[-1].strip()


def refusal(attempt: Attempt, reason: Reason) -> Report:
    """Nobody was charged, and not for the customer's sake."""
    return Report(attempt_ref=attempt.ref, outcome=Outcome.REFUSED, reason=reason)


def is_refusal(answer: Answer) -> bool:
    """Whether a reply to a charge plainly says that it was not taken."""
    word, code = status_word(answer.spoken), error_code(answer.spoken)
    if code is None:
        return answer.turned_away and word is None
    return code in REFUSALS and (word is None or OUTCOMES.get(word) is Outcome.DECLINED)


def is_not_found(answer: Answer) -> bool:
    """Whether the answer to a question says that there is no such charge."""
    code = error_code(answer.spoken)
    return code == NOT_FOUND or (code is None and answer.status == HTTPStatus.NOT_FOUND)


def read_charge(answer: Answer, payment: Payment, attempt: Attempt) -> Report:
    """Read what a reply, a status or a webhook says of the charge: they share their fields.

    Raises ProviderSilent when it says nothing of the money, or is about another charge.
    """
    spoken = answer.spoken
    named = reference_of(spoken, payment, attempt)
    outcome = outcome_of(answer)
    return Report(
        attempt_ref=attempt.ref,
        outcome=outcome,
        reason=told_reason(spoken) if outcome is Outcome.DECLINED else None,
        provider_ref=named,
        is_named_by_itself=attempt.provider_ref is None,
        next_url=web_address(text_of(spoken, "next_action_redirect_url")),
        stated=stated_money(spoken, payment.money),
    )


def read_notice(spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> Report | None:
    """What a signed webhook settles: a yes or a no that its event's name agrees with.

    [assume] Beside `event` it has the fields of a reply, and has them at the top.
    Of any other, when the reply to the charge was lost, at least DGS-Pay's reference is kept, so
    that we can ask from now on.
    """
    try:
        named = reference_of(spoken, payment, attempt)
    except ProviderSilent:
        return None
    if attempt.provider_ref is None and is_another_wallets(spoken, payment, attempt):
        return None
    report = final_word(spoken, payment, attempt)
    if report is None and named and attempt.provider_ref is None:
        return Report(
            attempt_ref=attempt.ref,
            outcome=Outcome.PENDING,
            provider_ref=named,
            is_named_by_itself=True,
        )
    return report


def final_word(spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> Report | None:
    """A webhook's plain yes or no; None when it has none, or contradicts itself."""
    try:
        report = read_charge(Answer(spoken=spoken, status=HTTPStatus.OK), payment, attempt)
    except ProviderSilent:
        return None
    is_nameless = spoken.get("event") is None
    agreed = EVENTS.get(text_of(spoken, "event") or "")
    if report.outcome is agreed or (is_nameless and report.outcome in EVENTS.values()):
        return report
    return None


def reference_of(spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> str | None:
    """DGS-Pay's own name for the charge, if it is stated.

    Raises ProviderSilent when that is not this attempt's charge, as far as we know them.
    """
    named = text_of(spoken, "dgs_reference")
    others = {other.provider_ref for other in payment.attempts if other.ref != attempt.ref}
    if named and (attempt.provider_ref not in (None, named) or named in others):
        raise ProviderSilent("an answer about another charge")
    return named


def is_another_wallets(spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> bool:
    """Whether a wallet is stated, in full, that is not the one that we asked to pay."""
    digits = NO_DIGIT.sub("", text_of(spoken, "mobile_money_phone") or "")
    asked = parse_phone(attempt.phone or payment.customer.phone).subscriber
    return len(digits) >= len(asked) and not digits.endswith(asked)


def outcome_of(answer: Answer) -> Outcome:
    """What `transaction_status` says. Raises ProviderSilent without it, or when it is disputed."""
    word, code = status_word(answer.spoken), error_code(answer.spoken)
    if word is None:
        raise ProviderSilent("no transaction_status")
    outcome = OUTCOMES.get(word, Outcome.PENDING)
    is_plain = code in (None, ALL_WELL) and not answer.turned_away
    if code in TROUBLE or (outcome is Outcome.PAID and not is_plain):
        raise ProviderSilent(f"{word} with error {code} and HTTP {answer.status}")
    return outcome


def status_word(spoken: Mapping[str, Any]) -> str | None:
    """`transaction_status` in lower case; None when there is none."""
    word = text_of(spoken, "transaction_status")
    return word.lower() if word else None


def error_code(spoken: Mapping[str, Any]) -> str | None:
    """`error_code` as two digits, whether it came as text or as a number; None without one."""
    code = text_of(spoken, "error_code")
    return code.zfill(2) if code else None


def told_reason(spoken: Mapping[str, Any]) -> Reason:
    """Why nobody paid, as far as the processor or the issuer tells."""
    told = text_of(spoken, "processor_response") or ""
    for words, reason in WHY:
        if words.search(told):
            return reason
    code = text_of(spoken, "issuer_response_code") or ""
    return ISSUER_REASONS.get(code, Reason.DECLINED)


def is_signed(notice: Notice, secret: str) -> bool:
    """Whether the raw body bears DGS-Pay's signature; an empty secret signs nothing."""
    told = notice.headers.get(SIGNATURE_HEADER, "").strip().lower()
    ours = hmac.digest(secret.encode(), notice.body, "sha256").hex()
    return bool(secret) and hmac.compare_digest(told.encode(errors="replace"), ours.encode())


def acknowledgement(body: bytes) -> dict[str, str]:
    """What DGS-Pay hears of a webhook, whatever it told."""
    del body
    return {"status": ACKNOWLEDGED}


def open_dgspay(opening: Opening) -> Dgspay:
    """DGS-Pay with one merchant's credentials."""
    given = opening.credentials
    credentials = DgspayCredentials(
        api_key=given["api_key"],
        webhook_secret=given["webhook_secret"],
        account_number=given.get("account_number"),
    )
    return Dgspay(opening.http, opening.base_url, credentials)


LISTING = Listing(
    offers=OFFERS,
    open=open_dgspay,
    credentials=(
        Credential("api_key", "DGS-Pay API key (X-DGS-API-Key)"),
        Credential("webhook_secret", "DGS-Pay webhook secret"),
        Credential("account_number", "DGS-Pay account number", is_secret=False, is_needed=False),
    ),
    signs=True,
    acknowledge=acknowledgement,
)
