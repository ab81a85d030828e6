"""Provider credentials and webhook secrets, from SSM SecureStrings."""

import json
import time
from typing import TYPE_CHECKING

from payments.errors import MethodUnavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# Long enough to spare a call per payment, short enough for new credentials to work soon.
KEPT_SECONDS = 300.0


class Secrets:
    """The secrets that this function's role may read, kept in memory for five minutes."""

    def __init__(self, client: "SSMClient", prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._kept: dict[str, tuple[float, str]] = {}

    def provider_credentials(self, provider: str, merchant_id: str) -> dict[str, str]:
        """What a provider gave this merchant for live payments.

        Raises MethodUnavailable when nothing was set.
        """
        found = self._read(f"{self._prefix}/providers/{provider}/{merchant_id}/live")
        if found is None:
            raise MethodUnavailable(f"no credentials for {provider}")
        credentials: dict[str, str] = json.loads(found)
        return credentials

    def webhook_secret(self, merchant_id: str) -> str | None:
        """The secret, "whsec_…", that this merchant's webhooks are signed with."""
        return self._read(f"{self._prefix}/webhook-secret/{merchant_id}")

    def _read(self, name: str) -> str | None:
        now = time.monotonic()
        until, value = self._kept.get(name, (now, ""))
        if until > now:
            return value
        try:
            answer = self._client.get_parameter(Name=name, WithDecryption=True)
        except self._client.exceptions.ParameterNotFound:
            return None
        value = answer["Parameter"]["Value"]
        self._kept[name] = (now + KEPT_SECONDS, value)
        return value
