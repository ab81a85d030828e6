"""The way out to merchants' addresses: only to what is plainly public, and to what was checked.

The name is resolved once; if any of its addresses is not plainly public nothing is sent; and the
connection goes to the very address that was checked, while TLS and Host keep the name. So neither
a name that moves between check and use nor one with two faces leads inside (RELIABILITY.md,
security bar).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

# For a whole delivery, from the connection on (RELIABILITY.md, security bar).
MOST_SECONDS = 10.0

# All that IANA gives out for the public internet. `is_global` is true of much beyond it: v4 behind
# v6 (::127.0.0.1, ::ffff:0:127.0.0.1, NAT64), site-local, segment routing, what nobody was given.
V6_UNICAST = ipaddress.IPv6Network("2000::/3")

# `is_global` is true for these, in one Python or another, and each leads, or can lead, somewhere
# that is not public.
DISGUISES = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.0.0.0/24",  # protocol assignments
    )
)


class AddressNotPublic(Exception):  # what happened, as every error here is named
    """The merchant's address leads to somewhere that we do not go."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_plainly_public(address: Address) -> bool:
    """Tell whether an address is out on the internet and nothing else."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.scope_id or address not in V6_UNICAST
    ):
        return False
    disguised = any(
        address in network for network in DISGUISES if network.version == address.version
    )
    return address.is_global and not address.is_multicast and not disguised


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where a delivery may go."""

    ports: frozenset[int]
    loopback_allowed: bool = False
    """The local stack alone: this machine, any port."""

    def admit(self, addresses: Iterable[str], port: int) -> str:
        """The address to connect to. Raises AddressNotPublic when any of them is out of bounds."""
        parsed = [ipaddress.ip_address(address) for address in addresses]
        if not parsed:
            raise AddressNotPublic("no address")
        if self.loopback_allowed and all(address.is_loopback for address in parsed):
            return str(parsed[0])
        if port not in self.ports:
            raise AddressNotPublic("port")
        if not all(is_plainly_public(address) for address in parsed):
            raise AddressNotPublic("not public")
        return str(parsed[0])


class PunctualStream(httpcore.NetworkStream):
    """A connection that ends on time: a time-out per read alone lets a slow dripper hold us."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes in time. Raises httpcore.ReadTimeout."""
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write in time. Raises httpcore.WriteTimeout."""
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        """Close."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands in time; the name is the one that the merchant gave."""
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return PunctualStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # httpcore's own signature
        """Tell about the connection."""
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("took too long in all")
        return left if timeout is None else min(timeout, left)


class GuardedNetwork(httpcore.NetworkBackend):
    """httpcore's network, which connects only where the rules admit."""

    def __init__(
        self,
        rules: Rules,
        resolver: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._rules = rules
        self._resolve = resolver
        self._network = network or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the address that was checked. Raises AddressNotPublic, ConnectError."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as unknown:
            raise httpcore.ConnectError(str(unknown)) from unknown
        stream = self._network.connect_tcp(
            self._rules.admit(addresses, port), port, timeout, local_address, socket_options
        )
        return PunctualStream(stream, time.monotonic() + MOST_SECONDS)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002  # httpcore's own signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.NetworkStream:
        """Refuse: a merchant's address is never a file here."""
        raise AddressNotPublic(path)
