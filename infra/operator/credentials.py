"""Which credentials each provider asks for, and reading them without showing them."""

import json
from collections.abc import Callable
from typing import TextIO

from infra.operator.refused import UnusableInput
from providers.port import Credential
from providers.registry import REGISTRY

# The sandbox has no credentials, and no merchant chooses it.
PROVIDERS = tuple(name for name, listing in REGISTRY.items() if listing.credentials)


def fields_of(provider: str) -> tuple[Credential, ...]:
    """Tell what a provider asks for. Raises UnusableInput for one that has nothing to ask."""
    if provider not in PROVIDERS:
        raise UnusableInput(f"There is no provider {provider!r}: {', '.join(PROVIDERS)}")
    return REGISTRY[provider].credentials


def from_answers(provider: str, ask: Callable[[Credential], str]) -> dict[str, str]:
    """Ask a person for each credential; one that is not needed may be left empty."""
    answers = {field.name: ask(field) for field in fields_of(provider)}
    return checked(provider, {name: answer for name, answer in answers.items() if answer})


def from_file(provider: str, file: TextIO) -> dict[str, str]:
    """Read credentials from a JSON object with exactly the provider's names.

    No message repeats what the file holds. Raises UnusableInput.
    """
    try:
        found = json.load(file)
    except ValueError:
        raise UnusableInput("The credentials are not JSON") from None
    return checked(provider, found)


def checked(provider: str, found: object) -> dict[str, str]:
    """Give back credentials that are whole. Raises UnusableInput, which shows no value of them."""
    fields = fields_of(provider)
    needed = {field.name for field in fields if field.is_needed}
    known = {field.name for field in fields}
    if not isinstance(found, dict) or not needed <= set(found) <= known:
        names = ", ".join(f.name if f.is_needed else f"{f.name} (optional)" for f in fields)
        raise UnusableInput(f"The credentials are an object with exactly {names}")
    for name, value in found.items():
        if not isinstance(value, str) or not value.strip():
            raise UnusableInput(f"{name} must be a text, and not an empty one")
    return dict(found)
