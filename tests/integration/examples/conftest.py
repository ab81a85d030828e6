"""The deployment behind a real HTTP server, and the three languages that ask it."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from tests.integration.bridge import STAGE, app
from tests.integration.examples.languages import LANGUAGES, Language
from tests.integration.gateway import Gateway, aws_calls, gateway

__all__ = ["aws_calls", "gateway"]


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.name)
def language(request: pytest.FixtureRequest) -> Language:
    """Each language; one that this machine lacks fails, and says how to get it."""
    chosen: Language = request.param
    assert chosen.find(), chosen.none_found
    return chosen


@pytest.fixture
def api(gateway: Gateway) -> Iterator[str]:  # noqa: ARG001  # it must stand first
    """The merchant's API at a port of this machine."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{STAGE}/api/v1"
    server.shutdown()
    thread.join()
    server.server_close()
