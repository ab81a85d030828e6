"""What a deployment keeps in the parameter store, encrypted: SSM SecureString.

Names end with the merchant (or the merchant and the mode), so that a function's role can be held
to one provider.
"""

import json
from collections.abc import Mapping

from infra.operator.deployment import Deployment
from infra.operator.refused import NoWebhookSecret
from payments import webhook_secrets
from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets
from plumbing.parameter_secrets import webhook_secret_name


def keep_webhook_secret(deployment: Deployment, merchant_id: str, secret: str) -> None:
    """Store a merchant's first webhook secret, the same one for both modes.

    Each mode is rotated for itself. One that stands is never overwritten.
    """
    for mode in Mode:
        deployment.ssm.put_parameter(
            Name=webhook_secret_name(deployment.parameter_prefix, merchant_id, mode),
            Value=webhook_secrets.written(WebhookSecrets(current=secret)),
            Type="SecureString",
            Overwrite=False,
        )


def replace_webhook_secret(
    deployment: Deployment, merchant_id: str, mode: Mode, secret: str
) -> None:
    """Store a webhook secret over whatever stands there."""
    deployment.ssm.put_parameter(
        Name=webhook_secret_name(deployment.parameter_prefix, merchant_id, mode),
        Value=webhook_secrets.written(WebhookSecrets(current=secret)),
        Type="SecureString",
        Overwrite=True,
    )


def webhook_secret(deployment: Deployment, merchant_id: str, mode: Mode) -> str:
    """Read the webhook secret that a merchant has in a mode. Raises NoWebhookSecret."""
    try:
        answer = deployment.ssm.get_parameter(
            Name=webhook_secret_name(deployment.parameter_prefix, merchant_id, mode),
            WithDecryption=True,
        )
    except deployment.ssm.exceptions.ParameterNotFound:
        raise NoWebhookSecret(f"{merchant_id} has no webhook secret here") from None
    return webhook_secrets.read(answer["Parameter"]["Value"]).current


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
