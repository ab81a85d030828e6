"""What is declared of an operation; all else is read from the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from payments import errors
from plumbing.error_answers import UNEXPECTED, Said

Happened = type[errors.PaymentError]


class Keys(Enum):
    """Which keys a request bears."""

    BOTH = "both"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A part of the path."""

    name: str
    description: str
    schema: Mapping[str, Any]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of success."""

    status: HTTPStatus
    description: str
    told: Any = None
    """The function whose annotation is the body's shape, or the shape itself."""
    media: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """For an answer that is not JSON: content type -> schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one path."""

    method: str
    path: str
    name: str
    """The operationId."""
    tag: str
    summary: str
    description: str
    answer: Answer
    keys: Keys = Keys.BOTH
    parameters: tuple[Parameter, ...] = ()
    query: type[BaseModel] | None = None
    """What reads the query."""
    body: type[BaseModel] | None = None
    example: Mapping[str, Any] | None = None
    """The body of the example; the path's parts have examples of their own, and the answer's is
    examples/<name>.json."""
    asked: Mapping[str, str | int] = field(default_factory=dict)
    """The query of the example."""
    is_repeatable: bool = False
    """Whether it takes an Idempotency-Key."""
    may_body_be_missing: bool = False
    refuses_unknown_queries: bool = False
    """Whether it refuses a query parameter though it knows none."""
    happens: tuple[Happened, ...] = ()
    """What it may raise, beside what every operation of its kind may."""
    unexpected: Said = UNEXPECTED
    also_says: tuple[Said, ...] = field(default=())
    """Words of the error table that belong to no error of their own."""

    def at(self, path: str, name: str, *parameters: Parameter) -> "Operation":
        """The same operation at another path."""
        return replace(self, path=path, name=name, parameters=parameters)
