"""DGS-Pay's webhooks: believed when signed and plain, forged ones never, the rest makes us ask."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulators.dgspay_faults import Fault
from payments.errors import ForgedWebhook
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason, Report
from payments.status import AttemptStatus, SettledBy
from providers.dgspay import LISTING, Dgspay, DgspayCredentials
from providers.port import Notice
from settlement.judge import judge
from tests.contract.dgspay.desk import OURS, URL, Desk, signed
from tests.examples import ASKED, SOON, attempt, payment

APPROVES = attempt(phone="0788000001")
NAMED = attempt(provider_ref="dgs_1")
PAID = {
    "event": "payment.success",
    "status": "success",
    "transaction_id": "1",
    "dgs_reference": "dgs_1",
    "amount": 5000,
    "currency": "RWF",
    "transaction_status": "successful",
}
FAILED = PAID | {
    "event": "payment.failed",
    "status": "failed",
    "transaction_status": "failed",
    "processor_response": "Insufficient funds",
}


def unreachable(_request: httpx.Request) -> httpx.Response:
    raise AssertionError("a webhook is read without a question")


def heard(content: object, tried: Attempt = NAMED, *others: Attempt) -> Report | None:
    """What a signed webhook says to us."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return dgspay().hear(payment(*others, tried), tried, signed(body))


def dgspay(credentials: DgspayCredentials = OURS) -> Dgspay:
    return Dgspay(httpx.Client(transport=httpx.MockTransport(unreachable)), URL, credentials)


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


@pytest.mark.parametrize(
    ("tried", "seconds", "outcome", "reason"),
    [
        (APPROVES, 3, Outcome.PAID, None),
        (attempt(phone="0738000001", network=Network.AIRTEL), 3, Outcome.PAID, None),
        (attempt(phone="0788000003"), 3, Outcome.DECLINED, Reason.DECLINED),
        (attempt(phone="0788000004"), 3, Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
        (attempt(phone="0788000005"), 61, Outcome.DECLINED, Reason.TIMED_OUT),
    ],
    ids=["MTN", "Airtel", "declines", "no funds", "never answers"],
)
def test_says_how_a_charge_ended(
    desk: Desk, tried: Attempt, seconds: float, outcome: Outcome, reason: Reason | None
) -> None:
    tried = desk.begin(tried)
    desk.wait(seconds)
    (told,) = desk.told
    said = desk.hear(tried, told.notice)
    assert said is not None
    assert (said.outcome, said.reason, said.stated) == (outcome, reason, ASKED)
    assert (said.attempt_ref, said.provider_ref) == (tried.ref, tried.provider_ref)


def test_a_forged_webhook_is_not_read(desk: Desk) -> None:
    desk.order(Fault.BAD_SIGNATURE)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    with pytest.raises(ForgedWebhook):
        desk.hear(tried, desk.told[0].notice)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        "0" * 64,
        "true",
        signed(b"{}").headers["x-dgs-signature"],
        signed(json.dumps(PAID).encode(), "").headers["x-dgs-signature"],
        signed(json.dumps(PAID).encode(), "other").headers["x-dgs-signature"],
        signed(json.dumps(PAID).encode()).headers["x-dgs-signature"][:-1],
        signed(json.dumps(PAID).encode()).headers["x-dgs-signature"] + "0",
        "\u00e9" * 64,
        "\ud800",
    ],
)
def test_a_webhook_without_dgspays_signature_is_forged(signature: str | None) -> None:
    headers = {} if signature is None else {"x-dgs-signature": signature}
    notice = Notice(body=json.dumps(PAID).encode(), headers=headers)
    with pytest.raises(ForgedWebhook):
        dgspay().hear(payment(NAMED), NAMED, notice)


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[" * 50_000, b"\xff"])
def test_the_signature_is_judged_before_anything_is_parsed(body: bytes) -> None:
    with pytest.raises(ForgedWebhook):
        dgspay().hear(payment(NAMED), NAMED, Notice(body=body, headers={}))


@given(st.data())
def test_a_webhook_altered_in_any_one_byte_is_forged(data: st.DataObject) -> None:
    notice = signed(json.dumps(PAID).encode())
    place = data.draw(st.integers(0, len(notice.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != notice.body[place]))
    altered = notice.body[:place] + bytes([byte]) + notice.body[place + 1 :]
    with pytest.raises(ForgedWebhook):
        dgspay().hear(payment(NAMED), NAMED, replace(notice, body=altered))


def test_an_empty_secret_signs_nothing() -> None:
    notice = signed(json.dumps(PAID).encode(), "")
    with pytest.raises(ForgedWebhook):
        dgspay(replace(OURS, webhook_secret="")).hear(payment(NAMED), NAMED, notice)


def test_the_signature_may_be_in_capitals() -> None:
    notice = signed(json.dumps(PAID).encode())
    shouted = {"x-dgs-signature": f" {notice.headers['x-dgs-signature'].upper()} "}
    said = dgspay().hear(payment(NAMED), NAMED, replace(notice, headers=shouted))
    assert said is not None
    assert said.outcome is Outcome.PAID


def test_a_replayed_webhook_says_the_same_and_changes_nothing_more(desk: Desk) -> None:
    desk.order(Fault.TWICE)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    first, again = (desk.hear(tried, told.notice) for told in desk.told)
    assert first is not None
    assert first == again
    paid = judge(payment(tried), first, SettledBy.WEBHOOK, SOON)
    assert paid is not None
    assert paid.attempts[0].status is AttemptStatus.PAID
    assert judge(paid, first, SettledBy.WEBHOOK, SOON) is None


def test_a_stale_webhook_after_the_last_makes_us_ask(desk: Desk) -> None:
    desk.order(Fault.OUT_OF_ORDER)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    last, stale = desk.told
    said = desk.hear(tried, last.notice)
    assert said is not None
    assert said.outcome is Outcome.PAID
    assert desk.hear(tried, stale.notice) is None


def test_a_failed_charge_that_turns_out_paid_is_heard_as_paid(desk: Desk) -> None:
    tried = desk.begin(attempt(phone="0788000003"))
    desk.wait(3)
    desk.till.pay_late(tried.provider_ref or "")
    desk.wait(0)
    outcomes = [said.outcome for told in desk.told if (said := desk.hear(tried, told.notice))]
    assert outcomes == [Outcome.DECLINED, Outcome.PAID]


def test_another_sum_is_passed_on_and_never_settles(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    said = desk.hear(tried, desk.told[0].notice)
    assert said is not None
    assert said.stated == Money(5001, "RWF")
    after = judge(payment(tried), said, SettledBy.WEBHOOK, SOON)
    assert after is not None
    assert after.paid_attempt is None
    assert after.attempts[0].needs_review


def test_another_currency_is_passed_on() -> None:
    said = heard(PAID | {"currency": "USD"})
    assert said is not None
    assert said.stated == Money(500_000, "USD")


def test_a_webhook_about_another_charge_makes_us_ask(desk: Desk) -> None:
    desk.order(Fault.WRONG_REFERENCE)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    assert desk.hear(tried, desk.told[0].notice) is None


def test_one_charges_webhook_cannot_pay_for_another(desk: Desk) -> None:
    paid, unpaid = desk.begin(APPROVES), desk.begin(attempt(2))
    desk.wait(3)
    (told,) = desk.told
    assert desk.hear(paid, told.notice)
    assert desk.hear(unpaid, told.notice) is None


def test_an_earlier_attempts_webhook_cannot_pay_for_one_whose_reply_was_lost(
    desk: Desk,
) -> None:
    paid = desk.begin(APPROVES)
    desk.wait(3)
    lost = attempt(2)
    said = desk.dgspay.hear(payment(paid, lost), lost, desk.told[0].notice)
    assert said is None


@pytest.mark.parametrize(
    "content",
    [
        without(PAID, "transaction_status"),
        PAID | {"transaction_status": None},
        PAID | {"transaction_status": True},
        PAID | {"transaction_status": "pending"},
        PAID | {"transaction_status": "reversed"},
        without(PAID, "event") | {"transaction_status": "pending"},
        without(PAID, "event") | {"transaction_status": "reversed"},
        PAID | {"transaction_status": "success"},
        PAID | {"transaction_status": "failed"},
        PAID | {"event": "payment.failed"},
        PAID | {"event": "payment.refunded"},
        PAID | {"event": ""},
        PAID | {"event": ["payment.success"]},
        PAID | {"event": "refund.success"},
        PAID | {"error_code": "99"},
        PAID | {"amount": "five thousand"},
        FAILED | {"event": "payment.success"},
        FAILED | {"event": "refund.failed"},
        FAILED | {"error_code": 93},
        {"event": "payment.success", "dgs_reference": "dgs_1", "error_code": "90"},
        {"event": "payment.success"},
        {"status": "successful"},
        {},
        [],
        "successful",
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"amount":1e99999999999999999999}',
    ],
)
def test_what_is_signed_and_yet_not_plain_makes_us_ask(content: object) -> None:
    assert heard(content) is None


@pytest.mark.parametrize(
    "content",
    [
        without(PAID, "event"),
        PAID | {"transaction_status": "SUCCESSFUL"},
        PAID | {"status": "failed"},
        PAID | {"error_code": "00"},
        PAID | {"error_code": 0},
        without(PAID, "dgs_reference"),
    ],
)
def test_paid_is_what_transaction_status_says(content: object) -> None:
    said = heard(content)
    assert said is not None
    assert (said.outcome, said.stated) == (Outcome.PAID, ASKED)


def test_a_failure_without_an_events_name_is_a_decline() -> None:
    said = heard(without(FAILED, "event"))
    assert said is not None
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)


@pytest.mark.parametrize(
    "content",
    [
        without(PAID, "transaction_status"),
        PAID | {"transaction_status": "pending"},
        PAID | {"event": "payment.approved"},
        PAID | {"amount": "five thousand"},
    ],
)
def test_after_a_lost_reply_an_unclear_webhook_still_tells_what_to_ask_about(
    content: object,
) -> None:
    said = heard(content, attempt())
    assert said == Report(
        attempt_ref=attempt().ref,
        outcome=Outcome.PENDING,
        provider_ref="dgs_1",
        is_named_by_itself=True,
    )


@pytest.mark.parametrize(
    "content",
    [
        without(PAID, "transaction_status"),
        PAID | {"transaction_status": "pending"},
        PAID,
    ],
)
def test_after_a_lost_reply_the_reference_of_another_attempt_is_not_taken(
    content: object,
) -> None:
    earlier = replace(NAMED, status=AttemptStatus.DECLINED)
    assert heard(content, attempt(2), earlier) is None


@pytest.mark.parametrize("stated", ["789000000", "0789000000", "+250 789 000 000"])
def test_after_a_lost_reply_the_word_about_another_wallet_is_not_taken(stated: str) -> None:
    assert heard(PAID | {"mobile_money_phone": stated}, attempt()) is None


@pytest.mark.parametrize("stated", ["", "78****123", None, 5, [], "1" * 8])
def test_a_wallet_that_is_not_stated_in_full_says_nothing_against_it(stated: object) -> None:
    said = heard(PAID | {"mobile_money_phone": stated}, attempt())
    assert said is not None
    assert said.outcome is Outcome.PAID


def test_once_the_charge_is_named_its_name_counts_and_not_the_wallet() -> None:
    said = heard(PAID | {"mobile_money_phone": "789000000"}, NAMED)
    assert said is not None
    assert said.outcome is Outcome.PAID


def test_a_webhook_without_a_reference_and_without_a_word_tells_nothing() -> None:
    assert heard({"event": "payment.success"}, attempt()) is None


TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
FIELDS = sorted({*FAILED, "error_code"})


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5) | st.binary(),
    st.sampled_from([NAMED, attempt()]),
)
def test_whatever_is_signed_is_a_word_about_this_attempt_or_none(
    content: object, tried: Attempt
) -> None:
    said = heard(content, tried)
    if said is not None:
        assert said.attempt_ref == tried.ref
        assert said.outcome is Outcome.PENDING
        assert said.provider_ref
        assert said.provider_ref.encode()


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_only_a_plain_yes_is_ever_paid(changes: dict[str, object]) -> None:
    content = PAID | changes
    said = heard(content)
    if said is not None and said.outcome is Outcome.PAID:
        assert content["transaction_status"] == "successful"
        assert content["event"] in ("payment.success", None)


@given(st.binary(), st.dictionaries(st.just("x-dgs-signature"), st.text()))
def test_whatever_is_unsigned_is_forged(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(ForgedWebhook):
        dgspay().hear(payment(NAMED), NAMED, Notice(body=body, headers=headers))


@pytest.mark.parametrize("body", [b"", b"hello", json.dumps(PAID).encode()])
def test_dgspay_hears_that_all_is_well_whatever_it_told(body: bytes) -> None:
    assert LISTING.acknowledge(body) == {"status": "ok"}


def test_an_official_hmac_example_is_signed() -> None:
    # RFC 4231, test case 2.
    signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    notice = Notice(body=b"what do ya want for nothing?", headers={"x-dgs-signature": signature})
    there = dgspay(replace(OURS, webhook_secret="Jefe"))
    assert there.hear(payment(NAMED), NAMED, notice) is None
