"""What the peers share: the order's rules in pydantic, the tables by boto3.

As good a hand would write it: keys by the hash of their secret, read each time so that a revoked
one stops at once; the merchant kept; one conditional put.
"""

import hashlib
import hmac
import json
import os
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import boto3
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SESSION_ID = re.compile(r"CHK-[0-9A-Z]{16}")

Address = Annotated[str, Field(pattern=r"^https://", max_length=2000)]

dynamodb = boto3.client("dynamodb")
merchants: "dict[str, Item]" = {}


class NotAuthenticated(Exception):
    """No active key fits."""


class DuplicateReference(Exception):
    """The tx_ref was used before."""


class Customer(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
    phone: Annotated[str, Field(pattern=r"^(\+?250|0)7[2389]\d{7}$")]


class Order(BaseModel):
    amount: Annotated[Decimal, Field(ge=100, le=10_000_000)]
    currency: Literal["RWF", "USD", "EUR"] = "RWF"
    tx_ref: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^/?#%\\]+$")]
    customer: Customer
    redirect_url: Address | None = None
    webhook_url: Address | None = None
    description: Annotated[str, Field(max_length=500)] | None = None
    meta: dict[str, Any] | None = None


class Opened(BaseModel):
    reference: str
    session_id: str
    payment_url: str
    status: str
    amount: int
    currency: str
    mode: str
    expires_at: str


class OpenedAnswer(BaseModel):
    success: bool
    message: str
    data: Opened


class Verified(BaseModel):
    status: str
    completed: bool
    success: bool
    message: str
    elapsed_seconds: int
    mode: str


def authenticate(public_key: str, secret: str) -> "Item":
    """Read an active key. Raises NotAuthenticated."""
    key = read(os.environ["MERCHANTS_TABLE"], f"KEY#{public_key}", "KEY")
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if not key or "revoked_at" in key or not hmac.compare_digest(digest, key["secret_hash"]["S"]):
        raise NotAuthenticated
    return key


def opened(key: "Item", order: Order) -> OpenedAnswer:
    """Write the payment. Raises DuplicateReference."""
    merchant_id, mode = key["merchant_id"]["S"], key["mode"]["S"]
    if merchant_id not in merchants:
        found = read(os.environ["MERCHANTS_TABLE"], f"MERCHANT#{merchant_id}", "PROFILE")
        if found is None:
            raise NotAuthenticated
        merchants[merchant_id] = found
    session = session_id(bytes.fromhex(merchants[merchant_id]["salt"]["S"]), mode, order.tx_ref)
    now = datetime.now(UTC)
    expires_at = written(now + timedelta(hours=1))
    optional = {
        "redirect_url": order.redirect_url,
        "webhook_url": order.webhook_url,
        "description": order.description,
        "meta": json.dumps(order.meta) if order.meta else None,
    }
    try:
        dynamodb.put_item(
            TableName=os.environ["PAYMENTS_TABLE"],
            Item={
                "pk": {"S": session},
                "sk": {"S": "PAYMENT"},
                "merchant_id": {"S": merchant_id},
                "mode": {"S": mode},
                "owner": {"S": f"{merchant_id}#{mode}#payments"},
                "tx_ref": {"S": order.tx_ref},
                "amount": {"N": str(order.amount)},
                "currency": {"S": order.currency},
                "customer": {"M": {k: {"S": v} for k, v in order.customer.model_dump().items()}},
                **{name: {"S": value} for name, value in optional.items() if value is not None},
                "created_at": {"S": written(now)},
                "updated_at": {"S": written(now)},
                "expires_at": {"S": expires_at},
                "status": {"S": "pending"},
                "version": {"N": "1"},
                "attempts": {"M": {}},
            },
            ConditionExpression="attribute_not_exists(pk)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as refused:
        raise DuplicateReference from refused
    return OpenedAnswer(
        success=True,
        message="Checkout session created successfully",
        data=Opened(
            reference=order.tx_ref,
            session_id=session,
            payment_url=f"{os.environ['PUBLIC_BASE_URL']}/checkout/{session}",
            status="pending",
            amount=int(order.amount),
            currency=order.currency,
            mode=mode,
            expires_at=expires_at,
        ),
    )


def verified(session: str) -> Verified | None:
    """Read how a pending payment stands."""
    payment = read(os.environ["PAYMENTS_TABLE"], session, "PAYMENT")
    if payment is None:
        return None
    elapsed = datetime.now(UTC) - datetime.fromisoformat(payment["created_at"]["S"])
    return Verified(
        status=payment["status"]["S"],
        completed=False,
        success=False,
        message="Waiting for payment confirmation...",
        elapsed_seconds=int(elapsed.total_seconds()),
        mode=payment["mode"]["S"],
    )


def read(table: str, pk: str, sk: str) -> "Item | None":
    answer = dynamodb.get_item(
        TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
    )
    return answer.get("Item")


def session_id(salt: bytes, mode: str, tx_ref: str) -> str:
    number = int.from_bytes(hmac.digest(salt, f"{mode}|{tx_ref}".encode(), "sha256"))
    digits = ""
    for _ in range(16):
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return f"CHK-{digits}"


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
