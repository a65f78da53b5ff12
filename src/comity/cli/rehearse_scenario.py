"""`comity rehearse PACT SCENARIO`: a scenario run many times, under one pact or several, with plots (R70 to R73).

Everything shown is worked out from the outcomes in the order of the runs, so it does not depend on the workers.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant, format_iso
from comity.base.limits import PACT_SIZE_BYTES_MAX
from comity.cli.files import read_beginning
from comity.cli.pact_source import read_pact_file
from comity.cli.rehearse_plots import draw_plots
from comity.cli.rehearse_words import format_figure, say_figure
from comity.cli.terminal import emit, is_json, print_line, print_table, print_text, progress
from comity.pact.parse import parse_pact
from comity.rehearsal.lean.many import Plan, run_plan
from comity.rehearsal.lean.outcome import CourseOutcome
from comity.rehearsal.lean.summary import Figure, summarise
from comity.rehearsal.lean.variant import SWEPT, Variant
from comity.rehearsal.scenario.read import parse_scenario
from comity.rehearsal.scenario.ready import SCENARIO_PACKAGE, SCENARIO_SUFFIX, SCENARIOS
from comity.rehearsal.scenario.tables import SIZE_BYTES_MAX

__all__ = ["Column", "Wanted", "list_plans", "rehearse_scenario"]

COLUMN_COUNT_MAX: Final = 12
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()


class Wanted(NamedTuple):
    """What was asked for on the command line."""

    pacts: tuple[str, ...]
    """Each a pact, or several that hold at once, joined by `+`."""
    scenario: str
    catalogue: Path | None
    from_at: Instant | None
    runs: int
    seed: int
    workers: int
    sweep: str
    plots: Path | None


class Column(NamedTuple):
    """One pact, or one value of what is swept, and what its runs came to."""

    label: str
    variant: Variant
    outcomes: tuple[CourseOutcome, ...]
    figures: tuple[Figure, ...]

    @property
    def digest(self) -> str:
        """Return SHA-256 over the outcomes in the order of the runs."""
        return hashlib.sha256(msgspec.json.encode(self.outcomes)).hexdigest()


def rehearse_scenario(wanted: Wanted) -> None:
    """Run everything, and show it as a table, as JSON and, where a folder is named, as plots."""
    scenario = _read_scenario(wanted.scenario)
    catalogue = b""
    if wanted.catalogue is not None:
        catalogue = read_beginning(wanted.catalogue, size_bytes_max=SIZE_BYTES_MAX)
    columns = []
    plans = list_plans(wanted, scenario, catalogue)
    for label, plan in plans:
        outcomes = []
        with progress("Rehearsing …", total=wanted.runs) as step:
            for outcome in run_plan(plan, range(wanted.runs), workers=wanted.workers):
                outcomes.append(outcome)
                step(len(outcomes))
        columns.append(Column(label, plan.variant, tuple(outcomes), summarise(outcomes)))
    written = () if wanted.plots is None else draw_plots(columns, wanted.plots, is_swept=bool(wanted.sweep))
    _show(wanted, Instant(plans[0][1].from_at), columns, written)


def _read_scenario(name: str) -> bytes:
    if name in SCENARIOS:
        return (files(SCENARIO_PACKAGE) / (name + SCENARIO_SUFFIX)).read_bytes()
    if not Path(name).is_file():
        raise UsageError("scenario.unknown", scenario=name[:60], known=", ".join(SCENARIOS))
    return read_beginning(Path(name), size_bytes_max=PACT_SIZE_BYTES_MAX)


def list_plans(wanted: Wanted, scenario: bytes, catalogue: bytes) -> list[tuple[str, Plan]]:
    """Return each column's label and plan; all begin at one instant, so that the same happens under each (R73).

    Without `--from` that is the day after the latest adoption of all pacts that are named.
    """
    held = {name: tuple(read_pact_file(one) for one in name.split("+")) for name in wanted.pacts}
    parsed = {name: tuple(parse_pact(raw) for raw in pacts) for name, pacts in held.items()}
    adopted = max(pact.identity.adopted for pacts in parsed.values() for pact in pacts)
    from_at = wanted.from_at
    if from_at is None:
        from_at = Instant(max(1, adopted.toordinal() + 1 - _EPOCH_DAY) * DAY_MS)
    plans = []
    for name in wanted.pacts:
        parse_scenario(scenario, parsed[name])
        plan = Plan(held[name], scenario, catalogue, from_at, wanted.seed)
        for variant in _list_variants(wanted.sweep):
            label = name if not variant.name else f"{variant.name} {variant.value}"
            if variant.name and len(wanted.pacts) > 1:
                label = f"{name}, {label}"
            plans.append((label, msgspec.structs.replace(plan, variant=variant)))
    if len(plans) > COLUMN_COUNT_MAX:
        raise UsageError("scenario.sweep", what="columns", value=len(plans))
    return plans


def _list_variants(sweep: str) -> list[Variant]:
    if not sweep:
        return [Variant()]
    name, _, values = sweep.partition("=")
    if name not in SWEPT or not all(
        value.isascii() and value.isdigit() and len(value) < 6 for value in values.split(",")
    ):
        raise UsageError("scenario.sweep", what=name[:40], value=values[:40])
    return [Variant(name, int(value)) for value in values.split(",")]


def _show(wanted: Wanted, from_at: Instant, columns: Sequence[Column], written: Sequence[str]) -> None:
    if is_json():
        emit(
            {
                "scenario": wanted.scenario,
                "runs": wanted.runs,
                "seed": wanted.seed,
                "from": format_iso(from_at),
                "columns": [
                    {
                        "label": column.label,
                        "digest": column.digest,
                        "figures": [figure._asdict() for figure in column.figures],
                    }
                    for column in columns
                ],
                "plots": list(written),
            }
        )
        return
    by_key = [{figure[:2]: figure for figure in column.figures} for column in columns]
    keys = dict.fromkeys(key for held in by_key for key in held)
    rows, between = [], "\n" if len(columns) > 1 else "  "
    for key in keys:
        shown = next(held[key] for held in by_key if key in held)
        rows.append((*say_figure(shown), *(format_figure(held.get(key), between=between) for held in by_key)))
    print_table(("figure", "of", *(column.label for column in columns)), rows)
    print_line("{runs} runs from seed {seed}; in brackets what holds 95 of 100 times such runs are drawn again.",
               runs=wanted.runs, seed=wanted.seed)  # fmt: skip
    for column in columns:
        print_text(f"{column.label}: {column.digest}")
    for name in written:
        print_line("Wrote {path}.", path=name)
    print_text(say("How people behave is the scenario's assumption, not a fact: read its file before its figures."))
