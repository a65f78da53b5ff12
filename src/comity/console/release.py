"""What the page *Release* shows first: what waits for a decision on information here, and what went and came lately.

One view over the folds, the same as the API's, judged at the moment of asking. Nothing of an item's text is in it: what
is a secret is opened on its own page, on the record.
"""

import heapq
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.inquiries import list_inquiries
from comity.api.items import show_giving
from comity.api.recalling import list_recalls
from comity.api.views.floor import InquiryShown
from comity.api.views.items import GivingShown, RecallShown
from comity.base.names import Party
from comity.machine.machine import Machine
from comity.node.approvals import Held
from comity.node.onward import OnwardRelease, list_onward
from comity.node.quarantine import Quarantined
from comity.pact.offices import Act
from comity.procedure.inquiry import InquiryState
from comity.procedure.onward import OnwardRequest, OnwardState
from comity.procedure.recalls import CopyState
from comity.procedure.spillage import ENTRIES, Spillage, fold_spillages
from comity.procedure.stated import Stated

__all__ = ["Onward", "Release", "find_onward", "find_quarantined", "find_release"]

LATELY_COUNT: Final = 8
"""Givings in each of the two short lists; the record has them all."""
ACTS: Final = frozenset({Act.RELEASE.value, Act.CONSENT.value, Act.RECALL.value})
_UNANSWERED: Final = frozenset({CopyState.ASKED_BACK.value, CopyState.OVERDUE.value})
_OPEN: Final = frozenset({InquiryState.OPEN.value, InquiryState.OVERDUE.value})


@dataclass(frozen=True, slots=True)
class Onward:
    """A request to pass an item on, and what it waits for from here.

    `awaits`: `consent` of ours as the originator, `grant` of ours as the hub, `giving` of ours as the holder, or, where
    another party has the next word, nothing.
    """

    request: OnwardRequest
    awaits: str


@dataclass(frozen=True, slots=True)
class Release:
    """All of it; each list in the order in which it should be looked at."""

    onward: tuple[Onward, ...]
    elsewhere: tuple[Onward, ...]
    recalls: tuple[RecallShown, ...]
    asked_back: tuple[RecallShown, ...]
    of_us: tuple[InquiryShown, ...]
    by_us: tuple[InquiryShown, ...]
    quarantined: tuple[Quarantined, ...]
    held: tuple[Held, ...]
    spillages: tuple[Spillage, ...]
    given: tuple[GivingShown, ...]
    received: tuple[GivingShown, ...]

    @property
    def is_calm(self) -> bool:
        """Whether nothing here waits for a decision."""
        return not (self.onward or self.recalls or self.of_us or self.quarantined or self.held)


def find_release(desk: Desk) -> Release:
    """Return what waits, and what went and came lately."""
    machine, now = desk.node.machine, desk.node.now()
    onward = find_onward(desk)
    recalls = sorted(list_recalls(machine, now)["recalls"], key=lambda row: (row["answer_by_at"], row["id"]))
    kept_apart = find_quarantined(desk)
    apart = {row.giving.entry for row in kept_apart}
    hidden = {getattr(entry, "item", b"") for entry in apart}
    givings = desk.node.shelf.find_givings()
    given = (row for row in givings if row.author == machine.party)
    received = (row for row in givings if row.author != machine.party and getattr(row.entry, "item", b"") not in hidden)
    inquiries = [row for row in list_inquiries(machine, now) if not row["is_closed"]]
    return Release(
        onward=tuple(row for row in onward if row.awaits),
        elsewhere=tuple(row for row in onward if not row.awaits and _is_open(row.request)),
        recalls=tuple(row for row in recalls if row["party"] == machine.party and row["state"] in _UNANSWERED),
        asked_back=tuple(row for row in recalls if row["asked_by"] == machine.party and row["state"] in _UNANSWERED),
        of_us=tuple(row for row in inquiries if row["request"]["author"] != machine.party and _is_owed(row)),
        by_us=tuple(row for row in inquiries if row["request"]["author"] == machine.party),
        quarantined=kept_apart,
        held=tuple(row for row in desk.node.approvals.list(now) if row.act in ACTS),
        spillages=_find_spillages(machine),
        given=tuple(show_giving(desk.node, row) for row in heapq.nsmallest(LATELY_COUNT, given, key=_order)),
        received=tuple(show_giving(desk.node, row) for row in heapq.nsmallest(LATELY_COUNT, received, key=_order)),
    )


def _order(giving: Stated) -> tuple[int, bytes]:
    return -giving.written_at, getattr(giving.entry, "item", b"")


def find_onward(desk: Desk) -> tuple[Onward, ...]:
    """Return every request to pass an item on, and whose word it waits for, the first to lapse first."""
    machine, now = desk.node.machine, desk.node.now()
    rows = sorted(list_onward(machine, as_of=now), key=lambda row: (row.wanted_until_at, row.request))
    release = OnwardRelease(desk.node, desk.items)
    return tuple(Onward(row, _find_awaited(release, machine.party, row)) for row in rows)


def _find_awaited(release: OnwardRelease, me: Party, row: OnwardRequest) -> str:
    if row.originator == me:
        return "consent" if row.state is OnwardState.REQUESTED else ""
    if row.holder != me or row.state not in (OnwardState.CONSENTED, OnwardState.GRANTED):
        return ""
    return "grant" if release.needs_grant(row.item, to=row.recipient) else "giving"


def _is_open(row: OnwardRequest) -> bool:
    return row.state in (OnwardState.REQUESTED, OnwardState.CONSENTED, OnwardState.GRANTED)


def _is_owed(row: InquiryShown) -> bool:
    return any(cell["state"] in _OPEN for cell in row["cells"])


def find_quarantined(desk: Desk) -> tuple[Quarantined, ...]:
    """Return what is kept apart here, unread: neither let out since nor destroyed."""
    shelf = desk.node.shelf
    rows = (row for row in desk.node.custody.quarantine.list() if row.released_by is None)
    return tuple(row for row in rows if not shelf.is_gone(getattr(row.giving.entry, "blob", b"")))


def _find_spillages(machine: Machine) -> tuple[Spillage, ...]:
    """Return the losses of which nobody has told yet what came of them."""
    rows = fold_spillages(machine.statements.find(*ENTRIES))
    return tuple(row for row in rows if row.concluded is None)
