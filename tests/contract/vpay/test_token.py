"""The token: fetched once, kept until shortly before its end, renewed once when refused."""

from datetime import timedelta

import httpx
import pytest

from infra.local.simulators.vpay_faults import Fault
from payments.errors import ProviderSilent
from payments.report import Outcome, Reason
from providers.port import Token
from tests.contract.vpay.desk import GRANTED, Answering, Desk, charged, facing, opened
from tests.examples import NOW, PAYMENT, attempt

USER = "vpay_live_ikawa"
PENDING = {"status": "PENNDING", "transaction_id": "VP1"}


def test_one_token_serves_every_call_of_the_sandbox(desk: Desk) -> None:
    desk.charge()
    desk.ask()
    charged(desk.opened(), attempt(2))
    assert len(desk.calls_to("/auth/")) == 1
    assert len(desk.charges) == 2


def test_a_token_is_kept_until_30_seconds_before_its_end(desk: Desk) -> None:
    desk.charge()
    assert desk.tokens[USER].good_until == NOW + timedelta(seconds=270)
    desk.wait(269.9)
    desk.ask()
    assert len(desk.calls_to("/auth/")) == 1
    desk.wait(0.1)
    desk.ask()
    assert len(desk.calls_to("/auth/")) == 2
    assert desk.tokens[USER].good_until == NOW + timedelta(seconds=540)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("300.0 seconds", 270),
        ("120 seconds", 90),
        ("120.5 seconds", 90),
        ("60sec", 30),
        ("60 S", 30),
        ("90", 60),
        (90, 60),
        (90.5, 60),
        ("10.0 seconds", -20),
        # Unreadable: the documented five minutes.
        ("soon", 270),
        ("5 minutes", 270),
        ("-5 seconds", 270),
        ("9" * 50, 270),
        ("", 270),
        (None, 270),
        (True, 270),
    ],
)
def test_reads_how_long_a_token_lives(said: object, seconds: float) -> None:
    def grants(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**GRANTED, "expires_in": said})

    tokens: dict[str, Token] = {}
    vpay = opened(httpx.Client(transport=httpx.MockTransport(grants)), tokens)
    with pytest.raises(ProviderSilent):
        charged(vpay)
    assert tokens == {USER: Token("token", NOW + timedelta(seconds=seconds))}


def test_a_token_that_vpay_forgot_is_renewed_once_and_the_charge_made_once(desk: Desk) -> None:
    desk.charge()
    before = desk.tokens[USER]
    desk.order(Fault.TOKEN_EXPIRED)
    assert desk.charge(attempt(2)).outcome is Outcome.PENDING
    assert desk.tokens[USER] != before
    assert len(desk.calls_to("/auth/")) == 2
    assert desk.till.charges.asked[attempt(2).ref] == 1
    assert len(desk.charges) == 2


def test_a_question_is_asked_again_with_a_new_token_too(desk: Desk) -> None:
    desk.charge()
    desk.order(Fault.TOKEN_EXPIRED)
    assert desk.ask().outcome is Outcome.PENDING
    assert len(desk.calls_to("/auth/")) == 2


def test_a_fresh_token_that_is_refused_is_a_plain_refusal(desk: Desk) -> None:
    desk.order(Fault.TOKEN_EXPIRED)
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert (len(desk.calls_to("/auth/")), len(desk.calls_to("/pay/"))) == (1, 1)
    assert desk.tokens == {}


def test_a_renewed_token_that_is_refused_is_not_renewed_again(desk: Desk) -> None:
    desk.charge()
    desk.till.ordered.left[Fault.TOKEN_EXPIRED] = 2
    said = desk.charge(attempt(2))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert (len(desk.calls_to("/auth/")), len(desk.calls_to("/pay/"))) == (2, 3)
    assert len(desk.charges) == 1


def test_a_401_without_json_renews_the_token_too() -> None:
    answers = [httpx.Response(401, content=b"<html>"), httpx.Response(200, json=PENDING)]
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        if request.url.path.endswith("/auth/"):
            return httpx.Response(200, json=GRANTED)
        return answers.pop(0)

    tokens = {USER: Token("old", NOW + timedelta(seconds=1))}
    vpay = opened(httpx.Client(transport=httpx.MockTransport(answer)), tokens)
    assert charged(vpay).outcome is Outcome.PENDING
    assert sent == ["/api/pay/", "/api/auth/", "/api/pay/"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 502])
def test_only_a_401_is_sent_again(status: int) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(status, json={"status": "error", "error_code": "INVALID_KEY"})

    tokens = {USER: Token("old", NOW + timedelta(seconds=1))}
    vpay = opened(httpx.Client(transport=httpx.MockTransport(answer)), tokens)
    try:
        assert charged(vpay).outcome is Outcome.REFUSED
    except ProviderSilent:
        assert status >= 500
    assert sent == ["/api/pay/"]


def failing(error: httpx.HTTPError) -> Answering:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise error

    return fails


def giving(status: int, content: object) -> Answering:
    def gives(_request: httpx.Request) -> httpx.Response:
        if isinstance(content, bytes):
            return httpx.Response(status, content=content)
        return httpx.Response(status, json=content)

    return gives


NO_TOKEN = {
    "out of reach": (failing(httpx.ConnectError("refused")), Reason.UNREACHABLE),
    "time-out": (failing(httpx.ReadTimeout("timed out")), Reason.UNREACHABLE),
    "hung up": (failing(httpx.RemoteProtocolError("gone")), Reason.UNREACHABLE),
    "500": (giving(500, {}), Reason.UNREACHABLE),
    "502": (giving(502, GRANTED), Reason.UNREACHABLE),
    "no JSON": (giving(200, b"<html>"), Reason.UNREACHABLE),
    "refused": (giving(401, {"status": "error", "error_code": "INVALID_KEY"}), Reason.NOT_ENABLED),
    "refused without words": (giving(403, b""), Reason.NOT_ENABLED),
    "too many": (giving(429, {"error_code": "RATE_LIMITED"}), Reason.NOT_ENABLED),
    "no token": (giving(200, {"mode": "live"}), Reason.NOT_ENABLED),
    "a token that is no text": (giving(200, {"access": ["x"]}), Reason.NOT_ENABLED),
    "a token that no header holds": (giving(200, {"access": "a\r\nb"}), Reason.NOT_ENABLED),
    "a token beyond ASCII": (giving(200, {"access": "jéton"}), Reason.NOT_ENABLED),
    "a token in a refusal": (giving(400, GRANTED), Reason.NOT_ENABLED),
}


@pytest.mark.parametrize(("auth", "reason"), NO_TOKEN.values(), ids=NO_TOKEN)
def test_without_a_token_nobody_was_charged_and_nothing_was_asked(
    auth: Answering, reason: Reason
) -> None:
    vpay = facing(failing(httpx.ReadError("a charge was sent without a token")), auth=auth)
    said = charged(vpay)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, reason)
    with pytest.raises(ProviderSilent, match=reason):
        vpay.ask(PAYMENT, attempt())


def test_a_renewal_that_fails_is_a_refusal_since_the_401_took_nothing() -> None:
    tokens = {USER: Token("old", NOW + timedelta(seconds=1))}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/"):
            raise httpx.ReadTimeout("timed out")
        return httpx.Response(401, json={"status": "error", "error_code": "INVALID_KEY"})

    vpay = opened(httpx.Client(transport=httpx.MockTransport(answer)), tokens)
    said = charged(vpay)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)


def test_a_token_has_less_time_to_come_than_a_charge(desk: Desk) -> None:
    desk.charge()
    auth, pay = desk.sent
    assert auth.extensions["timeout"]["read"] == 5.0
    assert pay.extensions["timeout"] == desk.http.timeout.as_dict()
