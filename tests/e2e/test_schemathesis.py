"""`schemathesis run` against the document that the deployment itself serves, roles enforced."""

import subprocess
import sys
from pathlib import Path

from infra.operator import enrolment
from infra.operator.deployment import Deployment
from ledger.merchants import Merchants
from payments.clock import utc_now
from payments.keys import KeyPair
from payments.plan import Plan
from tests.e2e.merchant import Merchant

BOUNDLESS = Plan(name="enterprise", per_minute=10**6, burst=10**6, per_day=10**6)
MOST_EXAMPLES = 5
SEED = 20261121
PATIENCE_SECONDS = 600
# A method that is no route is the gateway's own to refuse, and no schema tells every rule
# (tests/integration/reference/test_schema_fuzz.py looks at each refusal).
LEFT_TO_OTHERS = "unsupported_method,positive_data_acceptance"


def enrolled(merchant: Merchant) -> KeyPair:
    """The test keys of a new shop, as the operator enrols one."""
    stack = merchant.stack
    deployment = Deployment(
        merchants=Merchants(merchant.administrator("dynamodb"), stack["tables"]["merchants"]),
        dynamodb=merchant.administrator("dynamodb"),
        ssm=merchant.administrator("ssm"),
        parameter_prefix=stack["parameter_prefix"],
        payments_table=stack["tables"]["payments"],
        api_url=stack["api"],
        loopback_allowed=True,
    )
    shop = enrolment.enrol(deployment, "Asked Everything", None, utc_now())
    deployment.merchants.set_plan(shop.merchant.merchant_id, BOUNDLESS, utc_now())
    return shop.test_keys


def test_no_answer_is_a_5xx_and_every_answer_is_as_documented(
    merchant: Merchant, tmp_path: Path
) -> None:
    stack = merchant.stack
    # Keys of its own: it asks more than the demo merchant's plan allows.
    pair = enrolled(merchant)
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program),
        "run",
        f"{stack['api']}/openapi.json",
        "--url",
        stack["checkout"],
        "--header",
        f"X-Public-Key: {pair.public_key}",
        "--header",
        f"X-Secret-Key: {pair.secret_key}",
        "--phases",
        "examples,coverage,fuzzing",
        "--exclude-checks",
        LEFT_TO_OTHERS,
        "--max-examples",
        str(MOST_EXAMPLES),
        "--seed",
        str(SEED),
        "--continue-on-failure",
    ]
    ran = subprocess.run(  # noqa: S603  # our own command
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr
