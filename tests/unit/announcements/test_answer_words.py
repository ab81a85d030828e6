import pytest
from hypothesis import given
from hypothesis import strategies as st

from announcements.post import in_words


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"", None),
        (b"\x00\x1b\x7f", None),
        (b"ok", "ok"),
        (b"a\x00b\x1b[31mc\rd", "ab[31mcd"),
        (b"two\n\tlines", "two\n\tlines"),
        ("muraho ☕".encode(), "muraho ☕"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 5000, "x" * 1000),
        ("é".encode() * 5000, "é" * 750),
        ("☕".encode() * 5000, "☕" * 500),
    ],
)
def test_the_beginning_of_an_answer_is_kept(said: bytes, kept: str | None) -> None:
    assert in_words(said) == kept


@given(st.binary(max_size=20_000))
def test_whatever_is_answered_stays_small_and_plain(said: bytes) -> None:
    kept = in_words(said) or ""
    assert len(kept) <= 1000
    assert len(kept.encode()) <= 1500
    assert all(sign >= " " or sign in "\n\t" for sign in kept)
