"""K-Pay (esicia): one URL, JSON posts, Basic auth and an API key. Sources: seeds 001 and 003.

It states neither amount nor currency, signs nothing, and recommends `checkstatus` over its own
postback (seed 003): so a postback only ever makes us ask.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from payments.errors import ProviderRefused, ProviderSilent
from payments.payment import Attempt, Method, Payment
from payments.phone import Network, parse_phone
from payments.report import Outcome, Reason, Report
from providers.port import Addresses, Credential, Listing, Notice, Offer, Opening
from providers.wire import (
    Answer,
    post_json,
    read_object,
    stated_money,
    text_of,
    web_address,
)

if TYPE_CHECKING:
    import httpx

# [assume] "Customer number at the payment processor level" is required and explained nowhere; the
# seed's sample sends a made-up one.
CUSTOMER_NUMBER = "123456789"

# Our method -> K-Pay's (seed 003, parameters; 001, available methods).
# SmartCash has a method of its own in 003; 001 sends it as a card.
PMETHODS = {
    Method.MOBILE_MONEY: "momo",
    Method.CARD: "cc",
    Method.SMARTCASH: "smartcash",
    Method.SPENN: "spenn",
    Method.BANK: "bank",
}

# Seed 003, bank and institution codes.
WALLET_BANK_IDS = {Network.MTN: "63510", Network.AIRTEL: "63514"}
CARD_BANK_ID = "000"
SPENN_BANK_ID = "63502"
# [assume] SmartCash has no code of its own in the table; it is a card.
SMARTCASH_BANK_ID = CARD_BANK_ID
BANKS = frozenset({"040", "130"})

# Transaction limits (seed 001). In dollars none is stated.
MOST_BY_WALLET = {"RWF": 2_000_000}
MOST_BY_CARD = {"RWF": 10_000_000}
FRANCS = frozenset({"RWF"})

OFFERS = {
    Method.MOBILE_MONEY: Offer(currencies=FRANCS, most=MOST_BY_WALLET),
    # Seed 003 takes 'RWF' or 'USD'; [assume] dollars by card alone, since wallets hold francs.
    Method.CARD: Offer(currencies=frozenset({"RWF", "USD"}), most=MOST_BY_CARD),
    Method.SMARTCASH: Offer(currencies=FRANCS, most=MOST_BY_CARD),
    Method.SPENN: Offer(currencies=FRANCS, most=MOST_BY_WALLET),
    Method.BANK: Offer(currencies=FRANCS, banks=BANKS),
}

# Return code of `pay`, and status id, as numbers: they arrive padded or not, as text or number.
# Any other number means PENDING: only a plain yes or a plain no is final.
CODES: Mapping[int, tuple[Outcome, Reason | None]] = {
    1: (Outcome.PAID, None),
    2: (Outcome.DECLINED, Reason.DECLINED),
    3: (Outcome.PENDING, None),
    401: (Outcome.REFUSED, Reason.NOT_ENABLED),
    500: (Outcome.REFUSED, Reason.NOT_ENABLED),
    600: (Outcome.REFUSED, Reason.NOT_ENABLED),
    601: (Outcome.REFUSED, Reason.NOT_ENABLED),
    602: (Outcome.REFUSED, Reason.NOT_ENABLED),
    603: (Outcome.REFUSED, Reason.NOT_ENABLED),
    604: (Outcome.REFUSED, Reason.NOT_ENABLED),
    605: (Outcome.REFUSED, Reason.NOT_ENABLED),
    # Said after the prompt, so about the customer's side (PROVIDERS.md, contradictions).
    606: (Outcome.DECLINED, Reason.DECLINED),
    607: (Outcome.DECLINED, Reason.DECLINED),
    # 608 is missing on purpose: a duplicate refid in one numbering and a time-out in the other,
    # so it is unknown, and asked about.
    609: (Outcome.REFUSED, Reason.NOT_ENABLED),
    610: (Outcome.REFUSED, Reason.NOT_ENABLED),
}
NOT_FOUND = 611

# Where `reply` has words, they are trusted over the number: the newer developer site counts
# otherwise (PROVIDERS.md, K-Pay return codes).
WORDS: Mapping[str, tuple[Outcome, Reason | None]] = {
    "PENDING": (Outcome.PENDING, None),
    "INVALID_REQUEST": (Outcome.REFUSED, Reason.NOT_ENABLED),
    "INVALID_API_KEY": (Outcome.REFUSED, Reason.NOT_ENABLED),
    "INVALID_AUTH": (Outcome.REFUSED, Reason.NOT_ENABLED),
    "IP_NOT_WHITELISTED": (Outcome.REFUSED, Reason.NOT_ENABLED),
    "AMOUNT_OUT_OF_RANGE": (Outcome.REFUSED, Reason.NOT_ENABLED),
    "TARGET_AUTHORIZATION_ERROR": (Outcome.DECLINED, Reason.DECLINED),
    "INSUFFICIENT_FUNDS": (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
    "CANCELLED": (Outcome.DECLINED, Reason.CANCELLED),
    "DUPLICATE_REFID": (Outcome.PENDING, None),
    "TIMEOUT": (Outcome.PENDING, None),
}

CODE = re.compile(r"[0-9]{1,4}", re.ASCII)

# Only ever to tell the customer why; never to decide whether (seed 001's failed example).
NO_FUNDS = re.compile(r"not enough|insufficient|balance", re.IGNORECASE)
CANCELLED = re.compile(r"cancel", re.IGNORECASE)
TIMED_OUT = re.compile(r"time.?out|timed out|expired", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpayCredentials:
    """What esicia gave the merchant."""

    username: str
    password: str
    api_key: str
    retailer_id: str


class Kpay:
    """K-Pay for one merchant."""

    def __init__(self, http: "httpx.Client", base_url: str, credentials: KpayCredentials) -> None:
        self._http = http
        self._base_url = base_url
        self._credentials = credentials

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Send `pay`. Raises ProviderSilent when nobody can say whether it arrived."""
        order = {
            "action": "pay",
            "msisdn": msisdn(attempt.phone or payment.customer.phone),
            "email": attempt.payer_email,
            "details": payment.description or payment.tx_ref,
            "refid": attempt.ref,
            # An integer for francs (seed 001).
            "amount": payment.money.json_number,
            "currency": payment.money.currency,
            "cname": attempt.payer_name,
            "cnumber": CUSTOMER_NUMBER,
            "pmethod": PMETHODS[attempt.method],
            "retailerid": self._credentials.retailer_id,
            "returl": addresses.callback_url,
            "redirecturl": addresses.return_url,
            "bankid": bank_id(attempt),
        }
        try:
            return read_reply(self._post(order), payment, attempt)
        except ProviderRefused as refused:
            return Report(
                attempt_ref=attempt.ref, outcome=Outcome.REFUSED, reason=Reason(refused.reason)
            )

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Send `checkstatus` by our refid, and by K-Pay's tid when it is known."""
        question = {"action": "checkstatus", "refid": attempt.ref}
        if attempt.provider_ref:
            question["tid"] = attempt.provider_ref
        try:
            return read_status(self._post(question).spoken, payment, attempt)
        except ProviderRefused as unanswered:
            # A question turned away says nothing about the money.
            raise ProviderSilent(unanswered.reason) from unanswered

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> None:
        """Believe nothing: K-Pay's postbacks bear no signature, so it has to be asked."""
        del payment, attempt, notice

    def _post(self, body: Mapping[str, Any]) -> Answer:
        own = self._credentials
        auth = (own.username, own.password)
        return post_json(self._http, self._base_url, body, {"Kpay-Key": own.api_key}, auth)


def bank_id(attempt: Attempt) -> str:
    """The institution that pays (seed 003, bank codes)."""
    match attempt.method:
        case Method.MOBILE_MONEY:
            return WALLET_BANK_IDS[attempt.network or Network.MTN]
        case Method.SPENN:
            return SPENN_BANK_ID
        case Method.SMARTCASH:
            return SMARTCASH_BANK_ID
        case Method.BANK:
            return attempt.bank or CARD_BANK_ID
        case Method.CARD:
            return CARD_BANK_ID


def read_reply(answer: Answer, payment: Payment, attempt: Attempt) -> Report:
    """Read the reply to `pay` (seed 003). Raises ProviderSilent when it is about something else."""
    spoken = answer.spoken
    if text_of(spoken, "refid") not in (None, attempt.ref):
        raise ProviderSilent("a reply about another transaction")
    outcome, reason = verdict(spoken) or (
        (Outcome.REFUSED, Reason.NOT_ENABLED) if answer.turned_away else (Outcome.PENDING, None)
    )
    return Report(
        attempt_ref=attempt.ref,
        outcome=outcome,
        reason=reason,
        provider_ref=text_of(spoken, "tid"),
        # On failure `url` is a blank; with mobile money it leads to a page that nobody needs.
        next_url=(
            None if attempt.method is Method.MOBILE_MONEY else web_address(text_of(spoken, "url"))
        ),
        stated=stated_money(spoken, payment.money),
    )


def verdict(spoken: Mapping[str, Any]) -> tuple[Outcome, Reason | None] | None:
    """What a reply to `pay` says: by its words where it has known ones, else by its number.

    None when it has neither.
    """
    words = (text_of(spoken, "reply") or "").upper()
    number = code(spoken.get("retcode"))
    if words in WORDS:
        return WORDS[words]
    return None if number is None else CODES.get(number, (Outcome.PENDING, None))


def read_status(spoken: Mapping[str, Any], payment: Payment, attempt: Attempt) -> Report:
    """Read the answer to `checkstatus`. Raises ProviderSilent when it is about something else."""
    number = code(spoken.get("statusid"))
    if number is None:
        # A refusal of the question (600, 602 …) has a `retcode` and no `statusid`.
        raise ProviderSilent("no status in the answer")
    if number == NOT_FOUND:
        return Report(attempt_ref=attempt.ref, outcome=Outcome.NOT_FOUND)
    named = text_of(spoken, "refid")
    tid = text_of(spoken, "tid")
    if (named and named != attempt.ref) or (
        tid and attempt.provider_ref and tid != attempt.provider_ref
    ):
        raise ProviderSilent("an answer about another transaction")
    outcome, reason = CODES.get(number, (Outcome.PENDING, None))
    if outcome is Outcome.REFUSED:
        # As a status, these numbers speak of the question and not of the payment.
        raise ProviderSilent(f"status {number}")
    if outcome is Outcome.DECLINED:
        reason = told_reason(spoken) or reason
    return Report(
        attempt_ref=attempt.ref,
        outcome=outcome,
        reason=reason,
        provider_ref=tid,
        network_ref=text_of(spoken, "momtransactionid"),
        stated=stated_money(spoken, payment.money),
    )


def told_reason(spoken: Mapping[str, Any]) -> Reason | None:
    """Why, as far as the description tells; a failed status may say `statusmsg` (seed 001)."""
    told = f"{text_of(spoken, 'statusdesc')} {text_of(spoken, 'statusmsg')}"
    if NO_FUNDS.search(told):
        return Reason.INSUFFICIENT_FUNDS
    if TIMED_OUT.search(told):
        return Reason.TIMED_OUT
    return Reason.CANCELLED if CANCELLED.search(told) else None


def code(value: object) -> int | None:
    """A code as a number, however it is padded; None when it is none.

    0 (accepted) and 01 (paid) differ as numbers too.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip()
    return int(digits) if CODE.fullmatch(digits) else None


def msisdn(phone: str) -> str:
    """The documented form, country code and no plus; the sample's 07… is not in the table."""
    return parse_phone(phone).msisdn


def acknowledgement(body: bytes) -> dict[str, str]:
    """What K-Pay wants to hear of a postback: its own two references and OK (seed 003).

    Read from the raw bytes: production postbacks came with a content type that is not JSON.
    """
    told = read_object(body) or form_fields(body)
    return {
        "tid": (text_of(told, "tid") or "")[:64],
        "refid": (text_of(told, "refid") or "")[:64],
        "reply": "OK",
    }


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a posted form; none of one with more than any honest postback has."""
    try:
        return dict(parse_qsl(body.decode(errors="replace"), max_num_fields=50))
    except ValueError:
        return {}


def open_kpay(opening: Opening) -> Kpay:
    """K-Pay with one merchant's credentials."""
    given = opening.credentials
    credentials = KpayCredentials(
        username=given["username"],
        password=given["password"],
        api_key=given["api_key"],
        retailer_id=given["retailer_id"],
    )
    return Kpay(opening.http, opening.base_url, credentials)


LISTING = Listing(
    offers=OFFERS,
    open=open_kpay,
    credentials=(
        Credential("username", "K-Pay username", is_secret=False),
        Credential("password", "K-Pay password"),
        Credential("api_key", "K-Pay API key (Kpay-Key)"),
        Credential("retailer_id", "K-Pay retailer id", is_secret=False),
    ),
    signs=False,
    acknowledge=acknowledgement,
)
