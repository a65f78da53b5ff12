"""Corrections and withdrawals: an entry can be wrong, and nothing is erased.

Rules (docs/spec/procedure.md, P3 and P4)
- Only the author corrects or withdraws, and only to the very same audience; anyone else's attempt has no effect.
- A correction replaces the whole entry by another of the same type that belongs to the same object. The last one in
  the author's own order stands. Withdrawing a correction restores what was before it.
- What is withdrawn is shown as it read then: a later correction of it has no effect.
- What binds (`Entry.binding`) is never unsaid: an attempt has no effect on any fold and is shown as it is.
- Corrections in disputed or disowned pages have no effect: whoever stole a key must not rewrite the record.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.procedure.entry import Entry, EntryId
from comity.procedure.own import merge, own_order
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "CorrectionReason",
    "EntryCorrected",
    "EntryWithdrawn",
    "Settled",
    "find_settled",
    "live",
    "settle",
]


class CorrectionReason(enum.StrEnum):
    """Why an entry is corrected or withdrawn."""

    MISTAKE = "mistake"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    WRONG_ADDRESSEE = "wrong-addressee"
    NOT_AUTHORISED = "not-authorised"


class EntryCorrected(Entry, frozen=True):
    """`entry` should have read as `replacement`, an encoded entry of the same type; released as that entry would be."""

    belongs_to: ClassVar[tuple[str, str]] = ("correction", "entry")
    entry: EntryId
    reason: CorrectionReason
    replacement: Annotated[bytes, msgspec.Meta(max_length=ENTRY_SIZE_BYTES_MAX)]


class EntryWithdrawn(Entry, frozen=True):
    """`entry`, or a correction of it, should not have been stated."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("correction", "entry")
    entry: EntryId
    reason: CorrectionReason


ENTRIES: tuple[type[Entry], ...] = (EntryCorrected, EntryWithdrawn)


@dataclass(frozen=True, slots=True)
class Settled:
    """A statement as it stands now. `stated.entry` is the corrected entry, `first` the one stated at first."""

    stated: Stated
    first: Entry
    corrected_by: Digest | None = None
    withdrawn_by: Digest | None = None


def settle(statements: Iterable[Stated]) -> tuple[Settled, ...]:
    """Apply corrections and withdrawals to all other statements; return these in the order in which they are shown."""
    return _settle_merged(tuple(merge(statements).values()))


def find_settled(statements: Iterable[Stated], id_: bytes) -> Settled | None:
    """Return how one statement stands now, if it is among these; the others are passed over unless they bear on it."""
    about = [row for row in statements if row.id == id_ or isinstance(row.entry, _ACTS)]
    return next((row for row in settle(about) if row.stated.id == id_), None)


def live(statements: Iterable[Stated]) -> tuple[Stated, ...]:
    """Return what a fold may use: corrected where corrected, without what was withdrawn."""
    merged = tuple(merge(statements).values())
    if not any(isinstance(stated.entry, _ACTS) for stated in merged):
        return merged  # nearly every object
    return tuple(settled.stated for settled in _settle_merged(merged) if settled.withdrawn_by is None)


_ACTS: Final = (EntryCorrected, EntryWithdrawn)


def _settle_merged(merged: Sequence[Stated]) -> tuple[Settled, ...]:
    acts: dict[bytes, list[Stated]] = {}
    for stated in merged:
        if isinstance(stated.entry, EntryCorrected | EntryWithdrawn) and stated.counts:
            acts.setdefault(stated.entry.entry, []).append(stated)
    return tuple(_settle_one(stated, acts) for stated in merged if not isinstance(stated.entry, _ACTS))


def _settle_one(stated: Stated, acts: Mapping[bytes, list[Stated]]) -> Settled:
    first = stated.entry
    if first.binding:
        return Settled(stated, first)
    corrected_by = None
    for act in sorted(_own_acts(stated, acts), key=own_order):
        if isinstance(act.entry, EntryWithdrawn):
            return Settled(stated, first, corrected_by, withdrawn_by=act.id)
        if any(isinstance(unsaid.entry, EntryWithdrawn) for unsaid in _own_acts(act, acts)):
            continue
        assert isinstance(act.entry, EntryCorrected)
        replacement = _find_replacement(first, act.entry.replacement)
        if replacement is not None:
            stated = msgspec.structs.replace(stated, entry=replacement)
            corrected_by = act.id
    return Settled(stated, first, corrected_by)


def _own_acts(stated: Stated, acts: Mapping[bytes, list[Stated]]) -> list[Stated]:
    return [act for act in acts.get(stated.id, ()) if (act.author, act.audience) == (stated.author, stated.audience)]


def _find_replacement(first: Entry, raw: bytes) -> Entry | None:
    """A replacement that is no entry of the same type and object leaves the entry as it was."""
    try:
        replacement = Decoder(type(first), size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed").decode(raw)
    except RemoteError:
        return None
    _, field = first.belongs_to
    stays = not field or getattr(replacement, field) == getattr(first, field)
    return replacement if stays else None
