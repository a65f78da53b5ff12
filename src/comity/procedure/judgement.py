"""Which entries the funnel decides, and how: asked by the author before sending and by each reader afterwards.

Rules (docs/spec/release.md, R3, R4, R10, R11, R37)
- Every marked text in an entry, however deep, is decided by its own marking, whatever the entry says of itself.
- An entry without text that is procedural goes where a clause of the pact lets procedural entries go.
- An item is decided by its markings, and by its expiry where it has one (R37).
- What cites an item goes to those who were given it.
- Anything else has no marking, and what has no marking does not leave.
- A correction is decided as the entry that it puts in place, a disclosure as the entry that it shows. What may not be
  corrected has no marking as a correction.
- A reader judges at the author's cut and at the latest clock in it, and flags what should not have come. The page
  stays accepted: it binds its author, and nothing is unsaid.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.citing import CITING
from comity.procedure.consent import ConsentCheck
from comity.procedure.correction import EntryCorrected
from comity.procedure.disclosed import EntryDisclosed, find_disclosed
from comity.procedure.dissemination import given_to
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.expiry import decide_giving
from comity.procedure.ground import Ground, find_ground_at_cut
from comity.procedure.release import decide, find_audience_fault
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.sharing import GIVING, ItemGiven, ItemPassedOn
from comity.procedure.stated import Stated, is_known_to
from comity.procedure.verdict import (
    FUNNEL,
    AudienceDecision,
    Decision,
    Permit,
    Reason,
    Subject,
    Withheld,
    subject_of_text,
)

__all__ = ["DecodeEntry", "Flag", "decide_entry", "is_decided_by_marking", "is_decided_by_type", "judge_received"]

DecodeEntry = Callable[[bytes], Entry | None]
"""Reads the entry inside a correction or a disclosure; None for a type that this version does not know."""


def decide_entry(
    entry: Entry, *, holder: Party, audience: Audience, ground: Ground, stated: Iterable[Stated], decode: DecodeEntry
) -> AudienceDecision:
    """Decide whether `holder` may state this entry to this audience.

    `stated` is what the holder knows: it tells who was given which item.
    """
    if fault := find_audience_fault(audience, holder=holder):
        return AudienceDecision((), fault)
    asked = _Asked(holder, ground, tuple(stated), decode)
    return AudienceDecision(tuple((to, _decide_for(entry, to, asked)) for to in audience if to != holder))


@dataclass(frozen=True, slots=True)
class _Asked:
    holder: Party
    ground: Ground
    stated: tuple[Stated, ...]
    decode: DecodeEntry


def _decide_for(entry: Entry, to: Party, asked: _Asked) -> Decision:
    holder, ground = asked.holder, asked.ground
    if to not in ground.terms.parties:
        return Withheld(FUNNEL, Reason.PARTY_UNKNOWN)
    if isinstance(entry, EntryCorrected):
        replacement = asked.decode(entry.replacement)
        if replacement is None or replacement.binding or isinstance(replacement, EntryCorrected):
            # What binds is never corrected (P4), so nobody looks into it: a statement that no fold reads, with room for
            # bytes that no marking speaks of.
            return Withheld(FUNNEL, Reason.UNMARKED)
        return _decide_for(replacement, to, asked)
    if isinstance(entry, EntryDisclosed):
        shown = asked.decode(find_disclosed(entry))
        if shown is None or isinstance(shown, (EntryDisclosed, *GIVING)):
            return Withheld(FUNNEL, Reason.UNMARKED)
        return _decide_for(shown, to, asked)
    if isinstance(entry, CITING):
        known = to in given_to(entry.item, asked.stated)
        return _decide_procedural(holder, to, ground) if known else Withheld(FUNNEL, Reason.NOT_GIVEN)
    if isinstance(entry, GIVING):
        ends = entry.expires_at if isinstance(entry, ItemGiven | ItemPassedOn) else ()
        subject = Subject(entry.markings, Digest(entry.item))
        return decide_giving(subject, expires_at=ends, holder=holder, to=to, ground=ground)
    texts = [decide(subject_of_text(text), holder=holder, to=to, ground=ground) for text in _walk_texts(entry)]
    if texts:
        return next((decision for decision in texts if not isinstance(decision, Permit)), texts[0])
    return _decide_procedural(holder, to, ground) if entry.procedural else Withheld(FUNNEL, Reason.UNMARKED)


def is_decided_by_marking(entry: Entry) -> bool:
    """Tell whether an entry gives an item or has room for text, so that its markings decide where it may go.

    An entry that its type calls procedural has no such room, and a test sees to it. What cites an item is decided by
    givings, of which a reader may not know (R4).
    """
    return not entry.procedural and not isinstance(entry, CITING)


def is_decided_by_type(entry: Entry) -> bool:
    """Tell whether every entry of this type is decided alike: procedural, without room for text, citing no item."""
    return entry.procedural and not isinstance(entry, CITING)


def _decide_procedural(holder: Party, to: Party, ground: Ground) -> Decision:
    clause = ground.terms.pact.policy.procedural
    if not clause.permitted:
        return Withheld(clause.id, Reason.PROCEDURAL_NOT_PERMITTED)
    return Permit(clause.id, (holder, to))


def _walk_texts(value: object) -> Iterator[MarkedText]:
    """Yield every marked text in a value, in the order of its bytes."""
    if isinstance(value, MarkedText):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _walk_texts(getattr(value, name))
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk_texts(element)


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding against an author: this entry should not have reached that party, on the author's own knowledge."""

    entry: Digest
    author: Party
    party: Party
    decision: Decision


def judge_received(
    received: Stated,
    *,
    stated: Iterable[Stated],
    terms: ReleaseTerms,
    check: ConsentCheck,
    decode: DecodeEntry,
    latest_at: Instant = Instant(0),  # noqa: B008 -- a NewType, which is the integer itself
) -> tuple[Flag, ...]:
    """Judge what came, as its author had to judge it; return what should not have come, empty if all is well.

    `stated` is what the judge holds. `latest_at` is the latest clock in the cut that the journal knows of.
    """
    held = tuple(stated)
    ground = find_ground_at_cut(terms, (*held, received), when_stating=received, check=check, latest_at=latest_at)
    known = [one for one in held if is_known_to(one, when_stating=received)]
    found = decide_entry(
        received.entry, holder=received.author, audience=received.audience, ground=ground, stated=known, decode=decode
    )
    if found.audience_fault is not None:
        return (Flag(received.id, received.author, received.author, found.audience_fault),)
    return tuple(Flag(received.id, received.author, party, decision) for party, decision in found.refusals)
