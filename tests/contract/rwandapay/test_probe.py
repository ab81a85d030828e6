"""The probe that may come before a webhook: an empty 200, and nothing is looked up."""

import pytest

from tests.integration.rest_events import Request, call
from webhooks.rwandapay import handler


@pytest.mark.parametrize("reference", ["0123456789ABCDEF01", "x", "%00"])
def test_a_probe_is_answered_alike_for_every_address_with_no_database_at_hand(
    reference: str,
) -> None:
    # No table stands here: whatever looked one up would be answered with a 500.
    where = "/webhooks/rwandapay/{attempt_ref}/{token}"
    parameters = {"attempt_ref": reference, "token": "token"}
    answer = call(handler, Request(method="HEAD", resource=where, parameters=parameters))
    assert (answer.status, answer.text) == (200, "")
