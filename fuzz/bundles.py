"""Bundles, plain and sealed, by the journal's reader and by the audit's, who must say the same; and disclosures."""

import random

from comity.audit import read_bundle as read_as_audit
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.label import digest, u32
from comity.journal.bundle import read_bundle, unseal_bundle
from comity.journal.disclosure import check_disclosure
from fuzz.change import change_blindly, change_message
from fuzz.door import Door
from fuzz.vectors import SUITE, find_secrets, find_seeds

__all__ = ["DOORS"]


def _read(raw: bytes) -> tuple[bytes, ...]:
    is_sealed = raw.startswith(b"COMITYE1")
    return read_bundle(unseal_bundle(raw, secret=find_secrets()[0], suite=SUITE) if is_sealed else raw, SUITE).pages


def _read_in_audit(raw: bytes) -> tuple[bytes, ...]:
    return read_as_audit(raw, SUITE, find_secrets()[:1]).pages


def _read_both(raw: bytes) -> None:
    said: list[object] = []
    for reader in (_read, _read_in_audit):
        try:
            said.append(reader(raw))
        except RemoteError as error:
            said.append(error)
    ours, theirs = (error.code if isinstance(error, RemoteError) else error for error in said)
    assert ours == theirs, f"one reader says {ours!r:.200}, the other {theirs!r:.200}"
    if isinstance(said[0], RemoteError):
        raise said[0]


def _check_disclosure(raw: bytes) -> None:
    """A disclosure without a key that anybody certified: all but the signature is looked at first."""
    check_disclosure(raw, node_keys=(bytes(32),), suite=SUITE)


def _change_bundle(raw: bytes, draw: random.Random) -> bytes:
    """Change one frame, and most times put count and digest right again: what a holder can write."""
    if not raw.startswith(b"COMITYB1") or draw.randrange(4) == 0:
        return change_blindly(raw, draw)
    frames, at = list[bytes](), 8
    while at + 4 <= len(raw) and len(frames) < 200:
        size = int.from_bytes(raw[at : at + 4])
        frames.append(raw[at + 4 : at + 4 + size])
        at += 4 + size
    place = draw.randrange(len(frames) or 1)
    frames[place : place + 1] = draw.choice(((change_message(frames[place], draw) if frames else b"",), (), frames[:2]))
    body = b"".join(u32(len(frame)) + frame for frame in frames[:-1])
    end = encode(("end", encode((max(0, len(frames) - 1), digest(SUITE, "bundle", body)))))
    return b"COMITYB1" + body + u32(len(end)) + end


DOORS = (
    Door("bundle", _read_both, lambda: (*find_seeds("bundle"), *find_seeds("sealed-bundle")), _change_bundle),
    Door("disclosure", _check_disclosure, lambda: find_seeds("disclosure")),
)
