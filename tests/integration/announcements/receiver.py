"""A merchant's endpoint, on this machine."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request
from werkzeug.serving import make_server


@dataclass(frozen=True)
class Heard:
    """One delivery as it came in. Names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers as it is told to."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str = "ok"
    heard: list[Heard] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    """What else happens before the answer."""


@contextmanager
def listening() -> Iterator[Receiver]:
    """Listen on a free port of loopback."""
    receiver = Receiver()
    app = Flask("receiver")

    @app.route("/<path:path>", methods=["POST", "GET"])
    def hear(path: str) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        receiver.heard.append(Heard(path, headers, request.get_data()))
        receiver.meanwhile()
        return Response(receiver.text, receiver.status, receiver.headers)

    server = make_server("127.0.0.1", 0, app)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
