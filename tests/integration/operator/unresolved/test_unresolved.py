import json
from typing import Any

import httpx
import pytest

from infra.operator import open_attempts
from infra.operator.deployment import Deployment
from infra.operator.refused import NotOpen
from payments.money import Money
from payments.report import Outcome, Report
from payments.status import SettledBy
from plumbing import wiring
from settlement.judge import Decision
from settlement.settle import settle
from tests.integration.gateway import Gateway
from tests.integration.histories import declined
from tests.integration.operator.conftest import STACK, Answer, Run
from tests.integration.operator.stand_in_cloudformation import Stacks
from tests.integration.reporting.asking import shown

BECAUSE = "K-Pay's statement of 22 November, line 14"


def left_open(gateway: Gateway, tx_ref: str = "ORDER-12345", *, hosted: bool = False) -> str:
    """An attempt that a day of questions left open, its customer's answer never told of."""
    session = gateway.opened(tx_ref=tx_ref)
    if hosted:
        gateway.paying(session)
    else:
        gateway.process(session)
    reference = gateway.attempt(session).ref
    gateway.internet.failure = httpx.ReadTimeout("silence")
    gateway.ask_provider(session, reference, last=True)
    gateway.internet.failure = None
    return reference


def session_of(reference: str) -> str:
    return f"CHK-{reference[:16]}"


# -------------------------------------------------------------------- the list
def test_nothing_open_is_told_as_none(run: Run) -> None:
    told = run("unresolved")
    assert (told.exit_code, told.stdout) == (0, "none\n")


def test_what_is_open_is_listed_with_all_that_a_person_needs(
    gateway: Gateway, answer: Answer
) -> None:
    gateway.opened(tx_ref="ORDER-1")
    reference = left_open(gateway)
    assert answer("unresolved") == [
        {
            "merchant": gateway.shop.merchant.merchant_id,
            "tx_ref": "ORDER-12345",
            "amount": "5000 RWF",
            "attempt": reference,
            "provider": "kpay",
            "provider_ref": gateway.attempt(session_of(reference)).provider_ref,
            "since": "2026-11-21T14:30:00Z",
            "why": "no final word from the provider in a day",
        }
    ]
    assert answer("unresolved", "--mode", "test") == []


def test_the_oldest_comes_first_however_many_there_are(gateway: Gateway, answer: Answer) -> None:
    references = []
    for number in range(3):
        references.append(left_open(gateway, f"ORDER-{number}"))
        gateway.clock.move(60)
    assert [one["attempt"] for one in answer("unresolved")] == references


def test_the_list_is_a_table_for_people(gateway: Gateway, run: Run) -> None:
    reference = left_open(gateway)
    lines = run("unresolved").stdout.splitlines()
    assert lines[0].split() == [
        "merchant",
        "tx_ref",
        "amount",
        "attempt",
        "provider",
        "provider_ref",
        "since",
        "why",
    ]
    assert reference in lines[1]


# -------------------------------------------------------------------- ask
def asked(run: Run, reference: str) -> dict[str, Any]:
    """What a question came to; the function that asks logs in this process too."""
    result = run("unresolved", "ask", reference, "--json")
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{\n") :])
    return told


def test_a_question_that_is_answered_settles(gateway: Gateway, run: Run, answer: Answer) -> None:
    reference = left_open(gateway)
    gateway.approve(reference)
    assert asked(run, reference) == {
        "attempt": reference,
        "status": "paid",
        "reason": None,
        "settled_by": "polling",
        "why": None,
        "payment": "ORDER-12345",
        "payment_status": "successful",
    }
    assert answer("unresolved") == []


def test_a_question_without_an_answer_leaves_it_open(gateway: Gateway, run: Run) -> None:
    reference = left_open(gateway)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    told = asked(run, reference)
    assert (told["status"], told["settled_by"]) == ("accepted", None)
    assert told["why"] == "no final word from the provider in a day"


def test_a_question_about_doubtful_late_money_is_asked(gateway: Gateway, run: Run) -> None:
    reference = doubtful(gateway)
    before = len(gateway.internet.questions)
    told = asked(run, reference)
    assert len(gateway.internet.questions) == before + 1
    assert (told["status"], told["why"]) == ("declined", "the provider states another sum")


def test_a_question_about_what_is_settled_is_refused(gateway: Gateway, run: Run) -> None:
    reference = left_open(gateway)
    gateway.approve(reference)
    gateway.till.tick()
    refused = run("unresolved", "ask", reference)
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: {reference} is paid already, and nothing about it is open\n"


@pytest.mark.parametrize("reference", ["ORDER-12345", "0000000000000000", "000000000000000001"])
def test_an_attempt_that_is_none_is_refused(run: Run, reference: str) -> None:
    for words in (("ask", reference), ("settle", reference, "--paid", "--because", "x", "--yes")):
        refused = run("unresolved", *words)
        assert refused.exit_code == 1
        assert refused.stderr == f"Error: There is no attempt {reference}\n"


def test_a_question_that_breaks_says_so_and_no_more(
    gateway: Gateway, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = left_open(gateway)
    monkeypatch.setenv("PAYMENTS_TABLE", "Merchants")
    wiring.forget()
    refused = run("unresolved", "ask", reference)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: The question broke, and nothing is known of its outcome: LookupError\n"
    )


def test_a_stack_that_tells_of_no_function_is_to_be_deployed_again(
    gateway: Gateway, run: Run, stacks: Stacks
) -> None:
    reference = left_open(gateway)
    del stacks[STACK]["AskProviderFunction"]
    refused = run("unresolved", "ask", reference)
    assert (refused.exit_code, "deploy it again" in refused.stderr) == (1, True)


# -------------------------------------------------------------------- a person's word
def test_a_person_may_say_that_it_was_paid_and_the_merchant_hears_of_it(
    gateway: Gateway, answer: Answer
) -> None:
    reference = left_open(gateway)
    told = answer("unresolved", "settle", reference, "--paid", "--because", BECAUSE, "--yes")
    assert (told["status"], told["settled_by"]) == ("paid", "person")
    assert told["payment_status"] == "successful"
    assert answer("unresolved") == []
    attempt = gateway.attempt(session_of(reference))
    assert attempt.decided_because == BECAUSE
    assert attempt.decided_by == "arn:aws:sts::123456789012:user/moto"
    gateway.pump()
    (event,) = gateway.events_of(session_of(reference))
    assert json.loads(event["body"])["data"]["status"] == "successful"


def test_a_person_may_say_that_it_was_not_paid(gateway: Gateway, answer: Answer) -> None:
    reference = left_open(gateway)
    told = answer("unresolved", "settle", reference, "--not-paid", "--because", BECAUSE, "--yes")
    assert (told["status"], told["reason"]) == ("declined", "declined")
    assert (told["settled_by"], told["payment_status"]) == ("person", "failed")
    assert answer("unresolved") == []


def test_what_was_not_paid_on_our_page_may_be_tried_again(gateway: Gateway, answer: Answer) -> None:
    reference = left_open(gateway, hosted=True)
    told = answer("unresolved", "settle", reference, "--not-paid", "--because", BECAUSE, "--yes")
    assert told["payment_status"] == "pending"
    assert gateway.paying(session_of(reference), number=2) != reference


def test_a_person_is_asked_first_and_no_is_no(gateway: Gateway, run: Run) -> None:
    reference = left_open(gateway)
    before = gateway.payment(session_of(reference))
    words = ("unresolved", "settle", reference, "--paid", "--because", BECAUSE)
    stopped = run(*words, typing="n\n")
    assert stopped.exit_code == 1
    assert "5000 RWF" in stopped.stdout
    assert "Was this paid, by its books?" in stopped.stdout
    assert gateway.payment(session_of(reference)) == before
    assert run(*words, typing="y\n").exit_code == 0
    assert gateway.payment(session_of(reference)).status == "successful"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--because", BECAUSE), "Say --paid or --not-paid"),
        (("--paid", "--because", "  "), "Say --because in 1 to 500 characters"),
        (("--paid", "--because", "x" * 501), "Say --because in 1 to 500 characters"),
    ],
)
def test_a_person_has_to_say_what_and_why(
    gateway: Gateway, run: Run, words: tuple[str, ...], message: str
) -> None:
    reference = left_open(gateway)
    refused = run("unresolved", "settle", reference, *words, "--yes")
    assert (refused.exit_code, refused.stderr) == (1, f"Error: {message}\n")
    assert gateway.attempt(session_of(reference)).is_live


def test_what_is_settled_takes_no_persons_word(gateway: Gateway, run: Run) -> None:
    reference = left_open(gateway)
    gateway.decline(reference)
    gateway.till.tick()
    before = gateway.payment(session_of(reference))
    refused = run("unresolved", "settle", reference, "--paid", "--because", BECAUSE, "--yes")
    assert refused.exit_code == 1
    assert refused.stderr == (
        f"Error: {reference} is declined already, and nothing about it is open\n"
    )
    assert gateway.payment(session_of(reference)) == before


def test_a_provider_that_answers_meanwhile_is_not_outvoted(
    gateway: Gateway, deployment: Deployment
) -> None:
    found = open_attempts.to_be_settled(deployment, left_open(gateway))
    gateway.decline(found.attempt.ref)
    gateway.till.tick()
    settled = gateway.payment(found.payment.session_id)
    paid = Decision(is_paid=True, by="somebody", because=BECAUSE)
    with pytest.raises(NotOpen, match="settled meanwhile"):
        open_attempts.settle(deployment, found, paid, gateway.clock())
    assert gateway.payment(found.payment.session_id) == settled


# -------------------------------------------------------------------- doubtful late money
def doubtful(gateway: Gateway) -> str:
    """A declined attempt of which its provider now says that another sum was paid."""
    session = declined(gateway)
    reference = gateway.attempt(session).ref
    said = Report(attempt_ref=reference, outcome=Outcome.PAID, stated=Money(4999, "RWF"))
    now = gateway.clock()
    settle(gateway.ledger, gateway.payment(session), said, SettledBy.WEBHOOK, now)
    assert gateway.attempt(session).needs_review == "the provider states another sum"
    return reference


def test_doubtful_late_money_is_listed(gateway: Gateway, answer: Answer) -> None:
    reference = doubtful(gateway)
    assert [one["attempt"] for one in answer("unresolved")] == [reference]


def test_doubtful_late_money_may_be_found_to_be_none(gateway: Gateway, answer: Answer) -> None:
    reference = doubtful(gateway)
    told = answer("unresolved", "settle", reference, "--not-paid", "--because", BECAUSE, "--yes")
    assert (told["status"], told["settled_by"]) == ("declined", "webhook")
    assert (told["why"], told["payment_status"]) == (None, "failed")
    assert answer("unresolved") == []
    assert gateway.attempt(session_of(reference)).decided_because == BECAUSE


def test_doubtful_late_money_may_be_found_to_be_good(gateway: Gateway, answer: Answer) -> None:
    reference = doubtful(gateway)
    told = answer("unresolved", "settle", reference, "--paid", "--because", BECAUSE, "--yes")
    assert (told["status"], told["payment_status"]) == ("paid", "successful")
    gateway.pump()
    last = json.loads(gateway.events_of(session_of(reference))[-1]["body"])
    assert (last["event"], last["data"]["late"]) == ("payment.successful", True)


def test_the_merchant_is_told_that_a_person_settled_it_and_not_who(
    gateway: Gateway, run: Run
) -> None:
    reference = left_open(gateway)
    run("unresolved", "settle", reference, "--paid", "--because", BECAUSE, "--yes")
    told = shown(gateway, "ORDER-12345")
    assert told.json["data"]["attempts"][0]["settled_by"] == "person"
    assert BECAUSE not in told.text
    assert "arn:aws" not in told.text
