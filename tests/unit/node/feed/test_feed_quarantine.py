"""A node's answers of what others may tell it, and what its file keeps of what they should not have (W75, W77)."""

from pathlib import Path

import pytest

from comity.base.instants import MINUTE_MS, Instant
from comity.base.limits import INSTANT_MS_MAX, WARNING_RETENTION_MS
from comity.base.names import Party, Realm
from comity.journal.header import parse_page
from comity.node.feed.allowing import Allowing
from comity.node.feed.frames import FeedSetup
from comity.node.feed.kept import FEED_FILE, Brought, FeedFile
from comity.node.feed.retelling import Retelling
from comity.node.feed.showing import show_feed
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.warning.door import Door
from comity.warning.quarantine import AllowedRow
from kit.feed import AGREEMENT, BALLISTIC, SHIPS, Feeds, make_block
from kit.loop import Loop
from kit.world import T0

AIR, GSOMIA = "policy.track.air", "jpn-kor-gsomia"


@pytest.fixture
def loop() -> Loop:
    """Three machines with a pact in force."""
    loop = Loop()
    loop.be_born()
    return loop


def _find(allowing: Allowing, at: Instant, author: Party = "JPN", class_: str = AIR) -> list[AllowedRow]:
    return [row for row in allowing.find(at) if (row.author, row.class_) == (author, class_)]


def test_a_suspension_takes_effect_once_its_hearer_shows_that_he_knows(loop: Loop) -> None:
    """Until JPN's own words show that it knows of KOR's suspension both answers stand; then the old has an end."""
    kor = Allowing(loop.machines["KOR"])
    (before,) = _find(kor, loop.now)
    assert (before.is_told, before.clause, before.coarsen_m) == (True, "policy.track.air-jpn-kor", 5_000)
    assert (before.is_sensor_named, before.until) == (False, INSTANT_MS_MAX)
    loop.cut.add(frozenset(("JPN", "KOR")))
    reason = AgreementReason.BREACH_ALLEGED
    loop.say("KOR", AgreementStateStated(GSOMIA, AgreementState.SUSPENDED, loop.now, reason, ()))
    now, known = _find(kor, loop.now)
    assert (now.is_told, known) == (False, before)
    loop.cut.clear()
    loop.settle(120_000)
    loop.say("JPN", AgreementStateStated(GSOMIA, AgreementState.IN_FORCE, loop.now, reason, ()), to=("KOR", "USA"))
    rows = _find(kor, loop.now)
    assert [row.is_told for row in rows] == [False, True], "his own word changes nothing: the more restrictive rules"
    assert (rows[0].until, rows[1].until) == (INSTANT_MS_MAX, loop.now)
    assert len(_find(kor, Instant(loop.now + WARNING_RETENTION_MS))) == 1


def test_a_reader_asks_of_all_others_and_of_itself_nothing(loop: Loop) -> None:
    """Each class that each other party reports has an answer, with a clause; none is about this party's own."""
    rows = Allowing(loop.machines["KOR"]).find(loop.now)
    reported = {(party, row.id) for row in loop.pact.track_classes for party in row.reported_by if party != "KOR"}
    assert {(row.author, row.class_) for row in rows} == reported
    assert all(row.clause for row in rows)


def test_what_is_in_quarantine_stays_there_after_a_restart(tmp_path: Path) -> None:
    """Kept with its page, counted in the status, not retold, and gone with the page when its day is over."""
    feeds = Feeds()
    usa, jpn = feeds.channels["USA"], feeds.channels["JPN"]
    jpn.intake.quarantine.set_allowed([AllowedRow("USA", BALLISTIC, is_told=False, clause=AGREEMENT)])
    usa.say(make_block(2, class_=BALLISTIC), at=T0)
    usa.say(make_block(3, class_=SHIPS), at=T0)
    member = feeds.world.parties["JPN"]
    setup = FeedSetup(
        "JPN", Realm(feeds.world.realm), feeds.world.pins, member.secrets, (member.secrets.receiving,),
        None, {}, 1, str(tmp_path),  # type: ignore[arg-type]
    )  # fmt: skip
    file = FeedFile(tmp_path / FEED_FILE, keep_ms=MINUTE_MS)
    for out in feeds.write("USA"):
        page = parse_page(out.raw, feeds.world.suite)
        file.keep_together(others=[Brought((page,), T0, jpn.take_page(page, T0).received)])
    file.close()
    file = FeedFile(tmp_path / FEED_FILE, keep_ms=MINUTE_MS)
    try:
        shown = show_feed(jpn, Door(), links={}, apart=file.list_quarantined())
        assert shown["quarantined"] == [
            {"author": "USA", "class": BALLISTIC, "code": "warning.unpermitted", "clause": AGREEMENT,
             "blocks": 1, "rows": 2, "first_at": T0, "last_at": T0},
        ]  # fmt: skip
        retelling = Retelling(setup, suite=feeds.world.suite, ceremony=feeds.world.ceremony)
        retelling.statements = tuple(one.certificate for one in feeds.world.parties.values())
        assert [came.block.class_ for came in retelling.read(since=0, until=T0)] == [SHIPS]
        usa.say(make_block(1, class_=SHIPS, first=9), at=T0)
        for out in feeds.write("USA"):
            page = parse_page(out.raw, feeds.world.suite)
            file.keep_together(others=[Brought((page,), Instant(T0 + 2 * MINUTE_MS))])
        file.prune(Instant(T0 + 2 * MINUTE_MS))
        assert list(file.list_quarantined()) == []
    finally:
        file.close()
