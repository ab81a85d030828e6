"""Which web addresses of a merchant we accept: where customers return, where webhooks go.

Only the form is judged here. Where a webhook's host leads is judged when it is sent
(announcements/public_network.py), since names move.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from payments.errors import UnusableAddress
from payments.mode import Mode

LONGEST = 2000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Where webhooks go (RELIABILITY.md, security bar).
WEBHOOK_PORTS: Mapping[Mode, frozenset[int]] = {
    Mode.LIVE: frozenset({443}),
    Mode.TEST: frozenset({80, 443, 8443}),
}
USUAL_PORTS = {"http": 80, "https": 443}
# What has a meaning in a path or a query, and what was encoded already.
SAFE = "/%:@!$&'()*+,;=?~-._"
# Browsers read a backslash as a slash, and drop control characters: neither is in an honest URL.
UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")


def check_address(text: str, mode: Mode, *, loopback_allowed: bool) -> str:
    """The address, as it was, when we accept it: https, or http too in test mode.

    `loopback_allowed` is the local stack's: http on this machine, in live mode as well.
    Raises UnusableAddress.
    """
    if len(text) > LONGEST or UNSAFE.search(text):
        raise UnusableAddress("This is not a web address")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as unreadable:
        raise UnusableAddress("This is not a web address") from unreadable
    if parts.scheme not in {"http", "https"} or not host:
        raise UnusableAddress("Use a full address that begins with https://")
    if "@" in parts.netloc:
        raise UnusableAddress("The address must not hold a user name or password")
    is_ours = loopback_allowed and host in LOOPBACK
    if parts.scheme == "http" and mode is Mode.LIVE and not is_ours:
        raise UnusableAddress("In live mode the address must begin with https://")
    return text


def check_webhook_address(text: str, mode: Mode, *, loopback_allowed: bool) -> str:
    """The address of a webhook endpoint, as it was: a good address, on a port that is called.

    Raises UnusableAddress.
    """
    check_address(text, mode, loopback_allowed=loopback_allowed)
    parts = urlsplit(text)
    if loopback_allowed and parts.hostname in LOOPBACK:
        return text
    port = USUAL_PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in WEBHOOK_PORTS[mode]:
        raise UnusableAddress("Webhooks go to port 443; in test mode to 80 and 8443 as well")
    try:
        on_the_wire(text)
    except ValueError as unknown:
        raise UnusableAddress("No name server could know this host") from unknown
    return text


def on_the_wire(address: str) -> str:
    """The address in ASCII, as HTTP carries it; one that is ASCII already stays as it is.

    Raises ValueError for a host that no name server could know.
    """
    if address.isascii():
        return address
    parts = urlsplit(address)
    host = (parts.hostname or "").encode("idna").decode()
    netloc = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit(
        parts._replace(
            netloc=netloc,
            path=quote(parts.path, safe=SAFE),
            query=quote(parts.query, safe=SAFE),
            fragment="",
        )
    )


def with_query(address: str, facts: Iterable[tuple[str, str]]) -> str:
    """The address with these facts merged into whatever query it has; ours win over its own."""
    ours = dict(facts)
    parts = urlsplit(address)
    theirs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in ours]
    return urlunsplit(parts._replace(query=urlencode([*theirs, *ours.items()])))
