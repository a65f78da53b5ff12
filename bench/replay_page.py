"""The measured half of docs/launch-replay.md."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.stats import beta

from comity.warning.launches import Launch
from kit.replay_cover import Covers
from kit.replay_score import Score

__all__ = ["COVERAGE_SEEDS", "MARK", "describe"]

COVERAGE_SEEDS: Final = 6
MARK: Final = "## What the picture made of them\n"
"""Where what is measured begins."""

_PAGE: Final = """\
{mark}
{seeds} seeds, twice each: over the plain arcs, and over flights integrated with an engine that burns for a while, a
flattened earth and air ([what the arc leaves out](ballistics.md#what-it-leaves-out)), which keep to the same record
and of which neither the picture nor the estimates know.
{absent}
The pact is `camp-david`; reports reach the picture in the order in which they are told. While something flies it is
looked at every ten seconds, in a flight of more than ten minutes then every minute. `make launch-replay` measures it
anew.

Two launches are *apart* at an instant if their true places differ by more than three standard deviations of what any
two parties say of them then. A look at a launch that is apart from all others and that two parties track is right if
there is one object with exactly the live tracks of that launch in it, and its count is one.

| | {names} |
|---|{rules}
{scores}

{errors} wrong in {looks:,} looks: were they independent, fewer than {bound:.2%} of looks are wrong with 95 %
confidence. They are not, for looks at one flight share its biases; of {flown} flights flown in these replays {bad}
were ever wrong.

Of launches that are not apart nothing can be asked but that they are counted, and that nobody else is among them. Each
party tracks as many as it sees; the picture says one salvo of so many unresolved, or resolves them where it can:

{salvos}

## Where it comes down

Of each track the first and the last report, {cover_seeds} seeds: how often the ellipse of nine in ten (2.146 standard
deviations) holds the recorded distance along the recorded bearing, and the span of nine in ten the true time. In
brackets where 95 of 100 repetitions would lie, drawn over the launches and not over the tracks, for what a launch's
tracks share is one error. Sizes are the middle ones.

{covers}

*Without flaw* is what the state alone tells: of the arcs it holds nine in ten, as it says, and of the integrated
flights it would hold too few. With what the arc leaves out (W67) it holds {first} of the integrated flights from the
first report and {last} from the last. Times are told more cautiously than they need be.
"""


def describe(
    seed_count: int,
    launches: Sequence[Launch],
    absent: Sequence[Launch],
    scores: Mapping[str, Score],
    covers: Mapping[str, Covers],
) -> str:
    """Return the page's measured half."""
    lacking = ", ".join(f"{of.distance_km:.0f} km at {of.apogee_km or 0:.0f} km height" for of in absent)
    first, last = (
        _find_share(covers["integrated flights"].held[f"impact, {when} report"])[0] for when in ("first", "last")
    )
    glided = (
        f"For {len(absent)} of {len(launches)} launches no such flight keeps to the record ({lacking}):"
        " too flat for that air, they must have glided."
    )
    return _PAGE.format(
        mark=MARK,
        seeds=seed_count,
        **_count(seed_count, scores),
        absent=glided if absent else "",
        names=" | ".join(scores),
        rules="---|" * len(scores),
        scores="\n".join(_say_scores(scores)),
        salvos=_say_salvos(scores["arcs"], launches),
        cover_seeds=COVERAGE_SEEDS,
        covers="\n".join(_say_covers(covers)),
        first=f"{first:.1%}",
        last=f"{last:.1%}",
    )


def _count(seed_count: int, scores: Mapping[str, Score]) -> dict[str, float]:
    """Return the sums over both kinds of flights; the bound is that of Clopper and Pearson."""
    looks = sum(of.single_count for of in scores.values())
    errors = looks - sum(of.right_count for of in scores.values())
    return {
        "looks": looks,
        "errors": errors,
        "bound": float(beta.ppf(0.95, errors + 1, looks - errors)),
        "flown": seed_count * sum(len(of.seen_launches) for of in scores.values()),
        "bad": sum(len(of.wrong_launches) for of in scores.values()),
    }


def _say_scores(scores: Mapping[str, Score]) -> list[str]:
    rows = {
        "launches looked at, apart": [f"{len(of.seen_launches)}" for of in scores.values()],
        "looks": [f"{of.single_count:,}" for of in scores.values()],
        "**right**": [f"**{of.right_count / max(of.single_count, 1):.3%}**" for of in scores.values()],
        "tracks in more than one object": [f"{of.split_count:,}" for of in scores.values()],
        "counted as something else than one": [f"{of.miscounted_count:,}" for of in scores.values()],
        "**false merges**: another launch in it": [f"**{of.merged_count:,}**" for of in scores.values()],
        "launches ever wrong, of those": [f"{len(of.wrong_launches)}" for of in scores.values()],
        "looks at groups that are not apart": [f"{of.group_count:,}" for of in scores.values()],
        "counted exactly": [f"{of.group_exact_count / max(of.group_count, 1):.2%}" for of in scores.values()],
        "somebody else among them": [f"{of.group_merged_count:,}" for of in scores.values()],
        "objects asserted there of tracks of two launches": [f"{of.misjoined_count:,}" for of in scores.values()],
    }
    return [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]


def _say_salvos(score: Score, launches: Sequence[Launch]) -> str:
    by_number = {launch.number: launch for launch in launches}
    rows = ["| launched together | launches | looks | counted, least to most | exactly |", "|---|---|---|---|---|"]
    for group, counts in sorted(score.salvos.items()):
        if len(counts) < 8:  # in passing: a part of a group
            continue
        launch = by_number[group[0]]
        exact = sum(count == len(group) for count in counts) / len(counts)
        counted = f"{min(counts)} to {max(counts)} | {exact:.0%}"
        rows.append(f"| {launch.date}, {launch.site} | {len(group)} | {len(counts)} | {counted} |")
    return "\n".join(rows)


def _say_covers(covers: Mapping[str, Covers]) -> list[str]:
    names = list(covers)
    rows = [f"| | {' | '.join(names)} | length, width |", "|---|" + "---|" * (len(names) + 1)]
    for like in ("impact, ", "impact without flaw", "time of impact", "launch", "time of launch"):
        for name, held in covers[names[-1]].iterate(like):
            cells = [_say_share(covers[key].held[name]) for key in names]
            long, wide = (float(np.median([one[index] for one in held])) for index in (2, 3))
            size = f"± {long:.0f} s" if name.startswith("time") else f"{2 * long:.0f} × {2 * wide:.0f} km"
            rows.append(f"| {name} | {' | '.join(cells)} | {size} |")
    return rows


def _say_share(held: Sequence[tuple[int, bool, float, float]]) -> str:
    share, low, high = _find_share(held)
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def _find_share(held: Sequence[tuple[int, bool, float, float]]) -> tuple[float, float, float]:
    """Return the share that was held, and where it lies in 95 of 100 draws of the launches."""
    numbers = np.array([one[0] for one in held])
    is_held = np.array([one[1] for one in held])
    launches, place = np.unique(numbers, return_inverse=True)
    hits, looks = np.bincount(place, is_held), np.bincount(place)
    drawn = np.random.default_rng(0).integers(0, len(launches), (2_000, len(launches)))
    shares = hits[drawn].sum(axis=1) / looks[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(is_held.mean()), float(low), float(high)
