"""The real browser of these tests: where it is, and, run as a program, getting one.

`python -m tests.e2e.chromium` prints its path, and installs one first where there is none: Debian's
own package when we are root, else the headless shell that Playwright brings along.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# Playwright's own folders (playwright.dev/python/docs/browsers), and the shell's names in them.
PLAYWRIGHTS = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
SHELLS = ("*/headless_shell", "*/chrome-headless-shell")
# Those of a machine without a screen, a sandbox or a way out.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NONE_FOUND = """\
No Chromium was found, and none could be installed. The browser tests need one: install it by hand
(Debian: apt-get install chromium; anywhere: .venv/bin/playwright install --with-deps
chromium-headless-shell), then run this again."""


@contextmanager
def running() -> Iterator[Browser]:
    """The browser, until the block ends."""
    found = find()
    assert found, NONE_FOUND
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def find() -> Path | None:
    """The browser to use; None when this machine has none."""
    on_path = (shutil.which(name) for name in NAMES)
    found = [Path(path) for path in on_path if path]
    found += [path for path in APPLICATIONS if path.is_file()]
    return found[0] if found else find_playwrights_own()


def find_playwrights_own() -> Path | None:
    """The newest headless shell that Playwright installed."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(chosen)] if chosen else PLAYWRIGHTS
    shells = [
        shell
        for folder in folders
        for name in SHELLS
        for shell in folder.glob(f"chromium_headless_shell-*/{name}")
    ]
    return max(shells, key=lambda shell: shell.stat().st_mtime, default=None)


def install() -> None:
    """Try the ways to a browser, one after the other, until there is one."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        worked = attempt(["apt-get", "update"])
        worked = worked and attempt(["apt-get", "install", "-y", "chromium"])
        # Ubuntu's package of that name, where there is one, only points at a snap.
        if worked and find():
            return
    attempt([sys.executable, "-m", "playwright", "install", "chromium-headless-shell"])


def attempt(command: Sequence[str]) -> bool:
    """Run an installer; its words come out on standard error."""
    sys.stderr.write(f"No Chromium found: {' '.join(command)}\n")
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0  # noqa: S603  # our own lines


def main() -> int:
    """Print the browser's path; 1 when there is none and none could be had."""
    if find() is None:
        install()
    found = find()
    sys.stdout.write(f"{found}\n" if found else "")
    sys.stderr.write("" if found else f"{NONE_FOUND}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
