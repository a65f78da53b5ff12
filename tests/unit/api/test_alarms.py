"""What alarms, over the API: alerts, whom the node called, whom it calls next, by which ladder (P90 to P92)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.node.alarm.escalation import Escalation
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import ALARM_FILE, Callout, PlanBook
from kit.api import Apis
from kit.officers import have_officers
from kit.stage import make_message

PLAN = """
quiet = { from = "00:00", until = "23:59" }
[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]
[[step]]
after_s = 120
roles = ["director", "night-owl"]
[[callout]]
name = "pager"
kind = "command"
argv = ["/never/run"]
"""
FLASH = make_message("JPN", "Launch detected.")


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three running nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture
def plan(apis: Apis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the plan of the USA would be; it has two officers meanwhile."""
    node = apis.nodes["USA"]
    monkeypatch.setattr(node, "alarm_plan", PlanBook(tmp_path))
    with have_officers(node, {"usa-w": ("watch-officer",), "usa-d": ("director",)}):
        yield tmp_path / ALARM_FILE


def test_it_says_who_was_called_and_who_is_next(apis: Apis, plan: Path) -> None:
    """The alert with its steps and call-outs, the next step, the ladder by the roster of now, a plan's faults."""
    first = apis.get("/v1/alarms")["ladder"][0]
    assert first["roles"] == ["duty-officer", "national-security-adviser", "watch-officer"]
    plan.write_text(PLAN)
    (id_,) = apis.state(FLASH, party="JPN")
    apis.reaches(id_, "USA")
    before = apis.get("/v1/alarms")
    assert [(row["id"], row["sounds"], row["steps"], row["next"]) for row in before["alerts"]] == [(id_, True, [], [])]

    async def page(row: Callout, notice: Notice, folder: Path) -> None:
        assert (row.name, notice.officers, folder) == ("pager", ("usa-w",), plan.parent)

    escalation = Escalation(apis.nodes["USA"], call=page)

    async def look() -> None:
        await escalation.look()
        for task in escalation._under_way.values():
            await task

    apis.run(look())
    found: dict[str, Any] = apis.get("/v1/alarms")
    (alert,) = found["alerts"]
    (step,), (following,) = alert["steps"], alert["next"]
    assert (step["step"], step["roles"], step["officers"]) == (1, ["watch-officer"], ["usa-w"])
    assert [(row["name"], row["state"], row["attempt_count"]) for row in step["callouts"]] == [("pager", "sent", 1)]
    assert (following["step"], following["officers"]) == (2, ["usa-d"])
    assert following["at"] == step["called_at"] + 120_000
    assert [(row["after_ms"], row["officers"]) for row in found["ladder"]] == [(0, ["usa-w"]), (120_000, ["usa-d"])]
    assert found["callouts"] == [{"name": "pager", "kind": "command"}]
    assert found["unknown_roles"] == ["night-owl"]
    assert found["is_quiet"] is True
    assert "/never/run" not in str(found)
    plan.write_text("broken =")
    damaged = apis.get("/v1/alarms")
    assert damaged["plan_fault"]
    assert damaged["ladder"] == found["ladder"]


@pytest.mark.parametrize("type_", ["AlarmEscalated", "CalledOut"])
def test_no_officer_states_what_only_a_node_does(apis: Apis, type_: str) -> None:
    """Nobody can make his node say that it called somebody."""
    response = apis.call("POST", "/v1/statements", json={"to": ["USA"], "statements": [{"type": type_}]})
    assert response.json()["code"] == "statement.by-node"
