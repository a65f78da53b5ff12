"""A node asks whether a newer one speaks for its party (J36): the page that would tell may have gone to the other."""

import itertools
from dataclasses import replace

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.journal.header import Feed, parse_page
from comity.journal.identity import certify, generate_node_secrets
from comity.journal.statement import sign_statement
from comity.machine.closed import ClosedWhy, find_newer_genesis
from comity.machine.effect import Commit, Effect, Fetch
from comity.machine.input import Arrived, LinkChanged, Say, Ticked
from comity.machine.machine import Machine
from comity.node.replacement import find_closures
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON, REALM, Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")


def _begin() -> Loop:
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    loop.settle()
    return loop


def _replace_key(loop: Loop, *readers: Party) -> None:
    """Open a new incarnation of USA elsewhere; its genesis reaches these readers, and nobody else hears of it."""
    old = loop.machines["USA"]
    root, setup = loop.roots["USA"], old.setup
    secrets = generate_node_secrets(loop.ceremony, incarnation=1)
    certificate = certify(
        secrets,
        recovery_public=loop.suite.public_of_receiving(loop.ceremony.generate_receiving()),
        lineage=setup.pins.lineage,
        realm=REALM,
        party="USA",
        root=root,
        issued_at=NOON,
        suite=loop.suite,
        ceremony=loop.ceremony,
    )
    closures = tuple(
        (Feed(row.feed), row.audience, sign_statement(row, root, suite=loop.suite, ceremony=loop.ceremony))
        for row in find_closures(old.ledger, "USA", (ALL,), opens=1)
    )
    newer = Machine(replace(setup, secrets=secrets, certificate=certificate, closures=closures))
    newer.restore(loop.stored["USA"])
    (genesis,) = (
        page.raw
        for effect in newer.be_born(loop.now, loop._salt())
        if isinstance(effect, Commit)
        for page in effect.pages
    )
    loop.cut = {frozenset(pair) for pair in itertools.combinations(ALL, 2)}
    for reader in readers:
        loop.give(reader, Arrived(loop.now, loop._salt(), genesis))
        loop.run()
    loop.settle()
    loop.cut.clear()


def _find_asked(loop: Loop, effects: tuple[Effect, ...]) -> list[tuple[Party, int]]:
    """Who is asked for the genesis of which newer incarnation."""
    newer = {id_.find_digest(loop.suite): id_.incarnation for id_ in find_newer_genesis(loop.machines["USA"])}
    fetches = [effect for effect in effects if isinstance(effect, Fetch)]
    return [(fetch.party, newer[fetch.journal]) for fetch in fetches if fetch.journal in newer]


def _why(loop: Loop) -> set[ClosedWhy]:
    return {closed.why for closed in loop.machines["USA"].find_closed()}


def _link(loop: Loop, party: Party, *, is_up: bool) -> LinkChanged:
    return LinkChanged(loop.now, loop._salt(), party, is_up)


def test_a_peer_whose_link_comes_up_tells_of_the_newer_key() -> None:
    """Nothing is said and no stream brings a page: the old node falls silent because it asks."""
    loop = _begin()
    _replace_key(loop, "JPN")
    assert _why(loop) == set()
    loop.give("USA", _link(loop, "KOR", is_up=True))
    loop.run()
    assert _why(loop) == set(), "KOR has not heard of it"
    loop.give("USA", _link(loop, "JPN", is_up=True))
    loop.run()
    assert _why(loop) == {ClosedWhy.SUPERSEDED}
    assert loop.say("USA", CALL).code == "key.superseded"


def test_a_peer_is_asked_again_while_its_link_stays_up_and_only_then() -> None:
    """Every ten minutes: for the next incarnation, and for one after it whose forerunner never spoke."""
    loop = _begin()
    usa = loop.machines["USA"]
    for party in ("JPN", "KOR"):
        asked = _find_asked(loop, usa.handle(_link(loop, party, is_up=True)))
        assert asked == [(party, 1), (party, 2)]
    usa.handle(_link(loop, "KOR", is_up=False))

    def tick(minutes: int) -> list[tuple[Party, int]]:
        return _find_asked(loop, usa.handle(Ticked(Instant(loop.now + minutes * MINUTE_MS), loop._salt())))

    assert [tick(9), tick(10), tick(11), tick(20)] == [[], [("JPN", 1), ("JPN", 2)], [], [("JPN", 1), ("JPN", 2)]]


def test_a_node_that_comes_back_asks_before_its_first_word() -> None:
    """What an officer says meanwhile is not put on a page: by then it is known that the old key is over."""
    loop = _begin()
    _replace_key(loop, "JPN", "KOR")
    machine = loop.machines["USA"] = Machine(loop.machines["USA"].setup)
    machine.restore(loop.stored["USA"])
    asked = machine.handle(Ticked(loop.now, loop._salt()))
    assert _find_asked(loop, asked) == [("JPN", 1), ("KOR", 1)]
    count = len(loop.stored["USA"])
    loop._take("USA", (*machine.handle(Say(loop.now, loop._salt(), 99, ALL, (CALL,))), *asked))
    loop.run()
    assert _why(loop) == {ClosedWhy.SUPERSEDED}
    came = [parse_page(raw, loop.suite).header.journal for raw in loop.stored["USA"][count:]]
    assert [journal.incarnation for journal in came if journal.author == "USA"] == [1]
    assert 99 not in loop.answers
