"""Behind the scenes: the simulators' ledgers and steering, the shop's inbox and faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from infra.local.refusals import LocalStackRefused
from infra.local.stack_file import StackFile


class NoSimulator(LocalStackRefused):
    """Somebody else's server plays a provider, and the demo can steer only simulators."""


class Control:
    """Steering and reading of the stack's simulators and shop."""

    def __init__(self, stack: StackFile, http: httpx.Client) -> None:
        self._pages = {name: url.rstrip("/") for name, url in stack["providers"].items()}
        self._simulators = {name: f"{url}/_simulator" for name, url in self._pages.items()}
        self._shop = stack["shop"].rstrip("/")
        self._http = http

    def require_simulators(self) -> None:
        """Raise NoSimulator unless every provider is a simulator."""
        for name, url in self._simulators.items():
            try:
                self._get(f"{url}/prompts")
            except (httpx.HTTPError, ValueError):
                raise NoSimulator(
                    f"No simulator of {name} answers at {url}, and the demo needs it.\n"
                    f"Start the stack without PROVIDERS_{name.upper()}, or let the demo start "
                    "its own."
                ) from None

    @contextmanager
    def prompts_lapse_after(self, provider: str, seconds: float) -> Iterator[None]:
        """Have the charges made in this block wait for the handset no longer than this."""
        settings = f"{self._simulators[provider]}/settings"
        usual = self._post(settings, {})["prompt_seconds"]
        self._post(settings, {"prompt_seconds": seconds})
        try:
            yield
        finally:
            self._post(settings, {"prompt_seconds": usual})

    def order_fault(self, provider: str, fault: str) -> None:
        """Have the next charge at a provider go wrong in this way."""
        self._post(f"{self._simulators[provider]}/faults", {"fault": fault, "next": 1})

    def approve(self, attempt_ref: str) -> None:
        """Approve the prompt of an attempt, as on the handset."""
        for charge in charges_of(attempt_ref, self.ledger()):
            url = self._simulators[charge["provider"]]
            self._post(f"{url}/prompts/{charge['tid']}/approve", {})

    def page_of(self, attempt_ref: str) -> str:
        """Find the provider's page for an attempt whose reply never told us the address."""
        (charge,) = charges_of(attempt_ref, self.ledger())
        # V-Pay's page has a name of its own.
        page = charge.get("page") or charge["tid"]
        return f"{self._pages[charge['provider']]}/checkout/{page}"

    def ledger(self) -> list[dict[str, Any]]:
        """Every charge at every provider; "asked" counts how often its reference was sent."""
        return [
            charge | {"provider": name, "asked": told["asked"][charge["refid"]]}
            for name, url in self._simulators.items()
            for told in [self._get(f"{url}/charges")]
            for charge in told["charges"]
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


def charges_of(payment_or_attempt: str, ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The charges of a payment, or of one attempt."""
    mark = payment_or_attempt.removeprefix("CHK-")
    return [charge for charge in ledger if charge["refid"].startswith(mark)]
