"""How each language writes money, days and moments: CLDR's signs and patterns.

Only what the pages need is here; a test holds it against all of Babel's data (decision 0011).
"""

from dataclasses import dataclass

from plumbing.languages.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """The signs and patterns of a language."""

    group: str
    decimal: str
    money: str
    """Of `amount` and the currency's code, which CLDR keeps apart by a space that never breaks."""
    months: tuple[str, ...]
    """January first."""
    day: str
    """CLDR's long date, of `day`, `month` and `year`."""
    time: str
    """CLDR's short time, of `hour` (0 to 23) or `half` and `noon`, and `minute`."""
    moment: str
    """Of `day` and `time`."""


FORMATS = {
    Language.EN: Formats(
        group=",",
        decimal=".",
        money="{currency}\N{NO-BREAK SPACE}{amount}",
        months=(
            "January", "February", "March", "April", "May", "June", "July", "August",
            "September", "October", "November", "December",
        ),
        day="{month} {day}, {year}",
        time="{half}:{minute:02}\N{NARROW NO-BREAK SPACE}{noon}",
        moment="{day}, {time}",
    ),
    Language.FR: Formats(
        group="\N{NARROW NO-BREAK SPACE}",
        decimal=",",
        money="{amount}\N{NO-BREAK SPACE}{currency}",
        months=(
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
            "septembre", "octobre", "novembre", "décembre",
        ),
        day="{day} {month} {year}",
        time="{hour:02}:{minute:02}",
        moment="{day}, {time}",
    ),
    Language.RW: Formats(
        group=".",
        decimal=",",
        money="{currency}\N{NO-BREAK SPACE}{amount}",
        months=(
            "Mutarama", "Gashyantare", "Werurwe", "Mata", "Gicurasi", "Kamena", "Nyakanga",
            "Kanama", "Nzeri", "Ukwakira", "Ugushyingo", "Ukuboza",
        ),
        day="{year} {month} {day}",
        time="{hour:02}:{minute:02}",
        moment="{day} {time}",
    ),
}  # fmt: skip
