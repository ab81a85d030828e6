"""`python -m infra.operator`, from the root of the repository."""

from infra.operator.app import app

app(prog_name="python -m infra.operator")
