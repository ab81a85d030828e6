"""A deployment in process."""

from tests.integration.gateway import aws_calls, gateway

__all__ = ["aws_calls", "gateway"]
