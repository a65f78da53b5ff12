"""The synchronisation matrix drawn: a bar for each act on one scale of time, as numbers that a template puts into SVG.

Rules
- What is drawn stands in the table beside it as well, in words; nothing is told by colour or place alone.
- The scale holds every act as a whole, unless one reaches so far that the others could not be seen: then it is cut at
  the edge of the scale, and marked as cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, format_dtg

__all__ = ["Bar", "Chart", "Link", "Span", "Tick", "draw"]

WIDTH: Final = 1_000
LEFT: Final = 8
RIGHT: Final = 8
TOP: Final = 30
ROW: Final = 44
BAR: Final = 14
LABEL: Final = 16
FOOT: Final = 8
WIDTH_MIN: Final = 5
"""A bar is never thinner than can be seen."""
SPAN_MS_MAX: Final = 60 * DAY_MS
BEFORE_MS_MAX: Final = 14 * DAY_MS
_STEPS_MS: Final = (
    *(minutes * MINUTE_MS for minutes in (5, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14)),
)
TICK_COUNT_MAX: Final = 9


@dataclass(frozen=True, slots=True)
class Span:
    """What is to be drawn: an act, or the window of a line that nothing meets (`is_gap`)."""

    id: str
    starts_at: Instant
    ends_at: Instant
    announce_at: Instant
    needs: tuple[tuple[str, str], ...] = ()
    """What it depends on, each with how it stands to that."""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `announce_x` is 0 where nothing is announced on the scale."""

    id: str
    x: float
    y: int
    width: float
    label_y: int
    announce_x: float
    is_gap: bool
    is_cut_before: bool
    is_cut_after: bool

    @property
    def middle_y(self) -> float:
        """The height of its middle."""
        return self.y + BAR / 2


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow from an act to one that needs it, as the points of a path; `state` is how that stands."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it. `now_x` is 0 where the present is not on the scale; `overlaps` are where two acts collide in time."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    links: tuple[Link, ...]
    ticks: tuple[Tick, ...]
    overlaps: tuple[tuple[float, int, float], ...]
    now_x: float
    bar_height: int = BAR


def draw(spans: Sequence[Span], collisions: Iterable[tuple[str, str]], now: Instant) -> Chart | None:
    """Draw the acts in the order given, and where those that collide do so; None where there is nothing to draw."""
    if not spans:
        return None
    scale = _Scale(*_find_scale(spans, now))
    bars = {span.id: _make_bar(row, span, scale) for row, span in enumerate(spans)}
    by_id = {span.id: span for span in spans}
    links = [
        Link(_find_path(bars[needed], bars[span.id]), state)
        for span in spans
        for needed, state in span.needs
        if needed in bars
    ]
    overlaps = [
        place
        for pair in collisions
        if pair[0] in by_id and pair[1] in by_id
        for place in _find_overlap(by_id[pair[0]], by_id[pair[1]], bars, scale)
    ]
    return Chart(
        width=WIDTH,
        height=TOP + ROW * len(spans) + FOOT,
        bars=tuple(bars.values()),
        links=tuple(links),
        ticks=tuple(_find_ticks(scale)),
        overlaps=tuple(overlaps),
        now_x=scale.place(now) if scale.begins_at <= now <= scale.ends_at else 0,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    begins_at: int
    ends_at: int

    def place(self, at: int) -> float:
        inside = min(max(at, self.begins_at), self.ends_at) - self.begins_at
        return round(LEFT + (WIDTH - LEFT - RIGHT) * inside / (self.ends_at - self.begins_at), 1)


def _find_scale(spans: Sequence[Span], now: int) -> tuple[int, int]:
    told = [int(span.announce_at) for span in spans if span.announce_at]
    begins_at = min([*told, *(int(span.starts_at) for span in spans)])
    ends_at = max([*told, *(int(span.ends_at) for span in spans)])
    if ends_at - begins_at > SPAN_MS_MAX:
        begins_at = min(max(begins_at, now - BEFORE_MS_MAX), ends_at - SPAN_MS_MAX)
        ends_at = begins_at + SPAN_MS_MAX
    return begins_at, ends_at


def _make_bar(row: int, span: Span, scale: _Scale) -> Bar:
    x, end = scale.place(span.starts_at), scale.place(span.ends_at)
    top = TOP + ROW * row
    is_told = span.announce_at and scale.begins_at <= span.announce_at <= scale.ends_at
    return Bar(
        id=span.id,
        x=min(x, WIDTH - RIGHT - WIDTH_MIN),
        y=top + LABEL + 4,
        width=round(max(end - x, WIDTH_MIN), 1),
        label_y=top + LABEL - 2,
        announce_x=scale.place(span.announce_at) if is_told else 0,
        is_gap=span.is_gap,
        is_cut_before=span.starts_at < scale.begins_at,
        is_cut_after=span.ends_at > scale.ends_at,
    )


def _find_path(needed: Bar, act: Bar) -> str:
    """From the beginning of what is needed down or up beside the bars to the beginning of what needs it."""
    turn = max(min(needed.x, act.x) - 4, 2)
    return f"M{needed.x} {needed.middle_y} H{turn} V{act.middle_y} H{act.x} l-6 -4 m6 4 l-6 4"


def _find_overlap(one: Span, other: Span, bars: dict[str, Bar], scale: _Scale) -> Iterable[tuple[float, int, float]]:
    first, last = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
    if first < last:
        x = scale.place(first)
        width = max(round(scale.place(last) - x, 1), WIDTH_MIN)
        yield from ((x, bars[span.id].y, width) for span in (one, other))


def _find_ticks(scale: _Scale) -> Iterable[Tick]:
    span_ms = scale.ends_at - scale.begins_at
    step_ms = next((step for step in _STEPS_MS if span_ms / step <= TICK_COUNT_MAX), _STEPS_MS[-1])
    at = -(-scale.begins_at // step_ms) * step_ms
    while at <= scale.ends_at:
        label = format_dtg(Instant(at))
        yield Tick(scale.place(at), label[:7] if step_ms < DAY_MS else f"{label[:2]} {label[8:11]}")
        at += step_ms
