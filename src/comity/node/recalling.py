"""Recalling an item, passing a recall on, answering one, telling what came of it (docs/spec/release.md, R47 to R49).

Each act looks at this party's own record. *Destroyed* is answered by destroying, and by nothing else.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from comity.base.errors import ComityError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.machine.dissemination import find_copies_of, find_recalls
from comity.machine.machine import Machine
from comity.node.destruction import Deciders
from comity.node.node import Node
from comity.procedure.copies import Copy
from comity.procedure.recall import (
    CopiesMade,
    Fate,
    FateReported,
    FateRow,
    ItemDestroyed,
    Onward,
    RecallPassedOn,
    RecallReplied,
    RecallReported,
)
from comity.procedure.recalls import CopyState, Recall
from comity.procedure.sharing import (
    GIVING,
    PASSING,
    Giving,
    PassOnReported,
    RecallReason,
    RecallRequested,
)
from comity.procedure.stated import Stated

__all__ = ["Recalling"]

_REPORTED: Final = {
    CopyState.DESTROYED: FateReported.DESTROYED,
    CopyState.SAID_DESTROYED: FateReported.DESTROYED,
    CopyState.KEPT_UNDER_NATIONAL_LAW: FateReported.KEPT_UNDER_NATIONAL_LAW,
    CopyState.DECLINED: FateReported.DECLINED,
}


class Recalling:
    """The recalls of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._machine: Machine = node.machine

    async def ask(
        self, item: Digest, *, reason: RecallReason, answer_by_at: Instant, to: Sequence[Party] = ()
    ) -> tuple[Digest, ...]:
        """Ask everybody to whom this party gave its item to give it up; `to` adds holders known by report alone.

        Raises:
            UsageError: `item.not-here`, `recall.not-originator`, `recall.no-holders`; as the funnel refuses (R4).
        """
        me = self._machine.party
        givings = self._find_givings(item)
        if not any(_get_originator(row) == me for row in givings):
            raise UsageError("recall.not-originator")
        audiences = {row.audience for row in givings if row.author == me}
        audiences |= {tuple(sorted((me, party))) for party in to if not any(party in known for known in audiences)}
        if not audiences:
            raise UsageError("recall.no-holders")
        return await self._say_each(audiences, RecallRequested(item, reason, answer_by_at))

    async def pass_on(self, request: Digest, *, answer_by_at: Instant | None = None) -> tuple[Digest, ...]:
        """Ask those to whom this party gave the item further, for the reason given to it, by the same time or another.

        Raises:
            UsageError: `recall.no-request`, `recall.not-passed-on`.
        """
        recall = self.get_recall(request)
        audiences = {row.audience for row in self._find_passed(recall.item)}
        if not audiences:
            raise UsageError("recall.not-passed-on")
        by_at = recall.answer_by_at if answer_by_at is None else answer_by_at
        return await self._say_each(audiences, RecallPassedOn(recall.item, recall.reason, by_at))

    async def answer(self, request: Digest, fate: Fate, *, copies: CopiesMade, by: Deciders) -> tuple[Digest, ...]:
        """Answer a recall; to answer *destroyed* destroys what is here, and names the certificate.

        Raises:
            UsageError: `recall.no-request`, `item.not-here`; as `Destruction.destroy`.
            OutageError: as `Destruction.destroy`.
        """
        recall = self.get_recall(request)
        audience = recall.request.audience
        certificate: tuple[bytes, ...] = ()
        if fate is Fate.DESTROYED:
            certificate = (await self._destroy(recall.item, audience, by),)
        entry = RecallReplied(recall.item, request, fate, copies, self._find_onward(recall), certificate)
        return await self._node.say(audience, (entry,))

    async def _destroy(self, item: Digest, audience: Audience, by: Deciders) -> Digest:
        """Destroy the item, or return the certificate that this audience was shown when it was destroyed."""
        shown = [
            row.id
            for row in self._machine.statements.find(ItemDestroyed)
            if isinstance(row.entry, ItemDestroyed)
            and (row.author, row.audience, row.entry.item) == (self._machine.party, audience, item)
        ]
        try:
            return (await self._node.custody.destruction.destroy(item, by=by, tell=(audience,)))[audience]
        except UsageError as error:
            if error.code != "item.destroyed-already":
                raise
            return shown[-1]

    async def report(self, request: Digest) -> tuple[Digest, ...]:
        """Tell who asked what those answered of whom it was told that they have the item.

        Raises:
            UsageError: `recall.no-request`, `recall.not-passed-on`.
        """
        recall = self.get_recall(request)
        copies = find_copies_of(self._machine.statements, recall.item, as_of=self._node.now())
        told = [
            row.entry.recipient
            for row in self._machine.statements.find(PassOnReported)
            if isinstance(row.entry, PassOnReported)
            and (row.author, row.audience) == (self._machine.party, recall.request.audience)
            and row.entry.item == recall.item
        ]
        rows = tuple(FateRow(party, self._find_fate(party, copies)) for party in sorted(set(told)))
        if not rows:
            raise UsageError("recall.not-passed-on")
        return await self._node.say(recall.request.audience, (RecallReported(recall.item, request, rows),))

    def _find_fate(self, party: Party, copies: Iterable[Copy]) -> FateReported:
        """Say of a party what its copies of an item that came from here stand for: the least that holds of all."""
        me = self._machine.party
        found = [copy for copy in copies if (copy.giver, copy.holder) == (me, party)]
        fates = {_REPORTED.get(copy.state, FateReported.UNANSWERED) for copy in found}
        order = (FateReported.UNANSWERED, FateReported.DECLINED, FateReported.KEPT_UNDER_NATIONAL_LAW)
        return next((fate for fate in order if fate in fates or not fates), FateReported.DESTROYED)

    def _find_onward(self, recall: Recall) -> Onward:
        """Say by the record whether it was given further, and whether all who have it were asked since."""
        passed = self._find_passed(recall.item)
        if not passed:
            return Onward.NONE
        asked = {
            row.audience
            for row in self._machine.statements.find(RecallPassedOn)
            if isinstance(row.entry, RecallPassedOn)
            and (row.author, row.entry.item) == (self._machine.party, recall.item)
        }
        return Onward.RECALLED if {row.audience for row in passed} <= asked else Onward.PASSED_ON

    def get_recall(self, request: Digest) -> Recall:
        """Return a recall that counts and asks this party.

        Raises:
            UsageError: `recall.no-request`.
        """
        recalls, me = find_recalls(self._machine.statements), self._machine.party
        found = next((row for row in recalls.rows if (row.request.id, row.party) == (request, me)), None)
        if found is None:
            raise UsageError("recall.no-request")
        return found

    def _find_givings(self, item: Digest) -> tuple[Stated, ...]:
        found = tuple(row for row in self._machine.statements.find(*GIVING) if _get_giving(row).item == item)
        if not found:
            raise UsageError("item.not-here")
        return found

    def _find_passed(self, item: Digest) -> tuple[Stated, ...]:
        rows = self._machine.statements.find(*PASSING)
        return tuple(row for row in rows if row.author == self._machine.party and _get_giving(row).item == item)

    async def _say_each(
        self, audiences: Iterable[Audience], entry: RecallRequested | RecallPassedOn
    ) -> tuple[Digest, ...]:
        """State the same to each audience; what one cannot be told now stops no other, and is raised at the end."""
        ids: list[Digest] = []
        fault: ComityError | None = None
        for audience in sorted(audiences):
            try:
                ids += await self._node.say(audience, (entry,))
            except ComityError as error:
                fault = error
        if fault is not None:
            raise fault
        return tuple(ids)


def _get_giving(row: Stated) -> Giving:
    assert isinstance(row.entry, Giving)
    return row.entry


def _get_originator(row: Stated) -> Party:
    return _get_giving(row).markings[0].originator
