"""Python values <-> DynamoDB's attribute values ({"S": …}, {"N": …}, {"M": …}).

In: str, bool, int, Decimal, bytes, sets of str or of numbers, lists, tuples, mappings.
Out: whole numbers as int, any other as Decimal, lists as list, sets as frozenset, bytes as bytes.
A mapping's None values and empty sets are left out at every depth: absent is how DynamoDB says
nothing, and it cannot hold an empty set.

boto3 has the same, at the price of its import in every cold start (infra/decisions/0015).
"""

from collections.abc import Collection, Mapping
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# DynamoDB's numbers (its developer guide, "Naming rules and data types"): what it could not keep
# to the digit raises here.
NUMBERS = Context(
    prec=38, Emin=-128, Emax=126, traps=[Clamped, Inexact, Overflow, Rounded, Underflow]
)


def to_value(value: object) -> "AttributeValueTypeDef":  # noqa: PLR0911  # one for each kind
    """Write one value as DynamoDB takes it. Raises TypeError for floats and foreign types."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": to_digits(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": to_item(value)}
        case list() | tuple():
            return {"L": [to_value(element) for element in value]}
        case set() | frozenset():
            return to_set(value)
    raise TypeError(f"DynamoDB has no {type(value).__name__}")


def to_set(values: Collection[object]) -> "AttributeValueTypeDef":
    """Write a set of text or of numbers. Raises TypeError for any other, and for a mixed one."""
    if all(isinstance(value, str) for value in values):
        return {"SS": [str(value) for value in values]}
    numbers = [value for value in values if isinstance(value, int | Decimal)]
    if len(numbers) < len(values):
        raise TypeError("DynamoDB has sets of one kind")
    return {"NS": [to_digits(number) for number in numbers]}


def to_digits(number: int | Decimal) -> str:
    """Write a number. Raises decimal.Inexact, Rounded and their like for what would not be kept."""
    kept = NUMBERS.create_decimal(number)
    if not kept.is_finite():
        raise TypeError(f"DynamoDB has no {kept}")
    return str(kept)


def to_item(values: Mapping[str, object]) -> "dict[str, AttributeValueTypeDef]":
    """Write a whole item, or the values of an expression, as DynamoDB takes them."""
    return {name: to_value(value) for name, value in values.items() if not is_nothing(value)}


def is_nothing(value: object) -> bool:
    """Whether DynamoDB says this by saying nothing."""
    return value is None or (isinstance(value, set | frozenset) and not value)


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as DynamoDB, or its stream, gave it."""
    return {name: from_value(value) for name, value in item.items()}


def from_value(stored: Mapping[str, Any]) -> object:
    """Read one value. Raises TypeError for a kind that we never write."""
    ((kind, value),) = stored.items()
    match kind:
        case "S" | "BOOL" | "B":
            return value
        case "N":
            return from_digits(value)
        case "M":
            return from_item(value)
        case "L":
            return [from_value(element) for element in value]
        case "SS":
            return frozenset(value)
        case "NS":
            return frozenset(map(from_digits, value))
    raise TypeError(f"nothing here is kept as {kind}")


def from_digits(digits: str) -> int | Decimal:
    """Read a number; a whole one as int."""
    number = Decimal(digits)
    return int(number) if number == number.to_integral_value() else number
