"""Why two pictures differ (docs/spec/warning.md, W52): each difference by its clause, nobody told of another's."""

from collections.abc import Mapping

import numpy as np

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.procedure.verdict import Permit, Reason, Withheld
from comity.warning.difference import Difference, Why, explain
from comity.warning.domain import TrackTerms
from comity.warning.layout import ESTIMATE
from comity.warning.picture import make_situation
from comity.warning.rows import Block, Coarsening
from comity.warning.situation import Situation, TrackName
from comity.warning.telling import Releases, Ruling, Terms
from kit.tracks import make_rows

AIR, SHIPS = "policy.track.air", "policy.track.surface"
TERMS = {
    AIR: TrackTerms(AIR, "air", 1_000, 20_000, 60_000),
    SHIPS: TrackTerms(SHIPS, "surface", 40, 600_000, 3_600_000),
}
AT = Instant(1_795_000_000_000)
JPN, KOR, USA = "JPN", "KOR", "USA"
COARSE = Coarsening("policy.track.coarse", 5_000, 0)


def _block(class_: str, track: int, metres: int = 0, told: Coarsening | None = None, number: int = 1) -> Block:
    rows = make_rows({"track": track, "latitude": 391_000_000 + metres * 90, "number": number})
    if told is not None:
        rows["sigma_east"] = rows["sigma_north"] = 20_000
    return Block(class_, (), rows, np.empty(0, ESTIMATE), told)


def _look(*said: tuple[str, Block]) -> Situation:
    return make_situation(TERMS, said, AT)


def _decide(author: str, *rulings: Ruling) -> Releases:
    return Releases(Digest(bytes(32)), author, rulings)


RELEASES: Mapping[str, Releases] = {
    JPN: _decide(
        JPN,
        Ruling(SHIPS, KOR, Withheld("release.no-basis", Reason.NO_AGREEMENT), None),
        Ruling(AIR, KOR, Permit("jpn-kor-gsomia", (JPN, KOR)), Terms(COARSE.clause, COARSE.coarsen_m)),
        Ruling(AIR, USA, Permit("jpn-usa", (JPN, USA)), Terms("jpn-usa")),
    ),
}


def test_what_is_withheld_names_the_clause() -> None:
    """Japan sees its ship and Korea does not: by the clause that withholds it, for Japan and for an auditor."""
    japan, korea = (JPN, _look(("JPN", _block(SHIPS, 7)))), (KOR, _look())
    withheld = Difference(SHIPS, TrackName("JPN", 7), KOR, Why.WITHHELD, ("release.no-basis",))
    assert explain(japan, korea, RELEASES, reader=JPN) == (withheld,)
    assert explain(korea, japan, RELEASES, reader=JPN) == (withheld,)
    shown = Difference(SHIPS, TrackName("JPN", 7), KOR, Why.REPORTS, ("release.no-basis",))
    assert explain(japan, korea, RELEASES, reader=None) == (shown, withheld)


def test_who_may_not_know_is_told_nothing() -> None:
    """The same two pictures, read by the one who lacks, or by a third."""
    pictures = (JPN, _look(("JPN", _block(SHIPS, 7)))), (KOR, _look())
    assert explain(*pictures, RELEASES, reader=KOR) == ()
    assert explain(*pictures, RELEASES, reader=USA) == ()


def test_what_is_coarsened_names_its_terms() -> None:
    """Korea has Japan's aircraft on a grid; and its own beside it is fused with less, by the same clause."""
    own = ("KOR", _block(AIR, 3, 30))
    japan = _look(("JPN", _block(AIR, 7)), own)
    korea = _look(("JPN", _block(AIR, 7, 900, COARSE)), own)
    found = explain((JPN, japan), (KOR, korea), RELEASES, reader=None)
    assert [(str(of.name), of.why, of.clauses) for of in found] == [
        ("JPN-0007", Why.COARSENED, (COARSE.clause,)),
        ("JPN-0007", Why.REPORTS, (COARSE.clause,)),
    ]
    assert (len(japan.objects), len(korea.objects)) == (1, 1)


def test_what_is_delayed_is_not_there_by_its_terms() -> None:
    """What an author tells late is missing for a while: the terms say so, not the link."""
    japan, korea = _look(("JPN", _block(AIR, 7))), _look()
    (found,) = explain((JPN, japan), (KOR, korea), RELEASES, reader=JPN)
    assert (found.why, found.clauses) == (Why.COARSENED, (COARSE.clause,))


def test_what_may_be_told_and_is_not_there_has_no_clause() -> None:
    """A page that has not come, or a later update: no clause made that, and none is invented."""
    japan = _look(("JPN", _block(AIR, 7)), ("JPN", _block(AIR, 8, 90_000, number=2)))
    usa = _look(("JPN", _block(AIR, 8, 90_000)))
    found = explain((JPN, japan), (USA, usa), RELEASES, reader=JPN)
    assert [(str(of.name), of.lacks, of.why, of.clauses) for of in found] == [
        ("JPN-0007", USA, Why.NOT_THERE, ()),
        ("JPN-0008", USA, Why.NOT_THERE, ()),
    ]


def test_the_same_picture_has_no_differences() -> None:
    """Of the same reports, in another order."""
    said = (("JPN", _block(AIR, 7)), ("KOR", _block(AIR, 3, 30)), ("USA", _block(SHIPS, 1)))
    assert explain((JPN, _look(*said)), (USA, _look(*reversed(said))), RELEASES, reader=None) == ()
