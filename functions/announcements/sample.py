"""The event that a merchant rehearses with: the body of a success, and nothing happened."""

import json
from typing import TYPE_CHECKING

from ledger.events import Event
from payments.clock import iso
from payments.event_types import EventType
from payments.money import Money
from payments.references import event_id
from payments.status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from payments.merchant import ApiKey
    from settlement.letters import Letter

REFERENCE = "ORDER-12345"
VERSION = 1
ASKED = Money(5000, "RWF")


def sample_event(key: "ApiKey", session_id: str, now: "datetime") -> Event:
    """An event of a payment that never was; no payment's own event has its version."""
    return Event(
        event_id=event_id(session_id, VERSION),
        payment_id=session_id,
        version=VERSION,
        merchant_id=key.merchant_id,
        mode=key.mode,
        type=EventType.TEST.value,
        reference=REFERENCE,
        body=body_of(key, session_id, now),
        created_at=now,
    )


def body_of(key: "ApiKey", session_id: str, now: "datetime") -> str:
    """A success, in seed 000's own words, under the type of a test."""
    body: Letter = {
        "event": EventType.TEST.value,
        "data": {
            "reference": REFERENCE,
            "amount": ASKED.json_number,
            "currency": ASKED.currency,
            "status": Status.SUCCESSFUL,
            "customer": {"name": "John Doe", "email": "john@example.com", "phone": "0788123456"},
            "paid_at": iso(now),
            "transaction_id": None,
            "paypack_reference": None,
            "mode": key.mode,
            "session_id": session_id,
            "provider": None,
            "reason": None,
            "meta": None,
            "version": VERSION,
            "late": False,
        },
        "timestamp": iso(now),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
