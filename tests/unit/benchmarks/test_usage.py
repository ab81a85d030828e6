from dataclasses import replace

import pytest

from tests.benchmarks.cost.deployed_settings import deployed_settings
from tests.benchmarks.cost.usage import Assumed, Story, Work, seconds_of, share_traced, usage_of

ASSUMED = Assumed(aws_call=0.005, provider=1.0, merchant=0.3, payments_a_month=2_592_000)
"""One payment a second."""
TRACED = deployed_settings().with_tracing(is_on=True)
UNTRACED = deployed_settings().with_tracing(is_on=False)
PAY = Work(
    function="Pay",
    own_seconds=0.002,
    route="/checkout/{session_id}",
    aws_calls=3,
    reads=1,
    writes=7,
    providers=1,
    secrets=1,
    logged=1000,
    answered=2000,
)


def test_a_request_is_everything_that_it_takes() -> None:
    used = usage_of(Story(works=(PAY,)), UNTRACED, ASSUMED)
    access = UNTRACED.access_line(PAY.route)
    assert used == pytest.approx(
        {
            "api_request": 1,
            "lambda_request": 1,
            "lambda_gb_second_arm64": 0.5 * (0.002 * 1769 / 512 + 3 * 0.005 + 1.0),
            "read_unit": 1,
            "write_unit": 7,
            "kms_request": 1,
            "log_gb": (1000 + access) / 1e9,
            "out_gb": 2e-6,
        }
    )


def test_what_no_gateway_calls_is_no_request_and_in_no_access_log() -> None:
    used = usage_of(Story(works=(replace(PAY, route=""),)), UNTRACED, ASSUMED)
    assert "api_request" not in used
    assert used["log_gb"] == pytest.approx(1000 / 1e9)


def test_a_run_of_the_sweep_is_for_all_and_only_its_time_is_the_payments() -> None:
    used = usage_of(Story(works=(Work(function="Sweep", own_seconds=0.01),)), TRACED, ASSUMED)
    assert used["lambda_gb_second_arm64"] > 0
    assert "lambda_request" not in used


def test_machines_and_queues_count_as_well() -> None:
    story = Story(
        works=(),
        transitions={"Watch": 7, "Deliver": 1},
        executions={"Watch": 1, "Deliver": 1},
        reads=2,
        writes=6,
        messages=3,
    )
    expected = {"transition": 8, "read_unit": 2, "write_unit": 6, "sqs_request": 3}
    assert usage_of(story, UNTRACED, ASSUMED) == expected
    assert usage_of(story, TRACED, ASSUMED)["trace"] == pytest.approx(2 * share_traced(1.0))


@pytest.mark.parametrize(("gigabytes", "stretched"), [(0.5, 1769 / 512), (1769 / 1024, 1), (4, 1)])
def test_little_memory_stretches_a_functions_own_time_and_not_its_waiting(
    gigabytes: float, stretched: float
) -> None:
    waiting = Work(function="Deliver", own_seconds=0.0, aws_calls=2, merchants=1)
    assert seconds_of(waiting, gigabytes, ASSUMED) == pytest.approx(0.01 + 0.3)
    busy = replace(waiting, own_seconds=0.1)
    assert seconds_of(busy, gigabytes, ASSUMED) == pytest.approx(0.31 + 0.1 * stretched)


def test_few_calls_are_traced_nearly_all_and_many_hardly() -> None:
    assert share_traced(0.001) == pytest.approx(1, abs=0.001)
    # A second of a hundred calls: the first, and a twentieth of the other 99.
    assert share_traced(100) == pytest.approx((1 + 99 * 0.05) / 100, abs=1e-9)
    shares = [share_traced(rate) for rate in (0.1, 0.5, 1, 5, 50)]
    assert shares == sorted(shares, reverse=True)


def test_calls_of_one_function_share_its_reservoir() -> None:
    story = Story(works=(PAY, PAY, replace(PAY, function="Page")))
    traces = usage_of(story, TRACED, ASSUMED)["trace"]
    assert traces == pytest.approx(2 * share_traced(2.0) + share_traced(1.0))


def test_what_a_machine_calls_is_part_of_its_trace() -> None:
    called = replace(PAY, function="Deliver", begins_a_trace=False)
    assert "trace" not in usage_of(Story(works=(called,)), TRACED, ASSUMED)
    assert "trace" not in usage_of(Story(works=(PAY,)), UNTRACED, ASSUMED)
