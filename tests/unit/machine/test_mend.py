"""Pages that the store lost: fetched anew, believed only if they are the ones lost, and never written over."""

from msgspec import structs

from comity.base.encoding import encode
from comity.base.names import Party
from comity.crypto.label import digest, label
from comity.journal.header import Kind, Page, encode_page, parse_page
from comity.machine.effect import Commit, Effect
from comity.machine.input import Arrived, Committed, LostPage, PagesLost, Say, Ticked
from comity.machine.machine import Machine
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")


def _begin() -> Loop:
    loop = Loop()
    loop.be_born()
    for _ in range(3):
        loop.say("USA", CALL)
        loop.say("JPN", CALL)
    loop.settle()
    return loop


def _pages(loop: Loop, party: Party, author: Party) -> list[Page]:
    read = [parse_page(raw, loop.suite) for raw in loop.stored[party]]
    return [p for p in read if p.header.journal.author == author and p.header.journal.audience == ALL]


def _lost(page: Page) -> LostPage:
    journal = page.header.journal
    return LostPage(page.digest, page.journal, page.header.number, journal.author, journal.feed, journal.audience)


def _commits(effects: tuple[Effect, ...]) -> list[bytes]:
    return [page.raw for effect in effects if isinstance(effect, Commit) for page in effect.pages]


def _restart(loop: Loop, party: Party, *lost: Page) -> None:
    """Start a party's machine anew on a store without these pages."""
    machine = Machine(loop.machines[party].setup)
    gone = {page.raw for page in lost}
    loop.stored[party] = [raw for raw in loop.stored[party] if raw not in gone]
    machine.restore(loop.stored[party], lost=map(_lost, lost))
    loop.machines[party] = machine
    loop.give(party, Ticked(loop.now, loop._salt()))
    loop.run()


def test_a_page_lost_while_running_is_fetched_and_kept_anew() -> None:
    """The machine has read it long ago; the store gets it back all the same, own pages as well as others'."""
    loop = _begin()
    for author in ("USA", "JPN"):
        page = _pages(loop, "USA", author)[-1]
        before = loop.stored["USA"].count(page.raw)
        loop.give("USA", PagesLost(loop.now, loop._salt(), (_lost(page),)))
        loop.run()
        assert [hole.journal for hole in loop.machines["USA"].refill.find_holes()] == [page.journal]
        loop.settle()
        assert loop.stored["USA"].count(page.raw) == before + 1
        assert loop.machines["USA"].refill.find_holes() == ()


def test_a_copy_with_another_signature_is_not_taken_for_the_lost_page() -> None:
    """The digest does not cover the signature: who answers a fetch could else leave us a page that nobody believes."""
    loop = _begin()
    page = _pages(loop, "USA", "JPN")[-1]
    usa = loop.machines["USA"]
    usa.handle(PagesLost(loop.now, loop._salt(), (_lost(page),)))
    forged = encode_page(header_raw=page.header_raw, signature=bytes(64), body=page.body)
    assert parse_page(forged, loop.suite).digest == page.digest
    assert _commits(usa.handle(Arrived(loop.now, loop._salt(), forged))) == []
    assert page.digest in usa.refill.lost
    assert _commits(usa.handle(Arrived(loop.now, loop._salt(), page.raw))) == [page.raw]
    assert usa.refill.lost == {}


def test_a_lost_page_that_was_refused_after_it_had_waited_comes_back_as_what_it_was() -> None:
    """A liar's page is evidence, stored while it waited; but not a copy of it that he did not sign."""
    loop = _begin()
    last = _pages(loop, "USA", "JPN")[-1]
    body, suite = b"sealed to nobody", loop.suite
    changes = {"number": last.header.number + 1, "previous": last.digest, "kind": Kind.ENTRIES, "epoch": 999}
    changes |= {"entry_count": 1, "body_digest": digest(suite, "body", body)}
    header = encode(structs.replace(last.header, **changes))
    signature = suite.sign(secret=loop.machines["JPN"].setup.secrets.node, message=label("page") + header)
    forged = parse_page(encode_page(header_raw=header, signature=signature, body=body), suite)
    usa = Machine(loop.machines["USA"].setup)
    usa.restore([raw for raw in loop.stored["USA"] if raw != last.raw])
    assert _commits(usa.handle(Arrived(loop.now, loop._salt(), forged.raw))) == [forged.raw]
    (commit,) = [row for row in usa.handle(Arrived(loop.now, loop._salt(), last.raw)) if isinstance(row, Commit)]
    assert [row.code for row in commit.refusals] == ["page.kind"]
    usa.handle(PagesLost(loop.now, loop._salt(), (_lost(forged),)))
    unsigned = encode_page(header_raw=header, signature=bytes(64), body=body)
    assert _commits(usa.handle(Arrived(loop.now, loop._salt(), unsigned))) == []
    assert _commits(usa.handle(Arrived(loop.now, loop._salt(), forged.raw))) == [forged.raw]
    assert usa.refill.find_holes() == ()


def test_an_own_page_that_was_lost_is_waited_for_and_not_written_over() -> None:
    """The last page of the own journal is gone from the store: the next statement waits until readers gave it back."""
    loop = _begin()
    last = _pages(loop, "USA", "USA")[-1]
    before = {page.header.number: page.digest for page in _pages(loop, "JPN", "USA")}
    loop.cut |= {frozenset(("USA", "JPN")), frozenset(("USA", "KOR"))}
    _restart(loop, "USA", last)
    usa = loop.machines["USA"]
    assert usa.mend.is_closed(last.journal)
    loop._command += 1
    loop.give("USA", Say(loop.now, loop._salt(), loop._command, ALL, (CALL,)))
    loop.settle()
    assert loop._command not in loop.answers
    loop.cut.clear()
    loop.settle()
    assert not usa.mend.is_closed(last.journal)
    assert loop.answers[loop._command].ids
    after = {page.header.number: page.digest for page in _pages(loop, "JPN", "USA")}
    assert before.items() <= after.items()
    assert len(after) > len(before)
    assert not loop.alarms


def test_a_lost_genesis_page_closes_all_own_journals_until_it_is_back() -> None:
    """Without the own certificate no own page is believed, not even by its author."""
    loop = _begin()
    genesis = next(page for page in _pages(loop, "USA", "USA") if page.header.journal.feed == "genesis")
    loop.cut |= {frozenset(("USA", "JPN")), frozenset(("USA", "KOR"))}
    _restart(loop, "USA", genesis)
    usa = loop.machines["USA"]
    assert all(usa.mend.is_closed(page.journal) for page in _pages(loop, "JPN", "USA"))
    loop.cut.clear()
    loop.settle()
    assert not any(usa.mend.is_closed(page.journal) for page in _pages(loop, "JPN", "USA"))
    assert loop.say("USA", CALL).ids
    loop.settle()
    assert not loop.alarms


def test_an_own_page_that_has_not_gone_out_is_put_back_from_memory() -> None:
    """No reader has it."""
    loop = _begin()
    usa = loop.machines["USA"]
    effects = usa.handle(Say(loop.now, loop._salt(), 1_000, ALL, (CALL,)))
    (commit,) = [effect for effect in effects if isinstance(effect, Commit)]
    usa.handle(Committed(loop.now, loop._salt(), commit.number))
    (page,) = commit.pages
    assert _commits(usa.handle(PagesLost(loop.now, loop._salt(), (_lost(page),)))) == [page.raw]
    assert usa.refill.lost == {}
