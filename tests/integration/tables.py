"""The two tables in moto, as template.yaml makes them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RESOURCES: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())[
    "Resources"
]
MADE_WITH = (
    "BillingMode",
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
)


def make_table(dynamodb: "DynamoDBClient", name: str) -> str:
    """Make one table of the template; its name."""
    asked = RESOURCES[name]["Properties"]
    stream = asked.get("StreamSpecification")
    streaming = {"StreamSpecification": {"StreamEnabled": True, **stream}} if stream else {}
    given: dict[str, Any] = {part: asked[part] for part in MADE_WITH if part in asked} | streaming
    dynamodb.create_table(TableName=name, **given)
    return name


def make_tables(dynamodb: "DynamoDBClient") -> None:
    """Make both."""
    for name in ("Payments", "Merchants"):
        make_table(dynamodb, name)
