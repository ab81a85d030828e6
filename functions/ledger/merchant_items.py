"""How merchants and their keys lie in the Merchants table.

("MERCHANT#<merchant_id>", "PROFILE") and ("KEY#<public_key>", "KEY"); moments are ISO-8601 texts,
which compare in conditions as time does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from ledger.plan_items import limits_record, plan_record, read_plan
from payments.clock import iso, parse_iso
from payments.merchant import ApiKey, Merchant
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

PROFILE = "PROFILE"


def profile_key(merchant_id: str) -> "dict[str, AttributeValueTypeDef]":
    """Make the primary key of a merchant's profile."""
    return to_item({"pk": f"MERCHANT#{merchant_id}", "sk": PROFILE})


def pair_key(public_key: str) -> "dict[str, AttributeValueTypeDef]":
    """Make the primary key of an issued pair."""
    return to_item({"pk": f"KEY#{public_key}", "sk": "KEY"})


def profile_item(merchant: Merchant) -> "dict[str, AttributeValueTypeDef]":
    """Write a merchant as it is stored."""
    return profile_key(merchant.merchant_id) | to_item(
        {
            "merchant_id": merchant.merchant_id,
            "name": merchant.name,
            "salt": merchant.salt.hex(),
            "routes": merchant.routes,
            "public_keys": merchant.public_keys,
            "plan": plan_record(merchant.plan),
            "created_at": iso(merchant.created_at),
            "logo_digest": merchant.logo_digest,
        },
    )


def pair_item(key: ApiKey) -> "dict[str, AttributeValueTypeDef]":
    """Write an issued pair as it is stored."""
    return pair_key(key.public_key) | to_item(
        {
            "merchant_id": key.merchant_id,
            "mode": key.mode,
            "secret_hash": key.secret_hash,
            "created_at": iso(key.created_at),
            "revoked_at": iso(key.revoked_at) if key.revoked_at else None,
            **limits_record(key.plan),
        },
    )


def read_profile(item: Mapping[str, Any]) -> Merchant:
    """Read the merchant that a stored item holds."""
    stored = from_item(item)
    return Merchant(
        merchant_id=stored["merchant_id"],
        name=stored["name"],
        salt=bytes.fromhex(stored["salt"]),
        created_at=parse_iso(stored["created_at"]),
        routes={method: tuple(names) for method, names in stored.get("routes", {}).items()},
        public_keys=stored.get("public_keys", frozenset()),
        plan=read_plan(stored["plan"]),
        logo_digest=stored.get("logo_digest"),
    )


def read_pair(stored: Mapping[str, Any]) -> ApiKey:
    """Read the issued pair that a stored record holds."""
    revoked_at = stored.get("revoked_at")
    return ApiKey(
        public_key=stored["pk"].removeprefix("KEY#"),
        merchant_id=stored["merchant_id"],
        mode=Mode(stored["mode"]),
        secret_hash=stored["secret_hash"],
        created_at=parse_iso(stored["created_at"]),
        revoked_at=parse_iso(revoked_at) if revoked_at else None,
        plan=read_plan(stored["plan"]),
    )
