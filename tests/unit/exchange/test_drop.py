"""Parts of a drop: whole or refused, by size and digest; another format is told from damage."""

import dataclasses

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.label import u32
from comity.crypto.production import ProductionSuite
from comity.exchange.drop import BlobRecord, DropHeader, find_file_name, format_part, read_part

SUITE = ProductionSuite()
HEADER = DropHeader(1, bytes(32), "exercise/fe", "JPN", "KOR", 7, 1_764_151_200_000, "0.1.0", 0, bytes(32))
BLOBS = (BlobRecord(b"\1" * 32, b"sealed", (b"wrap", b"wrap for recovery")), BlobRecord(b"\2" * 32, b"x", ()))
RAW = format_part(HEADER, pages=b"COMITYE1 sealed pages", blobs=BLOBS, suite=SUITE)


def _refused(raw: bytes) -> str:
    with pytest.raises(RemoteError) as caught:
        read_part(raw, SUITE)
    return caught.value.code


def test_what_is_written_reads_back() -> None:
    """Header, pages, blobs with their wraps; a part without blobs too."""
    part = read_part(RAW, SUITE)
    assert (part.pages, part.blobs) == (b"COMITYE1 sealed pages", BLOBS)
    assert msgspec.structs.replace(part.header, size_bytes=0, digest=bytes(32)) == HEADER
    assert read_part(format_part(HEADER, pages=b"p", blobs=(), suite=SUITE), SUITE).blobs == ()


def test_a_file_cut_off_anywhere_is_refused() -> None:
    """A stick pulled too early, at every byte; and one byte too many."""
    codes = {_refused(RAW[:size]) for size in range(len(RAW))}
    assert codes == {"drop.malformed", "drop.damaged"}
    start = RAW.index(b"COMITYE1") - 4
    assert {_refused(RAW[:size]) for size in range(start, len(RAW))} == {"drop.damaged"}
    assert _refused(RAW + b"x") == "drop.damaged"


def test_one_bit_anywhere_in_the_rest_is_found() -> None:
    """By the digest in the header, before anything is opened."""
    start = RAW.index(b"COMITYE1") - 4
    for at in range(start, len(RAW)):
        assert _refused(RAW[:at] + bytes([RAW[at] ^ 1]) + RAW[at + 1 :]) == "drop.damaged"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 3}, "drop.format-unknown"),
        ({"realm": "Exercise"}, "drop.malformed"),
        ({"author": "jpn"}, "drop.malformed"),
        ({"number": 0}, "drop.malformed"),
        ({"version": "x" * 33}, "drop.malformed"),
    ],
)
def test_headers_that_do_not_fit(change: dict[str, object], code: str) -> None:
    """A newer format says so, whatever else it has; names and numbers out of bounds."""
    header = msgspec.structs.replace(HEADER, **change)
    assert _refused(format_part(header, pages=b"p", blobs=(), suite=SUITE)) == code


def test_a_newer_header_of_another_shape_is_of_a_newer_format() -> None:
    """Looked at field by field: an old node must tell a new file from a damaged one."""
    head = encode((3, "something", "else"))
    assert _refused(b"COMITYD1" + u32(len(head)) + head + b"rest") == "drop.format-unknown"


def test_names_are_for_people() -> None:
    """Realm, both parties, the number in its order."""
    name = find_file_name(realm="exercise/fe", author="JPN", reader="KOR", number=7)
    assert name == "comity-exercise-fe-JPN-KOR-000007.drop"


SECRET = bytes(range(32))
SIGNED = msgspec.structs.replace(HEADER, format=2)


def test_a_signed_header_is_its_authors_in_every_field() -> None:
    """Under the author's key alone; one field altered, or signed as something else, is nobody's."""
    raw = format_part(SIGNED, pages=b"p", blobs=BLOBS, suite=SUITE, secret=SECRET)
    part, key = read_part(raw, SUITE), SUITE.public_of_signing(SECRET)
    assert part.is_signed_by(key, SUITE)
    assert not part.is_signed_by(SUITE.public_of_signing(bytes(32)), SUITE)
    assert not read_part(RAW, SUITE).is_signed_by(key, SUITE)
    changes = {"lineage": b"\1" * 32, "realm": "real", "author": "USA", "reader": "USA", "number": 8, "made_at": 1,
               "version": "0.2.0", "size_bytes": 1, "digest": b"\1" * 32}  # fmt: skip
    for name, value in changes.items():
        header = msgspec.structs.replace(part.header, **{name: value})
        assert not dataclasses.replace(part, header=header).is_signed_by(key, SUITE), name


def test_a_header_has_a_signature_if_and_only_if_its_format_has_one() -> None:
    """Format 1 with one more field, format 2 without it, and one that is too short."""
    fields = list(msgspec.structs.astuple(HEADER))
    for format_, more in ((1, [bytes(64)]), (2, []), (2, [bytes(63)]), (2, [bytes(64), 1])):
        head = encode((format_, *fields[1:], *more))
        assert _refused(b"COMITYD1" + u32(len(head)) + head + b"rest") == "drop.malformed"
