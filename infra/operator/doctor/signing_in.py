"""A merchant can sign in, under its plan."""

from collections.abc import Iterator

from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from payments.clock import iso
from payments.merchant import Merchant
from payments.mode import Mode


def check_keys(examination: Examination, merchant: Merchant) -> Iterator[Finding]:
    """Look for a pair that works, in each mode."""
    now, merchant_id = examination.clock(), merchant.merchant_id
    issued = examination.deployment.merchants.keys(merchant_id)
    for mode in Mode:
        about = About("keys", merchant_id, mode)
        active = [key for key in issued if key.mode is mode and key.is_active(now)]
        ends = [key.revoked_at for key in active if key.revoked_at]
        issue = f"`keys issue {merchant_id} --mode {mode}`."
        if active and len(ends) < len(active):
            yield about.ok(f"{len(active)} active.")
        elif active:
            yield about.warning(
                f"All end by {iso(max(ends))}, and none follows.", f"Issue a pair: {issue}"
            )
        elif mode is Mode.TEST or merchant.routes:
            yield about.warning("None is active.", f"If one should be: {issue}")
        else:
            yield about.ok("None is active, and there are no routes.")


def check_plan(examination: Examination, merchant: Merchant) -> Iterator[Finding]:
    """Look whether each pair that works is counted by the merchant's plan."""
    now, merchant_id, plan = examination.clock(), merchant.merchant_id, merchant.plan
    about = About("plan", merchant_id)
    strays = [
        key.public_key
        for key in examination.deployment.merchants.keys(merchant_id)
        if key.is_active(now) and key.plan != plan
    ]
    if strays:
        yield about.problem(
            f"These keys are not counted by the plan {plan.name}: {', '.join(strays)}.",
            f"Set another plan and then this one again: `plans set {merchant_id} …`.",
        )
    else:
        yield about.ok(f"{plan.name}: {plan.per_minute} a minute, {plan.per_day} a day.")
