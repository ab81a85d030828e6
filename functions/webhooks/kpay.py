"""POST /webhooks/kpay/{attempt_ref}/{token}: K-Pay's postback (seeds 001 and 003)."""

from webhooks.receive import receiver

handler = receiver("kpay")
