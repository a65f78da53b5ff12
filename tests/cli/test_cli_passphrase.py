"""Where commands get the passphrase of the keys: a variable, the terminal, and where there is neither, an error."""

from collections.abc import Callable
from pathlib import Path

import click.termui
import pytest

from comity.base.names import Party
from comity.crypto.production import ProductionSuite
from comity.node.home import open_home
from kit.command import Json, Run
from kit.released import PASSPHRASE, unpack_home

Type = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMITY_PASSPHRASE", raising=False)
    monkeypatch.delenv("COMITY_PASSPHRASE_FILE", raising=False)


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Sit at a terminal and type these lines, one for each question; return the questions that are asked."""

    def sit(*lines: str) -> list[str]:
        left, asked = list(lines), []

        def answer(question: str) -> str:
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(click.termui, "hidden_prompt_func", answer)
        return asked

    return sit


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "JPN", "--home", "{new}"),
        ("doctor", "--home", "{home}"),
        ("backup", "make", "{new}", "--home", "{home}"),
        ("backup", "verify", "{home}/card"),
        ("pact", "accept", "{home}/card", "--home", "{home}"),
        ("node", "run", "--home", "{home}"),
        ("key", "list", "--home", "{home}"),
        ("root", "succeed", "--home", "{home}"),
    ],
)
def test_without_a_terminal_and_a_variable_the_error_says_so(
    arguments: tuple[str, ...], tmp_path: Path, comity: Run
) -> None:
    """Nothing waits for somebody who is not there, and no wrong passphrase is blamed."""
    home = unpack_home(tmp_path)
    status, out, err = comity(*(word.format(home=home, new=tmp_path / "new") for word in arguments))
    assert (status, out) == (2, "")
    assert "no passphrase was given" in err
    assert "COMITY_PASSPHRASE_FILE" in err
    assert "[vault.no-passphrase]" in err
    assert not (tmp_path / "new").exists()


def test_a_home_is_made_with_the_passphrase_of_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comity_json: Json
) -> None:
    """The one that the node will be started with; nothing is asked, and no key lies beside the vaults."""
    (tmp_path / "words").write_text("of a file\n")
    monkeypatch.setenv("COMITY_PASSPHRASE_FILE", str(tmp_path / "words"))
    status, done = comity_json("init", "JPN", "--home", tmp_path / "jpn", "--realm", "exercise/x")
    assert (status, done["party"]) == (0, "JPN")
    assert not (tmp_path / "jpn" / "unlock.key").exists()
    assert open_home(tmp_path / "jpn", passphrase=b"of a file").find_realms() == ("exercise/x",)


def test_a_pact_is_born_at_a_terminal(tmp_path: Path, comity: Run, type_in: Type) -> None:
    """`init` asks twice, `pact accept` once; the home that `init` made is opened by what was typed there."""
    asked = type_in(*["typed"] * 6)
    homes: dict[Party, Path] = {party: tmp_path / party for party in ("JPN", "KOR", "USA")}
    for party, home in homes.items():
        status, made, _ = comity("init", party, "--home", home, "--realm", "exercise/x")
        assert status == 0
    assert asked == ["Passphrase for the keys: ", "Once more, to be sure: "] * 3
    endpoint = open_home(homes["USA"], passphrase=b"typed").get_card(ProductionSuite()).links[0].endpoint
    assert f"Peers reach realm exercise/x at {endpoint}: let them through to that port." in made
    pact = tmp_path / "pact.toml"
    status, _, err = comity("pact", "draft", "camp-david", "--home", homes["JPN"], "--out", pact)
    assert (status, "(parties KOR, USA)" in err, "[pair.first]" in err) == (2, True, True)
    for peer in ("KOR", "USA"):
        card = open_home(homes[peer], passphrase=b"typed").get_card(ProductionSuite())
        open_home(homes["JPN"], passphrase=b"typed").keep_peer((homes[peer] / "card").read_bytes(), card)
    assert comity("pact", "draft", "camp-david", "--home", homes["JPN"], "--out", pact)[0] == 0
    wrong = ("--set", "policy.acknowledge.within_ms=0")
    status, _, err = comity("pact", "draft", "camp-david", "--home", homes["JPN"], "--out", pact, *wrong)
    assert (status, err.splitlines()[2].startswith("line ")) == (2, True)
    asked = type_in("mistyped", "typed")
    accept = ("pact", "accept", pact, "--home", homes["JPN"], "--realm", "exercise/x")
    status, _, err = comity(*accept)
    assert (status, "[vault.passphrase]" in err) == (2, True)
    assert comity(*accept)[0] == 0
    assert asked == [f"Passphrase for the keys of {homes['JPN']}: "] * 2


def test_a_home_that_is_there_is_not_asked_about(tmp_path: Path, comity: Run, type_in: Type) -> None:
    """It is said before anybody types a passphrase for it."""
    asked = type_in("typed", "typed")
    home = unpack_home(tmp_path)
    status, _, err = comity("init", "JPN", "--home", home)
    assert (status, "[home.exists]" in err, asked) == (2, True, [])


def test_an_audit_says_whose_passphrase_fails(tmp_path: Path, comity: Run, type_in: Type) -> None:
    """Over several homes, the one that was not opened is named."""
    home = unpack_home(tmp_path)
    type_in("not " + PASSPHRASE)
    status, _, err = comity("audit", home, "--open")
    assert (status, "[vault.passphrase]" in err, f"home {home}" in err) == (2, True, True)
