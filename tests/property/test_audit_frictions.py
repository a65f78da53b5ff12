"""Two readings of P26 and P27 agree: which areas touch, and where acts would get into each other's way."""

from hypothesis import assume, event, given
from hypothesis import strategies as st

from comity.audit.procedures.area import is_area
from comity.audit.procedures.forms_act import MeasureOffered as SecondOffered
from comity.audit.procedures.friction import Act as SecondAct
from comity.audit.procedures.friction import find_frictions as find_again
from comity.audit.procedures.globe import do_touch as do_touch_again
from comity.audit.procedures.known import decode_entry
from comity.procedure.area import Area, Place, Shape, do_touch
from comity.procedure.matrix import Act, FrictionKind, find_frictions
from comity.procedure.measure import Instrument, MeasureOffered, Terms
from comity.procedure.registry import encode_entry
from kit.measuring import terms

DEGREE = 1_000_000
UNSURE_M = 12
"""P26: a circle and a polygon may be called touching when they are up to eleven metres apart."""

places = st.builds(
    Place,
    st.integers(0, 8).map(lambda step: 90 * DEGREE + (step - 4) * DEGREE // 2),
    st.integers(0, 10).map(lambda step: (360 * DEGREE + (step - 5) * DEGREE) % (360 * DEGREE)),
)
far = st.builds(Place, st.integers(0, 180 * DEGREE), st.integers(0, 360 * DEGREE - 1))
circles = st.builds(
    lambda at, radius_m: Area(Shape.CIRCLE, (at,), radius_m), places | far, st.sampled_from((0, 1, 55_000, 1_900_000))
)


@st.composite
def polygons(draw: st.DrawFn) -> Area:
    """Rings over the seam of the globe and anywhere, some of which cross themselves."""
    corners = draw(st.lists(places, min_size=3, max_size=6) | st.lists(places | far, min_size=3, max_size=4))
    try:
        return Area(Shape.POLYGON, tuple(corners), 0)
    except ValueError:  # half the globe, or round a pole
        assume(condition=False)
        raise


areas = circles | polygons()


def read_again(one: Terms) -> SecondOffered:
    """The same terms as the audit reads them from the bytes."""
    entry = decode_entry("MeasureOffered", encode_entry(MeasureOffered((), (), one)))
    assert isinstance(entry, SecondOffered)
    return entry


def resize(area: Area, by_m: int) -> Area:
    """A circle that is wider or narrower by so much; a polygon as it is."""
    if area.shape is not Shape.CIRCLE:
        return area
    return Area(area.shape, area.places, min(max(0, area.radius_m + by_m), 2_000_000))


@given(areas, areas)
def test_both_read_alike_which_areas_touch(one: Area, other: Area) -> None:
    """Polygons exactly, circles on the sphere; of a circle and a polygon where it is sure."""
    if one.shape is not other.shape:
        near, wide = (do_touch(resize(one, by_m), resize(other, by_m)) for by_m in (-UNSURE_M, UNSURE_M))
        assume(near == wide)
    ours, theirs = (read_again(terms(areas=(area,))).terms.areas[0] for area in (one, other))
    assert is_area(ours)
    assert is_area(theirs)
    found = do_touch(one, other)
    event(f"{one.shape.value} and {other.shape.value}: {found}")
    assert do_touch_again(ours, theirs) == do_touch_again(theirs, ours) == found


hours = st.integers(1, 5).map(lambda hour: hour * 3_600_000)
drawn_terms = st.builds(
    lambda start, span, announced, instrument, target, where, needs: terms(
        starts_at=start,
        ends_at=start + span,
        announce_at=announced,
        instrument=instrument,
        target=target,
        areas=where,
        depends_on=tuple(sorted(needs)),
    ),
    hours,
    hours,
    st.just(0) | hours,
    st.sampled_from((Instrument.PATROL, Instrument.SANCTIONS)),
    st.just(()) | st.just(("ship-1",)),
    st.lists(st.builds(lambda at: Area(Shape.CIRCLE, (at,), 55_000), places), max_size=2).map(tuple),
    st.frozensets(st.sampled_from([bytes([number]) * 32 for number in range(5)]), max_size=2),
)


@given(
    st.lists(st.tuples(st.sampled_from(("USA", "JPN", "KOR")), drawn_terms), max_size=4),
    st.sampled_from((0, 4_000_000)),
)
def test_both_read_frictions_alike(drawn: list[tuple[str, Terms]], gap_ms: int) -> None:
    """Every kind but gaps in a plan, which is not on the record."""
    acts = [Act(bytes([number]) * 32, party, held) for number, (party, held) in enumerate(drawn)]  # type: ignore[arg-type]
    again = [SecondAct(act.id, act.party, read_again(act.terms).terms) for act in acts]
    shown = [(row.kind.value, row.acts) for row in find_frictions(acts, announcement_gap_ms=gap_ms)]
    for kind, _ in shown:
        event(kind)
    assert [(row.kind, row.acts) for row in find_again(again, gap_ms=gap_ms)] == shown


def test_every_kind_of_friction_is_known_to_both() -> None:
    """But for the gap, which a plan alone shows."""
    from comity.audit.procedures.friction import FrictionKind as SecondKind

    assert {kind.value for kind in SecondKind} == {kind.value for kind in FrictionKind} - {"gap"}
