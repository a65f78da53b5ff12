"""A party's next incarnation, as its root opens it after a theft."""

from comity.base.instants import Instant
from comity.journal.header import Feed, Page, parse_page
from comity.journal.ledger import Ledger, Verdict
from comity.journal.statement import Certificate, Closed, Closure, parse_statement
from comity.journal.trust import Trust
from comity.machine.effect import Commit, Effect
from comity.machine.machine import Machine
from comity.rehearsal.cast import make_cast, read_profile
from comity.rehearsal.standin import StandInCeremony, StandInSuite

AT = Instant(1_702_855_440_000)


def _find_page(effects: tuple[Effect, ...]) -> Page:
    return next(effect for effect in effects if isinstance(effect, Commit)).pages[0]


def test_the_next_incarnation_is_certified_and_closes_what_came_before() -> None:
    """Another party accepts its genesis page 0, in which the root names the last good page of the one before."""
    cast, suite = make_cast(read_profile("camp-david"), not_before_at=AT), StandInSuite()
    setup = cast.setups["KOR"]
    born = _find_page(Machine(setup).be_born(AT, bytes(32)))
    closed = {(Feed.GENESIS, cast.parties): Closed(0, 0, born.digest)}
    renewed = cast.renew(setup, closed, root=cast.roots["KOR"], at=Instant(AT + 1), ceremony=StandInCeremony(b"x"))
    assert renewed.secrets.incarnation == 1
    assert renewed.receiving_secrets[1:] == setup.receiving_secrets
    machine = Machine(renewed)
    machine.restore([born.raw])
    again = _find_page(machine.be_born(Instant(AT + 2), bytes(32)))
    assert again.header.journal.incarnation == 1
    bodies = [parse_statement(raw).body for raw in parse_page(again.raw, suite).header.opening]
    assert [type(body) for body in bodies] == [Certificate, Closure]
    ledger = Ledger(Trust(cast.pins, suite), reader="USA", suite=suite)
    assert [ledger.accept(page.raw)[0].verdict for page in (born, again)] == [Verdict.ACCEPTED] * 2
