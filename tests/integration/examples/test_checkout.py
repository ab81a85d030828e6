import os
import subprocess

from tests.integration.examples.languages import EXAMPLES, LANGUAGES, Language
from tests.integration.gateway import Gateway

PATIENCE_SECONDS = 30


def ask(
    language: Language, api: str, gateway: Gateway, *words: str, secret: str | None = None
) -> subprocess.CompletedProcess[str]:
    surroundings = {
        "PATH": os.environ["PATH"],
        "ISHYURA_API": api,
        "ISHYURA_PUBLIC_KEY": gateway.shop.test.public_key,
        "ISHYURA_SECRET_KEY": secret or gateway.shop.test.secret_key,
    }
    return subprocess.run(  # noqa: S603  # our own examples
        language.asking(*words),
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_opens_a_payment_and_asks_how_it_stands(
    language: Language, api: str, gateway: Gateway
) -> None:
    opened = ask(language, api, gateway, "initialize", "ORDER 1/2", "5000")
    assert opened.returncode == 1
    assert "VALIDATION_ERROR" in opened.stdout + opened.stderr
    opened = ask(language, api, gateway, "initialize", "ORDER-1", "5000")
    assert opened.returncode == 0, opened.stderr
    session = opened.stdout.strip().rsplit("/", 1)[1]
    assert opened.stdout.strip() == f"https://pay.example/checkout/{session}"
    assert gateway.payment(session).tx_ref == "ORDER-1"
    asked = ask(language, api, gateway, "verify", "ORDER-1")
    assert (asked.returncode, asked.stdout.strip()) == (0, "pending")
    assert gateway.process(session, phone="0780000000").status == 200
    gateway.ask_provider(session, gateway.attempt(session).ref)
    asked = ask(language, api, gateway, "verify", "ORDER-1")
    assert (asked.returncode, asked.stdout.strip()) == (0, "successful")


def test_a_repeat_is_answered_as_the_first_time(
    language: Language, api: str, gateway: Gateway
) -> None:
    first, second = (ask(language, api, gateway, "initialize", "ORDER-1", "5000") for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout


def test_says_what_was_wrong(language: Language, api: str, gateway: Gateway) -> None:
    unknown = ask(language, api, gateway, "verify", "NO-SUCH-ORDER")
    assert unknown.returncode == 1
    assert "SESSION_NOT_FOUND" in unknown.stdout + unknown.stderr
    forged = ask(language, api, gateway, "verify", "ORDER-1", secret=gateway.shop.live.secret_key)
    assert forged.returncode == 1
    assert "AUTH_FAILED" in forged.stdout + forged.stderr


def test_every_example_is_run_here() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert folders == {language.name for language in LANGUAGES}
