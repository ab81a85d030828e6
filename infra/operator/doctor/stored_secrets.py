"""What a merchant signs in with at providers, and what its webhooks are signed with, is whole.

Values are read and never shown.
"""

import json
from collections.abc import Iterator, Mapping

from infra.operator import credentials
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from infra.operator.refused import UnusableInput
from payments import webhook_secrets
from payments.errors import MethodUnavailable
from payments.merchant import Merchant
from payments.mode import Mode
from plumbing.parameter_secrets import Secrets, webhook_secret_name


def check_webhook_secrets(examination: Examination, merchant: Merchant) -> Iterator[Finding]:
    """Look for each mode's secret."""
    merchant_id, deployment = merchant.merchant_id, examination.deployment
    for mode in Mode:
        about = About("webhook secret", merchant_id, mode)
        name = webhook_secret_name(deployment.parameter_prefix, merchant_id, mode)
        to_do = f"Give a new one: `webhook new-secret {merchant_id} --mode {mode}`."
        try:
            found = Secrets(deployment.ssm, deployment.parameter_prefix).webhook_secrets(
                merchant_id, mode, 0
            )
        except (ValueError, KeyError, TypeError):
            yield about.problem(f"{name} cannot be read, so nothing is delivered.", to_do)
            continue
        if found is None or not found.current.startswith(webhook_secrets.PREFIX):
            yield about.problem(f"{name} is missing, so nothing is delivered.", to_do)
        else:
            yield about.ok("It is stored.")


def check_credentials(
    examination: Examination, merchant: Merchant, provider: str
) -> tuple[Finding, Mapping[str, str] | None]:
    """Look for what a provider gave the merchant; None beside a problem."""
    merchant_id, deployment = merchant.merchant_id, examination.deployment
    about = About("credentials", merchant_id, provider)
    to_do = f"Store them: `provider set {provider} {merchant_id}`."
    try:
        found = Secrets(deployment.ssm, deployment.parameter_prefix).provider_credentials(
            provider, merchant_id
        )
    except MethodUnavailable:
        return about.problem("None are stored, so it takes no payment.", to_do), None
    except json.JSONDecodeError:
        return about.problem("What is stored cannot be read.", to_do), None
    try:
        return about.ok("They are stored."), credentials.checked(provider, found)
    except UnusableInput as incomplete:
        return about.problem(f"What is stored is not whole: {incomplete}.", to_do), None
