from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.ses.models import ses_backends
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

from announcements import send_receipt
from ledger.payments import News
from payments.status import Status
from plumbing import wiring
from tests.integration.announcements.test_logs import overheard
from tests.integration.gateway import Gateway
from tests.integration.rest_events import Context
from tests.integration.tables import RESOURCES

SENDER = "receipts@ikawa.example"
CUSTOMER = {"name": "John Doe", "email": "john@example.com", "phone": "0788123456"}
(FILTER,) = (
    yaml_parse(told["Pattern"])
    for told in RESOURCES["SendReceiptChanges"]["Properties"]["FilterCriteria"]["Filters"]
)

Record = dict[str, Any]


@pytest.fixture(autouse=True)
def _sender(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gateway.items() == []
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    monkeypatch.setenv("RECEIPT_SENDER", SENDER)
    wiring.forget()


def meets(pattern: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Lambda's filter, as far as the template speaks it."""
    return all(
        meets(wanted, told.get(name, {}))
        if isinstance(wanted, dict)
        else name in told and told[name] in wanted
        for name, wanted in pattern.items()
    )


def heard(gateway: Gateway) -> list[Record]:
    """What the stream brings, by the template's filter."""
    return [record for record in gateway.changes() if meets(FILTER, record)]


def send(records: Sequence[Record]) -> list[str]:
    """Hand records to the function; the sequence numbers that it failed."""
    answer = send_receipt.handler({"Records": list(records)}, Context())  # type: ignore[arg-type]  # as much of one as it reads
    return [str(failed["itemIdentifier"]) for failed in answer["batchItemFailures"]]


def mails() -> list[Any]:
    """What SES sent."""
    sent: list[Any] = ses_backends["123456789012"]["eu-west-1"].sent_messages
    return sent


def paid(gateway: Gateway, **changes: Any) -> str:  # noqa: ANN401  # any field of an order
    """A live payment that was paid."""
    session = gateway.opened(**changes)
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    return session


def marks(gateway: Gateway) -> list[str]:
    return [f"{i['pk']} {i['sk']}" for i in gateway.items() if i["sk"].startswith("RECEIPT")]


@contextmanager
def answering(operation: str, status: int, code: str) -> Iterator[None]:
    """AWS answers so in place of itself; its words name the customer, as SES's do."""
    service, called = operation.split(".")
    client = wiring.mail() if service == "sesv2" else wiring.dynamodb()

    def answer(**_: Any) -> Any:  # noqa: ANN401  # botocore says what it sends
        told = {
            "Error": {"Code": code, "Message": "No: john@example.com"},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        }
        return AWSResponse("https://aws.example", status, HTTPHeaders(), None), told

    event = f"before-call.{service}.{called}"
    client.meta.events.register_first(event, answer)
    yield
    client.meta.events.unregister(event, answer)


# -------------------------------------------------------------------- the mail
def test_whoever_paid_gets_a_receipt_at_the_address_the_payment_was_opened_with(
    gateway: Gateway,
) -> None:
    session = paid(gateway)
    assert send(heard(gateway)) == []
    (mail,) = mails()
    assert mail.source == SENDER
    assert mail.destinations == {"ToAddresses": ["john@example.com"]}
    assert "Ikawa House" in mail.subject
    assert gateway.payment(session).transaction_id in mail.body


def test_the_mail_is_both_plain_and_html_and_all_of_it_utf_8(gateway: Gateway) -> None:
    paid(gateway, description="Café")
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params)

    hooks = wiring.mail().meta.events
    hooks.register("provide-client-params.sesv2.SendEmail", note)
    send(heard(gateway))
    hooks.unregister("provide-client-params.sesv2.SendEmail", note)
    simple = asked[0]["Content"]["Simple"]
    parts = [simple["Subject"], *simple["Body"].values()]
    assert {part["Charset"] for part in parts} == {"UTF-8"}
    assert simple["Body"].keys() == {"Text", "Html"}
    assert "Café" in simple["Body"]["Text"]["Data"]
    assert "<" not in simple["Body"]["Text"]["Data"]


def test_a_payers_own_address_does_not_turn_the_receipt_away(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = gateway.process(
        session, phone="0788123456", customer_name="Mallory", email="mallory@example.org"
    )
    assert answer.status == 200, answer.text
    gateway.approve(gateway.attempt(session).ref)
    gateway.till.tick()
    assert gateway.attempt(session).payer_email == "mallory@example.org"
    send(heard(gateway))
    assert [mail.destinations["ToAddresses"] for mail in mails()] == [["john@example.com"]]
    assert "Mallory" not in mails()[0].body


# -------------------------------------------------------------------- who gets none
def test_test_mode_sends_nothing(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.paying(session, "0780000000")
    changes = gateway.changes()
    assert gateway.payment(session).status == "successful"
    assert not any(meets(FILTER, record) for record in changes)
    assert send(changes[-1:]) == []
    assert mails() == []


def test_what_was_not_paid_sends_nothing(gateway: Gateway) -> None:
    gateway.pay(gateway.opened(), leave="1")
    (ending,) = gateway.changes()
    assert not meets(FILTER, ending)
    assert send([ending]) == []
    assert mails() == []


@pytest.mark.parametrize(
    "email",
    [
        "a,b@example.com",
        "a;b@example.com",
        "<a>@example.com",
        '"a"@example.com',
        "umwaná@example.com",
        "a@exämple.com",
        "a@example.com>",
    ],
)
def test_what_is_not_one_mailbox_is_not_written_to(gateway: Gateway, email: str) -> None:
    paid(gateway, customer={**CUSTOMER, "email": email})
    changes = heard(gateway)
    assert len(changes) == 1
    assert send(changes) == []
    assert mails() == []


# -------------------------------------------------------------------- once
def test_the_same_change_again_sends_nothing_more(gateway: Gateway) -> None:
    session = paid(gateway)
    changes = heard(gateway)
    assert [send(changes), send(changes + changes)] == [[], []]
    assert len(mails()) == 1
    assert marks(gateway) == [f"{session} RECEIPT#{gateway.payment(session).version:010}"]


def test_the_mark_calls_for_nothing(gateway: Gateway) -> None:
    paid(gateway)
    send(heard(gateway))
    assert len(marks(gateway)) == 1
    assert gateway.changes() == []


def test_late_money_has_its_receipt(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    gateway.decline(gateway.attempt(session).ref)
    gateway.till.tick()
    assert heard(gateway) == []
    assert gateway.payment(session).status == "failed"
    gateway.clock.move(60)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    assert send(heard(gateway)) == []
    assert len(mails()) == 1


def test_a_duplicate_charge_has_no_second_receipt(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.decline(gateway.paying(session))
    gateway.till.tick()
    gateway.clock.move(5)
    gateway.approve(gateway.paying(session, number=2))
    gateway.till.tick()
    assert send(heard(gateway)) == []
    gateway.clock.move(5)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    again = gateway.changes()
    assert [record["dynamodb"]["NewImage"]["news"]["S"] for record in again] == ["status"]
    assert not meets(FILTER, again[0])
    assert send(again) == []
    assert len(mails()) == 1


def test_a_dispute_that_the_shop_won_has_no_second_receipt(gateway: Gateway) -> None:
    session = paid(gateway)
    send(heard(gateway))
    for status in (Status.DISPUTED, Status.SUCCESSFUL):
        standing = gateway.payment(session)
        moved = replace(standing, status=status, version=standing.version + 1)
        gateway.ledger.save(moved, News.STATUS)
    changes = gateway.changes()
    assert len(changes) == 2
    assert not any(meets(FILTER, record) for record in changes)
    assert send(changes) == []
    assert len(mails()) == 1


def test_a_mark_that_cannot_be_written_is_no_reason_to_send_again(gateway: Gateway) -> None:
    paid(gateway)
    changes = heard(gateway)
    with answering("dynamodb.PutItem", 500, "InternalServerError"), overheard() as lines:
        assert send(changes) == []
    assert len(mails()) == 1
    assert "receipt not marked" in lines.getvalue()


def test_where_the_mark_cannot_be_looked_for_the_change_stays_in_the_stream(
    gateway: Gateway,
) -> None:
    paid(gateway)
    changes = heard(gateway)
    with answering("dynamodb.GetItem", 500, "InternalServerError"):
        assert send(changes) == sequence_numbers(changes)
    assert mails() == []


# -------------------------------------------------------------------- when SES says no
def sequence_numbers(changes: Sequence[Record]) -> list[str]:
    return [change["dynamodb"]["SequenceNumber"] for change in changes]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (403, "AccessDeniedException"),
    ],
)
def test_a_mail_that_may_go_later_stays_in_the_stream(
    gateway: Gateway, status: int, code: str
) -> None:
    paid(gateway)
    changes = heard(gateway)
    with answering("sesv2.SendEmail", status, code):
        assert send(changes) == sequence_numbers(changes)
    assert marks(gateway) == []
    assert send(changes) == []
    assert len(mails()) == 1


@pytest.mark.parametrize(
    "code", ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"]
)
def test_a_mail_that_ses_will_never_take_is_passed_over(gateway: Gateway, code: str) -> None:
    paid(gateway)
    changes = heard(gateway)
    with answering("sesv2.SendEmail", 400, code), overheard() as lines:
        assert send(changes) == []
    assert (mails(), marks(gateway)) == ([], [])
    assert f'"error_type":"{code}"' in lines.getvalue().replace('": "', '":"')


def test_a_sender_that_was_never_verified_is_passed_over(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIPT_SENDER", "nobody@elsewhere.example")
    wiring.forget()
    paid(gateway)
    changes = heard(gateway)
    assert len(changes) == 1
    assert send(changes) == []
    assert mails() == []


def test_one_refused_mail_holds_back_none_of_the_others(gateway: Gateway) -> None:
    for number, email in enumerate(("a@example.com", "a,b@example.com", "c@example.com")):
        paid(gateway, tx_ref=f"ORDER-{number}", customer={**CUSTOMER, "email": email})
    assert send(heard(gateway)) == []
    assert [mail.destinations["ToAddresses"] for mail in mails()] == [
        *(["a@example.com"], ["c@example.com"]),
    ]


# -------------------------------------------------------------------- logs
@pytest.mark.parametrize("code", ["MessageRejected", "TooManyRequestsException"])
def test_no_address_is_ever_logged(gateway: Gateway, code: str) -> None:
    paid(gateway)
    paid(gateway, tx_ref="ORDER-2", customer={**CUSTOMER, "email": "a,b@example.com"})
    changes = heard(gateway)
    with overheard() as lines:
        with answering("sesv2.SendEmail", 400, code):
            send(changes)
        send(changes)
    told = lines.getvalue()
    assert "receipt not sent" in told
    assert not any(word in told for word in ("@", "John", "788123456"))
