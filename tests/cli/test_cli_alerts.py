"""`comity cap` as a person types it: check, import, list, export, acknowledge."""

from pathlib import Path
from typing import Any

import pytest

from comity.exchange.cap_read import parse_alert
from kit.cap_schema import find_faults
from kit.command import Json, Run
from unit.exchange.test_areas_at_risk import make_telegram
from unit.exchange.test_cap_read import make_usual

pytestmark = pytest.mark.usefixtures("at_home")

ALERT = make_usual(more="<headline>Tsunami advisory</headline>").replace(b"Actual", b"Exercise")


@pytest.fixture
def alert_file(tmp_path: Path) -> Path:
    """An alert for an exercise, as a file."""
    path = tmp_path / "alert.xml"
    path.write_bytes(ALERT)
    return path


def test_a_file_is_checked_without_a_node(alert_file: Path, comity: Run) -> None:
    """What it is; and what is wrong with it, by place and rule, with the status for another's bytes."""
    status, out, _ = comity("cap", "check", alert_file)
    assert status == 0
    assert [word for word in ("a-1", "Exercise", "Tsunami advisory") if word not in out] == []
    alert_file.write_bytes(ALERT.replace(b"Public", b"Everyone"))
    status, _, err = comity("cap", "check", alert_file)
    assert status == 3
    assert "at alert.scope, rule value" in err
    assert "cap.malformed" in err


def test_in_and_out_again(alert_file: Path, tmp_path: Path, comity: Run, comity_json: Json) -> None:
    """Previewed, imported, listed, exported with the same bytes, acknowledged."""
    status, out, _ = comity("cap", "import", alert_file, "--to", "kor", "--preview", "--home", "JPN")
    assert status == 0
    assert "Alert from s@example.test, marked JPN-OPEN: public-message" in out
    assert "permit" in out
    status, done = comity_json("cap", "import", alert_file, "--home", "JPN")
    assert status == 0
    status, out, _ = comity("cap", "list", "--home", "JPN")
    assert (status, "Tsunami advisory" in out) == (0, True)
    written: Any = tmp_path / "again.xml"
    assert comity("cap", "export", done["item"][:12], "--out", written, "--home", "JPN")[0] == 0
    assert written.read_bytes() == ALERT
    status, out, _ = comity("cap", "acknowledge", done["item"][:12], "--home", "JPN")
    assert (status, find_faults(out.encode()), parse_alert(out.encode()).message_type) == (0, [], "Ack")


def test_what_is_not_there_is_said(comity: Run) -> None:
    """No alert of that id, no party of that name."""
    assert comity("cap", "export", "ffff", "--home", "USA")[0] == 2
    status, _, err = comity("cap", "list", "--for", "FRA", "--home", "USA")
    assert (status, "cli.no-such-party" in err) == (2, True)


def test_areas_at_risk_are_those_of_telegrams_taken_in(tmp_path: Path, comity: Run, comity_json: Json) -> None:
    """None at first; then the region with grade, arrival and its telegram; as of an earlier instant none."""
    assert "No telegram" in comity("warning", "areas", "--home", "JPN")[1]
    file = tmp_path / "telegram.xml"
    file.write_bytes(make_telegram("06:00", ("320", "51")))
    assert comity("cap", "import", file, "--home", "JPN")[0] == 0
    _, out, _ = comity("warning", "areas", "--home", "JPN")
    assert [word for word in ("tsunami warning", "320区", "Japan Meteorological Agency") if word not in out] == []
    _, (row,) = comity_json("warning", "areas", "--home", "JPN")
    assert (row["code"], row["grade"], row["status"], row["geometry"]) == ("320", "warning", "Exercise", None)
    assert comity_json("warning", "areas", "--at", "2023-10-08T20:59Z", "--home", "JPN") == (0, [])
