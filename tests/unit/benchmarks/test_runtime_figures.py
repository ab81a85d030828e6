"""Medians, spread, and ratios of what was taken in turn."""

import pytest

from tests.benchmarks.runtime.figures import Spread, quantile, ratios, spread


def test_a_spread_is_the_middle_and_the_middle_half() -> None:
    assert spread([5.0, 1.0, 4.0, 2.0, 3.0]) == Spread(median=3.0, low=2.0, high=4.0)


def test_a_ratio_is_taken_pair_by_pair_before_any_median() -> None:
    # The medians' own ratio would be 2/3: the second pair's machine was slow for both.
    assert ratios([2.0, 10.0, 1.0], [1.0, 5.0, 3.0]).median == 2.0


def test_a_pair_without_its_other_is_no_pair() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0, 3.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 50.0), (0.99, 99.0), (0.995, 100.0), (1.0, 100.0)]
)
def test_a_quantile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert quantile([float(number) for number in range(100, 0, -1)], share) == value
