"""What an audit is given: one party's record as bytes, and the pins of the pact.

Nothing here is believed. A record is whatever a home or a bundle held; only the pins, which the caller takes from the
pact that he trusts, are taken as true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from comity.base.names import Party, Realm

__all__ = ["EpochKey", "Pins", "Record", "RootKeys"]


class EpochKey(NamedTuple):
    """An epoch key that somebody disclosed on purpose (J20). It counts only if a key page commits to it (S4)."""

    journal_digest: bytes
    epoch: int
    key: bytes


class RootKeys(NamedTuple):
    """One root of a party as the pact pins it (DESIGN 3, S11): both public keys and the digest of the next root."""

    ed25519: bytes
    mldsa: bytes
    next_digest: bytes


@dataclass(frozen=True, slots=True)
class Pins:
    """What the pact fixes: its lineage, the realm to be judged, and the roots of every party that it ever had.

    `versions` are the digests of the versions at hand: a page under another one may name parties not known here (J32).
    """

    lineage: bytes
    realm: Realm
    parties: Mapping[Party, RootKeys]
    versions: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """What one holder stored, in the order in which it was read; two records of one holder are taken together.

    `receiving_secrets` are the holder's own, used to unwrap epoch keys and never shown. `others` are frames of a
    bundle of a type unknown here, kept as they came.
    """

    holder: str
    lineage: bytes
    realm: Realm
    pages: tuple[bytes, ...]
    pacts: tuple[bytes, ...] = ()
    statements: tuple[bytes, ...] = ()
    epoch_keys: tuple[EpochKey, ...] = ()
    receiving_secrets: tuple[bytes, ...] = ()
    others: tuple[tuple[str, bytes], ...] = ()
    written_at: int | None = None
