"""The guard on the way to merchants' addresses. The network counts every connection made."""

from collections.abc import Iterator

import httpcore
import pytest

from announcements.public_network import (
    AddressNotPublic,
    GuardedNetwork,
    Rules,
)
from payments.addresses import WEBHOOK_PORTS
from payments.mode import Mode
from tests.recording_network import LOOKUPS_THAT_FAIL, RecordingNetwork
from tests.unit.announcements.inward_addresses import INWARD, PUBLIC, WRITTEN

LIVE = Rules(ports=WEBHOOK_PORTS[Mode.LIVE])
TEST = Rules(ports=WEBHOOK_PORTS[Mode.TEST])
LOCAL = Rules(ports=WEBHOOK_PORTS[Mode.LIVE], loopback_allowed=True)


class Names:
    """A name system whose answers are set one by one; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        del host, port
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def network() -> RecordingNetwork:
    return RecordingNetwork()


def guarded(network: RecordingNetwork, rules: Rules, *answers: list[str]) -> GuardedNetwork:
    return GuardedNetwork(rules, Names(*answers), network)


@pytest.mark.parametrize("rules", [LIVE, TEST], ids=["live", "test"])
@pytest.mark.parametrize("address", INWARD)
def test_never_connects_inward(network: RecordingNetwork, rules: Rules, address: str) -> None:
    with pytest.raises(AddressNotPublic):
        guarded(network, rules, [address]).connect_tcp("shop.example", 443)
    assert network.called == []


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(INWARD) >= 60


@pytest.mark.parametrize("host", WRITTEN)
def test_never_connects_inward_however_the_address_is_written(
    network: RecordingNetwork, host: str
) -> None:
    with pytest.raises(AddressNotPublic):
        GuardedNetwork(LIVE, network=network).connect_tcp(host, 443)
    assert network.called == []


@pytest.mark.parametrize("address", PUBLIC)
def test_connects_to_what_is_public(network: RecordingNetwork, address: str) -> None:
    guarded(network, LIVE, [address]).connect_tcp("shop.example", 443)
    assert network.called == [(address, 443)]


@pytest.mark.parametrize("inward", INWARD)
@pytest.mark.parametrize("public_first", [True, False])
def test_one_address_inward_among_public_ones_spoils_them_all(
    network: RecordingNetwork,
    inward: str,
    public_first: bool,  # noqa: FBT001  # parametrised
) -> None:
    answers = ["1.1.1.1", inward] if public_first else [inward, "1.1.1.1"]
    with pytest.raises(AddressNotPublic):
        guarded(network, LIVE, answers).connect_tcp("shop.example", 443)
    assert network.called == []


def test_a_name_that_moves_is_connected_where_it_was_checked(network: RecordingNetwork) -> None:
    names = Names(["1.1.1.1"], ["127.0.0.1"])
    GuardedNetwork(LIVE, names, network).connect_tcp("rebinding.example", 443)
    assert network.called == [("1.1.1.1", 443)]
    assert names.asked == 1


def test_a_name_that_has_moved_inward_is_refused_the_next_time(network: RecordingNetwork) -> None:
    guard = guarded(network, LIVE, ["1.1.1.1"], ["127.0.0.1"])
    guard.connect_tcp("rebinding.example", 443)
    with pytest.raises(AddressNotPublic):
        guard.connect_tcp("rebinding.example", 443)
    assert network.called == [("1.1.1.1", 443)]


@pytest.mark.parametrize("port", [0, 1, 22, 25, 80, 2375, 3306, 6379, 8080, 8443, 9200, 65535])
def test_odd_ports_are_closed_in_live_mode(network: RecordingNetwork, port: int) -> None:
    with pytest.raises(AddressNotPublic, match="port"):
        guarded(network, LIVE, ["1.1.1.1"]).connect_tcp("shop.example", port)
    assert network.called == []


@pytest.mark.parametrize("port", [80, 443, 8443])
def test_three_ports_are_open_in_test_mode(network: RecordingNetwork, port: int) -> None:
    guarded(network, TEST, ["1.1.1.1"]).connect_tcp("shop.example", port)
    assert network.called == [("1.1.1.1", port)]


@pytest.mark.parametrize("port", [22, 81, 8080, 8444])
def test_other_ports_are_closed_in_test_mode_too(network: RecordingNetwork, port: int) -> None:
    with pytest.raises(AddressNotPublic, match="port"):
        guarded(network, TEST, ["1.1.1.1"]).connect_tcp("shop.example", port)
    assert network.called == []


@pytest.mark.parametrize("failure", LOOKUPS_THAT_FAIL)
def test_a_name_that_nobody_knows_is_a_failed_connection(
    network: RecordingNetwork, failure: Exception
) -> None:
    def fails(_host: str, _port: int) -> list[str]:
        raise failure

    with pytest.raises(httpcore.ConnectError):
        GuardedNetwork(LIVE, fails, network).connect_tcp("gone.example", 443)
    assert network.called == []


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "shop..example", ".", "", "a b"])
def test_what_is_no_name_is_a_failed_connection(network: RecordingNetwork, host: str) -> None:
    with pytest.raises((httpcore.ConnectError, AddressNotPublic)):
        GuardedNetwork(LIVE, network=network).connect_tcp(host, 443)
    assert network.called == []


def test_a_name_without_an_address_is_refused(network: RecordingNetwork) -> None:
    with pytest.raises(AddressNotPublic, match="no address"):
        guarded(network, LIVE, []).connect_tcp("empty.example", 443)
    assert network.called == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_the_local_stack_reaches_its_own_machine_on_any_port(
    network: RecordingNetwork, address: str
) -> None:
    guarded(network, LOCAL, [address]).connect_tcp("localhost", 8001)
    assert network.called == [(address, 8001)]


def not_loopback() -> Iterator[str]:
    # Newer Pythons call a mapped loopback address one too: on this setting that does no harm.
    return (address for address, what in INWARD.items() if not what.endswith("loopback"))


@pytest.mark.parametrize("address", [*not_loopback()])
def test_the_local_stack_reaches_nothing_else_inward(
    network: RecordingNetwork, address: str
) -> None:
    with pytest.raises(AddressNotPublic):
        guarded(network, LOCAL, [address]).connect_tcp("shop.example", 443)
    assert network.called == []


@pytest.mark.parametrize("others", [["10.0.0.1"], ["1.1.1.1"]])
def test_the_local_stack_is_not_fooled_by_a_name_with_two_faces(
    network: RecordingNetwork, others: list[str]
) -> None:
    with pytest.raises(AddressNotPublic):
        guarded(network, LOCAL, ["127.0.0.1", *others]).connect_tcp("shop.example", 443)
    assert network.called == []


@pytest.mark.parametrize("rules", [LIVE, LOCAL])
def test_a_file_is_never_an_address(network: RecordingNetwork, rules: Rules) -> None:
    with pytest.raises(AddressNotPublic):
        guarded(network, rules, ["1.1.1.1"]).connect_unix_socket("/var/run/docker.sock")
    assert network.called == []
