"""`comity doctor` as an operator types it at three in the morning."""

from pathlib import Path

import pytest

from comity.crypto.production import ProductionSuite
from comity.node.upgrade import upgrade_home
from kit.command import Json, Run
from kit.released import PARTY, PASSPHRASE, unpack_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A played home, upgraded; its root's vault still lies in it."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    made = unpack_home(tmp_path)
    upgrade_home(made, party=PARTY, suite=ProductionSuite())
    return made


def test_each_finding_has_its_words_its_fix_and_its_code(comity: Run, home: Path) -> None:
    """Faults first; exit status 1."""
    home.chmod(0o755)
    status, out, err = comity("doctor", "--home", home)
    assert (status, err) == (1, "")
    lines = out.splitlines()
    assert lines[0].startswith("fault: files of this home are open to other accounts of this machine (count ")
    assert lines[1] == "    run `comity doctor --fix`, or chmod -R go-rwx on the home [doctor.exposed]"
    assert lines[2] == "caution: the root's vault lies on this machine"
    assert lines[-1] == "To see to: 2."


def test_what_needs_no_decision_is_mended(comity: Run, home: Path) -> None:
    """The root's vault is for a person to take away."""
    home.chmod(0o755)
    status, out, _ = comity("doctor", "--home", home, "--fix")
    assert (status, home.stat().st_mode & 0o077) == (1, 0)
    assert out.splitlines()[0].endswith("[doctor.exposed]")
    (home / "root.vault").unlink()
    status, out, _ = comity("doctor", "--home", home, "--deep")
    assert status == 0
    assert out.splitlines()[-1] == "Nothing is wrong."


def test_json_has_code_weight_words_and_fix(comity_json: Json, home: Path) -> None:
    """For a monitor; nothing is said in it that is not in the text."""
    status, found = comity_json("doctor", "--home", home)
    assert (status, found["is_sound"]) == (1, False)
    (root,) = [row for row in found["findings"] if row["code"] == "doctor.root-online"]
    assert root["weight"] == "warning"
    assert root["says"] == "the root's vault lies on this machine"
    assert (
        root["hint"]
        == "take root.vault offline, and a copy of unlock.key with it if there is one; only ceremonies need them"
    )


def test_a_wrong_passphrase_is_a_finding_and_not_the_end(
    comity_json: Json, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is looked at all the same."""
    monkeypatch.setenv("COMITY_PASSPHRASE", "something else")
    status, found = comity_json("doctor", "--home", home)
    codes = {row["code"]: row["details"] for row in found["findings"]}
    assert status == 1
    assert codes["doctor.vault-closed"] == {"cause": "vault.passphrase"}
    assert "doctor.root-online" in codes
    assert "doctor.node-silent" in codes


@pytest.mark.parametrize(("language", "word"), [("ja", "注意"), ("ko", "주의")])
def test_the_doctor_speaks_three_languages(
    comity: Run, home: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    """Weight, words and fix; codes are the same everywhere."""
    from comity.api import words

    monkeypatch.setattr(words, "_chosen", language)
    _, out, _ = comity("doctor", "--home", home)
    assert word in out
    assert "[doctor.root-online]" in out
    assert "the root's vault" not in out


def test_no_home_is_an_error(comity: Run, tmp_path: Path) -> None:
    """Two lines, like everywhere."""
    status, _, err = comity("doctor", "--home", tmp_path / "nowhere")
    assert (status, "[home.none]" in err) == (2, True)
