"""Who is calling: keys are checked in the handler, against what the ledger holds this moment."""

from typing import TYPE_CHECKING

from payments.errors import NotAuthenticated
from payments.keys import is_public_key, is_secret_key, is_secret_of
from plumbing import wiring
from plumbing.requests import Event, header

if TYPE_CHECKING:
    from payments.merchant import ApiKey


def authenticate(event: Event) -> "ApiKey":
    """The active key pair of a request. Raises NotAuthenticated, never saying what was wrong."""
    key = known_key(event)
    secret = only(header(event, "X-Secret-Key"))
    if not is_secret_key(secret) or not is_secret_of(secret, key.secret_hash):
        raise NotAuthenticated
    return key


def identify(event: Event) -> "ApiKey | None":
    """The key pair of a request that may do without: the public key alone tells whose it is.

    Raises NotAuthenticated when keys were sent that do not fit.
    """
    if header(event, "X-Secret-Key"):
        return authenticate(event)
    return known_key(event) if header(event, "X-Public-Key") else None


def known_key(event: Event) -> "ApiKey":
    """The active pair that the public key names. A typo is refused without asking the ledger."""
    public_key = only(header(event, "X-Public-Key"))
    key = wiring.merchants().key(public_key) if is_public_key(public_key) else None
    if key is None or not key.is_active(wiring.outside.clock()):
        raise NotAuthenticated
    return key


def only(values: list[str]) -> str:
    """The one value of a header. Raises NotAuthenticated for none, or two that differ."""
    if len(set(values)) != 1:
        raise NotAuthenticated
    return values[0]
