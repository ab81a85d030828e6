"""What a forger has at hand: payments nobody paid, genuine letters about others, and the judge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.integration.gateway import Gateway, Shop
from tests.integration.internet import BASE_URL
from tests.integration.webhooks.letters import SIGNING, Letter, letter_from

if TYPE_CHECKING:
    from payments.payment import Attempt, Payment

SANDBOX = "sandbox"
PAID_AT_ONCE = "0780000000"
"""Test mode's number that is paid (providers/sandbox.py)."""
UNSIGNED: Mapping[str, str] = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Told:
    """A payment, its attempt, and the letter that says it was paid, which was not sent yet."""

    session: str
    reference: str
    letter: Letter

    def saying(self, **facts: object) -> "Told":
        """With a letter that says something else."""
        return replace(self, letter=saying(self.letter, **facts))


class Scene:
    """Payments of one provider: what a forger wants paid, and what others have paid."""

    def __init__(self, gateway: Gateway, provider: str) -> None:
        self.gateway = gateway
        self.provider = provider
        self.shop = self._enrol()
        self._orders = 0

    def _enrol(self) -> Shop:
        routes = {"mobile_money": (self.provider,), "card": (self.provider,)}
        return self.gateway.enrol(f"Shop of {self.provider}", routes=routes)

    def another_shop(self) -> "Scene":
        """The same of another merchant of the same provider."""
        return Scene(self.gateway, self.provider)

    def paid(self) -> Told:
        """A payment that the provider's ledger has as paid."""
        session = self._opened()
        if self.provider == SANDBOX:
            self.gateway.internet.is_webhook_lost = True
            self.gateway.process(session, phone=PAID_AT_ONCE)
            return self._told_by_sandbox(session, self.gateway.internet.told[-1])
        self.gateway.process(session)
        reference = self.gateway.attempt(session).ref
        self.gateway.approve(reference)
        return Told(session, reference, self._letter(reference))

    def unpaid(self, *, claimed_by: Told) -> Told:
        """A payment that nobody paid, and a letter like this one that claims it was."""
        session = self._opened()
        if self.provider == SANDBOX:
            # No card is ever chosen.
            self.gateway.pay(session, attempt="1", method="card")
            address = str(self.gateway.attempt(session).next_url)
            return self._told_by_sandbox(session, address.rsplit("/", 1)[1])
        self.gateway.process(session)
        mine = self.gateway.attempt(session)
        theirs = self.gateway.attempt(claimed_by.session)
        text = claimed_by.letter.body.decode().replace(theirs.ref, mine.ref)
        text = text.replace(claimed_by.session, session)
        named = self._charge(mine.ref)
        if theirs.provider_ref and mine.provider_ref:
            text = text.replace(theirs.provider_ref, mine.provider_ref)
        letter = replace(claimed_by.letter, url=address_in(named), body=text.encode())
        return Told(session, mine.ref, self.signed(letter))

    def signed(self, letter: Letter) -> Letter:
        """Under the provider's own signature, where it signs."""
        return letter.resigned() if self.provider in SIGNING else letter

    def _opened(self) -> str:
        self._orders += 1
        pair = self.shop.test if self.provider == SANDBOX else self.shop.live
        return self.gateway.opened(pair, tx_ref=f"ORDER-{self._orders}")

    def _charge(self, reference: str) -> dict[str, Any]:
        (charge,) = [
            charge
            for charge in self.gateway.internet.charges(self.provider)
            if charge["refid"] == reference
        ]
        return charge

    def _letter(self, reference: str) -> Letter:
        if self.provider in SIGNING:
            return letter_from(self.gateway, self.provider)
        last = self.gateway.till.postbacks[-1]
        assert last.body["refid"] == reference
        body = json.dumps(last.body).encode()
        return Letter(provider=self.provider, url=last.url, body=body, headers=UNSIGNED)

    def _told_by_sandbox(self, session: str, token: str) -> Told:
        reference = self.gateway.attempt(session).ref
        url = f"{BASE_URL}/webhooks/{SANDBOX}/{reference}/{token}"
        body = b'{"news": "ask me"}'
        return Told(
            session, reference, Letter(provider=SANDBOX, url=url, body=body, headers=UNSIGNED)
        )


def address_in(charge: Mapping[str, Any]) -> str:
    """Where a provider was asked to tell us of a charge."""
    (url,) = [charge[name] for name in ("returl", "callback_url", "webhook_url") if name in charge]
    return str(url)


def saying(letter: Letter, **facts: object) -> Letter:
    """A letter that says something else, under its old signature."""
    told: dict[str, Any] = json.loads(letter.body)
    inner = told.get("data", told)
    for name, value in facts.items():
        (inner if name in inner else told)[name] = value
    return replace(letter, body=json.dumps(told).encode())


def false_payments(gateway: Gateway) -> list[str]:
    """Every attempt that we call paid and its provider's own ledger does not, sum and all."""
    payments = [gateway.payment(item["pk"]) for item in gateway.payments()]
    called_paid = [
        (payment, attempt)
        for payment in payments
        for attempt in payment.attempts
        if attempt.status == "paid"
    ]
    of_no_attempt = [
        payment.session_id
        for payment in payments
        if payment.status == "successful" and payment.paid_attempt is None
    ]
    return of_no_attempt + [
        attempt.ref for payment, attempt in called_paid if not is_paid(gateway, payment, attempt)
    ]


def is_paid(gateway: Gateway, payment: "Payment", attempt: "Attempt") -> bool:
    """The provider's ledger, or for test mode what the number stands for."""
    if attempt.provider == SANDBOX:
        return attempt.phone == PAID_AT_ONCE
    due = {
        "refid": attempt.ref,
        "outcome": "paid",
        "amount": payment.money.json_number,
        "currency": payment.money.currency,
    }
    charges = gateway.internet.charges(attempt.provider)
    return any(due.items() <= charge.items() for charge in charges)
