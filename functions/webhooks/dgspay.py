"""POST /webhooks/dgspay/{attempt_ref}/{token}: DGS-Pay's webhook (seed 004)."""

from webhooks.receive import receiver

handler = receiver("dgspay")
