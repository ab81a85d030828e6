"""The local stack's ports: chosen by environment, and refused with words that help."""

import socket
from collections.abc import Iterator

import pytest

from infra.local.ports import LOOPBACK, Ports, require_all_different, require_free
from infra.local.refusals import NotAPort, PortTaken


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_uses_the_documented_ports_when_nobody_says_otherwise() -> None:
    assert dict(Ports.from_environment({})) == {
        "stack": 4566,
        "shop": 8001,
        "handset": 8002,
        "kpay": 8011,
        "vpay": 8012,
        "dgspay": 8013,
        "rwandapay": 8014,
    }


def test_each_port_moves_by_its_own_variable() -> None:
    ports = Ports.from_environment(
        {
            "ISHYURA_PORT": "1001",
            "ISHYURA_SHOP_PORT": "1002",
            "ISHYURA_HANDSET_PORT": "1003",
            "ISHYURA_KPAY_PORT": "1004",
            "ISHYURA_VPAY_PORT": "1005",
            "ISHYURA_DGSPAY_PORT": "1006",
            "ISHYURA_RWANDAPAY_PORT": "1007",
        }
    )
    assert [number for _, number in ports] == list(range(1001, 1008))


def test_an_empty_variable_says_nothing() -> None:
    assert Ports.from_environment({"ISHYURA_PORT": ""}) == Ports()


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "٤٥٦٦", " 80"])
def test_refuses_what_is_not_a_port_and_names_the_variable(text: str) -> None:
    with pytest.raises(NotAPort, match="ISHYURA_SHOP_PORT"):
        Ports.from_environment({"ISHYURA_SHOP_PORT": text})


def test_a_taken_port_is_told_with_who_wants_it_and_what_moves_it(taken_port: int) -> None:
    with pytest.raises(PortTaken) as refused:
        require_free("shop", taken_port)
    message = str(refused.value)
    assert f"Port {taken_port} is taken" in message
    assert "the demo shop" in message
    assert f"ISHYURA_SHOP_PORT={taken_port + 1} make run" in message


def test_a_simulators_taken_port_is_told_by_its_providers_name(taken_port: int) -> None:
    with pytest.raises(
        PortTaken, match=f"V-Pay simulator(?s:.)*ISHYURA_VPAY_PORT={taken_port + 1}"
    ):
        require_free("vpay", taken_port)


def test_notices_a_server_that_listens_on_every_address() -> None:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))  # noqa: S104 - the case under test
        server.listen()
        with pytest.raises(PortTaken):
            require_free("stack", server.getsockname()[1])


def test_a_port_that_was_let_go_is_free_again(taken_port: int) -> None:
    with socket.create_connection((LOOPBACK, taken_port)):
        pass
    for name, port in Ports.free_ones():
        require_free(name, port)


def test_two_of_our_own_servers_cannot_share_a_port() -> None:
    with pytest.raises(PortTaken, match="ISHYURA_PORT and ISHYURA_SHOP_PORT both say 4566"):
        require_all_different(Ports(shop=4566))
    require_all_different(Ports())


def test_free_ports_are_all_different() -> None:
    require_all_different(Ports.free_ones())
