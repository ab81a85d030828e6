"""Payment links in the ledger. What a link's payments change of it stands in link_payments.py."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.all_or_nothing import write_all
from ledger.attributes import from_item, to_item
from ledger.link_items import link_item, link_key, read_link, slug_item, slug_key
from ledger.listing import Kind, Listing, Place, owner_of, place_of
from payments.errors import SlugTaken
from payments.link import Link
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef


@dataclass(frozen=True, slots=True)
class Links:
    """The payment links of a deployment, in the Merchants table."""

    client: "DynamoDBClient"
    table: str

    def get(self, link_id: str) -> Link | None:
        """Read a link, as it stands now."""
        answer = self.client.get_item(
            TableName=self.table, Key=link_key(link_id), ConsistentRead=True
        )
        return read_link(from_item(answer["Item"])) if "Item" in answer else None

    def at(self, slug: str) -> Link | None:
        """Read the link of a public address, in two calls."""
        # Consistent, so that a link can be opened the moment that it was made.
        answer = self.client.get_item(TableName=self.table, Key=slug_key(slug), ConsistentRead=True)
        return self.get(from_item(answer["Item"])["link_id"]) if "Item" in answer else None

    def page(
        self, merchant_id: str, mode: Mode, *, after: Place | None = None, size: int
    ) -> tuple[list[Link], Place | None]:
        """A merchant's links, newest first, and the place to go on from if there are more."""
        owner = owner_of(merchant_id, mode, Kind.LINKS)
        # One more than asked for tells that there is more.
        records, _ = Listing(self.client, self.table).page(owner, after=after, size=size + 1)
        place = place_of(records[size - 1]) if len(records) > size else None
        return [read_link(record) for record in records[:size]], place

    def create(self, link: Link) -> Link:
        """Write a new link and take its slug, both or neither.

        A link whose id is there already is answered as it stands: an id is derived or random, so
        it is this request's own, sent before. Raises SlugTaken.
        """
        in_the_way = write_all(
            self.client,
            [{"Put": self._new(link_item(link))}, {"Put": self._new(slug_item(link))}],
        )
        if in_the_way is None:
            return link
        standing, _ = in_the_way
        if standing is None:
            raise SlugTaken(link.slug)
        return read_link(standing)

    def deactivate(self, link_id: str, merchant_id: str, mode: Mode) -> Link | None:
        """Close a link for good, again if need be; None when it is not this merchant's."""
        try:
            answer = self.client.update_item(
                TableName=self.table,
                Key=link_key(link_id),
                UpdateExpression="SET active = :closed",
                ConditionExpression="merchant_id = :merchant_id AND #mode = :mode",
                ExpressionAttributeNames={"#mode": "mode"},
                ExpressionAttributeValues=to_item(
                    {":closed": False, ":merchant_id": merchant_id, ":mode": mode.value}
                ),
                ReturnValues="ALL_NEW",
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        return read_link(from_item(answer["Attributes"]))

    def _new(self, item: "dict[str, AttributeValueTypeDef]") -> "PutTypeDef":
        return {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
