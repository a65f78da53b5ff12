"""Where a party is reached if not at the address on its card."""

from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.node.reach import parse_endpoint, read_reach
from comity.node.wire import Endpoint


def test_without_the_file_the_cards_hold(tmp_path: Path) -> None:
    """No file, no addresses."""
    assert read_reach(tmp_path) == {}


def test_each_line_names_a_party_and_its_address(tmp_path: Path) -> None:
    """Host names, IPv4 and bracketed IPv6; several where a party runs a cluster."""
    (tmp_path / "reach.toml").write_text(
        'JPN = "192.0.2.1:4222"\nKOR = ["[2001:db8::1]:1", "192.0.2.9:2"]\nUSA = "node.example:65535"\n'
    )
    assert read_reach(tmp_path) == {
        "JPN": (Endpoint("192.0.2.1", 4222),),
        "KOR": (Endpoint("2001:db8::1", 1), Endpoint("192.0.2.9", 2)),
        "USA": (Endpoint("node.example", 65535),),
    }


@pytest.mark.parametrize(
    "content",
    [b"JPN", b"JPN = 4222", b'jpn = "a:1"', b"\xff", b"JPN = []", b"JPN = [1]", b'JPN = ["a"]', b'[JPN]\nx = "a:1"'],
    ids=repr,
)
def test_anything_else_is_refused(content: bytes, tmp_path: Path) -> None:
    """A node does not start on a file that it only half understands."""
    (tmp_path / "reach.toml").write_bytes(content)
    with pytest.raises(UsageError, match=r"home\.reach-malformed"):
        read_reach(tmp_path)


@pytest.mark.parametrize("text", ["", "host", ":1", "host:", "host:0", "host:65536", "host:-1", "host:٣", "host:1 "])
def test_an_address_has_a_host_and_a_port(text: str) -> None:
    """Ports are 1 to 65535, in plain digits."""
    with pytest.raises(UsageError, match=r"home\.reach-malformed"):
        parse_endpoint(text)
