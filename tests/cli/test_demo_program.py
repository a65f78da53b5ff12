"""What the demo says to try next can be typed as it is printed."""

from pathlib import Path

import pytest

from comity.cli.demo.play import find_program


def test_the_program_is_named_as_a_shell_here_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name where that is on the path, else by its place seen from this folder, else by its whole place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sys.argv", [str(tmp_path / ".venv" / "bin" / "comity")])
    assert find_program() == ".venv/bin/comity"
    monkeypatch.setattr("sys.argv", ["/opt/comity/bin/comity"])
    assert find_program() == "/opt/comity/bin/comity"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "comity").write_text("")
    (tmp_path / "bin" / "comity").chmod(0o755)
    assert find_program() == "comity"
