"""Lambda over real HTTP, as far as a redrive asks of it: moto's needs Docker."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class StandInLambda:
    """The functions by ARN, each a plain call; what a stream's filter lets each of them see."""

    functions: dict[str, Callable[[dict[str, Any]], object]] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)
    """Function -> the patterns of its event source."""
    given: list[dict[str, Any]] = field(default_factory=list)
    """The events that functions were called with."""

    def mappings(self, function: str) -> object:
        """What ListEventSourceMappings answers."""
        filters = [{"Pattern": pattern} for pattern in self.patterns.get(function, [])]
        return {"EventSourceMappings": [{"FilterCriteria": {"Filters": filters}}]}

    def invoke(self, function: str, event: dict[str, Any]) -> tuple[object, bool]:
        """What the function answers, and whether it broke off."""
        self.given.append(event)
        try:
            return self.functions[function](event), False
        except Exception as broken:  # noqa: BLE001  # Lambda, too, takes whatever comes out
            return {"errorType": type(broken).__name__, "errorMessage": str(broken)}, True


@contextmanager
def serving(stand_in: StandInLambda) -> Iterator[str]:
    """Serve it, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            self._answer(stand_in.mappings(asked["FunctionName"][0]), {})

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            function = unquote(urlsplit(self.path).path).split("/")[3]
            said, broke_off = stand_in.invoke(function, event)
            self._answer(said, {"X-Amz-Function-Error": "Unhandled"} if broke_off else {})

        def _answer(self, said: object, headers: dict[str, str]) -> None:
            content = json.dumps(said).encode()
            self.send_response(HTTPStatus.OK)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
