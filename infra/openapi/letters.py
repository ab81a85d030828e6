"""The `webhooks` section: what we post to merchants."""

from typing import Any

from infra.openapi.shapes import Shapes
from payments.event_types import EventType
from settlement.letters import Letter

Schema = dict[str, Any]

MEANINGS = {
    EventType.SUCCESSFUL: "The payment was paid; `late: true` after you had heard otherwise.",
    EventType.FAILED: "The payment ended without money.",
    EventType.CANCELLED: "You cancelled the payment.",
    EventType.EXPIRED: "Nobody paid within the hour.",
    EventType.REFUNDED: "The money went back to the customer.",
    EventType.DISPUTED: "The customer disputes the payment.",
    EventType.DUPLICATE_CHARGE: "A second attempt of one payment brought money: give it back.",
    EventType.TEST: "Nothing happened: you asked for a message.",
}
HEADERS = {
    "webhook-id": "The event's id, the same at every try: remember it, and act once.",
    "webhook-timestamp": "When this try was signed, in seconds since 1970.",
    "webhook-signature": (
        "Standard Webhooks: one or several, apart by spaces, of `v1,` and the base64 of "
        "HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, keyed with the bytes that "
        "the secret encodes in base64 after `whsec_`. Several while a secret is rotated: one "
        "that fits is enough."
    ),
    "X-Webhook-Signature": (
        "Hex of HMAC-SHA256 over the raw body, keyed with the secret's text, `whsec_` included. "
        "It proves the sender, not the time: the other three do both."
    ),
}


def event_types() -> dict[str, str]:
    """Every event type with its meaning."""
    return {kind.value: MEANINGS[kind] for kind in EventType}


def webhooks(shapes: Shapes) -> Schema:
    """One entry for each type of event; all have the same body but for `event`."""
    body = shapes.answer_of(Letter)
    return {kind: webhook(kind, meaning, body) for kind, meaning in event_types().items()}


def webhook(kind: str, meaning: str, body: Schema) -> Schema:
    """What we post for one type of event."""
    parameters = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in HEADERS.items()
    ]
    return {
        "post": {
            "operationId": kind.replace(".", "_"),
            "tags": ["webhooks"],
            "summary": meaning,
            "parameters": parameters,
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"allOf": [body, {"properties": {"event": {"const": kind}}}]}
                    }
                },
            },
            "responses": {
                "2XX": {"description": "Heard. Answer within 10 seconds, and work afterwards."},
                "410": {"description": "No more, please: the endpoint is disabled at once."},
                "default": {"description": "Anything else, or silence: we try again, for days."},
            },
        }
    }
