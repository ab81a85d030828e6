"""What the person who starts the local stack can choose, all by environment variables."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.ports import LOOPBACK, Ports
from infra.local.simulators.simulated import PROVIDERS, simulated

ROOT = Path(__file__).resolve().parents[2]
# Apart from .aws-sam/build: what is built for this machine must never be deployed from there.
BUILD = ROOT / ".aws-sam" / "local"
REGION = "us-east-1"
STACK_NAME = "ishyura-local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One local stack: where it listens, where its files lie, and who plays the providers."""

    ports: Ports = field(default_factory=Ports)
    folder: Path = ROOT / ".local"
    """State of the run and stack.json; one folder per stack."""
    bind_host: str = LOOPBACK
    """Where the local AWS and the simulators listen; loopback is too little for `sam local`
    on Linux."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Provider -> somebody else's whole base address, in place of the simulator's."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read ISHYURA_*_PORT, ISHYURA_STATE_DIR, ISHYURA_BIND_HOST and PROVIDERS_*.

        Raises NotAPort.
        """
        named = {name: environ.get(f"PROVIDERS_{name.upper()}") for name in PROVIDERS}
        return cls(
            ports=Ports.from_environment(environ),
            folder=ROOT / (environ.get("ISHYURA_STATE_DIR") or ".local"),
            bind_host=environ.get("ISHYURA_BIND_HOST") or LOOPBACK,
            replaced={name: address for name, address in named.items() if address},
        )

    @property
    def endpoint(self) -> str:
        """The local AWS."""
        return f"http://{LOOPBACK}:{self.ports.stack}"

    @property
    def public_base_url(self) -> str:
        """The API's public address, as the template's tag `ms-custom-id: ishyura` fixes it."""
        return f"http://127.0.0.1:{self.ports.stack}/_aws/execute-api/ishyura/pay"

    @property
    def shop_url(self) -> str:
        """The demo shop."""
        return f"http://{LOOPBACK}:{self.ports.shop}/"

    @property
    def base_urls(self) -> dict[str, str]:
        """Provider -> its whole base address: the simulator's, unless another was named."""
        ours = {
            name: f"http://{LOOPBACK}:{port}{simulated(name).path}"
            for name, port in self.ports.simulators.items()
        }
        return ours | dict(self.replaced)


def python_runtime() -> str:
    """Name the Lambda runtime that is this very Python: MiniStack runs functions with it."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def architecture() -> str:
    """Name the Lambda architecture that is this machine's: functions run on it natively."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
