import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import PhoneFault, UnusablePhone
from payments.phone import (
    BETWEEN_DIGITS,
    GOOD_NUMBERS,
    NETWORKS,
    Network,
    Phone,
    parse_phone,
)


@pytest.mark.parametrize(
    "text",
    [
        "0788123456",
        "788123456",
        "250788123456",
        "+250788123456",
        "+250 788 123 456",
        "0788 123 456",
        "0788-123-456",
        "0788.123.456",
        "+250 (788) 123456",
        " 0788123456 ",
        "00250788123456",
        "2500788123456",
    ],
)
def test_reads_what_rwandans_write(text: str) -> None:
    assert parse_phone(text) == Phone("788123456")


def test_reads_a_country_code_before_the_leading_zero() -> None:
    assert parse_phone("2500782589800").national == "0782589800"


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("0781234567", Network.MTN),
        ("0791234567", Network.MTN),
        ("0721234567", Network.AIRTEL),
        ("0731234567", Network.AIRTEL),
    ],
)
def test_knows_the_network_by_the_prefix(text: str, network: Network) -> None:
    assert parse_phone(text).network is network


def test_is_rendered_in_national_form_and_with_the_country_code() -> None:
    phone = parse_phone("788123456")
    assert (phone.national, phone.msisdn) == ("0788123456", "250788123456")


@pytest.mark.parametrize(
    "text", ["0771234567", "+250771234567", "0741234567", "0751234567", "0761234567", "0252123456"]
)
def test_refuses_a_number_without_a_wallet_and_names_the_good_ones(text: str) -> None:
    with pytest.raises(UnusablePhone) as refused:
        parse_phone(text)
    assert "No Rwandan wallet" in str(refused.value)
    assert refused.value.fault is PhoneFault.NO_WALLET
    assert all(prefix in str(refused.value) for prefix in ("078", "079", "072", "073"))


@pytest.mark.parametrize(
    "text",
    [
        "+254712345678",
        "+25776123456",
        "+14155552671",
        "+33612345678",
        "+256772123456",
        "00254712345678",
    ],
)
def test_refuses_a_foreign_number(text: str) -> None:
    with pytest.raises(UnusablePhone, match="No Rwandan wallet"):
        parse_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "078812345a",
        "0788123456 ext 5",
        "0788123456;ext=5",
        "0788123456x5",
        "tel:0788123456",
        "07-RWANDA-1",
        "٠٧٨٨١٢٣٤٥٦",
        "0788123456\n0788123457",
        "0788123456\0",
        "4111111111111111111111111111",
        "+",
        "0788",
    ],
)
def test_refuses_what_is_no_phone_number(text: str) -> None:
    with pytest.raises(UnusablePhone) as refused:
        parse_phone(text)
    assert GOOD_NUMBERS in str(refused.value)
    assert refused.value.fault is PhoneFault.UNREADABLE


@pytest.mark.parametrize("text", ["078812345", "07881234567", "+0788123456", "4111111111111111"])
def test_refuses_a_number_of_the_wrong_length(text: str) -> None:
    with pytest.raises(UnusablePhone):
        parse_phone(text)


@given(st.sampled_from(sorted(NETWORKS)), st.text("0123456789", min_size=7, max_size=7))
def test_every_number_of_a_wallet_reads_back_from_every_form(prefix: str, rest: str) -> None:
    phone = Phone(prefix + rest)
    written = (phone.subscriber, phone.national, phone.msisdn, f"+{phone.msisdn}")
    assert {parse_phone(form) for form in written} == {phone}


@given(
    st.sampled_from(["", "+", "0", "00", "+250", "250", "00250", "2500", "+2500", "254", "+1"]),
    st.sampled_from(["7", "78", "79", "72", "73", "77", "75", "70", "25", "0"]),
    st.text("0123456789 -.()", min_size=5, max_size=10),
)
def test_the_public_library_of_phone_numbers_reads_the_same(
    before: str, prefix: str, rest: str
) -> None:
    text = before + prefix + rest
    ours, librarys = wallet_by_us(text), wallet_by_library(text)
    # It forgives one zero too many behind the country code.
    assert ours == librarys or (ours is None and "2500" in text.translate(BETWEEN_DIGITS))


def wallet_by_library(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "RW")
    except phonenumbers.NumberParseException:
        return None
    is_good = number.country_code == 250 and phonenumbers.is_valid_number(number)
    subscriber = str(number.national_number)
    return subscriber if is_good and subscriber[:2] in NETWORKS else None


def wallet_by_us(text: str) -> str | None:
    try:
        return parse_phone(text).subscriber
    except UnusablePhone:
        return None


@given(st.text())
def test_any_text_is_a_phone_number_or_plainly_refused(text: str) -> None:
    try:
        phone = parse_phone(text)
    except UnusablePhone:
        return
    assert parse_phone(phone.national) == phone
