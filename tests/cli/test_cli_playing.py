"""`comity exercise propose … assess` as a person types them: three parties agree, play and see the same."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")


def test_an_exercise_is_agreed_played_and_assessed(apis: Apis, comity: Run, comity_json: Json, tmp_path: Path) -> None:
    """A start before all signed has no effect; a breakout holds every clock; a contingency comes only where it must."""

    def do(party: str, *words: str) -> str:
        status, done = comity_json("exercise", *words, "--home", party)
        assert status == 0, done
        apis.reaches(done["ids"][0], *(other for other in ("JPN", "KOR", "USA") if other != party))
        return str(done["ids"][0])

    do("JPN", "propose", "lost-line", "--controller", "JPN", "--controller", "USA")
    do("KOR", "join", "lost-line")
    early = do("USA", "start")
    do("USA", "join", "lost-line")
    status, shown = comity_json("exercise", "status", "--home", "KOR")
    assert (status, shown["status"], shown["time_ms"]) == (0, "agreed", -1)
    assert [(act["stated"]["id"], act["fate"]) for act in shown["acts"]] == [(early, "not-agreed")]
    do("USA", "start", "--opens", "2027-03-01T00:00Z")
    do("USA", "pause")
    do("JPN", "resume")
    do("KOR", "breakout")
    status, out, _ = comity("exercise", "status", "lost-line", "--home", "JPN")
    wanted = ("the play clock stands", "NO DUFF by KOR", "by its own calendar", "not every signature was known")
    assert [word for word in wanted if word not in out] == []
    do("USA", "resume")
    do("USA", "shift", "4", "--by", "15m")
    do("JPN", "jump", "0:20")
    do("JPN", "fire", "2")
    status, due = comity_json("exercise", "status", "lost-line", "--home", "KOR")
    rows = {row["number"]: row for row in due["next"]}
    assert (rows["1"]["state"], rows["4"]["due_ms"], rows["2.1"]["state"]) == ("due", 75 * 60_000, "open")
    do("JPN", "jump", "0:40")
    status, found = comity_json("exercise", "assess", "lost-line", "--home", "USA")
    rows = {row["number"]: row for row in found["injects"]}
    assert (rows["2"]["came"][0]["outcome"], rows["2.1"]["state"], rows["3"]["state"]) == (
        "missed",
        "due",
        "not-needed",
    )
    do("USA", "end")
    status, out, _ = comity("exercise", "assess", "lost-line", "--home", "USA")
    assert "0 of 1 expected acts came in time" in out
    seen = do("KOR", "observe", "2", "--rating", "unable", "--of-party", "JPN", "--text", "Nobody answered.")
    do("USA", "observe", "alert.alert-acknowledge", "--text", "en=Late.", "--text", "ja=遅い。")
    do("JPN", "hot-wash", "--sort", "strength", "--text", "One voice.")
    do("USA", "improve", "--finding", "No second line.", "--action", "Install one.", "--owner", "JPN", "--due",
       "2027-09-30T00:00Z", "--rests-on", seen[:12])  # fmt: skip
    status, out, _ = comity("exercise", "notes", "--home", "JPN")
    wanted = ("unable to be performed", "Late.", "a strength: One voice.", "Install one. (found: No second line.)")
    assert [word for word in wanted if word not in out] == []
    _report_and_adopt(apis, comity_json, do, tmp_path)


def _report_and_adopt(apis: Apis, comity_json: Json, do: Callable[..., str], tmp_path: Path) -> None:
    """Each party makes the same report; two adopt it, and one has done what it owes."""
    digests = set()
    first = tmp_path / "a.json"
    for party, name in (("JPN", "a.json"), ("KOR", "b.html"), ("USA", "c.pdf")):
        beside, file = (() if name == "a.json" else ("--beside", str(first))), tmp_path / name
        status, done = comity_json("exercise", "report", "lost-line", "--out", str(file), *beside, "--home", party)
        assert (status, file.stat().st_size > 2_000) == (0, True), done
        digests.add(done["digest"])
    assert digests == {hashlib.sha256(first.read_bytes()).hexdigest()}
    assert comity_json("exercise", "report", "lost-line", "--out", str(first), "--home", "JPN")[0] == 2
    do("JPN", "adopt", str(first))
    do("USA", "adopt", str(first))
    do("JPN", "done", "1", "--file", str(first))
    status, (row,) = comity_json("exercise", "adopted", "--home", "KOR")
    assert (row["status"], row["adopted_by"], row["report"]) == ("proposed", ["JPN", "USA"], *digests)
    assert [(action["owner"], action["verdict"]) for action in row["actions"]] == [("JPN", "met")]
    assert "corrective-action" in apis.call("GET", "/v1/duties").text
