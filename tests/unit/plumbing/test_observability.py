import json
from typing import Any

import pytest

from plumbing import wiring
from plumbing.observability import Figure, count

Written = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAMETER_PREFIX", "/ishyura/shop")
    wiring.forget()


def line(written: Written) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(written.readouterr().out)
    return told


def directive(told: dict[str, Any]) -> dict[str, Any]:
    (only,) = told["_aws"]["CloudWatchMetrics"]
    found: dict[str, Any] = only
    return found


def test_a_figure_is_one_line_that_cloudwatch_reads_as_a_metric(capsys: Written) -> None:
    count(Figure.DELIVERY_EXHAUSTED)
    told = line(capsys)
    assert directive(told) == {
        "Namespace": "Ishyura",
        "Dimensions": [["Stack"]],
        "Metrics": [{"Name": "DeliveryExhausted"}],
    }
    assert (told["Stack"], told["DeliveryExhausted"]) == ("shop", 1)


def test_a_figure_of_a_provider_is_in_the_sum_of_all_and_under_its_name(capsys: Written) -> None:
    count(Figure.PROVIDER_SILENT, provider="kpay")
    told = line(capsys)
    assert directive(told)["Dimensions"] == [["Stack"], ["Stack", "Provider"]]
    assert (told["Provider"], told["ProviderSilent"]) == ("kpay", 1)


def test_the_sandbox_is_not_in_the_sum_that_alarms_watch(capsys: Written) -> None:
    count(Figure.PROVIDER_REFUSED, provider="sandbox")
    assert directive(line(capsys))["Dimensions"] == [["Stack", "Provider"]]


def test_every_dimension_has_its_value_in_the_line(capsys: Written) -> None:
    count(Figure.UNRESOLVED_FOUND, provider="vpay")
    told = line(capsys)
    for names in directive(told)["Dimensions"]:
        assert all(told[name] for name in names)


def test_a_gauge_of_nothing_is_written_as_well(capsys: Written) -> None:
    count(Figure.UNRESOLVED_OPEN, 0)
    assert line(capsys)["UnresolvedOpen"] == 0
