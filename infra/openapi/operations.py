"""Every operation of the merchant's API, in the order of the document."""

from infra.openapi import (
    operations_checkout,
    operations_events,
    operations_links,
    operations_reference,
    operations_reporting,
)

TAGS = {
    operations_checkout.TAG: "Open a payment, charge, ask how it stands, call it off.",
    operations_reporting.TAG: "Look at what was opened.",
    operations_links.TAG: "Pages where people pay you, without a program of yours.",
    operations_events.EVENTS: "What you heard, or should have heard.",
    operations_events.ENDPOINT: "Where you hear of payments that name no address of their own.",
    operations_reference.TAG: "This document.",
    "webhooks": "What we post to you.",
}
OPERATIONS = (
    *operations_checkout.OPERATIONS,
    *operations_reporting.OPERATIONS,
    *operations_links.OPERATIONS,
    *operations_events.OPERATIONS,
    *operations_reference.OPERATIONS,
)
