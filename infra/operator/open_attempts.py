"""Attempts that wait for a person: found, asked about, and settled by a person's word."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from infra.operator.refused import NoDeployment, NotOpen
from ledger.payments import Payments
from ledger.several_payments import MOST_AT_ONCE, several_payments
from ledger.unresolved import Unresolved
from payments.references import payment_of
from settlement.judge import decided, is_open_to_a_person
from settlement.settle import change

if TYPE_CHECKING:
    from infra.operator.deployment import Deployment
    from payments.mode import Mode
    from payments.payment import Attempt, Payment
    from settlement.judge import Decision


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt with its payment."""

    payment: "Payment"
    attempt: "Attempt"


def waiting(deployment: "Deployment", mode: "Mode") -> Iterator[OpenAttempt]:
    """Every attempt that was set aside for a person, by when its payment was opened."""
    sessions = Unresolved(deployment.dynamodb, deployment.payments_table).sessions(mode)
    while some := list(islice(sessions, MOST_AT_ONCE)):
        for payment in several_payments(deployment.dynamodb, deployment.payments_table, some):
            for attempt in payment.attempts:
                if attempt.needs_review:
                    yield OpenAttempt(payment, attempt)


def named(deployment: "Deployment", reference: str) -> OpenAttempt:
    """The attempt that a reference names. Raises NotOpen when there is none."""
    leads_to = payment_of(reference)
    payment = ledger_of(deployment).get(leads_to[0]) if leads_to else None
    attempt = payment.attempt(reference) if payment else None
    if payment is None or attempt is None:
        raise NotOpen(f"There is no attempt {reference}")
    return OpenAttempt(payment, attempt)


def ask(deployment: "Deployment", reference: str) -> OpenAttempt:
    """Let the deployment ask the attempt's provider, and tell how the attempt stands then.

    Providers let listed addresses in, and the operator's is hardly among them. Raises NotOpen.
    """
    to_be_settled(deployment, reference)
    if not deployment.ask_provider:
        raise NoDeployment("The stack does not tell which function asks: deploy it again")
    leads_to = payment_of(reference)
    given = {"payment_id": leads_to and leads_to[0], "attempt": reference, "last": False}
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.ask_provider, Payload=json.dumps(given)
    )
    if "FunctionError" in answer:
        raise NotOpen(f"The question broke, and nothing is known of its outcome: {trouble(answer)}")
    return named(deployment, reference)


def trouble(answer: Any) -> str:  # noqa: ANN401  # Lambda's own answer
    """The kind of error that a function ended with."""
    told = json.loads(answer["Payload"].read())
    return str(told.get("errorType", "unknown"))


def to_be_settled(deployment: "Deployment", reference: str) -> OpenAttempt:
    """An attempt about which something is open. Raises NotOpen."""
    found = named(deployment, reference)
    if not is_open_to_a_person(found.attempt):
        raise NotOpen(
            f"{reference} is {found.attempt.status} already, and nothing about it is open"
        )
    return found


def settle(
    deployment: "Deployment", found: OpenAttempt, decision: "Decision", now: datetime
) -> OpenAttempt:
    """Settle by a person's word. Raises NotOpen when somebody else was quicker."""
    reference = found.attempt.ref
    after = change(
        ledger_of(deployment),
        found.payment,
        lambda standing: decided(standing, reference, decision, now),
    )
    attempt = after.attempt(reference)
    if attempt is None or (attempt.decided_by, attempt.decided_because) != (
        decision.by,
        decision.because,
    ):
        raise NotOpen(f"{reference} was settled meanwhile: look at it again")
    return OpenAttempt(after, attempt)


def who(deployment: "Deployment") -> str:
    """Who AWS knows the operator as."""
    return str(deployment.client("sts").get_caller_identity()["Arn"])


def ledger_of(deployment: "Deployment") -> Payments:
    """The ledger of a deployment."""
    return Payments(deployment.dynamodb, deployment.payments_table)
