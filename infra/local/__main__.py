"""`python -m infra.local run | demo | sam-local`: the whole gateway on this machine."""

import argparse
import importlib
import sys

COMMANDS = {
    "run": "infra.local.run",
    "demo": "infra.local.demo",
    "sam-local": "infra.local.sam_local",
}


def main() -> int:
    """Run the command that was named; its module's `main` answers with the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command: str = parser.parse_args().command
    # Imported only when asked for: each brings along what the others do not need.
    code: int = importlib.import_module(COMMANDS[command]).main()
    return code


if __name__ == "__main__":
    sys.exit(main())
