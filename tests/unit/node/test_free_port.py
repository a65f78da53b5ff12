"""The port that a home announces: free now, and at each start of the node for as long as it is kept."""

import socket
from collections import deque

import pytest

from comity.node import home
from comity.node.home import find_free_port

HOST = "127.0.0.1"


def test_no_connection_that_goes_out_is_given_the_port() -> None:
    """It would hold it at the next start, and the outbox's port is not changed silently."""
    assert all(find_free_port(HOST) < 32_768 for _ in range(20))


def test_no_port_is_named_twice_while_there_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Homes made one after the other have ports of their own before a server listens at any."""
    monkeypatch.setattr(home, "_NAMED", deque(maxlen=256))
    monkeypatch.setattr(home, "PORT_TRY_COUNT", 40)
    monkeypatch.setattr(home, "KEPT_PORTS", home.KEPT_PORTS[:40])
    assert len({find_free_port(HOST) for _ in range(30)}) == 30


def test_a_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two the one that is free; of none that is kept, any."""
    with socket.socket() as held:
        held.bind((HOST, find_free_port(HOST)))
        taken = held.getsockname()[1]
        free = find_free_port(HOST)
        monkeypatch.setattr(home, "PORT_TRY_COUNT", 2)
        monkeypatch.setattr(home, "KEPT_PORTS", (taken, free))
        assert {find_free_port(HOST) for _ in range(8)} == {free}
        monkeypatch.setattr(home, "KEPT_PORTS", (taken, taken))
        assert find_free_port(HOST) not in {0, taken}


def test_an_address_of_another_host_is_no_busy_port() -> None:
    """It is said at once."""
    with pytest.raises(OSError, match="assign"):
        find_free_port("192.0.2.1")
