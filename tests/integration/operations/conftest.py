from tests.integration.gateway import aws_calls, gateway
from tests.integration.operator.conftest import answer, deployment, run, stacks

__all__ = ["answer", "aws_calls", "deployment", "gateway", "run", "stacks"]
