"""Which addresses a merchant may be told of payments at. Deliveries check again when they call."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from infra.operator.refused import UnusableWebhookUrl

# 443 in live mode; test mode may also use 8443.
PORTS = frozenset({None, 443, 8443})


def checked(url: str, *, loopback_allowed: bool) -> str:
    """Give back an address that deliveries can call: https, no credentials in it, a usual port.

    On the local stack http and https on loopback are good too, on any port.
    Raises UnusableWebhookUrl.
    """
    if not url.isascii() or any(sign <= " " or sign in "\\\x7f" for sign in url):
        raise UnusableWebhookUrl("A webhook address is plain ASCII, without spaces or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableWebhookUrl("That is not an address that anybody could call") from None
    if "@" in parts.netloc:
        raise UnusableWebhookUrl("A webhook address must not carry a user name or password")
    if not parts.hostname:
        raise UnusableWebhookUrl("A webhook address names a host: https://shop.example/webhooks")
    if loopback_allowed and parts.scheme in {"http", "https"} and _is_loopback(parts):
        return url
    if parts.scheme != "https":
        raise UnusableWebhookUrl("A webhook address begins with https://")
    if port not in PORTS:
        raise UnusableWebhookUrl("A webhook is delivered on port 443, or 8443 in test mode")
    return url


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
