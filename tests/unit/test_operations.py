"""Alarms, dashboard and runbooks: they speak of what there is, and of each other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

from announcements.deliver import NotDelivered
from infra.operator.app import app
from plumbing.observability import NAMESPACE, Figure

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "infra" / "runbooks"
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
PAGES = {path.stem: path.read_text() for path in RUNBOOKS.glob("*.md") if path.stem != "README"}
# CodeDeploy reads it, and whoever deploys reads CodeDeploy.
MAILS_NOBODY = {"DeployFailing"}
CODE = "\n".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
EVERY_ALARM = pytest.mark.parametrize("name", ALARMS)
EVERY_PAGE = pytest.mark.parametrize("page", PAGES)


def page_of(alarm: str) -> str:
    """DeadLettersWaiting -> dead-letters-waiting."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", alarm).lower()


def metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every metric that an alarm reads."""
    if "MetricName" in alarm:
        yield alarm
    for asked in alarm.get("Metrics", ()):
        if "MetricStat" in asked:
            yield asked["MetricStat"]["Metric"]


# -------------------------------------------------------------------- alarms
@EVERY_ALARM
def test_an_alarm_says_in_a_sentence_what_is_wrong_and_where_to_read_on(name: str) -> None:
    page = page_of(name)
    assert ALARMS[name]["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{page}"}
    sentence, _, pointer = ALARMS[name]["AlarmDescription"].partition(". ")
    assert re.fullmatch(r"[A-Z][^.;]{20,120}", sentence)
    assert pointer == f"See infra/runbooks/{page}.md"
    assert page in PAGES


@EVERY_ALARM
def test_an_alarm_reaches_a_person_and_says_when_it_is_over(name: str) -> None:
    everyone = None if name in MAILS_NOBODY else [{"Ref": "Alarms"}]
    assert ALARMS[name].get("AlarmActions") == everyone
    assert ALARMS[name].get("OKActions") == everyone
    assert "TreatMissingData" in ALARMS[name]


@EVERY_ALARM
def test_an_alarm_reads_figures_that_are_written(name: str) -> None:
    read = list(metrics_of(ALARMS[name]))
    assert read != []
    for metric in read:
        if metric["Namespace"] == NAMESPACE:
            assert metric["MetricName"] in set(Figure)
            # Whatever the provider, and this stack alone.
            assert metric["Dimensions"] == [{"Name": "Stack", "Value": {"Ref": "AWS::StackName"}}]


def test_an_expression_uses_every_metric_that_stands_beside_it() -> None:
    for name, alarm in ALARMS.items():
        (returned,) = [m for m in alarm.get("Metrics", [alarm]) if m.get("ReturnData", True)]
        if "Expression" in returned:
            ids = set(re.findall(r"\b[a-z][a-z_]+\b", returned["Expression"]))
            assert ids == {m["Id"] for m in alarm["Metrics"]} - {returned["Id"]}, name


def test_what_deliver_raises_by_design_is_no_crash() -> None:
    pattern = RESOURCES["Crashes"]["Properties"]["FilterPattern"]
    assert f'$.errorType != "{NotDelivered.__name__}"' in pattern


def test_only_cloudwatch_and_the_accounts_owner_have_to_do_with_alarms_on_their_way() -> None:
    assert RESOURCES["Alarms"]["Properties"]["KmsMasterKeyId"] == {
        "Fn::GetAtt": ["AlarmKey", "Arn"]
    }
    (publishing,) = RESOURCES["AlarmsComeFromCloudWatch"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    assert publishing["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    owner, cloudwatch = RESOURCES["AlarmKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert "root" in owner["Principal"]["AWS"]["Fn::Sub"]
    assert cloudwatch["Principal"] == publishing["Principal"]
    assert set(cloudwatch["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}


def test_the_local_stack_has_none_of_it() -> None:
    for name, resource in RESOURCES.items():
        if re.match(r"AWS::(CloudWatch|SNS|KMS|Logs::MetricFilter)", resource["Type"]):
            assert resource["Condition"] in {"IsOnAws", "HasAlarmEmail"}, name


# -------------------------------------------------------------------- tracing
def test_what_runs_is_traced_when_asked_and_no_trace_holds_an_address() -> None:
    assert TEMPLATE["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert TEMPLATE["Parameters"]["Tracing"]["AllowedValues"] == ["Active", "PassThrough"]
    assert TEMPLATE["Conditions"]["IsTraced"] == {"Fn::Equals": [{"Ref": "Tracing"}, "Active"]}
    machines = [r for r in RESOURCES.values() if r["Type"] == "AWS::Serverless::StateMachine"]
    when_asked = {"Enabled": {"Fn::If": ["IsTraced", True, False]}}
    assert [machine["Properties"]["Tracing"] for machine in machines] == [when_asked] * 2
    assert RESOURCES["Api"]["Properties"]["TracingEnabled"] is False


# -------------------------------------------------------------------- the dashboard
def dashboard() -> dict[str, Any]:
    """The dashboard, with every name in the place of what CloudFormation puts there."""
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    names = set(re.findall(r"\$\{([A-Za-z]+)(?:\.[A-Za-z]+)?\}", body)) - {"AWS"}
    assert names <= RESOURCES.keys()
    widgets: dict[str, Any] = json.loads(re.sub(r"\$\{!?([^}]*)\}", r"\1", body))
    return widgets


def test_the_dashboards_widgets_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard()["widgets"]:
        fields = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert taken.isdisjoint(fields)
        assert max(x for x, _ in fields) < 24
        taken |= fields


def test_the_dashboard_shows_every_alarm() -> None:
    shown = dashboard()["widgets"][0]["properties"]["alarms"]
    assert sorted(shown) == sorted(f"{name}.Arn" for name in ALARMS)


def test_every_figure_is_watched_by_an_alarm_or_shown() -> None:
    on_the_dashboard = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    alarmed = {metric["MetricName"] for alarm in ALARMS.values() for metric in metrics_of(alarm)}
    for figure in Figure:
        assert figure in alarmed or re.search(rf'"{figure}\b', on_the_dashboard), figure


def test_the_dashboard_shows_only_figures_that_are_written() -> None:
    for widget in dashboard()["widgets"]:
        for line in widget["properties"].get("metrics", ()):
            if line[0] == NAMESPACE:
                assert line[1] in set(Figure)


# -------------------------------------------------------------------- runbooks
def test_every_page_belongs_to_an_alarm_and_stands_in_the_index() -> None:
    assert PAGES.keys() == {page_of(name) for name in ALARMS}
    index = (RUNBOOKS / "README.md").read_text()
    assert sorted(re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\)", index, re.MULTILINE)) == sorted(PAGES)


@EVERY_PAGE
def test_a_page_says_what_it_means_where_to_look_and_what_to_do(page: str) -> None:
    text = PAGES[page]
    assert text.startswith(f"# {page}\n")
    parts = ["**What it means.**", "**Look.**", "**Do.**", "**Nothing to do**"]
    assert [text.count(part) for part in parts] == [1, 1, 1, 1]
    assert sorted(parts, key=text.index) == parts


@EVERY_PAGE
def test_a_page_leads_on_to_pages_that_are_there(page: str) -> None:
    for named, linked in re.findall(r"\[([^]]+)\]\(([^)]+)\)", PAGES[page]):
        assert linked == f"{named}.md"
        assert named in PAGES


def commands_in(text: str) -> set[str]:
    """What a page lets somebody type: a line of its own, or in the middle of a sentence."""
    return set(re.findall(r"^    op (.+)$", text, re.MULTILINE)) | set(
        re.findall(r"`op ([^`]+)`", text)
    )


TYPED = sorted({(page, typed) for page, text in PAGES.items() for typed in commands_in(text)})


@pytest.mark.parametrize(("page", "typed"), TYPED)
def test_every_command_of_a_page_is_there(page: str, typed: str) -> None:
    command: Any = typer.main.get_command(app)
    words = typed.split()
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, f"{page}: op {typed}"
        command = command.commands[words.pop(0)]
    is_whole = not hasattr(command, "commands") or command.invoke_without_command
    assert is_whole, f"{page}: op {typed}"
    options = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options, f"{page}: op {typed}"


def test_there_are_commands_to_look_at() -> None:
    assert len(TYPED) > 20


@EVERY_PAGE
def test_every_message_that_a_page_looks_for_is_logged(page: str) -> None:
    queries = "\n".join(re.findall(r"^    (?:fields|filter|\|).*$", PAGES[page], re.MULTILINE))
    for asked in re.findall(r'message (?:= |in \[)("[^]|]*?")(?:\]|$| and)', queries, re.MULTILINE):
        for message in re.findall(r'"([^"]+)"', asked):
            assert f'"{message}"' in CODE, message
