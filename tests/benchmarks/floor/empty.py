"""What the runtime itself takes: nothing is imported, and nobody is called."""

from typing import Any


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {"statusCode": 200}
