"""Asks the rules of the pact about each picture, and tells the node what they ask for (W15 to W19).

Rules
- The process remembers nothing of what it told: the node says what its record knows, whole, and is told whole states.
- Who may read what others told is known by the journals in which they told it.
- Asked in a thread, one picture at a time: where rules take longer than a cycle, the next picture is asked about later.
- Bounded: what is new goes before what is known, and more than a number is told in a later cycle.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.node.feed.frames import Detected, FeedState
from comity.pact.model import Pact
from comity.procedure.detected import ThreatDrafted
from comity.warning.effect import Received
from comity.warning.evidence import find_drafts
from comity.warning.rules import Rules
from comity.warning.situation import Situation

__all__ = ["RuleLook"]

ROW_COUNT_MAX: Final = 512


class RuleLook:
    """One party's look at its own picture; `tell` hands what the rules ask for to the node."""

    def __init__(self, party: Party, suite: Suite, *, tell: Callable[[Detected], None]) -> None:
        self._party, self._suite, self._tell = party, suite, tell
        self._pact: Pact | None = None
        self._raw = b""
        self._told: dict[str, frozenset[Party]] = {}
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._heard: dict[tuple[Party, str], frozenset[Party]] = {}
        self._has_told = False
        self.on_failed: Callable[[BaseException], None] = lambda _: None
        self.looking: asyncio.Task[None] | None = None
        """The look that is under way."""

    def learn(self, state: FeedState, pact: Pact) -> None:
        """Go by what the record says now."""
        if state.pact_raw != self._raw:
            self._raw, self._pact, self._rules = state.pact_raw, pact, Rules(pact, self._party)
        told: dict[str, set[Party]] = {}
        for row in state.told:
            if (row.coarsen_m, row.delay_ms, row.is_sensor_named) == (0, 0, True):
                told.setdefault(row.class_, {self._party}).add(row.to)
        self._told = {class_: frozenset(parties) for class_, parties in told.items()}
        self._known = frozenset(state.known)

    def note_received(self, received: Received) -> None:
        """Take note of who was told what together with this party."""
        for block in received.blocks:
            self._heard[received.author, block.class_] = frozenset(received.audience)

    def hand(self, situation: Situation) -> None:
        """Ask about a picture, unless the one before is still being asked about; must not wait."""
        if self.looking is None or self.looking.done():
            self.looking = asyncio.get_running_loop().create_task(self._look(situation))

    async def _look(self, situation: Situation) -> None:
        try:
            rows = await asyncio.to_thread(self.find, situation)
        except Exception as error:  # noqa: BLE001 -- what a rule does wrong costs nobody the next picture; it is said
            self.on_failed(error)
            return
        if rows or self._has_told:
            self._tell(Detected(situation.at, rows))
        self._has_told = bool(rows)

    def find(self, situation: Situation) -> tuple[ThreatDrafted, ...]:
        """Return what the rules ask for in a picture, what is new first."""
        if self._pact is None or not self._pact.track_rules:
            return ()
        found = find_drafts(
            situation,
            self._pact,
            self._party,
            rules=self._rules,
            known=self._known,
            readers=self._find_readers,
            suite=self._suite,
        )
        return tuple(sorted(found, key=self._is_known)[:ROW_COUNT_MAX])

    def _is_known(self, row: ThreatDrafted) -> bool:
        return not self._known.isdisjoint(row.evidence.keys)

    def _find_readers(self, class_: str, authors: tuple[Party, ...]) -> tuple[Party, ...]:
        me = frozenset({self._party})
        sets = [
            self._told.get(class_, me) if author == self._party else self._heard.get((author, class_), me)
            for author in authors
        ]
        return tuple(sorted(me.union(frozenset.intersection(*sets)) if sets else me))
