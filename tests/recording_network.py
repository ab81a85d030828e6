"""The edge of the machine: who would have been called, and how a name may lead nowhere."""

import socket
from collections.abc import Iterable

import httpcore

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOKUPS_THAT_FAIL = (
    socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    TimeoutError("timed out"),
    UnicodeError("label too long"),
)
"""What the machine raises for a name that it cannot find."""


class RecordingNetwork(httpcore.NetworkBackend):
    """A network that calls nobody, remembers who would have been, and answers for all of them."""

    def __init__(self, answer: bytes = ANSWER) -> None:
        self._answer = answer
        self.called: list[tuple[str, int]] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # httpcore's own signature
        local_address: str | None = None,  # noqa: ARG002  # as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  # as above
    ) -> httpcore.NetworkStream:
        self.called.append((host, port))
        return httpcore.MockStream([self._answer])
