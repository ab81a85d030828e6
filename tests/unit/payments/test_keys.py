import string

import pytest

from payments import keys
from payments.mode import Mode


@pytest.fixture(params=list(Mode))
def pair(request: pytest.FixtureRequest) -> keys.KeyPair:
    return keys.mint(request.param)


def test_a_pair_has_the_prefixes_of_its_mode_and_49_characters_more(pair: keys.KeyPair) -> None:
    assert pair.public_key.startswith(f"pk_{pair.mode}_")
    assert pair.secret_key.startswith(f"sk_{pair.mode}_")
    assert len(pair.public_key) == len(pair.secret_key) == len("pk_live_") + 43 + 6


def test_a_fresh_key_has_a_good_form_and_tells_its_mode(pair: keys.KeyPair) -> None:
    assert keys.is_public_key(pair.public_key)
    assert keys.is_secret_key(pair.secret_key)
    assert keys.mode_of(pair.public_key) is keys.mode_of(pair.secret_key) is pair.mode


def test_the_two_keys_are_not_taken_for_each_other(pair: keys.KeyPair) -> None:
    assert not keys.is_public_key(pair.secret_key)
    assert not keys.is_secret_key(pair.public_key)


def test_no_two_pairs_are_alike() -> None:
    minted = [keys.mint(Mode.LIVE) for _ in range(100)]
    assert len({key for pair in minted for key in (pair.public_key, pair.secret_key)}) == 200


def test_any_one_wrong_character_is_refused(pair: keys.KeyPair) -> None:
    key = pair.public_key
    for place in range(len(key)):
        for sign in string.digits + string.ascii_letters + "_é":
            if sign != key[place]:
                typo = key[:place] + sign + key[place + 1 :]
                assert not keys.is_public_key(typo)
                assert keys.mode_of(typo) is None


def test_two_neighbours_swapped_are_refused(pair: keys.KeyPair) -> None:
    key = pair.secret_key
    for place in range(len(key) - 1):
        swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
        assert swapped == key or not keys.is_secret_key(swapped)


@pytest.mark.parametrize("change", [" {}", "{}\n", "{}0", "", "pk_live_", "é{}", "\ud800", "{}\0"])
def test_what_is_not_quite_a_key_is_refused(pair: keys.KeyPair, change: str) -> None:
    assert not keys.is_public_key(change.format(pair.public_key))


def test_a_live_key_relabelled_as_a_test_key_is_refused() -> None:
    live = keys.mint(Mode.LIVE).secret_key
    assert not keys.is_secret_key(live.replace("sk_live_", "sk_test_"))


def test_a_secret_is_known_by_its_hash(pair: keys.KeyPair) -> None:
    kept = keys.hash_secret(pair.secret_key)
    assert pair.secret_key not in kept
    assert len(kept) == 64
    assert keys.is_secret_of(pair.secret_key, kept)
    assert not keys.is_secret_of(keys.mint(pair.mode).secret_key, kept)


@pytest.mark.parametrize("stranger", ["", "sk_live_é", "密码", "\ud800", "\0"])
def test_a_secret_that_is_not_ascii_is_compared_and_found_wrong(
    pair: keys.KeyPair, stranger: str
) -> None:
    assert not keys.is_secret_of(stranger, keys.hash_secret(pair.secret_key))
    assert not keys.same(stranger, pair.secret_key)
    assert keys.same(stranger, stranger)


def test_a_pair_does_not_show_its_secret_when_printed(pair: keys.KeyPair) -> None:
    assert pair.secret_key not in repr(pair)
