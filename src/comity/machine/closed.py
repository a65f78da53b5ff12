"""Which own journals nothing may be said in now, and why; and which journals a reckoning asks for.

A view over the parts of one machine. A closed journal is no fault: what would be said there could be a second history.
"""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.base.names import Audience, Party
from comity.journal.header import Feed, JournalId
from comity.machine.audiences import find_own_audiences

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = [
    "Closed",
    "ClosedWhy",
    "find_closed",
    "find_newer_genesis",
    "find_other_journals",
    "find_own_journals",
    "has_reckoned",
]

NEWER_COUNT: Final = 2
"""Incarnations asked for: the next, and the one after it, where a replacement was repeated before it said a word."""
UNKNOWN_COUNT: Final = 16
"""Incarnations before the newest that are asked for unknown: a root may certify the millionth one first."""


class ClosedWhy(enum.Enum):
    """Why nothing is said in an own journal."""

    RECKONING = "reckoning"
    """What was said there may not all be here: readers are being asked."""
    SUPERSEDED = "superseded"
    """The root has certified a later incarnation: this key was replaced."""
    FORK = "fork"
    """It has two histories: only a new incarnation goes on."""


@dataclass(frozen=True, slots=True)
class Closed:
    """An own journal that is closed; `waits_for` are the readers who have not answered."""

    feed: Feed
    audience: Audience
    why: ClosedWhy
    waits_for: Audience = ()


def find_own_journals(machine: "Machine") -> tuple[JournalId, ...]:
    """Return the ids of all journals that this party writes or may have written in its present incarnation."""
    audiences = find_own_audiences(machine.party, machine.versions.circles, machine.statements)
    ids = [machine.pen.make_id(feed, audience) for feed, audience in audiences]
    return tuple(dict.fromkeys([*ids, *(own.id for own in machine.pen.outgoing.all())]))


def find_newer_genesis(machine: "Machine") -> tuple[JournalId, ...]:
    """Return the genesis journals of this party's next incarnations, to each circle: none where its end is known."""
    if machine.pen.is_superseded:
        return ()
    pins, present = machine.setup.pins, machine.setup.secrets.incarnation
    return tuple(
        JournalId(pins.lineage, pins.realm, Feed.GENESIS, machine.party, circle, present + ahead)
        for ahead in range(1, NEWER_COUNT + 1)
        for circle in machine.versions.circles
    )


def find_other_journals(machine: "Machine") -> tuple[JournalId, ...]:
    """Return the ids of all other journals known to be for this party: others', and its own of earlier incarnations."""
    streams = [
        *machine.find_followed(),
        *((machine.party, own.feed, own.audience) for own in find_own_journals(machine)),
    ]
    pins, present = machine.setup.pins, machine.setup.secrets.incarnation
    ids: list[JournalId] = []
    for author, feed, audience in streams:
        numbers = range(present) if author == machine.party else _find_incarnations(machine, author)
        ids += [JournalId(pins.lineage, pins.realm, feed, author, audience, number) for number in numbers]
    return tuple(ids)


def _find_incarnations(machine: "Machine", author: Party) -> list[int]:
    """Return the incarnations of another party that may have written: certified ones, and the last few before those.

    The certificate of one that wrote may be lost with its pages. What is older still is found by heads that name it.
    """
    known = machine.ledger.trust.find_incarnations(author) or (0,)
    return sorted({*known, *range(max(0, known[-1] - UNKNOWN_COUNT), known[-1])})


def has_reckoned(machine: "Machine") -> bool:
    """Tell whether a driver may forget that its store was old: all that was asked for has come, and is stored.

    An own journal is open sooner. Were a node to stop between the two and remember nothing, it would not ask for what
    others had said to it: they were told once that it had that (seen in rehearsal).
    """
    journals = (*find_own_journals(machine), *find_other_journals(machine))
    return machine.reckoning.is_over(journals) and not machine.departures.has_open_commit


def find_closed(machine: "Machine") -> tuple[Closed, ...]:
    """Return the own journals in which nothing may be said now."""
    if machine.pen.is_superseded:
        return tuple(Closed(row.feed, row.audience, ClosedWhy.SUPERSEDED) for row in find_own_journals(machine))
    found = [
        Closed(own.id.feed, own.id.audience, ClosedWhy.FORK)
        for own in machine.pen.outgoing.all()
        if machine.pen.is_forked(own)
    ]
    forked = {(closed.feed, closed.audience) for closed in found}
    for journal in find_own_journals(machine):
        if (journal.feed, journal.audience) not in forked and machine.reckoning.is_closed(journal):
            waits_for = machine.reckoning.find_unanswered(journal)
            found.append(Closed(journal.feed, journal.audience, ClosedWhy.RECKONING, waits_for))
    return tuple(sorted(found, key=lambda closed: (closed.feed, closed.audience)))
