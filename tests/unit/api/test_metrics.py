"""What a node counts for its own operator, and who may ask; health in one shape."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from comity.api.app import make_monitor_app
from comity.api.desk import Desk
from comity.base.errors import UsageError
from comity.journal.header import Feed
from comity.machine.closed import Closed, ClosedWhy
from comity.node.backup.store_copy import check_copy
from comity.node.layout import LAYOUT
from kit.api import METRICS_TOKEN, TOKEN, Apis
from kit.nodes import SUITE
from kit.stage import CALL


def _read(apis: Apis, party: str = "USA") -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample by its name and the values of its labels, as a monitor parses them."""
    response = apis.call("GET", "/metrics", party=party)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=1.0.0")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(response.text):
        assert family.documentation
        for sample in family.samples:
            values = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[values] = sample.value
    return found


def test_what_is_stated_is_counted_where_it_is_stored_and_where_it_is_read(apis: Apis) -> None:
    """One page more at its author and at both readers; its way there and its confirmation are timed."""
    before = {party: _read(apis, party) for party in ("USA", "JPN")}
    (id_,) = apis.state(CALL)
    apis.reaches(id_, "JPN", "KOR", "USA")
    everybody = ("JPN KOR USA", "record")

    def is_confirmed() -> bool:
        return _read(apis)["comity_page_confirmed_seconds_count"][()] > before["USA"][
            "comity_page_confirmed_seconds_count"][()]  # fmt: skip

    apis.wait(is_confirmed)
    after = {party: _read(apis, party) for party in ("USA", "JPN")}
    appended = "comity_pages_appended_total"
    assert after["USA"][appended][everybody] > before["USA"].get(appended, {}).get(everybody, 0)
    taken = "comity_pages_taken_total"
    assert after["JPN"][taken]["USA", "record"] > before["JPN"].get(taken, {}).get(("USA", "record"), 0)
    assert after["JPN"]["comity_page_there_seconds_count"][()] > before["JPN"]["comity_page_there_seconds_count"][()]
    assert after["USA"]["comity_commit_seconds_count"][()] > before["USA"]["comity_commit_seconds_count"][()]
    assert is_confirmed()
    least = apis.nodes["USA"].store.count_pages()
    assert least <= _read(apis)["comity_pages_stored"][()] <= apis.nodes["USA"].store.count_pages()
    assert after["USA"]["comity_pact_in_force"][()] == 1


def test_what_is_refused_is_counted_by_its_code(apis: Apis) -> None:
    """And the alarm that goes with it; the bytes are nowhere."""
    name, label = "comity_pages_refused_total", ("page.malformed",)
    before = _read(apis)[name].get(label, 0) if name in _read(apis) else 0
    apis.run(_take(apis, b"the heron stands at the north gate"))
    after = _read(apis)
    assert after[name][label] == before + 1
    assert after["comity_alarms_total"]["alarm.page-refused",] >= 1
    assert "heron" not in apis.call("GET", "/metrics").text


async def _take(apis: Apis, raw: bytes) -> None:
    apis.nodes["USA"].take_bytes(raw)


def test_a_link_that_is_down_and_a_reader_that_lags_show(apis: Apis, caplog: pytest.LogCaptureFixture) -> None:
    """By party; another party's node counts for itself."""
    node = apis.nodes["USA"]
    assert _read(apis)["comity_link_up"] == {("JPN",): 1, ("KOR",): 1}
    apis.nodes.set_cut("USA", "JPN", is_cut=True)
    (_,) = apis.state(CALL, to=("JPN", "USA"))
    apis.wait(lambda: not node.links_up["JPN"])
    shown = _read(apis)
    assert shown["comity_link_up"] == {("JPN",): 0, ("KOR",): 1}
    assert shown["comity_outbox_lag_pages"]["JPN USA", "record", "JPN"] >= 1
    assert "JPN USA" not in apis.call("GET", "/metrics", party="KOR").text
    apis.nodes.set_cut("USA", "JPN", is_cut=False)
    with caplog.at_level("WARNING", "comity"):
        apis.wait(lambda: node.links_up["JPN"])
    events = [(getattr(row, "comity_event", ""), row.levelname) for row in caplog.records]
    assert ("link.up", "WARNING") in events


def test_a_monitor_has_a_token_of_its_own_that_opens_nothing_else(apis: Apis) -> None:
    """Metrics with either token and with no other; every other path refuses the weaker one."""
    for token, status in ((TOKEN, 200), (METRICS_TOKEN, 200), ("x", 401), (None, 401)):
        assert apis.call("GET", "/metrics", token=token).status_code == status
    for method, path in (("GET", "/v1/status"), ("GET", "/v1/bundle"), ("POST", "/v1/statements")):
        response = apis.call(method, path, token=METRICS_TOKEN)
        assert (response.status_code, response.json()["code"]) == (401, "api.no-access")


def test_health_is_one_word_or_a_problem_with_its_code(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token is wanted; a node that stopped lives and is not ready."""
    assert apis.call("GET", "/v1/health/live", token=None).json() == {"live": True}
    assert apis.call("GET", "/v1/health/ready", token=None).json() == {"ready": True}
    monkeypatch.setattr(apis.nodes["USA"], "failure", UsageError("outbox.fenced"))
    response = apis.call("GET", "/v1/health/ready", token=None)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.json()["code"], response.json()["details"]) == ("node.stopped", {})
    assert apis.call("GET", "/v1/health/live", token=None).status_code == 200
    assert _read(apis)["comity_node_stopped"] == {("outbox.fenced",): 1}


def test_before_the_pact_is_in_force_a_node_is_not_ready(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts say how many have accepted, and nobody's name."""
    monkeypatch.setattr(apis.nodes["USA"].machine, "find_accepting", lambda: frozenset({"JPN"}))
    response = apis.call("GET", "/v1/health/ready", token=None)
    assert (response.status_code, response.json()["code"]) == (409, "pact.not-in-force")
    assert response.json()["details"] == {"accepted": 1, "parties": 3}


def test_the_monitors_own_port_serves_health_and_metrics_alone(apis: Apis) -> None:
    """Nobody who reaches it can act or look at the record, whichever token he has."""
    node = apis.nodes["USA"]
    raw = apis.nodes.accepted["USA"].pact_raw
    desk = Desk(node, apis.nodes.items("USA"), pact_raw=raw, suite=SUITE)
    app = make_monitor_app(desk, apis.metrics["USA"], token=TOKEN, metrics_token=METRICS_TOKEN)
    transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=transport, base_url="http://node.test")

    def ask(path: str, token: str) -> httpx.Response:
        response: httpx.Response = apis.run(client.get(path, headers={"Authorization": f"Bearer {token}"}))
        return response

    assert ask("/v1/health/live", "").status_code == 200
    assert ask("/metrics", "").status_code == 401
    assert "comity_pages_stored" in ask("/metrics", METRICS_TOKEN).text
    for path in ("/v1/status", "/v1/bundle", "/v1/schema"):
        assert ask(path, TOKEN).status_code == 404


def test_a_running_node_copies_its_own_store(apis: Apis) -> None:
    """On request with the API's token: nobody else can read a store that a node has open."""
    response = apis.call("POST", "/v1/store/copy")
    assert response.status_code == 201
    copy = apis.nodes.accepted["USA"].path / response.json()["file"]
    assert copy.stat().st_size == response.json()["size_bytes"] > 0
    assert check_copy(copy, name="store.db", suite=SUITE).page_count > 0
    copy.unlink()
    assert apis.call("POST", "/v1/store/copy", token=METRICS_TOKEN).status_code == 401


def test_the_doctor_asks_a_running_node_over_the_api(apis: Apis) -> None:
    """Findings with codes and weights, and which versions run; streams are rebuilt on request."""
    found = apis.get("/v1/doctor")
    assert {row["weight"] for row in found["findings"]} <= {"fault", "warning", "note"}
    assert (found["layout"], found["store_format"], found["pact_version"]) == (LAYOUT, "1", 1)
    held = apis.nodes.outboxes["USA"]._get(apis.nodes.stream("JPN", "KOR", "USA", feed="genesis"))
    del held.pages[1]
    codes = [row["code"] for row in apis.get("/v1/doctor")["findings"]]
    assert "doctor.stream-behind" in codes
    assert apis.call("POST", "/v1/doctor/streams").json() == {"rebuilt_count": 1}
    codes = [row["code"] for row in apis.get("/v1/doctor")["findings"]]
    assert "doctor.stream-behind" not in codes


def test_what_a_store_from_a_copy_keeps_closed_is_counted_and_is_not_ready(
    apis: Apis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the store's losses, and how old the snapshot is."""
    node = apis.nodes["USA"]
    closed = (Closed(Feed.RECORD, ("JPN", "KOR", "USA"), ClosedWhy.RECKONING, ("JPN",)),)
    monkeypatch.setattr(node.machine, "find_closed", lambda: closed)
    monkeypatch.setattr(node.store, "count_damage", lambda: (3, 2))
    monkeypatch.setattr(apis.metrics["USA"], "_snapshot", tmp_path / "snapshot")
    assert "comity_snapshot_age_seconds" not in _read(apis)
    (tmp_path / "snapshot").touch()
    shown = _read(apis)
    assert shown["comity_journals_closed"] == {("reckoning",): 1, ("fork",): 0, ("superseded",): 0}
    assert (shown["comity_store_rows_damaged"][()], shown["comity_store_rows_lost"][()]) == (3, 2)
    assert shown["comity_snapshot_age_seconds"][()] >= 0
    response = apis.call("GET", "/v1/health/ready", token=None)
    assert (response.json()["code"], response.json()["details"]) == ("journal.reckoning", {"waiting": 1})
