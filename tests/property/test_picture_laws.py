"""The picture is a fold of a set (docs/spec/warning.md, W40 to W42): no order, split or repetition shows in it."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.warning.domain import SHOWN_AFTER_MS, TrackTerms
from comity.warning.layout import ESTIMATE, Flag
from comity.warning.picture import Picture, make_situation
from comity.warning.rows import Block, Coarsening, Rows
from comity.warning.situation import Situation, Stand
from kit.tracks import BLOCKS, make_estimates, make_rows

BALLISTIC, SURFACE = "policy.track.ballistic", "policy.track.surface"
TERMS = {
    BALLISTIC: TrackTerms(BALLISTIC, "missile", 8_000, 15_000, 60_000),
    SURFACE: TrackTerms(SURFACE, "surface", 40, 600_000, 3_600_000),
}
START = 1_795_000_000_000
SPAN_MS = 120_000
COARSE = Coarsening("policy.track.coarse", 5_000, 60_000)
Said = tuple[str, Block]

_ROW = st.fixed_dictionaries(
    {
        "track": st.integers(0, 3),
        "number": st.integers(0, 2),
        "at": st.integers(0, 12).map(lambda step: START + step * SPAN_MS // 12),
        "latitude": st.integers(0, 3).map(lambda step: 391_000_000 + step * 4_000),
        "altitude": st.sampled_from((0, 100_000, 900_000)),
        "sigma_east": st.sampled_from((10, 300, 90_000)),
        "flags": st.sampled_from((3, 3, 3, 2, 0, 3 | Flag.DROPPED, 3 | Flag.COASTED, 3 | Flag.DECEPTION)),
        "kind": st.sampled_from((0, 1, 65_535)),
        "sensor": st.sampled_from((0, 1, 65_535)),
    }
)


def _keep_bounds(row: dict[str, int]) -> dict[str, int]:
    """What is not known is 0, and nothing is dropped that is no track."""
    kept = dict(row)
    if not row["flags"] & Flag.ALTITUDE:
        kept["altitude"] = 0
    if not row["flags"] & Flag.VELOCITY:
        kept |= {"velocity_east": 0, "sigma_velocity": 0}
    if not row["track"]:
        kept["flags"] &= Flag.ALTITUDE | Flag.VELOCITY | Flag.DECEPTION
    return kept


@st.composite
def _blocks(draw: st.DrawFn) -> Said:
    rows = make_rows(*map(_keep_bounds, draw(st.lists(_ROW, min_size=1, max_size=6))))
    told = [(place, what) for place in range(len(rows)) for what in (0, 1) if draw(st.integers(0, 3)) == 0]
    estimates = make_estimates(*({"row": row, "what": what, "at": START + row} for row, what in told))
    class_, coarse = draw(st.sampled_from((BALLISTIC, BALLISTIC, SURFACE))), draw(st.booleans())
    return draw(st.sampled_from(("JPN", "KOR", "USA"))), Block(
        class_, ("SEA/A", "AIR B"), rows, estimates, COARSE if coarse else None
    )


SAID = st.lists(_blocks(), min_size=1, max_size=8)


def _split(said: Said, at: int) -> list[Said]:
    """Cut a block in two, estimates with their rows."""
    author, block = said
    parts = []
    for start, end in ((0, at), (at, len(block.rows))):
        inside = block.estimates[(block.estimates["row"] >= start) & (block.estimates["row"] < end)].copy()
        inside["row"] -= start
        if end > start:
            parts.append((author, Block(block.class_, block.sensors, block.rows[start:end], inside, block.coarsening)))
    return parts


def _look(said: Sequence[Said], at: int) -> Situation:
    return make_situation(TERMS, said, Instant(at))


@given(SAID, st.data())
@settings(max_examples=25, deadline=None)
def test_no_order_split_or_repetition_shows(said: list[Said], data: st.DataObject) -> None:
    """The same rows in another order, cut otherwise, some of them twice: the same bytes."""
    at = START + data.draw(st.integers(0, 15)) * SPAN_MS // 12
    parts = [part for one in said for part in _split(one, data.draw(st.integers(0, len(one[1].rows))))]
    again = data.draw(st.permutations([*parts, *data.draw(st.lists(st.sampled_from(said), max_size=2))]))
    assert _look(said, at).encode() == _look(again, at).encode()


@given(SAID, st.data())
@settings(max_examples=25, deadline=None)
def test_a_live_picture_is_the_one_made_anew(said: list[Said], data: st.DataObject) -> None:
    """Blocks come early, late, between looks at other moments: each look shows what one made anew from all that came
    shows, and the last shows what is made of everything.
    """
    moments = sorted(data.draw(st.lists(st.integers(0, 15), min_size=1, max_size=5)))
    when = [data.draw(st.integers(0, len(moments) - 1)) for _ in said]
    picture = Picture(TERMS)
    came: list[Said] = []
    for turn, step in enumerate(moments):
        for one in (said[i] for i, of in enumerate(when) if of == turn):
            picture.take(*one, Instant(START + step))
            came.append(one)
        at = Instant(START + step * SPAN_MS // 12)
        assert picture.at(at).encode() == _look(came, at).encode()
    assert len(came) == len(said)


@given(st.lists(st.tuples(st.sampled_from(("JPN", "KOR", "USA")), BLOCKS), max_size=4), st.integers(0, 9_999))
@settings(max_examples=25, deadline=None)
def test_any_block_that_keeps_the_bounds_is_shown(said: list[Said], ahead_ms: int) -> None:
    """Wherever on earth, however vague, a second or an age apart: nothing is raised, and nobody's last word is lost."""
    last = max((int(block.rows["at"].max()) for _, block in said), default=START)
    situation = _look(said, last + ahead_ms)
    heard: dict[tuple[str, int], int] = {}
    for author, block in said:
        for row in block.rows[block.rows["track"] > 0]:
            key = (author, int(row["track"]))
            heard[key] = max(heard.get(key, 0), int(row["at"]))
    shown = {(name.author, name.track) for name in map(situation.name_member, range(len(situation.members)))}
    for (author, track), at in heard.items():
        is_recent = last + ahead_ms - at <= 60_000 + SHOWN_AFTER_MS
        goes_on = any(of == author and at < later <= at + 120_000 for (of, _), later in heard.items())
        assert ((author, track) in shown) == is_recent or goes_on


@given(SAID, st.integers(0, 15))
@settings(max_examples=25, deadline=None)
def test_each_report_stands_once(said: list[Said], step: int) -> None:
    """Nothing is doubled: a track stands in one object; one object has one track of an author, but for a salvo, which
    counts as many as one author says.
    """
    situation = _look(said, START + step * SPAN_MS // 12)
    names = [
        (int(situation.objects[member["object"]]["class_"]), situation.name_member(place))
        for place, member in enumerate(situation.members)
    ]
    assert len(names) == len(set(names))
    for place, found in enumerate(situation.objects):
        authors = [int(situation.members[member]["author"]) for member in situation.iterate_members(place)]
        most = max(authors.count(author) for author in authors)
        assert most == int(found["count"])
        assert found["is_estimated"] == (most == 1 and not found["conflict"] & 1) or found["standing"] == Stand.DROPPED


def _follow(at: Sequence[int]) -> Rows:
    return make_rows(*({"number": number, "at": START + ms} for number, ms in enumerate(at, 1)))


def test_a_track_that_was_silent_for_long_begins_anew() -> None:
    """A picture that forgot a track, and one made anew from all of its rows, show the same when it speaks again; what
    lies before the silence is no part of its life, and what was thinned inside of it is no silence.
    """
    minutes = 60_000
    early = _follow([0, *range(10 * minutes, 40 * minutes, 5 * minutes)])
    late = _follow([80 * minutes, 81 * minutes])
    told = Block(BALLISTIC, (), early, make_estimates({"row": 6}))
    picture = Picture(TERMS)
    picture.take("JPN", told)
    for step in range(0, 80, 10):
        picture.at(Instant(START + step * minutes))
    assert picture.track_count == 0
    picture.take("JPN", Block.of_rows(BALLISTIC, late))
    at = Instant(START + 82 * minutes)
    anew = _look([("JPN", Block(BALLISTIC, (), late, np.empty(0, ESTIMATE))), ("JPN", told)], at)
    assert picture.at(at).encode() == anew.encode()
    assert (len(anew.objects), len(anew.estimates)) == (1, 0)
