"""Every way to pay, in every currency, with the providers that take it."""

import json
import re
from typing import Any

import pytest

from payments.payment import Method
from tests.integration.gateway import MTN, Gateway, Shop, make_machines

AIRTEL = "0738123456"
CUSTOMER = {"name": "John Doe", "email": "john@example.com", "phone": MTN}
ALL_OF_KPAY: dict[str, tuple[str, ...]] = dict.fromkeys(Method, ("kpay",))
WITH_RWANDAPAY = {**ALL_OF_KPAY, "mobile_money": ("rwandapay",)}


def shop_with(gateway: Gateway, **routes: tuple[str, ...]) -> Shop:
    """A merchant with these routes; with K-Pay for everything unless told otherwise."""
    return gateway.enrol("Many roads", routes=routes or ALL_OF_KPAY)


def sent(gateway: Gateway) -> Any:  # noqa: ANN401  # JSON is anything
    """What a provider was sent last."""
    return json.loads(gateway.internet.questions[-1].content)


def said_of(gateway: Gateway, shop: Shop, **changes: object) -> dict[str, list[str]]:
    """What is wrong with an order, field by field."""
    answer = gateway.initialize(
        {"amount": 5000, "tx_ref": "X", "customer": CUSTOMER, **changes}, shop.live
    )
    assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")
    told: dict[str, list[str]] = answer.json["error"]["fields"]
    return told


# -------------------------------------------------------------------- dollars and euros
def test_dollars_are_paid_by_card_through_kpay(gateway: Gateway) -> None:
    shop = shop_with(gateway)
    opened = gateway.initialize(
        {"amount": 12.50, "currency": "USD", "tx_ref": "X", "customer": CUSTOMER}, shop.live
    )
    assert (opened.status, '"amount":12.5,' in opened.text) == (201, True)
    session = opened.json["data"]["session_id"]
    assert "USD\N{NO-BREAK SPACE}12.50" in gateway.page(session).text
    gateway.pay(session, attempt="1", method="card")
    order = sent(gateway)
    assert (order["amount"], order["currency"]) == (12.5, "USD")
    assert (order["pmethod"], order["bankid"]) == ("cc", "000")
    (charge,) = gateway.till.charges.made
    assert (charge.amount, charge.currency) == (12.5, "USD")
    assert gateway.till.approve(charge.tid)
    gateway.internet.tick()
    told = gateway.verify(session).json
    assert (told["status"], told["amount"]) == ("successful", 12.5)
    assert "USD\N{NO-BREAK SPACE}12.50" in gateway.page(session).text


def test_a_dollar_too_much_in_kpays_answer_is_no_payment(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live, amount=12.5, currency="USD")
    gateway.internet.misbehave("kpay", "wrong_amount")
    gateway.process(session, method="card")
    gateway.approve(gateway.attempt(session).ref)
    gateway.internet.tick()
    assert gateway.payment(session).status == "pending"
    assert gateway.attempt(session).needs_review == "the provider states another sum"


def test_the_merchant_hears_of_dollars_as_they_were_asked_for(gateway: Gateway) -> None:
    make_machines()
    session = gateway.opened(shop_with(gateway).live, amount="12.50", currency="usd")
    gateway.process(session, method="card")
    gateway.approve(gateway.attempt(session).ref)
    gateway.internet.tick()
    gateway.pump()
    (event,) = gateway.events_of(session)
    assert '"amount":12.5,"currency":"USD"' in event["body"]


@pytest.mark.parametrize("method", sorted(set(Method) - {Method.CARD}))
def test_dollars_are_in_no_wallet_of_kpays(gateway: Gateway, method: str) -> None:
    session = gateway.opened(shop_with(gateway).live, amount=12.5, currency="USD")
    answer = gateway.process(session, method=method, bank="040")
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")
    assert gateway.internet.questions == []
    assert gateway.payment(session).attempts == ()


def test_euros_are_refused_where_no_provider_takes_them(gateway: Gateway) -> None:
    assert said_of(gateway, shop_with(gateway), amount=10, currency="EUR") == {
        "currency": ["No payment method of this merchant takes EUR; they take RWF, USD"]
    }
    assert gateway.items() == []


def test_dollars_are_refused_where_there_are_wallets_alone(gateway: Gateway) -> None:
    shop = shop_with(gateway, mobile_money=("kpay", "vpay", "dgspay"), card=("vpay",))
    assert said_of(gateway, shop, amount=10, currency="USD") == {
        "currency": ["No payment method of this merchant takes USD; they take RWF"]
    }


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_rwandapay_takes_euros_and_dollars(gateway: Gateway, currency: str) -> None:
    shop = shop_with(gateway, mobile_money=("kpay", "rwandapay"))
    session = gateway.opened(shop.live, amount=12.5, currency=currency)
    assert gateway.process(session).status == 200
    (charge,) = gateway.internet.rwandapay.charges
    assert (str(charge.amount), charge.currency) == ("12.5", currency)
    # K-Pay comes first in this merchant's order, but its wallets hold francs.
    assert [attempt.provider for attempt in gateway.payment(session).attempts] == ["rwandapay"]
    gateway.approve(gateway.attempt(session).ref)
    gateway.internet.tick()
    assert gateway.verify(session).json["amount"] == 12.5


@pytest.mark.parametrize("currency", [[], {}, 5, True, ["RWF"], {"USD": 1}])
def test_a_currency_that_is_no_word_is_refused_by_name(gateway: Gateway, currency: object) -> None:
    assert said_of(gateway, gateway.shop, currency=currency) == {
        "currency": ["Use RWF, USD or EUR"]
    }


@pytest.mark.parametrize("amount", [0.06, 689.66, "689.66"])
def test_the_limits_in_dollars_are_those_in_francs(gateway: Gateway, amount: object) -> None:
    session = gateway.opened(shop_with(gateway).live, amount=amount, currency="USD")
    assert gateway.process(session, method="card").status == 200


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0.05, "at least 0.06 USD"),
        (689.67, "at most 689.66 USD"),
        (0, "at least 0.06 USD"),
        (12.505, "finer than the smallest coin"),
    ],
)
def test_a_sum_of_dollars_beyond_the_limits_is_refused(
    gateway: Gateway, amount: float, message: str
) -> None:
    told = said_of(gateway, shop_with(gateway), amount=amount, currency="USD")
    assert told.keys() == {"amount"}
    assert message in told["amount"][0]


# -------------------------------------------------------------------- K-Pay's other methods
def test_spenn_asks_a_phone(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    assert gateway.process(session, method="spenn", phone=AIRTEL).status == 200
    order = sent(gateway)
    assert (order["pmethod"], order["bankid"], order["msisdn"]) == (
        "spenn",
        "63502",
        "250738123456",
    )
    attempt = gateway.attempt(session)
    assert (attempt.phone, attempt.network) == (AIRTEL, None)


def test_spenn_is_paid_from_the_page(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    gateway.pay(session, attempt="1", method="spenn", phone=MTN)
    gateway.approve(gateway.attempt(session).ref)
    gateway.internet.tick()
    assert 'data-state="paid"' in gateway.page(session).text


def test_smartcash_goes_on_at_the_provider(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    told = gateway.process(session, method="smartcash").json
    order = sent(gateway)
    assert (order["pmethod"], order["bankid"]) == ("smartcash", "000")
    assert told["data"]["authorization_url"].startswith("https://kpay.example/checkout/")
    assert gateway.attempt(session).phone is None


@pytest.mark.parametrize("bank", ["040", "130"])
def test_a_bank_is_named_by_its_code(gateway: Gateway, bank: str) -> None:
    session = gateway.opened(shop_with(gateway).live)
    assert gateway.process(session, method="bank", bank=bank).status == 200
    order = sent(gateway)
    assert (order["pmethod"], order["bankid"]) == ("bank", bank)
    assert gateway.attempt(session).bank == bank


def test_a_bank_is_chosen_on_the_page(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    text = gateway.page(session).text
    assert '<option value="040">Bank of Kigali</option>' in text
    assert '<option value="130">COGEBANQUE</option>' in text
    gateway.pay(session, attempt="1", method="bank", bank="130")
    assert sent(gateway)["bankid"] == "130"


@pytest.mark.parametrize("bank", ["999", "40", "0400", "000", "63510", "٠٤٠", "040 "])
def test_a_bank_that_no_provider_knows_is_not_available(gateway: Gateway, bank: str) -> None:
    session = gateway.opened(shop_with(gateway).live)
    answer = gateway.process(session, method="bank", bank=bank)
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")
    assert gateway.pay(session, attempt="1", method="bank", bank=bank).status == 422
    assert gateway.payment(session).attempts == ()
    assert gateway.internet.questions == []


@pytest.mark.parametrize("named", [{}, {"bank": ""}, {"bank": None}])
def test_a_bank_transfer_without_a_bank_names_the_field(
    gateway: Gateway, named: dict[str, str | None]
) -> None:
    session = gateway.opened(shop_with(gateway).live)
    answer = gateway.process(session, method="bank", **named)
    assert answer.status == 422
    assert answer.fields == {"bank"}
    assert gateway.payment(session).attempts == ()
    assert gateway.internet.questions == []


def test_a_missing_bank_is_told_beside_every_other_fault(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    assert gateway.process(session, method="bank", phone="12").fields == {"bank", "phone"}
    assert gateway.process(session, method="bank", bank=130).fields == {"bank"}


def test_a_form_of_the_page_without_a_bank_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    answer = gateway.pay(session, attempt="1", method="bank")
    assert answer.status == 422
    assert "not available" in answer.text
    assert gateway.payment(session).attempts == ()


def test_a_bank_is_no_concern_of_another_method(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway).live)
    assert gateway.process(session, method="card", bank="999").status == 200
    assert gateway.attempt(session).bank is None


@pytest.mark.parametrize("method", Method)
def test_a_method_of_which_there_is_no_route_is_not_available(
    gateway: Gateway, method: str
) -> None:
    routes = {named: ("kpay",) for named in Method if named != method}
    session = gateway.opened(shop_with(gateway, **routes).live)
    answer = gateway.process(session, method=method, bank="040")
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")


@pytest.mark.parametrize("provider", ["vpay", "dgspay", "rwandapay"])
@pytest.mark.parametrize("method", ["spenn", "smartcash", "bank"])
def test_a_route_to_a_provider_that_lacks_the_method_leads_nowhere(
    gateway: Gateway, method: str, provider: str
) -> None:
    shop = shop_with(gateway, **{method: (provider,), "mobile_money": ("kpay",)})
    session = gateway.opened(shop.live)
    assert gateway.process(session, method=method, bank="040").code == "METHOD_UNAVAILABLE"
    assert gateway.internet.questions == []


def test_a_card_goes_to_vpay_where_the_merchant_prefers_it(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway, card=("vpay", "kpay")).live)
    told = gateway.process(session, method="card").json
    assert sent(gateway)["payment_method"] == "card"
    assert told["data"]["authorization_url"].startswith("https://vpay.example/checkout/")


# -------------------------------------------------------------------- the network
@pytest.mark.parametrize(
    ("phone", "network", "bank_id", "name"),
    [
        (AIRTEL, "MTN", "63510", "MTN"),
        (MTN, "Airtel", "63514", "Airtel"),
        (MTN, None, "63510", "MTN"),
        (AIRTEL, None, "63514", "Airtel"),
    ],
)
def test_the_payers_word_outweighs_the_prefix(
    gateway: Gateway, phone: str, network: str | None, bank_id: str, name: str
) -> None:
    forced = {"network": network} if network else {}
    for provider, field, value in (
        ("kpay", "bankid", bank_id),
        ("dgspay", "mobile_money_network", name),
        ("rwandapay", "network", name),
    ):
        shop = shop_with(gateway, mobile_money=(provider,))
        session = gateway.opened(shop.live)
        assert gateway.process(session, phone=phone, **forced).status == 200
        assert sent(gateway)[field] == value
        assert gateway.attempt(session).network == name


def test_airtel_through_vpay_is_chosen_on_its_page(gateway: Gateway) -> None:
    shop = shop_with(gateway, mobile_money=("vpay",))
    session = gateway.opened(shop.live)
    told = gateway.process(session, phone=AIRTEL).json
    assert sent(gateway)["payment_method"] == "all"
    assert told["data"]["authorization_url"].startswith("https://vpay.example/checkout/")


def test_a_number_ported_to_mtn_that_vpay_will_not_take_goes_to_the_next(gateway: Gateway) -> None:
    shop = shop_with(gateway, mobile_money=("vpay", "kpay"))
    session = gateway.opened(shop.live)
    gateway.process(session, phone=AIRTEL, network="MTN")
    assert [a.provider for a in gateway.payment(session).attempts] == ["vpay", "kpay"]
    assert sent(gateway)["bankid"] == "63510"


def test_the_page_asks_for_the_network_too(gateway: Gateway) -> None:
    session = gateway.opened(shop_with(gateway, mobile_money=("dgspay",)).live)
    gateway.pay(session, attempt="1", phone=AIRTEL, network="MTN")
    assert sent(gateway)["mobile_money_network"] == "MTN"


# -------------------------------------------------------------------- what the page offers
def offered(gateway: Gateway, session: str) -> set[str]:
    """The methods that the page's forms bear."""
    return set(re.findall(r'name="method" value="(\w+)"', gateway.page(session).text))


@pytest.mark.parametrize(
    ("routes", "order", "methods"),
    [
        (ALL_OF_KPAY, {}, set(Method)),
        (ALL_OF_KPAY, {"amount": 12.5, "currency": "USD"}, {"card"}),
        ({"mobile_money": ("vpay",), "card": ("vpay",)}, {}, {"mobile_money", "card"}),
        ({"mobile_money": ("dgspay",), "card": ("dgspay",)}, {}, {"mobile_money"}),
        (WITH_RWANDAPAY, {}, set(Method)),
        (
            WITH_RWANDAPAY,
            {"amount": 12.5, "currency": "USD"},
            {"mobile_money", "card"},
        ),
        (
            WITH_RWANDAPAY,
            {"amount": 12.5, "currency": "EUR"},
            {"mobile_money"},
        ),
        ({"spenn": ("vpay",), "bank": ("rwandapay",), "smartcash": ("kpay",)}, {}, {"smartcash"}),
    ],
)
def test_the_page_offers_what_can_be_done_and_nothing_else(
    gateway: Gateway,
    routes: dict[str, tuple[str, ...]],
    order: dict[str, object],
    methods: set[str],
) -> None:
    shop = shop_with(gateway, **routes)
    session = gateway.opened(shop.live, **order)
    assert offered(gateway, session) == methods
    for number, method in enumerate(sorted(set(Method) - methods)):
        answer = gateway.pay(session, attempt="1", method=method, phone=MTN, bank="040")
        assert answer.status == 422, number
    assert gateway.payment(session).attempts == ()


def test_test_mode_offers_every_method_in_every_currency(gateway: Gateway) -> None:
    for currency in ("RWF", "USD", "EUR"):
        amount = 5000 if currency == "RWF" else 5
        session = gateway.opened(
            gateway.shop.test, amount=amount, currency=currency, tx_ref=currency
        )
        assert offered(gateway, session) == set(Method)
