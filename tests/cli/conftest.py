import json

import pytest

from comity.api import words
from comity.cli import terminal
from comity.cli.commands import run
from kit.command import Json, Run


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins in English, on a wide terminal, and leaves no language behind."""
    # A console that was made before this test has read COLUMNS already.
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(terminal.OUT, "_width", 400)
    monkeypatch.setattr(terminal.ERR, "_width", 400)
    monkeypatch.setattr(words, "_chosen", "en")


@pytest.fixture
def comity(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""

    def call(*arguments: object) -> tuple[int, str, str]:
        status = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.fixture
def comity_json(comity: Run) -> Json:
    """Run a command line with `--json`; what it prints must be JSON and nothing else."""

    def call(*arguments: object) -> tuple[int, object]:
        status, out, err = comity(*arguments, "--json")
        assert err == ""
        return status, json.loads(out)

    return call
