"""The shop's client of the checkout API: three calls, made by its server with its secret key.

Errors: `Refused` (the API said no, with its message and fields), `Unreachable` (no API there).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unreachable(Exception):
    """Nobody answered at the API's address, or not in its language."""


class Refused(Exception):
    """The API's own error. `status` is HTTP's, `fields` says what is wrong where."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        error = answer.get("error")
        told = error if isinstance(error, dict) else {}
        super().__init__(str(answer.get("message") or told.get("message") or "No reason given."))
        self.status = status
        self.code = str(told.get("code", ""))
        self.fields: object = told.get("fields")

    @property
    def field_lines(self) -> list[str]:
        """One line for each field at fault."""
        if isinstance(self.fields, dict):
            return [f"{name}: {_joined(text)}" for name, text in self.fields.items()]
        return [_joined(line) for line in self.fields] if isinstance(self.fields, list) else []


def _joined(text: object) -> str:
    if isinstance(text, list | tuple):
        return " ".join(str(part) for part in text)
    if isinstance(text, dict):
        return ": ".join(str(part) for part in text.values())
    return str(text)


class Gateway:
    """The API at `url` (…/api/v1), with the keys `{"test": {"public", "secret"}, "live": …}`."""

    def __init__(
        self, url: str, keys: Mapping[str, Mapping[str, str]], client: httpx.Client
    ) -> None:
        self.url = url.rstrip("/")
        self.keys = keys
        self._client = client

    def initialize(self, mode: str, order: Mapping[str, Any]) -> dict[str, Any]:
        """Open a payment and return the answer's `data`. Raises Refused, Unreachable."""
        address = f"{self.url}/checkout/initialize"
        return self._made(mode, address, order, str(order["tx_ref"]), "payment_url")

    def create_link(self, mode: str, link: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Make a payment link, once per Idempotency-Key, and return the answer's `data`.

        Raises Refused, Unreachable.
        """
        return self._made(mode, f"{self.url}/payment-links", link, key, "url")

    def verify(self, mode: str, tx_ref: str) -> dict[str, Any]:
        """Ask how a payment stands. Raises Refused, Unreachable."""
        address = f"{self.url}/checkout/{quote(tx_ref, safe='')}/verify"
        return self._call("GET", address, headers=self._headers(mode))

    def _made(
        self, mode: str, address: str, asked: Mapping[str, Any], key: str, needed: str
    ) -> dict[str, Any]:
        headers = self._headers(mode) | {"Idempotency-Key": key}
        made = self._call("POST", address, headers=headers, json=asked).get("data")
        if not isinstance(made, dict) or needed not in made:
            raise Unreachable(f"{address} answered without a {needed}.")
        return made

    def _headers(self, mode: str) -> dict[str, str]:
        keys = self.keys[mode]
        return {"X-Public-Key": keys["public"], "X-Secret-Key": keys["secret"]}

    def _call(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str],
        json: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            response = self._client.request(method, address, headers=headers, json=json)
            answer = response.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"No API answers at {address} ({error}).") from error
        except ValueError as error:
            raise Unreachable(f"What answers at {address} does not speak JSON.") from error
        if not isinstance(answer, dict):
            raise Unreachable(f"What answers at {address} is not the API.")
        if response.is_error:
            raise Refused(response.status_code, answer)
        return answer
