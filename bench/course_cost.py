"""What the lean rehearsal costs: a real year of three parties, a week of fifty, and a party's hour from three to 200.

Times are of the processor, not of the clock on the wall. What costs are statements times their readers: where each
party offers measures at the same rate and every other answers, there are as many statements as the square of the
parties, and each goes to all, so a consultation is their cube. From a hundred parties on one consultation is run for
the ten of a day.

    make rehearsal-cost CATALOGUE=launches.csv LOG=docs/rehearsal-cost.md
"""

import argparse
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from bench.figure import tell
from comity.base.instants import Instant, parse_instant
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile
from comity.rehearsal.lean.course import run_course
from comity.rehearsal.lean.outcome import CourseOutcome
from comity.rehearsal.lean.plot import Line, Panel, Point, draw_panels
from comity.rehearsal.lean.variant import Variant, vary
from comity.rehearsal.scenario.read import parse_scenario
from comity.rehearsal.scenario.ready import SCENARIO_PACKAGE, SCENARIO_SUFFIX
from comity.rehearsal.scenario.tables import Recorded, read_catalogue

__all__ = ["Cost", "describe", "measure", "write_busy"]

FROM_AT: Final = parse_instant("2024-01-01")
COUNTS: Final = (3, 10, 30, 50, 100, 200)
SAMPLED_FROM: Final = 100
"""From so many parties on, one consultation is run for the ten of a day."""
_EVENT: Final = """
[[event]]
id = "busy"
after_ms = 3600000
every_ms = {every_ms}
kind = "cyber-incident"
topic = "cyber"
"""


class Cost(NamedTuple):
    """What one run took of the processor, and what it was."""

    what: str
    parties: int
    seconds: float
    outcome: CourseOutcome

    @property
    def party_hour_ms(self) -> float:
        """Return milliseconds of the processor for an hour of one party."""
        return self.seconds * 1000 / self.outcome.party_hours


def read_ready() -> str:
    """Return the scenario that ships."""
    return (files(SCENARIO_PACKAGE) / ("camp-david" + SCENARIO_SUFFIX)).read_text(encoding="utf-8")


def write_busy(days: int, a_day: int) -> bytes:
    """Return the people and failures of the scenario that ships, with so many consultations a day, and no adversary."""
    text = read_ready().replace("days = 365", f"days = {days}")
    head, people = text[: text.index("# Without a catalogue")], text[text.index("# How long people take") :]
    people = people[: people.index("[[information]]")] + people[people.index("[delivery]") :]
    return (head + _EVENT.format(every_ms=86_400_000 // a_day) + people).encode()


def measure(what: str, raw: bytes, parties: int, recorded: Sequence[Recorded] = (), *, run: int = 0) -> Cost:
    """Run a scenario once, and say what it took."""
    pact = vary(parse_pact(read_profile("camp-david")), Variant("parties", parties))
    scenario = parse_scenario(raw, [pact])
    began = time.process_time()
    outcome = run_course([pact], scenario, recorded, from_at=Instant(FROM_AT), seed=0, run=run)
    cost = Cost(what, parties, time.process_time() - began, outcome)
    tell(f"{what}: {parties} parties, {cost.seconds:.2f} s, {cost.party_hour_ms:.3f} ms a party-hour")
    return cost


def describe(costs: Sequence[Cost], picture: str) -> str:
    """Write the page."""
    rows = [
        f"| {cost.what} | {cost.parties} | {len(cost.outcome.answers)} | {cost.outcome.statement_count:,} |"
        f" {cost.outcome.page_count:,} | {cost.seconds:.2f} | {cost.party_hour_ms:.3f} |"
        for cost in costs
    ]
    assert __doc__ is not None, "the module says what it measures"
    return "\n".join(
        (
            "# What a rehearsed scenario costs",
            "",
            "`make rehearsal-cost` measures this and writes it. Seconds are of one processor core, whatever else ran.",
            "",
            *__doc__.split("\n\n")[1].splitlines(),
            "",
            "| run | parties | consultations | statements | pages to readers | seconds | ms a party-hour |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"![Milliseconds of the processor for an hour of one party, from 3 to 200 parties](pictures/{picture})",
            "",
        )
    )


def draw(costs: Sequence[Cost]) -> str:
    """Draw the cost of a party's hour against the parties, where ten consultations a day are held."""
    ticks = tuple((float(count), str(count)) for count in COUNTS)
    grown = [cost for cost in costs if cost.what.startswith("a day")]
    points = tuple(
        Point(cost.parties, cost.party_hour_ms * (10 if cost.parties >= SAMPLED_FROM else 1)) for cost in grown
    )
    panel = Panel("ms a party-hour, ten consultations a day", (Line("", points, has_marks=True),), ticks, is_x_log=True)
    return draw_panels([panel], title="Cost of a party-hour", columns=1)


def main() -> None:
    """Measure everything, and write the page where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalogue", type=Path)
    parser.add_argument("--log", type=Path)
    asked = parser.parse_args()
    recorded = read_catalogue(asked.catalogue.read_bytes()) if asked.catalogue else ()
    costs = [
        measure("a year, real launches, daily line tests", read_ready().encode(), 3, recorded, run=n) for n in range(3)
    ]
    for count in COUNTS:
        a_day = 1 if count >= SAMPLED_FROM else 10
        name = f"a day, {a_day} consultation{'s' * (a_day > 1)}"
        costs.append(measure(name, write_busy(1, a_day), count))
    costs.append(measure("a week, ten consultations a day", write_busy(7, 10), 50))
    if asked.log:
        picture = "rehearsal-cost.svg"
        (asked.log.parent / "pictures" / picture).write_text(draw(costs), encoding="utf-8")
        asked.log.write_text(describe(costs, picture), encoding="utf-8")


if __name__ == "__main__":
    main()
