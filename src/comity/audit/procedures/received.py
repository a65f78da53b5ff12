"""What should not have come: every entry that gives an item or carries marked text, judged again (R10).

The decision is the author's, made again from what he provably knew and at the latest clock in it. So it can be made
only where every page of his cut is in the record and opened; what cannot be judged yet is counted. What was permitted
is judged a third time, on what his other pages show him to have known (R57).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.audit.body import find_value, type_of_entry
from comity.audit.procedures.disclosed import find_disclosed_entry
from comity.audit.procedures.forms import Entry, Marking, Text
from comity.audit.procedures.forms_line import EntryCorrected
from comity.audit.procedures.forms_officer import AlarmEscalated, CalledOut, ItemRead
from comity.audit.procedures.forms_release import EntryDisclosed, ItemGiven, ItemShared, ItemsLinked
from comity.audit.procedures.forms_warning import DraftDiscarded, PublicWarned, ThreatDrafted
from comity.audit.procedures.funnel import Funnel, Ground, Says
from comity.audit.procedures.known import decode_entry, is_known
from comity.audit.procedures.said import Knowing, Said
from comity.base.names import Party

__all__ = ["Reach", "Unpermitted", "find_unpermitted"]

_Subject = tuple[bytes | None, tuple[Marking, ...]]
"""The item, if it is one, and the markings that are decided (R3)."""


class Reach(Knowing, Protocol):
    """What the funnel asks of the pages besides."""

    def find_latest_at(self, said: Said, /) -> int | None:
        """Return the latest clock in a statement's cut; None where not every page of it is here and opened."""

    def has_shown(self, later: Said, earlier: Said, /) -> bool:
        """Tell whether the author of `later` had `earlier` by its cut, or by what its other pages show (R57)."""

    def is_shown_whole(self, said: Said, /) -> bool:
        """Tell whether a statement is its author's own, and all that its other pages name is here and opened."""


@dataclass(frozen=True, slots=True)
class Unpermitted:
    """An entry that should not have gone to a party, by the answer that its author had to get."""

    said: Said
    to: Party
    says: Says
    clause: str


_OWN_NOTES = (ItemsLinked, ItemRead, AlarmEscalated, CalledOut, ThreatDrafted, DraftDiscarded, PublicWarned)


def find_unpermitted(
    statements: Sequence[Said],
    find_funnel: Callable[[Said], Funnel],
    reach: Reach,
    pending: list[Said],
    short: list[Unpermitted],
) -> Iterator[Unpermitted]:
    """Yield what should not have come; into `pending` goes what cannot be judged yet.

    Into `short` goes what was permitted on its author's cut alone, and is not on what its other pages show (R57).
    `find_funnel` gives the funnel of the version that governs a statement (P36).
    """
    for said in statements:
        subject = None if said.entry.is_procedural else _find_subject(said.entry)
        if subject is None:
            continue
        latest_at = reach.find_latest_at(said)
        if latest_at is None:
            pending.append(said)
            continue
        funnel = find_funnel(said)
        ground = Ground(latest_at, lambda other, said=said: reach.knows(said, other))  # type: ignore[misc]
        refused = tuple(_list_refused(said, subject, funnel, ground))
        yield from refused
        shown = Ground(latest_at, lambda other, said=said: reach.has_shown(said, other))  # type: ignore[misc]
        found = {row.to for row in refused}
        more = [row for row in _list_refused(said, subject, funnel, shown) if row.to not in found]
        short += more if more and reach.is_shown_whole(said) else ()


def _list_refused(said: Said, subject: _Subject, funnel: Funnel, ground: Ground) -> Iterator[Unpermitted]:
    """Yield each party of a statement's audience to which it was not permitted, on a ground."""
    item, markings = subject
    for party in said.audience:
        if party != said.author:
            answer = funnel.decide(markings, item=item, holder=said.author, to=party, ground=ground)
            if _is_over(said.entry, ground.at):
                answer = funnel.refusal
            if answer.says is not Says.PERMIT:
                yield Unpermitted(said, party, answer.says, answer.clause)


def _is_over(entry: Entry | None, at: int) -> bool:
    """Tell whether an entry gives what had expired by then (R37)."""
    return isinstance(entry, ItemGiven) and any(at >= end for end in entry.expires_at)


def _find_subject(entry: Entry | None) -> _Subject | None:
    """Return what is decided; None for what has no marking."""
    if isinstance(entry, EntryCorrected):
        entry = _read_entry(entry.replacement)
        if isinstance(entry, EntryCorrected) or (entry is not None and entry.binds):
            return None, ()  # none can be corrected (P3, P4), and as a correction has no marking (R3)
    if isinstance(entry, EntryDisclosed):
        shown = _read_entry(find_disclosed_entry(entry) or b"")
        return (None, ()) if isinstance(shown, EntryDisclosed | ItemShared) else _find_subject(shown)  # R28
    if entry is None or entry.is_procedural:
        return None
    if isinstance(entry, _OWN_NOTES):
        return None, ()  # has no marking, and is for its author alone (R43, P48, P91, P92, W17, W55)
    if isinstance(entry, ItemShared):
        return entry.item, entry.markings
    markings = tuple(dict.fromkeys(_walk(entry)))
    return (None, markings) if markings else None


def _read_entry(raw: bytes) -> Entry | None:
    """What a correction puts in place or a disclosure shows; of an unknown type it is for a newer version to judge."""
    value = find_value(raw)
    if value is None or not is_known(type_of_entry(value)):
        return None
    return decode_entry(type_of_entry(value), raw)


def _walk(value: object) -> Iterator[Marking]:
    """Yield the marking of every text within."""
    if isinstance(value, Text):
        yield value.marking
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk(element)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name))
