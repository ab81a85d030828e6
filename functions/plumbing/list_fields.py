"""The fields that lists are asked by: from when, until when, how many, and which."""

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic.config import JsonDict

from payments.period import GOOD_TIMES, first_moment, last_moment
from plumbing.cursors import LONGEST
from plumbing.fields import wrong

Word = TypeVar("Word", bound=StrEnum)

MOST_ON_A_PAGE = 100
WRITTEN_SIZE = re.compile(r"[0-9]{1,3}", re.ASCII)


def one_of(words: type[Word]) -> Callable[[object], Word]:
    """The reader of one of these words."""

    def read(value: object) -> Word:
        if not isinstance(value, str) or value not in set(words):
            raise wrong(f"Use one of: {', '.join(words)}")
        return words(value)

    return read


def read_first(value: object) -> datetime:
    """The day or moment from which on."""
    if not isinstance(value, str):
        raise wrong(GOOD_TIMES)
    try:
        return first_moment(value)
    except ValueError as unreadable:
        raise wrong(str(unreadable)) from unreadable


def read_last(value: object, info: ValidationInfo) -> datetime:
    """The day or moment up to which; it counts too. `since` is read before it."""
    if not isinstance(value, str):
        raise wrong(GOOD_TIMES)
    try:
        last = last_moment(value)
    except ValueError as unreadable:
        raise wrong(str(unreadable)) from unreadable
    since = info.data.get("since")
    if since and last < since:
        raise wrong("This lies before `from`")
    return last


def read_size(text: str) -> int:
    """How many on a page, as a query says it."""
    if not WRITTEN_SIZE.fullmatch(text) or not 1 <= int(text) <= MOST_ON_A_PAGE:
        raise wrong(f"Use a whole number from 1 to {MOST_ON_A_PAGE}")
    return int(text)


# As payments/period.py reads it, but for days that a month does not have.
A_TIME: JsonDict = {
    "type": "string",
    "pattern": (
        r"^[2-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
        r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?$"
    ),
}
A_CURSOR: JsonDict = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": LONGEST}

First = Annotated[datetime, BeforeValidator(read_first), WithJsonSchema(A_TIME)]
Last = Annotated[datetime, BeforeValidator(read_last), WithJsonSchema(A_TIME)]
Size = Annotated[
    int,
    BeforeValidator(read_size),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE}),
]
