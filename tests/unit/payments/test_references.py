import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.mode import Mode
from payments.references import (
    BASE36,
    attempt_ref,
    event_id,
    event_of,
    looks_like_session_id,
    payment_of,
    session_id,
    transaction_id,
)

SALT = bytes(range(32))
PAID_AT = datetime(2024, 12, 15, 14, 30, tzinfo=UTC)
SESSION_IDS = st.text(BASE36, min_size=16, max_size=16).map("CHK-{}".format)


@given(st.binary(min_size=32, max_size=32), st.sampled_from(Mode), st.text())
def test_a_session_id_has_its_shape_and_is_always_the_same(
    salt: bytes, mode: Mode, tx_ref: str
) -> None:
    made = session_id(salt, mode, tx_ref)
    assert re.fullmatch(r"CHK-[0-9A-Z]{16}", made)
    assert looks_like_session_id(made)
    assert made == session_id(salt, mode, tx_ref)


def test_a_session_id_never_changes_between_releases() -> None:
    assert session_id(SALT, Mode.LIVE, "ORDER-1") == "CHK-WP5972G8UK191AT7"


def test_salt_mode_and_tx_ref_each_lead_to_another_session() -> None:
    made = {
        session_id(SALT, Mode.LIVE, "ORDER-1"),
        session_id(SALT[::-1], Mode.LIVE, "ORDER-1"),
        session_id(SALT, Mode.TEST, "ORDER-1"),
        session_id(SALT, Mode.LIVE, "ORDER-2"),
        session_id(SALT, Mode.LIVE, "order-1"),
    }
    assert len(made) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CHK-",
        "CHK-0123456789ABCDE",
        "CHK-0123456789ABCDEF0",
        "chk-0123456789ABCDEF",
        "CHK-0123456789abcdef",
        "CHK-0123456789ABCDEF\n",
        " CHK-0123456789ABCDEF",
        "CHK-0123456789ABCDE٣",
        "ORDER-1",
    ],
)
def test_what_is_not_quite_a_session_id_is_not_taken_for_one(text: str) -> None:
    assert not looks_like_session_id(text)


@given(SESSION_IDS, st.integers(1, 99))
def test_an_attempt_reference_leads_back_to_its_payment(payment_id: str, number: int) -> None:
    reference = attempt_ref(payment_id, number)
    assert re.fullmatch(r"[0-9A-Z]{18}", reference)
    assert payment_of(reference) == (payment_id, number)


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "0123456789ABCDEF0",
        "0123456789ABCDEF011",
        "0123456789ABCDEFG1",
        "0123456789abcdef01",
        "0123456789ABCDEF01\n",
        "0123456789ABCDEF0\u0661",
        "../../0123456789AB",
        "CHK-0123456789ABCDEF",
    ],
)
def test_a_malformed_attempt_reference_leads_nowhere(reference: str) -> None:
    assert payment_of(reference) is None


def test_an_event_id_names_the_payment_and_its_version() -> None:
    assert event_id("CHK-0123456789ABCDEF", 3) == "evt_0123456789ABCDEF_3"


@given(SESSION_IDS, st.integers(1, 9_999_999_999))
def test_an_event_id_leads_back_to_its_event(payment_id: str, version: int) -> None:
    assert event_of(event_id(payment_id, version)) == (payment_id, version)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evt_0123456789ABCDEF",
        "evt_0123456789ABCDEF_",
        "evt_0123456789ABCDEF_0",
        "evt_0123456789ABCDEF_03",
        "evt_0123456789ABCDEF_-1",
        "evt_0123456789ABCDEF_3\n",
        "evt_0123456789ABCDEF_\u0663",
        "evt_0123456789ABCDEF_12345678901",
        "evt_0123456789abcdef_3",
        "EVT_0123456789ABCDEF_3",
        "evt_CHK-0123456789ABCDEF_3",
        "CHK-0123456789ABCDEF",
    ],
)
def test_a_malformed_event_id_leads_nowhere(text: str) -> None:
    assert event_of(text) is None


@pytest.mark.parametrize("mode", list(Mode))
def test_a_transaction_id_has_the_form_of_the_documentation(mode: Mode) -> None:
    made = transaction_id("0123456789ABCDEF01", mode, PAID_AT)
    assert re.fullmatch(rf"PAY-{mode.upper()}-[0-9A-Z]{{8}}-20241215143000", made)


def test_a_transaction_id_gives_nothing_of_the_reference_away() -> None:
    mark = transaction_id("0123456789ABCDEF01", Mode.LIVE, PAID_AT).split("-")[2]
    assert mark not in "0123456789ABCDEF01"
    assert mark != transaction_id("0123456789ABCDEF02", Mode.LIVE, PAID_AT).split("-")[2]
