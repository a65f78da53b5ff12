import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity.api import words
from comity.cli import terminal
from comity.cli.asking import Client
from comity.cli.commands import run
from kit.api import Apis
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


@pytest.fixture
def at_home(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--home PARTY` reaches that party's node, without a socket."""

    def reach(client: Client, home: Path, realm: str) -> None:
        assert realm == ""

        def request(method: str, path: str, **given: Any) -> Any:
            content = given.pop("content", None)
            if content is not None:
                given["content"] = content if isinstance(content, bytes) else b"".join(content)
            return apis.call(method, path, party=home.name, **given)

        @contextmanager
        def stream(method: str, path: str, **given: Any) -> Iterator[Any]:
            yield request(method, path, **given)

        client._http = SimpleNamespace(request=request, stream=stream)  # type: ignore[assignment]

    monkeypatch.setattr(Client, "__init__", reach)
