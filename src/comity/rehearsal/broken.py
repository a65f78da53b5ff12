"""The broken parts that canaries put in: disks that lie, nodes that keep all rules but one."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, JournalId, Kind, Page, SeenHead
from comity.journal.ledger import Judgement, Verdict
from comity.journal.seal import Opened
from comity.machine.effect import Commit, Effect
from comity.machine.funnel import Funnel
from comity.machine.input import Input
from comity.machine.machine import Machine, Setup
from comity.machine.step import Step
from comity.machine.vouched import Vouched
from comity.pact.offices import Act
from comity.procedure.adoption import TextState
from comity.procedure.call import ConclusionStated
from comity.procedure.entry import Entry
from comity.procedure.office import Fault, OfficeTerms
from comity.procedure.officer import Capacity
from comity.procedure.position import PositionStated
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.text import SilenceKept
from comity.procedure.threat import ThreatReported
from comity.rehearsal.cabinet import Cabinet
from comity.rehearsal.cast import OTHER_REALM
from comity.rehearsal.disk import Disk
from comity.rehearsal.shadow import ask_nobody
from comity.rehearsal.snapshot import Snapshot
from comity.rehearsal.station import Station

__all__ = [
    "BlindDoor",
    "CountingNode",
    "ForgetfulDisk",
    "HastyNode",
    "HeedlessNode",
    "HoardingCabinet",
    "HollowSnapshot",
    "InattentiveNode",
    "LawlessNode",
    "LenientNode",
    "LossyDisk",
    "OpenFunnelNode",
    "PingPongNode",
    "ReticentNode",
    "StrictNode",
    "TalkativeNode",
    "rot",
]

BACKUP_AGE_COUNT: Final = 4
"""Pages written since the copy that a forgetful disk comes up with."""
LOSSY_EVERY: Final = 7
PAIR_SIZE: Final = 2
_PASSED_OVER: Final = (ConclusionStated, PositionStated, ThreatReported)
PING_PONG_AFTER_MS: Final = 30 * MINUTE_MS
"""Ping-pong begins late, so that a run of it stays short."""


class ForgetfulDisk(Disk):
    """Comes up without its last pages, as an older copy would."""

    def crash(self, now: int = 0) -> int:
        self.forget(BACKUP_AGE_COUNT)
        return super().crash(now)


class LossyDisk(Disk):
    """Now and then says that pages are durable and does not write them."""

    def finish(self, commit: Commit) -> tuple[Page, ...]:
        new = super().finish(commit)
        if new and commit.number % LOSSY_EVERY == 0:
            self.forget(len(new))
        return new


def rot(stations: Mapping[Party, Station]) -> None:
    """Turn over one bit of a stored signature."""
    disk = next(iter(stations.values())).disk
    index = len(disk.pages) // 2
    page = disk.pages[index]
    at = page.raw.index(page.signature)
    raw = page.raw[:at] + bytes([page.raw[at] ^ 1]) + page.raw[at + 1 :]
    disk.pages[index] = msgspec.structs.replace(page, raw=raw)


class HollowSnapshot(Snapshot):
    """Passes over the last entry of every page."""

    def make_row(self, machine: Machine, page: Page, *, is_out: bool) -> Vouched | bytes:
        row = super().make_row(machine, page, is_out=is_out)
        if isinstance(row, bytes) or row.opened is None:
            return row
        return Vouched(row.page, Opened(row.opened.entries[:-1], row.opened.ids[:-1]))


class HeedlessNode(Machine):
    """Asks nobody what it may have said before it goes on."""

    def _reckon(self, step: Step) -> None:
        self.reckoning.skip()
        super()._reckon(step)


class _OpenFunnel(Funnel):
    def check(self, entries: Sequence[Entry], *, audience: Audience, at: Instant) -> None:
        """Let everything go."""


class OpenFunnelNode(Machine):
    """Its funnel refuses nothing."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.funnel = _OpenFunnel(
            setup.pact, self.party, statements=self.statements, trust=self.ledger.trust, suite=setup.suite
        )


class InattentiveNode(Machine):
    """The first party's node does not take others' reports, positions and conclusions into its record."""

    def _watch(self, new: tuple[Stated, ...]) -> None:
        is_first = self.party == self.parties[0]
        super()._watch(tuple(row for row in new if not (is_first and self._is_passed_over(row))))

    def _is_passed_over(self, row: Stated) -> bool:
        return isinstance(row.entry, _PASSED_OVER) and row.author != self.party


class HastyNode(Machine):
    """States silence kept as soon as S-time is over, without ever having stated that it has the text."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._kept: set[tuple[Scope, bytes, Instant]] = set()

    def _state_by_itself(self, step: Step) -> None:
        # What an honest node owes is worked out, so that it wakes when that one would, and is not said.
        self._texts.find_due(step.at, has_words_waiting=lambda _: False)
        for scope in self.record.list_scopes("text"):
            state = self.record.get_state(scope)
            assert isinstance(state, TextState)
            until_at = state.current.opening.until_at if state.current is not None else None
            if state.current is None or until_at is None or step.at < until_at + self.policy.silence_skew_ms_max:
                continue
            version = state.current.opening.version
            if (scope, version, until_at) not in self._kept:
                self._kept.add((scope, version, until_at))
                kept = SilenceKept(scope.ref, version, until_at, self._texts.up_since_at)
                self.pen.queue(Feed.RECORD, scope.audience, [encode_entry(kept)], 0)


class TalkativeNode(Machine):
    """Names the last pages of its journals of two parties to everybody."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._find_named = self.ledger.find_unnamed
        self.ledger.find_unnamed = self._find_more  # type: ignore[method-assign]

    def _find_more(self, journal: JournalId) -> tuple[SeenHead, ...]:
        named = {head.order: head for head in self._find_named(journal)}
        if journal.audience == self.parties:
            for book in self.ledger.books():
                tip = book.find_tips()[0]
                head = SeenHead(book.digest, tip.header.number, tip.digest)
                if len(book.id.audience) == PAIR_SIZE and named:
                    named[head.order] = head
        return tuple(named[order] for order in sorted(named))


class CountingNode(Machine):
    """Lets one byte of what every page's salt is made from be the count of all that it has said to anybody."""

    def handle(self, given: Input) -> tuple[Effect, ...]:
        said_count = sum(row.author == self.party for row in self.statements.all)
        return super().handle(dataclasses.replace(given, salt=given.salt[:-1] + bytes([said_count % 256])))


class PingPongNode(Machine):
    """Owes a receipt for a receipt, and names it there."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.ledger.find_news = self.ledger.find_unnamed  # type: ignore[method-assign]

    def _settle(self, judgements: Iterable[Judgement], step: Step | None = None) -> Iterator[Page]:
        for page in super()._settle(judgements, step):
            header = page.header
            is_late = header.written_at > self.opens_at + PING_PONG_AFTER_MS
            if header.kind is Kind.HEADS_SEEN and header.journal.author != self.party and is_late:
                self.pen.owe_receipt(header.journal.audience, at=step.at if step else None)
            yield page

    @property
    def opens_at(self) -> Instant:
        """When the run began: the clock of the oldest page here."""
        return Instant(min(tip.by_number[0][0].header.written_at for tip in self.ledger.books()))


class BlindDoor(Machine):
    """Keeps pages that were refused because they belong to another realm."""

    def _settle(self, judgements: Iterable[Judgement], step: Step | None = None) -> Iterator[Page]:
        judged = tuple(judgements)
        yield from super()._settle(judged, step)
        refused = [judgement.page for judgement in judged if judgement.verdict is Verdict.REFUSED and judgement.page]
        if step is not None:
            step.pages.extend(page for page in refused if page.header.journal.realm == OTHER_REALM)


class StrictNode(Machine):
    """Finds no role fit to acknowledge a call, whatever the pact says; every node does."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        read = self.versions.read_policy
        self.versions.read_policy = lambda version: dataclasses.replace(  # type: ignore[method-assign]
            read(version), acknowledge_roles=frozenset()
        )


class LawlessNode(Machine):
    """The first party's node asks nobody who acts; the others hold it to that."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        if self.party == self.parties[0]:
            self.versions.find_offices = ask_nobody  # type: ignore[method-assign]


class _LenientTerms(OfficeTerms):
    def judge_capacity(self, capacity: Capacity, act: Act) -> Fault | None:
        """Find no fault with anybody."""


class LenientNode(Machine):
    """Lets every officer do everything; the others hold it to what the pact says."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        find = self.versions.find_offices

        def find_lenient(readers: Audience) -> OfficeTerms | None:
            terms = find(readers)
            return None if terms is None else _LenientTerms(terms.offices, terms.ranks)

        self.versions.find_offices = find_lenient  # type: ignore[method-assign]


class HoardingCabinet(Cabinet):
    """Throws away what is destroyed, and keeps the keys."""

    def erase(self, blob_ids: Iterable[Digest], *, page_count: int) -> None:
        wraps = dict(self.wraps)
        super().erase(blob_ids, page_count=page_count)
        self.wraps = wraps


class ReticentNode(Machine):
    """Takes everything, and signs for nothing but with its own next words."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.pen.owe_receipt = lambda audience, *, at: None  # type: ignore[method-assign]  # noqa: ARG005
