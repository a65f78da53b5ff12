"""A standby as its operator uses it: backup, follow, promoted after a kill under load, the old node back (T29)."""

import contextlib
import json
import shutil
import threading
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import REALM, Stage
from comity.node.home import find_free_port
from kit.command import start_comity
from kit.patience import wait
from kit.stage import Teller, read_ids

pytestmark = pytest.mark.server


def _run(*arguments: object) -> str:
    done = start_comity(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run_beside(old: Stage) -> None:
    """Run the old node beside the new one, and nobody says anything: it reaches the others, and they do not ask it."""
    (old.realm_path("USA") / "reach.toml").write_text(f'USA = "127.0.0.1:{find_free_port("127.0.0.1")}"\n')
    (old.realm_path("USA") / "api").unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        stack.callback(old.stop)
        old.start("USA")
        old_teller = Teller(old)
        wait(lambda: {row["why"] for row in old_teller.status("USA")["closed"]} == {"superseded"})
        with pytest.raises(UsageError, match=r"key\.superseded"):
            old_teller.state("USA")
        assert "alarm.key-superseded" in [alarm["code"] for alarm in old_teller.status("USA")["alarms"]]


def _kill_under_load(stage: Stage, teller: Teller, loader: Teller) -> None:
    """Kill the primary in the midst of statements, some of which have reached a reader."""
    is_over = threading.Event()

    def load() -> None:
        while not is_over.is_set():
            loader.state("USA")

    loading = threading.Thread(target=load)
    loading.start()
    wait(lambda: len(loader.answered) >= 8 and teller.is_at("JPN", loader.answered[-4][0]))
    stage.kill("USA")
    is_over.set()
    loading.join()


def test_a_standby_takes_the_place_of_a_primary_that_was_killed_under_load(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fork, nothing lost that a reader or the standby has; the old node, beside the new, falls silent."""
    monkeypatch.setenv("COMITY_BACKUP_PASSPHRASE", "carry this")
    teller, loader = Teller(stage), Teller(stage)
    standby, old = tmp_path / "new" / "USA", Stage(tmp_path / "old")
    standby.parent.mkdir()
    old.folder.mkdir()
    place = ("--home", standby, "--realm", REALM)
    with stage.running():
        teller.insist("USA")
        _run("backup", tmp_path / "file", "--home", stage.home("USA"))
        _run("standby", "init", tmp_path / "file", "--home", standby)
        refused = start_comity("node", "run", *place)
        assert "standby.not-promoted" in refused.stderr
        for to in ((), ("JPN",), ("KOR",)) * 10:
            teller.insist("USA", *to)
        shown = json.loads("{" + _run("standby", "run", *place, "--once", "--json").rpartition("{")[2])
        assert (shown["behind_count"], shown["code"]) == (0, "")
        refused = start_comity("standby", "promote", *place)
        assert "home.root-offline" in refused.stderr
        shutil.copy(stage.home("USA") / "root.vault", standby)
        refused = start_comity("standby", "promote", *place)
        assert "standby.primary-runs" in refused.stderr

        _kill_under_load(stage, teller, loader)
        said = [id_ for id_, _, _ in teller.answered]
        late = [id_ for id_, _, _ in loader.answered if teller.is_at("JPN", id_) or teller.is_at("KOR", id_)]
        assert late

        promoted = json.loads(_run("standby", "promote", *place, "--within", 50, "--json"))
        assert promoted["incarnation"] == 1
        assert promoted["came_back_count"] >= len(late)
        stage.home("USA").rename(old.home("USA"))
        standby.rename(stage.home("USA"))
        stage.start("USA")
        new = teller.insist("USA")
        for party in stage.parties:
            wait(lambda party=party: teller.is_at(party, new))  # type: ignore[misc]
        wait(lambda: teller.is_at("USA", *said, *late))

        _run_beside(old)
        last = teller.insist("USA")
        for party in stage.parties:
            wait(lambda party=party: teller.is_at(party, last))  # type: ignore[misc]
        wait(teller.is_settled)
    for party in stage.parties:
        assert {id_ for id_, _, readers in teller.answered if party in readers} <= read_ids(stage, party)
    report, _ = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    assert is_clean(report), [finding.code for finding in report.findings]
