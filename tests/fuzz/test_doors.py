"""Every door of `fuzz/`, without atheris: its seeds, and a few hundred changes of them, the same in every run.

`make fuzz` looks longer and by coverage.
"""

import random

import pytest

from comity.base.errors import RemoteError
from comity.node import contacts, provider
from comity.node.alarm import plan
from fuzz.door import Door, knock
from fuzz.doors import DOORS

SLOW = {"machine": 25, "audit": 25, "audit-liar": 60, "pact": 8, "public-record": 30, "ledger": 80}
"""Changes tried at doors behind which much is done."""
BOMBS = (
    b"",
    b"\xdd\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\x91" * 60_000,
    b"\x93" + b"\xdc\xff\xff" * 20_000,
    b"COMITYB1\xff\xff\xff\xff",
    b"COMITYE1" + b"\0\0\0\0" * 10_000,
    b"[" * 60_000,
    b"a = " + b"[" * 30_000,
    b'{"type":' * 9_000,
)
"""Announcements of more than there is, and depth."""


def _draw_inputs(door: Door, count: int) -> list[bytes]:
    draw = random.Random(door.name)
    seeds = list(door.seeds())
    drawn = draw.sample(seeds, min(len(seeds), count))
    for _ in range(count):
        raw = draw.choice(drawn)
        for _ in range(draw.randrange(1, 4)):
            raw = door.change(raw, draw)
        drawn.append(raw[: door.size_bytes_max])
    return drawn


@pytest.mark.parametrize("name", list(DOORS))
def test_whatever_comes_is_accepted_or_refused_with_a_code(name: str) -> None:
    """Never another exception; and what is tried is near enough to the real thing that some of it gets in."""
    codes = [knock(DOORS[name], raw) for raw in _draw_inputs(DOORS[name], SLOW.get(name, 200))]
    assert "" in codes


@pytest.mark.parametrize("name", list(DOORS))
def test_a_bomb_is_answered_like_anything_else(name: str) -> None:
    """A length of four gigabytes allocates nothing, and depth ends in a refusal."""
    for raw in BOMBS:
        knock(DOORS[name], raw)


@pytest.mark.parametrize(
    ("name", "size_bytes_max"),
    [("alarm-plan", plan.SIZE_BYTES_MAX), ("contacts", contacts.SIZE_BYTES_MAX), ("provider", provider.SIZE_BYTES_MAX)],
)
def test_a_file_of_the_operator_is_bounded(name: str, size_bytes_max: int) -> None:
    """At the limit it is read, and one byte beyond it refused, whatever stands there."""
    raw = DOORS[name].seeds()[0].ljust(size_bytes_max, b"#")
    assert knock(DOORS[name], raw) == ""
    assert knock(DOORS[name], raw + b"#").endswith("malformed")


def test_what_is_no_refusal_comes_out() -> None:
    """So that a finding can not be overlooked: another exception, and a code that the catalogue does not have."""

    def fail(_raw: bytes) -> None:
        raise KeyError("no refusal")

    def invent(_raw: bytes) -> None:
        raise RemoteError("no.such-code")

    with pytest.raises(KeyError):
        knock(Door("failing", fail, list), b"")
    with pytest.raises((AssertionError, KeyError)):
        knock(Door("inventing", invent, list), b"")


def test_without_atheris_that_is_said_and_nothing_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fuzzer that is not there has found nothing, and proved nothing."""
    from fuzz import run

    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("sys.argv", ["run", "all"])
    assert run.main() == 2
    assert "NOTHING" in capsys.readouterr().out
