"""Enrol a merchant: profile, webhook endpoints, webhook secret and test keys."""

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from infra.operator import parameters
from infra.operator.deployment import Deployment
from infra.operator.refused import Refused, UnusableInput
from payments import keys
from payments.addresses import check_webhook_address
from payments.keys import KeyPair
from payments.merchant import Merchant
from payments.mode import Mode
from payments.webhook_secrets import new_secret

DEFAULT_ROUTES = {"mobile_money": ("kpay",), "card": ("kpay",)}
LONGEST_NAME = 100
ID_ALPHABET = string.ascii_lowercase + string.digits
ID_LENGTH = 12
SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What a new merchant is given. The secret key exists here alone."""

    merchant: Merchant
    test_keys: KeyPair
    webhook_url: str | None
    """Of both modes."""
    webhook_secret: str = field(repr=False)


def enrol(deployment: Deployment, name: str, url: str | None, now: datetime) -> Enrolled:
    """Enrol a merchant under a fresh id, with the default routes and a pair of test keys.

    The profile comes after the secret: whoever stops half way leaves a secret that nobody uses,
    never a merchant whose webhooks cannot be signed.
    Raises UnusableInput, UnusableAddress.
    """
    if url is not None:
        checked(deployment, url, Mode)
    merchant = Merchant(
        merchant_id="mer_" + "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH)),
        name=_checked_name(name),
        salt=secrets.token_bytes(SALT_BYTES),
        created_at=now,
        routes=DEFAULT_ROUTES,
    )
    secret = new_secret()
    parameters.keep_webhook_secret(deployment, merchant.merchant_id, secret)
    if not deployment.merchants.enrol(merchant):
        raise Refused(f"{merchant.merchant_id} is taken: try again")
    if url is not None:
        for mode in Mode:
            deployment.endpoints.set_url(merchant.merchant_id, mode, url)
    pair = keys.mint(Mode.TEST)
    deployment.merchants.issue(merchant.merchant_id, pair, now)
    return Enrolled(merchant=merchant, test_keys=pair, webhook_url=url, webhook_secret=secret)


def checked(deployment: Deployment, url: str, modes: Iterable[Mode]) -> str:
    """Give back an address that deliveries can call in all of these modes.

    Raises UnusableAddress.
    """
    for mode in modes:
        check_webhook_address(url, mode, loopback_allowed=deployment.loopback_allowed)
    return url


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UnusableInput(f"A merchant's name has 1 to {LONGEST_NAME} printable characters")
    return name
