"""A new secret: the old one signs beside it for a while, and nobody has to wait for either."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from payments import webhook_secrets
from payments.clock import iso, utc_now
from payments.mode import Mode
from payments.references import event_of
from plumbing import parameter_secrets, wiring
from plumbing.parameter_secrets import webhook_secret_name
from tests.integration.announcements.asking import ENDPOINT, failed_payment, posted, sent
from tests.integration.announcements.receiver import Heard, Receiver, listening
from tests.integration.gateway import PREFIX, WEBHOOK_SECRET, Gateway, parameters

ROTATE = f"{ENDPOINT}/rotate-secret"
HOUR = 60 * 60
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The merchant's live endpoint."""
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    # The public library judges timestamps by the real clock.
    gateway.clock.move((utc_now() - gateway.clock()).total_seconds())
    with listening() as listener:
        merchant = gateway.shop.merchant.merchant_id
        wiring.endpoints().set_url(merchant, Mode.LIVE, listener.url)
        yield listener


def heard(gateway: Gateway, receiver: Receiver) -> Heard:
    """What comes to the endpoint next."""
    named = event_of(failed_payment(gateway, f"ORDER-{len(gateway.items())}"))
    assert named is not None
    assert gateway.deliver(*named) == {"state": "delivered"}
    return receiver.heard[-1]


def verifies(message: Heard, secret: str) -> bool:
    """What a merchant's library says of a message."""
    try:
        Webhook(secret).verify(message.body.decode(), dict(message.headers))
    except WebhookVerificationError:
        return False
    return True


def standing(gateway: Gateway) -> webhook_secrets.WebhookSecrets:
    name = webhook_secret_name(PREFIX, gateway.shop.merchant.merchant_id, Mode.LIVE)
    kept = parameters().get_parameter(Name=name, WithDecryption=True)
    return webhook_secrets.read(kept["Parameter"]["Value"])


def rotated(gateway: Gateway, **body: object) -> str:
    answer = posted(gateway, ROTATE, body)
    assert answer.status == 200, answer.text
    return str(answer.json["data"]["secret"])


def test_a_rotation_gives_a_new_secret_this_once(gateway: Gateway, receiver: Receiver) -> None:
    answer = posted(gateway, ROTATE)
    told = answer.json["data"]
    assert answer.status == 200
    assert told["secret"].startswith("whsec_")
    assert told["secret"] != WEBHOOK_SECRET
    assert told["previous_until"] == iso(gateway.clock() + timedelta(hours=24))
    assert standing(gateway).current == told["secret"]
    assert told["secret"] not in sent(gateway, "GET", ENDPOINT).text
    assert receiver.heard == []


def test_both_secrets_verify_while_they_overlap(gateway: Gateway, receiver: Receiver) -> None:
    secret = rotated(gateway)
    message = heard(gateway, receiver)
    assert verifies(message, secret)
    assert verifies(message, WEBHOOK_SECRET)
    assert len(message.headers["webhook-signature"].split(" ")) == 2
    plain = hmac.new(secret.encode(), message.body, hashlib.sha256).hexdigest()
    assert message.headers["x-webhook-signature"] == plain


def test_only_the_new_secret_verifies_after_the_overlap(
    gateway: Gateway, receiver: Receiver
) -> None:
    gateway.clock.move(-2 * HOUR)
    secret = rotated(gateway, overlap_hours=2)
    gateway.clock.move(2 * HOUR)
    message = heard(gateway, receiver)
    assert verifies(message, secret)
    assert not verifies(message, WEBHOOK_SECRET)


def test_both_verify_to_the_last_second_of_the_overlap(
    gateway: Gateway, receiver: Receiver
) -> None:
    gateway.clock.move(-2 * HOUR)
    rotated(gateway, overlap_hours=2)
    gateway.clock.move(2 * HOUR - 2)
    assert verifies(heard(gateway, receiver), WEBHOOK_SECRET)


def test_without_an_overlap_the_old_secret_ends_at_once(
    gateway: Gateway, receiver: Receiver
) -> None:
    answer = posted(gateway, ROTATE, {"overlap_hours": 0})
    assert answer.json["data"]["previous_until"] is None
    message = heard(gateway, receiver)
    assert verifies(message, answer.json["data"]["secret"])
    assert not verifies(message, WEBHOOK_SECRET)


def test_a_delivery_that_kept_the_old_secret_sees_the_rotation_at_once(
    gateway: Gateway, receiver: Receiver
) -> None:
    assert verifies(heard(gateway, receiver), WEBHOOK_SECRET)
    warm = wiring.secrets()
    # The rotation runs in another function, whose memory is its own.
    other = parameter_secrets.Secrets(parameters(), PREFIX)
    merchant = gateway.shop.merchant.merchant_id
    made = other.rotate_webhook_secret(
        merchant, Mode.LIVE, gateway.clock(), timedelta(0), digest=None
    )
    wiring.endpoints().note_rotation(merchant, Mode.LIVE)
    gateway.aws_calls.clear()
    message = heard(gateway, receiver)
    assert wiring.secrets() is warm
    assert verifies(message, made.current)
    assert not verifies(message, WEBHOOK_SECRET)
    assert gateway.aws_calls.count("ssm.GetParameter") == 1
    gateway.aws_calls.clear()
    heard(gateway, receiver)
    assert "ssm.GetParameter" not in gateway.aws_calls


def test_a_rotation_leaves_the_other_mode_alone(gateway: Gateway, receiver: Receiver) -> None:
    posted(gateway, ROTATE, pair=gateway.shop.test)
    assert standing(gateway) == webhook_secrets.WebhookSecrets(current=WEBHOOK_SECRET)
    assert verifies(heard(gateway, receiver), WEBHOOK_SECRET)


def test_a_repeated_key_gives_the_same_secret_again(gateway: Gateway, receiver: Receiver) -> None:
    first = posted(gateway, ROTATE, headers=KEY)
    again = posted(gateway, ROTATE, headers=KEY)
    assert (again.status, again.text) == (200, first.text)
    assert standing(gateway).previous == WEBHOOK_SECRET
    assert verifies(heard(gateway, receiver), WEBHOOK_SECRET)
    other = posted(gateway, ROTATE, {"overlap_hours": 1}, headers=KEY)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert posted(gateway, ROTATE, headers={"Idempotency-Key": "two"}).text != first.text


class RotatesMeanwhile:
    """The parameter store, where somebody else writes between reading and writing, once."""

    def __init__(self, rotation: parameter_secrets.Secrets, merchant_id: str) -> None:
        self._client = parameters()
        self._rotation = rotation
        self._merchant_id = merchant_id
        self.theirs: str | None = None

    def put_parameter(self, **request: object) -> object:
        if self.theirs is None:
            self.theirs = self._rotation.rotate_webhook_secret(
                self._merchant_id, Mode.LIVE, utc_now(), timedelta(hours=1), digest=None
            ).current
        return self._client.put_parameter(**request)  # type: ignore[arg-type]  # as it came

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


def test_two_rotations_at_once_both_give_a_secret_that_signs(
    gateway: Gateway, receiver: Receiver
) -> None:
    merchant = gateway.shop.merchant.merchant_id
    store = RotatesMeanwhile(parameter_secrets.Secrets(parameters(), PREFIX), merchant)
    ours = parameter_secrets.Secrets(store, PREFIX).rotate_webhook_secret(  # type: ignore[arg-type]  # it stands in for the client
        merchant, Mode.LIVE, gateway.clock(), timedelta(hours=1), digest=None
    )
    wiring.endpoints().note_rotation(merchant, Mode.LIVE)
    message = heard(gateway, receiver)
    assert verifies(message, ours.current)
    assert store.theirs is not None
    assert verifies(message, store.theirs)


class LosesReplies:
    """The parameter store over a line that loses replies: what was written is written again."""

    def __init__(self) -> None:
        self._client = parameters()

    def put_parameter(self, **request: object) -> object:
        self._client.put_parameter(**request)  # type: ignore[arg-type]  # as it came
        return self._client.put_parameter(**request)  # type: ignore[arg-type]  # as it came

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


@pytest.mark.parametrize("digest", [None, "digest"])
def test_a_lost_reply_does_not_lose_the_old_secret(
    gateway: Gateway, receiver: Receiver, digest: str | None
) -> None:
    merchant = gateway.shop.merchant.merchant_id
    over_a_bad_line = parameter_secrets.Secrets(LosesReplies(), PREFIX)  # type: ignore[arg-type]  # it stands in for the client
    made = over_a_bad_line.rotate_webhook_secret(
        merchant, Mode.LIVE, gateway.clock(), timedelta(hours=1), digest
    )
    kept = standing(gateway)
    assert (kept.current, kept.previous) == (made.current, WEBHOOK_SECRET)
    assert receiver.heard == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"overlap_hours": -1}, 422),
        ({"overlap_hours": 169}, 422),
        ({"overlap_hours": "24"}, 422),
        ({"overlap_hours": 1.5}, 422),
        ({"overlap_hours": True}, 422),
        ({"overlap_hours": None}, 422),
        ({"secret": "whsec_mine"}, 422),
        ("[]", 400),
        ("nonsense", 400),
        ("x" * 70_000, 413),
    ],
)
def test_a_rotation_that_cannot_be_read_changes_nothing(
    gateway: Gateway, receiver: Receiver, body: object, status: int
) -> None:
    assert posted(gateway, ROTATE, body).status == status
    assert standing(gateway).current == WEBHOOK_SECRET
    assert receiver.heard == []


def test_a_secret_that_was_lost_is_replaced(gateway: Gateway, receiver: Receiver) -> None:
    name = webhook_secret_name(PREFIX, gateway.shop.merchant.merchant_id, Mode.LIVE)
    parameters().delete_parameter(Name=name)
    answer = posted(gateway, ROTATE)
    assert (answer.status, answer.json["data"]["previous_until"]) == (200, None)
    assert verifies(heard(gateway, receiver), answer.json["data"]["secret"])
