"""A provider that fails again and again is asked last, for a minute."""

from datetime import UTC, datetime, timedelta

from plumbing.provider_health import REST, TIMES, ProviderHealth

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
BOTH = ["kpay", "vpay"]


def failing(times: int) -> ProviderHealth:
    health = ProviderHealth()
    for _ in range(times):
        health.note("kpay", NOW, is_well=False)
    return health


def test_one_failure_less_changes_nothing() -> None:
    assert failing(TIMES - 1).in_order(BOTH, NOW) == BOTH


def test_repeated_failure_puts_it_last_for_a_minute() -> None:
    health = failing(TIMES)
    assert health.in_order(BOTH, NOW) == ["vpay", "kpay"]
    assert health.in_order(BOTH, NOW + REST - timedelta(seconds=1)) == ["vpay", "kpay"]
    assert health.in_order(BOTH, NOW + REST) == BOTH


def test_one_success_makes_it_well_again() -> None:
    health = failing(TIMES)
    health.note("kpay", NOW, is_well=True)
    assert health.in_order(BOTH, NOW) == BOTH
    health.note("kpay", NOW, is_well=False)
    assert health.in_order(BOTH, NOW) == BOTH


def test_where_all_ail_the_merchants_order_stands() -> None:
    health = failing(TIMES)
    for _ in range(TIMES):
        health.note("vpay", NOW, is_well=False)
    assert health.in_order(BOTH, NOW) == BOTH
