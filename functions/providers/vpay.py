"""V-Pay (vonsung): JSON, a bearer token that lives five minutes, signed webhooks. Source: seed 002.

Sandbox and live share one address, and the credentials choose. Bank transfer is named among its
channels but has no value of `payment_method`, so it is not offered here.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from payments.errors import ForgedWebhook, ProviderRefused, ProviderSilent
from payments.payment import Attempt, Method, Payment
from payments.phone import Network, parse_phone
from payments.report import Outcome, Reason, Report
from providers.port import Addresses, Credential, Listing, Notice, Offer, Opening, Token
from providers.wire import (
    Answer,
    TurnedAway,
    answer_to,
    get_json,
    post_json,
    read_object,
    stated_money,
    text_of,
    web_address,
)

# Our way to pay -> V-Pay's `payment_method`, of which the table has three: mtnrw, card and all.
# [assume] Airtel has none of its own: the customer picks it on the page of "all".
PAYMENT_METHODS: Mapping[tuple[Method, Network | None], str] = {
    (Method.MOBILE_MONEY, Network.MTN): "mtnrw",
    (Method.MOBILE_MONEY, Network.AIRTEL): "all",
    (Method.CARD, None): "card",
}

# V-Pay's word, in lower case -> ours. Any other word means PENDING: only a plain yes or a plain
# no is final. "refunded" and "disputed" speak of money that came before, for which there is no
# outcome, so they stay with any other word.
WORDS: Mapping[str, Outcome] = {
    "successful": Outcome.PAID,
    "failed": Outcome.DECLINED,
    "cancelled": Outcome.DECLINED,
}
ERROR_WORD = "error"

# Codes of the customer's side; they come with HTTP 200.
DECLINES: Mapping[str, Reason] = {
    "PAYMENT_TIMEOUT": Reason.TIMED_OUT,
    "INSUFFICIENT_FUNDS": Reason.INSUFFICIENT_FUNDS,
}
# Codes that say that nobody was prompted. A number that V-Pay will not take is no decline: another
# provider may take it.
REFUSALS = frozenset({"INVALID_KEY", "INVALID_PHONE", "INVALID_AMOUNT", "RATE_LIMITED"})
# Something is under this reference, or may be: asked about, never sent again (PROVIDERS.md).
UNKNOWNS = frozenset({"DUPLICATE_REFERENCE", "NETWORK_ERROR"})

# [assume] No code for an unknown reference is documented: these, or any error object on HTTP 404.
# A 404 in another shape is not V-Pay's word about a payment.
NOT_FOUND_CODES = frozenset({"NOT_FOUND", "TRANSACTION_NOT_FOUND"})

# [assume] The status query is documented "by its ID" alone; its parameters are not named.
BY_TRANSACTION_ID = "transaction_id"
BY_EXTERNAL_ID = "external_id"

# [assume] What V-Pay wants to hear of a webhook is not documented.
ACKNOWLEDGEMENT: Mapping[str, str] = {"status": "ok"}

SIGNATURE_HEADER = "x-vpay-signature"
SANDBOX_USER_PREFIX = "vpay_sandbox_"
LIVE_MODE = "live"

# "300.0 seconds"; what cannot be read is taken as the documented five minutes, since a token that
# ends sooner is renewed by its 401.
LIFE = re.compile(r"([0-9]{1,6})(?:\.[0-9]*)? *(?:s(?:ec(?:ond)?s?)?)?", re.IGNORECASE)
DOCUMENTED_LIFE = timedelta(seconds=300)
SPARED = timedelta(seconds=30)
TOKEN = re.compile(r"[\x21-\x7e]+")

# A token comes at once or not at all; the charge behind it needs the rest of API Gateway's 29 s.
TOKEN_TIMEOUT = (4.0, 5.0, 5.0, 5.0)
"""Seconds to connect, read, write, and wait for a connection."""

MOST_MESSAGE = 80
UNWANTED = re.compile(r"[^A-Za-z0-9]+")

# Only ever to tell the customer why; never to decide whether.
NO_FUNDS = re.compile(r"not enough|insufficient|balance", re.IGNORECASE)
TIMED_OUT = re.compile(r"time.?out|timed out|did not respond|expired", re.IGNORECASE)
CANCELLED = re.compile(r"cancel", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class VpayCredentials:
    """What vonsung gave the merchant. Without a webhook secret no webhook is believed."""

    api_user: str
    api_key: str
    webhook_secret: str = ""

    @property
    def is_sandbox(self) -> bool:
        """Whether all their money is simulated."""
        return self.api_user.startswith(SANDBOX_USER_PREFIX)


class Vpay:
    """V-Pay for one merchant."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._base_url = opening.base_url.rstrip("/")
        self._credentials = VpayCredentials(**opening.credentials)

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Send `pay`. Raises ProviderSilent when nobody can say whether it arrived."""
        order = order_of(payment, attempt, addresses)
        try:
            answer = self._authorised(lambda token: self._pay(order, token))
        except ProviderRefused as refused:
            return refusal(attempt, Reason(refused.reason))
        return self._read_reply(answer, payment, attempt)

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Ask by V-Pay's id when it is known, else by ours."""
        known = attempt.provider_ref
        question = {BY_TRANSACTION_ID: known} if known else {BY_EXTERNAL_ID: attempt.ref}
        try:
            answer = self._authorised(lambda token: self._status(question, token))
        except ProviderRefused as unanswered:
            # A question turned away says nothing about the money.
            raise ProviderSilent(unanswered.reason) from unanswered
        return self._read_status(answer, payment, attempt)

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> Report | None:
        """Read a webhook. [assume] Its body, which is not documented, has the reply's names.

        One signature does not make a payment: the reference must be ours, and money is believed
        only with its sum. Raises ForgedWebhook.
        """
        require_signature(notice, self._credentials.webhook_secret)
        spoken = read_object(notice.body)
        if spoken is None or text_of(spoken, "external_id") != attempt.ref:
            return None
        try:
            said = self._told(spoken, payment, attempt)
        except ProviderSilent:
            return None
        is_whole = text_of(spoken, "amount") is not None and text_of(spoken, "currency") is not None
        if said.stated not in (None, payment.money):
            return None
        return said if is_whole or said.outcome is not Outcome.PAID else None

    def _pay(self, order: Mapping[str, Any], token: str) -> Answer:
        return post_json(
            self._opening.http, f"{self._base_url}/pay/", order, self._headers_with(token)
        )

    def _status(self, question: Mapping[str, str], token: str) -> Answer:
        return get_json(
            self._opening.http,
            f"{self._base_url}/transaction/status/",
            self._headers_with(token),
            question,
        )

    def _headers(self) -> dict[str, str]:
        return {"apiUser": self._credentials.api_user, "apiKey": self._credentials.api_key}

    def _headers_with(self, token: str) -> dict[str, str]:
        return {**self._headers(), "Authorization": f"Bearer {token}"}

    def _authorised(self, send: Callable[[str], Answer]) -> Answer:
        """Send with the kept token, and once more with a new one if V-Pay will not have it.

        A 401 means that the request was not taken, so that a charge sent again is still one.
        Raises ProviderRefused and ProviderSilent as `send` does, and ProviderRefused without a
        token: nothing was charged then.
        """
        tokens, user = self._opening.tokens, self._credentials.api_user
        kept = tokens.get(user)
        if kept and self._opening.clock() < kept.good_until:
            answer = unless_unauthorised(send, kept.value)
            if answer:
                return answer
        answer = unless_unauthorised(send, self._new_token())
        if answer is None:
            tokens.pop(user, None)
            raise ProviderRefused(Reason.NOT_ENABLED)
        return answer

    def _new_token(self) -> str:
        """Fetch a token and keep it. Raises ProviderRefused, whatever went wrong."""
        asked_at = self._opening.clock()
        request = self._opening.http.build_request(
            "POST", f"{self._base_url}/auth/", headers=self._headers(), timeout=TOKEN_TIMEOUT
        )
        try:
            answer = answer_to(self._opening.http, request)
        except ProviderSilent as silent:
            # No money has been asked for yet: here silence is harmless.
            raise ProviderRefused(Reason.UNREACHABLE) from silent
        value = text_of(answer.spoken, "access")
        if not answer.is_success or not value or not TOKEN.fullmatch(value):
            raise ProviderRefused(Reason.NOT_ENABLED)
        good_until = asked_at + life_of(answer.spoken) - SPARED
        self._opening.tokens[self._credentials.api_user] = Token(value, good_until)
        return value

    def _read_reply(self, answer: Answer, payment: Payment, attempt: Attempt) -> Report:
        code = error_code(answer.spoken)
        is_about_money = code in DECLINES or code in UNKNOWNS
        if code is None:
            is_about_money = bool(word_of(answer.spoken))
        if code in REFUSALS or (answer.turned_away and not is_about_money):
            return refusal(attempt, Reason.NOT_ENABLED)
        return self._read(answer, payment, attempt)

    def _read_status(self, answer: Answer, payment: Payment, attempt: Attempt) -> Report:
        code = error_code(answer.spoken)
        if code in NOT_FOUND_CODES or (code and answer.status == HTTPStatus.NOT_FOUND):
            if attempt.provider_ref is None:
                # That a query by our reference exists is our guess, so its "not found" proves
                # nothing: the webhook or a person resolves it (PROVIDERS.md, last section).
                raise ProviderSilent("not found by a query that may not exist")
            return Report(attempt_ref=attempt.ref, outcome=Outcome.NOT_FOUND)
        is_named = text_of(answer.spoken, "external_id") or attempt.provider_ref
        if code is None and not is_named:
            # We asked by a parameter that is our guess: something must say whose answer this is.
            raise ProviderSilent("an answer that names no transaction of ours")
        return self._read(answer, payment, attempt)

    def _read(self, answer: Answer, payment: Payment, attempt: Attempt) -> Report:
        if not answer.is_success and error_code(answer.spoken) is None:
            raise ProviderSilent(f"HTTP {answer.status} without an error")
        return self._told(answer.spoken, payment, attempt)

    def _told(self, spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> Report:
        """Read what reply, status and webhook share. Raises ProviderSilent when it says nothing."""
        transaction_id = text_of(spoken, "transaction_id")
        if text_of(spoken, "external_id") not in (None, attempt.ref):
            raise ProviderSilent("an answer about another transaction")
        if attempt.provider_ref and transaction_id not in (None, attempt.provider_ref):
            raise ProviderSilent("an answer about another transaction")
        outcome, reason = verdict(spoken)
        mode = text_of(spoken, "mode") or LIVE_MODE
        is_simulated = mode.lower() != LIVE_MODE and not self._credentials.is_sandbox
        if outcome is Outcome.PAID and is_simulated:
            raise ProviderSilent("simulated money under live credentials")
        return Report(
            attempt_ref=attempt.ref,
            outcome=outcome,
            reason=reason,
            provider_ref=transaction_id,
            next_url=web_address(text_of(spoken, "payment_url")),
            stated=stated_money(spoken, payment.money),
        )


def order_of(payment: Payment, attempt: Attempt, addresses: Addresses) -> dict[str, Any]:
    """The body of `pay`.

    [assume] The samples' names (external_id, payer_phone …), not the table's (reference, phone …),
    which disagree; with the table's callback_url and metadata, which no sample has.
    """
    return {
        # Francs are whole, and an integer is asked for.
        "amount": payment.money.json_number,
        "currency": payment.money.currency,
        "payer_name": attempt.payer_name,
        "payer_email": attempt.payer_email,
        "payer_phone": parse_phone(attempt.phone or payment.customer.phone).national,
        "external_id": attempt.ref,
        "payee_message": payee_message(payment, attempt),
        "send_receipt": True,
        "payment_method": PAYMENT_METHODS[attempt.method, attempt.network],
        "callback_url": addresses.callback_url,
        "metadata": {"session_id": payment.session_id, "tx_ref": payment.tx_ref},
    }


def payee_message(payment: Payment, attempt: Attempt) -> str:
    """Letters, digits and spaces: any other character can make MTN fail in silence (seed 002)."""
    for text in (payment.description, payment.tx_ref):
        # An accent is parted from its letter, and dropped alone.
        parted = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode()
        plain = UNWANTED.sub(" ", parted).strip()[:MOST_MESSAGE].strip()
        if plain:
            return plain
    return attempt.ref


def unless_unauthorised(send: Callable[[str], Answer], token: str) -> Answer | None:
    """The answer to what was sent with this token; None for a 401."""
    try:
        answer = send(token)
    except TurnedAway as away:
        if away.status == HTTPStatus.UNAUTHORIZED:
            return None
        raise
    return None if answer.status == HTTPStatus.UNAUTHORIZED else answer


def life_of(spoken: Mapping[str, Any]) -> timedelta:
    """How long a token lives from when it was asked for."""
    life = LIFE.fullmatch(text_of(spoken, "expires_in") or "")
    return timedelta(seconds=int(life[1])) if life else DOCUMENTED_LIFE


def word_of(spoken: Mapping[str, Any]) -> str:
    """The status word; "PENNDING" (sic) and "PENDING" are both no final word."""
    return (text_of(spoken, "status") or "").lower()


def error_code(spoken: Mapping[str, Any]) -> str | None:
    """The code of an error object, "" when it has none; None for anything but an error object."""
    code = (text_of(spoken, "error_code") or "").upper()
    word = word_of(spoken)
    return code if word == ERROR_WORD or (code and not word) else None


def verdict(spoken: Mapping[str, Any]) -> tuple[Outcome, Reason | None]:
    """What was said of the money. Raises ProviderSilent when nothing was."""
    error = error_code(spoken)
    if error is not None and error in DECLINES:
        return Outcome.DECLINED, DECLINES[error]
    word = word_of(spoken)
    if error is not None or not word:
        raise ProviderSilent(f"no word about the money: {error or 'no status'}")
    outcome = WORDS.get(word, Outcome.PENDING)
    if outcome is Outcome.PAID and text_of(spoken, "error_code"):
        raise ProviderSilent("paid, and an error")
    return outcome, told_reason(spoken) if outcome is Outcome.DECLINED else None


def told_reason(spoken: Mapping[str, Any]) -> Reason:
    """Why, as far as an error code, the message or the word tells."""
    code = (text_of(spoken, "error_code") or "").upper()
    told = f"{text_of(spoken, 'message')} {word_of(spoken)}"
    if code in DECLINES:
        return DECLINES[code]
    if NO_FUNDS.search(told):
        return Reason.INSUFFICIENT_FUNDS
    if TIMED_OUT.search(told):
        return Reason.TIMED_OUT
    return Reason.CANCELLED if CANCELLED.search(told) else Reason.DECLINED


def refusal(attempt: Attempt, reason: Reason) -> Report:
    """Nobody was charged, and another provider may be tried."""
    return Report(attempt_ref=attempt.ref, outcome=Outcome.REFUSED, reason=reason)


def require_signature(notice: Notice, secret: str) -> None:
    """Hold the raw body against its signature, hex of either case. Raises ForgedWebhook."""
    given = notice.headers.get(SIGNATURE_HEADER, "").strip().lower()
    due = hmac.new(secret.encode(), notice.body, hashlib.sha256).hexdigest()
    # As bytes: a header may hold what is not ASCII, which compare_digest takes in no str.
    is_theirs = hmac.compare_digest(given.encode(errors="replace"), due.encode())
    if not secret or not is_theirs:
        raise ForgedWebhook("not V-Pay's signature")


def acknowledgement(body: bytes) -> dict[str, str]:
    """The same for every webhook."""
    del body
    return dict(ACKNOWLEDGEMENT)


# No upper limit is documented; the least is 100 RWF. Another currency would be converted at
# V-Pay's own rate, and a sum that comes back in francs could not be held against ours.
FRANCS = frozenset({"RWF"})
LISTING = Listing(
    offers={
        Method.MOBILE_MONEY: Offer(currencies=FRANCS),
        Method.CARD: Offer(currencies=FRANCS),
    },
    open=Vpay,
    credentials=(
        Credential("api_user", "V-Pay apiUser", is_secret=False),
        Credential("api_key", "V-Pay apiKey"),
        Credential("webhook_secret", "V-Pay webhook secret"),
    ),
    signs=True,
    acknowledge=acknowledgement,
)
