"""Payment links."""

from http import HTTPStatus

from infra.openapi.fields import LINK
from infra.openapi.operation import Answer, Keys, Operation
from links import create_link, deactivate_link, show_links
from links.asked_link import AskedLink
from links.draw_qr import Drawing
from payments import errors

TAG = "payment links"

OPERATIONS = (
    Operation(
        method="POST",
        path="/api/v1/payment-links",
        name="create_link",
        tag=TAG,
        summary="Make a payment link",
        description=(
            "A page where people pay you, to send, print or put behind a button. A `one_off` link "
            "is paid once, a `multiple` one as often as `max_uses` and `expires_at` allow. "
            "Without `amount` the payer says how much."
        ),
        body=AskedLink,
        example={"name": "Monthly fee", "amount": 10000, "type": "multiple"},
        is_repeatable=True,
        happens=(errors.SlugTaken,),
        answer=Answer(
            status=HTTPStatus.CREATED, description="The link stands.", told=create_link.told
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/payment-links",
        name="list_links",
        tag=TAG,
        summary="List payment links",
        description="Newest first. A new one is in the list within moments.",
        query=show_links.Page,
        answer=Answer(status=HTTPStatus.OK, description="A page of links.", told=show_links.listed),
    ),
    Operation(
        method="GET",
        path="/api/v1/payment-links/{link_id}",
        name="show_link",
        tag=TAG,
        summary="Look at a payment link",
        description="The payments made by it: list payments with `link`.",
        parameters=(LINK,),
        refuses_unknown_queries=True,
        happens=(errors.LinkNotFound,),
        answer=Answer(
            status=HTTPStatus.OK, description="The link as it stands.", told=show_links.told
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/payment-links/{link_id}/deactivate",
        name="deactivate_link",
        tag=TAG,
        summary="Close a payment link",
        description="For good. Payments that are open already go on.",
        parameters=(LINK,),
        body=deactivate_link.Nothing,
        may_body_be_missing=True,
        is_repeatable=True,
        happens=(errors.LinkNotFound,),
        answer=Answer(status=HTTPStatus.OK, description="It is closed.", told=deactivate_link.told),
    ),
    Operation(
        method="GET",
        path="/api/v1/payment-links/{link_id}/qr",
        name="draw_qr",
        tag=TAG,
        summary="Draw a payment link's QR code",
        description="The link's public address as a picture. It may stand in an `img` element.",
        keys=Keys.NONE,
        parameters=(LINK,),
        query=Drawing,
        asked={"format": "png", "scale": 8},
        happens=(errors.LinkNotFound,),
        answer=Answer(
            status=HTTPStatus.OK,
            description="The picture.",
            media={"image/svg+xml": {"type": "string"}, "image/png": {}},
        ),
    ),
)
