"""Every check in its order, each finding told as soon as there is one."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from infra.operator.doctor.addresses import check_clock_by_aws, check_public_address
from infra.operator.doctor.asking import check_answer
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from infra.operator.doctor.provider_routes import check_routes, providers_of
from infra.operator.doctor.signing_in import check_keys, check_plan
from infra.operator.doctor.stored_secrets import check_credentials, check_webhook_secrets
from infra.operator.doctor.tables import check_tables
from infra.operator.doctor.webhooks import check_webhooks
from payments.merchant import Merchant


def examine(
    examination: Examination, merchant_id: str | None, *, webhooks: bool
) -> Iterator[Finding]:
    """Examine the deployment, and this merchant of it, or all. Raises UnknownMerchant."""
    yield About("stack").ok("It is found, with all of its outputs.")
    checks = [check_tables(examination), check_public_address(examination)]
    if not examination.deployment.loopback_allowed:
        checks.append(check_clock_by_aws(examination))
    for check in checks:
        yield from unless_aws_refuses(check)
    yield from unless_aws_refuses(check_merchants(examination, merchant_id, webhooks=webhooks))


def check_merchants(
    examination: Examination, merchant_id: str | None, *, webhooks: bool
) -> Iterator[Finding]:
    """Examine this merchant, or all, oldest first. Raises UnknownMerchant."""
    known = examination.deployment.merchants
    merchants = [known.known(merchant_id)] if merchant_id else [*known.merchants()]
    if not merchants:
        yield About("merchants").warning(
            "Nobody is enrolled.", 'Enrol a merchant: `merchants enrol "Your Shop"`.'
        )
    for merchant in sorted(merchants, key=lambda merchant: merchant.created_at):
        for check in (
            check_keys(examination, merchant),
            check_plan(examination, merchant),
            check_routes(merchant),
            check_providers(examination, merchant),
            check_webhook_secrets(examination, merchant),
            check_webhooks(examination, merchant, send=webhooks),
        ):
            yield from unless_aws_refuses(check, merchant.merchant_id)


def check_providers(examination: Examination, merchant: Merchant) -> Iterator[Finding]:
    """Look for the credentials of each provider in the routes, and try them where there are any."""
    for provider in providers_of(merchant):
        found, credentials = check_credentials(examination, merchant, provider)
        yield found
        if credentials is not None:
            yield check_answer(examination, merchant, provider, credentials)


def unless_aws_refuses(
    check: Iterator[Finding], merchant_id: str | None = None
) -> Iterator[Finding]:
    """A check's findings; what AWS does not let us look at is one more."""
    try:
        yield from check
    except (BotoCoreError, ClientError) as refused:
        yield About("AWS", merchant_id).problem(
            f"{refused}.", "Look at what these AWS credentials may do."
        )
