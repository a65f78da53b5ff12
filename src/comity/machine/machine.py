"""One party in one realm: inputs in, effects out (DESIGN, section 7).

Rules that keep it so:
- No outside bytes make `handle` raise. A broken promise of our own is an assertion: the driver stops, journals whole.
- Nothing that others could see leaves before the commit it rests on was answered: such effects wait in `commits`.
- Nothing is drawn here and no clock is read: instants and salts come in; what draws randomness goes out as an effect.
- The same inputs give the same effects, in any process: no iteration over a set of strings reaches an effect.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest
from comity.journal.header import Feed, Page
from comity.journal.keyring import Keyring
from comity.journal.ledger import ACCEPTED, Judgement, Ledger
from comity.journal.trust import Trust
from comity.machine.alarm import find_alarms
from comity.machine.audiences import Announcements, Followed, find_followed
from comity.machine.clock_watch import ClockWatch
from comity.machine.closed import Closed, find_closed, find_newer_genesis, find_other_journals, find_own_journals
from comity.machine.departures import Departures
from comity.machine.effect import Acknowledge, Effect, Follow
from comity.machine.flags import Flags
from comity.machine.funnel import Funnel
from comity.machine.input import (
    Arrived,
    CheckpointSigned,
    Committed,
    FetchEnded,
    Input,
    LinkChanged,
    LostPage,
    PagesLost,
    Published,
    Say,
    Ticked,
    Wrapped,
)
from comity.machine.judged import keep_judged
from comity.machine.line_watch import LineWatch
from comity.machine.lookout import Lookout
from comity.machine.mend import Mend
from comity.machine.office_watch import OfficeWatch
from comity.machine.overtaken import take_batch
from comity.machine.own_clock import OwnClock
from comity.machine.pen import Pen
from comity.machine.permission import take_words
from comity.machine.reckoning import Reckoning
from comity.machine.refill import Refill
from comity.machine.returned import has_own_gap, take_back, take_held
from comity.machine.setup import Setup
from comity.machine.statements import Fault, Statements
from comity.machine.step import Step
from comity.machine.text_watch import TextWatch
from comity.machine.under_pact import UnderPact
from comity.machine.versions import Versions
from comity.machine.vouched import Vouched
from comity.procedure.genesis import AudienceOpened, PactAccepted, RootStatementPublished
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Stated

__all__ = ["Machine", "Setup"]


class Machine(UnderPact):
    """One party's core. A driver calls `restore` once, then `handle` for ever."""

    def __init__(self, setup: Setup, *, is_mute: bool = False) -> None:
        self.setup, self.is_mute = setup, is_mute
        self.party = setup.party
        suite, trust = setup.suite, Trust(setup.pins, setup.suite)
        self.ledger = Ledger(trust, reader=setup.party, suite=suite)
        self.keyring = Keyring(setup.party, setup.receiving_secrets, suite)
        self.statements = Statements(self.ledger, self.keyring, pacts=setup.find_lineage().digests)
        self.versions = Versions(setup, self.statements)
        self.refill = Refill(self.ledger, setup.party)
        self.mend = Mend(self.ledger, self.refill, party=setup.party, suite=suite)
        self.reckoning = Reckoning(self.ledger, setup.party, suite, links_down=self.refill.down)
        self.lookout = Lookout(setup.party, suite)
        self._is_unborn = False
        self.pen = Pen(
            setup.find_pen_settings(),
            setup.secrets,
            ledger=self.ledger,
            keyring=self.keyring,
            suite=suite,
            is_awaited=lambda journal: self.is_mute or self._is_unborn or self.reckoning.is_closed(journal),
        )
        self.pen.is_closed, self.pen.take_batch = self.mend.is_closed, functools.partial(take_batch, self)
        self.pen.find_pact, self.pen.is_over = self.versions.find_digest, self.versions.is_over
        self.funnel = Funnel(
            setup.pact, self.party, statements=self.statements, trust=trust, suite=suite, versions=self.versions
        )
        self.flags = Flags(self.party, self.funnel, ledger=self.ledger, statements=self.statements)
        self.offices = OfficeWatch(self.party, self.versions, ledger=self.ledger, statements=self.statements)
        self.clocks = ClockWatch()
        self._record = Record(self.policy, find_policy=self.versions.find_policy)
        self._unrest = self._hindsight = 0
        self._texts = TextWatch(self.policy, self.party, self.clocks, find_policy=self.versions.find_policy)
        self._lines = LineWatch(setup.pact, self.policy, self.party)
        self.departures = Departures()
        self.checked: dict[tuple[Digest, bytes], bool] = {}  # words of seats by statement and key, see `role_play`
        timed = (self.pen.outgoing, self.refill, self.reckoning, self.lookout, self.departures, self.clocks)
        self._clock = OwnClock(*timed)
        self._announcements = Announcements(self.party, self.versions.circles)
        self._freed: list[Judgement] = []
        self._unwatched: list[Stated] = []  # read again at a start: the folds and the watches get them all at once

    def restore(
        self,
        pages: Iterable[bytes],
        *,
        unpublished: Iterable[Digest] = (),
        lost: Iterable[LostPage] = (),
        vouched: Iterable[Vouched | bytes] = (),
        may_be_old: bool = False,
    ) -> None:
        """Fold the pages of the store, in the order in which they were stored. Called once, before any input.

        `unpublished` names own pages that the outbox has not answered for: they go out at the first tick, or once they
        can be read. `lost` names pages that the store no longer holds whole; it is asked for once all pages were read.
        `vouched` are the first pages of the store, before `pages`, from a snapshot: accepted ones as what they said,
        others, and own ones that are not out, as bytes. `may_be_old`: see `reckoning`.
        """
        waiting = set(unpublished)
        for given in itertools.chain(vouched, pages):
            for page in self._settle(self._accept_again(given)):
                if page.digest in waiting:
                    waiting.discard(page.digest)
                    self.departures.restore(page)
        self.departures.missed = waiting
        self.mend.lose(lost)
        self.reckoning.begin(may_be_old=may_be_old or has_own_gap(self))
        self._watch(tuple(self._unwatched))
        self._unwatched.clear()
        for watch in (self.flags, self.offices):
            watch.pass_over()  # told before, by the run that stored those pages

    def _accept_again(self, given: Vouched | bytes) -> Sequence[Judgement]:
        if isinstance(given, bytes):
            return self.ledger.accept(given, is_stored=True)
        self.statements.note_opened(given)
        return self.ledger.accept_vouched(given.page)

    def be_born(self, at: Instant, salt: bytes) -> tuple[Effect, ...]:
        """Write genesis page 0: certificate, acceptance. If the store may be old: once all say that there is none."""
        step = Step(at, salt, self.setup.suite)
        self._is_unborn = self.is_mute or self.reckoning.is_reckoning
        if not self._is_unborn:
            self.reckoning.skip()
            self._bear(step)
        return self._finish(step)

    @property
    def is_born(self) -> bool:
        """Whether this incarnation has its genesis page, here or lost by the store."""
        genesis = self.pen.get_journal(Feed.GENESIS, self.parties).digest
        return self.ledger.find_book(genesis) is not None or self.mend.is_closed(genesis)

    def _bear(self, step: Step) -> None:
        accepted = encode_entry(PactAccepted(self.versions.current.digest))
        self.pen.bear([accepted], audience=self.parties, step=step)
        self._watch(self.statements.take(step.pages[-1]))

    def handle(self, given: Input) -> tuple[Effect, ...]:
        """Take one input and return what the driver has to do, in order."""
        step = Step(given.at, given.salt, self.setup.suite)
        self._clock.note(given.at)
        self._texts.begin(given.at)
        self._take(given, step)
        for audience, entry in self.versions.find_due(step.at):
            self.pen.queue(Feed.GENESIS, audience, [encode_entry(entry)], 0)
        self._reckon(step)
        self._state_by_itself(step)
        for pair, raw in self._announcements.find_due(self.pen.outgoing.all()):
            self.pen.queue(Feed.RECORD, pair, [raw], 0)
        for written in self.pen.write(step):
            self._watch(self.statements.take_written(written))
        step.after.extend(find_alarms(self))
        return self._finish(step)

    def _state_by_itself(self, step: Step) -> None:
        if not self.is_in_force:
            return
        self._look_again()
        about_texts = self._texts.find_due(step.at, has_words_waiting=self.pen.may_have_words_waiting)
        for audience, entry in (*about_texts, *self._lines.find_due(step.at)):
            if self.versions.may_say(audience):
                self.pen.queue(Feed.RECORD, audience, [encode_entry(entry)], 0)

    def _reckon(self, step: Step) -> None:
        """Ask for own pages that may be missing here; be born once it is sure that this has not happened before."""
        if self.reckoning.is_due(step.at):
            own = (*find_newer_genesis(self), *find_own_journals(self))
            self.reckoning.plan(step, own=own, others=find_other_journals(self))
        if self.lookout.is_due(step.at):
            self.lookout.plan(step, find_newer_genesis(self))
        is_due = self._is_unborn or (self.is_in_force and not self.versions.is_single)  # in a new circle (J30)
        if is_due and not (self.is_mute or self.reckoning.is_closed(self.pen.make_id(Feed.GENESIS, self.parties))):
            self._is_unborn = False
            if not self.is_born and not self.pen.is_superseded:
                self._bear(step)

    def find_closed(self) -> tuple[Closed, ...]:
        """Return the own journals in which nothing may be said now, and why; in a fixed order."""
        return find_closed(self)

    def _watch(self, new: tuple[Stated, ...]) -> None:
        self._follow_versions(new)
        for stated in new:
            self._announcements.note(stated)
            self.pen.take_request(stated)
        self._record.take(new)
        self._texts.take(new)
        self._lines.take(new)
        self.flags.take(new)
        self.offices.take(new)

    def _follow_versions(self, told: Iterable[Stated]) -> None:
        """Go on under the version that is in force now; what was said is folded anew under the version of its cut."""
        if not self.versions.take(told):
            return
        self._record.forget_notes()
        if not self.versions.is_single:
            self._record.forget_states()
            self._texts.look_again()
            self._lines.follow(self.pact, self.policy)
            self.pen.set_receipt_delay(self.pact.policy.receipt.within_ms // 2)

    def _take(self, given: Input, step: Step) -> None:
        match given:
            case Arrived():
                self._take_page(given, step)
            case Say():
                take_words(self, given, step)
            case Committed():
                self.departures.take_committed(given, step)
            case Published():
                self.departures.take_published(given)
                self.pen.is_out(given.digest)
            case Wrapped():
                self.pen.take_wrapped(given)
            case CheckpointSigned():
                self.pen.take_checkpoint(given)
            case FetchEnded():
                self.refill.end(given, step)
                self.reckoning.end(given)
            case LinkChanged():
                self.refill.take_link(given, step)
                self.clocks.take_link(given)
                self.lookout.take_link(given)
                self.reckoning.look_again()
            case PagesLost():
                self.mend.take_lost(given.pages, self.departures.unpublished, step)
            case Ticked():
                self._tick(step)

    def _finish(self, step: Step) -> tuple[Effect, ...]:
        by_itself = (self._texts.find_wake(), self._lines.find_wake(step.at)) if self.is_in_force else ()
        asking = (self.pen.find_wake(), self.refill.wake_at, self.reckoning.wake_at, self.lookout.wake_at)
        return self.departures.finish(step, (*asking, self.versions.find_wake(step.at), *by_itself))

    def _settle(self, judgements: Iterable[Judgement], step: Step | None = None) -> Iterator[Page]:
        """Read every accepted page, and those that are set free by what is read; keep them in the step, if any."""
        queue = list(judgements)
        while queue:
            judgement = queue.pop(0)
            page = judgement.page
            if step is not None:
                keep_judged(judgement, self.party, step)
                take_held(self, judgement, step)
            if judgement.verdict is ACCEPTED and page is not None:
                header = page.header
                if header.journal.author == self.party:
                    self.pen.restore(page)
                elif header.kind.obliges_receipt:
                    self.pen.owe_receipt(header.journal.audience, at=step.at if step else None)
                said = self._read(page, step)
                if step is not None and header.journal.author == self.party:
                    take_back(self, page, said, step)
                queue.extend(self._freed)
                self._freed.clear()
                yield page

    def _read(self, page: Page, step: Step | None) -> tuple[Stated, ...]:
        """Open an accepted page; believe root statements in it, follow audiences that it tells of."""
        new = self.statements.take(page)
        if step is None:
            self._unwatched.extend(new)
        else:
            self._watch(new)
        for stated in new:
            entry = stated.entry
            if isinstance(entry, RootStatementPublished):
                try:
                    self._freed.extend(self.ledger.learn((entry.statement,)))
                except RemoteError as error:
                    self.statements.faults.append(Fault(page.digest, error.code))
            if step is not None and isinstance(entry, AudienceOpened):
                self.reckoning.look_again()
                step.after.extend(Follow(*key) for key in self.find_followed() if key[0] == stated.author)
        return new

    def _take_page(self, arrived: Arrived, step: Step) -> None:
        judgements = self.ledger.accept(arrived.raw)
        for page in self._settle(judgements, step):
            if page.header.journal.author != self.party:
                self.clocks.take(page, arrived)
        self.mend.take(judgements[0], step)
        if arrived.delivery:
            step.after.append(Acknowledge(arrived.delivery, judgements[0].verdict))
        self.refill.plan(step)

    def _tick(self, step: Step) -> None:
        self.refill.plan(step)
        self.pen.ask_for_checkpoints(step)
        self.departures.tick(step)

    @property
    def record(self) -> Record:
        """The statements by object, with their folds, in the standing of the pages held now."""
        self._look_again()
        return self._record

    def _look_again(self) -> None:
        """Let folds follow what came to light since: worse standings, longer cuts. A restart would find the same."""
        if self._unrest != self.ledger.unrest:
            self._unrest = self.ledger.unrest
            self._follow_versions(self.statements.all)
            self._record.take(self.statements.all)
            self._texts.take(self.statements.all)
        elif self._hindsight == self.ledger.hindsight:
            return
        self._hindsight = self.ledger.hindsight
        self._record.forget_states()
        self._texts.look_again()

    def find_links(self, audience: Audience) -> Links:
        """Return what is known of receipt besides statements: signed heads, and the readers no path leads to now."""
        return self.refill.find_links(audience)

    def find_followed(self) -> tuple[Followed, ...]:
        """Return every stream of other parties that this party may pull."""
        return find_followed(self.party, self.versions.circles, self.statements)
