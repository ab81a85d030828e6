"""What the public page of a link shows: its form, or why it takes no payment."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payments.limits import limits
from payments.link import SLUG, Link, Standing
from payments.mode import Mode
from payments.money import Money
from plumbing import wiring
from plumbing.html import page_answer
from plumbing.pages import logo_url
from plumbing.requests import Request, path_parameter, public_base_url
from plumbing.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATES = Path(__file__).parent / "templates"
FIELDS = ("amount", "name", "email", "phone")
# As much of what was typed as the form shows again.
LONGEST_ECHO = 300
ONCE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
ONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and what is wrong with it, when the form is shown again."""

    typed: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    errors: "Mapping[str, Sequence[str]]" = field(default_factory=dict)
    """What is wrong, by field; `form` for what is wrong with no field alone."""
    once: str | None = None
    """The form's token, where the same form is shown again; else a new one is made."""

    @classmethod
    def of(
        cls,
        fields: Mapping[str, str],
        errors: "Mapping[str, Sequence[str]]",
        *,
        is_used: bool = False,
    ) -> "Form":
        """The form as it was sent, with a new token where its own was used (`is_used`)."""
        once = fields.get("once", "")
        return cls(
            typed={name: fields.get(name, "")[:LONGEST_ECHO] for name in FIELDS},
            errors=errors,
            once=None if is_used or not is_token(once) else once,
        )


@dataclass(frozen=True, slots=True)
class Earlier:
    """A payment that the same form opened before, of another sum."""

    money: Money
    url: str


def is_token(once: str) -> bool:
    """Whether a form could bear this token."""
    return ONCE.fullmatch(once) is not None


def shown_link(event: Request) -> Link | None:
    """The link of a page's address."""
    slug = path_parameter(event, "slug")
    return wiring.links().at(slug) if SLUG.fullmatch(slug) else None


def form_page(
    event: Request, link: Link, form: Form | None = None, earlier: Earlier | None = None
) -> dict[str, Any]:
    """The form of a link. `earlier` is the payment that this form opened already."""
    form = form or Form()
    merchant = wiring.merchant(link.merchant_id)
    least, most = limits(link.currency, settings().rates)
    return page_answer(
        event,
        HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
        TEMPLATES / "link.html",
        link=link,
        shop=merchant.name,
        logo_url=logo_url(merchant, public_base_url(event)),
        is_test=link.mode is Mode.TEST,
        form=form,
        once=form.once or secrets.token_urlsafe(ONCE_BYTES),
        earlier=earlier,
        least=least,
        most=most,
    )


def closed_page(event: Request, link: Link, standing: Standing) -> dict[str, Any]:
    """Why a link takes no payment: 410 for good, 409 while it is in use."""
    is_for_now = standing is Standing.IN_USE
    return page_answer(
        event,
        HTTPStatus.CONFLICT if is_for_now else HTTPStatus.GONE,
        TEMPLATES / "closed.html",
        link=link,
        shop=wiring.merchant(link.merchant_id).name,
        standing=standing,
    )


def no_such_page(event: Request) -> dict[str, Any]:
    """The page for an address that leads nowhere."""
    return page_answer(event, HTTPStatus.NOT_FOUND, TEMPLATES / "no_such_link.html")
