"""`comity warning replay`: logs and recorded launches again, at any speed, never in realm real (W58)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.cli.replaying import plan_replay
from comity.warning.door import DoorRules
from comity.warning.reports import GuessLine, ReportLine, encode_line
from comity.warning.tally import Reason
from kit.command import Run
from kit.feed_door import open_feed_door

SHIPS, MISSILES = "policy.track.surface", "policy.track.ballistic"
THEN, NOW = 1_700_000_000_000, Instant(1_795_000_000_000)


def _report(after_ms: int, **more: Any) -> ReportLine:
    covariance = ((900.0, 0.0), (0.0, 900.0))
    return ReportLine(at=THEN + after_ms, latitude=35.0, longitude=129.0, covariance=covariance, track=1, **more)


LOG = [_report(after_ms) for after_ms in (0, 60_000, 600_000)]


@pytest.mark.parametrize("speed", [0, 0.5, 1, 10, 10_000])
def test_a_replay_keeps_intervals_at_any_speed_and_says_nothing_of_the_future(speed: float) -> None:
    """Waits are as much shorter as the speed says; instants are shifted all alike, up to when they are handed in."""
    plan = plan_replay(LOG[::-1], begins_at=NOW, speed=speed, is_shifted=True)
    assert [report.at - plan[0][1].at for _, report in plan] == [0, 60_000, 600_000]
    assert [due - NOW for due, _ in plan] == [0, 60_000 / (speed or 1e9) // 1, 600_000 / (speed or 1e9) // 1]
    assert min(due - report.at for due, report in plan) == 0


def test_estimates_are_shifted_with_their_report() -> None:
    """Unshifted instants stay as they are, if they are not more than a day past."""
    guess = GuessLine(at=THEN - 5_000, latitude=35.0, longitude=129.0, semi_major_m=1.0, semi_minor_m=1.0)
    ((_, report),) = plan_replay([_report(0, launch=guess)], begins_at=NOW, speed=1, is_shifted=True)
    assert report.launch is not None
    assert (report.at, report.launch.at) == (NOW, NOW - 5_000)
    ((_, same),) = plan_replay([_report(0)], begins_at=Instant(THEN + 1), speed=1, is_shifted=False)
    assert same == _report(0)
    with pytest.raises(UsageError, match=r"warning\.replay-past"):
        plan_replay([_report(0)], begins_at=NOW, speed=1, is_shifted=False)
    with pytest.raises(UsageError, match=r"warning\.replay-past"):
        plan_replay([_report(0), _report(90_000_000)], begins_at=NOW, speed=0, is_shifted=True)
    assert plan_replay([], begins_at=NOW, speed=1, is_shifted=True) == []


def test_a_log_is_replayed_as_if_it_were_now(comity: Run, tmp_path: Path) -> None:
    """Though it is years old; its source is counted apart from one of that name which is live."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"".join(map(encode_line, LOG)))
    with open_feed_door(tmp_path) as door:
        before_ms = time.time() * 1000
        asked = ("warning", "replay", file, "--class", SHIPS, "--speed", "max", "--shift-to-now", "--home", tmp_path)
        assert comity(*asked) == (0, "handed in: taken 3\n", "")
        assert list(door.sources.door.tallies) == ["replay (replay)"]
        ats = [int(at) for block in door.blocks for at in block.rows["at"]]
        assert [at - ats[0] for at in ats] == [0, 60_000, 600_000]
        assert before_ms - 1_000 < ats[-1] <= time.time() * 1000


def test_launches_are_replayed_the_same_from_one_seed(comity: Run, tmp_path: Path) -> None:
    """One party's part of them, with estimates, through its own door: nothing is refused."""
    seen = []
    for _ in range(2):
        with open_feed_door(tmp_path) as door:
            asked = ("--launches", 7, "--day", "2024-10-30", "--party", "JPN", "--speed", "max", "--shift-to-now")
            status, out, _ = comity("warning", "replay", *asked, "--class", MISSILES, "--home", tmp_path, "--json")
            assert (status, set(json.loads(out)["counts"])) == (0, {"taken"})
            seen.append([(row["latitude"], row["sigma_east"]) for block in door.blocks for row in block.rows])
            assert any(len(block.estimates) for block in door.blocks)
    assert seen[0] == seen[1]
    assert len(seen[0]) > 50


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "warning.replay-what"),
        (("--launches", "1"), "warning.replay-launches"),
        (("--launches", "1", "--day", "2024-10-30", "--party", "FRA"), "warning.replay-launches"),
        (("--launches", "1", "--day", "2024-10-30", "--party", "JPN", "--speed", "fast"), "warning.replay-speed"),
    ],
)
def test_what_cannot_be_replayed_has_a_code(comity: Run, tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    """Before anything was handed in."""
    with open_feed_door(tmp_path) as door:
        status, out, _ = comity("warning", "replay", *arguments, "--class", MISSILES, "--home", tmp_path, "--json")
        assert (status, json.loads(out)["error"]) == (2, code)
        assert door.blocks == []


def test_nothing_is_replayed_in_realm_real(comity: Run, tmp_path: Path) -> None:
    """The command refuses; and the door of that realm takes nothing old from one who says that he replays."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(encode_line(LOG[0]))
    with open_feed_door(tmp_path, realm="real") as door:
        status, out, _ = comity("warning", "replay", file, "--class", SHIPS, "--home", tmp_path, "--json")
        assert (status, json.loads(out)["error"]) == (2, "warning.replay-real")
        taken = door.sources.take(SHIPS, "x", encode_line(_report(0)), now=Instant(THEN + 700_000), is_replay=True)
        assert taken == {"taken": 0, "past": 1}


def test_a_flood_at_the_socket_costs_no_other_source_anything(comity: Run, tmp_path: Path) -> None:
    """A hundred times what a source may: it is cut off and counted; all of another source's reports are taken."""
    flood, good = tmp_path / "flood.jsonl", tmp_path / "good.jsonl"
    past_ms = int(time.time() * 1000) - THEN
    flood.write_bytes(encode_line(_report(past_ms)) * 50_000)
    good.write_bytes(b"".join(encode_line(_report(past_ms - number)) for number in range(50)))
    with open_feed_door(tmp_path) as door:
        door.sources.door.admit_source("flood", DoorRules(rate_per_s=10, burst=500))
        for file in (flood, good):
            comity("warning", "send", file, "--class", SHIPS, "--source", file.stem, "--home", tmp_path)
        tallies = door.sources.door.tallies
        assert tallies["flood"].taken == 1
        assert tallies["flood"].counts[Reason.FLOOD] > 40_000
        assert tallies["flood"].taken + tallies["flood"].counts.total() == 50_000
        assert (tallies["good"].taken, tallies["good"].refused) == (50, 0)
