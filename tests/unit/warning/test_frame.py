"""Frames of the picture: what the page's own reader shows of them is what each situation says, read plainly."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from comity.base.instants import Instant
from comity.warning import frame
from comity.warning.domain import TrackTerms
from comity.warning.frame import FrameWriter
from comity.warning.layout import ESTIMATE, Flag
from comity.warning.marks import MOVING
from comity.warning.picture import Picture
from comity.warning.rows import Block, Coarsening
from comity.warning.situation import IN_FULL, Situation
from kit.scripts import run_script
from kit.tracks import make_rows

READER = Path(__file__).resolve().parents[2] / "scripts" / "read_frames.ts"
START = 1_795_000_000_000
AIR, SHIPS = "policy.track.air", "policy.track.surface"
TERMS = {
    AIR: TrackTerms(AIR, "air", 1_200.0, 20_000, 40_000),
    SHIPS: TrackTerms(SHIPS, "surface", 50.0, 120_000, 600_000),
}
STEP_MS = 5_000
COARSE = Coarsening("policy.term.air", 5_000, 60_000)


def _report(author: str, step: int, *changes: dict[str, int], told: Coarsening | None = None) -> tuple[str, Block]:
    plain = {"at": START + step * STEP_MS, "number": step, "flags": Flag.ALTITUDE | Flag.VELOCITY}
    return author, Block(AIR, (), make_rows(*({**plain, **change} for change in changes)), np.empty(0, ESTIMATE), told)


def _play() -> list[Situation]:
    """Two parties see one aircraft, two that one of them cannot tell apart, and others of their own; they come to
    contradict each other; some are dropped.
    """
    picture, found = Picture(TERMS), []
    for step in range(14):
        east = 391_000_000 + step * 1_000
        own = [{"track": n, "latitude": east + n * 5_000_000, "kind": 0, "confidence": 60} for n in range(1, 6)]
        own[4]["latitude"] = own[3]["latitude"] + 3_000
        if step >= 9:
            own[1]["flags"] = Flag.ALTITUDE | Flag.VELOCITY | Flag.DROPPED
        said = [_report("JPN", step, *own)] if step < 12 else []
        if step >= 3:
            beside = 28_200 if step >= 8 else 0
            kind = 1 if step in (6, 7) else 0
            at = east + 5_000_000 + beside
            one = {"track": 9, "latitude": at, "kind": kind, "confidence": 80}
            said.append(_report("KOR", step, one, {"track": 8, "latitude": east + 20_001_500}))
        if step >= 5:
            said.append(_report("USA", step, {"track": 3, "latitude": east + 9_000_000}, told=COARSE))
        if step == 2:
            said.append(_report("USA", step, {"track": 0, "latitude": 300_000_000, "number": 77}))
        for author, block in said:
            picture.take(author, block)
        found.append(picture.at(Instant(START + step * STEP_MS)))
    found.append(picture.at(Instant(START + 3 * 3_600_000)))
    return found


def _told(situation: Situation, place: int) -> Any:
    if place == IN_FULL:
        return None
    one = situation.coarsenings[place]
    return [one.clause, one.coarsen_m, one.delay_ms]


def _read_plainly(situation: Situation) -> dict[str, dict[str, Any]]:
    """Return the marks of a situation, object by object, by name."""
    found = {}
    for place, of in enumerate(situation.objects):
        members = [situation.members[at] for at in situation.iterate_members(place)]
        who = [[situation.authors[m["author"]], _told(situation, m["told"])] for m in members]
        base = {
            "class_": situation.classes[of["class_"]], "author": situation.authors[of["author"]],
            **{name: int(of[name]) for name in ("track", "number", "count", "conflict")},
        }  # fmt: skip
        if of["is_estimated"]:
            mark: dict[str, Any] = {name: int(of[name]) for name, _ in MOVING if name != "seen"}
            mark |= {"seen": max(int(m["row"]["at"]) for m in members), "shape": 0, "told": who[0][1],
                     "of_author": base["author"], "of_track": base["track"], "of_number": base["number"],
                     "reports": who if len(who) > 1 else []}  # fmt: skip
            found[f"{situation.name_object(place)}"] = base | mark
            continue
        for at, member in zip(situation.iterate_members(place), members, strict=True):
            name = situation.name_member(at)
            mark = {of_row: int(member["row"][of_row]) for of_row, _ in MOVING if of_row not in ("seen", "standing")}
            mark |= {"seen": int(member["row"]["at"]), "standing": int(member["standing"]), "reports": [],
                     "shape": 2 if of["count"] > 1 else 1, "told": _told(situation, member["told"]),
                     "of_author": name.author, "of_track": name.track, "of_number": name.number}  # fmt: skip
            found[f"{situation.name_object(place)} by {name}"] = base | mark
    return found


def _name(mark: dict[str, Any]) -> str:
    def write(author: str, track: int, number: int) -> str:
        return f"{author}-{track:04}" if track else f"{author}-0/{number}"

    name = write(mark["author"], mark["track"], mark["number"])
    return name if mark["shape"] == 0 else f"{name} by {write(mark['of_author'], mark['of_track'], mark['of_number'])}"


def test_the_page_shows_what_the_situation_says() -> None:
    """After each frame, whole ones and changes, in pieces of any size: every mark, and none besides."""
    situations, writer = _play(), FrameWriter()
    frames = [writer.write(one, is_whole=place == 10) for place, one in enumerate(situations)]
    told = run_script(READER, b"".join(frames))
    assert len(told["shown"]) == len(situations)
    shapes = set()
    for shown, situation in zip(told["shown"], situations, strict=True):
        assert (shown["at"], shown["leftOut"], shown["count"]) == (situation.at, 0, len(shown["marks"]))
        found = {_name(mark): mark for mark in shown["marks"]}
        assert len(found) == len(shown["marks"])
        assert found == _read_plainly(situation)
        shapes |= {mark["shape"] for mark in shown["marks"]}
    assert shapes == {0, 1, 2}
    assert any(mark["reports"] for shown in told["shown"] for mark in shown["marks"])
    assert told["shown"][-1]["marks"] == []
    assert told["areCutsRefused"]
    assert told["isSecondFirstRefused"]
    assert told["isFloodRefused"]


def test_what_did_not_change_is_not_said_again() -> None:
    """The same situation twice is an empty frame; one that only moved says no words and no names."""
    one, two, *_ = _play()
    writer = FrameWriter()
    whole, again, moved = writer.write(one), writer.write(one), writer.write(two)
    assert len(again) == 4 + frame.HEAD.itemsize
    assert len(whole) > len(moved) > len(again)
    assert _read_head(again)["new_count"] == _read_head(moved)["new_count"] == 0
    assert _read_head(moved)["moved_count"] == len(two.objects)
    assert _read_head(moved)["word_size"] == 0


def test_what_is_live_stands_before_what_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more marks than a frame holds, those that nobody reports any more are left out and counted."""
    monkeypatch.setattr(frame, "MARK_COUNT_MAX", 3)
    dropped = _play()[9]
    raw = FrameWriter().write(dropped)
    head = _read_head(raw)
    assert head["new_count"] == 3
    assert head["left_out_count"] == len(_read_plainly(dropped)) - 3 > 0
    (shown,) = [run_script(READER, raw + FrameWriter().write(dropped))["shown"][0]]
    assert {mark["standing"] for mark in shown["marks"]} == {0}


def _read_head(raw: bytes) -> Any:
    return np.frombuffer(raw[4 : 4 + frame.HEAD.itemsize], frame.HEAD)[0]
