"""The document itself."""

from http import HTTPStatus
from typing import Any

from infra.openapi.operation import Answer, Keys, Operation

TAG = "reference"

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/openapi.json",
        name="describe",
        tag=TAG,
        summary="Read this document",
        description="OpenAPI 3.1, with this deployment's own address as the server.",
        keys=Keys.NONE,
        answer=Answer(
            status=HTTPStatus.OK, description="An OpenAPI document.", told=dict[str, Any]
        ),
    ),
)
