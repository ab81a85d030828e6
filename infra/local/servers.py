"""Serve the Flask applications of the local stack from threads of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from infra.local.ports import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


# Whoever stops the stack waits up to this long for each of its servers.
SECONDS_BETWEEN_LOOKS = 0.05


class Quiet(WSGIRequestHandler):
    """Says nothing of requests that were answered; errors are still logged."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep still."""


@contextmanager
def serving(app: "WSGIApplication", port: int, host: str = LOOPBACK) -> Iterator[str]:
    """Answer while the block runs; the base address from this machine, "/" and all."""
    server = make_server(host, port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(
        target=server.serve_forever, args=(SECONDS_BETWEEN_LOOKS,), daemon=True
    )
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
