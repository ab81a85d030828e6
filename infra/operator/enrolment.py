"""Enrol a merchant: profile, webhook secret and test keys."""

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime

from infra.operator import parameters, webhook_url
from infra.operator.deployment import Deployment
from infra.operator.refused import Refused, UnusableInput
from payments import keys
from payments.keys import KeyPair
from payments.merchant import Merchant
from payments.mode import Mode

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
    webhook_secret: str = field(repr=False)


def enrol(deployment: Deployment, name: str, url: str | None, now: datetime) -> Enrolled:
    """Enrol a merchant under a fresh id, with the default routes and a pair of test keys.

    The profile comes after the secret: whoever stops half way leaves a secret that nobody uses,
    never a merchant whose webhooks cannot be signed.
    Raises UnusableInput, UnusableWebhookUrl.
    """
    merchant = Merchant(
        merchant_id="mer_" + "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH)),
        name=_checked_name(name),
        salt=secrets.token_bytes(SALT_BYTES),
        created_at=now,
        webhook_url=_checked_url(deployment, url),
        routes=DEFAULT_ROUTES,
    )
    secret = parameters.new_webhook_secret()
    parameters.keep_webhook_secret(deployment, merchant.merchant_id, secret)
    if not deployment.merchants.enrol(merchant):
        raise Refused(f"{merchant.merchant_id} is taken: try again")
    pair = keys.mint(Mode.TEST)
    deployment.merchants.issue(merchant.merchant_id, pair, now)
    return Enrolled(merchant=merchant, test_keys=pair, webhook_secret=secret)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UnusableInput(f"A merchant's name has 1 to {LONGEST_NAME} printable characters")
    return name


def _checked_url(deployment: Deployment, url: str | None) -> str | None:
    if url is None:
        return None
    return webhook_url.checked(url, loopback_allowed=deployment.loopback_allowed)
