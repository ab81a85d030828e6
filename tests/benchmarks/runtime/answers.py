"""Whether a function answered what it had to. A wrong answer ends the benchmark."""

import json
from collections.abc import Mapping
from typing import Any

from infra.local.refusals import StepFailed


class WrongAnswer(StepFailed):
    """A function did not do what it was measured for."""


def require(told: object, wanted: object, what: str) -> None:
    """Raise WrongAnswer unless the two are the same."""
    if told != wanted:
        raise WrongAnswer(f"{what}: {told!r} where {wanted!r} was due.")


def body_of(answer: Any, status: int) -> Any:  # noqa: ANN401  # JSON is anything
    """The JSON that a function answered through API Gateway. Raises WrongAnswer."""
    return json.loads(text_of(answer, status))


def text_of(answer: Any, status: int) -> str:  # noqa: ANN401  # JSON is anything
    """The text that a function answered through API Gateway. Raises WrongAnswer."""
    if not isinstance(answer, Mapping) or answer.get("statusCode") != status:
        raise WrongAnswer(f"{answer!r} where status {status} was due.")
    return str(answer["body"])
