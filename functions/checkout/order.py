"""What a merchant asks for when opening a payment: seed 000's fields, limits and all."""

import json
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from checkout.payer import Payer
from payments.merchant import Merchant
from payments.mode import Mode
from payments.payment import SESSION_LIFE, Customer, Payment
from payments.references import LONGEST_TX_REF, may_be_tx_ref, session_id
from payments.status import Status
from plumbing.fields import (
    Address,
    Amount,
    Asked,
    Currency,
    Description,
    Email,
    PhoneText,
    Text,
    wrong,
)

MOST_META_BYTES = 8 * 1024
# payments/references.py's rule as JSON Schema can say it: no space at either end, not "." or "..".
NEVER = r"\x00-\x1f\x7f-\x9f/?#%\\\u2028\u2029"
INSIDE, AT_END = f"[^{NEVER}]", rf"[^\s{NEVER}]"
NO_DOT, NO_DOT_AT_END = f"[^.{NEVER}]", rf"[^.\s{NEVER}]"
REST = f"{INSIDE}*{AT_END}"
WRITTEN_TX_REF = rf"^({NO_DOT_AT_END}({REST})?|\.({NO_DOT_AT_END}|{NO_DOT}{REST})|\.\.{REST})$"


def read_tx_ref(value: str) -> str:
    """Your own reference, safe to stand in a path."""
    if not 0 < len(value) <= LONGEST_TX_REF:
        raise wrong(f"tx_ref must have 1 to {LONGEST_TX_REF} characters")
    if not may_be_tx_ref(value):
        raise wrong("tx_ref must not hold / ? # % \\ or control characters, nor outer spaces")
    return value


def read_meta(value: object) -> str | None:
    """The merchant's own object, kept as JSON text so that it comes back as it came."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong("meta must be an object")
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MOST_META_BYTES:
        raise wrong(f"meta must be at most {MOST_META_BYTES} bytes of JSON")
    return text if value else None


TxRef = Annotated[
    str,
    AfterValidator(read_tx_ref),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_TX_REF,
            "pattern": WRITTEN_TX_REF,
            "description": "Your own reference: no / ? # % or backslash, and not . or ..",
        }
    ),
]
Meta = Annotated[
    str | None,
    BeforeValidator(read_meta),
    WithJsonSchema(
        {
            "type": ["object", "null"],
            "description": f"Whatever you want back in webhooks; {MOST_META_BYTES} bytes at most.",
        }
    ),
]


class OrderCustomer(Asked):
    """Who is to pay."""

    name: Text
    email: Email
    phone: PhoneText


class Order(Asked):
    """The request to open a payment, and with `payment_method` to charge it at once."""

    currency: Currency = Field("RWF", validate_default=True)
    amount: Amount
    tx_ref: TxRef
    customer: OrderCustomer
    redirect_url: Address | None = None
    """Where the customer goes afterwards; our own page unless you say."""
    webhook_url: Address | None = None
    """Where you hear of this payment; your endpoint unless you say."""
    description: Description | None = None
    """Shown to the customer."""
    meta: Meta = None
    payment_method: Payer | None = None

    def payment(self, merchant: Merchant, mode: Mode, now: datetime) -> Payment:
        """The payment that this order opens."""
        return Payment(
            session_id=session_id(merchant.salt, mode, self.tx_ref),
            merchant_id=merchant.merchant_id,
            mode=mode,
            tx_ref=self.tx_ref,
            money=self.amount,
            customer=Customer(
                name=self.customer.name, email=self.customer.email, phone=self.customer.phone
            ),
            status=Status.PENDING,
            version=1,
            created_at=now,
            updated_at=now,
            expires_at=now + SESSION_LIFE,
            description=self.description or None,
            meta=self.meta,
            redirect_url=self.redirect_url,
            webhook_url=self.webhook_url,
        )
