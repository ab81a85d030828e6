"""What every provider is asked, and how it may answer. Adapters are stateless.

Rules that hold for all of them (PROVIDERS.md):
- Silence is not refusal: a time-out, a connection lost after sending, a 5xx: ProviderSilent.
- Only a plain yes or a plain no is final: an unknown word is Outcome.PENDING.
- What a provider states (reference, amount, currency) is passed on as it stated it; settlement
  holds it against the payment.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from payments.clock import Clock
from payments.payment import Attempt, Method, Payment
from payments.phone import Network
from payments.report import Report

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a provider tells us, and where it sends the customer afterwards."""

    callback_url: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notification as it came: nothing of it is parsed yet."""

    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""


class Provider(Protocol):
    """One provider, opened with one merchant's credentials."""

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Ask for the money, once. Never sent again by itself.

        Raises ProviderSilent when nobody can say whether the request arrived.
        """
        ...

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Ask what became of an attempt. Raises ProviderSilent when the answer does not say."""
        ...

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> Report | None:
        """Read a signed notification. None when it says nothing that can be believed: then ask.

        Raises ForgedWebhook, before anything is parsed, when its signature is not theirs.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a provider takes by one method."""

    currencies: frozenset[str]
    most: Mapping[str, int] = field(default_factory=dict)
    """The largest sum, in minor units, by currency; none named, none known."""
    networks: frozenset[Network] = frozenset(Network)
    """Mobile money alone."""
    banks: frozenset[str] = frozenset()
    """Bank transfers alone: the codes of the banks."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment until which it should be used."""

    value: str
    good_until: datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that a provider gives a merchant, and the operator stores."""

    name: str
    asked_as: str
    is_secret: bool = True
    is_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an adapter is opened with."""

    http: "httpx.Client"
    base_url: str
    """The provider's whole base address, with or without a slash at its end."""
    credentials: Mapping[str, str]
    """What the provider gave this merchant, by the names that the operator stored."""
    clock: Clock
    tokens: MutableMapping[str, Token]
    """Kept while the sandbox lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A provider's line in the registry."""

    offers: Mapping[Method, Offer]
    open: Callable[[Opening], Provider]
    credentials: tuple[Credential, ...]
    """What the operator asks for and stores, merchant by merchant."""
    signs: bool
    """Whether its notifications bear a signature."""
    acknowledge: Callable[[bytes], Mapping[str, str]]
    """The JSON that it expects back, made from the notification's raw bytes."""
