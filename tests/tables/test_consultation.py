"""Plays the scenes of consultation.toml."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.call import (
    Acknowledged,
    AcknowledgementWithdrawn,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
    DeclineReason,
    Medium,
    Outcome,
)
from comity.procedure.consultation import ConsultationState, fold_consultation, judge_consultation
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.receipt import Links
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind
from kit.stating import ALL, POLICY, Room, journal_of, minute, shuffled

SCENES = tomllib.loads(Path(__file__).with_name("consultation.toml").read_text(encoding="utf-8"))["scene"]


class Play:
    """One scene: the room, the call, and what the lines mean."""

    def __init__(self) -> None:
        self.room = Room()
        self.called: Stated | None = None
        self.last: dict[tuple[Party, str], Stated] = {}
        self.receipts: dict[Party, dict[Any, int]] = {}

    def fold(self, statements: Any) -> ConsultationState:
        assert self.called is not None
        return fold_consultation(Scope("consultation", self.called.id, ALL), statements, POLICY)

    def run(self, line: str) -> None:
        said, *remarks = (part.strip() for part in line.split(";"))
        at, who, *rest = said.split()
        if who == "shows":
            self.check(rest, remarks, minute(int(at)))
        elif who == "cut":
            self.room.cut(rest[0])
        elif who == "mend":
            self.room.mend(rest[0])
        elif who == "dispute":
            self.room.dispute(self.last[rest[0], rest[1]])
        elif rest[0] == "reads-heads":
            assert self.called is not None
            self.receipts[who] = {journal_of(self.called.author): self.called.page}
        else:
            stated = self.last[who, rest[0]] = self.room.say(who, self.entry(who, rest), minute(int(at)))
            if rest[0] == "calls":
                self.called = stated

    def entry(self, party: Party, rest: list[str]) -> Entry:
        if rest[0] == "calls":
            return ConsultationCalled("C1", Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
        assert self.called is not None
        call = self.called.id
        match rest:
            case ["acknowledges", role]:
                return Acknowledged(call, role, "officer-1")
            case ["unacknowledges"]:
                return AcknowledgementWithdrawn(call, self.last[party, "acknowledges"].id)
            case ["declines"]:
                return CallDeclined(call, DeclineReason.NOT_AFFECTED)
            case ["convenes"]:
                return ConsultationConvened(call, Level.ADVISERS, Medium.VIDEO, minute(30))
            case ["takes-back-call"]:
                return EntryWithdrawn(call, CorrectionReason.MISTAKE)
            case _:
                return ConclusionStated(call, Outcome.RESPONSE_MATCHED)

    def check(self, expected: list[str], remarks: list[str], as_of: Instant) -> None:
        away = [remark.split()[1] for remark in remarks if remark.startswith("no-path")]
        state = self.fold(self.room.arrived)
        view = judge_consultation(state, POLICY, as_of=as_of, links=Links(self.receipts, away))
        if len(expected) == 1:
            assert view.phase == expected[0]
            return
        party, receipt = expected
        shown = next(row for row in view.parties if row.party == party)
        assert shown.receipt == receipt
        assert shown.acknowledged_late == ("after-due" in remarks)
        assert shown.declined == ("declined" in remarks)
        assert bool(state.cell(party).other_role) == ("other-role" in remarks)


@pytest.mark.parametrize("scene", SCENES, ids=[scene["story"][:48] for scene in SCENES])
def test_scene(scene: dict[str, Any]) -> None:
    """The scene goes as it is told, and any order and repetition of its statements folds to the same state."""
    play = Play()
    for line in scene["happens"].strip().splitlines():
        play.run(line)
    for seed in range(5):
        assert play.fold(shuffled(play.room.arrived, seed)) == play.fold(play.room.arrived)
