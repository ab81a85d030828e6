"""Open a payment, and ask how it stands. Python's standard library is all it needs.

export ISHYURA_API=https://pay.yoursite.rw/api/v1
export ISHYURA_PUBLIC_KEY=pk_test_… ISHYURA_SECRET_KEY=sk_test_…
python checkout.py initialize ORDER-12345 5000
python checkout.py verify ORDER-12345
"""

import json
import os
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

API = os.environ["ISHYURA_API"]
KEYS = {
    "X-Public-Key": os.environ["ISHYURA_PUBLIC_KEY"],
    # On your server alone: never in a page.
    "X-Secret-Key": os.environ["ISHYURA_SECRET_KEY"],
}


def ask(method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
    """Send a request; an error's answer has the same shape as any other."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **KEYS, **headers}
    request = Request(API + path, data=data, headers=headers, method=method)  # noqa: S310  # our own
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310  # nosec B310  # our own
            told: dict[str, Any] = json.load(answer)
    except HTTPError as refused:
        told = json.load(refused)
    return told


def initialize(order: str, amount: int) -> str:
    """Open a payment for an order: the page to send the customer to."""
    asked = {
        "amount": amount,
        "tx_ref": order,
        "customer": {"name": "Aline Uwase", "email": "aline@example.rw", "phone": "0788123456"},
        "redirect_url": "https://yoursite.rw/thanks",
    }
    # The same key makes a repeat harmless: after a broken connection, just ask again.
    told = ask("POST", "/checkout/initialize", asked, **{"Idempotency-Key": order})
    if not told["success"]:
        raise SystemExit(f"{told['error']['code']}: {told['message']}")
    payment_url: str = told["data"]["payment_url"]
    return payment_url


def verify(order: str) -> str:
    """How the payment of an order stands: pending, successful, failed and so on."""
    told = ask("GET", f"/checkout/{quote(order, safe='')}/verify")
    if "error" in told:
        raise SystemExit(f"{told['error']['code']}: {told['message']}")
    status: str = told["status"]
    return status


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["initialize", order, amount]:
            print(initialize(order, int(amount)))  # noqa: T201  # a program's answer
        case ["verify", order]:
            print(verify(order))  # noqa: T201  # a program's answer
        case _:
            raise SystemExit(__doc__)
