import pytest

from payments.logo import MOST_BYTES, Logo, UnusableLogo

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"x" * 100


@pytest.mark.parametrize(
    ("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
def test_its_own_bytes_say_what_it_is(content: bytes, kind: str) -> None:
    assert Logo.of(content).content_type == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a",
        b"<html>",
        b" " + PNG,
        b"RIFF\x10\x00\x00\x00WAVE",
        b"RIFF",
    ],
)
def test_nothing_else_is_shown(content: bytes) -> None:
    with pytest.raises(UnusableLogo, match="PNG"):
        Logo.of(content)


def test_it_is_no_larger_than_a_page_may_weigh() -> None:
    assert len(Logo.of(PNG.ljust(MOST_BYTES, b"x")).content) == MOST_BYTES
    with pytest.raises(UnusableLogo, match="16384"):
        Logo.of(PNG.ljust(MOST_BYTES + 1, b"x"))


def test_another_picture_has_another_name() -> None:
    assert Logo.of(PNG).digest == Logo.of(PNG).digest != Logo.of(PNG + b"x").digest
