"""What a deployment keeps in the parameter store, encrypted: SSM SecureString.

Names end with the merchant (or the merchant and the mode), so that a function's role can be held
to one provider.
"""

import base64
import json
import secrets
from collections.abc import Mapping

from infra.operator.deployment import Deployment
from infra.operator.refused import NoWebhookSecret

WEBHOOK_SECRET_BYTES = 32


def new_webhook_secret() -> str:
    """Make a secret in the form of Standard Webhooks: "whsec_" and base64 of 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(WEBHOOK_SECRET_BYTES)).decode("ascii")


def keep_webhook_secret(deployment: Deployment, merchant_id: str, secret: str) -> None:
    """Store a merchant's first webhook secret; one that stands is never overwritten."""
    deployment.ssm.put_parameter(
        Name=_webhook_secret_name(deployment, merchant_id),
        Value=secret,
        Type="SecureString",
        Overwrite=False,
    )


def webhook_secret(deployment: Deployment, merchant_id: str) -> str:
    """Read a merchant's webhook secret. Raises NoWebhookSecret."""
    try:
        answer = deployment.ssm.get_parameter(
            Name=_webhook_secret_name(deployment, merchant_id), WithDecryption=True
        )
    except deployment.ssm.exceptions.ParameterNotFound:
        raise NoWebhookSecret(f"{merchant_id} has no webhook secret here") from None
    return answer["Parameter"]["Value"]


def keep_credentials(
    deployment: Deployment, provider: str, merchant_id: str, credentials: Mapping[str, str]
) -> str:
    """Store what a merchant signs in to a provider with, and answer with the parameter's name.

    Raises UnknownMerchant.
    """
    deployment.merchants.known(merchant_id)
    name = f"{deployment.parameter_prefix}/providers/{provider}/{merchant_id}/live"
    deployment.ssm.put_parameter(
        Name=name, Value=json.dumps(dict(credentials)), Type="SecureString", Overwrite=True
    )
    return name


def credential_names(deployment: Deployment) -> list[str]:
    """List the names under which providers' credentials are kept. Reads no value."""
    pages = deployment.ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[
            {
                "Key": "Path",
                "Option": "Recursive",
                "Values": [f"{deployment.parameter_prefix}/providers"],
            },
        ],
    )
    return sorted(found["Name"] for page in pages for found in page["Parameters"])


def _webhook_secret_name(deployment: Deployment, merchant_id: str) -> str:
    return f"{deployment.parameter_prefix}/webhook-secret/{merchant_id}"
