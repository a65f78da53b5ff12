"""Bundles and sealed bundles (docs/spec/journal.md, J20 and J21)."""

from collections.abc import Callable

import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import BUNDLE_CHUNK_SIZE_BYTES, BUNDLE_FRAME_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.crypto.label import label, u32, u64
from comity.journal.bundle import (
    Bundle,
    BundleHead,
    EpochKey,
    read_bundle,
    seal_bundle,
    unseal_bundle,
    write_bundle,
)
from comity.journal.keypage import find_key_id
from comity.rehearsal.standin import StandInCeremony, StandInSuite

SUITE, CEREMONY = StandInSuite(), StandInCeremony(b"bundle")
HEAD = BundleHead(1, bytes(32), "real", "USA", 1)
KEY = EpochKey(bytes(32), 1, bytes(32))
SECRET = CEREMONY.generate_receiving()
PUBLIC = SUITE.public_of_receiving(SECRET)


def _write(pages: tuple[bytes, ...] = (b"one", b"two")) -> bytes:
    return write_bundle(SUITE, HEAD, pacts=(b"pact",), pages=pages, statements=(b"statement",), epoch_keys=(KEY,))


def _frame(type_: str, payload: bytes) -> bytes:
    raw = encode((type_, payload))
    return u32(len(raw)) + raw


def _build(*frames: bytes, count: int | None = None) -> bytes:
    """A bundle of these frames with the right end."""
    content = b"".join(frames)
    end = encode((len(frames) if count is None else count, Digest(SUITE.hash(label("bundle") + content))))
    return b"COMITYB1" + content + _frame("end", end)


HEAD_FRAME = _frame("head", encode(HEAD))


def _code(raw: bytes) -> str:
    with pytest.raises(RemoteError) as caught:
        read_bundle(raw, SUITE)
    return caught.value.code


def test_a_bundle_comes_back_whole() -> None:
    """Pacts, statements, pages, disclosed keys, each in the order in which they were put in."""
    assert read_bundle(_write(), SUITE) == Bundle(HEAD, (b"pact",), (b"one", b"two"), (b"statement",), (KEY,), 0)


def test_a_newer_frame_type_is_counted_and_passed_over() -> None:
    """J20: a later version may add what an earlier one keeps without understanding."""
    bundle = read_bundle(_build(HEAD_FRAME, _frame("novelty", b"x"), _frame("page", b"one")), SUITE)
    assert (bundle.pages, bundle.unknown_count) == ((b"one",), 1)


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bundle.malformed"),
    "magic": (b"COMITYB2" + _write()[8:], "bundle.malformed"),
    "cut before the end frame": (b"COMITYB1" + HEAD_FRAME, "bundle.malformed"),
    "cut in a frame": (_write()[:-1], "bundle.malformed"),
    "cut in a length": (b"COMITYB1" + HEAD_FRAME + b"\x00\x00", "bundle.malformed"),
    "half a frame after the end": (_build(HEAD_FRAME) + b"\x00\x00", "bundle.damaged"),
    "sealed": (b"COMITYE1", "bundle.sealed"),
    "realm": (_build(_frame("head", encode((1, bytes(32), "Real", "USA", 1)))), "bundle.malformed"),
    "newer format, and cut": (b"COMITYB1" + _frame("head", encode((2, "anything"))), "bundle.format-unknown"),
    "no head": (_build(_frame("page", b"one")), "bundle.malformed"),
    "no frame at all": (b"COMITYB1", "bundle.malformed"),
    "end alone": (_build(), "bundle.malformed"),
    "head twice": (_build(HEAD_FRAME, HEAD_FRAME), "bundle.malformed"),
    "frame too large": (b"COMITYB1" + u32(BUNDLE_FRAME_SIZE_BYTES_MAX + 17), "bundle.malformed"),
    "frame of another shape": (_build(HEAD_FRAME, u32(1) + b"\x90"), "bundle.malformed"),
    "frame type too long": (_build(HEAD_FRAME, _frame("x" * 33, b"")), "bundle.malformed"),
    "count": (_build(HEAD_FRAME, count=2), "bundle.damaged"),
    "bytes after the end": (_write() + _frame("page", b"one"), "bundle.damaged"),
    "byte flipped": (_write().replace(b"one", b"ome"), "bundle.damaged"),
    "newer format": (_build(_frame("head", encode((2, "anything")))), "bundle.format-unknown"),
    "newer format, same shape": (
        _build(_frame("head", encode((2, bytes(32), "real", "USA", 1)))),
        "bundle.format-unknown",
    ),
    "format that is no number": (_build(_frame("head", encode(("2", "anything")))), "bundle.malformed"),
    "head without fields": (_build(_frame("head", encode(()))), "bundle.malformed"),
    "head of bytes": (_build(_frame("head", b"\xc1")), "bundle.malformed"),
    "epoch key of another shape": (_build(HEAD_FRAME, _frame("epoch-key", b"\x90")), "bundle.malformed"),
    "end of another shape": (b"COMITYB1" + HEAD_FRAME + _frame("end", b"\x90"), "bundle.malformed"),
    "not canonical": (_build(HEAD_FRAME, u32(7) + b"\xdc\x00\x02\xa1x\xc4\x00"), "bytes.not-canonical"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_bundle_has_its_code(case: str) -> None:
    """Not a bundle, another format, or damaged: a person does something else about each."""
    raw, code = BROKEN[case]
    assert _code(raw) == code


BIG = _write(tuple(bytes([n]) * 40_000 for n in range(5)))


def _seal(bundle: bytes = BIG) -> bytes:
    return seal_bundle(bundle, public=PUBLIC, suite=SUITE, ceremony=CEREMONY)


@pytest.mark.parametrize(
    "bundle", [b"", b"x", b"x" * BUNDLE_CHUNK_SIZE_BYTES, BIG], ids=["empty", "one", "chunk", "big"]
)
def test_a_sealed_bundle_opens_for_its_reader(bundle: bytes) -> None:
    """And shows nothing of what is in it."""
    sealed = _seal(bundle)
    assert unseal_bundle(sealed, secret=SECRET, suite=SUITE) == bundle
    assert b"pact" not in sealed


def _chunks(sealed: bytes) -> list[bytes]:
    at, frames = 8, []
    while at < len(sealed):
        size = int.from_bytes(sealed[at : at + 4], "big")
        frames.append(sealed[at : at + 4 + size])
        at += 4 + size
    return frames


CHANGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "swapped": (lambda f: [f[0], f[2], f[1], *f[3:]], "bundle.damaged"),
    "dropped": (lambda f: [f[0], *f[2:]], "bundle.damaged"),
    "doubled": (lambda f: [f[0], f[1], f[1], *f[2:]], "bundle.damaged"),
    "last dropped": (lambda f: f[:-1], "bundle.damaged"),
    "byte flipped": (lambda f: [*f[:-1], f[-1][:-1] + bytes([f[-1][-1] ^ 1])], "bundle.damaged"),
    "chunk of another": (lambda f: [f[0], _chunks(_seal())[1], *f[2:]], "bundle.damaged"),
    "no chunk": (lambda f: f[:1], "bundle.malformed"),
    "nothing": (lambda _: [], "bundle.malformed"),
    "cut": (lambda f: [*f[:-1], f[-1][:-1]], "bundle.malformed"),
    "envelope": (lambda f: [u32(1) + b"\x90", *f[1:]], "bundle.malformed"),
    "wrapped key": (lambda f: [f[0][:-1] + bytes([f[0][-1] ^ 1]), *f[1:]], "key.not-unwrapped"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_sealed_bundle_gives_nothing(case: str) -> None:
    """No chunk can be swapped, dropped, doubled or cut off unnoticed."""
    change, code = CHANGES[case]
    raw = b"COMITYE1" + b"".join(change(_chunks(_seal())))
    with pytest.raises(RemoteError) as caught:
        unseal_bundle(raw, secret=SECRET, suite=SUITE)
    assert caught.value.code == code


def test_a_bundle_sealed_for_another_is_told_from_a_damaged_one() -> None:
    """Its first frame names the receiving key (S8)."""
    with pytest.raises(RemoteError, match=r"bundle\.sealed"):
        unseal_bundle(_seal(), secret=CEREMONY.generate_receiving(), suite=SUITE)
    with pytest.raises(RemoteError, match=r"bundle\.malformed"):
        unseal_bundle(BIG, secret=SECRET, suite=SUITE)


@pytest.mark.parametrize("pieces", [(b"ab", b"c"), (b"x" * BUNDLE_CHUNK_SIZE_BYTES, b"")], ids=["short", "empty-last"])
def test_chunks_have_one_size(pieces: tuple[bytes, ...]) -> None:
    """J21: a bundle has one way of being cut; another is not what the format says."""
    key = bytes(32)
    wrapped = CEREMONY.wrap(public=PUBLIC, plaintext=key, info=label("bundle"))
    frames = [encode((find_key_id(SUITE, PUBLIC), wrapped))]
    for index, piece in enumerate(pieces):
        last = bytes([index == len(pieces) - 1])
        chunk_key = SUITE.expand(key, label("chunk") + u64(index) + last)
        frames.append(SUITE.seal(key=chunk_key, plaintext=piece, aad=b""))
    raw = b"COMITYE1" + b"".join(u32(len(frame)) + frame for frame in frames)
    with pytest.raises(RemoteError, match=r"bundle\.malformed"):
        unseal_bundle(raw, secret=SECRET, suite=SUITE)
