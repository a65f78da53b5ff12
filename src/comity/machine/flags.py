"""What should not have come: what others sent us, judged again as they had to judge it (docs/spec/release.md, R10).

Rules
- Judged are entries that give an item or carry marked text, each once, at its author's cut and the latest clock in it.
  Procedural entries go where the pact lets them, and what cites an item leans on givings that we may not read.
- While a page of that cut is not here or not opened the judgement waits: the basis may be in it. (Who names pages that
  never come puts it off; those show as missing, J19.)
- A flag is a view over the pages held: when standings change, all is judged anew.

The page stays accepted, and nothing is unsaid.
"""

from collections.abc import Iterable

from comity.base.names import Digest, Party
from comity.journal.ledger import Ledger
from comity.machine.funnel import Funnel, decode_known
from comity.machine.statements import Cut, Statements
from comity.procedure.agreement import AgreementStateStated
from comity.procedure.correction import EntryCorrected
from comity.procedure.disclosed import EntryDisclosed, find_disclosed
from comity.procedure.dissemination import ENDING
from comity.procedure.judgement import Flag, is_decided_by_marking, judge_received
from comity.procedure.sharing import GIVING, PASSING, ConsentGiven
from comity.procedure.stated import Stated

__all__ = ["Flags"]

_OF_CONSENT = (*PASSING, ConsentGiven, *ENDING)


class Flags:
    """One party's findings against the others' use of the funnel."""

    def __init__(
        self,
        party: Party,
        funnel: Funnel,
        *,
        ledger: Ledger,
        statements: Statements,
    ) -> None:
        self._party = party
        self._funnel = funnel
        self._ledger = ledger
        self._statements = statements
        self._unrest = 0
        self._pending: list[Stated] = []
        self._passed_over: list[Stated] = []
        self._flags: dict[Digest, tuple[Flag, ...]] = {}
        self._told: set[Digest] = set()
        self._about_consent: dict[bytes, list[Stated]] = {}

    def take(self, new: Iterable[Stated]) -> None:
        """Note statements that can be read now."""
        for stated in new:
            entry = stated.entry
            if isinstance(entry, _OF_CONSENT):
                self._about_consent.setdefault(entry.item, []).append(stated)
            if stated.author != self._party and is_decided_by_marking(entry) and self._is_judged(stated):
                self._pending.append(stated)

    @staticmethod
    def _is_judged(stated: Stated) -> bool:
        """What is within a disclosure decides for it; a newer version's type is for that version to judge."""
        entry = stated.entry
        if isinstance(entry, EntryDisclosed):
            shown = decode_known(find_disclosed(entry))
            return shown is not None and is_decided_by_marking(shown)
        return not isinstance(entry, EntryCorrected) or decode_known(entry.replacement) is not None

    def find_new(self) -> tuple[Flag, ...]:
        """Judge what can be judged now; return the flags of entries that were not flagged before, in a fixed order."""
        self._settle()
        if len(self._flags) == len(self._told) and self._flags.keys() == self._told:
            return ()
        found = [flag for id_ in sorted(self._flags.keys() - self._told) for flag in self._flags[id_]]
        self._told.update(flag.entry for flag in found)
        return tuple(found)

    def pass_over(self) -> None:
        """Regard what is known now as told by the run before.

        A start reads years of marked text, and only who looks at the flags wants all of it judged again: it is judged
        then, unless a judgement waits for something.
        """
        if self._ledger.may_lack_pages or self._statements.unopened_count or self._unrest != self._ledger.unrest:
            self.find_new()
            return
        self._passed_over += self._pending
        self._pending = []

    def _settle_all(self) -> None:
        """Judge what was passed over as well; what is found in that was told by the run before."""
        if self._passed_over and self._unrest == self._ledger.unrest:
            new, self._pending, self._passed_over = self._pending, self._passed_over, []
            known = {stated.id for stated in self._pending}
            self._settle()
            self._told |= self._flags.keys() & known
            self._pending += new
        self._settle()

    def find_of(self, stated: Stated) -> tuple[Flag, ...] | None:
        """Judge one statement that came, whatever else waits; None while a page that its author had is not here."""
        cut = stated.cut
        assert isinstance(cut, Cut), "statements of the machine's own making"
        self._take_news()
        if not cut.is_whole or self._statements.has_unopened(cut):
            return None
        return self._judge(stated, cut)

    @property
    def all(self) -> tuple[Flag, ...]:
        """Every flag on what is held now, in a fixed order."""
        self._settle_all()
        return tuple(flag for id_ in sorted(self._flags) for flag in self._flags[id_])

    @property
    def judged(self) -> tuple[Flag, ...]:
        """Every flag of this run, in a fixed order: what was judged since the start, and nothing is judged for it."""
        return tuple(flag for id_ in sorted(self._flags) for flag in self._flags[id_])

    @property
    def pending_count(self) -> int:
        """Entries whose judgement waits for pages that their authors had."""
        self._settle_all()
        return len(self._pending)

    def _take_news(self) -> None:
        """Begin anew where standings have changed."""
        if self._unrest != self._ledger.unrest:
            self._unrest = self._ledger.unrest
            for kept in (self._pending, self._passed_over, self._flags, self._about_consent):
                kept.clear()
            self.take(self._statements.all)

    def _settle(self) -> None:
        self._take_news()
        if not self._pending:
            return
        waiting: list[Stated] = []
        for stated in self._pending:
            cut = stated.cut
            assert isinstance(cut, Cut), "statements of the machine's own making"
            if not cut.is_whole or self._statements.has_unopened(cut):
                waiting.append(stated)
                continue
            flags = self._judge(stated, cut)
            if flags:
                self._flags[stated.id] = flags
        self._pending = waiting

    def _judge(self, stated: Stated, cut: Cut) -> tuple[Flag, ...]:
        entry = stated.entry
        about = self._about_consent.get(entry.item, []) if isinstance(entry, GIVING) else []
        return judge_received(
            stated,
            stated=(*self._statements.find(AgreementStateStated), *about),
            terms=self._funnel.find_terms_at(stated),
            check=self._funnel.check_old_consent,
            decode=decode_known,
            latest_at=cut.latest_at,
        )
