"""DynamoDB over a line that loses replies."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class LosesReplies:
    """A client whose writes are done, their replies lost, and sent again: as the SDK does it."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client

    def put_item(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
        self._client.put_item(**request)
        return self._client.put_item(**request)

    def update_item(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
        self._client.update_item(**request)
        return self._client.update_item(**request)

    def transact_write_items(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
        self._client.transact_write_items(**request)
        return self._client.transact_write_items(**request)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the client has
        return getattr(self._client, name)
