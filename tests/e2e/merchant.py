"""The demo merchant from outside: what its server asks of the API, and what everybody knows then.

Three ledgers are compared: ours (DynamoDB), the provider's (the K-Pay simulator), the shop's.
"""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from infra.local.stack_file import StackFile
from ledger.events import Events
from ledger.payments import Payments
from payments.payment import Payment
from payments.references import attempt_ref
from tests.e2e.aws_clients import AwsClients
from tests.e2e.patience import eventually

# A run's first calls start Lambda workers, on a machine that may have two cores.
PATIENCE = 60.0
numbers = itertools.count(1)


def new_tx_ref() -> str:
    """A reference that no run used before."""
    return f"E2E-{time.time_ns()}-{next(numbers)}"


@dataclass(frozen=True)
class Merchant:
    """The demo merchant of a running stack."""

    stack: StackFile
    http: httpx.Client
    administrator: AwsClients

    def headers(self, mode: str) -> dict[str, str]:
        """The keys of a mode."""
        keys = self.stack["keys"][mode]
        return {"X-Public-Key": keys["public"], "X-Secret-Key": keys["secret"]}

    def initialize(
        self,
        mode: str,
        *,
        headers: Mapping[str, str] | None = None,
        **changes: object,
    ) -> httpx.Response:
        """Ask for a payment: an ordinary order, but for the changes."""
        order = {
            "amount": 5000,
            "tx_ref": new_tx_ref(),
            "customer": {
                "name": "Aline Uwase",
                "email": "aline@example.rw",
                "phone": "0788123456",
            },
        }
        return self.http.post(
            f"{self.stack['api']}/checkout/initialize",
            headers=self.headers(mode) | dict(headers or {}),
            json=order | changes,
        )

    def open(self, mode: str, **changes: object) -> dict[str, Any]:
        """Open a payment: the answer's data."""
        answer = self.initialize(mode, headers=None, **changes)
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()["data"]
        return opened

    def process(self, session_id: str, phone: str) -> httpx.Response:
        """Charge a wallet from the merchant's own page; a decline is final there."""
        return self.http.post(
            f"{self.stack['checkout']}/checkout/{session_id}/process", json={"phone": phone}
        )

    def verify(self, reference: str) -> dict[str, Any]:
        """Ask without keys, as the seed's sample does."""
        answer = self.http.get(f"{self.stack['api']}/checkout/{reference}/verify")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def ending(self, session_id: str) -> dict[str, Any]:
        """What verify says once the payment is over."""

        def over() -> dict[str, Any] | None:
            told = self.verify(session_id)
            return told if told["completed"] else None

        return eventually(over, within=PATIENCE, what=f"the end of {session_id}")

    def payment(self, session_id: str) -> Payment:
        """The payment as our own ledger has it."""
        payment = Payments(self.administrator("dynamodb"), self.stack["tables"]["payments"]).get(
            session_id
        )
        assert payment is not None
        return payment

    def events(self) -> Events:
        """Our ledger of what merchants hear."""
        return Events(self.administrator("dynamodb"), self.stack["tables"]["payments"])

    def charges(self, session_id: str) -> list[dict[str, Any]]:
        """Every charge of a payment in the provider's own ledger, whatever the attempt."""
        mark = attempt_ref(session_id, 1)[:-2]
        return [charge for charge in self._till()["charges"] if charge["refid"].startswith(mark)]

    def times_asked(self, session_id: str) -> int:
        """How many pay requests the provider had for a payment."""
        mark = attempt_ref(session_id, 1)[:-2]
        asked: dict[str, int] = self._till()["asked"]
        return sum(times for refid, times in asked.items() if refid.startswith(mark))

    def heard_by_shop(self, tx_ref: str) -> list[dict[str, Any]]:
        """The webhooks about an order that came to the shop; waits for the first."""

        def heard() -> list[dict[str, Any]]:
            told = self.http.get(f"{self.stack['shop']}orders.json").json()
            return [message for message in told["webhooks"] if message["reference"] == tx_ref]

        return eventually(heard, within=PATIENCE, what=f"a webhook about {tx_ref}")

    def _till(self) -> dict[str, Any]:
        told: dict[str, Any] = self.http.get(
            f"{self.stack['providers']['kpay']}_simulator/charges"
        ).json()
        return told
