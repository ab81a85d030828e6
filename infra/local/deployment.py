"""The real `sam build` and the real `sam deploy`, against the local AWS."""

import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import boto3

from infra.artefact.bytecode import compile_artefacts
from infra.local.environments import CREDENTIALS, SAM_MEMORY, for_sam
from infra.local.programs import call
from infra.local.progress import step
from infra.local.settings import (
    BUILD,
    REGION,
    STACK_NAME,
    Settings,
    architecture,
    python_runtime,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def deploy(settings: Settings) -> Mapping[str, str]:
    """Build and deploy template.yaml; answer with its outputs by name. Raises StepFailed."""
    overrides = [f"{name}={value}" for name, value in parameters(settings).items()]
    env = for_sam(settings)
    with _sole_builder():
        with step("sam build"):
            call(
                ["sam", "build", "--config-env", "local", "--parameter-overrides", *overrides],
                env,
            )
        with step("compiling it"):
            compile_artefacts(BUILD / "build", python_runtime())
        with step("sam deploy"):
            call(
                ["sam", "deploy", "--config-env", "local", "--parameter-overrides", *overrides],
                env,
            )
    return outputs(settings)


def parameters(settings: Settings) -> dict[str, str]:
    """Give the template's parameters that only this machine can know."""
    return {
        "Local": "true",
        "LocalEndpoint": settings.endpoint,
        "PythonRuntime": python_runtime(),
        "Architecture": architecture(),
        "PublicBaseUrl": settings.public_base_url,
        **{f"{name.capitalize()}BaseUrl": url for name, url in settings.base_urls.items()},
    }


def outputs(settings: Settings) -> Mapping[str, str]:
    """Read the deployed stack's outputs by name."""
    client: CloudFormationClient = boto3.client(
        "cloudformation",
        endpoint_url=settings.endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    with closing(client):
        (stack,) = client.describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {given["OutputKey"]: given["OutputValue"] for given in stack["Outputs"]}


@contextmanager
def _sole_builder() -> Iterator[None]:
    """Keep two stacks that start at once from building into one folder."""
    SAM_MEMORY.mkdir(parents=True, exist_ok=True)
    # The lock names SAM CLI's version: asking for news of others would cost seconds, offline most.
    (SAM_MEMORY / "metadata.json").write_text(json.dumps({"lastVersionCheck": time.time()}))
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
