"""When a machine looks for what it may have said, and what tells it that more was said than is here (J22)."""

from comity.base.instants import Instant
from comity.journal.header import Feed, Page, parse_page
from comity.machine.closed import ClosedWhy
from comity.machine.effect import Alarm, Answer, Commit, Effect, Fetch
from comity.machine.input import Arrived, FetchEnded, Say, Ticked
from comity.machine.machine import Machine
from comity.machine.reckoning import LOOK_AGAIN_MS, LOOK_MS
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")


class Restored:
    """USA's machine on a copy of its store from before it said three more things; nobody noted that it is one."""

    def __init__(self) -> None:
        self.loop = loop = Loop()
        loop.be_born()
        loop.say("USA", CALL)
        loop.settle()
        copy = list(loop.stored["USA"])
        for _ in range(3):
            loop.say("USA", CALL)
        loop.settle()
        pages = [parse_page(raw, loop.suite) for raw in loop.stored["USA"][len(copy) :]]
        self.later: list[Page] = [page for page in pages if page.header.journal.author == "USA"]
        assert {page.header.journal.audience for page in self.later} == {ALL}
        self.machine = Machine(loop.machines["USA"].setup)
        self.machine.restore(copy)
        self.at = loop.now

    def tick(self, after_ms: int = 0) -> tuple[Effect, ...]:
        """Let time pass; return what the machine asks for."""
        self.at = Instant(self.at + after_ms)
        return self.machine.handle(Ticked(self.at, self.loop._salt()))

    def end(self, fetches: list[Fetch], *, is_answered: bool) -> list[Fetch]:
        """End these fetches; return those that follow."""
        given = [FetchEnded(self.at, self.loop._salt(), row.party, row.journal, is_answered) for row in fetches]
        return [effect for row in given for effect in self.machine.handle(row) if isinstance(effect, Fetch)]

    def end_all(self, fetches: list[Fetch], *, is_answered: bool) -> None:
        """End these fetches and all that follow at once."""
        while fetches:
            fetches = self.end(fetches, is_answered=is_answered)

    def take(self, page: Page) -> tuple[Effect, ...]:
        """Bring a page to the door."""
        return self.machine.handle(Arrived(self.at, self.loop._salt(), page.raw))

    def find_why(self) -> set[ClosedWhy]:
        """Why nothing may be said now to all."""
        closed = [row for row in self.machine.find_closed() if (row.feed, row.audience) == (Feed.RECORD, ALL)]
        return {row.why for row in closed}


def _fetches(effects: tuple[Effect, ...]) -> list[Fetch]:
    return [effect for effect in effects if isinstance(effect, Fetch)]


def test_who_did_not_answer_is_asked_again_within_the_look_and_not_after_it() -> None:
    """A node that is just starting answers nothing although its server is up."""
    usa = Restored()
    first = _fetches(usa.tick())
    assert {row.party for row in first} == {"JPN", "KOR"}
    usa.end_all(first, is_answered=False)
    assert usa.find_why() == {ClosedWhy.RECKONING}
    assert _fetches(usa.tick(LOOK_AGAIN_MS - 1)) == []
    again = _fetches(usa.tick(1))
    assert {row.party for row in again} == {"JPN", "KOR"}
    usa.end_all(again, is_answered=False)
    usa.tick(LOOK_MS)
    assert usa.find_why() == set()
    assert _fetches(usa.tick(LOOK_MS)) == []


def test_an_own_page_that_waits_for_one_before_it_tells_that_more_was_said() -> None:
    """Nobody could be asked, and a bundle brings the last page alone: the numbers before it are known to be taken."""
    usa = Restored()
    usa.machine.reckoning._is_looking = False  # the look is over, and nobody was reached
    assert usa.find_why() == set()
    effects = usa.take(usa.later[-1])
    assert [effect.code for effect in effects if isinstance(effect, Alarm)] == ["alarm.store-was-old"]
    assert usa.find_why() == {ClosedWhy.RECKONING}
    (answer,) = usa.machine.handle(Say(usa.at, usa.loop._salt(), 1, ALL, (CALL,), Feed.RECORD))
    assert isinstance(answer, Answer)
    assert answer.code == "journal.reckoning"
    usa.end_all(_fetches(effects), is_answered=True)
    assert usa.find_why() == {ClosedWhy.RECKONING}, "all say that there is no more, and there is: what waits here"
    for page in usa.later[:-1]:
        usa.take(page)
    usa.end_all(_fetches(usa.tick(LOOK_MS)), is_answered=True)
    assert usa.find_why() == set()


def test_without_its_certificate_nothing_is_said_and_with_it_all_goes_on() -> None:
    """Seed 4313: page 0 of the own genesis was gone, so that the own pages that were left were nobody's.

    A receipt was due, and would have been a second page 0 of the record.
    """
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    loop.say("JPN", CALL)
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]
    genesis = next(
        page for page in pages if (page.header.journal.author, page.header.journal.feed) == ("USA", Feed.GENESIS)
    )
    machine = Machine(loop.machines["USA"].setup)
    machine.restore([page.raw for page in pages if page is not genesis])
    at = Instant(loop.now + LOOK_MS)
    for _ in range(20):
        at = Instant(at + LOOK_MS)
        effects = machine.handle(Ticked(at, loop._salt()))
        assert not [effect for effect in effects if isinstance(effect, Commit)]
    closed = {(row.feed, row.audience): row.why for row in machine.find_closed()}
    assert closed[Feed.RECORD, ALL] is ClosedWhy.RECKONING
    machine.handle(Arrived(at, loop._salt(), genesis.raw))
    machine.handle(Ticked(Instant(at + LOOK_MS), loop._salt()))
    held = machine.ledger.find_book(machine.pen.get_journal(Feed.RECORD, ALL).digest)
    assert held is not None
    assert not held.is_forked
