from typing import Any, Literal, NotRequired, TypedDict

import pytest

from infra.openapi.shapes import Shapes
from payments.status import Status


class Coin(TypedDict):
    """A coin.

    Nobody has to read this.
    """

    worth: int | float
    """In francs."""
    kind: Literal["copper", "silver"]
    struck_at: str | None
    twin: NotRequired[bool]


class Purse(Coin):
    coins: list[Coin]
    notes: dict[str, Any]
    status: Status


class Mint:
    class Coin(TypedDict):
        weight: int


def told() -> Coin:
    return {"worth": 20, "kind": "copper", "struck_at": None}


def named(kind: object) -> dict[str, Any]:
    shapes = Shapes()
    shapes.answer_of(kind)
    return shapes.named


def test_reads_the_annotation_of_the_function_that_tells() -> None:
    shapes = Shapes()
    assert shapes.answer_of(told) == {"$ref": "#/components/schemas/Coin"}
    assert shapes.named["Coin"] == {
        "type": "object",
        "description": "A coin.",
        "properties": {
            "worth": {"type": "number", "description": "In francs."},
            "kind": {"enum": ["copper", "silver"]},
            "struck_at": {"type": ["string", "null"], "format": "date-time"},
            "twin": {"type": "boolean"},
        },
        "required": ["kind", "struck_at", "worth"],
        "additionalProperties": False,
    }


def test_what_lies_in_it_is_named_as_well() -> None:
    shapes = named(Purse)
    assert shapes.keys() == {"Purse", "Coin", "Status"}
    fields = shapes["Purse"]["properties"]
    assert fields["coins"] == {"type": "array", "items": {"$ref": "#/components/schemas/Coin"}}
    assert fields["notes"] == {"type": "object", "additionalProperties": {}}
    assert fields["worth"]["description"] == "In francs."
    assert shapes["Status"]["enum"] == list(Status)
    assert "twin" not in shapes["Purse"]["required"]


def test_the_second_of_a_name_is_written_out() -> None:
    shapes = Shapes()
    shapes.schema_of(Coin)
    assert shapes.schema_of(Mint.Coin)["properties"] == {"weight": {"type": "integer"}}
    assert "worth" in shapes.named["Coin"]["properties"]


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="says nothing"):
        Shapes().schema_of(set[str])
