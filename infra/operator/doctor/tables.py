"""Both tables answer, with the index that lists read."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from ledger.listing import Listing

NOBODY = "doctor"


def check_tables(examination: Examination) -> Iterator[Finding]:
    """Ask each for a list that is empty."""
    deployment = examination.deployment
    for table in (deployment.payments_table, deployment.merchants.table):
        about = About("table", part=table)
        try:
            Listing(deployment.dynamodb, table).page(NOBODY, size=1)
        except ClientError as refused:
            yield about.problem(
                f"It does not answer ({refused.response['Error']['Code']}).",
                "Deploy the stack again, or look whether these AWS credentials may read it.",
            )
        else:
            yield about.ok("It answers.")
