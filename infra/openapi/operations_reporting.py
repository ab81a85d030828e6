"""Looking at payments."""

from http import HTTPStatus

from infra.openapi.fields import REFERENCE
from infra.openapi.operation import Answer, Operation
from payments import errors
from reporting import list_payments, show_payment
from reporting.filters import Filters

TAG = "payments"

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/payments",
        name="list_payments",
        tag=TAG,
        summary="List payments",
        description=(
            "Your payments in the mode of the keys, newest first. The list follows a change "
            "within moments; one payment alone is always read as it stands."
        ),
        query=Filters,
        asked={"status": "successful", "limit": 2},
        answer=Answer(
            status=HTTPStatus.OK, description="A page of payments.", told=list_payments.told
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/payments/{reference}",
        name="show_payment",
        tag=TAG,
        summary="Look at a payment",
        description="All that is known of it: the tries, and what happened when.",
        parameters=(REFERENCE,),
        refuses_unknown_queries=True,
        happens=(errors.SessionNotFound,),
        answer=Answer(
            status=HTTPStatus.OK, description="The payment as it stands.", told=show_payment.told
        ),
    ),
)
