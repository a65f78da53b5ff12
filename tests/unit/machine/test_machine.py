"""One party's core among others, without faults (DESIGN, section 7)."""

from comity.journal.header import Kind
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind
from kit.loop import Loop


def _entries(loop: Loop, party: str, type_: type) -> list[Stated]:
    return [row for row in loop.machines[party].statements.all if type(row.entry) is type_]


def test_a_pact_is_in_force_once_every_party_has_accepted_it() -> None:
    """Each machine says so from the genesis journals alone."""
    loop = Loop()
    assert not any(machine.is_in_force for machine in loop.machines.values())
    loop.be_born()
    assert all(machine.is_in_force for machine in loop.machines.values())


def _call(loop: Loop) -> ConsultationCalled:
    commitment = loop.pact.commitments[0].id
    return ConsultationCalled(commitment, Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, (), loop.pact.audience)


def test_a_statement_reaches_every_reader_and_is_answered_once_stored() -> None:
    """A call is answered with its entry id, and all parties hold the same entry under the same id."""
    loop = Loop()
    loop.be_born()
    answer = loop.say("USA", _call(loop))
    assert answer.code == ""
    assert len(answer.ids) == 1
    assert {party: [row.id for row in _entries(loop, party, ConsultationCalled)] for party in loop.machines} == {
        party: list(answer.ids) for party in ("JPN", "KOR", "USA")
    }


def test_receipts_end() -> None:
    """Readers sign heads for statements, and nobody signs for receipts: after a while nothing moves."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", _call(loop))
    loop.settle(60_000)
    before = {party: len(pages) for party, pages in loop.stored.items()}
    loop.settle(600_000)
    assert {party: len(pages) for party, pages in loop.stored.items()} == before
    journal = _entries(loop, "USA", ConsultationCalled)[0].journal
    confirmed = loop.machines["USA"].ledger.witnesses.find_confirmed(journal)
    assert sorted(confirmed) == ["JPN", "KOR"]


def test_a_page_lost_on_a_cut_link_comes_by_way_of_another_reader() -> None:
    """With USA and KOR cut, KOR learns from JPN's receipt that a page exists, and fetches it from JPN."""
    loop = Loop()
    loop.be_born()
    loop.cut.add(frozenset(("KOR", "USA")))
    loop.say("USA", _call(loop))
    assert _entries(loop, "KOR", ConsultationCalled) == []
    loop.settle(60_000)
    assert len(_entries(loop, "KOR", ConsultationCalled)) == 1


def test_a_restart_from_stored_pages_gives_the_same_record() -> None:
    """State is a fold of the pages: a new machine over the same pages holds the same statements."""
    loop = Loop()
    loop.be_born()
    call = loop.say("USA", _call(loop)).ids[0]
    loop.say("KOR", Acknowledged(call, "watch-officer", "duty-1"))
    loop.settle()
    from comity.machine.machine import Machine

    for party, machine in loop.machines.items():
        fresh = Machine(machine.setup)
        fresh.restore(loop.stored[party])
        assert fresh.statements.all == machine.statements.all


def test_an_hourly_checkpoint_covers_a_chain_that_grew() -> None:
    """An hour after a page was added, a checkpoint page follows it."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", _call(loop))
    loop.settle(3_700_000)
    loop.say("USA", _call(loop))
    loop.settle(10_000)
    journal = _entries(loop, "USA", ConsultationCalled)[0].journal
    book = loop.machines["JPN"].ledger.find_book(journal)
    assert book is not None
    assert Kind.CHECKPOINT in {page.header.kind for page in book.pages()}
