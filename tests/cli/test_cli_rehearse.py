"""`comity rehearse` for several seeds: the log, the counts, and a seed at which the rehearsal itself breaks down."""

import importlib
from pathlib import Path

import pytest

from comity.cli import rehearse_many
from comity.cli.rehearse_log import find_sources_digest
from kit.command import Json, Run


def test_several_seeds_leave_a_short_log_and_one_digest(comity: Run, tmp_path: Path) -> None:
    """The log says which pact, which seeds, what they came to and how often each thing happened."""
    log = tmp_path / "seeds.log"
    status, out, _ = comity("rehearse", "--from", 5, "--seeds", 2, "--workers", 1, "--log", log)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert status == 0
    assert "2 runs, all clean." in out
    assert "- seeds 5 to 6" in lines
    assert "- **2 runs, all clean**" in lines
    assert lines[lines.index("## Seeds that were not clean") + 2] == "None."
    digest = next(line for line in lines if line.startswith("- digest over")).split("`")[1]
    assert f"Digest over the digests of all runs: {digest}" in out
    assert any(line.startswith("| statements | ") for line in lines)
    assert f"sources `{find_sources_digest()}`" in "\n".join(lines)
    assert str(tmp_path) not in "\n".join(lines)


def test_a_seed_that_breaks_down_is_told_and_stops_nothing(
    comity: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not clean, it has a line in the log, and the seeds after it are run."""
    room = importlib.import_module("comity.rehearsal.rehearse")
    whole = room.rehearse

    def break_down(profile: bytes, seed: int, *, play: str) -> object:
        if seed == 1:
            raise ZeroDivisionError
        return whole(profile, seed, play=play)

    monkeypatch.setattr(room, "rehearse", break_down)
    monkeypatch.setattr(rehearse_many, "TELL_EVERY_S", 0)
    log = tmp_path / "seeds.log"
    status, out, err = comity("rehearse", "--seeds", 3, "--workers", 1, "--log", log)
    assert status == 1
    assert "1 of 3 runs were not clean." in out
    assert [line.partition("not clean: ")[2] for line in err.splitlines()] == ["0", "1 (1)", "1 (1)"]
    assert "seed 1: rehearsal.broken" in log.read_text(encoding="utf-8")


def test_json_has_counts_and_what_never_occurred(comity_json: Json) -> None:
    """For a machine that reads it."""
    status, told = comity_json("rehearse", "--seeds", 1, "--workers", 1)
    assert status == 0
    assert isinstance(told, dict)
    assert told["runs"] == 1
    assert told["not_clean"] == []
    assert set(told["absent"]) <= set(told["counts"])
