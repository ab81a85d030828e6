"""The merchants' endpoints: they are down, slow, or lose what they answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import httpcore

from tests.simulation.faults import Fate

if TYPE_CHECKING:
    import ssl

    from tests.simulation.sandboxes import Sandboxes
    from tests.simulation.scheduler import Scheduler

# A literal address, so that no name is looked up; whose it is does not matter, nothing goes there.
ENDPOINT = "https://1.1.1.1/hooks"
SAID = {200: b"OK", 410: b"Gone", 429: b"Too Many", 500: b"Oops"}


@dataclass(frozen=True)
class Heard:
    """One delivery as it came in, and how it was answered. Names of headers in lower case."""

    at: float
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass
class Endpoint:
    """How the merchants' server does."""

    down_until: float = 0.0
    fails: float = 0.0
    """How often it answers 500."""


class MerchantsSide(httpcore.NetworkBackend):
    """The network behind the guard, with one server at its end."""

    def begin(
        self, scheduler: "Scheduler", sandboxes: "Sandboxes", random: Random, endpoint: Endpoint
    ) -> None:
        """Begin a schedule."""
        self._scheduler, self.sandboxes, self._random = scheduler, sandboxes, random
        self._endpoint = endpoint
        self.is_calm = False
        self.heard: list[Heard] = []
        self.on_heard: Callable[[Heard], None] = lambda _: None

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # httpcore's own signature
        port: int,  # noqa: ARG002  # as above
        timeout: float | None = None,  # noqa: ARG002  # as above
        local_address: str | None = None,  # noqa: ARG002  # as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.NetworkStream:
        """Connect, unless the server is down."""
        if self._scheduler.seconds < self._endpoint.down_until:
            self._scheduler.sleep(0.01)
            raise httpcore.ConnectError("refused")
        return Conversation(self)

    def take(self, request: bytes) -> bytes:
        """Read a whole request, and answer it."""
        return self.sandboxes.line("merchant", lambda: self._answer(request), trouble)

    def _answer(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")[1:]
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        fails = not self.is_calm and self._random.random() < self._endpoint.fails
        status = 500 if fails else 200
        heard = Heard(self._scheduler.seconds, headers, body, status)
        self.heard.append(heard)
        self.on_heard(heard)
        return spoken(status)


def trouble(fate: Fate) -> bytes:
    """What a function sees of a delivery that went wrong."""
    if fate is Fate.FAILS_BEFORE:
        raise httpcore.ReadError("reset")
    if fate is Fate.REPLY_LOST:
        raise httpcore.ReadTimeout("lost")
    return spoken(429)


def spoken(status: int) -> bytes:
    """An answer on the wire."""
    return b"HTTP/1.1 %d %s\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok" % (
        status,
        SAID[status],
    )


@dataclass
class Conversation(httpcore.NetworkStream):
    """One connection. What TLS would add is not simulated."""

    side: MerchantsSide
    _sent: bytes = b""
    _answers: list[bytes] = field(default_factory=list)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # httpcore's own signature
        """Take what is sent."""
        self._sent += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # as above
        """Answer what was sent, once."""
        if self._sent:
            sent, self._sent = self._sent, b""
            return self.side.take(sent)
        return b""

    def close(self) -> None:
        """Nothing is held open."""

    def start_tls(
        self,
        ssl_context: "ssl.SSLContext",  # noqa: ARG002  # as above
        server_hostname: str | None = None,  # noqa: ARG002  # as above
        timeout: float | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.NetworkStream:
        """Go on in the clear."""
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401, ARG002  # as above
        """Nothing is known."""
        return None
