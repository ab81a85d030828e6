"""Events, and the endpoint that hears of them."""

from http import HTTPStatus

from announcements import arrange_endpoint, list_events, resend, show_event
from infra.openapi.fields import EVENT
from infra.openapi.operation import Answer, Operation
from payments import errors

EVENTS = "events"
ENDPOINT = "webhook endpoint"

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/events",
        name="list_events",
        tag=EVENTS,
        summary="List events",
        description=(
            "What you were to hear in the last 30 days, newest first. `notices` says when your "
            "endpoint is not called any more."
        ),
        query=list_events.Filters,
        asked={"type": "payment.successful"},
        answer=Answer(status=HTTPStatus.OK, description="A page of events.", told=list_events.told),
    ),
    Operation(
        method="GET",
        path="/api/v1/events/{event_id}",
        name="show_event",
        tag=EVENTS,
        summary="Look at an event",
        description="With every try to deliver it: status, time taken, beginning of the answer.",
        parameters=(EVENT,),
        refuses_unknown_queries=True,
        happens=(errors.EventNotFound,),
        answer=Answer(
            status=HTTPStatus.OK, description="The event as it stands.", told=show_event.told
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/events/{event_id}/resend",
        name="resend",
        tag=EVENTS,
        summary="Send an event anew",
        description="Under the same `webhook-id`, 10 times at the most.",
        parameters=(EVENT,),
        body=resend.Nothing,
        may_body_be_missing=True,
        is_repeatable=True,
        happens=(errors.EventNotFound, errors.ResentTooOften),
        answer=Answer(
            status=HTTPStatus.ACCEPTED, description="It is on its way.", told=resend.told
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/events/resend",
        name="resend_range",
        tag=EVENTS,
        summary="Send a range of events anew",
        description="At most 100 by one request: send `next_cursor` as `cursor` for the rest.",
        body=resend.ResendRange,
        example={"from": "2026-11-20", "to": "2026-11-21", "state": "pending"},
        is_repeatable=True,
        answer=Answer(
            status=HTTPStatus.ACCEPTED,
            description="They are on their way.",
            told=resend.resent_of,
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/webhook-endpoint",
        name="show_endpoint",
        tag=ENDPOINT,
        summary="Look at your endpoint",
        description="Where events of this mode go, for payments that name no `webhook_url`.",
        refuses_unknown_queries=True,
        answer=Answer(
            status=HTTPStatus.OK,
            description="The endpoint as it stands.",
            told=arrange_endpoint.told,
        ),
    ),
    Operation(
        method="PUT",
        path="/api/v1/webhook-endpoint",
        name="set_endpoint",
        tag=ENDPOINT,
        summary="Set your endpoint",
        description="One that was disabled is called again.",
        body=arrange_endpoint.Address,
        example={"url": "https://yoursite.rw/api/webhook"},
        is_repeatable=True,
        answer=Answer(
            status=HTTPStatus.OK,
            description="Events go there now.",
            told=arrange_endpoint.told,
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/webhook-endpoint/enable",
        name="enable_endpoint",
        tag=ENDPOINT,
        summary="Enable your endpoint",
        description="After 410, or 5 days of failures, had disabled it.",
        body=arrange_endpoint.Nothing,
        may_body_be_missing=True,
        is_repeatable=True,
        happens=(errors.NoWebhookEndpoint,),
        answer=Answer(
            status=HTTPStatus.OK, description="It is called again.", told=arrange_endpoint.told
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/webhook-endpoint/test",
        name="test_endpoint",
        tag=ENDPOINT,
        summary="Send yourself a test event",
        description="Of type `webhook.test`, on the ordinary way: nothing has happened.",
        body=arrange_endpoint.Nothing,
        may_body_be_missing=True,
        is_repeatable=True,
        happens=(errors.NoWebhookEndpoint,),
        answer=Answer(
            status=HTTPStatus.ACCEPTED,
            description="It is on its way.",
            told=arrange_endpoint.SampleSent,
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/webhook-endpoint/rotate-secret",
        name="rotate_secret",
        tag=ENDPOINT,
        summary="Change your webhook secret",
        description=(
            "The new secret is shown this once. While both overlap, `webhook-signature` holds a "
            "signature by each; `X-Webhook-Signature` is by the new one at once."
        ),
        body=arrange_endpoint.Rotation,
        may_body_be_missing=True,
        example={"overlap_hours": 24},
        is_repeatable=True,
        answer=Answer(
            status=HTTPStatus.OK,
            description="The new secret.",
            told=arrange_endpoint.rotation_told,
        ),
    ),
)
