"""The demo's judgement: what is a difference, how it is counted, and how it is shown."""

import io
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from infra.local.demo.books import NONE, Execution, read_history
from infra.local.demo.calls import Call
from infra.local.demo.control import charges_of
from infra.local.demo.row import Row, add_charges, add_messages, calls_naming, differences
from infra.local.demo.scenarios import REPLY_LOST, SCENARIOS, Expected, Scenario
from infra.local.demo.show import Shown, as_text
from infra.local.demo.table import table
from infra.local.demo.ticker import Ticker
from infra.local.demo.warm import TARGETS, Warm, misses
from infra.local.simulators.simulated import PROVIDERS
from payments.mode import Mode
from payments.status import SettledBy, Status
from providers.registry import REGISTRY
from providers.sandbox import MAGIC_NUMBERS

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

PAID = Scenario(
    what="paid",
    through="kpay",
    tried=("kpay",),
    expected=Expected(status=Status.SUCCESSFUL, settled_by=SettledBy.WEBHOOK, charges=1, paid=1),
)
SILENT = replace(PAID, expected=Expected(status=Status.PENDING, settled_by=None, answers=()))
FAILED_OVER = replace(PAID, through="all", tried=("kpay", "vpay"))
AS_DESIGNED = Warm(
    calls=dict(TARGETS),
    transitions_by_webhook=1,
    verify="ASIAVERIFY",
    nameless_at_opening=1,
    nameless_at_delivery=1,
)


def row(**given: object) -> Row:
    paid: dict[str, object] = {
        "what": "paid",
        "tried": ["kpay"],
        "method": "mobile_money",
        "mode": "live",
        "session_id": "CHK-AAAAAAAAAAAAAAAA",
        "status": "successful",
        "settled_by": "webhook",
        "events": ["payment.successful"],
        "answers": [200],
        "charges": 1,
        "paid": 1,
        "charged_at": ["kpay"],
    }
    return Row(**(paid | given))  # type: ignore[arg-type]  # any of its fields


def test_every_number_of_test_mode_is_played() -> None:
    phones = {each.phone for each in SCENARIOS if each.mode is Mode.TEST}
    assert {f"078000000{digit}" for digit in MAGIC_NUMBERS} <= phones


def test_mishaps_fall_on_nobody_else_and_the_longest_do_not_come_last() -> None:
    in_turn = sorted(SCENARIOS, key=lambda scenario: scenario.turn)
    assert [s.merchant_fails_once for s in in_turn].index(False) == 1
    mishaps = [scenario.has_mishap for scenario in in_turn]
    assert mishaps == sorted(mishaps, reverse=True)
    whats = [scenario.what for scenario in in_turn]
    assert whats.index("times out") < whats.index("paid in dollars")


def test_a_payment_that_ended_as_expected_differs_in_nothing() -> None:
    assert differences(row(), PAID) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"status": "pending"}, "status 'pending', not 'successful'"),
        ({"settled_by": "polling"}, "settled by 'polling', not 'webhook'"),
        ({"answers": [200, 200]}, "the shop answered (200, 200), not (200,)"),
        ({"charges": 2}, "charges 2, not 1"),
        ({"paid": 0}, "charges paid 0, not 1"),
        ({"events": ["payment.failed"]}, "['payment.failed'], not ['payment.successful']"),
        ({"forged": 1}, "1 webhooks under a bad signature"),
        ({"tried": ["kpay", "vpay"]}, "tried ('kpay', 'vpay'), not ('kpay',)"),
        ({"charged_at": ["vpay"]}, "charged at ['vpay'], not ['kpay']"),
        ({"charged_twice": True}, "charged more than once"),
    ],
)
def test_each_difference_is_told(given: dict[str, object], why: str) -> None:
    (told,) = differences(row(**given), PAID)
    assert why in told


def test_silence_is_well_only_while_somebody_asks() -> None:
    silent: dict[str, object] = {
        "status": "pending",
        "settled_by": None,
        "events": [],
        "answers": [],
        "charges": 0,
        "paid": 0,
        "charged_at": [],
    }
    assert differences(row(**silent, asked=1), SILENT) == []
    told = differences(row(**silent, asked=0), SILENT)
    assert told == ["nobody asks about it"]


def test_a_forged_message_is_no_delivery() -> None:
    heard = row(events=[], answers=[])
    good = {"signature": "good", "event": "payment.successful", "answered": [500, 200]}
    add_messages(heard, [good, good | {"signature": "bad", "answered": [401]}])
    assert (heard.events, heard.answers, heard.forged) == (["payment.successful"], [500, 200], 1)


def test_a_reference_sent_twice_is_noticed_though_charged_once() -> None:
    charged = row(charges=0, paid=0)
    add_charges(charged, [{"outcome": "paid", "asked": 2, "provider": "vpay"}])
    assert (charged.charges, charged.paid, charged.charged_twice) == (1, 1, True)
    assert charged.charged_at == ["vpay"]


def test_a_payment_that_fell_over_is_charged_by_its_last_provider_alone() -> None:
    fell = row(tried=["kpay", "vpay"], charged_at=["vpay"])
    assert differences(fell, FAILED_OVER) == []
    both = row(tried=["kpay", "vpay"], charged_at=["kpay", "vpay"], charges=2)
    told = differences(both, FAILED_OVER)
    assert told == ["charged at ['kpay', 'vpay'], not ['vpay']", "charges 2, not 1"]


def test_charges_are_found_by_payment_and_by_attempt() -> None:
    first, second, other = (
        {"refid": ref} for ref in ("A" * 16 + "01", "A" * 16 + "02", "B" * 16 + "01")
    )
    ledger = [first, second, other]
    assert charges_of("CHK-" + "A" * 16, ledger) == [first, second]
    assert charges_of("A" * 16 + "02", ledger) == [second]


def test_every_method_of_every_provider_is_paid_in_both_ways_declined_and_left_silent() -> None:
    live = [each for each in SCENARIOS if each.mode is Mode.LIVE]
    for provider in PROVIDERS:
        for method in REGISTRY[provider].offers:
            ours = [s for s in live if s.tried == (provider,) and s.method is method]
            endings = {(s.expected.status, s.expected.settled_by) for s in ours}
            assert {
                (Status.SUCCESSFUL, SettledBy.WEBHOOK),
                (Status.SUCCESSFUL, SettledBy.POLLING),
                (Status.FAILED, SettledBy.WEBHOOK),
            } <= endings
            assert any(s.phone == REPLY_LOST for s in ours)


def call(*, request: str, function: str = "ASIAINITIALIZE") -> Call:
    return Call(id="1", at=0.0, function=function, operation="GetItem", request=request)


def test_calls_are_counted_by_id_reference_and_event_and_never_verifys() -> None:
    payment = "CHK-AAAAAAAAAAAAAAAA"
    calls = [
        call(request='{"pk": "CHK-AAAAAAAAAAAAAAAA"}'),
        call(request='{"name": "AAAAAAAAAAAAAAAA01"}'),
        call(request='{"name": "evt_AAAAAAAAAAAAAAAA_3"}'),
        call(request='{"pk": "CHK-BBBBBBBBBBBBBBBB"}'),
        call(request='{"pk": "CHK-AAAAAAAAAAAAAAAA"}', function="ASIAVERIFY"),
    ]
    assert calls_naming(payment, calls, but_by="ASIAVERIFY") == 3


def entered(name: str) -> "HistoryEventTypeDef":
    return {  # type: ignore[typeddict-item]  # a part of it will do
        "type": "TaskStateEntered",
        "stateEnteredEventDetails": {"name": name},
    }


def test_a_transition_is_a_state_entered() -> None:
    woken: HistoryEventTypeDef = {  # type: ignore[typeddict-item]  # a part of it will do
        "type": "TaskSucceeded",
        "taskSucceededEventDetails": {
            "resourceType": "aws-sdk:dynamodb",
            "resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        },
    }
    one = read_history([entered("AwaitOutcome"), woken], running=False)
    assert (one.transitions, one.woken, one.running) == (1, 1, False)
    both = one + read_history([entered("AwaitOutcome"), entered("AskProvider")], running=True)
    assert (both.transitions, both.woken, both.running) == (3, 1, True)
    assert sum([one], NONE) == Execution(states=Counter(AwaitOutcome=1), woken=1)


def test_the_designs_own_numbers_miss_nothing() -> None:
    assert misses(AS_DESIGNED, 7) == []


@pytest.mark.parametrize("name", TARGETS)
def test_one_call_more_or_less_is_a_miss(name: str) -> None:
    for off in (-1, 1):
        measured = Warm(
            calls=TARGETS | {name: TARGETS[name] + off},
            transitions_by_webhook=1,
            verify="",
            nameless_at_opening=1,
            nameless_at_delivery=1,
        )
        (told,) = misses(measured, 7)
        assert name in told


def test_more_transitions_than_designed_are_a_miss() -> None:
    (told,) = misses(AS_DESIGNED, 8)
    assert "more than 7" in told


def test_the_table_marks_what_went_wrong_and_shows_every_delivery() -> None:
    drawn = table([row(), row(what="retried", answers=[500, 200], problems=["charges 2, not 1"])])
    _, rule, good, bad = drawn.splitlines()
    assert rule.startswith("  ---")
    assert good.startswith("  K-Pay     mobile money  paid ")
    assert "once" in good
    assert bad.startswith("! ")
    assert "retried" in bad
    assert "2 x (500, 200)" in bad


def test_the_verdict_names_every_problem_with_its_payment() -> None:
    shown = Shown(
        rows=[row(problems=["charges 2, not 1"])],
        warm=AS_DESIGNED,
        silent_transitions=8,
        problems=misses(AS_DESIGNED, 8),
        other_calls=0,
    )
    assert not shown.is_good
    told = as_text(shown)
    assert "kpay mobile_money: paid: charges 2, not 1" in told
    assert "more than 7" in told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_a_log_elsewhere() -> None:
    terminal, log = Terminal(), io.StringIO()
    for out in (terminal, log):
        ticker = Ticker(out)
        ticker.show("1 of 2 have ended")
        ticker.tell("live: paid")
        ticker.clear()
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert log.getvalue() == "  live: paid\n"
