"""Who pays by a link, and where the link leaves it open how much: the fields of its form."""

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from payments.link import Link, tx_ref_of
from payments.payment import SESSION_LIFE, Customer, Payment
from payments.references import session_id
from payments.status import Status
from plumbing import wiring
from plumbing.fields import Amount, Asked, Email, PhoneText, Text
from plumbing.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# People write 12,500 and 12 500, where JSON has no such thing.
GROUPED = re.compile(r"\s*[0-9]{1,3}([ ,][0-9]{3})+(\.[0-9]+)?\s*", re.ASCII)


def read_grouped(text: str) -> str:
    """An amount without the marks between its thousands."""
    return text.replace(",", "").replace(" ", "") if GROUPED.fullmatch(text) else text


class Payer(Asked):
    """Who pays."""

    name: Text
    email: Email
    phone: PhoneText


class PayerOfAnySum(Payer):
    """Who pays, and how much."""

    currency: str
    """The link's, which the amount is read in."""
    amount: Annotated[Amount, BeforeValidator(read_grouped)]


def payment_of(link: Link, fields: "Mapping[str, str]") -> Payment:
    """The payment that a form opens; the same `once` leads to the same payment.

    It expires as every payment does, even after its link; a link without a description is
    described by its name. Raises InvalidRequest.
    """
    merchant = wiring.merchant(link.merchant_id)
    asked = {name: fields[name] for name in ("name", "email", "phone") if name in fields}
    money = link.money
    if money is None:
        amount = {"amount": fields["amount"]} if "amount" in fields else {}
        chosen = PayerOfAnySum.read(
            {**asked, **amount, "currency": link.currency}, terms_of(merchant, link.mode)
        )
        payer: Payer = chosen
        money = chosen.amount
    else:
        payer = Payer.read(asked)
    now = wiring.outside.clock()
    tx_ref = tx_ref_of(link, fields.get("once", ""))
    return Payment(
        session_id=session_id(merchant.salt, link.mode, tx_ref),
        merchant_id=link.merchant_id,
        mode=link.mode,
        tx_ref=tx_ref,
        money=money,
        customer=Customer(name=payer.name, email=payer.email, phone=payer.phone),
        status=Status.PENDING,
        version=1,
        created_at=now,
        updated_at=now,
        expires_at=now + SESSION_LIFE,
        link_id=link.link_id,
        description=link.description or link.name,
        redirect_url=link.redirect_url,
    )
