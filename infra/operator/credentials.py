"""Which credentials each provider asks for, and reading them without showing them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TextIO

from infra.operator.refused import UnusableInput


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask for; a secret is not shown while it is typed."""

    name: str
    asked_as: str
    is_secret: bool


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "kpay": (
        Field("username", "K-Pay username", is_secret=False),
        Field("password", "K-Pay password", is_secret=True),
        Field("api_key", "K-Pay API key (Kpay-Key)", is_secret=True),
        Field("retailer_id", "K-Pay retailer id", is_secret=False),
    ),
}


def fields_of(provider: str) -> tuple[Field, ...]:
    """Tell what a provider asks for. Raises UnusableInput for a provider that we do not know."""
    if provider not in FIELDS:
        raise UnusableInput(f"There is no provider {provider!r}: {', '.join(FIELDS)}")
    return FIELDS[provider]


def from_answers(provider: str, ask: Callable[[Field], str]) -> dict[str, str]:
    """Ask a person for each credential."""
    return _checked(provider, {field.name: ask(field) for field in fields_of(provider)})


def from_file(provider: str, file: TextIO) -> dict[str, str]:
    """Read credentials from a JSON object with exactly the provider's names.

    No message repeats what the file holds. Raises UnusableInput.
    """
    try:
        found = json.load(file)
    except ValueError:
        raise UnusableInput("The credentials are not JSON") from None
    return _checked(provider, found)


def _checked(provider: str, found: object) -> dict[str, str]:
    names = [field.name for field in fields_of(provider)]
    if not isinstance(found, dict) or set(found) != set(names):
        raise UnusableInput(f"The credentials are an object with exactly {', '.join(names)}")
    for name in names:
        if not isinstance(found[name], str) or not found[name].strip():
            raise UnusableInput(f"{name} must be a text, and not an empty one")
    return {name: found[name] for name in names}
