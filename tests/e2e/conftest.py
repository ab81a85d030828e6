"""One local stack for all of these tests, roles enforced, and a phone's browser in front of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, WebError

from infra.local.stack_file import StackFile
from tests.e2e import chromium
from tests.e2e.a_stack import a_stack
from tests.e2e.aws_clients import ADMINISTRATOR, clients_with
from tests.e2e.merchant import Merchant
from tests.e2e.started import Started, all_started

PATIENCE_MS = 20_000.0


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackFile]:
    with a_stack(tmp_path_factory.mktemp("stack")) as told:
        yield told


@pytest.fixture(scope="session")
def merchant(stack: StackFile) -> Iterator[Merchant]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    with (
        httpx.Client(timeout=60, trust_env=False, limits=limits) as client,
        clients_with(stack, ADMINISTRATOR) as administrator,
    ):
        yield Merchant(stack, client, administrator)


@pytest.fixture(scope="session")
def started(merchant: Merchant) -> Iterator[Mapping[str, Started]]:
    """The payments that test_endings.py looks at."""
    with all_started(merchant) as payments:
        yield payments


@pytest.fixture(scope="session", autouse=True)
def _slow_things_first(request: pytest.FixtureRequest) -> None:
    """Start those payments before any other test, where they are asked for at all."""
    if any("started" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("started")


# Not for the session: Playwright's event loop would stand in the way of other folders' tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as opened:
        yield opened


@pytest.fixture
def new_phone(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A phone's browser; the test fails if a page complains, of its CSP or of anything else.

    `quiet=False` is for a page whose answer is an error: Chromium's console calls it one as well.
    `locale` is the language that it asks for.
    """
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location['url']}")

    def note_error(error: WebError) -> None:
        complaints.append(str(error.error))

    with ExitStack() as opened:

        def open_one(
            *, javascript: bool = True, quiet: bool = True, locale: str = "en-US"
        ) -> BrowserContext:
            context = browser.new_context(
                viewport={"width": 360, "height": 740},
                device_scale_factor=2,
                is_mobile=True,
                has_touch=True,
                java_script_enabled=javascript,
                locale=locale,
            )
            context.set_default_timeout(PATIENCE_MS)
            context.on("weberror", note_error)
            if quiet:
                context.on("console", note)
            opened.callback(context.close)
            return context

        yield open_one
    assert complaints == []
