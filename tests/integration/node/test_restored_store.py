"""A store put back from a copy, with the outbox gone: everything said since comes back, and the record stays whole."""

import shutil

import pytest

from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import REALM, Stage
from kit.command import start_comity
from kit.patience import wait
from kit.stage import Teller, read_ids

pytestmark = pytest.mark.server


def _copy(stage: Stage, party: str, folder: str) -> None:
    """Copy a killed node's store to a folder beside its home."""
    target = stage.folder / folder
    target.mkdir()
    for path in stage.realm_path(party).glob("store.db*"):
        shutil.copy(path, target)


def _put_back(stage: Stage, party: str, folder: str) -> None:
    for path in stage.realm_path(party).glob("store.db*"):
        path.unlink()
    for path in (stage.folder / folder).iterdir():
        shutil.copy(path, stage.realm_path(party))
    shutil.rmtree(stage.realm_path(party) / "outbox")


def test_three_nodes_go_on_as_one_record_after_a_store_was_put_back(stage: Stage) -> None:
    """Issue 3, must show: no fork, nothing lost, and while one reader is away its journals wait and say for whom."""
    teller = Teller(stage)
    with stage.running():
        teller.insist("USA")
        stage.kill("USA")
        _copy(stage, "USA", "copy")
        stage.start("USA")
        lost = [teller.insist("USA"), teller.insist("USA", "JPN"), teller.insist("USA", "KOR"), teller.insist("USA")]
        heard = teller.insist("JPN")
        wait(lambda: teller.is_at("KOR", lost[0], lost[2], lost[3], heard) and teller.is_at("JPN", *lost[:2]))
        wait(lambda: teller.is_at("USA", heard))
        stage.kill("USA")
        stage.kill("KOR")
        _put_back(stage, "USA", "copy")
        stage.start("USA")
        wait(lambda: _waits_for(teller, "JPN", "USA") == [])
        assert _waits_for(teller, "JPN", "KOR", "USA") == _waits_for(teller, "KOR", "USA") == ["KOR"]
        shown = start_comity("status", "--home", str(stage.home("USA")), "--realm", REALM)
        assert "Closed, record to JPN, KOR, USA" in shown.stdout
        assert "Not answered yet: KOR." in shown.stdout
        stage.start("KOR")
        wait(lambda: teller.status("USA")["closed"] == [])
        wait(lambda: teller.is_at("USA", *lost, heard))
        asked = start_comity("key", "request", "--home", stage.home("USA"), "--realm", REALM)
        assert "Nothing is shut" in asked.stdout
        said = teller.insist("USA")
        for party in stage.parties:
            wait(lambda party=party: teller.is_at(party, said))  # type: ignore[misc]
        wait(lambda: all(not teller.status(party)["unconfirmed"] for party in stage.parties))
    for party in stage.parties:
        assert {id_ for id_, _, readers in teller.answered if party in readers} <= read_ids(stage, party)
    report, _ = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    assert is_clean(report), [finding.code for finding in report.findings]


def _waits_for(teller: Teller, *audience: str) -> list[str]:
    """For whom USA's journal of this audience waits."""
    rows = [row for row in teller.status("USA")["closed"] if row["audience"] == list(audience)]
    return [party for row in rows if row["feed"] == "record" for party in row["waits_for"]]
