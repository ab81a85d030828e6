"""DynamoDB Streams over real HTTP, a day later: moto's never forgets."""

import json
from contextlib import AbstractContextManager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tests.integration.stand_in_server import QuietHandler, listening


def serving(left: list[dict[str, Any]]) -> AbstractContextManager[str]:
    """Serve a shard that holds only these records any more, and give the address."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802  # http.server's name
            asked = json.loads(self.body())
            if "ShardIterator" in asked:
                self._say(HTTPStatus.OK, {"Records": left})
            elif asked["ShardIteratorType"] == "AT_SEQUENCE_NUMBER":
                kind = "com.amazonaws.dynamodb.streams#TrimmedDataAccessException"
                self._say(HTTPStatus.BAD_REQUEST, {"__type": kind, "message": "trimmed"})
            else:
                self._say(HTTPStatus.OK, {"ShardIterator": "at-what-is-left"})

        def _say(self, status: HTTPStatus, said: object) -> None:
            content = json.dumps(said, default=datetime.timestamp).encode()
            self.answer(status, content, {"Content-Type": "application/x-amz-json-1.0"})

    return listening(Handler)
