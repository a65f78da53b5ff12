"""What the rules ask for, drafted or said by the node, once (docs/spec/warning.md, W17 to W19).

Rules
- What was drafted or said follows from the record alone: a node that was killed knows it again, and says nothing twice.
- What is said at once goes through the door of every statement, and no officer acts in it. Where it cannot be said, it
  is drafted: an officer sees it in any case.
- One look at a time; each cycle says what is so now, so that what failed is tried again with the next.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from comity.base.errors import ComityError, UsageError
from comity.base.instants import Instant
from comity.node.feed.frames import Detected
from comity.node.log import note
from comity.node.node import Node
from comity.pact.area import RuleAct, TrackRule
from comity.pact.model import Pact
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.detected import (
    DetectedThreatReported,
    Draft,
    DraftBook,
    DraftDiscarded,
    Evidence,
    Report,
    ThreatDetected,
    ThreatDrafted,
    fold_drafts,
)
from comity.procedure.entry import MarkedText, Translation
from comity.procedure.registry import encode_entry
from comity.warning.classes import make_marking
from comity.warning.evidence import UPDATE_COUNT_MAX, UPDATE_PAUSE_MS, has_moved

__all__ = ["Compose", "DraftKeeper"]

TURN_MS: Final = 2_000
"""How much longer than the one before an author of an object's tracks lets the others speak first (W18)."""
KNOWN_COUNT_MAX: Final = 4_096
_TYPES: Final = (
    ThreatDetected, DetectedThreatReported, ThreatDrafted, DraftDiscarded, EntryCorrected, EntryWithdrawn,
)  # fmt: skip

Compose = Callable[[ThreatDrafted, Pact], tuple[Translation, ...]]
"""Makes the words of a report, in the languages of the parties."""


class DraftKeeper:
    """Keeps drafts and reports of one node in step with what its rules ask for."""

    def __init__(self, node: Node, *, compose: Compose) -> None:
        self._node = node
        self._party = node.machine.party
        self._compose = compose
        self._seen = (-1, -1)
        self._book = fold_drafts((), self._party)
        self._first_at: dict[tuple[str, str], Instant] = {}
        self.live = Detected(0, ())
        """What the rules asked for in the last cycle, and how stood what was known: what is live."""

    def read(self) -> DraftBook:
        """Return what the record says of drafts and reports."""
        statements = self._node.machine.statements
        rows = statements.find(*_TYPES)
        seen = (len(rows), statements.remade_count)
        if seen != self._seen:
            self._seen, self._book = seen, fold_drafts(rows, self._party)
        return self._book

    def list_known(self) -> tuple[tuple[str, str], ...]:
        """Return rule and track of what was drafted or reported last, for the warning process."""
        return tuple(dict.fromkeys(self.read().list_keys()))[-KNOWN_COUNT_MAX:]

    async def take(self, detected: Detected) -> None:
        """Draft, say and keep up to date what the rules ask for."""
        self.live = detected
        asked = {key for row in detected.rows for key in row.evidence.keys}
        self._first_at = {key: at for key, at in self._first_at.items() if key in asked}
        for rows in _group(detected.rows):
            try:
                await self._take_object(rows)
            except ComityError as error:  # no room, not in force: the next cycle asks again
                note("warning.not-drafted", code=error.code)

    async def _take_object(self, rows: Sequence[ThreatDrafted]) -> None:
        machine, book = self._node.machine, self.read()
        rule = machine.pact.find_clause(rows[0].evidence.rule)
        if not isinstance(rule, TrackRule):
            return  # asked under another version
        own = next((row for row in rows if self._is_own(row.evidence)), None)
        report = next(filter(None, (book.find_own(row.evidence) for row in rows)), None)
        draft = next(filter(None, (book.find_draft(row.evidence) for row in rows)), None)
        if report is not None:
            if own is not None:
                await self._keep_up(report, own, rule)
            return
        if draft is not None and draft.discarded is not None:
            return
        asks = own is not None and own.evidence.percent >= rule.probability_percent
        is_told = any(book.find_others(row.evidence) is not None for row in rows)
        if rule.act is RuleAct.SEND and own is not None and asks and not is_told:
            if not self._is_turn(rows):
                return
            if await self._say(own):
                return
        await self._draft(_choose(rows, rule), draft, rule)

    def _is_own(self, evidence: Evidence) -> bool:
        return all(track.rpartition("-")[0] == self._party for track in evidence.tracks)

    def _is_turn(self, rows: Sequence[ThreatDrafted]) -> bool:
        """Tell whether those who come before have had the time to speak."""
        authors = sorted({track.rpartition("-")[0] for row in rows for track in row.evidence.tracks})
        key = rows[0].evidence.keys[0]
        begun = self._first_at.setdefault(key, self._node.now())
        return self._node.now() >= begun + TURN_MS * authors.index(self._party)

    async def _say(self, row: ThreatDrafted) -> bool:
        """Say a report at once; tell whether it was said."""
        if row.readers == (self._party,):
            return False
        evidence = row.evidence
        key = hashlib.sha256(f"{evidence.rule} {evidence.tracks[0]}".encode()).hexdigest()[:32]
        try:
            await self._node.say(row.readers, (self._make(row),), key=f"rule/{key}")
        except UsageError as error:
            if error.code == "statement.key-taken":
                return True  # it was said, and is just being read
            note("warning.not-said", code=error.code)
            return False
        self._node.raise_alarm("alarm.threat-detected", {"rule": evidence.rule, "track": evidence.tracks[0]})
        return True

    def _make(self, row: ThreatDrafted) -> ThreatDetected:
        pact = self._node.machine.pact
        class_ = pact.find_track_class(row.evidence.class_)
        assert class_ is not None, "rules are about classes of the pact"
        text = MarkedText(make_marking(pact, class_, self._party), self._compose(row, pact))
        return ThreatDetected(row.kind, row.occurred_at, row.threatened, row.sources, text, row.evidence)

    async def _keep_up(self, report: Report, row: ThreatDrafted, rule: TrackRule) -> None:
        """Correct what the node said by itself where it has moved (W19)."""
        if not isinstance(report.stated.entry, ThreatDetected) or report.is_withdrawn:
            return
        if _is_due(report.evidence, row.evidence, rule, update_count=report.update_count):
            raw = encode_entry(self._make(row))
            entry = EntryCorrected(report.stated.id, CorrectionReason.SUPERSEDED, raw)
            await self._node.say(report.stated.audience, (entry,))

    async def _draft(self, row: ThreatDrafted, draft: Draft | None, rule: TrackRule) -> None:
        """Draft for an officer, or draft anew what has moved."""
        if draft is not None and not _is_due(draft.entry.evidence, row.evidence, rule, update_count=draft.count - 1):
            return
        await self._node.say((self._party,), (row,))
        if draft is None:
            self._node.raise_alarm("alarm.threat-drafted", {"rule": rule.id, "track": row.evidence.tracks[0]})


def _is_due(said: Evidence, now: Evidence, rule: TrackRule, *, update_count: int) -> bool:
    """Tell whether what was said so many times anew is to be said once more (W19)."""
    if now.at < said.at + UPDATE_PAUSE_MS or update_count >= UPDATE_COUNT_MAX:
        return False
    return has_moved(said, now, percent=rule.probability_percent)


def _choose(rows: Sequence[ThreatDrafted], rule: TrackRule) -> ThreatDrafted:
    """Return what an officer is asked about: the whole object where all may read of it who may of the own track."""
    asked = [row for row in rows if row.evidence.percent >= rule.probability_percent] or rows
    return max(asked, key=lambda row: (len(row.readers), len(row.evidence.tracks)))


def _group(rows: Sequence[ThreatDrafted]) -> list[list[ThreatDrafted]]:
    """Return the rows by object under a rule, own ones first as they came."""
    groups: list[list[ThreatDrafted]] = []
    by_key: dict[tuple[str, str], list[ThreatDrafted]] = {}
    for row in rows:
        keys = row.evidence.keys
        group = next((by_key[key] for key in keys if key in by_key), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(row)
        by_key |= dict.fromkeys(keys, group)
    return groups
