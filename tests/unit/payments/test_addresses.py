from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.addresses import (
    LONGEST,
    check_address,
    check_webhook_address,
    on_the_wire,
    with_query,
)
from payments.errors import UnusableAddress
from payments.mode import Mode

BOTH = pytest.mark.parametrize("mode", list(Mode))


def check(text: str, mode: Mode = Mode.LIVE, *, loopback_allowed: bool = False) -> str:
    return check_address(text, mode, loopback_allowed=loopback_allowed)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example",
        "https://shop.example/thanks?order=1&lang=rw#top",
        "https://shop.example:8443/thanks",
        "HTTPS://SHOP.EXAMPLE/",
        "https://iduka.example/murakoze/é",
    ],
)
def test_https_is_taken_as_it_was_written(text: str, mode: Mode) -> None:
    assert check(text, mode) == text


def test_http_is_for_test_mode_alone() -> None:
    assert check("http://shop.example/", Mode.TEST) == "http://shop.example/"
    with pytest.raises(UnusableAddress, match="In live mode"):
        check("http://shop.example/", Mode.LIVE)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_http_on_this_machine_is_taken_in_live_mode_only_by_the_setting(host: str) -> None:
    text = f"http://{host}:8001/webhooks"
    assert check(text, loopback_allowed=True) == text
    with pytest.raises(UnusableAddress, match="In live mode"):
        check(text)


@pytest.mark.parametrize(
    "text",
    ["http://shop.example/", "http://127.0.0.1.shop.example/", "http://localhost.shop.example/"],
)
def test_the_setting_is_for_this_machine_and_no_other(text: str) -> None:
    with pytest.raises(UnusableAddress, match="In live mode"):
        check(text, loopback_allowed=True)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://shop.example",
        "data:text/html,<script>",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "//shop.example/",
        "/thanks",
        "shop.example/thanks",
        "https:",
        "https://",
        "https:///thanks",
        "https://?x=1",
        "https:shop.example",
        "mailto:aline@example.com",
    ],
)
def test_only_full_web_addresses_are_taken(text: str, mode: Mode) -> None:
    with pytest.raises(UnusableAddress, match="begins with https"):
        check(text, mode, loopback_allowed=True)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example@evil.example/",
        "https://user:pass@shop.example/",
        "https://:pass@shop.example/",
        "https://user@shop.example/",
    ],
)
def test_no_user_name_or_password_is_taken(text: str, mode: Mode) -> None:
    with pytest.raises(UnusableAddress, match="user name"):
        check(text, mode, loopback_allowed=True)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/\x00",
        "https://shop.example/ thanks",
        " https://shop.example/",
        "java\tscript:alert(1)",
        "https://shop.example/\x7f",
        "https://shop.example/\x85",
        "https://shop.example/\u2028",
        "https://shop.example\\@evil.example/",
        "https:\\\\shop.example",
        "https://shop.example:99999/",
        "https://shop.example:port/",
        "https://[::1/",
        "https://shop.example/" + "a" * LONGEST,
    ],
)
def test_what_browsers_read_otherwise_is_not_taken(text: str, mode: Mode) -> None:
    with pytest.raises(UnusableAddress, match="not a web address"):
        check(text, mode, loopback_allowed=True)


@given(rest=st.text(), mode=st.sampled_from(Mode), loopback_allowed=st.booleans())
def test_any_text_is_an_address_or_plainly_refused(
    rest: str, mode: Mode, *, loopback_allowed: bool
) -> None:
    try:
        text = check(f"https://{rest}", mode, loopback_allowed=loopback_allowed)
    except UnusableAddress:
        return
    assert "@" not in urlsplit(text).netloc


def test_facts_join_the_query_that_an_address_has() -> None:
    assert (
        with_query("https://shop.example/thanks?order=1&lang=", [("status", "successful")])
        == "https://shop.example/thanks?order=1&lang=&status=successful"
    )


def test_our_facts_win_over_the_same_names_however_often() -> None:
    address = "https://shop.example/?status=paid&a=1&status=yes&reference=x"
    assert (
        with_query(address, [("reference", "ORDER-1"), ("status", "failed")])
        == "https://shop.example/?a=1&reference=ORDER-1&status=failed"
    )


def test_the_fragment_stays_behind_the_query() -> None:
    assert (
        with_query("https://shop.example/a#top", [("s", "1")]) == "https://shop.example/a?s=1#top"
    )


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), min_size=1))
def test_facts_of_any_text_are_read_back_as_they_were(facts: dict[str, str]) -> None:
    address = with_query("https://shop.example/?kept=1", facts.items())
    read = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    assert read == {"kept": "1"} | facts


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://iduka.example/a%20b?x=1#f", "https://iduka.example/a%20b?x=1#f"),
        ("https://iduka.example/murakoze/é", "https://iduka.example/murakoze/%C3%A9"),
        (
            "https://café.example:8443/?q=é&r=%C3",
            "https://xn--caf-dma.example:8443/?q=%C3%A9&r=%C3",
        ),
    ],
)
def test_letters_beyond_ascii_travel_encoded(written: str, sent: str) -> None:
    assert on_the_wire(written) == sent


# -------------------------------------------------------------------- webhook endpoints
def check_webhook(text: str, mode: Mode = Mode.LIVE, *, loopback_allowed: bool = False) -> str:
    return check_webhook_address(text, mode, loopback_allowed=loopback_allowed)


@BOTH
@pytest.mark.parametrize("text", ["https://shop.example/in?x=1", "https://shop.example:443/"])
def test_a_webhook_goes_to_https(text: str, mode: Mode) -> None:
    assert check_webhook(text, mode) == text


@pytest.mark.parametrize(
    "text",
    ["https://shop.example:8443/", "http://shop.example/", "http://shop.example:8443/"],
)
def test_a_rehearsed_webhook_goes_to_more_ports(text: str) -> None:
    assert check_webhook(text, Mode.TEST) == text
    with pytest.raises(UnusableAddress):
        check_webhook(text, Mode.LIVE)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@shop.example/",
        "https://user:pw@shop.example/",
        "http://localhost@shop.example:9/",
        "http://localhost.shop.example:9/",
        "https://shop.example:99999/",
        "https://shop.example:22/",
        "https://shop.example:0/",
        "https://shop.example\\@evil.example/",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://sh\u00f8p..example/",
        "https://[::1/",
    ],
)
@pytest.mark.parametrize("loopback_allowed", [True, False])
def test_an_address_that_no_delivery_could_use_is_refused(
    text: str, mode: Mode, *, loopback_allowed: bool
) -> None:
    with pytest.raises(UnusableAddress):
        check_webhook(text, mode, loopback_allowed=loopback_allowed)


@BOTH
@pytest.mark.parametrize(
    "text", ["http://localhost:8090/webhooks", "http://127.0.0.1:1/", "https://[::1]:8090/"]
)
def test_a_webhook_goes_to_loopback_on_the_local_stack_alone(text: str, mode: Mode) -> None:
    assert check_webhook(text, mode, loopback_allowed=True) == text
    with pytest.raises(UnusableAddress):
        check_webhook(text, mode)
