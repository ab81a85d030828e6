"""Behind the scenes: the K-Pay simulator's ledger and steering, the shop's inbox and faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from infra.local.refusals import LocalStackRefused
from infra.local.stack_file import StackFile


class NoSimulator(LocalStackRefused):
    """Somebody else's server plays K-Pay, and the demo can steer only the simulator."""


class Control:
    """Steering and reading of the stack's simulator and shop."""

    def __init__(self, stack: StackFile, http: httpx.Client) -> None:
        self._kpay = f"{stack['providers']['kpay'].rstrip('/')}/_simulator"
        self._shop = stack["shop"].rstrip("/")
        self._http = http

    def require_simulator(self) -> None:
        """Raise NoSimulator unless K-Pay is the simulator."""
        try:
            self._get(f"{self._kpay}/prompts")
        except (httpx.HTTPError, ValueError):
            raise NoSimulator(
                f"No K-Pay simulator answers at {self._kpay}, and the demo needs it.\n"
                "Start the stack without PROVIDERS_KPAY, or let the demo start its own."
            ) from None

    @contextmanager
    def prompts_lapse_after(self, seconds: float) -> Iterator[None]:
        """Have the charges made in this block wait for the handset no longer than this."""
        usual = self._post(f"{self._kpay}/settings", {})["prompt_seconds"]
        self._post(f"{self._kpay}/settings", {"prompt_seconds": seconds})
        try:
            yield
        finally:
            self._post(f"{self._kpay}/settings", {"prompt_seconds": usual})

    def withhold_next_postback(self) -> None:
        """Have the next charge at K-Pay settle without a postback."""
        self._post(f"{self._kpay}/faults", {"fault": "no_postback", "next": 1})

    def approve(self, attempt_ref: str) -> None:
        """Approve the prompt of an attempt, as on the handset."""
        for charge in self.charges(attempt_ref):
            self._post(f"{self._kpay}/prompts/{charge['tid']}/approve", {})

    def charges(self, payment_or_attempt: str) -> list[dict[str, Any]]:
        """K-Pay's ledger for a payment or an attempt; "asked" counts a refid's pay requests."""
        ledger = self._get(f"{self._kpay}/charges")
        mark = payment_or_attempt.removeprefix("CHK-")
        return [
            charge | {"asked": ledger["asked"][charge["refid"]]}
            for charge in ledger["charges"]
            if charge["refid"].startswith(mark)
        ]

    def fail_next_webhook(self) -> None:
        """Have the shop's webhook endpoint answer the next good message with 500."""
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value
        self._post(f"{self._shop}/_shop/faults", {"fail_next": 1, "status": status})

    def messages(self) -> list[dict[str, Any]]:
        """Every webhook that the shop received."""
        received: list[dict[str, Any]] = self._get(f"{self._shop}/orders.json")["webhooks"]
        return received

    def _get(self, url: str) -> dict[str, Any]:
        told: dict[str, Any] = self._http.get(url).raise_for_status().json()
        return told

    def _post(self, url: str, order: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = self._http.post(url, json=order).raise_for_status().json()
        return told
