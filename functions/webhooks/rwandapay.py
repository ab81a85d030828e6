"""POST and HEAD /webhooks/rwandapay/{attempt_ref}/{token}: RwandaPay's webhook (seed 000)."""

from webhooks.receive import receiver

handler = receiver("rwandapay")
