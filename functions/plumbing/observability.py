"""Logs and metrics. Only references and outcomes are ever logged, never bodies or people.

A metric is a figure and at most a provider: not even a reference stands in it.
"""

import json
import logging
import time
from enum import StrEnum

from aws_lambda_powertools import Logger

from plumbing.settings import settings

NAMESPACE = "Ishyura"

# What the rehearsing provider does is nobody's alarm: it is never in the sum of all providers.
REHEARSING = "sandbox"

logger = Logger(service="ishyura", level="INFO")

# At INFO httpx tells every request's address, and at DEBUG they all tell whole requests and
# answers: people, secrets, the tokens in addresses. Lambda's own handler would write it out.
for talkative in ("httpx", "httpcore", "boto3", "botocore", "urllib3"):
    logging.getLogger(talkative).setLevel(logging.WARNING)


class Figure(StrEnum):
    """What is counted, by its name in CloudWatch."""

    ATTEMPT_BEGUN = "AttemptBegun"
    """A provider is about to be asked to charge."""
    PROVIDER_REFUSED = "ProviderRefused"
    """A provider would not take a charge, through no fault of the customer's."""
    PROVIDER_SILENT = "ProviderSilent"
    """No answer was had to a charge or a question: silence, nonsense, or nothing to ask with."""
    WEBHOOK_FORGED = "WebhookForged"
    """A notification of a signing provider did not prove itself."""
    SUM_DISAGREES = "SumDisagrees"
    """A provider states another sum, currency or reference than was asked for."""
    UNRESOLVED_FOUND = "UnresolvedFound"
    """A day of questions left an attempt open: a person has to look."""
    UNRESOLVED_OPEN = "UnresolvedOpen"
    """A gauge: how many live payments wait for a person."""
    PAYMENT_PAID = "PaymentPaid"
    """A live payment's merchant is told that it was paid."""
    PAYMENT_ENDED_UNPAID = "PaymentEndedUnpaid"
    """A live payment's merchant is told that it failed, expired or was cancelled."""
    DUPLICATE_CHARGE = "DuplicateCharge"
    """A live payment was paid twice."""
    DELIVERY_MADE = "DeliveryMade"
    """A merchant took a live event."""
    DELIVERY_FAILED = "DeliveryFailed"
    """One try to deliver a live event failed; there are more."""
    DELIVERY_EXHAUSTED = "DeliveryExhausted"
    """A live event is not sent any more though its merchant never took it."""
    SWEEP_LATE = "SweepLate"
    """A gauge: by how many seconds the sweep is behind the oldest payment that it owes a look."""


def count(figure: Figure, times: int = 1, *, provider: str | None = None) -> None:
    """Count something now, for this deployment and, where one is named, for this provider.

    A gauge is counted with its size, 0 included. The sandbox is only counted by its name. What
    is written is CloudWatch's embedded metric format, one line on standard output; Lambda's own
    JSON format of logs leaves printed lines as they are.
    """
    sets = [] if provider == REHEARSING else [["Stack"]]
    if provider:
        sets.append(["Stack", "Provider"])
    measured = {
        "_aws": {
            "Timestamp": time.time_ns() // 1_000_000,
            "CloudWatchMetrics": [
                {"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": [{"Name": figure}]}
            ],
        },
        "Stack": settings().parameter_prefix.rpartition("/")[2],
        **({"Provider": provider} if provider else {}),
        figure: times,
    }
    print(json.dumps(measured), flush=True)  # noqa: T201  # CloudWatch reads standard output
