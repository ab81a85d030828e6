from collections import Counter, defaultdict

import pytest

from tests.benchmarks.cost.outcomes import ABANDONED, DECLINED, DOWN, OUTCOMES, SETTLED, SILENT
from tests.benchmarks.cost.usual_design import Ours, Watched, usual_story, watched

OURS = Ours(
    own_seconds=defaultdict(lambda: 0.002), answered=defaultdict(lambda: 500), tries_to_deliver=8
)


def functions(name: str) -> Counter[str]:
    outcome = next(outcome for outcome in OUTCOMES if outcome.name == name)
    return Counter(work.function for work in usual_story(outcome, OURS).works)


@pytest.mark.parametrize(
    ("known_after", "expected"),
    [
        # Wait, check and choose each time, and the end.
        (0.0, Watched(4, 1, 3.0)),
        (3.0, Watched(4, 1, 3.0)),
        (10.0, Watched(13, 4, 12.0)),
        (25.0, Watched(28, 9, 27.0)),
    ],
)
def test_the_machine_looks_every_three_seconds(known_after: float, expected: Watched) -> None:
    assert watched(known_after) == expected


def test_a_webhook_settles_and_the_machine_finds_out() -> None:
    story = usual_story(SETTLED, OURS)
    assert functions(SETTLED.name) == {
        "Initialize": 1,
        "Page": 1 + 4,
        "Pay": 1,
        "AskProvider": 4,
        "KpayWebhook": 1,
        "Deliver": 1,
        "Verify": 1,
    }
    assert story.transitions == {"Watch": 13}
    assert story.messages == 3
    # The charge, the webhook's confirmation, three questions; the fourth finds it settled.
    assert sum(work.providers for work in story.works) == 1 + 1 + 3


def test_a_silent_provider_is_asked_until_it_says_so() -> None:
    story = usual_story(SILENT, OURS)
    assert "KpayWebhook" not in functions(SILENT.name)
    assert sum(work.providers for work in story.works) == 1 + 9
    assert story.transitions == {"Watch": 28}
    # 27 s on, the page's tenth look since the redirect sees it.
    assert functions(SILENT.name)["Page"] == 1 + 10


def test_a_decline_is_told_as_a_settlement_is() -> None:
    assert usual_story(DECLINED, OURS) == usual_story(SETTLED, OURS)


def test_what_nobody_pays_is_watched_by_nobody_and_told_once() -> None:
    story = usual_story(ABANDONED, OURS)
    assert functions(ABANDONED.name) == {"Initialize": 1, "Page": 1, "Announce": 1, "Deliver": 1}
    assert story.transitions == {}
    assert story.executions == {}
    assert story.messages == 3


def test_an_endpoint_that_is_down_is_tried_as_often_as_ours() -> None:
    story = usual_story(DOWN, OURS)
    assert functions(DOWN.name)["Deliver"] == 8
    assert story.messages == 1 + 2 * 8
    # It answers once.
    assert sum(work.merchants for work in story.works) == 1


def test_only_what_is_asked_by_the_machine_begins_no_trace() -> None:
    works = usual_story(SETTLED, OURS).works
    assert {work.function for work in works if not work.begins_a_trace} == {"AskProvider"}


def test_idempotency_costs_two_writes_wherever_something_is_changed() -> None:
    writes = {work.function: work.writes for work in usual_story(SETTLED, OURS).works}
    assert writes == {
        "Initialize": 2 + 1 + 2,
        "Page": 0,
        "Pay": 2 + 2 + 1,
        "AskProvider": 0,
        "KpayWebhook": 2 + 2,
        "Deliver": 2,
        "Verify": 0,
    }
