"""From the books of those to whom it happened to the table of how long it took."""

from dataclasses import replace

import flask
import pytest

from tests.benchmarks.latency.measured import Settling, Waited
from tests.benchmarks.latency.measuring import found_out, lives_of, taking_all, told
from tests.benchmarks.latency.section import section
from tests.benchmarks.latency.sightings import approved_at, heard_at, sent_at
from tests.load.arrivals import LIVE_KINDS
from tests.load.evidence import Message
from tests.load.receiver import Manners, Receiver, answer_to

SESSION = "CHK-0123456789ABCDEF"
CHARGE = {
    "refid": "0123456789ABCDEF01",
    "outcome": "paid",
    "settled_at": 100.0,
    "postbacks": [{"sent_at": 100.1}],
}
MESSAGE = Message(
    event_id="evt_0123456789ABCDEF_3",
    session_id=SESSION,
    tx_ref="ORDER-1",
    type="payment.successful",
    status="successful",
    body="{}",
    problems=(),
    answered=200,
    at=100.6,
)
SETTLING = Settling(
    told=tuple(Waited("kpay", seconds / 100) for seconds in range(1, 101)),
    found_out=(Waited("vpay", 13.5), Waited("kpay", 14.5)),
    made=100,
    made_silently=2,
    rate=0.5,
    troubles=(),
)


def test_a_webhook_left_when_the_provider_sent_it_first() -> None:
    twice = CHARGE | {"postbacks": [{"sent_at": 140.0}, {"sent_at": 100.2}, {"sent_at": None}]}
    assert sent_at([twice]) == {SESSION: 100.2}


def test_other_simulators_keep_their_messages_under_another_word() -> None:
    charge = {name: told for name, told in CHARGE.items() if name != "postbacks"}
    assert sent_at([charge | {"webhooks": [{"sent_at": 100.3}]}]) == {SESSION: 100.3}


def test_what_was_sent_before_the_money_moved_told_of_none() -> None:
    early = CHARGE | {"postbacks": [{"sent_at": 99.0}, {"sent_at": 100.4}]}
    assert sent_at([early]) == {SESSION: 100.4}


@pytest.mark.parametrize(
    "charge",
    [
        CHARGE | {"outcome": "failed"},
        CHARGE | {"postbacks": []},
        CHARGE | {"postbacks": [{"sent_at": None}]},
        CHARGE | {"refid": "somebody else's"},
    ],
)
def test_a_charge_that_nobody_told_of_as_paid_is_left_out(charge: dict[str, object]) -> None:
    assert sent_at([charge]) == {}


def test_a_silent_charge_counts_from_its_approval() -> None:
    assert approved_at([CHARGE | {"postbacks": []}]) == {SESSION: 100.0}
    assert found_out({"kpay": [CHARGE]}, {SESSION: 113.5}) == (Waited("kpay", 13.5),)


def test_the_first_arrival_counts_whatever_it_was_answered() -> None:
    refused = replace(MESSAGE, answered=503)
    again = replace(MESSAGE, at=105.7)
    assert heard_at([refused, again]) == heard_at([again, refused]) == {SESSION: 100.6}


@pytest.mark.parametrize(("manners", "statuses"), [(taking_all, {200}), (answer_to, {200, 503})])
def test_the_endpoint_takes_everything_and_the_load_tests_does_not(
    manners: Manners, statuses: set[int]
) -> None:
    receiver = Receiver({"kpay": "whsec_"}, manners)
    for number in range(100):
        headers = {"webhook-id": f"evt_{number}"}
        with flask.Flask("endpoint").test_request_context(method="POST", headers=headers):
            receiver.hear("kpay")
    assert {message.answered for message in receiver.messages} == statuses


@pytest.mark.parametrize(
    "message",
    [replace(MESSAGE, problems=("forged",)), replace(MESSAGE, type="payment.failed")],
)
def test_only_a_true_success_counts(message: Message) -> None:
    assert heard_at([message]) == {}


def test_a_payment_waits_from_the_providers_webhook_to_ours() -> None:
    (waited,) = told({"kpay": [CHARGE]}, heard_at([MESSAGE]), {SESSION: "kpay"})
    assert (waited.provider, round(waited.seconds, 3)) == ("kpay", 0.5)


def test_what_only_warmed_the_stack_is_left_out() -> None:
    assert told({"kpay": [CHARGE]}, heard_at([MESSAGE]), {}) == ()


def test_payments_come_one_by_one_each_provider_in_its_turn() -> None:
    lives = lives_of(LIVE_KINDS[0], 5, 0.5, after=7)
    assert [life.at for life in lives] == [0, 2, 4, 6, 8]
    assert [life.number for life in lives] == [7, 8, 9, 10, 11]
    assert [life.through for life in lives] == ["kpay", "vpay", "dgspay", "rwandapay", "kpay"]


def test_the_table_has_all_payments_first_and_then_each_providers() -> None:
    with_webhook, silent = section(SETTLING).tables
    assert with_webhook.rows[0] == (
        "provider's webhook sent, ours received",
        "100",
        "0.50",
        "0.99",
        "1.00",
        "0.26 to 0.75",
    )
    assert [row[:2] for row in silent.rows] == [
        ("approved, no webhook, `verify` says so", "2"),
        ("kpay", "1"),
        ("vpay", "1"),
    ]
    assert section(SETTLING).misses == ()


def test_a_payment_that_nobody_learned_of_is_a_miss() -> None:
    untold = replace(SETTLING, told=SETTLING.told[1:], found_out=(), troubles=("refused",))
    assert section(untold).misses == (
        "1 of 100 payments never came to their merchant.",
        "2 of 2 silent payments were never known as paid.",
        "refused",
    )
