"""Settle latency: from a provider's webhook to ours, and to `verify` where no webhook comes."""

from tests.benchmarks.latency.measuring import measure
from tests.benchmarks.latency.section import section

__all__ = ["measure", "section"]
