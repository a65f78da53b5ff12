"""What the pact says of a block: its class, its marking, its kinds (W7, W8)."""

import pytest

from comity.base.instants import Instant
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.warning.classes import find_block_fault, find_kind, make_marking
from comity.warning.domain import read_terms
from comity.warning.layout import NOT_NAMED
from comity.warning.picture import make_situation
from comity.warning.rows import Block
from kit.loop import read_profile
from kit.tracks import make_rows

SURFACE = "policy.track.surface"
SHIP = {"altitude": 0, "flags": 2, "velocity_east": 5_000}


@pytest.fixture(scope="module")
def pact() -> Pact:
    """The default profile."""
    return parse_pact(read_profile("camp-david"))


def test_a_block_keeps_the_bounds_of_its_class(pact: Pact) -> None:
    """Fifty metres a second and six kinds for ships; a metre more, or a seventh, is none."""
    kept = Block.of_rows(SURFACE, make_rows(SHIP, {**SHIP, "kind": 5}))
    assert find_block_fault(kept, pact, "JPN") is None
    for change, code in (
        ({"velocity_east": 5_001}, "warning.speed"),
        ({"kind": 6}, "warning.kind"),
        ({"flags": 3, "altitude": 5_001}, "warning.altitude"),
    ):
        fault = find_block_fault(Block.of_rows(SURFACE, make_rows(SHIP, {**SHIP, **change})), pact, "JPN")
        assert fault is not None
        assert (fault.code, fault.row) == (code, 1)


def test_a_class_is_of_the_pact_and_of_who_reports_it(pact: Pact) -> None:
    """A clause that is no class, and a party that does not report it."""
    harbour = parse_pact(read_profile("harbour-aid"))
    slick = Block.of_rows("policy.track.slick", make_rows({**SHIP, "velocity_east": 0}))
    assert find_block_fault(slick, harbour, "PORT-A") is None
    for block, of, author in (
        (slick, harbour, "PORT-C"),
        (slick, pact, "JPN"),
        (Block.of_rows("C11", make_rows(SHIP)), pact, "JPN"),
    ):
        fault = find_block_fault(block, of, author)
        assert fault is not None
        assert fault.code == "warning.class"


def test_a_class_is_marked_by_its_author(pact: Pact) -> None:
    """In his own scheme: what the funnel is asked for each recipient."""
    row = pact.find_track_class("policy.track.ballistic")
    assert row is not None
    marking = make_marking(pact, row, "KOR")
    assert (marking.originator, marking.scheme, marking.level) == ("KOR", "KOR", "KOR-III")
    assert (marking.topics, marking.caveats) == (("dprk-missile",), ())


def test_a_kind_has_the_name_that_the_pact_gives_it(pact: Pact) -> None:
    """By its place in the row; none where none is named."""
    row = pact.find_track_class(SURFACE)
    assert row is not None
    assert (find_kind(row, 2), find_kind(row, NOT_NAMED)) == ("fishing", None)


def test_a_block_that_its_class_does_not_permit_is_no_part_of_a_picture(pact: Pact) -> None:
    """A kind that the pact does not have, a ship that flies: the block counts for nothing, and those beside it do."""
    at = 1_795_000_000_000
    kept = Block.of_rows(SURFACE, make_rows({**SHIP, "at": at}))
    for change in ({"kind": 6}, {"velocity_east": 5_001}, {"flags": 3, "altitude": 5_001}):
        odd = Block.of_rows(SURFACE, make_rows({**SHIP, "at": at, "latitude": 0, **change}))
        found = make_situation(read_terms(pact), [("JPN", kept), ("KOR", odd)], Instant(at))
        assert [str(found.name_object(place)) for place in range(len(found.objects))] == ["JPN-0042"]
