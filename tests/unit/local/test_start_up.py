"""The programs that the local stack starts: what they may see, and how they end."""

import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import flask
import httpx
import pytest

from infra.local.demo_merchant import routes_to
from infra.local.deployment import parameters
from infra.local.environments import for_ministack, for_sam
from infra.local.interruption import Interrupted, interruptible
from infra.local.ports import Ports
from infra.local.programs import call, end
from infra.local.progress import step
from infra.local.refusals import StepFailed
from infra.local.run import welcome
from infra.local.servers import serving
from infra.local.settings import Settings
from infra.local.simulators.simulated import PROVIDERS, simulated
from providers.registry import REGISTRY
from tests.unit.local.test_stack_file import ADDRESSES, STACK


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


def test_each_provider_is_called_at_its_simulator() -> None:
    assert Settings.from_environment({}).base_urls == ADDRESSES


@pytest.mark.parametrize("name", ADDRESSES)
def test_somebody_elses_provider_takes_the_simulators_place(name: str) -> None:
    whole = "http://127.0.0.1:9999/its/own/path"
    theirs = Settings.from_environment({f"PROVIDERS_{name.upper()}": whole})
    assert theirs.base_urls == ADDRESSES | {name: whole}
    assert parameters(theirs)[f"{name.capitalize()}BaseUrl"] == whole


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_simulator_answers_at_its_base_address_and_asks_for_what_the_operator_stores(
    name: str,
) -> None:
    found = simulated(name)
    asked = {field.name for field in REGISTRY[name].credentials}
    assert set(found.credentials) <= asked
    assert {field.name for field in REGISTRY[name].credentials if field.is_needed} <= set(
        found.credentials
    )
    transport = httpx.WSGITransport(app=found.open().app)
    with httpx.Client(transport=transport, base_url="http://simulator.example") as client:
        prompts = client.get(f"{found.path.rstrip('/')}/_simulator/prompts")
    assert prompts.json() == {"prompts": []}


def test_the_demo_merchants_methods_go_to_all_who_offer_them_in_the_registrys_order() -> None:
    assert routes_to(PROVIDERS) == {
        "mobile_money": ("kpay", "vpay", "dgspay", "rwandapay"),
        "card": ("kpay", "vpay"),
        "smartcash": ("kpay",),
        "spenn": ("kpay",),
        "bank": ("kpay",),
    }
    assert routes_to(("vpay",)) == {"mobile_money": ("vpay",), "card": ("vpay",)}


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
    assert all(address in told for address in ADDRESSES.values())
