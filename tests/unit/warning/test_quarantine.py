"""What should not have come in the warning feed is kept and left out of the picture (docs/spec/warning.md, W75)."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from comity.base.instants import MINUTE_MS, Instant
from comity.warning.effect import PageOut, Received
from comity.warning.quarantine import AllowedRow, Quarantine, make_allowed_row
from comity.warning.rows import Block, Coarsening
from comity.warning.telling import Terms
from kit.feed import AGREEMENT, BALLISTIC, SHIPS, Feeds, make_block, make_releases
from kit.world import T0

TERM = "policy.track.coarse"
FULL = AllowedRow("USA", BALLISTIC, is_told=True, clause=AGREEMENT)
COARSE = AllowedRow("USA", BALLISTIC, True, TERM, 5_000, 60_000, is_sensor_named=False)
NONE = AllowedRow("USA", BALLISTIC, is_told=False, clause=AGREEMENT)


def _coarse(coarsen_m: int, delay_ms: int, *sensors: str) -> Block:
    block = make_block(1)
    return Block(block.class_, sensors, block.rows, block.estimates, Coarsening(TERM, coarsen_m, delay_ms))


@pytest.mark.parametrize(
    ("allowed", "block", "found"),
    [
        (FULL, make_block(1), None),
        (FULL, _coarse(5_000, 60_000), None),
        (NONE, make_block(1), ("warning.unpermitted", AGREEMENT)),
        (NONE, _coarse(5_000, 60_000), ("warning.unpermitted", AGREEMENT)),
        (COARSE, make_block(1), ("warning.other-terms", TERM)),
        (COARSE, _coarse(5_000, 60_000), None),
        (COARSE, _coarse(10_000, 90_000), None),
        (COARSE, _coarse(4_999, 60_000), ("warning.other-terms", TERM)),
        (COARSE, _coarse(5_000, 59_999), ("warning.other-terms", TERM)),
        (COARSE, _coarse(5_000, 60_000, "radar"), ("warning.other-terms", TERM)),
    ],
)
def test_left_out_is_what_tells_more_than_the_clause_allows(
    allowed: AllowedRow, block: Block, found: tuple[str, str] | None
) -> None:
    """Withheld, a finer grid, an earlier word, a sensor named; what is told less than it might be is none of it."""
    quarantine = Quarantine()
    quarantine.set_allowed([allowed])
    clean, apart = quarantine.part("USA", T0, (block,))
    assert len(clean) == (found is None)
    assert [(one.code, one.clause) for one in apart] == ([] if found is None else [found])


def test_what_fits_either_answer_is_right_and_an_old_one_holds_for_old_pages() -> None:
    """An author who may not have heard of the suspension is at no fault; nor is a page from before it, come late."""
    quarantine = Quarantine()
    block = (make_block(1),)
    quarantine.set_allowed([NONE, FULL])
    assert quarantine.part("USA", T0, block)[1] == ()
    quarantine.set_allowed([NONE, msgspec.structs.replace(FULL, until=T0)])
    assert quarantine.part("USA", Instant(T0 - MINUTE_MS), block)[1] == ()
    ((one,),) = (quarantine.part("USA", Instant(T0 + MINUTE_MS), block)[1],)
    assert (one.code, one.place) == ("warning.unpermitted", 0)
    assert quarantine.part("JPN", Instant(T0 + MINUTE_MS), block)[1] == (), "of JPN nothing is said here"


def test_an_answer_is_what_the_authors_own_decision_would_be() -> None:
    """A ruling becomes an answer: its terms where it permits, its clause alone where it withholds."""
    coarse = Terms(TERM, coarsen_m=5_000, delay_ms=60_000, is_sensor_named=False)
    rulings = make_releases("USA", {(BALLISTIC, "JPN"): coarse, (SHIPS, "JPN"): Terms(AGREEMENT)}).rulings
    assert [make_allowed_row("USA", ruling) for ruling in rulings] == [
        COARSE,
        AllowedRow("USA", SHIPS, is_told=True, clause=AGREEMENT),
    ]


def _received(feeds: Feeds, pages: list[PageOut], reader: str) -> Iterator[Received]:
    for page in pages:
        yield from feeds.hand(page, to=reader).received


def test_one_class_of_a_page_is_left_out_and_the_other_read() -> None:
    """The page stands for JPN, with its ships; KOR, who may have both, reads both and sees nothing of it."""
    feeds = Feeds()
    usa = feeds.channels["USA"]
    feeds.channels["JPN"].intake.quarantine.set_allowed([NONE])
    usa.say(make_block(2, class_=BALLISTIC), at=T0)
    usa.say(make_block(3, class_=SHIPS), at=T0)
    pages = feeds.write("USA")
    (jpn,) = _received(feeds, pages, "JPN")
    (kor,) = _received(feeds, pages, "KOR")
    assert [block.class_ for block in jpn.blocks] == [SHIPS]
    assert [(one.class_, one.row_count) for one in jpn.quarantined] == [(BALLISTIC, 2)]
    assert np.sum([len(block.rows) for block in kor.blocks]) == 5
    assert kor.quarantined == ()
    (inlet,) = feeds.channels["JPN"].intake.inlets()
    assert (inlet.row_count, inlet.page_count) == (3, 2)
