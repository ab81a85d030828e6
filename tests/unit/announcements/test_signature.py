import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from announcements.signature import signed_headers

# The Standard Webhooks specification's own example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SIGNED_AT = datetime.fromtimestamp(1_614_265_330, UTC)
BODY = b'{"test": 2432232314}'


def test_signs_the_official_example_as_the_specification_does() -> None:
    headers = signed_headers(SECRET, EVENT_ID, SIGNED_AT, BODY)
    assert headers["webhook-id"] == EVENT_ID
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@settings(max_examples=300)
@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.text() | st.floats()))
def test_whatever_we_sign_the_public_library_verifies(key: bytes, told: dict[str, object]) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"
    payload = json.dumps(told, ensure_ascii=False).encode()
    headers = signed_headers(secret, "evt_0123456789ABCDEF_2", datetime.now(UTC), payload)
    assert verified(secret, payload, headers)
    assert not verified(secret, payload + b" ", headers)
    assert not verified(secret, payload, headers | {"webhook-id": "evt_0123456789ABCDEF_3"})


def verified(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


@given(st.binary())
def test_one_line_of_php_verifies_the_plain_signature(body: bytes) -> None:
    # hash_hmac('sha256', $body, $secret), with the secret as the merchant sees it.
    plain = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signed_headers(SECRET, EVENT_ID, SIGNED_AT, body)["X-Webhook-Signature"] == plain


@pytest.mark.parametrize("other", ["whsec_" + "A" * 32, SECRET.replace("MfKQ", "MfKR")])
def test_another_secret_signs_otherwise(other: str) -> None:
    ours = signed_headers(SECRET, EVENT_ID, SIGNED_AT, BODY)
    theirs = signed_headers(other, EVENT_ID, SIGNED_AT, BODY)
    for name in ("webhook-signature", "X-Webhook-Signature"):
        assert ours[name] != theirs[name]
