"""Corrections and withdrawals: what each statement says now (P3, P4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from comity.audit.body import find_value, type_of_entry
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.forms_line import EntryCorrected, EntryWithdrawn
from comity.audit.procedures.known import decode_entry
from comity.audit.procedures.said import Said, own_order
from comity.audit.procedures.scope import find_object

__all__ = ["Current", "correct", "find_replacement"]

_CORRECTING: Final = frozenset({EntryCorrected, EntryWithdrawn})
_About = Mapping[bytes, Sequence[Said]]


@dataclass(slots=True)
class Current:
    """Statements as they read now; `withdrawn` take no part in any fold and are still shown, as they read then."""

    statements: list[Said] = field(default_factory=list)
    withdrawn: list[Said] = field(default_factory=list)


def correct(statements: Iterable[Said]) -> Current:
    """Return the statements of one scope as they read now, corrections themselves left out."""
    rows = list(statements)
    if _CORRECTING.isdisjoint([type(said.entry) for said in rows]):
        return Current(rows)  # nearly every object
    about: defaultdict[bytes, list[Said]] = defaultdict(list)
    for said in rows:
        if isinstance(said.entry, EntryCorrected | EntryWithdrawn) and said.is_good:
            about[said.entry.entry].append(said)
    current = Current()
    for said in rows:
        if type(said.entry) in _CORRECTING:
            continue
        acts = [] if said.entry.binds else _own(said, about)
        withdrawn = min((own_order(act) for act in acts if isinstance(act.entry, EntryWithdrawn)), default=None)
        entry = _read(said, [act for act in acts if withdrawn is None or own_order(act) < withdrawn], about)
        kept = current.statements if withdrawn is None else current.withdrawn
        kept.append(said if entry is said.entry else msgspec.structs.replace(said, entry=entry))
    return current


def _read(said: Said, acts: Iterable[Said], about: _About) -> Entry:
    """Return what a statement says by these acts of its author: the last correction of it that stands (P3)."""
    fitting = [
        (*own_order(act), found)
        for act in acts
        if isinstance(act.entry, EntryCorrected)
        and not any(isinstance(undone.entry, EntryWithdrawn) for undone in _own(act, about))
        and (found := find_replacement(said, act.entry.replacement)) is not None
    ]
    return max(fitting, key=lambda row: row[:3])[3] if fitting else said.entry


def _own(said: Said, about: _About) -> list[Said]:
    """Return what the author of a statement said about it to the same audience."""
    return [act for act in about.get(said.id, ()) if (act.author, act.audience) == (said.author, said.audience)]


def find_replacement(said: Said, raw: bytes) -> Entry | None:
    """Read a replacement: an entry of the same type and object, or nothing (P3)."""
    value = find_value(raw)
    if value is None or type_of_entry(value) != type(said.entry).__name__:
        return None
    entry = decode_entry(type_of_entry(value), raw)
    if entry is None or find_object(msgspec.structs.replace(said, entry=entry)) != find_object(said):
        return None
    return entry
