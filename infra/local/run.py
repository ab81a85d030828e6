"""`make run`: the whole gateway on this machine until Ctrl-C."""

import signal
import time
from pathlib import Path

import typer

from infra.local.interruption import Interrupted, interruptible
from infra.local.refusals import LocalStackRefused
from infra.local.settings import Settings
from infra.local.simulators.simulated import simulated
from infra.local.stack import running_stack
from infra.local.stack_file import NAME, StackFile

STOPPED_TOO_SOON = 130  # a shell's code for a program that Ctrl-C ended
WELCOME = """
Ishyura is up ({seconds:.0f} s). Ctrl-C stops it and leaves nothing behind.

  Demo shop      {shop}
  Handset        {handset}
  Merchant API   {api}
{providers}
  For scripts    {file}

  Test keys      {test[public]}
                 {test[secret]}
  Live keys      {live[public]}
                 {live[secret]}
  Webhook secret {webhook_secret}

Open a payment, then open its payment_url:

curl -s {api}/checkout/initialize \\
  -H 'Content-Type: application/json' \\
  -H 'X-Public-Key: {test[public]}' \\
  -H 'X-Secret-Key: {test[secret]}' \\
  -d '{{"amount": 5000, "currency": "RWF", "tx_ref": "ORDER-{now}",
       "customer": {{"name": "Aline Uwase", "email": "aline@example.rw", "phone": "0780000000"}}}}'
"""


def main() -> int:
    """Start, say where everything is, and wait.

    0 when stopped by Ctrl-C or SIGTERM, 130 when that came before all was up, 1 when refused.
    """
    started = time.monotonic()
    code = STOPPED_TOO_SOON
    try:
        with interruptible():
            settings = Settings.from_environment()
            typer.echo("Starting Ishyura on this machine", err=True)
            with running_stack(settings) as stack:
                seconds = time.monotonic() - started
                typer.echo(welcome(stack, settings.folder / NAME, seconds))
                code = 0
                _wait()
    except Interrupted:
        typer.echo("Stopped.", err=True)
    except LocalStackRefused as refused:
        typer.echo(f"\n{refused}", err=True)
        return 1
    return code


def welcome(stack: StackFile, file: Path, seconds: float) -> str:
    """Tell a person everything they need, with a curl that works as it stands."""
    return WELCOME.format(
        seconds=seconds,
        shop=stack["shop"],
        handset=stack["handset"],
        api=stack["api"],
        providers="\n".join(
            f"  {simulated(name).title:<14} {url}" for name, url in stack["providers"].items()
        ),
        file=file,
        test=stack["keys"]["test"],
        live=stack["keys"]["live"],
        webhook_secret=stack["webhook_secret"],
        now=int(time.time()),
    )


def _wait() -> None:
    while True:
        signal.pause()
