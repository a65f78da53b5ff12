"""Who acted beyond their power, in what was stated by anybody: judged again as its author had to judge it (P43).

Rules
- Each page is judged once, as a whole: who acted in an entry stands in front of it, in the same page.
- Where several versions of the pact are held the judgement waits until the author's cut is here and opened, since that
  tells which one governs; a worse standing that comes to light can change that, and all is judged anew.
- A finding is a view over the pages held, by every reader; it unsays nothing. Of another party's acts an alarm tells.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from comity.base.names import Digest, Party
from comity.journal.ledger import Ledger
from comity.machine.effect import Alarm
from comity.machine.funnel import decode_known
from comity.machine.statements import Cut, Statements
from comity.machine.versions import Versions
from comity.procedure.office import Fault
from comity.procedure.officer import cover
from comity.procedure.stated import Stated

__all__ = ["Misacted", "OfficeWatch"]

ALARM_COUNT_MAX = 64
"""Alarms about one author: a node that lets everything through is not told of for ever."""

Page = Sequence[Stated]


@dataclass(frozen=True, slots=True)
class Misacted:
    """A finding against a party: its node let an officer do what the pact does not."""

    stated: Stated
    fault: Fault


class OfficeWatch:
    """One party's findings about who acted."""

    def __init__(self, party: Party, versions: Versions, *, ledger: Ledger, statements: Statements) -> None:
        self._party = party
        self._versions = versions
        self._ledger = ledger
        self._statements = statements
        self._unrest = 0
        self._pending: list[Page] = []
        self._found: dict[tuple[Digest, int], Misacted] = {}
        self._told: set[tuple[Digest, int]] = set()
        self._told_of: dict[Party, int] = {}

    def take(self, new: Sequence[Stated]) -> None:
        """Note statements that can be read now, page by page."""
        if not self._may_ask:
            return
        for _, page in itertools.groupby(new, lambda row: row.page_digest):
            rows = tuple(page)
            if self._versions.is_single:
                self._judge(rows)
            else:
                self._pending.append(rows)

    @property
    def _may_ask(self) -> bool:
        """Whether any version that is held asks for officers."""
        return any(version.pact.offices is not None for version in self._versions.lineage.placed)

    @property
    def all(self) -> tuple[Misacted, ...]:
        """Every finding on what is held now, in a fixed order."""
        self._settle()
        return tuple(self._found[place] for place in sorted(self._found))

    def pass_over(self) -> None:
        """Regard what is known now as told by the run before."""
        self._settle()
        self._told.update(self._found)

    def find_alarms(self) -> tuple[Alarm, ...]:
        """Return an alarm for each new finding about another party, up to a number."""
        self._settle()
        if self._found.keys() <= self._told:
            return ()
        alarms: list[Alarm] = []
        for place in sorted(self._found.keys() - self._told):
            self._told.add(place)
            found = self._found[place]
            author = found.stated.author
            count = self._told_of[author] = self._told_of.get(author, 0) + 1
            if author != self._party and count <= ALARM_COUNT_MAX:
                details = {"author": author, "entry": found.stated.id, "fault": found.fault.code}
                alarms.append(Alarm("alarm.beyond-power", {**details, "clause": found.fault.clause}))
        return tuple(alarms)

    def _settle(self) -> None:
        if self._unrest != self._ledger.unrest:
            self._unrest = self._ledger.unrest
            if not self._versions.is_single:
                self._pending.clear()
                self._found.clear()
                self.take(self._statements.all)
        if not self._pending:
            return
        waiting: list[Page] = []
        for page in self._pending:
            if self._is_whole(page[0]):
                self._judge(page)
            else:
                waiting.append(page)
        self._pending = waiting

    def _is_whole(self, stated: Stated) -> bool:
        cut = stated.cut
        assert isinstance(cut, Cut), "statements of the machine's own making"
        return cut.is_whole and not self._statements.has_unopened(cut)

    def _judge(self, page: Page) -> None:
        """Judge each statement of one page under the version that governs it."""
        acted = cover(page)
        for row in page:
            terms = self._versions.read_offices(self._versions.find_version(row))
            fault = None if terms is None else terms.judge(row.entry, acted.get(row.index), decode_known)
            if fault is not None:
                self._found[row.page_digest, row.index] = Misacted(row, fault)
