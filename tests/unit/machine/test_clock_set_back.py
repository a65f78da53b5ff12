"""A clock that was set back a day: what was to be done in a moment is still done in a moment."""

from comity.base.instants import DAY_MS, MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest
from comity.journal.header import Feed, JournalId
from comity.machine.clock_watch import ClockWatch
from comity.machine.departures import Departures
from comity.machine.effect import Fetch, Publish
from comity.machine.input import FetchEnded, LinkChanged, LostPage, Published, Ticked
from comity.machine.machine import Machine
from comity.machine.refill import FETCH_INTERVAL_MS, Refill
from comity.machine.step import Step
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON, REALM, Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")
BACK = Instant(NOON - DAY_MS)


def _tick(machine: Machine, at: int) -> None:
    machine.handle(Ticked(Instant(at), bytes(32)))


def test_a_receipt_is_due_as_soon_as_before() -> None:
    """USA owes JPN signed heads; its clock is set back before it wrote them."""
    loop = Loop()
    loop.be_born()
    loop.say("JPN", CALL)
    machine = loop.machines["USA"]
    own = machine.pen.get_journal(Feed.RECORD, ALL)
    assert own.receipt_at is not None
    delay_ms = own.receipt_at - loop.now
    assert 0 < delay_ms < MINUTE_MS
    _tick(machine, loop.now - DAY_MS)
    assert own.receipt_at == loop.now - DAY_MS + delay_ms
    _tick(machine, loop.now - DAY_MS + delay_ms)
    assert own.receipt_at is None


def test_a_checkpoint_is_due_as_soon_as_before() -> None:
    """Each hour in which pages were added, by whatever hand of the clock."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    machine = loop.machines["USA"]
    own = machine.pen.get_journal(Feed.RECORD, ALL)
    waits_ms = loop.now - own.checkpoint_at
    _tick(machine, loop.now - DAY_MS)
    assert loop.now - DAY_MS - own.checkpoint_at == waits_ms


def test_a_page_goes_out_again_as_soon_as_before() -> None:
    """The outbox was down when it was written."""
    loop = Loop()
    departures = Departures()
    departures.unpublished[Digest(bytes(32))] = Publish(Feed.RECORD, ALL, Digest(bytes(32)), b"")
    departures.take_published(Published(NOON, bytes(32), Digest(bytes(32)), is_out=False))
    departures.set_back(DAY_MS)
    early, due = (Step(Instant(BACK + after), bytes(32), loop.suite) for after in (SECOND_MS, 6 * SECOND_MS))
    departures.tick(early)
    assert not early.now
    departures.tick(due)
    assert len(due.now) == 1


def test_a_lost_page_is_asked_for_as_soon_as_before() -> None:
    """Nobody had it the last time; the next try was to be two seconds later."""
    loop = Loop()
    loop.be_born()
    ledger = loop.machines["USA"].ledger
    refill = Refill(ledger, "USA")
    journal = JournalId(loop.pins.lineage, REALM, Feed.RECORD, "JPN", ALL, 0).find_digest(loop.suite)
    refill.lost[journal] = LostPage(Digest(bytes(32)), journal, 0, "JPN", Feed.RECORD, ALL)
    refill.plan(Step(NOON, bytes(32), loop.suite))
    refill.plan(asked := Step(Instant(NOON + FETCH_INTERVAL_MS), bytes(32), loop.suite))
    (fetch,) = asked.now
    assert isinstance(fetch, Fetch)
    refill.end(FetchEnded(asked.at, bytes(32), fetch.party, journal, is_answered=True), asked)
    refill.set_back(DAY_MS)
    again = Step(Instant(asked.at - DAY_MS + FETCH_INTERVAL_MS), bytes(32), loop.suite)
    assert refill.wake_at == again.at
    refill.plan(again)
    assert len(again.now) == 1


def test_samples_are_read_by_the_clock_as_it_is_now() -> None:
    """Before, ours was a day ahead of a peer's and in doubt; now it agrees."""
    watch = ClockWatch()
    watch.note("JPN", written_at=BACK, at=NOON)
    assert watch.find_doubt_ms(NOON) == DAY_MS
    watch.set_back(DAY_MS)
    assert watch.find_doubt_ms(BACK) == 0


def test_pages_and_words_go_on_through_many_settings_back() -> None:
    """A clock that jitters below a second loses nothing and stops nothing."""
    loop = Loop()
    loop.be_born()
    for number in range(20):
        loop.now = Instant(loop.now - (number % 3) * 400)
        assert not loop.say("USA", CALL).code
    loop.settle()
    tips = {
        party: machine.ledger.find_book(loop.machines["USA"].pen.get_journal(Feed.RECORD, ALL).digest)
        for party, machine in loop.machines.items()
    }
    assert len({len(book.by_number) for book in tips.values() if book}) == 1


def test_what_waited_for_its_link_raises_doubt_and_accuses_no_clock() -> None:
    """JPN wrote ten minutes before it was reached; what it writes now tells of its clock, and so does the future."""
    watch, late_ms = ClockWatch(), 10 * MINUTE_MS
    watch.take_link(LinkChanged(NOON, bytes(32), "JPN", is_up=True))
    watch.note("JPN", written_at=NOON - late_ms, at=NOON)
    assert watch.find_doubt_ms(NOON) == late_ms
    assert watch.find_offsets_ms(NOON) == {}
    watch.note("JPN", written_at=NOON + 10, at=Instant(NOON + 60))
    assert watch.find_offsets_ms(NOON) == {"JPN": 50}
    watch.note("KOR", written_at=NOON + late_ms, at=NOON, has_waited=True)
    assert watch.find_offsets_ms(NOON)["KOR"] == -late_ms


def test_a_page_that_was_asked_for_accuses_no_clock() -> None:
    """JPN and KOR do not reach each other; KOR has JPN's pages from USA, twenty minutes after they were written."""
    loop = Loop()
    loop.be_born()
    loop.cut.update({frozenset(("JPN", "KOR")), frozenset(("KOR", "USA"))})
    loop.say("JPN", CALL)
    loop.machines["KOR"].clocks = ClockWatch()
    loop.now = Instant(loop.now + 20 * MINUTE_MS)
    loop.cut.remove(frozenset(("KOR", "USA")))
    loop.say("USA", CALL)
    loop.settle()
    clocks = loop.machines["KOR"].clocks
    assert max(sample.offset_ms for sample in clocks._samples["JPN"]) >= 20 * MINUTE_MS
    assert set(clocks.find_offsets_ms(loop.now)) == {"USA"}
