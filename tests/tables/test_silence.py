"""Plays the scenes of silence.toml: each line is stated, each `shows` is checked, and then again in other orders."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.entry import Entry
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    HoldLifted,
    PenHandedOver,
    PenTakenOver,
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    TextWithdrawn,
    find_version_digest,
)
from comity.procedure.text_view import find_clock_doubts, find_refusal_to_keep, find_unwitnessed, judge_text
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words

SCENES = tomllib.loads(Path(__file__).with_name("silence.toml").read_text(encoding="utf-8"))["scene"]


class Play:
    """One scene: the room, the text on the table, and what the lines mean."""

    def __init__(self, scene: dict[str, Any]) -> None:
        self.room = Room()
        self.languages = tuple(scene.get("languages", ["en"]))
        self.policy: Policy = dataclasses.replace(
            POLICY,
            silence_hold_permitted=scene.get("hold_permitted", True),
            silence_kept_by_machine=scene.get("by_machine", True),
        )
        self.opened: Stated | None = None
        self.last: dict[tuple[Party, str], Stated] = {}
        self.versions: dict[bytes, str] = {}

    @property
    def state(self) -> TextState:
        assert self.opened is not None
        return self.fold(self.room.arrived)

    def fold(self, statements: Any) -> TextState:
        assert self.opened is not None
        return fold_text(Scope("text", self.opened.id, ALL), statements, self.policy)

    def run(self, line: str) -> None:
        said, *remarks = (part.strip() for part in line.split(";"))
        at, who, *rest = said.split()
        if who == "shows":
            self.check([" ".join(rest), *remarks], minute(int(at)))
        elif who == "cut":
            self.room.cut(rest[0])
        elif who == "mend":
            self.room.mend(rest[0])
        elif who == "dispute":
            self.room.dispute(self.last[rest[0], rest[1]])
        else:
            self.state_one(who, rest, remarks, minute(int(at)))

    def state_one(self, party: Party, rest: list[str], remarks: list[str], at: Instant) -> None:
        verb, *arguments = rest
        clock = next((minute(int(remark.split()[1])) for remark in remarks if remark.startswith("clock")), at)
        entry = self.entry(party, verb, arguments)
        refused = [remark.split()[1] for remark in remarks if remark.startswith("refused")]
        if isinstance(entry, SilenceKept) and party not in self.room.cut_off and refused:
            why = find_refusal_to_keep(
                self.state, self.policy, party, now=clock, up_since_at=Instant(entry.up_since_at)
            )
            assert why == refused[0], "the signer's own check says otherwise"
        stated = self.last[party, verb] = self.room.say(party, entry, clock)
        if verb == "opens":
            self.opened = stated
        if isinstance(entry, TextVersionProposed):
            self.versions[find_version_digest(entry)] = arguments[0]
        if refused:
            assert (stated.id, refused[0]) in self.current_cell(party).refused
        if "objects" in remarks:
            assert stated.id in self.current_cell(party).objections

    def current_cell(self, party: Party) -> Any:
        current = self.state.current
        assert current is not None
        return current.cell(party)

    def entry(self, party: Party, verb: str, arguments: list[str]) -> Entry:
        if self.opened is None:
            return TextOpened((), TextKind.JOINT_STATEMENT, self.languages)
        text = self.opened.id
        current = self.fold(self.room.said).current
        if verb == "proposes":
            languages = arguments[2:] or self.languages
            follows = () if current is None else (current.opening.version,)
            return TextVersionProposed(text, follows, words(arguments[0], *languages))
        if verb in ("hands", "takes", "withdraws"):
            return self.pen_entry(text, verb, arguments)
        assert current is not None
        version: bytes = current.opening.version
        until_at = current.opening.until_at or 0
        if verb == "sees":
            return find_unwitnessed(self.state, party)[-1]
        if verb in ("asks", "extends"):
            to = minute(int(arguments[1]))
            if verb == "asks":
                return SilenceProposed(text, version, to, 0)
            return SilenceExtended(text, version, until_at, to, 0)
        if verb == "keeps":
            told = dict(zip(arguments[::2], arguments[1::2], strict=True))
            if party in self.room.cut_off:
                version, until_at = self.known_round(party)
            if "until" in told:
                until_at = minute(int(told["until"]))
            if "version" in told:
                version = next(digest for digest, name in self.versions.items() if name == told["version"])
            return SilenceKept(text, version, until_at, minute(int(told.get("up-since", "0"))))
        simple = {
            "receives": TextReceived(text, version, until_at),
            "holds": SilenceHeld(text, version, ROLE, "officer-1"),
            "lifts": HoldLifted(text, version, ROLE, "officer-1"),
            "breaks": SilenceBroken(text, version, BreakReason.OBJECTION, ROLE, "officer-1"),
            "agrees": TextAgreed(text, version, ROLE, "officer-1"),
        }
        return simple[verb]

    def known_round(self, party: Party) -> tuple[bytes, int]:
        """The version and S-time that a party cut off last said it had."""
        received = self.last[party, "receives"].entry
        assert isinstance(received, TextReceived)
        return received.version, received.until_at

    def pen_entry(self, text: bytes, verb: str, arguments: list[str]) -> Entry:
        if verb == "hands":
            return PenHandedOver(text, arguments[1])
        if verb == "takes":
            handed = next(row for row in self.room.said if isinstance(row.entry, PenHandedOver))
            return PenTakenOver(text, handed.id)
        return TextWithdrawn(text)

    def check(self, expected: list[str], as_of: Instant) -> None:
        view = judge_text(self.state, self.policy, as_of=as_of)
        status, *remarks = expected
        assert view.status == status
        told = {remark.split()[0]: remark.split()[1:] for remark in remarks}
        if "missing" in told or status == "adopted":
            assert list(view.missing) == told.get("missing", [])
        assert list(view.broken_by) == told.get("broken-by", [])
        assert (view.adoption is not None) == (status == "adopted")
        assert (view.adoption is not None and view.adoption.is_contested) == ("contested" in told)
        pen = self.state.pen
        assert pen is not None
        if "pen" in told:
            assert told["pen"] == [pen.holder or "nobody"]
        if "version" in told:
            assert view.version is not None
            assert told["version"] == [self.versions[view.version]]
        assert [doubt.party for doubt in find_clock_doubts(self.state)] == told.get("doubt", [])


@pytest.mark.parametrize("scene", SCENES, ids=[scene["story"][:48] for scene in SCENES])
def test_scene(scene: dict[str, Any]) -> None:
    """The scene goes as it is told, and any order and repetition of its statements folds to the same state."""
    play = Play(scene)
    for line in scene["happens"].strip().splitlines():
        play.run(line)
    for seed in range(5):
        assert play.fold(shuffled(play.room.arrived, seed)) == play.state
