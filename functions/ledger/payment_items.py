"""How a payment lies in the table: one item with its attempts, so both change in one write."""

from collections.abc import Mapping
from typing import Any

from ledger.listing import Kind, owner_of
from payments.clock import iso, parse_iso
from payments.event_types import EventType
from payments.mode import Mode
from payments.money import Money
from payments.payment import Attempt, Customer, Method, Owed, Payment
from payments.phone import Network
from payments.references import attempt_ref
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status


def terms(payment: Payment) -> dict[str, Any]:
    """What the merchant asked for: written once. Absent facts are None."""
    return {
        "merchant_id": payment.merchant_id,
        "mode": payment.mode.value,
        "owner": owner_of(payment.merchant_id, payment.mode, Kind.PAYMENTS),
        "tx_ref": payment.tx_ref,
        "amount": payment.money.minor_units,
        "currency": payment.money.currency,
        "customer": {
            "name": payment.customer.name,
            "email": payment.customer.email,
            "phone": payment.customer.phone,
        },
        "description": payment.description,
        "meta": payment.meta,
        "redirect_url": payment.redirect_url,
        "webhook_url": payment.webhook_url,
        "request_hash": payment.request_hash,
        "idempotency_hash": payment.idempotency_hash,
        "link_id": payment.link_id,
        "created_at": iso(payment.created_at),
        "expires_at": iso(payment.expires_at),
    }


def standing(payment: Payment) -> dict[str, Any]:
    """What has come of it: written anew with every version. Absent facts are None."""
    live = payment.live_attempt
    return {
        "updated_at": iso(payment.updated_at),
        "status": payment.status.value,
        "version": payment.version,
        "attempts": {f"{a.number:02}": attempt_record(a) for a in payment.attempts},
        "live_attempt": live.ref if live else None,
        "provider": payment.attempts[-1].provider if payment.attempts else None,
        "paid_at": iso(payment.paid_at) if payment.paid_at else None,
        "transaction_id": payment.transaction_id,
        "owed": {str(o.version): owed_record(o) for o in payment.owed} or None,
        # Only while a person has to look is it in the index of those (ledger/unresolved.py).
        "unresolved": payment.mode.value if payment.needs_review else None,
    }


def owed_record(owed: Owed) -> dict[str, Any]:
    """News as it stands under its version."""
    return {"type": owed.type.value, "at": iso(owed.at)}


def owed_from(record: Mapping[str, Mapping[str, Any]]) -> tuple[Owed, ...]:
    """Read the news back, in the order of versions."""
    return tuple(
        Owed(int(version), EventType(owed["type"]), parse_iso(owed["at"]))
        for version, owed in sorted(record.items(), key=lambda one: int(one[0]))
    )


def attempt_record(attempt: Attempt) -> dict[str, Any]:
    """An attempt as it stands under its two-digit number."""
    return {
        "provider": attempt.provider,
        "method": attempt.method.value,
        "phone": attempt.phone,
        "network": attempt.network.value if attempt.network else None,
        "payer_name": attempt.payer_name,
        "payer_email": attempt.payer_email,
        "status": attempt.status.value,
        "started_at": iso(attempt.started_at),
        "token_hash": attempt.token_hash,
        "decline_is_final": attempt.decline_is_final,
        "try_number": attempt.try_number,
        "falls_over": attempt.falls_over,
        "bank": attempt.bank,
        "accepted_at": iso(attempt.accepted_at) if attempt.accepted_at else None,
        "ended_at": iso(attempt.ended_at) if attempt.ended_at else None,
        "provider_ref": attempt.provider_ref,
        "network_ref": attempt.network_ref,
        "next_url": attempt.next_url,
        "reason": attempt.reason.value if attempt.reason else None,
        "settled_by": attempt.settled_by.value if attempt.settled_by else None,
        "times_not_found": attempt.times_not_found,
        "not_found_since": iso(attempt.not_found_since) if attempt.not_found_since else None,
        "idempotency_hash": attempt.idempotency_hash,
        "request_hash": attempt.request_hash,
        "test_card": attempt.test_card,
        "needs_review": attempt.needs_review,
        "decided_by": attempt.decided_by,
        "decided_because": attempt.decided_because,
    }


def from_record(session_id: str, record: Mapping[str, Any]) -> Payment:
    """Read a payment back as it was written."""
    return Payment(
        session_id=session_id,
        merchant_id=record["merchant_id"],
        mode=Mode(record["mode"]),
        tx_ref=record["tx_ref"],
        money=Money(record["amount"], record["currency"]),
        customer=Customer(**record["customer"]),
        description=record.get("description"),
        meta=record.get("meta"),
        redirect_url=record.get("redirect_url"),
        webhook_url=record.get("webhook_url"),
        request_hash=record.get("request_hash"),
        idempotency_hash=record.get("idempotency_hash"),
        link_id=record.get("link_id"),
        created_at=parse_iso(record["created_at"]),
        expires_at=parse_iso(record["expires_at"]),
        updated_at=parse_iso(record["updated_at"]),
        status=Status(record["status"]),
        version=record["version"],
        attempts=tuple(
            attempt_from(session_id, number, attempt)
            for number, attempt in sorted(record["attempts"].items())
        ),
        paid_at=parse_iso(record["paid_at"]) if "paid_at" in record else None,
        transaction_id=record.get("transaction_id"),
        owed=owed_from(record.get("owed", {})),
    )


def attempt_from(session_id: str, number: str, record: Mapping[str, Any]) -> Attempt:
    """Read an attempt back from under its two-digit number."""
    return Attempt(
        ref=attempt_ref(session_id, int(number)),
        number=int(number),
        provider=record["provider"],
        method=Method(record["method"]),
        phone=record.get("phone"),
        network=Network(record["network"]) if "network" in record else None,
        payer_name=record["payer_name"],
        payer_email=record["payer_email"],
        status=AttemptStatus(record["status"]),
        started_at=parse_iso(record["started_at"]),
        token_hash=record["token_hash"],
        decline_is_final=record["decline_is_final"],
        try_number=record["try_number"],
        falls_over=record["falls_over"],
        bank=record.get("bank"),
        accepted_at=parse_iso(record["accepted_at"]) if "accepted_at" in record else None,
        ended_at=parse_iso(record["ended_at"]) if "ended_at" in record else None,
        provider_ref=record.get("provider_ref"),
        network_ref=record.get("network_ref"),
        next_url=record.get("next_url"),
        reason=Reason(record["reason"]) if "reason" in record else None,
        settled_by=SettledBy(record["settled_by"]) if "settled_by" in record else None,
        times_not_found=record["times_not_found"],
        not_found_since=(
            parse_iso(record["not_found_since"]) if "not_found_since" in record else None
        ),
        idempotency_hash=record.get("idempotency_hash"),
        request_hash=record.get("request_hash"),
        test_card=record.get("test_card"),
        needs_review=record.get("needs_review"),
        decided_by=record.get("decided_by"),
        decided_because=record.get("decided_because"),
    )
