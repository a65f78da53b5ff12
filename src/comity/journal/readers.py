"""Who reads a journal, and under which keys it is sealed to them: the newest certificates of its audience (S4, S14)."""

from collections.abc import Iterable

from comity.base.names import Audience, Party
from comity.crypto.suite import Suite
from comity.journal.keypage import find_key_id
from comity.journal.statement import Certificate
from comity.journal.trust import Trust

__all__ = ["ReaderKeys", "find_reader_keys", "find_readers", "list_known_readers"]

ReaderKeys = frozenset[tuple[Party, bytes]]
"""Parties, each with the id of its receiving key."""


def list_known_readers(trust: Trust, audience: Audience) -> tuple[Certificate, ...]:
    """Return the newest certificate of every reader of whom one is known, by the root statements known now."""
    found = (trust.find_newest(party) for party in audience)
    return tuple(reader for reader in found if reader is not None)


def find_readers(trust: Trust, audience: Audience) -> tuple[Certificate, ...] | None:
    """Return the newest certificate of every reader, or None while one is not known yet."""
    found = list_known_readers(trust, audience)
    return found if len(found) == len(audience) else None


def find_reader_keys(suite: Suite, readers: Iterable[Certificate]) -> ReaderKeys:
    """Return the receiving keys of these readers."""
    return frozenset((reader.party, find_key_id(suite, reader.receiving_key)) for reader in readers)
