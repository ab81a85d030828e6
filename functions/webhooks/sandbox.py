"""POST /webhooks/sandbox/{attempt_ref}/{token}: test mode's provider telling us to ask."""

from webhooks.receive import receiver

handler = receiver("sandbox")
