"""Growth: calls, capacity and latency as more and more payments are stored."""

from tests.benchmarks.growth.measuring import measure
from tests.benchmarks.growth.section import section

__all__ = ["measure", "section"]
