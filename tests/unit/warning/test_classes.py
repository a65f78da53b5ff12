"""What the pact says of a block: its class, its marking, on which terms a party is told less (W7 to W9)."""

import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.warning.classes import find_block_fault, find_kind, find_term, make_marking
from comity.warning.layout import NOT_NAMED
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


def test_a_term_is_of_one_agreement_class_and_pair(pact: Pact) -> None:
    """Ships go from Seoul to Tokyo within two kilometres; to Washington, and missiles to anybody, in full."""
    case = {"agreement": "jpn-kor-gsomia", "class_": SURFACE, "giver": "KOR", "recipient": "JPN"}
    term = find_term(pact, **case)
    assert term is not None
    assert (term.id, term.coarsen_m, term.delay_ms) == ("policy.track.surface-kor-jpn", 2_000, 60_000)
    for change in (
        {"agreement": "usa-kor-1987"}, {"class_": "policy.track.ballistic"}, {"giver": "USA"}, {"recipient": "USA"},
    ):  # fmt: skip
        assert find_term(pact, **{**case, **change}) is None


def test_a_kind_has_the_name_that_the_pact_gives_it(pact: Pact) -> None:
    """By its place in the row; none where none is named."""
    row = pact.find_track_class(SURFACE)
    assert row is not None
    assert (find_kind(row, 2), find_kind(row, NOT_NAMED)) == ("fishing", None)
