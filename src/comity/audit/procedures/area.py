"""Areas on the globe (P26): which are in form, and which of two touch.

Everything is exact in whole microdegrees but for circles, which lie on the sphere that P26 names.
"""

import itertools
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.base.limits import AREA_POINT_COUNT_MAX, AREA_RADIUS_M_MAX

__all__ = ["TURN", "Area", "is_area", "step_east"]

TURN: Final = 360_000_000
_HALF: Final = TURN // 2
_North = Annotated[int, Meta(ge=0, le=180_000_000)]
_East = Annotated[int, Meta(ge=0, le=TURN - 1)]
Place = tuple[_North, _East]


class Area(Shape, frozen=True):
    """P26: shape, places, radius."""

    shape: Literal["circle", "polygon"]
    places: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=AREA_POINT_COUNT_MAX)]
    radius_m: Annotated[int, Meta(ge=0, le=AREA_RADIUS_M_MAX)]


def is_area(area: Area) -> bool:
    """Tell whether an area keeps P26: a circle of one place; a polygon whose ring does not go round a pole."""
    if area.shape == "circle":
        return len(area.places) == 1
    if len(area.places) < 3 or area.radius_m != 0:
        return False
    steps = [step_east(a[1], b[1]) for a, b in _edges(area.places)]
    return all(abs(step) != _HALF for step in steps) and sum(steps) == 0


def _edges(places: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(itertools.pairwise((*places, places[0])))


def step_east(origin: int, target: int) -> int:
    """The shorter way round in microdegrees, negative to the west; exactly half the globe is positive."""
    step = (target - origin) % TURN
    return step if step <= _HALF else step - TURN
