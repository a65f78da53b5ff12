"""`comity rehearse` for several seeds: the log, the counts, and a seed at which the rehearsal itself breaks down."""

import importlib
from pathlib import Path

import pytest

from comity.cli import rehearse_many
from comity.cli.rehearse_log import find_sources_digest
from kit.command import Json, Run
from kit.scenarios import write


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


def test_a_scenario_gives_figures_and_plots(comity: Run, tmp_path: Path) -> None:
    """A table with intervals, a digest for each column, and both plots; two values of a clock stand side by side."""
    scenario = tmp_path / "small.toml"
    scenario.write_bytes(write())
    asked = ("rehearse", "camp-david", scenario, "--runs", 2, "--workers", 1, "--plots", tmp_path / "plots")
    status, out, _ = comity(*asked, "--sweep", "acknowledge=1,15")
    assert status == 0
    assert "acknowledged by all" in out
    assert "acknowledge 15" in out
    assert (tmp_path / "plots" / "reached.svg").is_file()
    assert (tmp_path / "plots" / "figures.svg").is_file()


def test_a_scenario_as_json_begins_on_the_day_named(comity_json: Json, tmp_path: Path) -> None:
    """Each figure has name, unit, value and interval; the digest is that of the outcomes."""
    scenario = tmp_path / "small.toml"
    scenario.write_bytes(write())
    status, told = comity_json("rehearse", "camp-david", scenario, "--from", "2024-01-01", "--workers", 1)
    assert status == 0
    assert isinstance(told, dict)
    assert told["from"] == "2024-01-01T00:00:00.000Z"
    (column,) = told["columns"]
    assert column["label"] == "camp-david"
    assert {"name", "of", "unit", "value", "low", "high"} == set(column["figures"][0])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("camp-david", "nowhere"), "scenario.unknown"),
        (("camp-david", "--runs", 1, "--sweep", "weather=1"), "scenario.sweep"),
        (("camp-david", "--runs", 1, "--sweep", "parties=x"), "scenario.sweep"),
        (("harbour-aid", "camp-david"), "scenario.refused"),
        (("--from", "2024-01-01", "--seeds", 1), "rehearsal.seed"),
    ],
)
def test_what_can_not_be_run_has_a_code(comity_json: Json, asked: tuple[object, ...], code: str) -> None:
    """A scenario that there is none of, a sweep of nothing, another pact's scenario, a day where a seed belongs."""
    status, told = comity_json("rehearse", *asked)
    assert status == 2
    assert isinstance(told, dict)
    assert told["error"] == code


def test_pacts_are_compared_by_coding_and_clause(comity: Run, comity_json: Json) -> None:
    """The five obligations first, beside known alliances; then what differs, clause by clause."""
    status, out, _ = comity("pact", "compare", "camp-david", "mutual-defence")
    assert status == 0
    assert "yes: M5" in out
    assert "consult.trigger" in out
    _, told = comity_json("pact", "compare", "camp-david", "usa-japan")
    assert told["coding"][0]["defence"] == []
    assert told["coding"][1]["defence"] == ["T5"]
    assert {row["place"] for row in told["clauses"]} >= {"consultation.trigger", "commitment"}


@pytest.mark.parametrize("option", [("--seeds", 2), ("--case",), ("--trace",)])
def test_a_scenario_takes_no_option_of_the_other_rehearsal(comity: Run, option: tuple[object, ...]) -> None:
    """What would be passed over in silence is refused, with the option that is meant."""
    status, _, err = comity("rehearse", "camp-david", "camp-david", *option)
    assert status == 2
    assert "--runs" in err
