"""The demo merchant of a running stack, whose pages are written straight into the ledger."""

from infra.local.stack_file import StackFile
from ledger.links import Links
from ledger.payments import Payments
from tests.e2e.aws_clients import AwsClients
from tests.page_states import Shop


def ledger_shop(stack: StackFile, administrator: AwsClients) -> Shop:
    """Its customers go back to the demo shop, and to K-Pay's simulator for their cards."""
    dynamodb = administrator("dynamodb")
    return Shop(
        merchant_id=stack["merchant_id"],
        payments=Payments(dynamodb, stack["tables"]["payments"]),
        links=Links(dynamodb, stack["tables"]["merchants"]),
        back=f"{stack['shop']}thanks",
        card_page=f"{stack['providers']['kpay']}checkout/1",
    )
