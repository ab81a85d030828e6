"""DynamoDB Streams over real HTTP, a day later: moto's never forgets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def serving(left: list[dict[str, Any]]) -> Iterator[str]:
    """Serve a shard that holds only these records any more, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "ShardIterator" in asked:
                self._answer(HTTPStatus.OK, {"Records": left})
            elif asked["ShardIteratorType"] == "AT_SEQUENCE_NUMBER":
                kind = "com.amazonaws.dynamodb.streams#TrimmedDataAccessException"
                self._answer(HTTPStatus.BAD_REQUEST, {"__type": kind, "message": "trimmed"})
            else:
                self._answer(HTTPStatus.OK, {"ShardIterator": "at-what-is-left"})

        def _answer(self, status: HTTPStatus, said: object) -> None:
            content = json.dumps(said, default=datetime.timestamp).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
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
