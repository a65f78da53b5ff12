"""The door by which other parties' warning pages come in: judged, opened, read (docs/spec/warning.md, W27 to W29).

Rules
- Who wrote a page is judged as in the record (J11, steps 1 to 7): pins, certificates, signature, never a clock.
- Its place in the chain does not hold it up. It waits for one thing alone besides a certificate: the key of its epoch.
- Bytes from outside end as a `Taken`; nothing here raises for them.
"""

import contextlib
from dataclasses import dataclass, field

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.limits import WARNING_RETENTION_MS
from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.authenticity import check_author
from comity.journal.header import Feed, Kind, Page, parse_page
from comity.journal.keypage import parse_key_body
from comity.journal.keyring import Keyring
from comity.journal.trust import Trust
from comity.warning.closing import Closings
from comity.warning.effect import Anchor, AnchorFault, Fate, Fork, Gap, Received, Taken
from comity.warning.inlet import Inlet
from comity.warning.quarantine import Quarantine
from comity.warning.rows import Block, read_block, read_sound_blocks
from comity.warning.shelf import Shelf

__all__ = ["Intake"]


@dataclass(slots=True)
class _Step:
    """What one page comes to, with those that it sets free."""

    at: Instant
    received: list[Received] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    forks: list[Fork] = field(default_factory=list)
    is_closing: bool = False

    def end(self, fate: Fate, code: str = "") -> Taken:
        return Taken(fate, code, tuple(self.received), tuple(self.faults), tuple(self.forks), self.is_closing)


class Intake:
    """Takes the pages of one reader's peers."""

    def __init__(self, party: Party, *, trust: Trust, keyring: Keyring, suite: Suite) -> None:
        self.trust = trust
        self.quarantine = Quarantine()
        self._party = party
        self._keyring = keyring
        self._suite = suite
        self._closings = Closings()
        self._inlets: dict[Digest, Inlet] = {}
        self._keyless: dict[Party, Shelf] = {}
        self._strangers: dict[Party, Shelf] = {}
        self._settled_version = trust.version

    def take(self, raw: bytes, at: Instant) -> Taken:
        """Judge a page that came just now, and read what it says."""
        step = _Step(at)
        try:
            page = parse_page(raw, self._suite)
        except RemoteError as error:
            return step.end(Fate.REFUSED, error.code)
        return self._take(page, step)

    def take_page(self, page: Page, at: Instant) -> Taken:
        """Judge a page that came just now and was parsed, and read what it says."""
        return self._take(page, _Step(at))

    def restore(self, page: Page, at: Instant) -> None:
        """Take note of a page that was taken before: its place and, of a key page, its key. Nothing is told again."""
        inlet = self._inlets.get(page.journal)
        with contextlib.suppress(RemoteError):
            need = check_author(page, trust=self.trust, reader=self._party, suite=self._suite)
            self._check_place(page, inlet)
            if need is not None or (inlet is not None and inlet.find_fate(page) is not None):
                return
            inlet = self._inlets.setdefault(page.journal, Inlet(page.header.journal, page.journal))
            inlet.resume(page)
            self._closings.note(page)
            if page.header.kind is Kind.KEYS:
                self._learn(page, inlet, _Step(at))

    def take_root_statements(self, at: Instant) -> Taken | None:
        """Judge again what waited for a certificate, where `trust` has learned more since; None where it has not."""
        if self.trust.version == self._settled_version:
            return None
        self._settled_version = self.trust.version
        step = _Step(at)
        for shelf in self._strangers.values():
            for page in shelf.release(lambda _: True):
                taken = self._take(page, step)
                if taken.code and taken.fate is Fate.REFUSED:
                    step.faults.append(taken.code)
        return step.end(Fate.TAKEN)

    def _take(self, page: Page, step: _Step) -> Taken:
        journal = page.header.journal
        if journal.feed is not Feed.WARNING or journal.author == self._party:
            return step.end(Fate.REFUSED, "warning.other-feed")
        inlet = self._inlets.get(page.journal)
        fate = inlet.find_fate(page) if inlet is not None else None
        if fate is not None:
            return step.end(fate)
        try:
            need = check_author(page, trust=self.trust, reader=self._party, suite=self._suite)
            if need is None:
                self._check_place(page, inlet)
        except RemoteError as error:
            return step.end(Fate.REFUSED, error.code)
        if need is not None:
            self._strangers.setdefault(journal.author, Shelf()).keep(page)
            return step.end(Fate.HELD, need.code)
        if inlet is None:
            inlet = self._inlets[page.journal] = Inlet(journal, page.journal)
        is_late = page.header.number < inlet.last
        step.forks += inlet.place(page, step.at)
        step.is_closing |= self._closings.note(page)
        if page.header.kind is Kind.KEYS:
            self._learn(page, inlet, step)
        elif page.header.kind is Kind.ENTRIES:
            if page.header.epoch not in inlet.commitments:
                self._keyless.setdefault(journal.author, Shelf()).keep(page)
                return step.end(Fate.HELD, "page.no-key")
            self._open(page, inlet, step, is_late=is_late)
        return step.end(Fate.TAKEN)

    def _check_place(self, page: Page, inlet: Inlet | None) -> None:
        """J11, step 8 for number 0; S9: along one journal every key page of an epoch commits to the same key."""
        if page.header.number == 0 and page.header.previous != page.journal:
            raise RemoteError("page.previous", evidence=page.raw, number=0)
        if page.header.kind is Kind.KEYS and inlet is not None:
            held = inlet.commitments.get(page.header.epoch)
            if held is not None and held != parse_key_body(page).commitment:
                raise RemoteError("key.commitment", evidence=page.raw, epoch=page.header.epoch)

    def _learn(self, page: Page, inlet: Inlet, step: _Step) -> None:
        """Take an epoch's key, and open what waited for it."""
        epoch = page.header.epoch
        inlet.commitments[epoch] = parse_key_body(page).commitment
        try:
            self._keyring.learn(page)
        except RemoteError as error:
            step.faults.append(error.code)
        if self._keyring.find_epoch_key(journal=page.journal, epoch=epoch) is None:
            return  # another part of it may have our wrap
        shelf = self._keyless.get(page.header.journal.author)
        if shelf is None:
            return
        for waiting in shelf.release(lambda one: one.journal == page.journal and one.header.epoch == epoch):
            self._open(waiting, inlet, step, is_late=waiting.header.number < inlet.last)

    def _open(self, page: Page, inlet: Inlet, step: _Step, *, is_late: bool) -> None:
        header = page.header
        if self._closings.leave_out(header.journal, header.number, page.digest, inlet.find_previous):
            inlet.disowned_count += 1
            step.faults.append("page.disowned")
            return
        try:
            opened = self._keyring.open(page, commitment=inlet.commitments[header.epoch])
        except RemoteError as error:
            step.faults.append(error.code)
            return
        journal, written_at = header.journal, Instant(header.written_at)
        blocks, quarantined = self.quarantine.part(journal.author, written_at, self._read(opened.entries, step))
        inlet.row_count += sum(len(block.rows) for block in blocks)
        step.received.append(
            Received(
                journal.author, journal.incarnation, journal.audience, page.journal, header.number, page.digest,
                written_at, is_late, blocks, quarantined,
            )
        )  # fmt: skip

    @staticmethod
    def _read(entries: tuple[bytes, ...], step: _Step) -> tuple[Block, ...]:
        """Read the blocks of a page; an entry that is none is named, and those beside it stand (W6)."""
        sound = read_sound_blocks(entries)
        if sound is not None:
            return tuple(sound)
        blocks = []
        for raw in entries:
            try:
                blocks.append(read_block(raw))
            except RemoteError as error:
                step.faults.append(error.code)
        return tuple(blocks)

    def give_up(self, at: Instant) -> tuple[Gap, ...]:
        """Return, once each, the pages that did not come while their author's stream kept them (W28)."""
        return tuple(gap for inlet in self.inlets() for gap in inlet.give_up(at, after_ms=WARNING_RETENTION_MS))

    def inlets(self) -> tuple[Inlet, ...]:
        """Return the journals that pages came of, in a fixed order."""
        return tuple(self._inlets[key] for key in sorted(self._inlets))

    def count_held(self, party: Party) -> int:
        """Return how many pages of an author wait."""
        return sum(len(shelves[party]) for shelves in (self._keyless, self._strangers) if party in shelves)

    def count_dropped(self, party: Party) -> int:
        """Return for how many pages of an author that waited there was no room."""
        shelves = (self._keyless, self._strangers)
        return sum(held[party].dropped_count for held in shelves if party in held)

    def find_anchor_fault(self, author: Party, anchor: Anchor) -> AnchorFault | None:
        """Return what an anchor in the record shows to be wrong with what came, or None (W31)."""
        for inlet in self._inlets.values():
            id_ = inlet.id
            if (id_.author, id_.audience, id_.incarnation) != (author, anchor.audience, anchor.incarnation):
                continue
            known = inlet.find_page(anchor.number)
            if known and anchor.page not in known:
                return AnchorFault.DIFFERS
            return AnchorFault.AHEAD if anchor.number > inlet.last else None
        return AnchorFault.AHEAD
