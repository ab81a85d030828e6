"""Opening a payment, charging, asking how it stands."""

from http import HTTPStatus

from checkout import cancel, initialize, process, verify
from checkout.order import Order
from checkout.payer import Payer
from infra.openapi.fields import REFERENCE, SESSION, SESSION_AS_REFERENCE
from infra.openapi.operation import Answer, Keys, Operation
from payments import errors
from plumbing.error_answers import NOT_OPENED

TAG = "checkout"
CHARGING = (
    errors.AttemptInProgress,
    errors.Declined,
    errors.MethodUnavailable,
    errors.PaymentClosed,
    errors.ProviderRefused,
    errors.SessionNotFound,
    errors.TriesUsedUp,
)

INITIALIZE = Operation(
    method="POST",
    path="/api/v1/checkout/initialize",
    name="initialize",
    tag=TAG,
    summary="Open a payment",
    description=(
        "Opens a payment and answers with `payment_url`, the hosted page where your customer "
        "pays. The session is open for an hour. A `tx_ref` opens one payment and no more."
    ),
    body=Order,
    example={
        "amount": 5000,
        "tx_ref": "ORDER-12345",
        "currency": "RWF",
        "customer": {"name": "Aline Uwase", "email": "aline@example.rw", "phone": "0788123456"},
        "redirect_url": "https://yoursite.rw/payment-callback",
        "webhook_url": "https://yoursite.rw/api/webhook",
        "description": "Payment for Order #12345",
        "meta": {"cart_id": "cart_123"},
    },
    is_repeatable=True,
    unexpected=NOT_OPENED,
    happens=(
        errors.DuplicateReference,
        errors.AttemptInProgress,
        errors.Declined,
        errors.MethodUnavailable,
        errors.PaymentClosed,
        errors.ProviderRefused,
    ),
    answer=Answer(
        status=HTTPStatus.CREATED,
        description="The payment is open. Send the customer to `payment_url`.",
        told=initialize.told,
    ),
)

VERIFY = Operation(
    method="GET",
    path="/api/v1/checkout/{reference}/verify",
    name="verify",
    tag=TAG,
    summary="Ask how a payment stands",
    description=(
        "By your `tx_ref` or the `session_id`. Keys are optional: with both, or with the public "
        "key alone, the `tx_ref` is looked for among your own payments of that mode; without any, "
        "a `session_id` always works and a `tx_ref` where no other merchant used the same. "
        "The answer holds no personal data, so a browser may ask. `success` tells whether the "
        "payment was paid, not whether the question was understood."
    ),
    keys=Keys.OPTIONAL,
    parameters=(REFERENCE,),
    happens=(errors.SessionNotFound,),
    answer=Answer(
        status=HTTPStatus.OK,
        description="How the payment stands now.",
        told=verify.told,
    ),
)

PROCESS = Operation(
    method="POST",
    path="/api/v1/checkout/{reference}/process",
    name="process",
    tag=TAG,
    summary="Charge from a page of your own",
    description=(
        "Sends the prompt to the customer's phone; for other methods, `authorization_url` is the "
        "provider's page where the customer goes on. What is left out is taken from the order. "
        "The session id itself is the permission: no keys are asked for. A decline is final here, "
        "while the hosted page lets the customer try again."
    ),
    keys=Keys.NONE,
    parameters=(SESSION_AS_REFERENCE,),
    body=Payer,
    example={"phone": "0788123456"},
    is_repeatable=True,
    happens=CHARGING,
    answer=Answer(
        status=HTTPStatus.OK,
        description="The try has begun, or is paid already.",
        told=process.told,
    ),
)

CANCEL = Operation(
    method="POST",
    path="/api/v1/checkout/{reference}/cancel",
    name="cancel",
    tag=TAG,
    summary="Call a payment off",
    description=(
        "While no money can move: an open payment without a try in progress. What is cancelled "
        "already is answered the same again. You hear `payment.cancelled` by webhook."
    ),
    parameters=(REFERENCE,),
    body=cancel.Cancellation,
    may_body_be_missing=True,
    is_repeatable=True,
    happens=(errors.SessionNotFound, errors.AttemptInProgress, errors.PaymentClosed),
    answer=Answer(status=HTTPStatus.OK, description="It is cancelled.", told=cancel.told),
)

OPERATIONS = (
    INITIALIZE,
    VERIFY,
    PROCESS,
    PROCESS.at("/checkout/{session_id}/process", "process_by_session", SESSION),
    CANCEL,
)
