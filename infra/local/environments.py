"""Environments of the programs we start: never a real AWS account, never this project's paths.

The child gets its own AWS settings and none of the caller's. It does not get PYTHONPATH either:
Lambda workers inherit MiniStack's environment, and would import functions/ from the working copy
where the artefact that was deployed is meant.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.local.settings import BUILD, REGION, Settings

SAM_MEMORY = BUILD / "sam-cli"

# MiniStack's root: whoever signs with these may do anything, like an account's administrator.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def for_ministack(settings: Settings) -> dict[str, str]:
    """Set up the local AWS (MiniStack's documentation names these) in a clean environment."""
    return _without_ours(os.environ) | {
        "AUTH": "true",  # every call is checked against its role, as on AWS
        "GATEWAY_PORT": str(settings.ports.stack),
        "BIND_HOST": settings.bind_host,
        "CLOUDTRAIL_RECORDING": "1",
        "CLOUDTRAIL_MAX_EVENTS": "100000",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(settings.folder / "s3"),
        "STATE_DIR": str(settings.folder / "state"),
        "TMPDIR": str(settings.folder / "tmp"),
    }


def for_sam(settings: Settings) -> dict[str, str]:
    """Point SAM CLI at the local AWS alone: the caller's accounts and profiles are out of reach."""
    return (
        _without_ours(os.environ)
        | CREDENTIALS
        | {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": settings.endpoint,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "SAM_CLI_TELEMETRY": "0",
            # One folder for all functions in place of a copy each: a third of the build.
            "SAM_CLI_BETA_BUILD_PERFORMANCE": "1",
            "SAM_CLI_POLL_DELAY": "0.2",
            # Its own small memory, in place of a folder in the caller's home.
            "__SAM_CLI_APP_DIR": str(SAM_MEMORY),
            # It leaves an empty folder for each function that it deploys.
            "TMPDIR": str(settings.folder / "tmp"),
        }
    )


def _without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("AWS_", "PYTHON", "SAM_CLI_", "MAKE", "MFLAGS"))
    }
    # SAM looks for the runtime's Python by name: our virtual environment's comes first.
    return kept | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])}
