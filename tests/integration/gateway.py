"""A deployment in process: the real handlers on moto, the providers' simulators behind them."""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from moto.core.models import botocore_stubber

from announcements import announce, deliver
from checkout import choose_test_card, initialize, page, pay, process, verify
from ledger.attributes import from_item, to_item
from ledger.events import DeliveryState
from ledger.merchant_items import pair_item, profile_item
from ledger.merchants import Merchants
from ledger.payments import News, Payments
from payments import keys, webhook_secrets
from payments.keys import KeyPair
from payments.merchant import ApiKey, Merchant
from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets
from plumbing import provider_desk, wiring
from plumbing.aws_clients import AWS
from plumbing.parameter_secrets import webhook_secret_name
from polling import ask_provider
from tests.integration import quick_moto
from tests.integration.internet import BASE_URL, BASE_URLS, GIVEN, NOW, Internet, MovedClock
from tests.integration.races import at_once
from tests.integration.rest_events import Answer, Context, Handler, Headers, Request, answered, call
from webhooks import dgspay, kpay, rwandapay, sandbox, vpay

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

    from payments.payment import Attempt, Payment

PREFIX = "/ishyura/test"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
MTN = "0788123456"
"""Magic at no provider: its prompt waits for a hand."""
ORDER: Mapping[str, Any] = {
    "amount": 5000,
    "tx_ref": "ORDER-12345",
    "currency": "RWF",
    "customer": {"name": "John Doe", "email": "john@example.com", "phone": MTN},
    "redirect_url": "https://yoursite.example/payment-callback",
    "webhook_url": "https://yoursite.example/api/webhook",
    "description": "Payment for Order #12345",
    "meta": {"cart_id": "cart_123", "user_id": 456},
}

ROUTES: list[tuple[str, Handler]] = [
    ("/webhooks/kpay/{attempt_ref}/{token}", kpay.handler),
    ("/webhooks/vpay/{attempt_ref}/{token}", vpay.handler),
    ("/webhooks/dgspay/{attempt_ref}/{token}", dgspay.handler),
    ("/webhooks/rwandapay/{attempt_ref}/{token}", rwandapay.handler),
    ("/webhooks/sandbox/{attempt_ref}/{token}", sandbox.handler),
    ("/test-cards/{attempt_ref}/{token}", choose_test_card.handler),
]


def receive(method: str, path: str, body: str | bytes, headers: Headers | None = None) -> Answer:
    """Take a request to one of our own addresses, as a provider sends it."""
    handler, resource, named = route_of(path)
    return call(
        handler,
        Request(
            method=method, resource=resource, parameters=named, headers=headers or {}, body=body
        ),
    )


def route_of(path: str) -> tuple[Handler, str, dict[str, str]]:
    """The function at one of our own addresses, its route, and the parts that the route names."""
    for resource, handler in ROUTES:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource)
        if match := re.fullmatch(pattern, path):
            return handler, resource, match.groupdict()
    raise LookupError(path)


def key_headers(pair: KeyPair) -> dict[str, str]:
    """The headers that a pair of keys travels in."""
    return {"X-Public-Key": pair.public_key, "X-Secret-Key": pair.secret_key}


@dataclass(frozen=True)
class Shop:
    """An enrolled merchant with a pair of keys for either mode."""

    merchant: Merchant
    test: KeyPair
    live: KeyPair


def key_of(merchant: Merchant, pair: KeyPair) -> ApiKey:
    """A pair as it is issued."""
    return ApiKey(
        public_key=pair.public_key,
        merchant_id=merchant.merchant_id,
        mode=pair.mode,
        secret_hash=keys.hash_secret(pair.secret_key),
        created_at=NOW,
    )


class Gateway:
    """The deployment, and who uses it."""

    def __init__(
        self, dynamodb: "DynamoDBClient", internet: Internet, aws_calls: list[str]
    ) -> None:
        self.clock = internet.clock
        self.internet = internet
        self.till = internet.till
        self.dynamodb = dynamodb
        self.merchants = Merchants(dynamodb, "Merchants")
        self.ledger = Payments(dynamodb, "Payments")
        self.aws_calls = aws_calls
        self.shop = self.enrol("Ikawa House")
        self._streamed = 0

    def enrol(self, name: str, **facts: object) -> Shop:
        """Enrol a merchant who takes mobile money and cards through K-Pay.

        Every provider has given them credentials.
        """
        test, live = keys.mint(Mode.TEST), keys.mint(Mode.LIVE)
        profile: dict[str, Any] = {
            "public_keys": frozenset({test.public_key, live.public_key}),
            "merchant_id": f"mer_{secrets.token_hex(6)}",
            "name": name,
            "salt": secrets.token_bytes(32),
            "created_at": NOW,
            "routes": {"mobile_money": ("kpay",), "card": ("kpay",)},
        }
        merchant = Merchant(**(profile | facts))
        for provider, given in GIVEN.items():
            self.store_credentials(merchant, provider, given)
        for mode in Mode:
            self.store_webhook_secrets(merchant, mode, WebhookSecrets(current=WEBHOOK_SECRET))
        # As the operator's commands leave them, in one call.
        items = [profile_item(merchant), *(pair_item(key_of(merchant, p)) for p in (test, live))]
        self.dynamodb.batch_write_item(
            RequestItems={"Merchants": [{"PutRequest": {"Item": item}} for item in items]}
        )
        return Shop(merchant, test, live)

    def store_credentials(
        self, merchant: Merchant, provider: str, given: Mapping[str, str]
    ) -> None:
        """Store what a provider gave a merchant, over what was there."""
        parameters().put_parameter(
            Name=f"{PREFIX}/providers/{provider}/{merchant.merchant_id}/live",
            Value=json.dumps(dict(given)),
            Type="SecureString",
            Overwrite=True,
        )

    def store_webhook_secrets(self, merchant: Merchant, mode: Mode, kept: WebhookSecrets) -> None:
        """Store what signs a merchant's webhooks in a mode, over what was there."""
        parameters().put_parameter(
            Name=webhook_secret_name(PREFIX, merchant.merchant_id, mode),
            Value=webhook_secrets.written(kept),
            Type="SecureString",
            Overwrite=True,
        )

    def lose_credentials(self, merchant: Merchant, provider: str) -> None:
        """Take away what a provider gave a merchant, as if it had never been stored."""
        parameters().delete_parameter(
            Name=f"{PREFIX}/providers/{provider}/{merchant.merchant_id}/live"
        )

    # ------------------------------------------------------------ the merchant
    def initialize(
        self,
        body: str | bytes | Mapping[str, Any] | None = ORDER,
        pair: KeyPair | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        """Ask to open a payment, with live keys unless told otherwise."""
        request = Request(
            method="POST",
            resource="/api/v1/checkout/initialize",
            headers={**key_headers(pair or self.shop.live), **(headers or {})},
            body=json.dumps(body) if isinstance(body, Mapping) else body,
        )
        return call(initialize.handler, request)

    def initialize_encoded(self, text: str) -> Answer:
        """Ask with a body that claims to be base64."""
        request = Request(
            method="POST",
            resource="/api/v1/checkout/initialize",
            headers=key_headers(self.shop.live),
        )
        event = request.event() | {"body": text, "isBase64Encoded": True}
        return answered(initialize.handler(event, Context()))  # type: ignore[arg-type]  # as much of one as it reads

    def preflight(self) -> Answer:
        """Ask as a browser does before it lets a page of another origin ask."""
        asking = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-public-key,x-secret-key",
        }
        resource = "/api/v1/checkout/initialize"
        return call(
            initialize.handler, Request(method="OPTIONS", resource=resource, headers=asking)
        )

    def opened(self, pair: KeyPair | None = None, **changes: object) -> str:
        """Open a payment; its session id."""
        answer = self.initialize({**ORDER, **changes}, pair)
        assert answer.status == 201, answer.text
        return str(answer.json["data"]["session_id"])

    def verify(
        self,
        reference: str,
        pair: KeyPair | None = None,
        headers: Headers | None = None,
        context: Mapping[str, object] | None = None,
    ) -> Answer:
        """Ask how a payment stands, without keys unless told otherwise."""
        request = Request(
            method="GET",
            resource="/api/v1/checkout/{reference}/verify",
            parameters={"reference": reference},
            headers={**(key_headers(pair) if pair else {}), **(headers or {})},
            context=context or {},
        )
        return call(verify.handler, request)

    def process(self, session: str, **body: object) -> Answer:
        """Pay from a merchant's own page."""
        return self.process_raw(session, json.dumps(body))

    def process_raw(
        self, session: str, body: str | bytes, headers: Headers | None = None
    ) -> Answer:
        """Pay with any body."""
        request = Request(
            method="POST",
            resource="/checkout/{session_id}/process",
            parameters={"session_id": session},
            headers=headers or {},
            body=body,
        )
        return call(process.handler, request)

    # ------------------------------------------------------------ the customer
    def page(self, session: str) -> Answer:
        """Open the hosted page."""
        resource, named = "/checkout/{session_id}", {"session_id": session}
        return call(page.handler, Request(method="GET", resource=resource, parameters=named))

    def pay(self, session: str, **fields: str) -> Answer:
        """Post the hosted page's form; `attempt` is the number that it bears."""
        if "attempt" in fields:
            fields["try"] = fields.pop("attempt")
        return self.pay_raw(session, urlencode(fields))

    def pay_raw(self, session: str, body: str | bytes) -> Answer:
        """Post anything to the hosted page."""
        request = Request(
            method="POST",
            resource="/checkout/{session_id}",
            parameters={"session_id": session},
            body=body,
        )
        return call(pay.handler, request)

    def paying(self, session: str, phone: str = MTN, number: int = 1) -> str:
        """Send a prompt from the hosted page; the attempt's reference."""
        answer = self.pay(session, attempt=str(number), method="mobile_money", phone=phone)
        assert answer.status == 303, answer.text
        return self.attempt(session).ref

    def paying_with_reply(self, session: str, reply: Mapping[str, object]) -> None:
        """Post the card form, and let K-Pay reply so."""
        self.internet.replacement = httpx.Response(200, json=dict(reply))
        self.pay(session, attempt="1", method="card")
        self.internet.replacement = None

    def race(self, act: Callable[[], Answer]) -> list[Answer]:
        """Do it twice at once, each having read the payment before either writes."""
        return at_once(2, "dynamodb.UpdateItem", lambda _: act())

    def test_card_page(self, address: str, method: str = "GET", **fields: str) -> Answer:
        """Open the page of test cards, or choose one."""
        _, _, attempt_ref, token = urlsplit(address).path.split("/")
        request = Request(
            method=method,
            resource="/test-cards/{attempt_ref}/{token}",
            parameters={"attempt_ref": attempt_ref, "token": token},
            body=urlencode(fields) or None,
        )
        return call(choose_test_card.handler, request)

    # ------------------------------------------------------------ the provider
    def webhook(
        self,
        address: str,
        body: str | bytes = "{}",
        headers: Headers | None = None,
        method: str = "POST",
    ) -> Answer:
        """Send a provider's notification to one of our addresses."""
        return receive(method, urlsplit(address).path, body, headers)

    def webhook_encoded(self, address: str, text: str, headers: Headers | None = None) -> Answer:
        """Post a provider's notification with a body that claims to be base64."""
        handler, resource, named = route_of(urlsplit(address).path)
        request = Request(method="POST", resource=resource, parameters=named, headers=headers or {})
        event = request.event() | {"body": text, "isBase64Encoded": True}
        return answered(handler(event, Context()))

    def callback_of(self, reference: str) -> str:
        """The address that K-Pay was given for an attempt."""
        charge = self.till.find(refid=reference)
        assert charge is not None
        return charge.returl

    def approve(self, reference: str) -> None:
        """Let the customer enter their PIN; nothing is posted back yet."""
        self.internet.approve(reference)

    def decline(self, reference: str) -> None:
        """Let the customer say no; nothing is posted back yet."""
        self.internet.decline(reference)

    # ------------------------------------------------------------ what runs behind
    def ask_provider(self, session: str, attempt: str, *, last: bool = False) -> dict[str, bool]:
        """Do what WatchAttempt does when nobody told it."""
        given = {"payment_id": session, "attempt": attempt, "last": last}
        answer: dict[str, bool] = ask_provider.handler(given, Context())  # type: ignore[arg-type]  # as much of one as it reads
        return answer

    def deliver(self, session: str, version: int, turn: int = 0) -> dict[str, str]:
        """Do what DeliverWebhook does, after so many resends."""
        given = {"payment_id": session, "version": version, "round": turn}
        answer: dict[str, str] = deliver.handler(given, Context())  # type: ignore[arg-type]  # as much of one as it reads
        return answer

    def changes(self) -> list[dict[str, Any]]:
        """What the stream has for `announce` since last asked, by the template's filter."""
        streams = boto3.client("dynamodbstreams")
        arn = self.dynamodb.describe_table(TableName="Payments")["Table"]["LatestStreamArn"]
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records: list[Any] = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
        fresh, self._streamed = records[self._streamed :], len(records)
        return [record for record in fresh if is_heard(record)]

    def announce(self, records: list[dict[str, Any]]) -> list[str]:
        """Hand records to the outbox's reader; the sequence numbers that it failed."""
        answer = announce.handler({"Records": records}, Context())  # type: ignore[arg-type]  # as much of one as it reads
        return [str(failed["itemIdentifier"]) for failed in answer["batchItemFailures"]]

    def pump(self) -> None:
        """Pass on everything that changed."""
        assert self.announce(self.changes()) == []

    def fall_asleep(self, session: str, token: str) -> None:
        """Do what AwaitOutcome does: leave the watch's task token on the payment."""
        live = self.payment(session).live_attempt
        assert live is not None
        self.dynamodb.update_item(
            TableName="Payments",
            Key=to_item({"pk": session, "sk": "PAYMENT"}),
            UpdateExpression="SET task_token = :token, news = :nothing",
            ConditionExpression="live_attempt = :attempt",
            ExpressionAttributeValues=to_item(
                {":token": token, ":attempt": live.ref, ":nothing": "nothing"}
            ),
        )

    def executions(self, machine: str) -> dict[str, Any]:
        """What was started on a machine, by name."""
        client = wiring.step_functions()
        listed = client.list_executions(stateMachineArn=machine_arn(machine))["executions"]
        return {
            run["name"]: json.loads(
                client.describe_execution(executionArn=run["executionArn"])["input"]
            )
            for run in listed
        }

    # ------------------------------------------------------------ what is remembered
    def payment(self, session: str) -> "Payment":
        payment = self.ledger.get(session)
        assert payment is not None
        return payment

    def attempt(self, session: str) -> "Attempt":
        """The last attempt."""
        return self.payment(session).attempts[-1]

    def write(self, payment: "Payment") -> None:
        """Write the next version of a payment, as some other function would."""
        self.ledger.save(payment, News.NOTHING)

    def undo_attempts(self, session: str) -> None:
        """Put a payment back to what a function leaves that stops right after opening it."""
        self.dynamodb.update_item(
            TableName="Payments",
            Key=to_item({"pk": session, "sk": "PAYMENT"}),
            UpdateExpression="SET attempts = :none, version = :one REMOVE live_attempt",
            ExpressionAttributeValues=to_item({":none": {}, ":one": 1}),
        )

    def mark_delivered(self, session: str) -> None:
        """Remember a delivery, as `deliver` would."""
        version = self.payment(session).version
        event = wiring.events().get(session, version)
        assert event is not None
        wiring.events().record_try(event, None, DeliveryState.DELIVERED)

    def forget_secrets(self) -> None:
        """Let the five minutes go by for which secrets are kept."""
        wiring.secrets.cache_clear()

    def items(self) -> list[dict[str, Any]]:
        """Everything in the Payments table."""
        return [from_item(item) for item in self.dynamodb.scan(TableName="Payments")["Items"]]

    def payments(self) -> list[dict[str, Any]]:
        """Every payment, as it is stored."""
        return [item for item in self.items() if item["sk"] == "PAYMENT"]

    def events_of(self, session: str) -> list[dict[str, Any]]:
        """What the merchant should hear of a payment, oldest first."""
        mine = [item for item in self.items() if item["pk"] == session]
        return sorted((i for i in mine if i["sk"] != "PAYMENT"), key=lambda i: str(i["sk"]))


def is_heard(record: Mapping[str, Any]) -> bool:
    """The filter of template.yaml's event source."""
    told = record["dynamodb"].get("NewImage", {}).get("news", {}).get("S")
    return record["eventName"] != "REMOVE" and told in {"attempt", "status", "deliver"}


def parameters() -> "SSMClient":
    """Where the operator writes secrets."""
    return boto3.client("ssm")


def machine_arn(name: str) -> str:
    return f"arn:aws:states:eu-west-1:123456789012:stateMachine:{name}"


def make_machines() -> None:
    """The state machines, by name alone: moto keeps what was started and runs nothing."""
    for name in ("Watch", "Deliver"):
        boto3.client("stepfunctions").create_state_machine(
            name=name, definition="{}", roleArn="arn:aws:iam::123456789012:role/machine"
        )


def send(event_name: str, request: "AWSPreparedRequest", **_: Any) -> "AWSResponse | None":  # noqa: ANN401  # botocore says more than we need
    """moto's answer, by the shorter way where there is one."""
    if event_name.startswith("before-send.dynamodb."):
        return quick_moto.answer(request)
    return botocore_stubber(event_name, request)


class KeptClients(boto3.Session):
    """A session that makes each client once: making them anew costs more than a test."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._kept: dict[tuple[str, bool], Any] = {}
        hooks: Any = self.events
        hooks.register("before-call", self._note)
        # Here nobody looks at signatures, and they take time.
        for service in ("dynamodb", "ssm"):
            hooks.register(f"choose-signer.{service}", lambda **_: UNSIGNED)
        hooks.unregister("before-send", botocore_stubber)
        hooks.register("before-send", send)

    def client(self, service_name: str, **settings: Any) -> Any:  # type: ignore[override]  # noqa: ANN401  # one for all services
        # Only the functions configure theirs.
        key = (service_name, bool(settings))
        if key not in self._kept:
            made: Any = super().client(service_name, **settings)  # type: ignore[call-overload]  # a name that is not literal
            self._kept[key] = made
        return self._kept[key]

    def of_functions(self, service: str) -> Any:  # noqa: ANN401  # one for each service
        """What the functions ask for."""
        return self.client(service, config=AWS)

    def _note(self, event_name: str, **_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        self.calls.append(event_name.removeprefix("before-call."))


@cache
def kept_clients() -> KeptClients:
    """The one session of all tests."""
    return KeptClients()


@pytest.fixture
def aws_calls(
    monkeypatch: pytest.MonkeyPatch,
    aws: None,  # noqa: ARG001  # moto must stand first
) -> Iterator[list[str]]:
    """Every call to AWS: "dynamodb.GetItem"."""
    session = kept_clients()
    session.calls.clear()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setattr(wiring.outside, "aws", session.of_functions)
    with quick_moto.quick():
        yield session.calls


@pytest.fixture
def gateway(
    monkeypatch: pytest.MonkeyPatch,
    aws_calls: list[str],
    dynamodb: "DynamoDBClient",
    payments_table: str,
    merchants_table: str,
) -> Iterator[Gateway]:
    """A deployment with one enrolled merchant."""
    surroundings = {
        "PAYMENTS_TABLE": payments_table,
        "MERCHANTS_TABLE": merchants_table,
        "PARAMETER_PREFIX": PREFIX,
        "PUBLIC_BASE_URL": BASE_URL,
        **{f"{provider.upper()}_BASE_URL": address for provider, address in BASE_URLS.items()},
        "WATCH_MACHINE_ARN": machine_arn("Watch"),
        "DELIVER_MACHINE_ARN": machine_arn("Deliver"),
    }
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LOOPBACK_ALLOWED", raising=False)
    clock = MovedClock()
    internet = Internet(clock, receive)
    monkeypatch.setattr(wiring.outside, "clock", clock)
    monkeypatch.setattr(wiring.outside, "sleep", clock.move)
    monkeypatch.setattr(wiring.outside, "transport", internet)
    wiring.forget()
    provider_desk.forget()
    yield Gateway(dynamodb, internet, aws_calls)
    wiring.forget()
    provider_desk.forget()
