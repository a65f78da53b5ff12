"""Files that are named to commands: read up to a limit, whatever they are; each refusal has its code."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import ComityError, RemoteError, UsageError
from comity.cli import measures
from comity.cli.files import find_file_digest, read_beginning, read_bounded
from comity.cli.item_file import read_item_file
from comity.cli.serve import _find_kept_port

ENDLESS = Path("/dev/zero")


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    """At the limit it is taken, past it refused; whoever judges size himself gets one byte more."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 11)
    assert read_bounded(file, 11) == b"x" * 11
    assert read_beginning(file, size_bytes_max=4) == b"x" * 5
    with pytest.raises(RemoteError, match=r"bytes\.too-large") as caught:
        read_bounded(file, 10)
    assert caught.value.details == {"size_bytes_max": 10}


@pytest.mark.parametrize("name", ["gone", ".", "a\0b", "n" * 5_000])
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    """A folder, a name that no system has, and what is not there."""
    for read in (read_bounded, find_file_digest):
        with pytest.raises(UsageError, match=r"file\.unreadable"):
            read(tmp_path / name, 1)


def test_a_digest_is_of_the_whole_file(tmp_path: Path) -> None:
    """Read in pieces, and so much of it."""
    file = tmp_path / "film"
    raw = b"0123456789abcdef" * 70_000  # more than one piece
    file.write_bytes(raw)
    assert find_file_digest(file) == hashlib.sha256(raw).hexdigest()
    assert find_file_digest(file, len(raw)) == hashlib.sha256(raw).hexdigest()
    with pytest.raises(RemoteError, match=r"bytes\.too-large"):
        find_file_digest(file, len(raw) - 1)


def test_what_has_no_end_is_refused() -> None:
    """By every reader of a command, each with a code, and without reading on."""
    reads: dict[str, Callable[[], object]] = {
        "item.file": lambda: read_item_file(ENDLESS),
        "geojson.malformed": lambda: measures._read_areas(ENDLESS),
        "bytes.too-large": lambda: find_file_digest(ENDLESS, 3_000_000),
    }
    for code, read in reads.items():
        with pytest.raises(ComityError) as caught:
            read()
        assert caught.value.code == code


@pytest.mark.parametrize("kept", [b"http://127.0.0.1:4711", b"x" * 1_000_000, b"", b"http://127.0.0.1:\xff", None])
def test_a_port_that_was_kept_wrongly_is_none(tmp_path: Path, kept: bytes | None) -> None:
    """A node that starts takes another one then."""
    if kept is not None:
        (tmp_path / "api").write_bytes(kept)
    assert _find_kept_port(tmp_path) == (4711 if kept and kept.endswith(b"4711") else 0)
