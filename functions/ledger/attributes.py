"""Python values <-> DynamoDB's attribute values ({"S": …}, {"N": …}, {"M": …}).

In: str, bool, int, Decimal, bytes, sets of one of these, lists, tuples, mappings.
Out: whole numbers as int, any other as Decimal, lists as list, sets as frozenset, bytes as bytes.
A mapping's None values and empty sets are left out at every depth: absent is how DynamoDB says
nothing, and it cannot hold an empty set.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_SERIALIZER = TypeSerializer()
_DESERIALIZER = TypeDeserializer()


def to_value(value: object) -> "AttributeValueTypeDef":
    """Write one value as DynamoDB takes it. Raises TypeError for floats and foreign types."""
    return _SERIALIZER.serialize(_without_gaps(value))


def to_item(values: Mapping[str, object]) -> "dict[str, AttributeValueTypeDef]":
    """Write a whole item, or the values of an expression, as DynamoDB takes them."""
    return {name: to_value(value) for name, value in values.items() if not _is_nothing(value)}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as DynamoDB, or its stream, gave it."""
    return {name: _plain(_DESERIALIZER.deserialize(value)) for name, value in item.items()}


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, (set, frozenset)) and not value)


def _without_gaps(value: object) -> object:
    match value:
        case Mapping():
            return {k: _without_gaps(v) for k, v in value.items() if not _is_nothing(v)}
        case list() | tuple():
            return [_without_gaps(element) for element in value]
        case _:
            return value


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case Binary():
            return value.__bytes__()
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(element) for element in value]
        case set():
            return frozenset(_plain(element) for element in value)
        case _:
            return value
