"""vonsung's own examples (tests/payloads/vpay/SOURCES.md), read by the adapter."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from infra.local.simulators.vpay_rules import ERRORS
from infra.local.simulators.vpay_webhooks import signature_of
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Method
from payments.report import Outcome, Reason
from tests.contract.vpay.desk import ADDRESSES, CARD, charged, opened
from tests.examples import NOW, PAYMENT, attempt

if TYPE_CHECKING:
    from providers.port import Token

EXAMPLES = Path(__file__).parents[2] / "payloads" / "vpay"
OF_THE_EXAMPLE = replace(attempt(), ref="TXN_TDTAGD1HFJS")
FOR_240_FRANCS = replace(PAYMENT, money=Money(240, "RWF"))
# The rows of the documented table: code and HTTP status.
DOCUMENTED = re.findall(
    r"^\| ([A-Z_]+) \| (\d+) \|", (EXAMPLES / "error_codes.md").read_text(), re.MULTILINE
)


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


class Kept:
    """A V-Pay that gives tokens and one answer, and keeps what it was sent."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.content, self.status = content, status
        self.sent: dict[str, Any] = {}
        self.tokens: dict[str, Token] = {}
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.vpay = opened(http, self.tokens)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/"):
            return httpx.Response(200, content=example("auth_reply.json"))
        self.sent = json.loads(request.content or b"{}")
        return httpx.Response(self.status, content=self.content)


def test_reads_the_token_of_the_example() -> None:
    there = Kept(example("pay_reply_pending.json"))
    charged(there.vpay)
    (token,) = there.tokens.values()
    assert token.value == "eyJhbGciOiJIUzI1NiIsInR5cxxxxxxxxxxxxx"
    assert token.good_until == NOW + timedelta(seconds=270)


def test_sends_the_charge_of_the_example_with_what_the_table_adds() -> None:
    asked = example("pay_request_template.txt").decode()
    asked = asked.replace('"amount": amount', '"amount": 5000')
    asked = asked.replace('"currency": currency', '"currency": "RWF"')
    shown: dict[str, Any] = json.loads(asked)
    tried = replace(
        attempt(method=Method.CARD, network=None),
        ref=shown["external_id"],
        phone=shown["payer_phone"],
        payer_name=shown["payer_name"],
        payer_email=shown["payer_email"],
    )
    there = Kept(example("pay_reply_pending.json"))
    charged(there.vpay, tried, replace(PAYMENT, description=shown["payee_message"]))
    assert there.sent == shown | {
        "callback_url": ADDRESSES.callback_url,
        "metadata": {"session_id": PAYMENT.session_id, "tx_ref": PAYMENT.tx_ref},
    }


def test_reads_the_pending_reply_of_the_example_misspelt_as_it_is() -> None:
    said = charged(Kept(example("pay_reply_pending.json")).vpay, CARD)
    assert said.outcome is Outcome.PENDING
    assert said.provider_ref == "VP86583387"
    assert said.next_url == ("https://vonsung.rw/api/checkout/3f9aab1b-39e6-4188-a239-81a4xxxxxxx")


def test_reads_the_final_reply_of_the_example() -> None:
    there = Kept(example("pay_reply_successful.json"))
    said = charged(there.vpay, OF_THE_EXAMPLE, FOR_240_FRANCS)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(240, "RWF"))
    assert said.provider_ref == "VP86583387"


def test_the_final_reply_of_the_example_is_nothing_to_another_attempt() -> None:
    with pytest.raises(ProviderSilent, match="another transaction"):
        charged(Kept(example("pay_reply_successful.json")).vpay)


@pytest.mark.parametrize("known", [None, "VP86583387"], ids=["by ours", "by theirs"])
def test_reads_a_status_with_the_fields_of_the_final_reply(known: str | None) -> None:
    there = Kept(example("pay_reply_successful.json"))
    said = there.vpay.ask(FOR_240_FRANCS, replace(OF_THE_EXAMPLE, provider_ref=known))
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(240, "RWF"))


def test_reads_the_error_of_the_example() -> None:
    said = charged(Kept(example("error_invalid_phone.json"), 400).vpay)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)


READ_AS: dict[str, Reason | None] = {
    "INVALID_KEY": Reason.NOT_ENABLED,
    "INVALID_PHONE": Reason.NOT_ENABLED,
    "INVALID_AMOUNT": Reason.NOT_ENABLED,
    "DUPLICATE_REFERENCE": None,
    "PAYMENT_TIMEOUT": Reason.TIMED_OUT,
    "INSUFFICIENT_FUNDS": Reason.INSUFFICIENT_FUNDS,
    "NETWORK_ERROR": None,
    "RATE_LIMITED": Reason.NOT_ENABLED,
}


def test_knows_every_documented_error() -> None:
    assert [code for code, _ in DOCUMENTED] == list(READ_AS)


@pytest.mark.parametrize(("code", "status"), DOCUMENTED, ids=[code for code, _ in DOCUMENTED])
def test_reads_every_documented_error_at_its_http_status(code: str, status: str) -> None:
    error = json.loads(example("error_invalid_phone.json")) | {"error_code": code}
    there = Kept(json.dumps(error).encode(), int(status))
    if READ_AS[code] is None:
        with pytest.raises(ProviderSilent):
            charged(there.vpay)
    else:
        assert charged(there.vpay).reason is READ_AS[code]


def test_the_simulator_gives_every_documented_error_its_http_status() -> None:
    assert {code: str(ERRORS[code][0]) for code, _ in DOCUMENTED} == dict(DOCUMENTED)


def test_the_simulator_signs_as_the_sample_verifies() -> None:
    # The sample stands on one line; its statements are put on lines of their own.
    sample = example("webhook_verification.txt").decode()
    for statement in ("def ", "expected = ", "return "):
        indent = "" if statement == "def " else "    "
        sample = sample.replace(f" {statement}", f"\n{indent}{statement}")
    known: dict[str, Any] = {}
    exec(sample, known)  # noqa: S102 - the documentation's own code
    body = '{"status":"SUCCESSFUL"}'
    assert known["verify_webhook"](body.encode(), signature_of(body, "secret"), "secret")
