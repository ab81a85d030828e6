"""A receipt as a mail: a subject, and the same facts as plain text and as HTML.

No payment says which language its customer reads, so everything is said in all of them. Of the
words that people chose it holds the shop's name, the description and the reference alone. The
payer typed none of these, so that nobody can have us carry words of theirs to a stranger's address.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plumbing.html import templates
from plumbing.languages.language import DEFAULT, Language
from plumbing.languages.speech import Speech

if TYPE_CHECKING:
    from payments.payment import Payment

TEMPLATES = Path(__file__).parent / "templates"

SPEECHES = tuple(Speech(language) for language in Language)

# Controls, invisible signs (those that turn the order of a line around), surrogates. Breaks of
# every kind count as spaces.
STEERING = frozenset({"Cc", "Cf", "Cs"})

# One recipient as SES reads it: it knows ASCII alone, and takes commas and brackets for a list.
ONE_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mail without its addresses."""

    subject: str
    text: str
    html: str


def is_one_address(text: str) -> bool:
    """Whether a customer's e-mail address names one mailbox, and one that SES can write to."""
    return ONE_ADDRESS.fullmatch(text) is not None


def receipt_of(payment: "Payment", shop: str) -> Receipt:
    """The receipt of a payment that was paid, from a shop of this name."""
    shop = on_one_line(shop)
    thanks = [(speech.language, thanks_in(speech, payment, shop)) for speech in SPEECHES]
    facts = facts_of(payment)
    told = [words for _, words in thanks]
    listed = [f"{label}: {fact}" for label, fact in facts]
    title = in_all([speech.say("mail.title") for speech in SPEECHES])
    return Receipt(
        subject=f"{title}: {Speech(DEFAULT).money(payment.money)}, {shop}",
        text="\n".join([*told, "", *listed, ""]),
        html=templates(TEMPLATES)
        .get_template("receipt.html")
        .render(title=title, thanks=thanks, facts=facts),
    )


def thanks_in(speech: Speech, payment: "Payment", shop: str) -> str:
    """What was paid, to whom and when, in one language."""
    return speech.say(
        "mail.thanks",
        amount=speech.money(payment.money),
        shop=shop,
        moment=speech.moment(payment.paid_at or payment.updated_at),
    )


def facts_of(payment: "Payment") -> list[tuple[str, str]]:
    """What the payment was for, and what to name it by, each under its label."""
    facts = [
        ([speech.say("receipt.description") for speech in SPEECHES], payment.description),
        ([speech.say("receipt.transaction") for speech in SPEECHES], payment.transaction_id),
        ([speech.say("mail.reference") for speech in SPEECHES], payment.tx_ref),
    ]
    return [(in_all(labels), on_one_line(fact)) for labels, fact in facts if fact]


def in_all(words: list[str]) -> str:
    """The same in all languages; what two of them share is said once."""
    return " / ".join(dict.fromkeys(words))


def on_one_line(text: str) -> str:
    """Words without any sign that steers a mail or what shows it."""
    shown = (" " if unicodedata.category(sign) in STEERING else sign for sign in text)
    return " ".join("".join(shown).split())
