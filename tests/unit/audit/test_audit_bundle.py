"""Bundle files, plain and sealed: read whole or refused with a code, whatever the bytes."""

import contextlib
import functools
import hashlib

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.audit import EpochKey, Record, read_bundle
from comity.base.errors import RemoteError
from kit.audit_keys import CEREMONY, LINEAGE, PACT, REALM, SUITE, T0, digest, label, nodes
from kit.audit_writer import Story

encode = msgspec.msgpack.encode


def frame(content: bytes) -> bytes:
    """A length and so many bytes (J20)."""
    return len(content).to_bytes(4, "big") + content


def frames(*rows: tuple[str, bytes]) -> bytes:
    """Frames with their types."""
    return b"".join(frame(encode([type_, payload])) for type_, payload in rows)


HEAD = ("head", encode([1, LINEAGE, REALM, "USA", T0]))


def bundle(*rows: tuple[str, bytes], head: tuple[str, bytes] = HEAD, count: int | None = None) -> bytes:
    """A bundle file (J20)."""
    body = frames(head, *rows)
    number = len(rows) + 1 if count is None else count
    end = hashlib.sha256(label("bundle") + body).digest()
    return b"COMITYB1" + body + frames(("end", encode([number, end])))


@functools.cache
def told() -> tuple[Record, bytes]:
    """A record with one of everything, and its bundle."""
    story = Story()
    key = EpochKey(story.pair.digest, 1, story.pair.epoch_keys[1])
    pages = tuple(story.pages_for("USA"))
    certificate = nodes()["USA"].certificate
    raw = bundle(
        ("pact", PACT),
        *(("page", page) for page in pages),
        ("statement", certificate),
        ("epoch-key", encode(list(key))),
        ("tune", b"la"),
    )
    record = Record(
        "USA",
        LINEAGE,
        REALM,
        pages,
        pacts=(PACT,),
        statements=(certificate,),
        epoch_keys=(key,),
        others=(("tune", b"la"),),
        written_at=T0,
    )
    return record, raw


def seal(raw: bytes, *, chunk_size: int = 65_536, cut: int = 0) -> bytes:
    """A sealed bundle for JPN (J21), without its last `cut` chunks."""
    public = SUITE.public_of_receiving(nodes()["JPN"].receiving)
    key = CEREMONY.random(32)
    wrapped = CEREMONY.wrap(public=public, plaintext=key, info=label("bundle"))
    chunks = [raw[i : i + chunk_size] for i in range(0, len(raw), chunk_size)] or [b""]
    out = b"COMITYE1" + frame(encode([digest("receiving-key", public), wrapped]))
    for index, chunk in enumerate(chunks[: len(chunks) - cut]):
        last = b"\x01" if index == len(chunks) - 1 else b"\x00"
        chunk_key = SUITE.expand(key, label("chunk") + index.to_bytes(8, "big") + last)
        out += frame(SUITE.seal(key=chunk_key, plaintext=chunk, aad=b""))
    return out


def code_of(raw: bytes, *secrets: bytes) -> str:
    """The code with which a file is refused."""
    with pytest.raises(RemoteError) as caught:
        read_bundle(raw, SUITE, secrets)
    return caught.value.code


def test_a_bundle_reads_back_as_the_record_that_was_written() -> None:
    """Pages, pacts, statements and keys come out as they went in; frames of unknown types are kept."""
    record, raw = told()
    assert read_bundle(raw, SUITE) == record


def test_a_sealed_bundle_opens_with_the_receivers_secret() -> None:
    """The receiving secret whose public key the lock names opens it; others given beside it do no harm."""
    record, raw = told()
    padded = bundle(*(("tune", bytes(100_000)) for _ in range(3)))
    assert read_bundle(seal(raw), SUITE, [nodes()["KOR"].receiving, nodes()["JPN"].receiving]) == record
    assert len(read_bundle(seal(padded), SUITE, [nodes()["JPN"].receiving]).others) == 3


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bundle.malformed"),
        (b"COMITYB1", "bundle.malformed"),
        (b"COMITYB2" + frames(HEAD), "bundle.malformed"),
        (b"COMITYB1" + frames(HEAD), "bundle.malformed"),
        (bundle(head=("page", b"")), "bundle.malformed"),
        (bundle(HEAD), "bundle.malformed"),
        (bundle(head=("head", encode([2, "newer"]))), "bundle.format-unknown"),
        (bundle(head=("head", encode([1, LINEAGE, "Real", "USA", T0]))), "bundle.malformed"),
        (bundle(head=("head", b"")), "bundle.malformed"),
        (bundle(("epoch-key", b"\x90")), "bundle.malformed"),
        (bundle(count=3), "bundle.damaged"),
        (bundle() + b"\x00\x00\x00\x00", "bundle.damaged"),
        (bundle() + b"\x00", "bundle.damaged"),
        (bundle(("x" * 33, b"")), "bundle.malformed"),
        (bundle()[:-1], "bundle.malformed"),
        (bundle().replace(b"USA", b"JPN"), "bundle.damaged"),
        (b"COMITYB1\x00\x00\x00\x08" + encode(["head", b""])[:-1] + b"\xc5\x00\x00", "bundle.malformed"),
        (b"COMITYB1\x00\x20\x00\x01", "bundle.malformed"),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_code(raw: bytes, code: str) -> None:
    """Shape, format, count and digest each have their code (J20)."""
    got = code_of(raw)
    assert got == code or (got, code) == ("bytes.not-canonical", "bundle.malformed")


def test_a_sealed_bundle_without_the_right_secret_is_sealed() -> None:
    """No secret, or another receiver's, does not open it, and the code says why."""
    _, raw = told()
    assert code_of(seal(raw)) == "bundle.sealed"
    assert code_of(seal(raw), nodes()["KOR"].receiving) == "bundle.sealed"


def test_a_sealed_bundle_cut_at_a_chunk_is_damaged() -> None:
    """The last chunk has a key of its own, so a cut file does not end early but fails (J21)."""
    long = bundle(*(("tune", bytes(100_000)) for _ in range(3)))
    assert code_of(seal(long, cut=1), nodes()["JPN"].receiving) == "bundle.damaged"
    assert code_of(seal(long, cut=99), nodes()["JPN"].receiving) == "bundle.malformed"


def test_a_sealed_bundle_in_other_chunks_is_malformed() -> None:
    """Chunks have 65,536 bytes, so that one bundle has one cutting."""
    _, raw = told()
    assert code_of(seal(raw, chunk_size=5_000), nodes()["JPN"].receiving) == "bundle.malformed"


@pytest.mark.parametrize("wrapped", [b"", bytes(1168)])
def test_a_lock_that_does_not_unwrap_is_refused(wrapped: bytes) -> None:
    """A lock that names this receiver's key and holds nothing for it does not open (J21)."""
    key_id = digest("receiving-key", SUITE.public_of_receiving(nodes()["JPN"].receiving))
    raw = b"COMITYE1" + frame(encode([key_id, wrapped])) + frame(b"")
    assert code_of(raw, nodes()["JPN"].receiving) == "key.not-unwrapped"


def test_a_bundle_above_the_limit_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is looked at before anything else."""
    monkeypatch.setattr("comity.audit.bundle.BUNDLE_SIZE_BYTES_MAX", 10)
    assert code_of(told()[1]) == "bytes.too-large"


def test_a_sealed_seal_is_not_opened_twice() -> None:
    """Inside the seal lies a plain bundle and nothing else."""
    _, raw = told()
    assert code_of(seal(seal(raw)), nodes()["JPN"].receiving) == "bundle.malformed"


@settings(max_examples=200, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_any_byte_of_a_bundle_flipped_is_refused(place: float, bits: int) -> None:
    """Not one byte of the file can change without the file being refused."""
    _, raw = told()
    changed = bytearray(raw)
    changed[int(place * len(raw))] ^= bits
    assert code_of(bytes(changed)).startswith(("bundle.", "bytes."))


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_any_byte_of_a_sealed_bundle_flipped_is_refused(place: float, bits: int) -> None:
    """The same holds of a sealed file, its lock included."""
    changed = bytearray(sealed_once())
    changed[int(place * len(changed))] ^= bits
    got = code_of(bytes(changed), nodes()["JPN"].receiving)
    assert got.startswith(("bundle.", "bytes.")) or got == "key.not-unwrapped"


@functools.cache
def sealed_once() -> bytes:
    """One sealed file for all examples."""
    return seal(told()[1])


@settings(max_examples=300, deadline=None)
@given(
    magic=st.sampled_from([b"", b"COMITYB1", b"COMITYE1"]),
    rest=st.binary(max_size=300),
    rows=st.lists(
        st.tuples(st.sampled_from(["head", "page", "end", "epoch-key", "x"]), st.binary(max_size=60)), max_size=4
    ),
)
@example(magic=b"COMITYE1", rest=b"", rows=[])
@example(magic=b"COMITYB1", rest=b"\x00\x00\x00\x01\x91", rows=[("head", b"\x91" * 60)])
def test_any_bytes_are_a_record_or_one_remote_error(magic: bytes, rest: bytes, rows: list[tuple[str, bytes]]) -> None:
    """Garbage in: a record, or `RemoteError` with a code of the catalogue, and never anything else."""
    with contextlib.suppress(RemoteError):
        record = read_bundle(magic + frames(*rows) + rest, SUITE, [nodes()["JPN"].receiving])
        assert isinstance(record, Record)
