import base64

import pytest

from ledger.listing import Place
from payments.errors import InvalidRequest
from plumbing import cursors

PLACE = Place("2026-11-21T14:30:00Z", "CHK-V0CFMJGNI8ZWIJBR", "PAYMENT")


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_cursor_leads_back_to_its_place() -> None:
    cursor = cursors.write(PLACE)
    assert cursors.read(cursor) == PLACE
    assert cursor.isascii()
    assert not set(cursor) & set("=/+&?#")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "====",
        "\ud800",
        encoded("[]"),
        encoded('["a","b"]'),
        encoded('["a","b","c","d"]'),
        encoded('["a","b",""]'),
        encoded('["a","b",1]'),
        encoded('"abc"'),
        encoded('{"a":1,"b":2,"c":3}'),
        encoded("null"),
        encoded("[" * 5000),
        "A" * 501,
    ],
)
def test_garbage_is_a_clear_error_of_its_own_field(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        cursors.read(text)
    assert set(refused.value.fields) == {"cursor"}
