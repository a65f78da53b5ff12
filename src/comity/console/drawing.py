"""The agreement graph as a drawing: where each party stands, and a line for each way from one to another.

Plain numbers for SVG attributes; nothing is drawn that the table beside it does not say. Ways that go the same way are
one line beside the next; the one through a hub bends towards it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.names import Party

__all__ = ["DRAWN_COUNT_MAX", "Drawing", "Edge", "Node", "Way", "draw"]

DRAWN_COUNT_MAX: Final = 12
"""Parties that are drawn; of more the table alone is shown."""
WIDTH: Final = 760
HEIGHT: Final = 440
RADIUS: Final = 38
BOW: Final = 30
ARROW: Final = 9
BADGE: Final = 11
MARGIN: Final = 12

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Way:
    """What is to be drawn: from whom to whom, by which hub if by one, open or not, and its number in the table."""

    giver: Party
    receiver: Party
    hub: Party
    is_open: bool
    number: int


@dataclass(frozen=True, slots=True)
class Node:
    """A party."""

    party: Party
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A line with its arrow and a badge that holds its number."""

    way: Way
    path: str
    arrow: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, in a box of this size."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int = WIDTH
    height: int = HEIGHT
    radius: int = RADIUS
    badge: int = BADGE


def draw(parties: Sequence[Party], ways: Iterable[Way]) -> Drawing:
    """Return the drawing; of too many parties, or of one, an empty one."""
    if not 2 <= len(parties) <= DRAWN_COUNT_MAX:
        return Drawing((), ())
    places = _find_places(parties)
    count: dict[tuple[Party, Party], int] = {}
    edges = []
    for way in ways:
        pair = (way.giver, way.receiver)
        beside = count[pair] = count.get(pair, 0) + 1
        edges.append(_draw_edge(way, places, beside))
    nodes = tuple(Node(party, _round(x), _round(y)) for party, (x, y) in places.items())
    lowest = max([node.y + RADIUS for node in nodes] + [edge.y + BADGE for edge in edges])
    return Drawing(nodes, tuple(edges), height=math.ceil(lowest) + MARGIN)


def _find_places(parties: Sequence[Party]) -> dict[Party, _Point]:
    """Put parties on an ellipse, the first on the left of two, or else at the top."""
    start = math.pi if len(parties) == 2 else -math.pi / 2
    places = {}
    for at, party in enumerate(parties):
        angle = start + 2 * math.pi * at / len(parties)
        places[party] = (WIDTH / 2 + (WIDTH / 2 - 110) * math.cos(angle), HEIGHT / 2 + 10 + 158 * math.sin(angle))
    return places


def _draw_edge(way: Way, places: dict[Party, _Point], beside: int) -> Edge:
    start, end = places[way.giver], places[way.receiver]
    across = _turn(start, end)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    bow = BOW * (2 * beside - 1)
    bend = (middle[0] + across[0] * bow, middle[1] + across[1] * bow)
    if way.hub and way.hub not in (way.giver, way.receiver):
        hub = places[way.hub]
        bend = (bend[0] * 0.35 + hub[0] * 0.65, bend[1] * 0.35 + hub[1] * 0.65)
    first, last = _leave(start, bend), _leave(end, bend)
    arrow = _draw_arrow(last, bend)
    at = _find_point(first, bend, last, 0.35 if way.hub else 0.5)
    path = f"M{_write(first)} Q{_write(bend)} {_write(last)}"
    return Edge(way, path, " ".join(map(_write, arrow)), _round(at[0]), _round(at[1]))


def _turn(start: _Point, end: _Point) -> _Point:
    """Return the direction to the right of a line, of length one: so a way there and a way back lie side by side."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y)
    return (-y / length, x / length)


def _leave(node: _Point, towards: _Point) -> _Point:
    """Return where a line leaves the circle of a party."""
    x, y = towards[0] - node[0], towards[1] - node[1]
    length = math.hypot(x, y) or 1.0
    return (node[0] + x / length * (RADIUS + 4), node[1] + y / length * (RADIUS + 4))


def _draw_arrow(tip: _Point, bend: _Point) -> tuple[_Point, _Point, _Point]:
    x, y = tip[0] - bend[0], tip[1] - bend[1]
    length = math.hypot(x, y) or 1.0
    along, across = (x / length, y / length), (-y / length, x / length)
    back = (tip[0] - along[0] * ARROW * 1.4, tip[1] - along[1] * ARROW * 1.4)
    return (
        tip,
        (back[0] + across[0] * ARROW * 0.6, back[1] + across[1] * ARROW * 0.6),
        (back[0] - across[0] * ARROW * 0.6, back[1] - across[1] * ARROW * 0.6),
    )


def _find_point(first: _Point, bend: _Point, last: _Point, share: float) -> _Point:
    """Return a point of a line, so far along it."""
    parts = ((1 - share) ** 2, 2 * share * (1 - share), share**2)
    x, y = (sum(part * point[axis] for part, point in zip(parts, (first, bend, last), strict=True)) for axis in (0, 1))
    return (x, y)


def _round(number: float) -> float:
    return round(number, 1)


def _write(point: _Point) -> str:
    return f"{_round(point[0])},{_round(point[1])}"
