"""`comity indicator` as a person types it: list, report, import, show, draft, send."""

import json
from pathlib import Path

import pytest

from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")

CHIPS, STOCK = "policy.indicator.chip-lead-time", "policy.indicator.graphite-stock"


def test_a_crossed_threshold_drafts_a_report_that_an_officer_sends(
    apis: Apis, tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """Reported, told of the crossing, drafted in three languages under its own marking, written, sent, and there."""
    assert comity("indicator", "draft", CHIPS, "--home", "JPN")[0] == 2
    assert comity("indicator", "report", CHIPS, "20", "--at", "2026-11-01", "--home", "JPN")[0] == 0
    status, _, err = comity("indicator", "report", CHIPS, "27.50", "--at", "2026-11-02", "--home", "JPN")
    assert (status, "27.5 is at or beyond the threshold for watch" in err) == (0, True)
    comity("indicator", "report", CHIPS, "41", "--at", "2026-11-03", "--home", "JPN")
    out = tmp_path / "draft.json"
    status, printed, _ = comity("indicator", "draft", CHIPS, "--out", out, "--home", "JPN")
    assert status == 0
    assert [word for word in ("warning threshold of 40 wk", "27.5", "41", "警報", "경보") if word not in printed] == []
    form = json.loads(out.read_text(encoding="utf-8"))
    assert form["narrative"]["marking"]["level"] == "JPN-OPEN"
    assert "20 wk" not in printed
    assert apis.get("/v1/threats", party="JPN") == []
    status, sent = comity_json("indicator", "draft", CHIPS, "--send", "--home", "JPN")
    assert status == 0
    apis.reaches(sent["ids"][0], "KOR", "USA")
    (threat,) = apis.get("/v1/threats", party="USA")
    assert threat["entry"]["kind"] == "economic-pressure"


def test_another_partys_values_are_never_drafted_from(apis: Apis, comity: Run, comity_json: Json) -> None:
    """KOR sees the value and its grade, and can draft nothing of it."""
    status, done = comity_json("indicator", "report", STOCK, "29", "--to", "kor", "--home", "JPN")
    assert status == 0
    apis.reaches(done["ids"][0], "KOR")
    status, found = comity_json("indicator", "show", STOCK, "--home", "KOR")
    theirs = [one for one in found["readings"] if one["party"] == "JPN"]
    assert [(one["value"], one["grade"], one["marking"]["level"]) for one in theirs] == [("29", "warning", "JPN-OPEN")]
    status, _, err = comity("indicator", "draft", STOCK, "--home", "KOR")
    assert (status, "indicator.not-crossed" in err) == (2, True)
    status, found = comity_json("indicator", "show", STOCK, "--home", "USA")
    assert [one for one in found["readings"] if one["party"] == "JPN"] == []


def test_a_file_is_imported_once(tmp_path: Path, comity: Run, comity_json: Json) -> None:
    """A second import states nothing; a file with one wrong row states nothing at all."""
    path = tmp_path / "values.csv"
    path.write_text(f"indicator,observed_at,value\n{CHIPS},2026-10-01,12\n{CHIPS},2026-10-02,12.5\n")
    status, done = comity_json("indicator", "import", path, "--home", "USA")
    assert (status, len(done["ids"])) == (0, 2)
    status, again = comity_json("indicator", "import", path, "--home", "USA")
    assert (status, again["ids"]) == (0, [])
    path.write_text(path.read_text() + f"{CHIPS},2026-10-03,13\n{CHIPS},2026-10-04,many\n")
    status, _, err = comity("indicator", "import", path, "--home", "USA")
    assert (status, "row 4" in err) == (2, True)
    status, _, err = comity("indicator", "import", Path("/dev/zero"), "--home", "USA")
    assert (status, "bytes.too-large" in err) == (3, True)
    _, found = comity_json("indicator", "show", CHIPS, "--home", "USA")
    assert [one["value"] for one in found["readings"] if one["party"] == "USA"] == ["12", "12.5"]
    status, out, _ = comity("indicator", "list", "--home", "USA")
    assert (status, "USA 12.5 (normal)" in out) == (0, True)


def test_what_the_pact_does_not_ask_for_is_refused_or_marked_by_hand(comity: Run, comity_json: Json) -> None:
    """An unknown indicator; one that this party is not asked for, until it says at which level."""
    status, _, err = comity("indicator", "report", "policy.none", "1", "--home", "USA")
    assert (status, "indicator.unknown" in err) == (2, True)
    status, _, err = comity("indicator", "report", STOCK, "1", "--home", "USA")
    assert (status, "indicator.not-asked" in err) == (2, True)
    status, done = comity_json("indicator", "report", STOCK, "50", "--level", "USA-U", "--to", "KOR", "--home", "USA")
    assert (status, len(done["ids"])) == (0, 1)
