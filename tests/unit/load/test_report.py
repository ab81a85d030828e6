"""What a load run prints, and the receiver's manners."""

from dataclasses import replace

import pytest

from tests.load.__main__ import chosen
from tests.load.receiver import answer_to, parsed
from tests.load.report import MOST_SHOWN, quantile, seconds_until_heard, verdict
from tests.unit.load.test_verdict import GOOD, other


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_the_value_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert quantile(range(100, 0, -1), share) == value


def test_the_only_value_is_every_quantile() -> None:
    assert quantile([7.0], 0.5) == quantile([7.0], 0.99) == 7.0


def test_news_is_timed_from_the_money_to_the_message_that_was_taken() -> None:
    evidence = replace(
        GOOD,
        charges=other(0, settled_at=100.0)(GOOD.charges),
        messages=other(1, at=103.0)(GOOD.messages),
    )
    assert seconds_until_heard(evidence) == [3.0]


def test_a_run_that_agrees_says_so_and_one_that_does_not_names_it() -> None:
    assert verdict([]) == ["Nothing missing, nothing twice."]
    assert verdict(["one"]) == ["1 discrepancies:", "  one"]
    assert verdict(["x"] * (MOST_SHOWN + 2))[-1] == "  … and 2 more"


def test_some_events_are_refused_the_first_time_and_none_the_second() -> None:
    ids = [f"evt_{number}" for number in range(1000)]
    first = [answer_to(event_id, is_known=False) for event_id in ids]
    assert 50 < first.count(503) < 200
    assert {answer_to(event_id, is_known=True) for event_id in ids} == {200}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 1}', b"\xff"])
def test_whatever_comes_can_be_written_down(body: bytes) -> None:
    assert parsed(body)["data"] == {}


def test_a_run_is_chosen_on_the_command_line() -> None:
    wanted = chosen(["--rate", "3", "--seconds", "10", "--seed", "7"])
    assert (wanted.rate, wanted.seconds, wanted.seed) == (3.0, 10.0, 7)


@pytest.mark.parametrize("arguments", [["--rate", "0"], ["--rate", "0.1", "--seconds", "5"]])
def test_a_run_without_a_payment_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        chosen(arguments)
