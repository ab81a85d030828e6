import pytest

from checkout import turn_away
from tests.integration.rest_events import Request, call


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_no_route_takes_is_told_in_the_documented_shape(method: str) -> None:
    origin = {"Origin": "https://shop.example"}
    answer = call(turn_away.handler, Request(method=method, resource="/nowhere", headers=origin))
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.headers["access-control-allow-origin"] == "*"
