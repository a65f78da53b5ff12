"""`comity alarm` as a person types it: what alarms, whether the plan fits, whether a call-out gets through."""

import json
import sys
from pathlib import Path

import pytest

from comity.node.alarm.escalation import Escalation
from comity.node.alarm.plan import ALARM_FILE, PlanBook
from kit.api import Apis
from kit.command import Json, Run
from kit.stage import make_message

pytestmark = pytest.mark.usefixtures("at_home")

PLAN = """
[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]
[[step]]
after_s = 120
roles = ["director"]
[[callout]]
name = "pager"
kind = "command"
argv = ["{script}"]
[[callout]]
name = "sms"
kind = "webhook"
url = "http://127.0.0.1:9/send"
secret_file = "sms.secret"
timeout_s = 5
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The realm's folder of a home JPN, with a plan: a pager that notes what it hears, a gateway that is not there."""
    realm = tmp_path / "JPN" / "realms" / "exercise-nodes"
    realm.mkdir(parents=True)
    (realm / "pact.toml").touch()
    script = tmp_path / "page"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen('told', 'w').write(sys.stdin.read())\n")
    script.chmod(0o700)
    (realm / ALARM_FILE).write_text(PLAN.format(script=script))
    monkeypatch.chdir(tmp_path)
    return realm


def test_a_plan_is_checked_with_the_files_that_it_names(comity: Run, comity_json: Json, folder: Path) -> None:
    """A secret that is missing, empty or open to others is named; a file that cannot be followed says why."""
    status, out, _ = comity("alarm", "check", "--home", "JPN")
    assert (status, "sms: sms.secret" in out) == (1, True)
    (folder / "sms.secret").write_text("shared")
    (folder / "sms.secret").chmod(0o644)
    assert comity("alarm", "check", "--home", "JPN")[0] == 1
    (folder / "sms.secret").chmod(0o600)
    status, out, _ = comity("alarm", "check", "--home", "JPN")
    assert (status, "The plan fits: steps: 2, call-outs: pager, sms." in out) == (0, True)
    assert comity_json("alarm", "check", "--home", "JPN") == (
        0, {"steps": 2, "callouts": ["pager", "sms"], "faults": []})  # fmt: skip
    other = folder.parent / "other.toml"
    other.write_text("[[step]]\nafter_s = 9\nroles = ['x']\n")
    status, _, err = comity("alarm", "check", other, "--home", "JPN")
    assert (status, "callout.plan-malformed" in err, "the first is at once" in err) == (2, True, True)


def test_call_outs_are_tried_and_say_that_it_is_a_test(comity: Run, comity_json: Json, folder: Path) -> None:
    """One or all; what does not get through is said with why, and the exit status tells."""
    status, out, _ = comity("alarm", "test", "pager", "--home", "JPN")
    assert (status, out) == (0, "pager: sent. Was it heard?\n")
    told = json.loads((folder / "told").read_text())
    assert (told["kind"], told["party"], told["realm"], told["is_exercise"]) == ("test", "JPN", "exercise/nodes", True)
    assert "This is a test of the alarm" in told["text"]
    (folder / "sms.secret").write_text("shared")
    status, found = comity_json("alarm", "test", "--home", "JPN")
    assert (status, [(row["callout"], row["is_sent"]) for row in found]) == (1, [("pager", True), ("sms", False)])
    status, _, err = comity("alarm", "test", "nobody", "--home", "JPN")
    assert (status, "callout.unknown" in err) == (2, True)


def test_what_alarms_is_shown_with_who_was_called(apis: Apis, comity: Run, folder: Path) -> None:
    """The alert, each step with its call-outs, who is next, and the ladder; what is wrong with the plan, in red."""
    node = apis.nodes["JPN"]
    node.alarm_plan = PlanBook(folder)
    (id_,) = apis.state(make_message("USA", "Launch detected."), party="USA")
    apis.reaches(id_, "JPN")
    escalation = Escalation(node)

    async def look() -> None:
        await escalation.look()
        for task in escalation._under_way.values():
            await task

    apis.run(look())
    status, out, _ = comity("alarm", "show", "--home", "JPN")
    wanted = (
        "FLASH from USA at ",
        id_[:12],
        "alarms",
        "called watch-officer",
        "Call-out pager: sent",
        "Next at",
        "2 min",
    )
    assert (status, [word for word in wanted if word not in out]) == (0, [])
    (folder / ALARM_FILE).write_text("broken =")
    assert "alarm.toml can't be followed" in comity("alarm", "show", "--home", "JPN")[1]
    node.alarm_plan = PlanBook()
