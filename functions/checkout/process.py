"""POST /checkout/{session_id}/process: pay from a merchant's own page. A decline is final here."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from checkout.charging import charge
from checkout.first_answer import first_answer, last_of_try
from checkout.payer import Payer
from payments.errors import AttemptInProgress, IdempotencyKeyReused, SessionNotFound
from payments.mode import Mode
from payments.references import looks_like_session_id
from payments.status import Status
from plumbing import wiring
from plumbing.idempotency import request_hash, sha256
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import (
    Request,
    idempotency_key,
    json_object,
    path_parameter,
    public_base_url,
    raw_body,
)

if TYPE_CHECKING:
    from checkout.ask import Ask
    from payments.payment import Attempt, Payment


class ProcessedPayment(TypedDict):
    """A payment that the customer is asked to pay."""

    reference: str
    session_id: str
    status: Status
    mode: Mode
    authorization_url: NotRequired[str]
    """Where to send the customer, for a card and the like."""


class Processed(TypedDict):
    """A try that the provider took."""

    success: Literal[True]
    message: str
    data: ProcessedPayment


def process(request: Request) -> Answer:
    """Send the prompt, or answer with the provider's page for a card."""
    payer = Payer.read(json_object(raw_body(request)))
    given = idempotency_key(request)
    payment = meant(path_parameter(request, "session_id") or path_parameter(request, "reference"))
    ask = payer.ask(payment)
    if given is not None:
        asked = request_hash(request, payer.model_dump(mode="json"))
        ask = replace(ask, idempotency_hash=sha256(given), request_hash=asked)
    return json_answer(HTTPStatus.OK, told(*tried(payment, ask, public_base_url(request))))


def meant(session: str) -> "Payment":
    """The payment of a session id. Raises SessionNotFound."""
    payment = wiring.payments().get(session) if looks_like_session_id(session) else None
    if payment is None:
        raise SessionNotFound
    return payment


def tried(payment: "Payment", ask: "Ask", base_url: str) -> "tuple[Payment, Attempt]":
    """The payment and the attempt of this try, or of the one that it repeats.

    Raises what `charge` raises, IdempotencyKeyReused.
    """
    repeated = same_try(payment, ask)
    if repeated:
        return payment, repeated
    try:
        after = charge(payment, ask, base_url)
    except AttemptInProgress:
        # It may be this very request, sent twice at once: then the other one charged.
        now = meant(payment.session_id)
        repeated = same_try(now, ask)
        if repeated is None:
            raise
        return now, repeated
    return after, after.attempts[-1]


def same_try(payment: "Payment", ask: "Ask") -> "Attempt | None":
    """What an earlier request under the same Idempotency-Key came to.

    The key is the payment's: it is kept for as long as the payment is.
    """
    for attempt in payment.attempts:
        if ask.idempotency_hash and attempt.idempotency_hash == ask.idempotency_hash:
            if attempt.request_hash != ask.request_hash:
                raise IdempotencyKeyReused
            return last_of_try(payment.attempts, attempt.try_number)
    return None


def told(payment: "Payment", attempt: "Attempt") -> Processed:
    """How the try stands. Raises Declined and ProviderRefused for one that is over already."""
    answer = first_answer(attempt)
    data: ProcessedPayment = {
        "reference": payment.tx_ref,
        "session_id": payment.session_id,
        "status": answer.status,
        "mode": payment.mode,
    }
    if answer.authorization_url:
        data["authorization_url"] = answer.authorization_url
    return {"success": True, "message": answer.message, "data": data}


handler = answering({"POST": process})
