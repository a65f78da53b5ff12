"""A picture of replayed launches held against what truly flew: is each track with its launch, and is the count right?

Two launches are *apart* at an instant if their true places differ by more than three standard deviations of what any
two parties say of them at that instant: in position alone, by the worse of all pairs of reports. What is not apart
hangs together in one group, of which nothing is asked but its count and that nobody else is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from comity.base.instants import Instant
from comity.rehearsal.launch_replay import Flight, Replay
from comity.warning.end_rows import find_states
from comity.warning.frames import Floats, find_local_axes, to_place
from comity.warning.launches import Launch
from comity.warning.picture import Picture
from comity.warning.situation import Situation, Stand

APART: float = 3.0
EVERY_MS: int = 10_000
LONG_MS: int = 600_000
LATER_MS: int = 60_000
FAR_M: float = 100_000.0


@dataclass
class Score:
    """Counts over looks: a look is one launch, or one group of launches that are not apart, at one instant."""

    single_count: int = 0
    right_count: int = 0
    split_count: int = 0
    merged_count: int = 0
    miscounted_count: int = 0
    group_count: int = 0
    group_exact_count: int = 0
    group_merged_count: int = 0
    misjoined_count: int = 0
    wrong_launches: set[int] = field(default_factory=set)
    seen_launches: set[int] = field(default_factory=set)
    grouped_launches: set[int] = field(default_factory=set)
    salvos: dict[tuple[int, ...], list[int]] = field(default_factory=dict)
    """Of each group by its launches: how many each look counted."""

    def add(self, other: "Score") -> None:
        """Take another score in."""
        for name, value in vars(other).items():
            own = getattr(self, name)
            if isinstance(value, int):
                setattr(self, name, own + value)
            elif isinstance(value, set):
                own |= value
            else:
                for key, counts in value.items():
                    own.setdefault(key, []).extend(counts)


@dataclass(frozen=True)
class Seen:
    """A track that stands in a situation."""

    party: str
    launch: int
    place: int
    """Of its object in the situation."""
    covariance: Floats


def judge(
    replay: Replay,
    launches: Sequence[Launch],
    flights: Mapping[int, Flight],
    picture: Picture,
    *,
    every_ms: int = EVERY_MS,
) -> Score:
    """Return the score of a picture that is told the replay and looked at in every round while something flies."""
    starts = {launch.number: int(launch.at or 0) for launch in launches if launch.number in flights}
    score = Score()
    waiting = iter(replay.reports)
    report = next(waiting, None)
    for instant in _instants(starts, flights, every_ms):
        while report is not None and report.told_at <= instant:
            picture.take(report.party, report.block, report.told_at)
            report = next(waiting, None)
        situation = picture.at(Instant(instant))
        seen = list(_iterate_seen(situation, replay.launches))
        points = {
            number: flights[number].path.move((instant - starts[number]) / 1000)[0]
            for number in {one.launch for one in seen}
        }
        for group in _group(seen, points):
            _judge_group(score, situation, seen, group)
    return score


def _instants(starts: Mapping[int, int], flights: Mapping[int, Flight], every_ms: int) -> list[int]:
    """While something flies: every round, of a long flight every minute after ten."""
    instants: set[int] = set()
    for number, start in starts.items():
        end = start + int(flights[number].until_s * 1000)
        long = min(start + LONG_MS, end)
        instants |= set(range((start // every_ms + 1) * every_ms, long + 1, every_ms))
        instants |= set(range((long // LATER_MS + 1) * LATER_MS, end + 1, LATER_MS))
    return sorted(instants)


def _iterate_seen(situation: Situation, launches: Mapping[tuple[str, int], int]) -> Iterator[Seen]:
    """Yield the tracks that nobody has given up."""
    members = situation.members[situation.members["standing"] != Stand.DROPPED]
    if not len(members):
        return
    _, point, _, covariance = find_states(members["row"])
    turn = np.swapaxes(find_local_axes(to_place(point)), -1, -2)
    fixed = turn @ covariance[:, :3, :3] @ np.swapaxes(turn, -1, -2)
    for member, own in zip(members, fixed, strict=True):
        party = situation.authors[member["author"]]
        yield Seen(party, launches[party, int(member["row"]["track"])], int(member["object"]), own)


def _group(seen: Sequence[Seen], points: Mapping[int, Floats]) -> list[set[int]]:
    """Return the launches, those together that are not apart."""
    groups: list[set[int]] = []
    for number in sorted(points):
        near = {other for other in points if other < number and not _is_apart(seen, points, number, other)}
        joined = [group for group in groups if group & near]
        groups = [group for group in groups if group not in joined]
        groups.append({number}.union(*joined))
    return groups


def _is_apart(seen: Sequence[Seen], points: Mapping[int, Floats], one: int, other: int) -> bool:
    off = points[one] - points[other]
    if np.linalg.norm(off) > FAR_M:
        return True
    pairs = [
        (a.covariance + b.covariance)
        for a in seen
        if a.launch == one
        for b in seen
        if b.launch == other and b.party != a.party
    ]
    return all(float(off @ np.linalg.solve(covariance, off)) > APART**2 for covariance in pairs)


def _judge_group(score: Score, situation: Situation, seen: Sequence[Seen], group: set[int]) -> None:
    own = [one for one in seen if one.launch in group]
    places = {one.place for one in own}
    strangers = {one.launch for one in seen if one.place in places} - group
    counted = sum(int(situation.objects[place]["count"]) for place in places)
    tracks = [sum(one.party == party for one in own) for party in {one.party for one in own}]
    if len(group) == 1:
        if len(own) < 2:  # one party's alone: nothing to correlate
            return
        is_wrong = bool(strangers) or len(places) > 1 or counted != 1
        score.single_count += 1
        score.right_count += not is_wrong
        score.split_count += len(places) > 1
        score.merged_count += bool(strangers)
        score.miscounted_count += counted != len(places)
        score.seen_launches |= group
        score.wrong_launches |= group if is_wrong else set()
        return
    score.group_count += 1
    score.group_exact_count += counted == max(tracks)
    score.group_merged_count += bool(strangers)
    score.grouped_launches |= group
    score.salvos.setdefault(tuple(sorted(group)), []).append(counted)
    for place in places:
        is_asserted = int(situation.objects[place]["count"]) == 1
        score.misjoined_count += is_asserted and len({one.launch for one in own if one.place == place}) > 1
