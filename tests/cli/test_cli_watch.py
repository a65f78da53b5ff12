"""`comity meeting` and `comity shift` as a person types them."""

from pathlib import Path
from typing import Any

import pytest

from comity.api import words
from comity.base.instants import to_datetime
from comity.procedure.call import Medium
from comity.procedure.fields import Level
from comity.procedure.meeting import MeetingHeld
from comity.procedure.registry import encode_entry
from comity.procedure.shift import ShiftHandedOver
from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")


def test_a_meeting_is_confirmed_by_each_and_shown_under_its_commitment(
    apis: Apis, comity: Run, comity_json: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stated by one, confirmed by the others; evidence with a digest, under the funnel as any text."""
    when = ("--from", "2026-08-18T14:00Z", "--until", "2026-08-18T17:00Z")
    status, done = comity_json("meeting", "held", "--under", "C4", *when, "--at-level", "leaders", "--home", "USA")
    assert status == 0
    apis.reaches(done["ids"][0], "JPN", "KOR")
    assert _find_last(apis, "C4") == 0
    of = ("--id", done["ids"][0][:12])
    for party in ("JPN", "KOR"):
        status, told = comity_json("meeting", "confirm", *of, "--home", party)
        assert status == 0
        apis.reaches(told["ids"][0], "USA")
    paper = tmp_path / "communique.txt"
    paper.write_text("We met.")
    evidence = ("meeting", "evidence", *of, "--form", "communique", "--file", paper, "--text", "On the ministry's site")
    status, _, err = comity(*evidence, "--level", "JPN-KIMITSU", "--home", "JPN")
    assert (status, "release.withheld" in err) == (2, True)
    status, given = comity_json(*evidence, "--home", "JPN")
    assert status == 0
    apis.reaches(given["ids"][0], "USA")
    status, out, _ = comity("meeting", "show", "--home", "USA")
    wanted = ("confirmed", "communiqué (JPN): On the ministry's site", "181400Z AUG 26")
    assert [word for word in wanted if word not in out] == []
    assert _find_last(apis, "C4") == 1_787_061_600_000
    status, out, _ = comity("timeline", "--home", "USA")
    assert "USA stated that JPN, KOR, USA met under Defence ministers meet (C4), at the level of leaders" in out
    monkeypatch.setattr(words, "_chosen", "ko")
    status, out, _ = comity("meeting", "show", "--home", "KOR")
    assert next(row.title.ko for row in apis.nodes["KOR"].machine.pact.commitments if row.id == "C4") in out
    monkeypatch.setattr(words, "_chosen", "en")
    row = _find_meeting(apis, done["ids"][0])
    assert len(row["evidence"][0]["entry"]["digest"][0]) == 64
    status, denied = comity_json("meeting", "confirm", *of, "--not-attended", "--home", "KOR")
    apis.reaches(denied["ids"][0], "USA")
    assert _find_meeting(apis, done["ids"][0])["status"] == "contested"


def _find_meeting(apis: Apis, id_: str) -> dict[str, Any]:
    (row,) = [row for row in apis.get("/v1/meetings")["meetings"] if row["id"] == id_]
    found: dict[str, Any] = row
    return found


def test_who_owes_a_word_on_a_meeting_is_said_for_any_day(apis: Apis, comity: Run, comity_json: Json) -> None:
    """By `meeting show`, and by the account beside what is known from outside."""
    year = to_datetime(apis.nodes["USA"].now()).year + 2
    status, out, _ = comity("meeting", "show", "--as-of", f"{year}-02-15", "--home", "USA")
    assert status == 0
    assert "JPN overdue, KOR overdue, USA overdue" in out
    status, out, _ = comity("account", "--signed", "--as-of", f"{year}-02-15", "--home", "USA")
    assert status == 0
    assert "Leaders meet" in out
    assert "that nobody met is not said" in out
    signed = comity_json("account", "--signed", "--as-of", f"{year}-02-15", "--home", "USA")[1]["signed"]
    leaders = next(row["owed"] for row in signed if row["commitment"] == "C2")
    assert {cell["verdict"] for cell in leaders} == {"overdue", "open"}
    assert "signed" not in comity_json("account")[1]


def _find_last(apis: Apis, commitment: str) -> int:
    rows = apis.get("/v1/meetings")["commitments"]
    last: int = next(row["last_confirmed_at"] for row in rows if row["commitment"] == commitment)
    return last


def test_a_meeting_is_planned_answered_moved_and_held_as_planned(apis: Apis, comity: Run, comity_json: Json) -> None:
    """What was answered before it moved is open again; the meeting held takes what it does not say from the plan."""
    when = ("--from", "2026-12-01T01:00Z", "--until", "2026-12-01T02:00Z")
    plan = ("meeting", "plan", "--under", "C3", "--at-level", "working", "--medium", "video", "--place", "Yokosuka")
    status, done = comity_json(*plan, *when, "--host", "JPN", "--home", "USA")
    assert status == 0
    id_ = done["ids"][0]
    apis.reaches(id_, "JPN", "KOR")

    def answer(party: str, *options: str) -> None:
        status, told = comity_json("meeting", "answer", "--id", id_[:12], *options, "--home", party)
        assert status == 0
        apis.reaches(told["ids"][0], "USA")

    answer("JPN")
    answer("KOR", "--from", "2026-12-02T01:00Z", "--until", "2026-12-02T02:00Z")
    status, out, _ = comity("meeting", "show", "--home", "USA")
    wanted = ("010100Z DEC 26 – 010200Z DEC 26", "video, Yokosuka, host: JPN", "will attend",
              "proposes another time: 020100Z DEC 26 – 020200Z DEC 26")  # fmt: skip
    assert [word for word in wanted if word not in out] == []
    moved = ("--from", "2026-12-02T01:00Z", "--until", "2026-12-02T02:00Z")
    status, done = comity_json("meeting", "move", "--id", id_[:12], *moved, "--medium", "video", "--home", "USA")
    assert status == 0
    apis.reaches(done["ids"][0], "JPN", "KOR")
    answer("JPN")
    assert _find_planned(apis, id_)["status"] == "planned"
    answer("KOR")
    assert _find_planned(apis, id_)["status"] == "accepted"
    status, out, _ = comity("account", "--signed", "--as-of", "2026-12-03", "--home", "USA")
    assert status == 0
    assert "its time is over" in out
    status, done = comity_json("meeting", "held", "--planned", id_[:12], "--home", "KOR")
    assert status == 0
    apis.reaches(done["ids"][0], "USA")
    row = _find_planned(apis, id_)
    assert (row["status"], row["held"]) == ("held", done["ids"])
    entry = _find_meeting(apis, done["ids"][0])["held"]["entry"]
    assert (entry["commitment"], entry["level"], entry["attended"]) == ("C3", "working", ["JPN", "KOR", "USA"])
    assert entry["began_at"] == row["setting"]["starts_at"]
    status, out, _ = comity("timeline", "--home", "KOR")
    assert "KOR stated that JPN, KOR, USA met as planned" in out


def test_a_planned_meeting_is_called_off_by_who_planned_it(apis: Apis, comity: Run, comity_json: Json) -> None:
    """What another party says of it moves nothing; a command that lacks something says what."""
    plan = ("meeting", "plan", "--under", "C3", "--with", "KOR", "--from", "2026-12-05T01:00Z")
    status, done = comity_json(*plan, "--until", "2026-12-05T02:00Z", "--home", "JPN")
    assert status == 0
    id_ = done["ids"][0]
    apis.reaches(id_, "USA", "KOR")
    status, told = comity_json("meeting", "call-off", "--id", id_[:12], "--home", "KOR")
    apis.reaches(told["ids"][0], "JPN")
    assert _find_planned(apis, id_)["status"] == "planned"
    status, told = comity_json("meeting", "call-off", "--id", id_[:12], "--reason", "collides", "--home", "JPN")
    apis.reaches(told["ids"][0], "USA")
    assert _find_planned(apis, id_)["status"] == "called-off"
    status, _, err = comity("meeting", "answer", "--id", id_[:12], "--from", "2026-12-05T01:00Z", "--home", "KOR")
    assert (status, "--until" in err) == (2, True)
    status, _, err = comity("meeting", "held", "--home", "KOR")
    assert (status, "--planned" in err) == (2, True)


def _find_planned(apis: Apis, id_: str) -> dict[str, Any]:
    (row,) = [row for row in apis.get("/v1/meetings")["planned"] if row["id"] == id_]
    found: dict[str, Any] = row
    return found


def test_the_timeline_says_both_readings_of_what_was_corrected(apis: Apis, comity: Run, comity_json: Json) -> None:
    """Field by field, under the row as it reads now; what was taken back says so."""
    when = ("--from", "2026-03-01T01:00Z", "--until", "2026-03-01T02:00Z")
    stated = comity_json("meeting", "held", "--under", "C3", *when, "--at-level", "working", "--home", "KOR")[1]
    id_, all_ = stated["ids"][0], ("JPN", "KOR", "USA")
    held = MeetingHeld("C3", (), Level.ADVISERS, Medium.IN_PERSON, 5, 9, all_, ())
    mended = {"type": "EntryCorrected", "entry": id_, "reason": "mistake", "replacement": encode_entry(held).hex()}
    apis.reaches(apis.state(mended, party="KOR")[0], "USA")
    lines = comity("timeline", "--home", "USA")[1].splitlines()
    at = next(number for number, line in enumerate(lines) if f"[{id_[:12]}]" in line)
    assert "at the level of advisers" in lines[at]
    assert "corrected, level: working level → advisers" in lines[at + 1]
    assert "corrected, began at: 010100Z MAR 26 → 010000Z JAN 70" in lines[at + 2]
    gone = apis.state({"type": "EntryWithdrawn", "entry": id_, "reason": "mistake"}, party="KOR")[0]
    apis.reaches(gone, "USA")
    lines = comity("timeline", "--home", "USA")[1].splitlines()
    assert any("withdrawn by its author" in line and gone[:12] in line for line in lines)


def test_a_watch_is_handed_over_with_what_is_open_and_taken_by_another(
    apis: Apis, comity: Run, comity_json: Json
) -> None:
    """The draft names what waits here; the relief signs; no other party learns of either."""
    call = apis.state({"type": "ConsultationCalled", "commitment": "C1", "level": "watch", "kind": "other",
                       "threats": [], "threatened": ["JPN"]})[0]  # fmt: skip
    status, sent = comity_json("message", "send", "--text", "Are you there?", "--precedence", "flash", "--home", "USA")
    text = comity_json("text", "open", "--language", "en", "--home", "USA")[1]["ids"][0]
    comity("text", "propose", "--id", text[:12], "--text", "We condemn.", "--home", "USA")
    last = comity_json("text", "silence", "--id", text[:12], "--for", "48h", "--home", "USA")[1]["ids"][0]
    apis.reaches(last, "JPN")
    status, draft = comity_json("shift", "draft", "--home", "JPN")
    assert (status, draft["calls"], draft["messages"], draft["texts"]) == (0, [call], sent["ids"], [text])
    assert "acknowledgement" in {clock["kind"] for clock in draft["clocks"]}
    status, out, _ = comity("shift", "draft", "--home", "JPN")
    assert [word for word in ("calls that run", call[:12], "Clocks of your party") if word not in out] == []
    hand_over = ("shift", "hand-over", "--officer", "duty-1", "--note", "The line to Seoul was bad at six")
    status, _ = comity_json(*hand_over, "--home", "JPN")
    assert status == 0
    status, _, err = comity("shift", "relieve", "--officer", "duty-1", "--home", "JPN")
    assert (status, "does not relieve himself" in err) == (2, True)
    comity("message", "ack", "--id", sent["ids"][0][:12], "--home", "JPN")
    status, _ = comity_json("shift", "relieve", "--officer", "duty-2", "--home", "JPN")
    assert status == 0
    status, out, _ = comity("shift", "show", "--home", "JPN")
    wanted = ("relieved", "Taken by duty-2", "The line to Seoul was bad at six", sent["ids"][0][:12])
    assert [word for word in wanted if word not in out] == []
    assert comity_json("shift", "draft", "--home", "JPN")[1]["messages"] == []
    assert comity("shift", "relieve", "--officer", "duty-3", "--home", "JPN")[0] != 0
    apis.settle("JPN")
    for party in ("KOR", "USA"):
        assert apis.get("/v1/shifts", party=party)["shifts"] == []
        assert apis.nodes[party].machine.statements.find(ShiftHandedOver) == ()


def test_a_change_of_watch_goes_to_nobody_else(apis: Apis) -> None:
    """Not even with an open note, which the funnel alone would let go."""
    marking = {"originator": "JPN", "scheme": "JPN", "level": "JPN-OPEN", "topics": ["public-message"], "caveats": []}
    note = {"marking": marking, "translations": [{"language": "en", "text": "quiet night"}]}
    entry = {"type": "ShiftHandedOver", "role": "watch-officer", "officer": "o1", "drafted_at": 5, "calls": [],
             "messages": [], "texts": [], "tests": [], "note": [note]}  # fmt: skip
    for to, given in ((["USA"], entry), (["KOR", "USA"], {**entry, "note": []})):
        answer = apis.call("POST", "/v1/statements", party="JPN", json={"to": to, "statements": [given]})
        assert answer.json()["code"] in ("shift.not-own", "release.withheld")
    answer = apis.call("POST", "/v1/statements", party="JPN", json={"to": ["USA"], "statements": [entry]})
    assert answer.json()["code"] == "shift.not-own"
