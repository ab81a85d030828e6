"""`make screenshots`: every state of the page as a phone shows it, in one picture for the README.

Chromium draws the picture too: a page of all the pictures, looked at once more.
"""

import base64
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import typer
from playwright.sync_api import Browser, ViewportSize

from infra.local.interruption import Interrupted, interruptible
from infra.local.refusals import LocalStackRefused
from infra.local.settings import ROOT
from infra.local.stack_file import StackFile
from payments.clock import utc_now
from tests.e2e import chromium
from tests.e2e.a_stack import a_stack
from tests.e2e.aws_clients import ADMINISTRATOR, clients_with
from tests.e2e.ledger_shop import ledger_shop
from tests.page_states import NAMES, sight

PICTURE = ROOT / "infra" / "pictures" / "page.png"
PHONE: ViewportSize = {"width": 360, "height": 740}
COLUMNS, WIDTH_OF_ONE = 6, 240
"""Of the picture, in its own pixels."""
MOST_BYTES = 400_000
STOPPED = 130  # a shell's code for a program that Ctrl-C ended
STRIP = """<!doctype html><title>strip</title><style>
body {{ margin: 0; padding: 12px; background: #dfe6ea; display: grid; gap: 12px;
  grid-template-columns: repeat({columns}, {width}px); font: 13px system-ui, sans-serif; }}
figure {{ margin: 0; }}
img {{ display: block; width: 100%; border-radius: 8px; }}
figcaption {{ padding: 4px 2px 6px; color: #14212b; }}
</style>{figures}"""
FIGURE = (
    '<figure><figcaption>{caption}</figcaption><img src="data:image/png;base64,{png}"></figure>'
)


def main() -> int:
    """Draw it, and say where it is.

    0 when it is drawn, 1 when it became too large or no stack could be had, 130 when stopped.
    """
    try:
        with (
            interruptible(),
            tempfile.TemporaryDirectory() as folder,
            a_stack(Path(folder)) as stack,
            chromium.running() as browser,
        ):
            picture = strip(browser, list(screenshots(browser, stack)))
    except Interrupted:
        typer.echo("\nStopped.", err=True)
        return STOPPED
    except LocalStackRefused as refused:
        typer.echo(f"\n{refused}", err=True)
        return 1
    if len(picture) > MOST_BYTES:
        typer.echo(f"The picture has {len(picture):,} bytes: more than {MOST_BYTES:,}.", err=True)
        return 1
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture)
    typer.echo(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes")
    return 0


def screenshots(browser: Browser, stack: StackFile) -> Iterator[tuple[str, bytes]]:
    """Every page in every state, in English: its name, and what a phone's screen shows of it."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, locale="en-GB")
    # It may not go on to the shop while it is looked at.
    context.route(f"{stack['shop']}**", lambda route: route.fulfill(status=204))
    with clients_with(stack, ADMINISTRATOR) as administrator:
        shop = ledger_shop(stack, administrator)
        for name in NAMES:
            page = context.new_page()
            page.goto(stack["checkout"] + sight(name, shop, utc_now()).path)
            yield name.replace("_", " "), page.screenshot()
            page.close()
    context.close()


def strip(browser: Browser, pictures: list[tuple[str, bytes]]) -> bytes:
    """All of them side by side, as a PNG."""
    figures = "".join(
        FIGURE.format(caption=escape(name), png=base64.b64encode(png).decode())
        for name, png in pictures
    )
    context = browser.new_context(
        viewport={"width": COLUMNS * (WIDTH_OF_ONE + 12) + 12, "height": 1}
    )
    page = context.new_page()
    page.set_content(STRIP.format(columns=COLUMNS, width=WIDTH_OF_ONE, figures=figures))
    drawn = page.screenshot(full_page=True)
    context.close()
    return drawn


if __name__ == "__main__":
    sys.exit(main())
