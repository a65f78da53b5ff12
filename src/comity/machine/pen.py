"""Writing the own journals: which page comes next, and when.

Order within one journal: a checkpoint that was signed (it covers the tip, so nothing may come between), key pages,
what waits to be said, a bare receipt. A statement never waits for a daily epoch: the old key serves until the new one
is wrapped. It does wait when a reader's key changed: the old epoch key may be in a stranger's hands (sealing.md, S4).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from comity.base.instants import HOUR_MS, NEVER, Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Feed, JournalId, Kind, Page
from comity.journal.identity import NodeSecrets
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger, Verdict
from comity.journal.seal import Opened
from comity.journal.writer import Draft, Writer
from comity.machine.effect import Answer, OpenStream, Publish, SignCheckpoint
from comity.machine.input import CheckpointSigned, Wrapped
from comity.machine.outgoing import Outgoing, OwnJournal, Waiting
from comity.machine.step import Step
from comity.machine.vouched import Written
from comity.machine.wrapping import Wrapping
from comity.procedure.genesis import KeysRequested
from comity.procedure.stated import Stated

__all__ = ["Pen", "PenSettings"]

CHECKPOINT_INTERVAL_MS: Final = HOUR_MS
"""DESIGN, section 3: a checkpoint signed with ML-DSA-65 each hour in which pages were added."""


@dataclass(frozen=True, slots=True)
class PenSettings:
    """Who writes, under which pact. `closures` are root-signed, for journals that earlier incarnations wrote."""

    lineage: bytes
    realm: str
    party: Party
    pact: Digest
    receipt_delay_ms: int
    """How long a reader waits for something of its own to say before it signs a bare receipt (J15)."""
    closures: Mapping[tuple[Feed, Audience], bytes] = field(default_factory=dict)
    successions: tuple[bytes, ...] = ()
    certificate: bytes = b""
    """Opens the genesis journal of a circle that an amendment made (J5)."""


class Pen:
    """Builds own pages on the ledger's tips and hands them to the step."""

    def __init__(
        self,
        settings: PenSettings,
        secrets: NodeSecrets,
        *,
        ledger: Ledger,
        keyring: Keyring,
        suite: Suite,
        is_awaited: Callable[[JournalId], bool] = lambda _: False,
    ) -> None:
        """Set up; `is_awaited` tells of an own journal whether what was written of it is still being asked for."""
        self.settings = settings
        self._is_awaited = is_awaited
        self.find_pact: Callable[[Feed, Audience], Digest] = lambda feed, audience: settings.pact  # noqa: ARG005
        """Tells which version of the pact a page names (J31)."""
        self.is_over: Callable[[Audience], bool] = lambda audience: False  # noqa: ARG005
        """Tells whether somebody in an audience has left the pact: then nothing more is said to it (P38)."""
        self.take_batch: Callable[[OwnJournal, Step], list[Waiting]] = lambda own, step: own.take_batch()  # noqa: ARG005
        """Takes what goes on the next page, as far as it may still be said (`overtaken`)."""
        self.outgoing = Outgoing()
        self._secrets = secrets
        self._ledger = ledger
        self._keyring = keyring
        self._suite = suite
        self._writer = Writer(ledger, secrets.node, suite)
        self._wrapping = Wrapping(ledger, keyring, suite)
        self._superseded = (-1, False)
        self._unanswered: dict[int, int] = {}
        self._placed: dict[int, list[Digest]] = {}
        self._written: list[Written] = []
        self.is_closed: Callable[[Digest], bool] = lambda _: False
        """Whether an own journal may not be written in now: a page of ours is not here."""

    def set_receipt_delay(self, delay_ms: int) -> None:
        """Wait this long from now on before a bare receipt: another version of the pact says so."""
        self.settings = replace(self.settings, receipt_delay_ms=delay_ms)

    def get_journal(self, feed: Feed, audience: Audience) -> OwnJournal:
        """Return the own journal to this audience, beginning it if there is none."""
        own = self.outgoing.find(feed, audience)
        if own is None:
            id_ = self.make_id(feed, audience)
            own = OwnJournal(id_, id_.find_digest(self._suite))
            self.outgoing.add(own)
        return own

    def make_id(self, feed: Feed, audience: Audience) -> JournalId:
        """Return the id of the own journal to this audience, in the present incarnation."""
        settings = self.settings
        return JournalId(settings.lineage, settings.realm, feed, settings.party, audience, self._secrets.incarnation)

    def is_forked(self, own: OwnJournal) -> bool:
        """Tell whether an own journal has two histories: it goes on in a new incarnation alone (J16)."""
        book = self._ledger.find_book(own.digest)
        return book is not None and book.is_forked

    @property
    def is_superseded(self) -> bool:
        """Whether the root has certified a later incarnation: these keys were replaced, and say nothing more."""
        trust = self._ledger.trust
        if self._superseded[0] != trust.version:
            newest = trust.find_newest(self.settings.party)
            is_superseded = newest is not None and newest.incarnation > self._secrets.incarnation
            self._superseded = (trust.version, is_superseded)
        return self._superseded[1]

    def is_open(self, own: OwnJournal) -> bool:
        """Tell whether the next page of an own journal may be built, now or once the one in flight is out."""
        return not (self.is_superseded or self.is_forked(own) or self.is_closed(own.digest) or self._is_awaited(own.id))

    def restore(self, page: Page) -> None:
        """Take note of an own page read back from the store."""
        own = self.get_journal(page.header.journal.feed, page.header.journal.audience)
        if page.header.journal.incarnation == self._secrets.incarnation:
            self._note(own, page)
            if not own.is_sealed:
                own.receipt_at = None
        elif own.receipt_at is None and self._ledger.find_book(own.digest) is None and self._may_reopen(own):
            own.receipt_at = NEVER  # at once: what an earlier key wrote is closed by page 0, whatever it says

    def _may_reopen(self, own: OwnJournal) -> bool:
        """Tell whether page 0 can be written; that of a genesis journal needs a closure, of an old circle too (J14)."""
        return own.is_sealed or (own.id.feed, own.id.audience) in self.settings.closures

    def may_have_words_waiting(self, audience: Audience) -> bool:
        """Tell whether an officer's words to this audience may be under way: taken just now, or said and lost here."""
        return self._is_awaited(self.make_id(Feed.RECORD, audience)) or self.outgoing.has_words_waiting(audience)

    def take_back(self, page: Page, said: Collection[bytes], step: Step) -> None:
        """Take an own page that came from outside: what was prepared on the tip before it no longer fits.

        The store lacked it, and so may the outbox.
        `said` are the entries in it, encoded: what the node was about to say by itself and has said there is dropped.
        """
        own = self.get_journal(page.header.journal.feed, page.header.journal.audience)
        own.checkpoint = b""
        while own.key_bodies and own.key_bodies[0][0] <= own.epoch:
            own.key_bodies.popleft()
        own.keep([waiting for waiting in own.queue if waiting.command or waiting.raw not in said])
        self.let_out(page, step)

    def queue(self, feed: Feed, audience: Audience, entries: list[bytes], command: int) -> None:
        """Put entries in line; `write` puts them on pages."""
        self.queue_words(feed, audience, [Waiting(raw, command) for raw in entries])

    def queue_words(self, feed: Feed, audience: Audience, words: Sequence[Waiting]) -> None:
        """As `queue`, of one command's words, read back from their bytes or not, with who acts in each."""
        own = self.get_journal(feed, audience)
        own.queue.extend(words)
        if words and words[0].command:
            self._unanswered[words[0].command] = len(words)

    def write(self, step: Step) -> tuple[Written, ...]:
        """Put on pages whatever may go out now, in every own journal; return those pages, opened.

        A page of an import is written in a step that writes nothing else: the commit of words waits for no bulk. The
        answer to that commit is the next step.
        """
        self._written.clear()
        journals = self.outgoing.all()
        for own in journals:
            if not own.is_bulk:
                self._write_next(own, step)
        if not self._written:
            for own in journals:
                if own.is_bulk:
                    self._write_next(own, step)
        return tuple(self._written)

    def _write_next(self, own: OwnJournal, step: Step) -> None:
        is_idle = (
            own.in_flight is not None or own.is_signing or not (own.may_write or self._wrapping.is_due(own, step.at))
        )
        if is_idle or not self.is_open(own):
            return
        if own.queue and own.is_sealed and self.is_over(own.id.audience):
            commands = sorted({waiting.command for waiting in own.queue} - {0})
            self.keep_words(own, (), [Answer(command, code="pact.party-left") for command in commands], step)
        self._wrapping.ask(own, step)
        if own.checkpoint:
            body, own.checkpoint = own.checkpoint, b""
            self._put(own, self._writer.build_checkpoint(self._draft(own, step), body), step)
        elif own.key_bodies:
            epoch, body = own.key_bodies.popleft()
            self._put(own, self._writer.build_keys(self._draft(own, step), body, epoch=epoch), step)
        elif own.queue and self._wrapping.may_seal(own):
            self._write_entries(own, step)
        elif own.receipt_at is not None and own.receipt_at <= step.at:
            raw = self._writer.build_heads_seen(self._draft(own, step))
            own.receipt_at = None
            if raw is not None:
                self._put(own, raw, step)

    def _write_entries(self, own: OwnJournal, step: Step) -> None:
        if not (batch := self.take_batch(own, step)):
            return
        entries, draft = [waiting.raw for waiting in batch], self._draft(own, step)
        if own.is_sealed:
            key = self._keyring.find_epoch_key(journal=own.digest, epoch=own.epoch)
            assert key is not None, "an epoch in use has its key"
            raw, opened = self._writer.write_entries(draft, entries, epoch=own.epoch, epoch_key=key)
        else:
            raw, opened = self._writer.write_open(draft, entries)
        self._put(own, raw, step, batch, opened)

    def keep_words(self, own: OwnJournal, kept: Sequence[Waiting], refused: Sequence[Answer], step: Step) -> None:
        """Let these words alone wait in a journal, and tell whoever wanted to say the others why not."""
        for answer in refused:
            self._unanswered.pop(answer.command, None)
            self._placed.pop(answer.command, None)
        step.after.extend(refused)
        own.keep(kept)

    def _draft(self, own: OwnJournal, step: Step) -> Draft:
        settings = self.settings
        is_first = self._writer.find_next_number(own.digest) == 0
        closure = settings.closures.get((own.id.feed, own.id.audience)) if is_first else None
        opening = (closure,) if closure else ()
        if is_first and own.id.feed is Feed.GENESIS:
            opening = (*settings.successions, settings.certificate, *opening)
        return Draft(own.id, self.find_pact(own.id.feed, own.id.audience), step.at, step.draw_salt(), opening)

    def bear(self, entries: list[bytes], *, audience: Audience, step: Step) -> None:
        """Write genesis page 0, which carries the certificate and, after the first incarnation, a closure (J14)."""
        own = self.get_journal(Feed.GENESIS, audience)
        raw, opened = self._writer.write_open(self._draft(own, step), entries)
        self._put(own, raw, step, [Waiting(raw, 0) for raw in entries], opened)
        own.receipt_at = None

    def _put(
        self, own: OwnJournal, raw: bytes, step: Step, batch: Sequence[Waiting] = (), opened: Opened | None = None
    ) -> None:
        """Take an own page at the own door, keep it, and publish it once it is stored."""
        judgement = self._ledger.accept(raw)[0]
        page = judgement.page
        assert judgement.verdict is Verdict.ACCEPTED, f"our own page was not accepted: {judgement.code}"
        assert page is not None
        own.in_flight = page.digest
        step.pages.append(page)
        self._note(own, page)
        self.let_out(page, step)
        entries = [waiting.entry for waiting in batch if waiting.entry is not None]
        self._written.append(Written(page, opened, tuple(entries) if len(entries) == len(batch) else None))
        if opened is not None:
            self._answer(batch, opened.ids, step)

    @staticmethod
    def let_out(page: Page, step: Step) -> None:
        """Bring a page into the outbox once it is stored."""
        journal = page.header.journal
        if page.header.number == 0 and len(journal.audience) > 1:
            step.after.append(OpenStream(journal.feed, journal.audience))
        step.after.append(Publish(journal.feed, journal.audience, page.digest, page.raw))

    def _answer(self, batch: Sequence[Waiting], ids: tuple[Digest, ...], step: Step) -> None:
        """Answer each command whose last entry is on this page, with the ids of all of them."""
        for waiting, id_ in zip(batch, ids, strict=True):
            if waiting.command not in self._unanswered:
                continue
            placed = self._placed.setdefault(waiting.command, [])
            placed.append(id_)
            if len(placed) == self._unanswered[waiting.command]:
                del self._unanswered[waiting.command], self._placed[waiting.command]
                step.after.append(Answer(waiting.command, tuple(placed)))

    def _note(self, own: OwnJournal, page: Page) -> None:
        """Keep what the next page depends on; the same for a page just written and one read back."""
        header = page.header
        self._wrapping.note(own, page)
        if header.kind is Kind.CHECKPOINT:
            own.checkpoint_at, own.has_new_pages = Instant(header.written_at), False
        elif header.kind is not Kind.HEADS_SEEN:
            own.has_new_pages = True
        if own.checkpoint_at == 0:
            own.checkpoint_at = Instant(header.written_at)

    def owe_receipt(self, audience: Audience, *, at: Instant | None) -> None:
        """Note that this audience is owed signed heads (J15): soon after `at`, or at once for pages read back."""
        own = self.get_journal(Feed.RECORD, audience)
        if own.receipt_at is None:
            own.receipt_at = Instant(at + self.settings.receipt_delay_ms) if at is not None else NEVER

    def find_wake(self) -> Instant | None:
        """Return when a receipt or a checkpoint falls due; not while a page is in flight, whose end comes as input."""
        wishes: list[Instant] = []
        for own in self.outgoing.all():
            if own.in_flight is not None or not self.is_open(own):
                continue
            if own.receipt_at is not None:
                wishes.append(own.receipt_at)
            if own.has_new_pages and not own.is_signing:
                wishes.append(Instant(own.checkpoint_at + CHECKPOINT_INTERVAL_MS))
            next_day = self._wrapping.find_wake(own)
            if next_day is not None:
                wishes.append(next_day)
        return min(wishes, default=None)

    def is_out(self, digest: Digest) -> None:
        """The store and the outbox have answered for a page: the next of its journal may be built."""
        for own in self.outgoing.all():
            if own.in_flight == digest:
                own.in_flight = None

    def take_request(self, stated: Stated) -> None:
        """Take note of a reader's request for the epoch keys of an own journal (S15)."""
        if isinstance(stated.entry, KeysRequested):
            own = self.outgoing.find_by_digest(Digest(stated.entry.journal))
            if own is not None:
                self._wrapping.take_request(own, stated)

    def take_wrapped(self, wrapped: Wrapped) -> None:
        """Put an epoch key's pages in line."""
        own = self.outgoing.find_by_digest(wrapped.journal)
        assert own is not None
        self._wrapping.take(own, wrapped)

    def ask_for_checkpoints(self, step: Step) -> None:
        """Ask for a checkpoint of every journal that grew and whose last is an hour old."""
        for own in self.outgoing.all():
            is_due = own.has_new_pages and step.at - own.checkpoint_at >= CHECKPOINT_INTERVAL_MS
            is_idle = own.in_flight is None and not own.is_signing and not own.checkpoint
            if is_due and is_idle and self.is_open(own):
                statement = self._writer.find_checkpoint_statement(own.id)
                own.is_signing, own.signing_number = True, statement.number
                step.now.append(SignCheckpoint(own.id, statement))

    def take_checkpoint(self, signed: CheckpointSigned) -> None:
        """Put a signed checkpoint in line. It covers the tip, since nothing was written, unless pages came back."""
        own = self.outgoing.find_by_digest(signed.journal)
        assert own is not None
        own.is_signing = False
        book = self._ledger.find_book(own.digest)
        if book is not None and len(book.by_number) == own.signing_number + 1:
            own.checkpoint = signed.body
