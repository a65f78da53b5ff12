"""The node's end of its warning process: starts it, tells it what the record says, states what it asks for (W35).

Rules
- The process is told whole states, and only when one differs from the last.
- What the record says decides: which classes may be told to whom, which journals of others are followed, whose keys
  count, how far own journals went. The process decides nothing of this.
- It is ended before anything else of the node: with the node, and as soon as the node's keys are replaced.
- Where it ends by itself it is started again, after a pause.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping

import msgspec

from comity.base.errors import ComityError
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed
from comity.node.ending import end_child, end_tasks
from comity.node.feed.allowing import Allowing
from comity.node.feed.clock import AheadMeter
from comity.node.feed.frames import (
    Anchored,
    Detected,
    FeedSetup,
    FeedState,
    Noted,
    Opened,
    StateAnchor,
    TellingRow,
    read_frame,
    write_frame,
)
from comity.node.feed.reporting import DraftKeeper
from comity.node.log import note
from comity.node.node import Node
from comity.procedure.anchor import AnchoredJournal, WarningAnchored, fold_anchors
from comity.procedure.genesis import AudienceOpened, RootStatementPublished
from comity.warning.release import ReleaseBook

__all__ = ["FeedKeeper"]

LOOK_S = 0.5
RECKON_MS = 10_000
"""How often it is asked what the record says though nothing came: a notice may have run out."""
RESTART_S = 2.0
END_S = 2.0
"""How long a process has for its end, before it is killed."""
ANNOUNCED = Feed.WARNING.value


class FeedKeeper:
    """Keeps one warning process for as long as the node runs."""

    def __init__(
        self, node: Node, setup: FeedSetup, *, pacts: Mapping[Digest, bytes], drafts: DraftKeeper | None = None
    ) -> None:
        """Set up; `drafts` takes what the rules ask for."""
        self._node = node
        self._drafts = drafts
        self._setup = setup
        self._pacts = pacts
        self._book = ReleaseBook(setup.party)
        self._allowing = Allowing(node.machine)
        self._ahead = AheadMeter(node.now)
        self._announced: set[tuple[Audience, Audience]] = set()
        self._anchors: dict[AnchoredJournal, Anchored] = {}
        self._anchor_count = 0
        self.pid: int | None = None

    async def keep(self) -> None:
        """Run the process, again and again; cancelled with the node."""
        while not self._node.machine.pen.is_superseded:
            with contextlib.suppress(OSError):  # no room for another process just now
                await self._run_once()
            note("warning.ended")
            await asyncio.sleep(RESTART_S)

    async def _run_once(self) -> None:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "comity.node.feed",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.pid = child.pid
        assert child.stdin is not None
        assert child.stdout is not None
        hearing = asyncio.get_running_loop().create_task(self._hear(child.stdout))
        try:
            is_over = self._node.machine.versions.is_over
            closures = tuple(row for row in self._setup.closures if not is_over(row[0]))
            child.stdin.write(write_frame(msgspec.structs.replace(self._setup, closures=closures)))
            last, seen = None, (-1, -1)
            while not hearing.done() and not self._node.machine.pen.is_superseded:
                stands = (self._node.machine.ledger.version, self._node.now() // RECKON_MS)
                if stands != seen and (state := self.find_state()) != last:
                    child.stdin.write(write_frame(state))
                    await child.stdin.drain()
                    last = state
                seen = stands
                await asyncio.sleep(LOOK_S)
        except ConnectionError:
            pass
        finally:
            self.pid = None
            child.stdin.close()
            try:
                await end_child(child, patience_s=END_S)
            finally:
                await end_tasks(hearing)

    async def _hear(self, stream: asyncio.StreamReader) -> None:
        while (message := await read_frame(stream)) is not None:
            with contextlib.suppress(ComityError):  # said again with the next page, or after a restart
                if isinstance(message, StateAnchor):
                    await self._state_anchor(message.anchor)
                elif isinstance(message, Opened):
                    await self._announce(message.audiences)
                elif isinstance(message, Detected) and self._drafts is not None:
                    await self._drafts.take(message)
                elif isinstance(message, Noted):
                    note("warning.odd", party=message.party, code=message.code)

    async def _state_anchor(self, anchor: Anchored) -> None:
        _, audience, incarnation, number, page = anchor
        await self._node.say(audience, (WarningAnchored(audience, incarnation, number, page),))

    async def _announce(self, audiences: tuple[Audience, ...]) -> None:
        """Tell each pair of a new warning journal, once (J37)."""
        party = self._setup.party
        told = {
            (one.entry.readers, one.audience)
            for one in self._node.machine.statements.find(AudienceOpened)
            if one.author == party and isinstance(one.entry, AudienceOpened) and one.entry.feed == ANNOUNCED
        }
        for audience in audiences:
            for other in audience:
                pair = tuple(sorted((party, other)))
                if other != party and (audience, pair) not in told | self._announced:
                    self._announced.add((audience, pair))
                    await self._node.say(pair, (AudienceOpened(ANNOUNCED, audience),))

    def find_state(self) -> FeedState:
        """Return what the record says just now."""
        machine = self._node.machine
        version = machine.versions.current
        ground = machine.funnel.find_ground(self._node.now())
        releases = self._book.find(version.pact, digest=version.digest, ground=ground)
        told = tuple(
            TellingRow(
                ruling.class_, ruling.to, getattr(ruling.decision, "clause", ""), terms.clause,
                terms.coarsen_m, terms.delay_ms, terms.is_sensor_named,
            )
            for ruling in releases.rulings
            if (terms := ruling.terms) is not None and self._may_say(ruling.to)
        )  # fmt: skip
        followed = tuple((party, audience) for party, feed, audience in machine.find_followed() if feed is Feed.WARNING)
        last = tuple(row for _, row in sorted(self._take_anchors().items()))
        pact_raw = self._pacts[version.digest]
        known = () if self._drafts is None else self._drafts.list_known()
        return FeedState(
            tuple(self._list_statements()), version.digest, pact_raw, told, followed, last, known,
            self._allowing.find(self._node.now()), self._ahead.measure(),
        )  # fmt: skip

    def _take_anchors(self) -> Mapping[AnchoredJournal, Anchored]:
        """Take in the anchors that came since, and return the last of each journal: only ever more come."""
        rows = self._node.machine.statements.find(WarningAnchored)
        for journal, found in fold_anchors(rows[self._anchor_count :]).items():
            row = Anchored(*journal, found.last, found.pages[found.last][0])
            before = self._anchors.get(journal)
            self._anchors[journal] = row if before is None or before.number < row.number else before
        self._anchor_count = len(rows)
        return self._anchors

    def _may_say(self, to: Party) -> bool:
        """Tell whether anything may be said to a party now: the pact is in force, and it has not left (P38)."""
        return self._node.machine.versions.may_say(tuple(sorted((to, self._setup.party))))

    def _list_statements(self) -> Iterator[bytes]:
        """Yield the root statements of the record, in a fixed order."""
        machine = self._node.machine
        found: dict[bytes, None] = {}
        for book in machine.ledger.books():
            if book.id.feed is Feed.GENESIS and book.by_number:
                for page in book.by_number[0]:
                    found |= dict.fromkeys(page.header.opening)
        for one in machine.statements.find(RootStatementPublished):
            assert isinstance(one.entry, RootStatementPublished)
            found[one.entry.statement] = None
        yield from sorted(found)
