"""What was given to this party outside any agreement: kept apart, told to its sender, let out on a ground (R53).

Rules
- In quarantine is what R10 flags for this party, and, while that cannot be judged yet, what could not be given now.
  What is there is not opened, so it is neither passed on nor exported.
- The finding goes to its sender by itself, once: the entry, the clause, the reason; no content. So does that on a
  statement, which is in no quarantine: it has been read, and is its author's word (R60).
- An officer lets it out only where a ground has come since; else it stays, or is destroyed with a certificate.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.base.errors import ComityError, UsageError
from comity.base.names import Digest, Party
from comity.node.destruction import Deciders
from comity.procedure.expiry import decide_giving
from comity.procedure.quarantine import FindingReported, QuarantineReleased
from comity.procedure.release import find_audience_fault
from comity.procedure.sharing import GIVING, Giving
from comity.procedure.stated import Stated
from comity.procedure.verdict import Decision, NeedsConsent, Permit, Subject

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Quarantine", "Quarantined"]

LOOK_S: Final = 1.0
COUNT_AT_ONCE: Final = 8
"""Givings judged between two turns of everything else."""
NEEDS_CONSENT: Final = "needs-consent"
"""The reason that is told where the answer was not *withheld*."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One giving in quarantine, or let out of it. `is_judged` is false while its author's pages are not all here."""

    giving: Stated
    decision: Decision
    is_judged: bool
    reported_by: Digest | None
    released_by: Digest | None

    @property
    def item(self) -> Digest:
        """The item."""
        assert isinstance(self.giving.entry, Giving)
        return Digest(self.giving.entry.item)

    @property
    def reason(self) -> str:
        """Why, as a code."""
        return _find_reason(self.decision)


def _find_reason(decision: Decision) -> str:
    assert not isinstance(decision, Permit), "what is permitted is no finding"
    return NEEDS_CONSENT if isinstance(decision, NeedsConsent) else decision.reason.value


class Quarantine:
    """The quarantine of one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._machine = node.machine
        self._judged: dict[Digest, tuple[int, Decision | None]] = {}
        """For each giving judged, the unrest of the ledger at that time, and what speaks against it."""

    def find(self, giving: Stated) -> Quarantined | None:
        """Return what speaks against a giving, or None: own givings are not judged."""
        if giving.author == self._machine.party:
            return None
        is_judged, decision = self._judge(giving)
        if decision is None:
            return None
        reported = self._find_own(FindingReported, giving.id)
        released = self._find_own(QuarantineReleased, giving.id)
        return Quarantined(giving, decision, is_judged, reported, released)

    def _find_own(self, type_: type[FindingReported] | type[QuarantineReleased], id_: Digest) -> Digest | None:
        for row in self._machine.statements.find(type_):
            if isinstance(row.entry, type_) and row.entry.entry == id_ and row.author == self._machine.party:
                return row.id
        return None

    def _judge(self, giving: Stated) -> tuple[bool, Decision | None]:
        unrest = self._machine.ledger.unrest
        held = self._judged.get(giving.id)
        if held is not None and held[0] == unrest:
            return True, held[1]
        flags = self._machine.flags.find_of(giving)
        if flags is None:
            return False, self._decide_now(giving)
        # A fault of the audience itself is everybody's.
        found = next((flag.decision for flag in flags if flag.party in (self._machine.party, giving.author)), None)
        self._judged[giving.id] = (unrest, found)
        return True, found

    def _decide_now(self, giving: Stated) -> Decision | None:
        """Return what would be said if it were given now, unless it would be let."""
        found = self._find_ground(giving)
        return None if isinstance(found, Permit) else found

    def list(self) -> tuple[Quarantined, ...]:
        """Return everything that is in quarantine or was let out of it, in the order of arrival."""
        found = (self.find(row) for row in self._machine.statements.find(*GIVING))
        return tuple(row for row in found if row is not None)

    async def release(self, giving: Digest, *, by: Deciders) -> tuple[Digest, ...]:
        """Let one giving out, since it could be given now; its sender is told.

        Raises:
            UsageError: `quarantine.none` where it is not there; `quarantine.no-ground`, with what speaks against it.
        """
        held = next((row for row in self.list() if row.giving.id == giving and row.released_by is None), None)
        if held is None:
            raise UsageError("quarantine.none")
        ground = self._find_ground(held.giving)
        if not isinstance(ground, Permit):
            raise UsageError("quarantine.no-ground", clause=ground.clause)
        entry = QuarantineReleased(giving, ground.clause, by.role, by.officers)
        return await self._node.say(self._pair(held.giving.author), (entry,))

    def _find_ground(self, giving: Stated) -> Decision:
        """Return what the giver would be told if it gave the item to this party now."""
        entry, me, giver = giving.entry, self._machine.party, giving.author
        assert isinstance(entry, Giving)
        subject, ends = Subject(entry.markings, Digest(entry.item)), getattr(entry, "expires_at", ())
        ground = self._machine.funnel.find_ground(self._node.now(), audience=giving.audience)
        fault = find_audience_fault(giving.audience, holder=giver)
        return fault or decide_giving(subject, expires_at=ends, holder=giver, to=me, ground=ground)

    def _pair(self, other: Party) -> tuple[Party, ...]:
        return tuple(sorted((self._machine.party, other)))

    async def keep(self) -> None:
        """For ever: tell each sender what should not have come from it, once."""
        while self._node.failure is None:
            for count, row in enumerate(self._machine.statements.find(*GIVING)):
                await self._report(row)
                if count % COUNT_AT_ONCE == 0:
                    await asyncio.sleep(0)
            await self._report_statements()
            await asyncio.sleep(LOOK_S)

    async def _report_statements(self) -> None:
        """Tell each sender which of its statements should not have come; those before this run were told of then."""
        me, findings = self._machine.party, dict[Party, dict[Digest, FindingReported]]()
        flags = [flag for flag in self._machine.flags.judged if flag.party in (me, flag.author)]
        if not flags:
            return
        told = {row.entry.entry for row in self._machine.statements.find(FindingReported)
                if isinstance(row.entry, FindingReported) and row.author == me}  # fmt: skip
        told |= {row.id for row in self._machine.statements.find(*GIVING)}
        for flag in flags:
            of_author = findings.setdefault(flag.author, {})
            if flag.entry not in told and len(of_author) < COUNT_AT_ONCE:
                finding = FindingReported(flag.entry, flag.decision.clause, _find_reason(flag.decision))
                of_author.setdefault(flag.entry, finding)
        for author, entries in findings.items():
            if entries:
                with contextlib.suppress(ComityError):
                    await self._node.say(self._pair(author), tuple(entries.values()))

    async def _report(self, giving: Stated) -> None:
        held = self.find(giving)
        if held is None or not held.is_judged or held.reported_by is not None:
            return
        # Where the journal to its sender is closed just now, it is told at a later look.
        with contextlib.suppress(ComityError):
            entry = FindingReported(giving.id, held.decision.clause, held.reason)
            await self._node.say(self._pair(giving.author), (entry,))
