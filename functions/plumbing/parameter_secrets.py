"""Provider credentials and webhook secrets, from SSM SecureStrings."""

import json
import time
from typing import TYPE_CHECKING

from payments import webhook_secrets
from payments.errors import MethodUnavailable

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mypy_boto3_ssm import SSMClient

    from payments.mode import Mode
    from payments.webhook_secrets import WebhookSecrets

# Long enough to spare a call per payment, short enough for new credentials to work soon.
KEPT_SECONDS = 300.0


class Secrets:
    """The secrets that this function's role may read, kept in memory for five minutes."""

    def __init__(self, client: "SSMClient", prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._kept: dict[tuple[str, int], tuple[float, str]] = {}

    def provider_credentials(self, provider: str, merchant_id: str) -> dict[str, str]:
        """What a provider gave this merchant for live payments.

        Raises MethodUnavailable when nothing was set.
        """
        found = self._read(f"{self._prefix}/providers/{provider}/{merchant_id}/live")
        if found is None:
            raise MethodUnavailable(f"no credentials for {provider}")
        credentials: dict[str, str] = json.loads(found)
        return credentials

    def webhook_secrets(
        self, merchant_id: str, mode: "Mode", version: int
    ) -> "WebhookSecrets | None":
        """What this merchant's webhooks are signed with in a mode.

        `version` is the endpoint's: after a rotation, what was kept is not looked at any more.
        """
        name = webhook_secret_name(self._prefix, merchant_id, mode)
        found = self._read(name, version)
        return webhook_secrets.read(found) if found else None

    def rotate_webhook_secret(
        self,
        merchant_id: str,
        mode: "Mode",
        now: "datetime",
        overlap: "timedelta",
        digest: str | None,
    ) -> "WebhookSecrets":
        """Put a new secret in the place of the current one, which signs on for the overlap.

        The digest of the last rotation changes nothing, and gives its secret again.
        """
        name = webhook_secret_name(self._prefix, merchant_id, mode)
        standing, version = self._read_numbered(name)
        if standing and digest is not None and standing.rotated_by == digest:
            return standing
        secret = webhook_secrets.new_secret()
        # Where the secret was lost there is nothing to overlap with.
        rotated = (
            standing.followed_by(secret, now, overlap, digest)
            if standing
            else webhook_secrets.WebhookSecrets(current=secret, rotated_by=digest)
        )
        while (written := self._write(name, rotated)) != version + 1:
            version = written
            between, _ = self._read_numbered(f"{name}:{written - 1}")
            if between is None or between.current == secret:
                # This very write, whose reply was lost.
                break
            # Another rotation came in between and was overwritten, but its secret was given out.
            is_same = digest is not None and between.rotated_by == digest
            rotated = between if is_same else between.followed_by(secret, now, overlap, digest)
        return rotated

    def _read_numbered(self, name: str) -> "tuple[WebhookSecrets | None, int]":
        try:
            found = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except self._client.exceptions.ParameterNotFound:
            return None, 0
        return webhook_secrets.read(found["Value"]), found["Version"]

    def _write(self, name: str, kept: "WebhookSecrets") -> int:
        answer = self._client.put_parameter(
            Name=name, Value=webhook_secrets.written(kept), Type="SecureString", Overwrite=True
        )
        return answer["Version"]

    def _read(self, name: str, version: int = 0) -> str | None:
        now = time.monotonic()
        until, value = self._kept.get((name, version), (now, ""))
        if until > now:
            return value
        try:
            answer = self._client.get_parameter(Name=name, WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        value = answer["Parameter"]["Value"]
        self._kept[name, version] = (now + KEPT_SECONDS, value)
        return value


def webhook_secret_name(prefix: str, merchant_id: str, mode: "Mode") -> str:
    """Where a merchant's webhook secrets lie, one document per mode."""
    return f"{prefix}/webhook-secret/{merchant_id}/{mode}"
