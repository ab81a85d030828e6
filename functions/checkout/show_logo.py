"""GET /logos/{merchant_id}/{digest}: a merchant's logo, for our own pages."""

import base64
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from checkout.view import not_found_page
from plumbing import wiring
from plumbing.html import with_apology
from plumbing.observability import logger
from plumbing.requests import Request, path_parameter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MERCHANT_ID = re.compile(r"mer_[a-z0-9]{12}", re.ASCII)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return show(event)


@with_apology
def show(event: Request) -> dict[str, Any]:
    """Show the picture, to be kept for good: another has another address."""
    merchant_id = path_parameter(event, "merchant_id")
    is_id = MERCHANT_ID.fullmatch(merchant_id) is not None
    logo = wiring.logos().get(merchant_id, path_parameter(event, "digest")) if is_id else None
    if logo is None:
        return not_found_page(event)
    return {
        "statusCode": int(HTTPStatus.OK),
        "headers": {
            "Content-Type": logo.content_type,
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
        "body": base64.b64encode(logo.content).decode(),
        "isBase64Encoded": True,
    }
