import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from infra.operator.deployment import Deployment
from infra.operator.doctor.asking import check_answer
from infra.operator.doctor.examination import examination_of
from infra.operator.doctor.finding import Verdict
from infra.operator.enrolment import enrol
from infra.operator.issuing import issue
from infra.operator.terminal import CLEAR_LINE, passing_line
from ledger.merchant_items import pair_item
from payments.clock import utc_now
from payments.mode import Mode
from payments.plan import PLANS
from plumbing.wiring import outside
from tests.integration.internet import CREDENTIALS, GIVEN, RWANDAPAY, VPAY, Internet, MovedClock
from tests.integration.operator.conftest import STACK, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient
    from typer.testing import Result

Found = dict[tuple[str, str | None], dict[str, str]]
"""(Check, which of several) -> what was found."""


class PublicAddress(httpx.BaseTransport):
    """Our own public address, and the providers beyond it."""

    def __init__(self, internet: Internet) -> None:
        self._internet = internet
        self.says: Any = {"openapi": "3.1.0"}
        self.headers: dict[str, str] = {}
        self.failure: BaseException | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "pay.example":
            return self._internet.handle_request(request)
        assert str(request.url) == "https://pay.example/api/v1/openapi.json"
        if self.failure:
            raise self.failure
        now = {"Date": format_datetime(utc_now(), usegmt=True)}
        return httpx.Response(200, json=self.says, headers=now | self.headers)


@pytest.fixture
def internet() -> Internet:
    def receive(*_: object, **__: object) -> None:
        raise AssertionError("a check charges nobody, so nobody tells us of a charge")

    return Internet(MovedClock(), receive)  # type: ignore[arg-type]  # a stand-in


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch, internet: Internet) -> PublicAddress:
    address = PublicAddress(internet)
    monkeypatch.setattr(outside, "transport", address)
    return address


@dataclass(frozen=True)
class Doctor:
    """The doctor, on a merchant who takes mobile money through every provider."""

    run: Run
    merchant_id: str
    ssm: "SSMClient"
    secrets: tuple[str, ...]

    def look(self, *options: str) -> "Result":
        """Look at the merchant; whatever is printed holds no secret."""
        result = self.run("doctor", "--merchant", self.merchant_id, *options)
        assert not [secret for secret in self.secrets if secret in result.output]
        return result

    def found(self) -> Found:
        """What is found, webhooks left out."""
        result = self.look("--no-webhooks", "--json")
        told: list[dict[str, str]] = json.loads(result.stdout)
        verdicts = {finding["verdict"] for finding in told}
        assert result.exit_code == int("problem" in verdicts), result.output
        return {(finding["check"], finding["part"]): finding for finding in told}

    def store(self, provider: str, given: Mapping[str, object] | str) -> None:
        """Store credentials, whatever they are."""
        self.ssm.put_parameter(
            Name=f"/ishyura/{STACK}/providers/{provider}/{self.merchant_id}/live",
            Value=given if isinstance(given, str) else json.dumps(given),
            Type="SecureString",
            Overwrite=True,
        )


@pytest.fixture
def doctor(public: PublicAddress, deployment: Deployment, run: Run, ssm: "SSMClient") -> Doctor:
    assert public.failure is None
    enrolled = enrol(deployment, "Ikawa House", None, utc_now())
    merchant_id = enrolled.merchant.merchant_id
    live = issue(deployment, merchant_id, Mode.LIVE, utc_now())
    deployment.merchants.set_routes(merchant_id, {"mobile_money": list(GIVEN)})
    secrets = [
        enrolled.webhook_secret,
        *(pair.secret_key for pair in (enrolled.test_keys, live)),
        *(value for given in GIVEN.values() for value in given.values() if "canary" in value),
    ]
    found = Doctor(run, merchant_id, ssm, tuple(secrets))
    for provider, given in GIVEN.items():
        found.store(provider, given)
    return found


def test_a_deployment_that_works_has_no_problem(doctor: Doctor, internet: Internet) -> None:
    found = doctor.found()
    assert {finding["verdict"] for finding in found.values()} == {"ok"}
    assert {check for check, _ in found} == {
        *("stack", "table", "public address", "clock"),
        *("keys", "plan", "routes", "credentials", "answer", "webhook secret", "webhook"),
    }
    assert {part for check, part in found if check == "answer"} == set(GIVEN)
    assert internet.ledger() == []


def test_a_person_reads_a_line_for_each_check_and_a_count(doctor: Doctor) -> None:
    result = doctor.look("--no-webhooks")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert f"ok       answer {doctor.merchant_id} vpay: It lets these credentials in." in lines
    assert result.stderr == f"{len(lines)} checks: 0 warnings, 0 problems\n"


def test_a_script_gets_json_while_whoever_watches_sees_the_lines(doctor: Doctor) -> None:
    result = doctor.look("--no-webhooks", "--json")
    assert len(result.stderr.splitlines()) == len(json.loads(result.stdout)) + 1


# ---------------------------------------------------------------- the deployment
def test_a_table_that_is_gone_is_a_problem(doctor: Doctor, dynamodb: "DynamoDBClient") -> None:
    dynamodb.delete_table(TableName="Payments")
    told = doctor.found()["table", "Payments"]
    assert told["verdict"] == "problem"
    assert "ResourceNotFoundException" in told["message"]


def test_without_merchants_to_read_the_rest_is_told_all_the_same(
    public: PublicAddress, run: Run, dynamodb: "DynamoDBClient"
) -> None:
    assert public.failure is None
    dynamodb.delete_table(TableName="Merchants")
    result = run("doctor")
    assert result.exit_code == 1
    assert "problem  table Merchants:" in result.stdout
    assert "ok       public address" in result.stdout


def test_an_address_that_nobody_answers_at_is_a_problem(
    doctor: Doctor, public: PublicAddress
) -> None:
    public.failure = httpx.ConnectError("no such host")
    told = doctor.found()["public address", "https://pay.example/api/v1"]
    assert told["verdict"] == "problem"
    assert told["message"] == "It does not answer (ConnectError)."


@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        ({"message": "Missing Authentication Token"}, "problem"),
        (["openapi"], "problem"),
        ({"openapi": "x" * 1_100_000}, "problem"),
        ({"success": False, "error": {"code": "NOT_FOUND"}}, "ok"),
    ],
)
def test_an_address_where_another_answers_is_a_problem(
    doctor: Doctor, public: PublicAddress, says: object, verdict: str
) -> None:
    public.says = says
    assert doctor.found()["public address", "https://pay.example/api/v1"]["verdict"] == verdict


@pytest.mark.parametrize(("seconds", "way"), [(95, "95 s ahead"), (-95, "95 s behind")])
def test_a_clock_that_is_off_is_a_problem_by_every_witness(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, seconds: int, way: str
) -> None:
    monkeypatch.setattr(outside, "clock", lambda: utc_now() + timedelta(seconds=seconds))
    found = doctor.found()
    for witness in ("public address", "AWS"):
        told = found["clock", witness]
        assert told["verdict"] == "problem"
        # The dates of HTTP are cut to the second.
        near = {way, way.replace("95", "96"), way.replace("95", "94")}
        assert any(text in told["message"] for text in near), told


def test_a_cached_answer_tells_the_time_with_its_age(doctor: Doctor, public: PublicAddress) -> None:
    old = format_datetime(utc_now() - timedelta(minutes=10), usegmt=True)
    public.headers = {"Date": old, "Age": "600"}
    assert doctor.found()["clock", "public address"]["verdict"] == "ok"
    public.headers = {"Date": old}
    assert doctor.found()["clock", "public address"]["verdict"] == "problem"


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_clock_that_nobody_can_compare_is_a_warning(
    doctor: Doctor, public: PublicAddress, date: str
) -> None:
    public.headers = {"Date": date}
    assert doctor.found()["clock", "public address"]["verdict"] == "warning"


# ---------------------------------------------------------------- a merchant
def test_a_deployment_without_merchants_is_told_so(public: PublicAddress, run: Run) -> None:
    assert public.failure is None
    result = run("doctor")
    assert result.exit_code == 0
    assert "warning  merchants: Nobody is enrolled." in result.stdout


def test_one_merchant_is_looked_at_alone(doctor: Doctor, deployment: Deployment) -> None:
    other = enrol(deployment, "Other", None, utc_now()).merchant.merchant_id
    assert other not in doctor.look("--no-webhooks").output
    assert other in doctor.run("doctor", "--no-webhooks").output


def test_a_merchant_who_is_not_there_is_named(doctor: Doctor) -> None:
    refused = doctor.run("doctor", "--merchant", "mer_nobody000000")
    assert refused.exit_code == 1
    assert "Error: There is no merchant mer_nobody000000\n" in refused.stderr


def test_routes_without_live_keys_are_a_warning(doctor: Doctor, deployment: Deployment) -> None:
    for key in deployment.merchants.keys(doctor.merchant_id):
        if key.mode is Mode.LIVE:
            deployment.merchants.revoke(key.public_key, utc_now())
    found = doctor.found()
    assert found["keys", "live"]["message"] == "None is active."
    assert found["keys", "live"]["verdict"] == "warning"
    assert found["keys", "test"]["verdict"] == "ok"


def test_keys_that_end_with_nothing_to_follow_are_a_warning(
    doctor: Doctor, deployment: Deployment
) -> None:
    for key in deployment.merchants.keys(doctor.merchant_id):
        deployment.merchants.revoke(key.public_key, utc_now() + timedelta(hours=1))
    assert doctor.found()["keys", "live"]["verdict"] == "warning"


def test_a_key_that_another_plan_counts_is_a_problem(
    doctor: Doctor, deployment: Deployment
) -> None:
    key = deployment.merchants.keys(doctor.merchant_id)[0]
    stray = pair_item(replace(key, plan=PLANS["starter"]))
    deployment.dynamodb.put_item(TableName="Merchants", Item=stray)
    told = doctor.found()["plan", None]
    assert told["verdict"] == "problem"
    assert key.public_key in told["message"]


@pytest.mark.parametrize(
    ("routes", "verdict", "says"),
    [
        ({"mobile_money": ["paypal"]}, "problem", "paypal, which is no provider"),
        ({"mobile_money": ["sandbox"]}, "problem", "sandbox, which is no provider"),
        ({"cash": ["kpay"]}, "problem", "cash is no method"),
        ({"card": ["dgspay"]}, "problem", "dgspay takes no card"),
        ({}, "warning", "nothing can be paid in live mode"),
    ],
)
def test_routes_that_lead_nowhere_are_told(
    doctor: Doctor,
    deployment: Deployment,
    routes: dict[str, list[str]],
    verdict: str,
    says: str,
) -> None:
    deployment.merchants.set_routes(doctor.merchant_id, routes)
    told = doctor.found()["routes", None]
    assert told["verdict"] == verdict
    assert says in told["message"]


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_missing_webhook_secret_is_a_problem_that_a_new_one_mends(
    doctor: Doctor, mode: str
) -> None:
    name = f"/ishyura/{STACK}/webhook-secret/{doctor.merchant_id}/{mode}"
    doctor.ssm.delete_parameter(Name=name)
    told = doctor.found()["webhook secret", mode]
    assert told["verdict"] == "problem"
    assert told["message"] == f"{name} is missing, so nothing is delivered."
    assert doctor.run("webhook", "new-secret", doctor.merchant_id, "--mode", mode).exit_code == 0
    assert doctor.found()["webhook secret", mode]["verdict"] == "ok"


def test_a_webhook_secret_of_another_form_is_a_problem(doctor: Doctor) -> None:
    name = f"/ishyura/{STACK}/webhook-secret/{doctor.merchant_id}/live"
    for content in ("whsec_bare", "{}", "[]"):
        doctor.ssm.put_parameter(Name=name, Value=content, Type="SecureString", Overwrite=True)
        assert doctor.found()["webhook secret", "live"]["verdict"] == "problem"


# ---------------------------------------------------------------- its providers
@pytest.mark.parametrize("provider", list(GIVEN))
def test_credentials_that_are_missing_are_a_problem_and_nobody_is_asked(
    doctor: Doctor, provider: str
) -> None:
    name = f"/ishyura/{STACK}/providers/{provider}/{doctor.merchant_id}/live"
    doctor.ssm.delete_parameter(Name=name)
    found = doctor.found()
    assert found["credentials", provider]["verdict"] == "problem"
    assert found["credentials", provider]["to_do"] == (
        f"Store them: `provider set {provider} {doctor.merchant_id}`."
    )
    assert ("answer", provider) not in found


@pytest.mark.parametrize(
    "content",
    [
        {name: value for name, value in GIVEN["kpay"].items() if name != "api_key"},
        dict(GIVEN["kpay"]) | {"api_key": " "},
        dict(GIVEN["kpay"]) | {"more": "x"},
        [],
        "not JSON",
    ],
)
def test_credentials_that_are_not_whole_are_a_problem(
    doctor: Doctor, content: dict[str, str] | str
) -> None:
    doctor.store("kpay", content)
    found = doctor.found()
    assert found["credentials", "kpay"]["verdict"] == "problem"
    assert ("answer", "kpay") not in found


@pytest.mark.parametrize(
    ("provider", "wrong"),
    [("vpay", "api_key"), ("dgspay", "api_key"), ("rwandapay", "secret_key")],
)
def test_credentials_that_a_provider_refuses_are_a_problem(
    doctor: Doctor, provider: str, wrong: str
) -> None:
    doctor.store(provider, dict(GIVEN[provider]) | {wrong: "wrong"})
    told = doctor.found()["answer", provider]
    assert told["verdict"] == "problem"
    assert told["message"] == "It answers (HTTP 401), and does not let these credentials in."


@pytest.mark.parametrize("wrong", ["password", "api_key"])
def test_kpay_may_refuse_this_machine_alone(doctor: Doctor, wrong: str) -> None:
    doctor.store("kpay", dict(GIVEN["kpay"]) | {wrong: "wrong"})
    told = doctor.found()["answer", "kpay"]
    assert told["verdict"] == "warning"
    assert told["message"] == "It answers (HTTP 200), and does not let these credentials in."
    assert "listed addresses only" in told["to_do"]


def test_the_local_kpay_has_no_list_of_addresses(doctor: Doctor, deployment: Deployment) -> None:
    examination = examination_of(replace(deployment, loopback_allowed=True))
    merchant = deployment.merchants.known(doctor.merchant_id)
    wrong = dict(GIVEN["kpay"]) | {"password": "wrong"}
    assert check_answer(examination, merchant, "kpay", wrong).verdict is Verdict.PROBLEM
    right = check_answer(examination, merchant, "kpay", GIVEN["kpay"])
    assert right.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (httpx.ConnectError("refused"), "It cannot be reached from here."),
        (httpx.ConnectTimeout("dropped"), "It cannot be reached from here."),
        (httpx.ReadTimeout("late"), "It is silent (ReadTimeout) from here."),
    ],
)
def test_a_provider_that_cannot_be_heard_is_a_problem(
    doctor: Doctor, internet: Internet, failure: Exception, says: str
) -> None:
    internet.failures = {"rwandapay": failure, "kpay": failure}
    found = doctor.found()
    assert found["answer", "rwandapay"]["verdict"] == "problem"
    assert found["answer", "rwandapay"]["message"] == says
    assert found["answer", "kpay"]["verdict"] == "warning"
    assert found["answer", "vpay"]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("status", "verdict", "says"),
    [
        (503, "problem", "It is in trouble (HTTP 503)."),
        (404, "problem", "It answers (HTTP 404), and not as it should."),
        (200, "problem", "It answers (HTTP 200), and not as it should."),
        (302, "problem", "It answers (HTTP 302), and not as it should."),
        (429, "warning", "It has no time for us now (HTTP 429)."),
    ],
)
def test_a_provider_that_answers_otherwise_is_told_apart(
    doctor: Doctor, internet: Internet, status: int, verdict: str, says: str
) -> None:
    internet.replacement = httpx.Response(status, text="<h1>Hello</h1>")
    told = doctor.found()["answer", "rwandapay"]
    assert (told["verdict"], told["message"]) == (verdict, says)


def test_a_provider_lost_after_its_first_answer_is_not_taken_for_one_that_refuses(
    doctor: Doctor, internet: Internet
) -> None:
    def cut_off(request: httpx.Request) -> None:
        if request.url.host == "vpay.example" and "status" in request.url.path:
            raise httpx.ConnectError("gone")

    internet.before_answer = cut_off
    assert doctor.found()["answer", "vpay"]["message"] == "It cannot be reached from here."


def test_credentials_that_no_header_can_bear_are_a_problem(doctor: Doctor) -> None:
    doctor.store("vpay", dict(GIVEN["vpay"]) | {"api_key": "vpay-key-é"})
    told = doctor.found()["answer", "vpay"]
    assert told["verdict"] == "problem"
    assert "cannot be sent" in told["message"]


def test_a_provider_without_a_base_address_is_a_problem(
    doctor: Doctor, deployment: Deployment
) -> None:
    examination = examination_of(
        replace(deployment, provider_base_urls={"vpay": "https://vpay.example:port"})
    )
    merchant = deployment.merchants.known(doctor.merchant_id)
    for provider, says in (("kpay", "is not known here"), ("vpay", "cannot be sent")):
        found = check_answer(examination, merchant, provider, GIVEN[provider])
        assert found.verdict is Verdict.PROBLEM
        assert says in found.told


# ---------------------------------------------------------------- stopping
def test_ctrl_c_stops_cleanly_and_says_how_far_it_came(doctor: Doctor, internet: Internet) -> None:
    def press(request: httpx.Request) -> None:
        if request.url.host == "dgspay.example":
            raise KeyboardInterrupt

    internet.before_answer = press
    result = doctor.look("--no-webhooks")
    assert result.exit_code == 130
    told = result.stdout.splitlines()
    assert result.stderr == f"Stopped after {len(told)} checks\n"
    assert "answer" in told[-2]
    assert "credentials" in told[-1]


def test_the_made_up_secrets_are_really_looked_for() -> None:
    assert all("canary" in secret for secret in (CREDENTIALS.password, VPAY.api_key))
    assert "canary" in RWANDAPAY.secret_key


def test_whoever_watches_sees_what_is_waited_for_and_a_file_does_not() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    shown, kept = Terminal(), StringIO()
    for log in (shown, kept):
        say = passing_line(log)
        say("asking kpay")
        say("")
    assert shown.getvalue() == f"{CLEAR_LINE}asking kpay{CLEAR_LINE}"
    assert kept.getvalue() == ""
