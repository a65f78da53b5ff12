"""All launches since Camp David replayed as three parties' noisy reports: what the picture makes of them, and how often
the impact area holds where it fell.

    make launch-replay SEEDS=2 LOG=docs/launch-replay.md

Twice: over the plain arcs, and over flights integrated with an engine, a flattened earth and air, of which neither the
picture nor the estimates know. The page's own text ends where what is measured begins.
"""

import argparse
from importlib.resources import files
from pathlib import Path
from typing import Final

from bench.flown_path import fly_launches
from bench.replay_page import COVERAGE_SEEDS, MARK, describe
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile
from comity.rehearsal.launch_replay import replay, retrace_launch
from comity.warning.domain import read_terms
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.launches import read_launches
from comity.warning.picture import Picture
from kit.replay_cover import Covers
from kit.replay_score import Score, judge

SINCE: Final = "2023-08-18"
CLASS: Final = "policy.track.ballistic"


def main() -> None:
    """Measure, print, and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seeds", type=int, default=2)
    given.add_argument("--log", type=Path)
    asked = given.parse_args()
    text = measure(asked.seeds)
    print(text)
    if asked.log is not None:
        kept = asked.log.read_text("utf-8").partition(MARK)[0]
        asked.log.write_text(kept + text, encoding="utf-8")


def measure(seed_count: int) -> str:
    """Return the measured half of the page."""
    raw = (files(FACTS_PACKAGE) / LAUNCHES).read_bytes()
    launches = [launch for launch in read_launches(raw) if launch.date >= SINCE and launch.is_retraceable]
    flown, absent = fly_launches(launches, seed=1)
    flights = {"arcs": {launch.number: retrace_launch(launch) for launch in launches}, "integrated flights": flown}
    pact = parse_pact(read_profile("camp-david"))
    class_ = pact.find_track_class(CLASS)
    assert class_ is not None, "the profile has missiles"
    kinds = tuple(kind.id for kind in class_.kinds)
    scores, covers = {name: Score() for name in flights}, {name: Covers({}) for name in flights}
    for name, paths in flights.items():
        for seed in range(1, max(seed_count, COVERAGE_SEEDS) + 1):
            made = replay(launches, seed=seed, class_=CLASS, kinds=kinds, flights=paths)
            covers[name].add(made, launches, paths)
            if seed <= seed_count:
                scores[name].add(judge(made, launches, paths, Picture(read_terms(pact))))
                print(name, seed, scores[name].right_count, "of", scores[name].single_count, flush=True)
    return describe(seed_count, launches, absent, scores, covers)


if __name__ == "__main__":
    main()
