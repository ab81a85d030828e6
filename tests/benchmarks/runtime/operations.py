"""What is measured: for each operation an event that was never sent before, and what is due."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ledger.attributes import to_item
from ledger.payment_items import standing, terms
from ledger.payments import News, key
from payments.callback_tokens import mint_token, token_hash
from payments.clock import utc_now
from payments.mode import Mode
from payments.payment import SESSION_LIFE, Payment
from payments.references import attempt_ref, event_id, session_id
from payments.report import Outcome, Report
from payments.status import AttemptStatus, SettledBy, Status
from settlement.judge import judge
from settlement.news import with_news
from tests.benchmarks.runtime.answers import WrongAnswer, body_of, require, text_of
from tests.benchmarks.runtime.aws_side import BASE_URL, AwsSide, Shop
from tests.examples import attempt, payment
from tests.integration.gateway import ORDER, key_headers
from tests.integration.rest_events import Request

# The sandbox's number that is paid at once (functions/providers/sandbox.py).
PAID = "0780000000"


@dataclass(frozen=True, slots=True)
class Question:
    """An event for a function, and how to tell that it did what was due."""

    event: dict[str, Any]
    check: Callable[[Any], None]
    """Raises WrongAnswer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something that functions do, each contestant for a merchant of its own."""

    name: str
    function: str
    """Ours, by its logical id in the template."""
    floor: str
    """The module in tests/benchmarks/floor."""
    calls: str
    """What both ask of AWS, warm."""
    question: Callable[[AwsSide, Shop], Question]
    peer: str | None = None
    """The peers' module, where they can do it."""


def request(method: str, resource: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401  # as Request's
    """A request as API Gateway hands it over."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Host": BASE_URL.removeprefix("https://"),
        **rest.pop("headers", {}),
    }
    return Request(method=method, resource=resource, headers=headers, **rest).event()


def order_of(shop: Shop) -> Payment:
    """A payment that was just opened."""
    now, tx_ref = utc_now(), f"ORDER-{secrets.token_hex(8)}"
    return payment(
        session_id=session_id(shop.merchant.salt, Mode.TEST, tx_ref),
        merchant_id=shop.merchant.merchant_id,
        mode=Mode.TEST,
        tx_ref=tx_ref,
        description=ORDER["description"],
        redirect_url=ORDER["redirect_url"],
        webhook_url=ORDER["webhook_url"],
        meta=json.dumps(ORDER["meta"]),
        created_at=now,
        updated_at=now,
        expires_at=now + SESSION_LIFE,
    )


def asked_order(shop: Shop, token: str) -> Payment:
    """A payment whose customer was asked, and has paid by now."""
    opened = order_of(shop)
    asked = attempt(
        ref=attempt_ref(opened.session_id, 1),
        provider="sandbox",
        phone=PAID,
        status=AttemptStatus.ACCEPTED,
        started_at=opened.created_at,
        accepted_at=opened.created_at,
        token_hash=token_hash(token),
    )
    return replace(opened, attempts=(asked,))


def initialize(aws: AwsSide, shop: Shop) -> Question:
    """Open a payment under a tx_ref that was never used."""
    tx_ref = f"ORDER-{secrets.token_hex(8)}"
    event = request(
        "POST",
        "/api/v1/checkout/initialize",
        headers=key_headers(shop.keys),
        body=json.dumps({**ORDER, "tx_ref": tx_ref}),
    )

    def check(answer: Any) -> None:  # noqa: ANN401  # JSON is anything
        data = body_of(answer, 201)["data"]
        session = session_id(shop.merchant.salt, Mode.TEST, tx_ref)
        written = {
            "reference": tx_ref,
            "session_id": session,
            "payment_url": f"{BASE_URL}/checkout/{session}",
            "status": "pending",
            "amount": ORDER["amount"],
            "currency": ORDER["currency"],
            "mode": "test",
            "expires_at": data["expires_at"],
        }
        require(data, written, "initialize")
        require(standing_of(aws, session).tx_ref, tx_ref, "what initialize wrote")

    return Question(event, check)


def verify(aws: AwsSide, shop: Shop) -> Question:
    """Ask for a pending payment without keys, as the page of a merchant does."""
    return verifying(aws, shop, {})


def verify_with_keys(aws: AwsSide, shop: Shop) -> Question:
    """Ask for a pending payment with both keys."""
    return verifying(aws, shop, key_headers(shop.keys))


def verifying(aws: AwsSide, shop: Shop, headers: dict[str, str]) -> Question:
    """Ask for a pending payment."""
    opened = order_of(shop)
    aws.payments.open(opened)
    event = request(
        "GET",
        "/api/v1/checkout/{reference}/verify",
        parameters={"reference": opened.session_id},
        headers=headers,
    )

    def check(answer: Any) -> None:  # noqa: ANN401  # JSON is anything
        body = body_of(answer, 200)
        due = {
            "status": "pending",
            "completed": False,
            "success": False,
            "message": "Waiting for payment confirmation...",
            "elapsed_seconds": body.get("elapsed_seconds"),
            "mode": "test",
        }
        require(body, due, "verify")

    return Question(event, check)


def webhook(aws: AwsSide, shop: Shop) -> Question:
    """Tell of a payment that was paid: the sandbox's webhook, which needs no provider outside."""
    token = mint_token()
    asked = asked_order(shop, token)
    aws.payments.open(asked)
    event = request(
        "POST",
        "/webhooks/sandbox/{attempt_ref}/{token}",
        parameters={"attempt_ref": asked.attempts[0].ref, "token": token},
        body=json.dumps({"news": "ask me"}),
    )

    def check(answer: Any) -> None:  # noqa: ANN401  # JSON is anything
        require(body_of(answer, 200), {"reply": "OK"}, "the webhook")
        settled = standing_of(aws, asked.session_id)
        require(settled.status, Status.SUCCESSFUL, "what the webhook settled")

    return Question(event, check)


def page(aws: AwsSide, shop: Shop) -> Question:
    """Open the page of a payment that nobody tried to pay yet."""
    opened = order_of(shop)
    aws.payments.open(opened)
    event = request("GET", "/checkout/{session_id}", parameters={"session_id": opened.session_id})

    def check(answer: Any) -> None:  # noqa: ANN401  # JSON is anything
        shown = text_of(answer, 200)
        if shop.merchant.name not in shown or "<form" not in shown:
            raise WrongAnswer(f"The page shows no shop and no form:\n{shown}")

    return Question(event, check)


def announce(aws: AwsSide, shop: Shop) -> Question:
    """Hand over the change that a webhook's settling brings to the stream."""
    before = asked_order(shop, mint_token())
    reference = before.attempts[0].ref
    paid = Report(attempt_ref=reference, outcome=Outcome.PAID, provider_ref="SANDBOX-1")
    decided = judge(before, paid, SettledBy.WEBHOOK, utc_now())
    if decided is None:
        raise WrongAnswer("A paid attempt settles its payment.")
    after = with_news(before, decided)
    change = {
        "Keys": to_item(key(after.session_id)),
        "OldImage": image(before, News.ATTEMPT),
        "NewImage": image(after, News.STATUS),
        "SequenceNumber": "1",
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    record = {
        "eventID": secrets.token_hex(16),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "awsRegion": "us-east-1",
        "dynamodb": change,
    }
    name = event_id(after.session_id, after.version)

    def check(answer: Any) -> None:  # noqa: ANN401  # JSON is anything
        require(answer, {"batchItemFailures": []}, "announce")
        event = aws.events.get(after.session_id, after.version)
        require(event and event.event_id, name, "the event that announce wrote")
        arn = f"{aws.machine.replace(':stateMachine:', ':execution:')}:{name}"
        started = aws.step_functions.describe_execution(executionArn=arn)
        require(started["name"], name, "the delivery that announce started")

    return Question({"Records": [record]}, check)


def image(one: Payment, news: News) -> dict[str, Any]:
    """A payment's item, as the stream shows it."""
    record = {**key(one.session_id), **terms(one), **standing(one), "news": news.value}
    return dict(to_item(record))


def standing_of(aws: AwsSide, session: str) -> Payment:
    """A payment as the ledger has it. Raises WrongAnswer."""
    found = aws.payments.get(session)
    if found is None:
        raise WrongAnswer(f"There is no payment {session}.")
    return found


OPERATIONS = (
    Operation(
        name="initialize",
        function="Initialize",
        floor="initialize",
        calls="1 UpdateItem, 1 PutItem",
        question=initialize,
        peer="initialize",
    ),
    Operation(
        name="verify",
        function="Verify",
        floor="verify",
        calls="1 GetItem",
        question=verify,
        peer="verify",
    ),
    Operation(
        name="verify with keys",
        function="Verify",
        floor="verify_with_keys",
        calls="1 UpdateItem, 1 GetItem",
        question=verify_with_keys,
    ),
    Operation(
        name="webhook (sandbox)",
        function="SandboxWebhook",
        floor="webhook",
        calls="2 UpdateItem",
        question=webhook,
    ),
    Operation(name="page", function="Page", floor="page", calls="1 GetItem", question=page),
    Operation(
        name="announce",
        function="Announce",
        floor="announce",
        calls="1 PutItem, 1 StartExecution",
        question=announce,
    ),
)
