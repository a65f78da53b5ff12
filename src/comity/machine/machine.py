"""One party in one realm: inputs in, effects out (DESIGN, section 7).

Rules that keep it so:
- No outside bytes make `handle` raise. A broken promise of our own is an assertion: the driver stops, journals whole.
- Nothing that others could see leaves before the commit it rests on was answered: such effects wait in `commits`.
- Nothing is drawn here and no clock is read: instants and salts come in; what draws randomness goes out as an effect.
- The same inputs give the same effects, in any process: no iteration over a set of strings reaches an effect.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from comity.base.errors import ComityError, RemoteError, UsageError
from comity.base.instants import NEVER, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, Page
from comity.journal.keyring import Keyring
from comity.journal.ledger import Judgement, Ledger, Verdict
from comity.journal.trust import Trust
from comity.machine.alarm import find_fork_alarm, make_flag_alarm
from comity.machine.audiences import Announcements, Followed, find_followed
from comity.machine.clock_watch import ClockWatch
from comity.machine.commits import Commits
from comity.machine.effect import Acknowledge, Alarm, Answer, Effect, Follow, Publish, Refusal, Wake
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
from comity.machine.line_watch import LineWatch
from comity.machine.mend import Mend
from comity.machine.pen import Pen
from comity.machine.refill import Refill
from comity.machine.setup import Setup
from comity.machine.statements import Fault, Statements
from comity.machine.step import Step
from comity.machine.text_watch import TextWatch
from comity.machine.vouched import Vouched
from comity.procedure.genesis import AudienceOpened, PactAccepted, RootStatementPublished, find_accepting
from comity.procedure.policy import read_policy
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Stated

__all__ = ["Machine", "Setup"]

REPUBLISH_INTERVAL_MS: Final = 5 * SECOND_MS
"""Between two tries to bring a stored page into an outbox that was down."""


class Machine:
    """One party's core. A driver calls `restore` once, then `handle` for ever."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.party = setup.party
        self.parties: Audience = tuple(sorted(setup.pins.roots))
        self.ledger = Ledger(Trust(setup.pins, setup.suite), reader=setup.party, suite=setup.suite)
        self.keyring = Keyring(setup.party, setup.receiving_secrets, setup.suite)
        self.statements = Statements(self.ledger, self.keyring)
        self.refill = Refill(self.ledger, setup.party)
        self.mend = Mend(self.ledger, self.refill, party=setup.party, suite=setup.suite)
        self.pen = Pen(
            setup.find_pen_settings(), setup.secrets, ledger=self.ledger, keyring=self.keyring, suite=setup.suite
        )
        self.pen.is_closed = self.mend.is_closed
        self.funnel = Funnel(
            setup.pact, self.party, statements=self.statements, trust=self.ledger.trust, suite=setup.suite
        )
        self.flags = Flags(self.party, self.funnel, ledger=self.ledger, statements=self.statements)
        self.clocks = self._clocks = ClockWatch()
        policy = read_policy(setup.pact)
        self.policy = policy
        self._record = Record(policy)
        self._unrest = 0
        self._hindsight = 0
        self._texts = TextWatch(policy, self.party, self._clocks)
        self._lines = LineWatch(setup.pact, policy, self.party)
        self._commits = Commits()
        self._unpublished: dict[Digest, Publish] = {}
        self._republish_at: Instant | None = None
        self._wake_at: Instant | None = None
        self._announcements = Announcements(self.party, self.parties)
        self._accepting: tuple[tuple[Stated, ...], frozenset[Party]] = ((), frozenset())
        self._freed: list[Judgement] = []
        self._unwatched: list[Stated] = []
        """Read again at a start; the folds and the watches get them all at once."""

    def restore(
        self,
        pages: Iterable[bytes],
        *,
        unpublished: Iterable[Digest] = (),
        lost: Iterable[LostPage] = (),
        vouched: Iterable[Vouched | bytes] = (),
    ) -> None:
        """Fold the pages of the store, in the order in which they were stored. Called once, before any input.

        `unpublished` names own pages that the outbox has not answered for: they go out again at the first tick. `lost`
        names pages that the store no longer holds whole; it is asked for once all pages were read. `vouched` are the
        first pages of the store, before `pages`, from a snapshot: accepted ones as what they said, others, and own
        ones that are not out, as bytes.
        """
        waiting = set(unpublished)
        for given in itertools.chain(vouched, pages):
            for page in self._settle(self._accept_again(given)):
                journal = page.header.journal
                if journal.author == self.party and page.digest in waiting:
                    self._unpublished[page.digest] = Publish(journal.feed, journal.audience, page.digest, page.raw)
                    self._republish_at = NEVER
        self.mend.lose(lost)
        self._watch(tuple(self._unwatched))
        self._unwatched.clear()
        self.flags.pass_over()  # told before, by the run that stored those pages

    def _accept_again(self, given: Vouched | bytes) -> Sequence[Judgement]:
        if isinstance(given, bytes):
            return self.ledger.accept(given)
        self.statements.note_opened(given)
        return self.ledger.accept_vouched(given.page)

    def be_born(self, at: Instant, salt: bytes) -> tuple[Effect, ...]:
        """Write genesis page 0 with the certificate and the acceptance of the pact; once in an incarnation's life."""
        step = Step(at, salt, self.setup.suite)
        accepted = encode_entry(PactAccepted(self.setup.pact_digest))
        self.pen.bear(self.setup.certificate, [accepted], audience=self.parties, step=step)
        self.statements.take(step.pages[0])
        return self._finish(step)

    def handle(self, given: Input) -> tuple[Effect, ...]:
        """Take one input and return what the driver has to do, in order."""
        step = Step(given.at, given.salt, self.setup.suite)
        if self._texts.up_since_at == NEVER:
            self._texts.up_since_at = given.at
        self._take(given, step)
        self._state_by_itself(step)
        for pair, raw in self._announcements.find_due(self.pen.outgoing.all()):
            self.pen.queue(Feed.RECORD, pair, [raw], 0)
        for page in self.pen.write(step):
            self._watch(self.statements.take(page))
        step.after.extend(map(make_flag_alarm, self.flags.find_new()))
        return self._finish(step)

    def _state_by_itself(self, step: Step) -> None:
        if not self.is_in_force:
            return
        self._look_again()
        about_texts = self._texts.find_due(step.at, has_words_waiting=self.pen.outgoing.has_words_waiting)
        for audience, entry in (*about_texts, *self._lines.find_due(step.at)):
            self.pen.queue(Feed.RECORD, audience, [encode_entry(entry)], 0)

    def _watch(self, new: tuple[Stated, ...]) -> None:
        for stated in new:
            self._announcements.note(stated)
        self._record.take(new)
        self._texts.take(new)
        self._lines.take(new)
        self.flags.take(new)

    def _take(self, given: Input, step: Step) -> None:
        match given:
            case Arrived():
                self._take_page(given, step)
            case Say():
                self._say(given, step)
            case Committed():
                self._take_committed(given, step)
            case Published():
                self._take_published(given)
            case Wrapped():
                self.pen.take_wrapped(given)
            case CheckpointSigned():
                self.pen.take_checkpoint(given)
            case FetchEnded():
                self.refill.end(given)
            case LinkChanged():
                self.refill.take_link(given)
            case PagesLost():
                self.mend.take_lost(given.pages, self._unpublished, step)
            case Ticked():
                self._tick(step)

    def _finish(self, step: Step) -> tuple[Effect, ...]:
        return (*self._commits.finish(step), *self._find_wake(step.at))

    def _find_wake(self, at: Instant) -> tuple[Wake, ...]:
        """Return a wish to be woken at the earliest instant at which anything is due, if that has changed."""
        by_itself = (self._texts.find_wake(), self._lines.find_wake(at)) if self.is_in_force else ()
        wishes = (self.pen.find_wake(), self.refill.wake_at, self._republish_at, *by_itself)
        wake_at = min((at for at in wishes if at is not None), default=None)
        if wake_at is None or wake_at == self._wake_at:
            return ()
        self._wake_at = wake_at
        return (Wake(wake_at),)

    def _settle(self, judgements: Iterable[Judgement], step: Step | None = None) -> Iterator[Page]:
        """Read every accepted page, and those that are set free by what is read; keep them in the step, if any."""
        queue = list(judgements)
        while queue:
            judgement = queue.pop(0)
            page = judgement.page
            if step is not None:
                self._note(judgement, step)
            if judgement.verdict is Verdict.ACCEPTED and page is not None:
                if page.header.journal.author == self.party:
                    self.pen.restore(page)
                elif page.header.kind.obliges_receipt:
                    self.pen.owe_receipt(page.header.journal.audience, at=step.at if step else None)
                self._read(page, step)
                queue.extend(self._freed)
                self._freed.clear()
                yield page

    def _read(self, page: Page, step: Step | None) -> None:
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
            if isinstance(entry, AudienceOpened) and step is not None:
                step.after.extend(Follow(*key) for key in self.find_followed() if key[0] == stated.author)

    def _note(self, judgement: Judgement, step: Step) -> None:
        """Keep a page or a refusal that came in, and what follows from it."""
        page = judgement.page
        if judgement.verdict is Verdict.REFUSED:
            step.refusals.append(Refusal(judgement.raw, judgement.code))
            step.after.append(Alarm("alarm.page-refused", {"code": judgement.code}))
        if judgement.verdict is Verdict.HELD and page is not None:
            # Kept as bytes (J11): once acknowledged it does not come again.
            step.pages.append(page)
        if judgement.verdict is not Verdict.ACCEPTED or page is None:
            return
        step.pages.append(page)
        alarm = find_fork_alarm(judgement)
        step.after.extend(() if alarm is None else (alarm,))

    def _take_page(self, arrived: Arrived, step: Step) -> None:
        judgements = self.ledger.accept(arrived.raw)
        for page in self._settle(judgements, step):
            author = page.header.journal.author
            if author != self.party:
                self._clocks.note(author, written_at=page.header.written_at, at=step.at)
        self.mend.take(judgements[0], step)
        if arrived.delivery:
            step.after.append(Acknowledge(arrived.delivery, judgements[0].verdict))
        self.refill.plan(step)

    def _say(self, say: Say, step: Step) -> None:
        """Queue an officer's statement, or answer why not; what it is refused for never depends on another party."""
        try:
            if say.feed is not Feed.GENESIS and not self.is_in_force:
                raise UsageError("pact.not-in-force", accepted=len(self.find_accepting()), parties=len(self.parties))
            self.funnel.check(say.entries, audience=say.audience, at=say.at)
            self._check_citations(say)
            raws = [encode_entry(entry) for entry in say.entries]
        except ComityError as error:
            step.after.append(Answer(say.command, code=error.code, details=error.details))
            return
        self.pen.queue(say.feed, say.audience, raws, say.command)

    def _check_citations(self, say: Say) -> None:
        """An entry may cite only what its whole audience may read (DESIGN, section 3; law 2)."""
        for entry in say.entries:
            if self.record.find_hidden_citation(entry, say.audience) is not None:
                raise UsageError("entry.cites-hidden", type=type(entry).__name__)

    def _tick(self, step: Step) -> None:
        self._wake_at = None
        self.refill.plan(step)
        self.pen.ask_for_checkpoints(step)
        if self._republish_at is not None and step.at >= self._republish_at:
            step.now.extend(self._unpublished.values())
            self._republish_at = Instant(step.at + REPUBLISH_INTERVAL_MS) if self._unpublished else None

    def _take_committed(self, committed: Committed, step: Step) -> None:
        for effect in self._commits.take_answer(committed.number):
            if isinstance(effect, Publish):
                self._unpublished[effect.digest] = effect
            step.now.append(effect)

    def _take_published(self, published: Published) -> None:
        if published.is_out:
            self._unpublished.pop(published.digest, None)
        elif self._republish_at is None:
            self._republish_at = Instant(published.at + REPUBLISH_INTERVAL_MS)
        self.pen.is_out(published.digest)

    def find_accepting(self) -> frozenset[Party]:
        """Return the parties that have accepted this version of the pact."""
        stated = self.statements.find(PactAccepted)
        if stated is not self._accepting[0]:
            self._accepting = (stated, find_accepting(stated, self.setup.pact_digest))
        return self._accepting[1]

    @property
    def is_in_force(self) -> bool:
        """Whether every party has accepted this version of the pact."""
        return len(self.find_accepting()) == len(self.parties)

    @property
    def record(self) -> Record:
        """The statements by object, with their folds, in the standing of the pages held now."""
        self._look_again()
        return self._record

    def _look_again(self) -> None:
        """Let folds follow what came to light since: worse standings, longer cuts. A restart would find the same."""
        if self._unrest != self.ledger.unrest:
            self._unrest = self.ledger.unrest
            self._record.take(self.statements.all)
            self._texts.take(self.statements.all)
        elif self._hindsight == self.ledger.hindsight:
            return
        self._hindsight = self.ledger.hindsight
        self._record.forget_states()
        self._texts.look_again()

    def find_links(self, audience: Audience) -> Links:
        """Return what is known of receipt besides statements: signed heads, and the readers no path leads to now."""
        receipts: dict[Party, dict[Digest, int]] = {}
        for book in self.ledger.books():
            for party, (number, _) in sorted(self.ledger.witnesses.find_confirmed(book.digest).items()):
                receipts.setdefault(party, {})[book.digest] = number
        return Links(receipts, self.refill.find_unreachable(audience))

    def find_followed(self) -> tuple[Followed, ...]:
        """Return every stream of other parties that this party may pull."""
        return find_followed(self.party, self.parties, self.statements)
