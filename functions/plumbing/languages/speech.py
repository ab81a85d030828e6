"""Saying things to a visitor in their language: words from the catalogues, figures by CLDR."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from payments.clock import KIGALI
from payments.money import EXPONENTS
from plumbing.languages.formats import FORMATS
from plumbing.languages.language import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payments.money import Money

CATALOGUES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Speech:
    """A language, spoken."""

    language: Language

    def say(self, key: str, **facts: object) -> str:
        """The words under a key, with these facts in their places. What is not named is left out.

        Raises KeyError for a key or a fact that is missing: a test knows every key.
        """
        return catalogue(self.language)[key].format_map(facts)

    def money(self, money: "Money") -> str:
        """5,000 francs: RWF 5,000; 5 000 RWF; RWF 5.000. The spaces never break."""
        formats = FORMATS[self.language]
        written = f"{money.major:,.{EXPONENTS[money.currency]}f}"
        signs = str.maketrans({",": formats.group, ".": formats.decimal})
        return formats.money.format(amount=written.translate(signs), currency=money.currency)

    def day(self, moment: "datetime") -> str:
        """The day in Rwanda: November 21, 2026; 21 novembre 2026; 2026 Ugushyingo 21."""
        formats, there = FORMATS[self.language], moment.astimezone(KIGALI)
        return formats.day.format(
            day=there.day, month=formats.months[there.month - 1], year=there.year
        )

    def moment(self, moment: "datetime") -> str:
        """The day and the time of day in Rwanda, to the minute."""
        formats, there = FORMATS[self.language], moment.astimezone(KIGALI)
        time = formats.time.format(
            hour=there.hour,
            half=there.hour % 12 or 12,
            minute=there.minute,
            noon="PM" if there.hour >= 12 else "AM",  # noqa: PLR2004  # noon
        )
        return formats.moment.format(day=self.day(moment), time=time)


@cache
def catalogue(language: Language) -> "Mapping[str, str]":
    """The words of a language, by their keys."""
    words: dict[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    return words
