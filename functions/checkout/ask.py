"""What somebody asks for who wants to pay, whichever page they stand on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payments.payment import Method

if TYPE_CHECKING:
    from payments.phone import Network, Phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """How this try wants to be paid."""

    method: Method
    payer_name: str
    payer_email: str
    decline_is_final: bool
    phone: "Phone | None" = None
    network: "Network | None" = None
    """The wallet's network; the payer's word outweighs the number's prefix."""
    bank: str | None = None
    idempotency_hash: str | None = None
    request_hash: str | None = None
