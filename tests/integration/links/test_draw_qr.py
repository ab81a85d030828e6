import base64
import io
import struct
import zlib
from collections.abc import Iterator
from http import HTTPStatus

import pytest
import segno

from tests.integration.gateway import Gateway
from tests.integration.links.sharing import deactivate, made, qr


def expected(url: str) -> list[list[bool]]:
    """The dark modules of an address, margin and all."""
    code = segno.make_qr(url, error="m")
    return [[bool(module) for module in row] for row in code.matrix_iter(border=4)]


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a picture, each of them whole."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, chunk = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + chunk) == struct.unpack(">I", png[at + 8 + length :][:4])[0]
        yield kind, chunk
        at += length + 12


def pixels(png: bytes) -> list[list[bool]]:
    """The dark pixels of a picture of one bit per pixel, as segno draws it: read by hand."""
    parts = list(chunks(png))
    width, height, depth = struct.unpack(">IIB", dict(parts)[b"IHDR"][:9])
    assert depth == 1
    lines = zlib.decompress(b"".join(chunk for kind, chunk in parts if kind == b"IDAT"))
    size = 1 + (width + 7) // 8
    assert len(lines) == size * height
    above = bytes(size - 1)
    drawn = []
    for start in range(0, len(lines), size):
        filtered, line = lines[start], lines[start + 1 : start + size]
        # Only these two filters are known here: the line itself, or what it adds to that above.
        assert filtered in {0, 2}
        if filtered:
            line = bytes((one + other) % 256 for one, other in zip(line, above, strict=True))
        drawn.append([not line[x // 8] >> (7 - x % 8) & 1 for x in range(width)])
        above = line
    return drawn


def test_draws_the_public_address_as_svg(gateway: Gateway) -> None:
    link = made(gateway)
    answer = qr(link["link_id"])
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    picture = io.BytesIO()
    segno.make_qr(link["url"], error="m").save(picture, kind="svg", scale=8)
    assert answer.text == picture.getvalue().decode()


@pytest.mark.parametrize("scale", [1, 3, 20])
def test_draws_the_public_address_as_png(gateway: Gateway, scale: int) -> None:
    link = made(gateway)
    answer = qr(link["link_id"], format="png", scale=str(scale))
    assert answer.headers["content-type"] == "image/png"
    dark = pixels(base64.b64decode(answer.text, validate=True))
    assert dark == [
        [module for module in row for _ in range(scale)]
        for row in expected(link["url"])
        for _ in range(scale)
    ]


def test_the_picture_may_be_kept_and_runs_nothing(gateway: Gateway) -> None:
    headers = qr(made(gateway)["link_id"]).headers
    assert headers["cache-control"] == "public, max-age=86400"
    assert headers["content-security-policy"] == "default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_closed_link_has_the_same_picture(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    before = qr(link_id).text
    deactivate(gateway, link_id)
    assert qr(link_id).text == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("format", v) for v in ("jpg", "PNG", "", "svg ", "../png")),
        *(("scale", v) for v in ("0", "21", "-1", "1.5", "", "big", "\u0663", "9" * 50)),
        ("size", "8"),
    ],
)
def test_names_the_parameter_that_is_wrong(gateway: Gateway, name: str, value: str) -> None:
    answer = qr(made(gateway)["link_id"], **{name: value})
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.fields == {name}


@pytest.mark.parametrize("link_id", ["lnk_0123456789ab", "x", "%00", ""])
def test_nothing_is_drawn_of_nothing(gateway: Gateway, link_id: str) -> None:
    assert gateway.items() == []
    answer = qr(link_id)
    assert (answer.status, answer.code) == (404, "LINK_NOT_FOUND")


def test_a_picture_costs_one_read(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    gateway.aws_calls.clear()
    qr(link_id)
    assert gateway.aws_calls == ["dynamodb.GetItem"]
