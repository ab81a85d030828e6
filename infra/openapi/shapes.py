"""An answer's annotation, a TypedDict and what it holds, as a JSON schema.

Times are plain text to Python: their names (`created_at`, `since`) say what they are. Addresses
have no format, since what merchants give may hold more than a plain URI. A text under a field is
the field's description, as everywhere in this code.
"""

import builtins
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args, get_origin, is_typeddict

from infra.openapi.described import field_descriptions, first_paragraph
from payments.mode import Mode
from payments.payment import Method
from payments.phone import Network
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status

Schema = dict[str, Any]

# Words that modules name for the type checker alone.
WORDS: Mapping[str, object] = {
    word.__name__: word
    for word in (AttemptStatus, Method, Mode, Network, Reason, SettledBy, Status, datetime)
} | {"Any": Any}
PLAIN: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
    object: {},
}
A_TIME = re.compile(r"(.*_)?(at|since|until|timestamp)")


class Shapes:
    """The schemas that have a name, gathered while answers are read."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._kinds: dict[str, object] = {}

    def answer_of(self, told: Any) -> Schema:  # noqa: ANN401  # a function or a kind
        """The schema of what a function answers with, or of a TypedDict itself."""
        if inspect.isfunction(told):
            return self.schema_of(hints_of(told)["return"])
        return self.schema_of(told)

    def schema_of(self, kind: Any) -> Schema:  # noqa: ANN401  # whatever an annotation says
        """The schema of one kind; a TypedDict and an enumeration are named and pointed to."""
        if kind in PLAIN:
            return dict(PLAIN[kind])
        if is_typeddict(kind):
            return self._pointer(kind, self._record)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return self._pointer(kind, words_of)
        return self._composed(kind)

    def _composed(self, kind: Any) -> Schema:  # noqa: ANN401  # as above
        arguments = get_args(kind)
        match get_origin(kind):
            case typing.Literal:
                return literal(arguments)
            case typing.Union | types.UnionType:
                return either([self.schema_of(argument) for argument in arguments])
            case origin if isinstance(origin, type) and issubclass(origin, Mapping):
                return {"type": "object", "additionalProperties": self.schema_of(arguments[1])}
            case origin if origin in {list, tuple}:
                return {"type": "array", "items": self.schema_of(arguments[0])}
            case _:
                raise TypeError(f"{kind} says nothing of its JSON")

    def _pointer(self, kind: type, schema: Callable[[type], Schema]) -> Schema:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            # Two steps may have a word in common: the second is written out where it stands.
            return schema(kind)
        self.name(name, schema(kind))
        return {"$ref": f"#/components/schemas/{name}"}

    def name(self, name: str, schema: Schema) -> None:
        """Keep a schema under its name. Raises TypeError for two that have the same."""
        if self.named.setdefault(name, schema) != schema:
            raise TypeError(f"Two shapes are called {name}: {schema} and {self.named[name]}")

    def _record(self, kind: type) -> Schema:
        described = field_descriptions(kind)
        properties: Schema = {}
        for name, hint in hints_of(kind).items():
            field = with_format(name, self.schema_of(hint))
            properties[name] = field | (
                {"description": described[name]} if name in described else {}
            )
        return {
            "type": "object",
            "description": first_paragraph(kind),
            "properties": properties,
            "required": sorted(kind.__required_keys__),  # type: ignore[attr-defined]  # TypedDicts have it
            "additionalProperties": False,
        }


def hints_of(thing: Any) -> dict[str, Any]:  # noqa: ANN401  # a class or a function
    """The annotations, with what stands for the type checker alone filled in."""
    hints = typing.get_type_hints(thing, localns=Lenient(thing), include_extras=True)
    return {name: without_marks(hint) for name, hint in hints.items()}


class Lenient(dict[str, Any]):
    """Names of a module, then our own words, and `object` for what an answer cannot hold.

    A function's parameters are of kinds that its module may name for the type checker alone.
    """

    def __init__(self, thing: Any) -> None:  # noqa: ANN401  # a class or a function
        super().__init__(vars(inspect.getmodule(thing)))

    def __missing__(self, name: str) -> object:
        return WORDS.get(name) or vars(typing).get(name) or vars(builtins).get(name, object)


def without_marks(hint: Any) -> Any:  # noqa: ANN401  # whatever an annotation says
    """The kind alone: whether a field must be there is the TypedDict's to say."""
    marks = {typing.NotRequired, typing.Required}
    return get_args(hint)[0] if get_origin(hint) in marks else hint


def with_format(name: str, schema: Schema) -> Schema:
    """The schema of a text whose name says that it is a time."""
    if not A_TIME.fullmatch(name):
        return schema
    if "anyOf" in schema:
        return {"anyOf": [with_format(name, part) for part in schema["anyOf"]]}
    return schema | {"format": "date-time"} if "string" in listed(schema.get("type")) else schema


def listed(kinds: object) -> list[object]:
    """The types of a schema, be they one or several."""
    return kinds if isinstance(kinds, list) else [kinds]


def words_of(kind: type) -> Schema:
    """An enumeration."""
    return {
        "type": "string",
        "description": first_paragraph(kind),
        "enum": [str(word) for word in kind],  # type: ignore[attr-defined]  # an enumeration
    }


def literal(values: tuple[Any, ...]) -> Schema:
    """One value, or one of several."""
    plain = [str(value) if isinstance(value, str) else value for value in values]
    return {"const": plain[0]} if len(plain) == 1 else {"enum": plain}


def either(schemas: list[Schema]) -> Schema:
    """One schema or another; a plain type that may be null is said in one line."""
    if any(set(schema) != {"type"} for schema in schemas):
        return {"anyOf": schemas}
    kinds = [schema["type"] for schema in schemas]
    # A whole number is a number, to JSON.
    kinds = [kind for kind in kinds if kind != "integer" or "number" not in kinds]
    return {"type": kinds if len(kinds) > 1 else kinds[0]}
