"""GET /api/v1/payment-links/{link_id}/qr: the link's public address as a picture, for paper."""

import io
import re
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

import segno
from pydantic import BeforeValidator, WithJsonSchema

from links.shown_link import link_url
from payments.errors import LinkNotFound
from payments.link import LINK_ID
from plumbing import wiring
from plumbing.fields import Asked, wrong
from plumbing.merchant_api import Answer, answering
from plumbing.requests import Request, path_parameter, public_base_url, query

SCALE = re.compile(r"[0-9]{1,2}", re.ASCII)
DEFAULT_SCALE, LARGEST_SCALE = 8, 20
# It may be kept: a slug never changes, and an address that once led here goes on leading here.
KEPT = "public, max-age=86400"


class Format(StrEnum):
    """How the picture is drawn."""

    SVG = "svg"
    PNG = "png"


CONTENT_TYPES = {Format.SVG: "image/svg+xml", Format.PNG: "image/png"}


def read_format(text: str) -> Format:
    """One of the two."""
    if text not in set(Format):
        raise wrong(f"Use {' or '.join(Format)}")
    return Format(text)


def read_scale(text: str) -> int:
    """How large."""
    if not SCALE.fullmatch(text) or not 1 <= int(text) <= LARGEST_SCALE:
        raise wrong(f"Use a whole number from 1 to {LARGEST_SCALE}")
    return int(text)


class Drawing(Asked):
    """How to draw. Every value is text, as it came."""

    format: Annotated[Format, BeforeValidator(read_format)] = Format.SVG
    scale: Annotated[
        int,
        BeforeValidator(read_scale),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_SCALE}),
    ] = DEFAULT_SCALE
    """Pixels per module; a QR code of such an address has 33 to 45 modules and a margin of 4."""


def draw_qr(request: Request) -> Answer:
    """Draw it, for whoever asks: the address is public."""
    drawing = Drawing.read(query(request, frozenset(Drawing.model_fields)))
    link_id = path_parameter(request, "link_id")
    link = wiring.links().get(link_id) if LINK_ID.fullmatch(link_id) else None
    if link is None:
        raise LinkNotFound
    picture = drawn(link_url(link, public_base_url(request)), drawing)
    return Answer(
        HTTPStatus.OK,
        picture.decode() if drawing.format is Format.SVG else picture,
        {
            "Content-Type": CONTENT_TYPES[drawing.format],
            "Cache-Control": KEPT,
            "Content-Security-Policy": "default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def drawn(address: str, drawing: Drawing) -> bytes:
    """The QR code of an address, readable when up to 15 % of it are stained."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind=drawing.format, scale=drawing.scale)
    return picture.getvalue()


handler = answering({"GET": draw_qr})
