"""V-Pay's signed webhooks: the signature first, then the reference, then the sum."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulators.vpay_faults import Fault
from payments.errors import ForgedWebhook
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason, Report
from providers.port import Notice
from tests.contract.vpay.desk import OURS, Desk
from tests.examples import attempt

APPROVES = attempt(phone="0788000001")
PAID: Mapping[str, Any] = {
    "transaction_id": "VP86583387",
    "external_id": attempt().ref,
    "status": "SUCCESSFUL",
    "amount": "5000.00",
    "currency": "RWF",
}


def mac(body: bytes, secret: str = OURS["webhook_secret"]) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def signed(told: object, signature: str | None = None) -> Notice:
    """V-Pay's notice of this, signed as V-Pay signs unless another signature is given."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    due = mac(body).hex() if signature is None else signature
    return Notice(body=body, headers={"x-vpay-signature": due})


def heard(told: object, tried: Attempt | None = None) -> Report | None:
    return Desk().hear(signed(told), tried)


@pytest.mark.parametrize(
    "tried",
    [APPROVES, attempt(phone="0738000001", network=Network.AIRTEL)],
    ids=["MTN", "Airtel"],
)
def test_vpays_own_webhook_of_a_paid_charge_is_believed(desk: Desk, tried: Attempt) -> None:
    reply = desk.charge(tried)
    desk.wait(3)
    (webhook,) = desk.heard
    said = desk.hear(webhook.notice, replace(tried, provider_ref=reply.provider_ref))
    assert said == Report(
        attempt_ref=tried.ref,
        outcome=Outcome.PAID,
        provider_ref=reply.provider_ref,
        stated=Money(5000, "RWF"),
    )


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("0788000003", Reason.DECLINED), ("0788000004", Reason.INSUFFICIENT_FUNDS)],
)
def test_vpays_own_webhook_of_a_failed_charge_is_a_decline(
    desk: Desk, phone: str, reason: Reason
) -> None:
    desk.charge(attempt(phone=phone))
    desk.wait(3)
    said = desk.hear(desk.heard[0].notice)
    assert said is not None
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


def test_a_webhook_that_comes_twice_says_the_same_twice(desk: Desk) -> None:
    desk.charge(attempt(phone="0788000009"))
    desk.wait(3)
    first, again = (desk.hear(webhook.notice) for webhook in desk.heard)
    assert first == again


def test_a_webhook_out_of_order_is_no_ending(desk: Desk) -> None:
    desk.order(Fault.OUT_OF_ORDER)
    desk.charge(APPROVES)
    desk.wait(3)
    desk.wait(1)
    said = [desk.hear(webhook.notice) for webhook in desk.heard]
    assert [told.outcome for told in said if told] == [Outcome.PAID, Outcome.PENDING]


def test_a_signature_with_another_secret_is_forged(desk: Desk) -> None:
    desk.order(Fault.BAD_SIGNATURE)
    desk.charge(APPROVES)
    desk.wait(3)
    with pytest.raises(ForgedWebhook):
        desk.hear(desk.heard[0].notice)


def test_a_webhook_replayed_to_another_attempt_says_nothing(desk: Desk) -> None:
    desk.charge(APPROVES)
    desk.wait(3)
    assert desk.hear(desk.heard[0].notice, attempt(2)) is None


@pytest.mark.parametrize("fault", [Fault.WRONG_AMOUNT, Fault.WRONG_REFERENCE])
def test_a_webhook_that_disagrees_says_nothing_so_that_we_ask(desk: Desk, fault: Fault) -> None:
    desk.order(fault)
    desk.charge(APPROVES)
    desk.wait(3)
    assert desk.hear(desk.heard[0].notice) is None


def test_a_byte_of_difference_is_forged(desk: Desk) -> None:
    notice = signed(PAID)
    for place in range(len(notice.body)):
        altered = bytearray(notice.body)
        altered[place] ^= 1
        with pytest.raises(ForgedWebhook):
            desk.hear(replace(notice, body=bytes(altered)))


BODY = json.dumps(dict(PAID)).encode()
FORGED = {
    "empty": "",
    "blank": " ",
    "another secret": mac(BODY, "other").hex(),
    "no secret": mac(BODY, "").hex(),
    "base64": base64.b64encode(mac(BODY)).decode(),
    "prefixed": f"sha256={mac(BODY).hex()}",
    "cut short": mac(BODY).hex()[:-1],
    "too long": f"{mac(BODY).hex()}0",
    "another body": mac(b"{}").hex(),
    "twice": f"{mac(BODY).hex()},{mac(BODY).hex()}",
    "beyond ASCII": "é" * 64,
    "half a surrogate": "\ud800",
    "full width": mac(BODY).hex().replace("a", "\uff41").replace("0", "\uff10"),
}


@pytest.mark.parametrize("signature", FORGED.values(), ids=FORGED)
def test_any_other_signature_is_forged(desk: Desk, signature: str) -> None:
    with pytest.raises(ForgedWebhook):
        desk.hear(signed(BODY, signature))


def test_no_signature_is_forged(desk: Desk) -> None:
    with pytest.raises(ForgedWebhook):
        desk.hear(Notice(body=BODY, headers={}))


@pytest.mark.parametrize("secret", [{}, {"webhook_secret": ""}])
def test_without_a_secret_of_ours_every_webhook_is_forged(secret: dict[str, str]) -> None:
    desk = Desk(ours={"api_user": "vpay_live_ikawa", "api_key": "sk_live_ikawa", **secret})
    with pytest.raises(ForgedWebhook):
        desk.hear(signed(BODY, mac(BODY, "").hex()))


def test_hex_of_either_case_is_theirs(desk: Desk) -> None:
    said = desk.hear(signed(BODY, f" {mac(BODY).hex().upper()} "))
    assert said is not None
    assert said.outcome is Outcome.PAID


def test_the_signature_is_checked_before_anything_is_parsed(desk: Desk) -> None:
    with pytest.raises(ForgedWebhook):
        desk.hear(Notice(body=b"\xff{" + b"[" * 50_000, headers={"x-vpay-signature": "0" * 64}))


@pytest.mark.parametrize(
    "told",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"status=SUCCESSFUL", b"[" * 50_000),
        {**PAID, "external_id": attempt(2).ref},
        {**PAID, "external_id": None},
        {**PAID, "external_id": [attempt().ref]},
        {name: PAID[name] for name in PAID if name != "external_id"},
        {name: PAID[name] for name in PAID if name != "amount"},
        {name: PAID[name] for name in PAID if name != "currency"},
        {name: PAID[name] for name in PAID if name != "status"},
        {**PAID, "amount": "4999.00"},
        {**PAID, "amount": "5000.5"},
        {**PAID, "amount": "five thousand"},
        {**PAID, "amount": True},
        {**PAID, "currency": "USD"},
        {**PAID, "currency": "XAF"},
        {**PAID, "mode": "sandbox"},
        {**PAID, "error_code": "INSUFFICIENT_FUNDS"},
        {**PAID, "status": "error"},
        {**PAID, "status": "error", "error_code": "NETWORK_ERROR"},
        {**PAID, "status": "error", "error_code": "TRANSACTION_NOT_FOUND"},
        {**PAID, "status": "FAILED", "amount": "1.00"},
        {"event": "payment.successful", "data": dict(PAID)},
    ],
)
def test_a_signed_webhook_that_is_not_wholly_about_our_payment_says_nothing(told: object) -> None:
    assert heard(told) is None


def test_a_webhook_about_another_transaction_of_vpays_says_nothing() -> None:
    assert heard(PAID, replace(attempt(), provider_ref="VP1")) is None
    assert heard(PAID, replace(attempt(), provider_ref="VP86583387")) is not None


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("successful", Outcome.PAID),
        ("Successful", Outcome.PAID),
        ("FAILED", Outcome.DECLINED),
        ("cancelled", Outcome.DECLINED),
        ("PENNDING", Outcome.PENDING),
        ("refunded", Outcome.PENDING),
        ("disputed", Outcome.PENDING),
        ("success", Outcome.PENDING),
    ],
)
def test_reads_the_word_without_regard_to_case(word: str, outcome: Outcome) -> None:
    said = heard({**PAID, "status": word})
    assert said is not None
    assert said.outcome is outcome


@pytest.mark.parametrize("told", [{"amount": 5000}, {"amount": 5000.0}, {"currency": "rwf"}])
def test_the_same_sum_is_the_same_however_it_is_written(told: dict[str, object]) -> None:
    said = heard({**PAID, **told})
    assert said is not None
    assert said.stated == Money(5000, "RWF")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
FIELDS = (*PAID, "error_code", "mode", "message", "payment_url")


@given(st.dictionaries(st.sampled_from(FIELDS), SCALARS) | st.binary())
def test_whatever_is_signed_is_a_report_of_ours_or_nothing(told: object) -> None:
    said = heard({**PAID, **told} if isinstance(told, dict) else told)
    assert said is None or said.attempt_ref == attempt().ref
    if said is not None and said.outcome is Outcome.PAID:
        assert said.stated == Money(5000, "RWF")


@given(st.binary(), st.text(max_size=80))
def test_whatever_is_not_signed_is_forged(body: bytes, signature: str) -> None:
    with pytest.raises(ForgedWebhook):
        Desk().hear(signed(body, signature))
