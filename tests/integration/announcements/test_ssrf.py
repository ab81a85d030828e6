"""No address of a merchant leads inside, by whatever way it is given and however it is written.

Counted where the connection is made: the network remembers whom it would have called.
"""

import ipaddress
import socket
from collections.abc import Iterator, Mapping, Sequence

import pytest

from announcements.deliver import NotDelivered
from announcements.post import post
from announcements.public_network import Rules, is_plainly_public
from payments.addresses import WEBHOOK_PORTS
from payments.mode import Mode
from plumbing import wiring
from tests.figures import publish
from tests.integration.announcements.asking import ENDPOINT, sent
from tests.integration.announcements.outward import Names
from tests.integration.gateway import ORDER, Gateway
from tests.recording_network import LOOKUPS_THAT_FAIL, RecordingNetwork
from tests.unit.announcements.inward_addresses import INWARD, WRITTEN

PUBLIC = "1.1.1.1"
ODD_PORTS = (1, 22, 25, 81, 2375, 3306, 6379, 8000, 8080, 8444, 9200, 65535, 65536, -1)
BOTH_MODES = pytest.mark.parametrize("mode", list(Mode))
# Whatever a parser and a browser may read otherwise than each other.
TRICKS = (
    "https://127.0.0.1./",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://127%2e0%2e0%2e1/",
    "https://%31%32%37.0.0.1/",
    "https://１２７.０.０.１/",  # noqa: RUF001  # the very point of it
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://ⓛocalhost/",
    "https://[::ffff:7f00:1]/",
    "https://[::1%25lo]/",
    "https://[::1%lo]/",
    "https://[fe80::1%25eth0]/",
    "https://[0:0:0:0:0:ffff:127.0.0.1]/",
    "https://[::1].nip.example/",
    "https://public.example@127.0.0.1/",
    "https://127.0.0.1@public.example/",
    "https://public.example:443@127.0.0.1/",
    "https://user:pass@public.example/",
    "https://127.0.0.1#@public.example/",
    "https://127.0.0.1?@public.example/",
    "https://public.example\\@127.0.0.1/",
    "https://127.0.0.1\\.public.example/",
    "https:///127.0.0.1/",
    "https:127.0.0.1/",
    "//127.0.0.1/",
    "https://127.0.0.1\t/",
    "https://127.0.0.1\r\nHost: public.example/",
    "https://127.0.0.1%00.public.example/",
    "https://127.0.0.1\x00.public.example/",
    "https://-127.0.0.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0000000177.0.0.1/",
    "https://127.0x0.00.1/",
    "https://340282366920938463463374607431768211455/",
    "https://[::]/",
    "https://0.0.0.0:443/",
    "https://two-faces.example/",
    "https://inside.example/",
    "https://gone.example/",
    "https://nothing.example/",
    "https://a..example/",
    "https://" + "a" * 64 + ".example/",
    "https://.example/",
    "https://./",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/stat",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "jar:https://127.0.0.1!/",
    "data:text/plain,x",
)
NAMES: Mapping[str, Sequence[Sequence[str] | Exception]] = {
    "localhost": [["127.0.0.1", "::1"]],
    "public.example": [[PUBLIC]],
    "inside.example": [["10.0.0.7"]],
    "two-faces.example": [[PUBLIC, "192.168.1.1"]],
    "gone.example": [socket.gaierror(socket.EAI_NONAME, "Name or service not known")],
    "nothing.example": [[]],
}


def as_host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def corpus() -> list[str]:
    """Every address that a merchant may give, and that must lead nowhere."""
    hosts = [as_host(address) for address in (*INWARD, *WRITTEN)]
    urls = [f"{scheme}://{host}/hook" for host in hosts for scheme in ("https", "http")]
    ports = [f"https://public.example:{port}/" for port in ODD_PORTS]
    inward_ports = [f"https://127.0.0.1:{port}/" for port in (22, 8443, 4566)]
    return list(dict.fromkeys([*urls, *TRICKS, *ports, *inward_ports]))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """The machine's way to name servers, which no test may go: outside of every library of ours."""
    known = Names(NAMES)
    monkeypatch.setattr(socket, "getaddrinfo", known)
    return known


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, names: Names) -> Iterator[RecordingNetwork]:
    """The way to merchants, as the deployment takes it."""
    assert names.asked == []
    recorded = RecordingNetwork()
    monkeypatch.setattr(wiring.outside, "merchants", recorded)
    yield recorded
    for host, _ in recorded.called:
        assert is_plainly_public(ipaddress.ip_address(host))


# -------------------------------------------------------------------- by the API
@BOTH_MODES
def test_no_order_makes_us_call_inside(
    gateway: Gateway, network: RecordingNetwork, mode: Mode
) -> None:
    pair = gateway.shop.live if mode is Mode.LIVE else gateway.shop.test
    gateway.opened(pair, tx_ref="CONTROL", webhook_url="https://public.example/hook")
    taken, refused = 0, 0
    for number, url in enumerate(corpus()):
        order = {**ORDER, "tx_ref": f"SSRF-{number}", "webhook_url": url}
        answer = gateway.initialize(order, pair)
        assert answer.status in {201, 422}, (url, answer.text)
        taken, refused = taken + (answer.status == 201), refused + (answer.status == 422)
    for payment in gateway.payments():
        gateway.pay(payment["pk"], leave="1")
    gateway.pump()
    assert deliver_all(gateway) == {"CONTROL": "delivered"}
    assert network.called == [(PUBLIC, 443)]
    assert taken > 60
    assert refused > 15
    publish(
        "SSRF corpus",
        f"{mode} orders: {taken + refused} addresses ({refused} refused at once, "
        f"{taken} at delivery), 0 connections",
    )


def deliver_all(gateway: Gateway) -> dict[str, str]:
    """Try to deliver every event once; the orders whose event arrived."""
    arrived = {}
    for event in [item for item in gateway.items() if item["sk"] != "PAYMENT"]:
        try:
            state = gateway.deliver(event["pk"], event["version"])["state"]
        except NotDelivered:
            continue
        arrived[gateway.payment(event["pk"]).tx_ref] = state
    return arrived


@BOTH_MODES
def test_no_endpoint_makes_us_call_inside(
    gateway: Gateway, network: RecordingNetwork, mode: Mode
) -> None:
    pair = gateway.shop.live if mode is Mode.LIVE else gateway.shop.test
    session = gateway.opened(pair, webhook_url=None)
    gateway.pay(session, leave="1")
    gateway.pump()
    version = gateway.payment(session).version
    given = corpus()
    for url in given:
        answer = sent(gateway, "PUT", ENDPOINT, {"url": url}, pair)
        assert answer.status in {200, 422}, (url, answer.text)
        if answer.status == 200:
            forget_tries(gateway, session)
            with pytest.raises(NotDelivered):
                gateway.deliver(session, version)
    assert network.called == []
    sent(gateway, "PUT", ENDPOINT, {"url": "https://public.example/"}, pair)
    assert gateway.deliver(session, version) == {"state": "delivered"}
    assert network.called == [(PUBLIC, 443)]
    publish("SSRF corpus", f"{mode} endpoint: {len(given)} addresses, 0 connections")


def forget_tries(gateway: Gateway, session: str) -> None:
    """Let the delivery be as new: a merchant may change the address before every try."""
    (event,) = gateway.events_of(session)
    gateway.dynamodb.update_item(
        TableName="Payments",
        Key={"pk": {"S": session}, "sk": {"S": event["sk"]}},
        UpdateExpression="SET tries = :none",
        ExpressionAttributeValues={":none": {"L": []}},
    )


# Read aright these name a public host, on the usual port; what stands behind is not sent.
OUTWARD = (
    "https://public.example#@127.0.0.1/",
    "https://public.example/@127.0.0.1/",
    "https://public.example:0/",
    "https://public.example:/",
)


@BOTH_MODES
@pytest.mark.parametrize("url", OUTWARD)
def test_what_only_looks_inward_goes_to_the_host_that_it_names(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, url: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(NAMES))
    network = RecordingNetwork()
    assert post(url, {}, b"{}", rules(mode), network).status_code == 200
    assert network.called == [(PUBLIC, 443)]


# -------------------------------------------------------------------- by what names answer
def rules(mode: Mode) -> Rules:
    return Rules(ports=WEBHOOK_PORTS[mode])


@BOTH_MODES
def test_no_name_leads_inside_whatever_it_answers(
    monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    tried = 0
    for inward in INWARD:
        for answer in (
            [inward],
            [PUBLIC, inward],
            [inward, PUBLIC],
            ["2606:4700:4700::1111", PUBLIC, inward],
        ):
            network = RecordingNetwork()
            monkeypatch.setattr(socket, "getaddrinfo", Names({"shop.example": [answer]}))
            posted = post("https://shop.example/", {}, b"{}", rules(mode), network)
            assert posted.error == "address refused: not public"
            assert network.called == [], answer
            tried += 1
    publish("SSRF corpus", f"{mode} names: {tried} answers of name servers, 0 connections")


@BOTH_MODES
@pytest.mark.parametrize("inward", ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1"])
def test_a_name_that_changes_between_check_and_use_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, inward: str
) -> None:
    names = Names({"rebinding.example": [[PUBLIC], [inward]]})
    monkeypatch.setattr(socket, "getaddrinfo", names)
    network = RecordingNetwork()
    first = post("https://rebinding.example/", {}, b"{}", rules(mode), network)
    assert first.status_code == 200
    assert network.called == [(PUBLIC, 443)]
    assert names.asked == ["rebinding.example"]
    again = post("https://rebinding.example/", {}, b"{}", rules(mode), network)
    assert again.error == "address refused: not public"
    assert network.called == [(PUBLIC, 443)]


@BOTH_MODES
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_no_redirect_is_followed(monkeypatch: pytest.MonkeyPatch, mode: Mode, status: int) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(NAMES))
    for where in ("http://169.254.169.254/", "https://public.example/x", "//127.0.0.1/", "/in"):
        answer = f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n"
        network = RecordingNetwork(answer.encode())
        posted = post("https://public.example/", {}, b"{}", rules(mode), network)
        assert posted.status_code == status
        assert network.called == [(PUBLIC, 443)]


@BOTH_MODES
@pytest.mark.parametrize("failure", LOOKUPS_THAT_FAIL)
def test_a_name_that_is_not_known_is_a_try_that_failed(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, failure: Exception
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names({"gone.example": [failure]}))
    network = RecordingNetwork()
    assert post("https://gone.example/", {}, b"{}", rules(mode), network).error == "ConnectError"
    assert network.called == []


@BOTH_MODES
def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(NAMES))
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    network = RecordingNetwork()
    assert post("https://public.example/", {}, b"{}", rules(mode), network).status_code == 200
    assert network.called == [(PUBLIC, 443)]
