"""Statements that can go out as public warnings: threats and national actions, each with its corrections (X35).

A statement and its author's later words on it are a chain of messages. What a reader may have of the chain is decided
message by message; so a reader who was not permitted the first version is told of no first version.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.area import Area
from comity.procedure.correction import EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.measure import Instrument, MeasureAmended, MeasureOffered
from comity.procedure.national import NationalActionEnded, NationalActionStated
from comity.procedure.own import own_order
from comity.procedure.stated import Stated
from comity.procedure.threat import Credibility, ThreatKind, ThreatReported

__all__ = ["WARNING_KINDS", "Message", "Subject", "find_messages", "read_subject"]

WARNING_KINDS: Final = ("threat", "national")
"""Kinds of objects on the record from which an alert is made."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chain. `entry` is the statement as it stands from here on, None once it is taken back."""

    id: Digest
    author: Party
    written_at: Instant
    entry: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an alert is about, whatever entry says it."""

    kind: ThreatKind | Instrument
    text: MarkedText
    areas: tuple[Area, ...]
    credibility: Credibility | None
    starts_at: Instant
    ends_at: Instant


def find_messages(
    statements: Sequence[Stated], first: Stated, *, decode: Callable[[bytes], Entry | None]
) -> tuple[Message, ...]:
    """Return the chain that begins with a statement, in its author's order; a withdrawal or an end is the last.

    `statements` are those of its object. What was itself taken back is passed over.
    """
    own = sorted((row for row in statements if row.author == first.author and row.counts), key=own_order)
    unsaid = {row.entry.entry for row in own if isinstance(row.entry, EntryWithdrawn)}
    chain = [Message(first.id, first.author, first.written_at, first.entry)]
    for row in own:
        if row.id in unsaid:
            continue
        entry = row.entry
        if isinstance(entry, EntryCorrected) and entry.entry == first.id:
            replacement = decode(entry.replacement)
            if type(replacement) is type(first.entry):
                chain.append(Message(row.id, row.author, row.written_at, replacement))
        is_taken_back = isinstance(entry, EntryWithdrawn) and entry.entry == first.id
        is_over = isinstance(entry, NationalActionEnded) and entry.action == first.id
        if is_taken_back or is_over:
            chain.append(Message(row.id, row.author, row.written_at, None))
            break
    return tuple(chain)


def read_subject(entry: Entry) -> Subject | None:
    """Return what an entry warns of, or None if it is of another kind."""
    if isinstance(entry, ThreatReported):
        credibilities = [source.credibility for source in entry.sources]
        return Subject(
            kind=entry.kind,
            text=entry.narrative,
            areas=(),
            credibility=min(credibilities, default=None),
            starts_at=Instant(entry.occurred_at),
            ends_at=Instant(0),
        )
    if isinstance(entry, NationalActionStated | MeasureOffered | MeasureAmended):
        terms = entry.terms
        return Subject(
            kind=terms.instrument,
            text=terms.description,
            areas=terms.areas,
            credibility=None,
            starts_at=Instant(terms.starts_at),
            ends_at=Instant(terms.ends_at),
        )
    return None
