"""The one table from what happened to what the API says of it.

Codes and statuses of seed 000 where it has them: AUTH_FAILED, DUPLICATE_REFERENCE,
INITIALIZATION_FAILED, SESSION_NOT_FOUND, INSUFFICIENT_BALANCE.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from payments import errors
from payments.report import Reason


@dataclass(frozen=True, slots=True)
class Said:
    """An error as the API states it."""

    status: HTTPStatus
    code: str
    message: str


ANSWERS: Mapping[type[errors.PaymentError], Said] = {
    errors.InvalidRequest: Said(
        HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_ERROR", "Some fields need your attention"
    ),
    errors.MalformedBody: Said(
        HTTPStatus.BAD_REQUEST, "MALFORMED_BODY", "The body is not valid JSON"
    ),
    errors.BodyTooLarge: Said(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", "The body is larger than 64 KB"
    ),
    errors.NotAuthenticated: Said(
        HTTPStatus.UNAUTHORIZED, "AUTH_FAILED", "Invalid API credentials"
    ),
    errors.DuplicateReference: Said(
        HTTPStatus.CONFLICT, "DUPLICATE_REFERENCE", "This tx_ref was already used"
    ),
    errors.IdempotencyKeyReused: Said(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "IDEMPOTENCY_KEY_REUSED",
        "This Idempotency-Key came before with another request",
    ),
    errors.RateLimited: Said(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "Too many requests; wait as long as Retry-After says",
    ),
    errors.LinkNotFound: Said(
        HTTPStatus.NOT_FOUND, "LINK_NOT_FOUND", "There is no such payment link"
    ),
    errors.LinkClosed: Said(
        HTTPStatus.CONFLICT, "LINK_CLOSED", "This payment link takes no more payments"
    ),
    errors.SlugTaken: Said(HTTPStatus.CONFLICT, "SLUG_TAKEN", "Another payment link has this slug"),
    errors.EventNotFound: Said(HTTPStatus.NOT_FOUND, "EVENT_NOT_FOUND", "There is no such event"),
    errors.NoWebhookEndpoint: Said(
        HTTPStatus.CONFLICT, "NO_WEBHOOK_ENDPOINT", "No webhook endpoint is set in this mode"
    ),
    errors.ResentTooOften: Said(
        HTTPStatus.CONFLICT, "RESEND_LIMIT", "This event was sent anew too often"
    ),
    errors.ForgedWebhook: Said(
        HTTPStatus.UNAUTHORIZED, "BAD_SIGNATURE", "This notification does not prove its sender"
    ),
    errors.SessionNotFound: Said(
        HTTPStatus.NOT_FOUND, "SESSION_NOT_FOUND", "Checkout session not found or expired"
    ),
    errors.PaymentClosed: Said(
        HTTPStatus.CONFLICT, "PAYMENT_CLOSED", "This payment can no longer be paid"
    ),
    errors.AttemptInProgress: Said(
        HTTPStatus.CONFLICT,
        "ATTEMPT_IN_PROGRESS",
        "A payment attempt is in progress: wait for its outcome",
    ),
    errors.TriesUsedUp: Said(
        HTTPStatus.CONFLICT, "PAYMENT_CLOSED", "All tries of this payment were used"
    ),
    errors.MethodUnavailable: Said(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "METHOD_UNAVAILABLE",
        "This payment method is not available here",
    ),
    errors.ProviderRefused: Said(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "PROVIDER_UNAVAILABLE",
        "The payment provider did not take the request; nobody was charged",
    ),
    errors.Declined: Said(
        HTTPStatus.UNPROCESSABLE_ENTITY, "PAYMENT_DECLINED", "The payment was declined"
    ),
}

NO_FUNDS = Said(
    HTTPStatus.UNPROCESSABLE_ENTITY, "INSUFFICIENT_BALANCE", "Customer has insufficient funds"
)
NO_SUCH_ROUTE = Said(HTTPStatus.NOT_FOUND, "NOT_FOUND", "There is nothing here")
UNEXPECTED = Said(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "INTERNAL_ERROR",
    "Something went wrong on our side; ask for the status before you try again",
)
NOT_OPENED = Said(
    HTTPStatus.INTERNAL_SERVER_ERROR, "INITIALIZATION_FAILED", "Could not create session"
)


def said_of(error: errors.PaymentError) -> Said:
    """What the API says of an error."""
    if isinstance(error, errors.Declined) and error.reason == Reason.INSUFFICIENT_FUNDS:
        return NO_FUNDS
    said = ANSWERS.get(type(error), UNEXPECTED)
    if isinstance(error, errors.PaymentClosed):
        return replace(said, message=f"{error}: it can no longer be paid or cancelled")
    return said


def body_of(said: Said, error: errors.PaymentError | None = None) -> dict[str, Any]:
    """The documented shape of every error."""
    told: dict[str, Any] = {"code": said.code, "message": said.message}
    if isinstance(error, errors.InvalidRequest):
        told["fields"] = {name: list(messages) for name, messages in error.fields.items()}
    return {"success": False, "message": said.message, "error": told}
