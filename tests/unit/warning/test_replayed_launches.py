"""Real launches, replayed as noisy reports: the picture keeps them apart, and counts what it can't (W40 to W51, W68).

A few of them, with one seed. All of them with several: `make launch-replay`, docs/launch-replay.md.
"""

from functools import cache
from importlib.resources import files

from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile
from comity.rehearsal.launch_replay import Flight, Replay, replay, retrace_launch
from comity.warning.domain import read_terms
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.launches import Launch, read_launches
from comity.warning.picture import Picture
from kit.replay_cover import Covers
from kit.replay_score import judge

CLASS = "policy.track.ballistic"
DAYS = ("2023-08-30", "2024-03-17", "2024-09-11")


@cache
def _launches() -> tuple[Launch, ...]:
    """Two eight minutes apart; two salvos of three from one site in half an hour; three with two minutes between."""
    raw = (files(FACTS_PACKAGE) / LAUNCHES).read_bytes()
    return tuple(launch for launch in read_launches(raw) if launch.date in DAYS)


def _flights() -> dict[int, Flight]:
    return {launch.number: retrace_launch(launch) for launch in _launches()}


def _replay(seed: int) -> Replay:
    return replay(_launches(), seed=seed, class_=CLASS)


def test_what_is_apart_is_never_merged_and_what_is_not_is_counted() -> None:
    """Five that are apart from all others: each one object, with exactly its tracks. Two salvos of three: counted as
    three, whole, with nobody else in them.
    """
    picture = Picture(read_terms(parse_pact(read_profile("camp-david"))))
    score = judge(_replay(1), _launches(), _flights(), picture, every_ms=20_000)
    assert (len(score.seen_launches), len(score.grouped_launches)) == (5, 6)
    assert score.single_count > 30
    assert score.right_count == score.single_count
    assert (score.split_count, score.merged_count, score.miscounted_count) == (0, 0, 0)
    assert score.group_count > 10
    assert score.group_exact_count == score.group_count
    assert (score.group_merged_count, score.misjoined_count) == (0, 0)
    assert {len(group) for group in score.salvos} == {3}


def test_nine_in_ten_means_nine_in_ten() -> None:
    """The ellipse of the state alone holds the recorded place about as often as it says; with the flaw, more often."""
    covers = Covers({})
    for seed in range(1, 4):
        covers.add(_replay(seed), _launches(), _flights())
    for when in ("first report", "last report"):
        bare = [held for _, held, *_ in covers.held[f"impact without flaw, {when}"]]
        whole = [held for _, held, *_ in covers.held[f"impact, {when}"]]
        assert len(bare) > 70
        assert 0.82 < sum(bare) / len(bare) < 0.97
        assert sum(whole) >= sum(bare)
