"""Laws of bytes (docs/spec/journal.md, J1): what decodes is what was encoded, and there is one way to write it."""

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.instants import Instant, format_iso, parse_instant
from comity.base.limits import INSTANT_MS_MAX
from comity.journal.bundle import BundleHead, EpochKey, read_bundle, seal_bundle, unseal_bundle, write_bundle
from comity.journal.header import Feed, Header, JournalId, Kind, SeenHead
from comity.journal.keypage import CheckpointStatement, KeyBody, Wrap
from comity.journal.seal import find_path, find_root, find_root_of_path
from comity.journal.statement import Certificate, Closed, Closure, Links, Succession
from comity.rehearsal.standin import StandInCeremony, StandInSuite

SUITE = StandInSuite()
D32 = st.binary(min_size=32, max_size=32)
UINT = st.integers(0, 2**53)
INCARNATION = st.integers(0, 1_000_000)
INSTANT = st.integers(0, INSTANT_MS_MAX)
SHORT = st.text(max_size=20)
JOURNAL = st.builds(
    JournalId, D32, SHORT, st.sampled_from(Feed), SHORT, st.lists(SHORT, max_size=4).map(tuple), INCARNATION
)
SEEN = st.lists(st.builds(SeenHead, D32, UINT, D32), max_size=4).map(tuple)
FORMS: dict[type[Any], st.SearchStrategy[Any]] = {
    JournalId: JOURNAL,
    Header: st.builds(
        Header,
        UINT,
        UINT,
        st.sampled_from(Kind),
        D32,
        JOURNAL,
        UINT,
        D32,
        INSTANT,
        D32,
        UINT,
        st.integers(0, 4096),
        D32,
        D32,
        SEEN,
        st.lists(st.binary(max_size=9), max_size=3).map(tuple),
    ),
    KeyBody: st.builds(
        KeyBody,
        UINT,
        D32,
        UINT,
        UINT,
        st.lists(st.builds(Wrap, SHORT, D32, st.binary(min_size=1168, max_size=1168)), max_size=2).map(tuple),
    ),
    CheckpointStatement: st.builds(CheckpointStatement, UINT, D32, SEEN),
    Certificate: st.builds(
        Certificate,
        D32,
        SHORT,
        SHORT,
        INCARNATION,
        D32,
        st.just(bytes(1952)),
        st.just(bytes(1216)),
        st.just(b"\x01" * 1216),
        INSTANT,
    ),
    Closure: st.builds(
        Closure,
        D32,
        SHORT,
        SHORT,
        SHORT,
        st.lists(SHORT).map(tuple),
        INCARNATION,
        st.lists(st.builds(Closed, INCARNATION, UINT, D32), max_size=3).map(tuple),
    ),
    Links: st.builds(
        Links, D32, SHORT, SHORT, UINT, D32, st.binary(max_size=9), st.lists(SHORT, max_size=16).map(tuple), INSTANT
    ),
    Succession: st.builds(Succession, D32, SHORT, D32, st.just(bytes(1952)), D32, INSTANT),
    BundleHead: st.builds(BundleHead, UINT, D32, SHORT, SHORT, INSTANT),
    EpochKey: st.builds(EpochKey, D32, UINT, D32),
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@given(choose=st.data())
def test_decoding_undoes_encoding(form: type[Any], choose: st.DataObject) -> None:
    """For every signed or hashed structure."""
    value = choose.draw(FORMS[form])
    assert Decoder(form, size_max=1_000_000).decode(encode(value)) == value


@given(raw=st.binary(max_size=200))
@example(raw=b"\x91\x92\x07\xc4\x01a")
@example(raw=b"\x91\x91\xcc\x07")
def test_any_bytes_decode_to_their_one_form_or_are_refused(raw: bytes) -> None:
    """Whatever decodes is exactly the bytes that its value encodes to."""
    code = ""
    value: tuple[tuple[int | bytes, ...], ...] = ()
    try:
        value = Decoder(tuple[tuple[int | bytes, ...], ...], size_max=100).decode(raw)
    except RemoteError as error:
        code = error.code
    assert code in ("bytes.malformed", "bytes.not-canonical", "bytes.too-large") or encode(value) == raw


def _long_forms(raw: bytes) -> list[bytes]:
    """The same small array written in longer ways that MessagePack also reads."""
    count = raw[0] & 0x0F
    return [b"\xdc" + count.to_bytes(2, "big") + raw[1:], b"\xdd" + count.to_bytes(4, "big") + raw[1:]]


@given(head=st.builds(BundleHead, UINT, D32, SHORT, SHORT, INSTANT))
def test_a_longer_way_of_writing_the_same_is_refused(head: BundleHead) -> None:
    """The library reads it; the comparison with its re-encoding is what refuses it."""
    decoder = Decoder(BundleHead, size_max=1000)
    for raw in _long_forms(encode(head)):
        assert msgspec.msgpack.decode(raw, type=BundleHead) == head
        with pytest.raises(RemoteError, match=r"bytes\.not-canonical"):
            decoder.decode(raw)


@given(instant=INSTANT)
def test_an_instant_written_is_the_instant_read(instant: int) -> None:
    """To the millisecond, over eight thousand years."""
    assert parse_instant(format_iso(Instant(instant))) == instant


@given(leaves=st.lists(D32, min_size=1, max_size=40), choose=st.data())
def test_every_leaf_has_a_path_to_the_root(leaves: list[bytes], choose: st.DataObject) -> None:
    """And another leaf has not."""
    index = choose.draw(st.integers(0, len(leaves) - 1))
    path, root = find_path(leaves, index), find_root(leaves)
    assert find_root_of_path(leaves[index], path, index=index, count=len(leaves)) == root
    assert find_root_of_path(b"\xee" * 32, path, index=index, count=len(leaves)) != root


@given(pages=st.lists(st.binary(max_size=300), max_size=5), statements=st.lists(st.binary(max_size=50), max_size=3))
def test_a_bundle_comes_back_sealed_or_not(pages: list[bytes], statements: list[bytes]) -> None:
    """What was put in, in the order in which it was."""
    ceremony = StandInCeremony(b"laws")
    head = BundleHead(1, bytes(32), "real", "USA", 1)
    raw = write_bundle(SUITE, head, pacts=(), pages=pages, statements=statements)
    secret = ceremony.generate_receiving()
    sealed = seal_bundle(raw, public=SUITE.public_of_receiving(secret), suite=SUITE, ceremony=ceremony)
    bundle = read_bundle(unseal_bundle(sealed, secret=secret, suite=SUITE), SUITE)
    assert (bundle.pages, bundle.statements) == (tuple(pages), tuple(statements))
