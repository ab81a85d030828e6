"""Lambda over real HTTP, for functions that run in this process: moto's needs Docker."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integration.stand_in_server import QuietHandler, listening


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


def serving(stand_in: StandInLambda) -> AbstractContextManager[str]:
    """Serve it, and give the address."""

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802  # http.server's name
            asked = parse_qs(urlsplit(self.path).query)
            self._say(stand_in.mappings(asked["FunctionName"][0]), {})

        def do_POST(self) -> None:  # noqa: N802  # http.server's name
            function = unquote(urlsplit(self.path).path).split("/")[3]
            said, broke_off = stand_in.invoke(function, json.loads(self.body()))
            self._say(said, {"X-Amz-Function-Error": "Unhandled"} if broke_off else {})

        def _say(self, said: object, headers: Mapping[str, str]) -> None:
            self.answer(HTTPStatus.OK, json.dumps(said).encode(), headers)

    return listening(Handler)
