"""Figures in every language, judged by Babel, which carries all of CLDR (decision 0011)."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale
from babel.dates import format_date, format_time, get_timezone
from babel.numbers import format_currency

from payments.clock import KIGALI
from payments.money import EXPONENTS, Money
from plumbing.languages.language import Language
from plumbing.languages.speech import Speech

DICE = random.Random(5)  # noqa: S311  # no secret
SUMS = [0, 1, 9, 10, 99, 100, 101, 999, 1000, 1001, 9999, 10_000, 999_999, 1_000_000, 10**9, 10**12]
SUMS += [DICE.randrange(10 ** DICE.randrange(1, 13)) for _ in range(1000)]
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = [FIRST + timedelta(minutes=DICE.randrange(5 * 366 * 24 * 60)) for _ in range(1000)]
MOMENTS += [datetime(2026, month, 1, 10, tzinfo=UTC) for month in range(1, 13)]
MOMENTS += [datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in range(24)]
# CLDR's currencySpacing, which Babel leaves out: letters never touch digits.
BETWEEN = re.compile(r"(?<=[A-Z])(?=[0-9])")


@pytest.fixture(params=Language)
def speech(request: pytest.FixtureRequest) -> Speech:
    return Speech(request.param)


@pytest.mark.parametrize("currency", EXPONENTS)
def test_money_is_written_as_cldr_says(speech: Speech, currency: str) -> None:
    locale = Locale.parse(speech.language)
    pattern = locale.currency_formats["standard"].pattern.replace("¤", "¤¤")
    for minor_units in SUMS:
        money = Money(minor_units, currency)
        told = format_currency(money.major, currency, pattern, locale=locale)
        assert speech.money(money) == BETWEEN.sub("\N{NO-BREAK SPACE}", told)


def test_a_day_is_written_as_cldr_says(speech: Speech) -> None:
    for moment in MOMENTS:
        there = moment.astimezone(KIGALI)
        assert speech.day(moment) == format_date(there, "long", locale=speech.language)


def test_a_moment_is_written_as_cldr_says(speech: Speech) -> None:
    locale = Locale.parse(speech.language)
    joined = str(locale.datetime_formats["medium"])
    for moment in MOMENTS:
        there = moment.astimezone(KIGALI)
        day = format_date(there, "long", locale=locale)
        time = format_time(there, "short", tzinfo=KIGALI, locale=locale)
        assert speech.moment(moment) == joined.format(time, day)


def test_rwanda_has_one_time_all_year() -> None:
    rwanda = get_timezone("Africa/Kigali")
    for moment in MOMENTS:
        assert moment.astimezone(rwanda).utcoffset() == moment.astimezone(KIGALI).utcoffset()


def test_a_night_belongs_to_the_day_in_rwanda() -> None:
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert Speech(Language.FR).moment(late) == "22 novembre 2026, 00:30"
