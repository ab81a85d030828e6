import httpx
import pytest

from tests.integration.gateway import PREFIX, Gateway, parameters
from tests.integration.histories import lost


def test_settles_what_the_provider_says_was_paid(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.approve(reference)
    assert gateway.ask_provider(session, reference) == {"settled": True}
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", "polling")
    assert gateway.payment(session).status == "successful"


def test_settles_what_the_provider_says_was_declined(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    reference = gateway.attempt(session).ref
    gateway.decline(reference)
    assert gateway.ask_provider(session, reference) == {"settled": True}
    assert gateway.payment(session).status == "failed"


def test_finds_a_payment_whose_reply_was_lost(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session, phone="0788000006")
    reference = gateway.attempt(session).ref
    assert gateway.attempt(session).status == "unknown"
    assert gateway.ask_provider(session, reference) == {"settled": True}
    assert gateway.payment(session).status == "successful"
    assert gateway.till.charges.asked[reference] == 1


def test_a_pending_answer_settles_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    before = gateway.payment(session)
    assert gateway.ask_provider(session, reference) == {"settled": False}
    assert gateway.payment(session) == before


def test_a_pending_answer_makes_a_lost_reply_accepted(gateway: Gateway) -> None:
    session, reference = lost(gateway)
    gateway.internet.replacement = httpx.Response(
        200, json={"tid": "E7", "refid": reference, "statusid": "03"}
    )
    gateway.ask_provider(session, reference)
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.provider_ref) == ("accepted", "E7")


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("silence"), httpx.ConnectError("down")], ids=repr
)
def test_silence_settles_nothing(gateway: Gateway, failure: httpx.TransportError) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    before = gateway.payment(session)
    gateway.internet.failure = failure
    assert gateway.ask_provider(session, reference) == {"settled": False}
    assert gateway.payment(session) == before


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"reply": "INVALID_AUTH", "retcode": 602}),
        httpx.Response(403, text="Forbidden"),
        httpx.Response(500, json={"statusid": "02"}),
        httpx.Response(200, json={"statusid": "602", "refid": ""}),
        httpx.Response(200, json={"retcode": 600}),
        httpx.Response(200, text=""),
    ],
)
def test_a_question_turned_away_settles_nothing(gateway: Gateway, answer: httpx.Response) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    before = gateway.payment(session)
    gateway.internet.replacement = answer
    assert gateway.ask_provider(session, reference) == {"settled": False}
    assert gateway.payment(session) == before


def test_missing_credentials_settle_nothing(gateway: Gateway) -> None:
    session = gateway.opened(gateway.enrol("Forgetful").live)
    reference = gateway.paying(session)
    merchant = gateway.payment(session).merchant_id
    parameters().delete_parameter(Name=f"{PREFIX}/providers/kpay/{merchant}/live")
    gateway.forget_secrets()
    assert gateway.ask_provider(session, reference) == {"settled": False}


# -------------------------------------------------------------------- not found
def test_not_found_is_an_answer_after_three_times_and_five_minutes(gateway: Gateway) -> None:
    session, reference = lost(gateway)
    for seconds in (15, 25, 100, 174):
        gateway.clock.move(seconds)
        assert gateway.ask_provider(session, reference) == {"settled": False}
    gateway.clock.move(1)
    assert gateway.ask_provider(session, reference) == {"settled": True}
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.reason) == ("refused", "never_arrived")
    assert gateway.verify(session).json["status"] == "failed"


def test_not_found_twice_is_no_answer_however_late(gateway: Gateway) -> None:
    session, reference = lost(gateway)
    for settled in (False, False, True):
        gateway.clock.move(3600)
        assert gateway.ask_provider(session, reference) == {"settled": settled}


def test_what_was_accepted_did_arrive_whatever_is_not_found_later(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.internet.replacement = httpx.Response(200, json={"refid": "", "statusid": "611"})
    for _ in range(5):
        gateway.clock.move(600)
        assert gateway.ask_provider(session, reference) == {"settled": False}


def test_not_found_leaves_room_for_another_try_on_the_page(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.internet.failure = httpx.ReadTimeout("silence")
    reference = gateway.paying(session)
    gateway.internet.failure = None
    for _ in range(3):
        gateway.clock.move(150)
        gateway.ask_provider(session, reference)
    assert gateway.payment(session).status == "pending"
    second = gateway.paying(session, number=2)
    assert second != reference
    assert [charge.refid for charge in gateway.till.charges.made] == [second]


# -------------------------------------------------------------------- the last question
def test_the_last_question_parks_and_never_fails(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    assert gateway.ask_provider(session, reference, last=True) == {"settled": False}
    attempt = gateway.attempt(session)
    assert attempt.is_live
    assert attempt.needs_review == "no final word from the provider in a day"
    assert gateway.payment(session).status == "pending"


def test_the_last_question_asked_again_parks_once(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.ask_provider(session, reference, last=True)
    parked = gateway.payment(session)
    gateway.ask_provider(session, reference, last=True)
    assert gateway.payment(session) == parked


def test_the_last_question_may_still_be_answered(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.approve(reference)
    assert gateway.ask_provider(session, reference, last=True) == {"settled": True}
    assert gateway.attempt(session).needs_review is None


def test_a_parked_payment_is_still_settled_by_a_later_word(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.ask_provider(session, reference, last=True)
    gateway.approve(reference)
    gateway.till.tick()
    assert gateway.payment(session).status == "successful"


# -------------------------------------------------------------------- nothing to ask
def test_a_settled_attempt_is_not_asked_about(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.approve(reference)
    gateway.till.tick()
    settled = gateway.payment(session)
    gateway.internet.questions.clear()
    for last in (False, True):
        assert gateway.ask_provider(session, reference, last=last) == {"settled": True}
    assert gateway.internet.questions == []
    assert gateway.payment(session) == settled


def test_an_attempt_that_does_not_exist_is_our_mistake_and_loud(gateway: Gateway) -> None:
    session = gateway.opened()
    for payment, attempt in ((session, f"{session[4:]}01"), ("CHK-0000000000000000", "X")):
        with pytest.raises(LookupError):
            gateway.ask_provider(payment, attempt)


# -------------------------------------------------------------------- test mode's own endings
@pytest.mark.parametrize(
    ("phone", "before", "after", "status"),
    [
        ("0780000003", 39, 40, "failed"),
        ("0780000005", 19, 20, "successful"),
        ("0780000006", None, 0, "successful"),
        ("0780000007", None, 0, "successful"),
    ],
)
def test_the_numbers_that_only_polling_settles(
    gateway: Gateway, phone: str, before: int | None, after: int, status: str
) -> None:
    session = gateway.opened(gateway.shop.test)
    assert gateway.process(session, phone=phone).json["data"]["status"] == "pending"
    reference = gateway.attempt(session).ref
    if before is not None:
        gateway.clock.move(before)
        assert gateway.ask_provider(session, reference) == {"settled": False}
    gateway.clock.move(after - (before or 0))
    assert gateway.ask_provider(session, reference) == {"settled": True}
    assert gateway.payment(session).status == status


def test_the_silent_number_is_never_settled(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000004")
    gateway.clock.move(86_400)
    reference = gateway.attempt(session).ref
    assert gateway.ask_provider(session, reference, last=True) == {"settled": False}
    assert gateway.attempt(session).needs_review


def test_a_test_webhook_that_is_lost_is_made_good(gateway: Gateway) -> None:
    gateway.internet.is_webhook_lost = True
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000000")
    assert gateway.payment(session).status == "pending"
    gateway.ask_provider(session, gateway.attempt(session).ref)
    assert gateway.payment(session).status == "successful"
