"""Who is calling: keys are checked in the handler, against what the ledger holds this moment.

A request with both keys counts against the pair's plan, in the one call that reads the pair
fresh. The secret is compared first, with a hash that is kept: a stranger who knows a public key
cannot use up its merchant's requests. What is kept is never believed but for that: whether the
pair works, and under which plan, is the fresh reading's to say.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from payments.errors import NotAuthenticated, RateLimited
from payments.keys import is_public_key, is_secret_key, is_secret_of
from plumbing import wiring
from plumbing.quota import quota_of, spent
from plumbing.requests import Request, arrival, header

if TYPE_CHECKING:
    from ledger.counted_keys import CountedKey
    from payments.merchant import ApiKey

MOST_KEYS_KEPT = 1000


class Seen:
    """A pair as this function saw it last."""

    def __init__(self, counted: "CountedKey") -> None:
        self.counted = counted


def authenticate(event: Request) -> "ApiKey":
    """The active key pair of a request, which counts it.

    Raises NotAuthenticated, never saying what was wrong, and RateLimited.
    """
    public_key = only(header(event, "X-Public-Key"))
    secret = only(header(event, "X-Secret-Key"))
    if not is_public_key(public_key) or not is_secret_key(secret):
        raise NotAuthenticated
    seen = first_seen(public_key)
    if not is_secret_of(secret, seen.counted.key.secret_hash):
        raise NotAuthenticated
    return counted(seen, event)


def counted(seen: Seen, event: Request) -> "ApiKey":
    """Count a request. Raises NotAuthenticated for a pair that works no more, and RateLimited."""
    now = arrival(event, wiring.outside.clock())
    fresh, is_good = wiring.counted_keys().count(seen.counted, now)
    if fresh is None or not fresh.key.is_active(wiring.outside.clock()):
        raise NotAuthenticated
    seen.counted = fresh
    quota = quota_of(fresh, now)
    spent.set(quota)
    if not is_good:
        raise RateLimited(quota.seconds_to_wait(now))
    return fresh.key


def identify(event: Request) -> "ApiKey | None":
    """The key pair of a request that may do without: the public key alone tells whose it is.

    Without the secret nothing is counted, or anybody could use up a merchant's requests.
    Raises NotAuthenticated when keys were sent that do not fit, and RateLimited.
    """
    if header(event, "X-Secret-Key"):
        return authenticate(event)
    return known_key(event) if header(event, "X-Public-Key") else None


def known_key(event: Request) -> "ApiKey":
    """The active pair that the public key names. A typo is refused without asking the ledger."""
    public_key = only(header(event, "X-Public-Key"))
    found = wiring.counted_keys().look(public_key) if is_public_key(public_key) else None
    if found is None or not found.key.is_active(wiring.outside.clock()):
        raise NotAuthenticated
    return found.key


@lru_cache(MOST_KEYS_KEPT)
def first_seen(public_key: str) -> Seen:
    """The pair, read when it is first seen. Raises NotAuthenticated, which is not kept."""
    found = wiring.counted_keys().look(public_key)
    if found is None:
        raise NotAuthenticated
    return Seen(found)


def only(values: list[str]) -> str:
    """The one value of a header. Raises NotAuthenticated for none, or two that differ."""
    if len(set(values)) != 1:
        raise NotAuthenticated
    return values[0]
