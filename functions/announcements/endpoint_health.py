"""What a delivery means for the merchant's endpoint: 410, or days of failures, disable it.

An address that a payment names of its own is never disabled: nobody could enable it again.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from ledger.endpoints import DisabledWhy
from ledger.events import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.endpoints import Endpoint, Endpoints

MOST_DAYS_FAILING = timedelta(days=5)


def noted(
    endpoints: "Endpoints", endpoint: "Endpoint", state: DeliveryState, at: "datetime"
) -> DeliveryState:
    """Let the endpoint know how a delivery went, and say where that leaves the delivery."""
    match state:
        case DeliveryState.DELIVERED:
            if endpoint.failing_since:
                endpoints.note_success(endpoint)
        case DeliveryState.GONE:
            endpoints.disable(endpoint, DisabledWhy.GONE, at)
        case _ if endpoint.failing_since is None:
            endpoints.note_failure(endpoint, at)
        case _ if endpoint.failing_since <= at - MOST_DAYS_FAILING:
            if endpoints.disable(endpoint, DisabledWhy.FAILING, at):
                return DeliveryState.ENDPOINT_DISABLED
    return state
