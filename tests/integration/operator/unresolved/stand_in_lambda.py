"""Lambda's Invoke over real HTTP, for functions that run in this process: moto's needs Docker."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

Function = Callable[[dict[str, Any]], Any]


@contextmanager
def serving(functions: Mapping[str, Function]) -> Iterator[str]:
    """Serve these functions by their names, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = unquote(self.path.split("/")[3])
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                answer, headers = functions[name](given), {}
            except LookupError as broken:
                answer = {"errorType": type(broken).__name__, "errorMessage": "not for anybody"}
                headers = {"X-Amz-Function-Error": "Unhandled"}
            content = json.dumps(answer).encode()
            self.send_response(HTTPStatus.OK)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(content)))
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
