"""`comity pact amend | diff | accept` on files: what docs/guide/pact.md says of a pact that changes."""

from pathlib import Path

import pytest

from comity.cli.pact_source import read_pact_file
from comity.crypto.production import ProductionSuite
from comity.node.ceremony import open_accepted
from comity.node.home import Home
from kit.command import Json, Run
from kit.nodes import PARTIES, REALM, accept_all, make_homes

OLD, NEW = "within_ms = 200", "within_ms = 777"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    """Three homes that accepted the pact; only versions are added."""
    made = make_homes(tmp_path_factory.mktemp("homes"))
    accept_all(made)
    return made


def _edit(homes: dict[str, Home], folder: Path) -> Path:
    raw = open_accepted(homes["JPN"], realm=REALM, suite=ProductionSuite()).pact_raw
    assert raw.decode().count(OLD) == 1
    path = folder / "edited.toml"
    path.write_text(raw.decode().replace(OLD, NEW))
    return path


def test_every_party_makes_the_same_next_version_and_accepts_it(
    homes: dict[str, Home], tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """From one edited text; what was accepted lies beside the first version."""
    edited, made = _edit(homes, tmp_path), set()
    for party in PARTIES:
        out = tmp_path / f"{party}.toml"
        status, said = comity_json("pact", "amend", edited, "--home", homes[party].path, "--realm", REALM, "--out", out)
        assert (status, said["version"]) == (0, 2)
        made.add((said["digest"], out.read_bytes()))
        status, accepted = comity_json("pact", "accept", out, "--home", homes[party].path, "--realm", REALM)
        assert (status, accepted["digest"], accepted["parties"]) == (0, said["digest"], list(PARTIES))
        held = open_accepted(homes[party], realm=REALM, suite=ProductionSuite())
        assert [one.raw for one in held.later] == [out.read_bytes()]
    assert len(made) == 1
    rival = tmp_path / "rival.toml"
    raw = out.read_text()
    assert raw.count(NEW) == 1
    rival.write_text(raw.replace(NEW, "within_ms = 778"))
    status, _, err = comity("pact", "accept", rival, "--home", homes["JPN"].path, "--realm", REALM)
    assert (status, "[pact.rival]" in err) == (2, True)


def test_what_changes_is_shown_clause_by_clause(
    homes: dict[str, Home], tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """Under the clause's id, before and after; exit status 1, and 0 where nothing differs but words around."""
    edited = _edit(homes, tmp_path)
    old = tmp_path / "old.toml"
    old.write_text(edited.read_text().replace(NEW, OLD) + "\n# a remark\n")
    status, out, _ = comity("pact", "diff", old, edited)
    assert status == 1
    assert [line.strip() for line in out.splitlines()] == ["policy.receipt.within_ms", "- 200", "+ 777"]
    status, rows = comity_json("pact", "diff", old, edited)
    assert rows == [{"part": "policy.receipt", "field": "within_ms", "before": 200, "after": 777}]
    status, out, _ = comity("pact", "diff", old, old)
    assert (status, out.strip()) == (0, "Nothing that was agreed differs.")


def test_an_edited_text_with_a_fault_makes_no_version(homes: dict[str, Home], tmp_path: Path, comity: Run) -> None:
    """The findings are named, and no file is written."""
    edited, out = _edit(homes, tmp_path), tmp_path / "next.toml"
    edited.write_text(edited.read_text().replace('hub = "USA"', 'hub = "CHE"'))
    assert read_pact_file(str(edited))
    status, _, err = comity("pact", "amend", edited, "--home", homes["JPN"].path, "--realm", REALM, "--out", out)
    assert status != 0
    assert "pact.reference" in err
    assert not out.exists()
