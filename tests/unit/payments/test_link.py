import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.link import LINK_ID, SLUG, Standing, link_id, slug_of, tx_ref_of
from payments.references import may_be_tx_ref
from tests.examples import LINK, NOW

ENDS_SOON = replace(LINK, expires_at=NOW + timedelta(minutes=1))


def test_an_open_link_can_be_paid() -> None:
    assert LINK.standing_at(NOW) is Standing.OPEN


def test_a_link_expires_at_its_very_moment() -> None:
    assert ENDS_SOON.standing_at(NOW + timedelta(seconds=59)) is Standing.OPEN
    assert ENDS_SOON.standing_at(NOW + timedelta(seconds=60)) is Standing.EXPIRED


@pytest.mark.parametrize(("uses", "standing"), [(2, "open"), (3, "used_up"), (4, "used_up")])
def test_a_link_is_used_up_at_its_last_use(uses: int, standing: str) -> None:
    assert replace(LINK, max_uses=3, uses=uses).standing_at(NOW) == standing


def test_uses_end_nothing_where_everyone_may_pay() -> None:
    assert replace(LINK, uses=10**6).standing_at(NOW) is Standing.OPEN


def test_what_the_merchant_did_is_said_before_what_time_did() -> None:
    closed = replace(ENDS_SOON, active=False, max_uses=1, uses=1)
    assert closed.standing_at(NOW + timedelta(days=1)) is Standing.DEACTIVATED
    expired = replace(closed, active=True)
    assert expired.standing_at(NOW + timedelta(days=1)) is Standing.EXPIRED


def test_an_id_follows_from_its_digest() -> None:
    assert link_id(bytes(range(32))) == link_id(bytes(range(32))) == "lnk_43f213wip34v"
    assert link_id(bytes(range(1, 33))) != link_id(bytes(range(32)))


def test_ids_without_a_digest_are_all_different() -> None:
    ids = {link_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(LINK_ID.fullmatch(made) for made in ids)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Monthly fee Jun", "monthly-fee-jun-uvwxyz"),
        ("  Frais d'Été & Noël!", "frais-d-ete-noel-uvwxyz"),
        ("李雷", "link-uvwxyz"),
        ("☕ --- ☕", "link-uvwxyz"),
        ("A", "a-uvwxyz"),
        ("x" * 100, f"{'x' * 48}-uvwxyz"),
        (f"{'x' * 47} y", f"{'x' * 47}-uvwxyz"),
    ],
)
def test_a_slug_can_be_read_aloud(name: str, slug: str) -> None:
    assert slug_of(name, "lnk_000000uvwxyz") == slug


@given(st.text(min_size=1, max_size=100))
def test_a_slug_of_any_name_is_a_slug(name: str) -> None:
    assert SLUG.fullmatch(slug_of(name, link_id()))


@pytest.mark.parametrize(
    "slug",
    ["", "ab", "-ab", "ab-", "x" * 61, "Ab-c", "a_b", "a b", "été", "abc\n", "a/b", "\u0661bc"],
)
def test_what_is_no_slug(slug: str) -> None:
    assert not SLUG.fullmatch(slug)


@pytest.mark.parametrize("slug", ["abc", "a-b", "123", "x" * 60])
def test_what_is_a_slug(slug: str) -> None:
    assert SLUG.fullmatch(slug)


def test_one_form_of_one_link_is_one_reference() -> None:
    made = tx_ref_of(LINK, "token")
    assert re.fullmatch(r"LNK-[0-9A-Z]{24}", made)
    assert may_be_tx_ref(made)
    other = replace(LINK, link_id="lnk_zzzzzzzzzzzz")
    assert (
        len({made, tx_ref_of(LINK, "token"), tx_ref_of(LINK, "t"), tx_ref_of(other, "token")}) == 3
    )
