"""POST /webhooks/vpay/{attempt_ref}/{token}: V-Pay's webhook (seed 002)."""

from webhooks.receive import receiver

handler = receiver("vpay")
