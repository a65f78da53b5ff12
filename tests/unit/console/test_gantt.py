"""The chart of measures: everything on one scale, nothing off the drawing, collisions where they are."""

from hypothesis import given
from hypothesis import strategies as st

from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.console.gantt import WIDTH, Span, draw

HOUR = 1_000 * HOUR_MS


def _span(id_: str, first: int, last: int, told: int = 0, needs: tuple[tuple[str, str], ...] = ()) -> Span:
    return Span(id_, Instant(HOUR + first * HOUR_MS), Instant(HOUR + last * HOUR_MS),
                Instant(HOUR + told * HOUR_MS if told else 0), needs)  # fmt: skip


def test_bars_stand_where_their_windows_are() -> None:
    """On one scale from the first beginning to the last end, each on a row of its own, in the order given."""
    chart = draw([_span("a", 0, 10), _span("b", 5, 10)], [], Instant(HOUR))
    assert chart is not None
    a, b = chart.bars
    assert (a.x, b.x) == (8, 8 + (WIDTH - 16) / 2)
    assert b.width == a.width / 2
    assert a.y < b.y
    assert chart.now_x == 8
    assert [tick.label for tick in chart.ticks] == sorted(tick.label for tick in chart.ticks)
    assert 3 <= len(chart.ticks) <= 10


def test_a_collision_is_drawn_where_both_are() -> None:
    """On both bars, for as long as they share; what does not overlap has none."""
    chart = draw([_span("a", 0, 10), _span("b", 5, 20), _span("c", 15, 20)], [("a", "b"), ("a", "c")], Instant(HOUR))
    assert chart is not None
    assert chart.overlaps == ((chart.bars[1].x, chart.bars[0].y, 246.0), (chart.bars[1].x, chart.bars[1].y, 246.0))


def test_a_need_is_an_arrow_to_what_is_there() -> None:
    """From what is needed to what needs it, as it stands; what is not drawn has none."""
    chart = draw([_span("a", 0, 10), _span("b", 5, 20, 0, (("a", "met"), ("z", "not-standing")))], [], Instant(HOUR))
    assert chart is not None
    (link,) = chart.links
    assert link.state == "met"
    assert link.path.startswith(f"M{chart.bars[0].x} ")
    assert f"H{chart.bars[1].x} " in link.path


def test_one_that_lasts_for_ever_does_not_hide_the_others() -> None:
    """The scale is cut and says so; what is in it keeps its place."""
    forever = Span("z", Instant(0), Instant(INSTANT_MS_MAX), Instant(0))
    chart = draw([forever, _span("a", 0, 240)], [], Instant(HOUR + 24 * HOUR_MS))
    assert chart is not None
    z, a = chart.bars
    assert (z.is_cut_before, z.is_cut_after, a.is_cut_after) == (True, True, False)
    assert a.width > 100
    assert chart.now_x > 0


AT = st.integers(min_value=0, max_value=INSTANT_MS_MAX - 400 * DAY_MS)
SPANS = st.lists(
    st.builds(
        lambda id_, at, for_ms, told: Span(str(id_), Instant(at), Instant(at + for_ms), Instant(told)),
        st.integers(), AT, st.integers(min_value=1, max_value=400 * DAY_MS), st.just(0) | AT,
    ),
    max_size=6, unique_by=lambda span: span.id,
)  # fmt: skip


@given(SPANS, AT)
def test_nothing_is_drawn_off_the_chart(spans: list[Span], now: int) -> None:
    """Whatever instants a party states."""
    chart = draw(spans, [(one.id, other.id) for one in spans for other in spans if one is not other], Instant(now))
    if chart is None:
        assert spans == []
        return
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
        assert 0 <= bar.announce_x <= WIDTH
        assert bar.y + chart.bar_height <= chart.height
    assert len(chart.ticks) < 20
    assert all(x >= 0 and x + width <= WIDTH + 5 for x, _, width in chart.overlaps)
