"""The programs that the local stack starts: what they may see, and how they end."""

import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import flask
import httpx
import pytest

from infra.local.environments import for_ministack, for_sam
from infra.local.interruption import Interrupted, interruptible
from infra.local.ports import Ports
from infra.local.programs import call, end
from infra.local.progress import step
from infra.local.refusals import StepFailed
from infra.local.run import welcome
from infra.local.servers import serving
from infra.local.settings import Settings
from tests.unit.local.test_stack_file import STACK


def test_no_real_account_is_in_reach_of_sam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com")
    env = for_sam(Settings(ports=Ports(stack=4600)))
    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4600"
    assert env["AWS_ACCESS_KEY_ID"] == "test"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & env.keys()


def test_functions_find_no_path_to_the_working_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "functions:.")
    assert "PYTHONPATH" not in for_ministack(Settings())


def test_every_role_is_enforced_and_nobody_else_on_the_network_is_served() -> None:
    env = for_ministack(Settings())
    assert (env["AUTH"], env["BIND_HOST"]) == ("true", "127.0.0.1")


def test_somebody_elses_provider_takes_the_simulators_place() -> None:
    theirs = Settings.from_environment({"PROVIDERS_KPAY": "http://127.0.0.1:9999/"})
    assert theirs.kpay_base_url == "http://127.0.0.1:9999/"
    assert Settings.from_environment({}).kpay_base_url == "http://127.0.0.1:8011/"


def test_what_a_failed_program_printed_is_shown() -> None:
    with pytest.raises(StepFailed, match="no such bucket"):
        call([sys.executable, "-c", "print('no such bucket'); raise SystemExit(3)"], {})


def test_a_program_that_will_not_end_is_ended_with_its_children() -> None:
    stubborn = (
        "import signal, subprocess; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen(['sleep', '60']); print('both up', flush=True); signal.pause()"
    )
    with subprocess.Popen(  # noqa: S603 - our own line
        [sys.executable, "-c", stubborn], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "both up\n"
        end(program, patience=0.2)
        assert program.returncode == -signal.SIGKILL
        # The child held the pipe too: it closes only when both are gone.
        assert program.stdout.read() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_the_next_ones_cannot_disturb(
    number: signal.Signals,
) -> None:
    handler_before = signal.getsignal(number)
    with ExitStack() as stopping:
        stopping.enter_context(pytest.raises(Interrupted))
        stopping.enter_context(interruptible())
        stopping.callback(signal.raise_signal, number)
        signal.raise_signal(number)
    assert signal.getsignal(number) == handler_before


def test_a_step_says_what_it_does_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with step("sam build"):
        pass
    with pytest.raises(StepFailed), step("sam deploy"):
        raise StepFailed
    first, second = capsys.readouterr().err.splitlines()
    assert first.strip().startswith("sam build")
    assert first.endswith(" s")
    assert second.endswith("not done")


def test_a_flask_application_is_served_until_the_block_ends() -> None:
    app = flask.Flask("hello")
    app.get("/")(lambda: "Muraho")
    port = Ports.free_ones().shop
    with serving(app, port) as url, httpx.Client(trust_env=False) as client:
        assert client.get(url).text == "Muraho"
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as client:
        client.get(url)


def test_the_welcome_holds_a_curl_that_opens_a_test_payment() -> None:
    told = welcome(STACK, Path(".local/stack.json"), 12.3)
    assert f"curl -s {STACK['api']}/checkout/initialize" in told
    assert "X-Secret-Key: sk_test_a" in told
