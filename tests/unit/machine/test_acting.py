"""Who acts, from an officer's wish to the finding at every reader (P40 to P43)."""

import pytest

from comity.base.limits import PAGE_SIZE_BYTES_MAX
from comity.journal.header import Feed
from comity.machine.input import Say
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.officer import ActedBy, Capacity, Footing, cover
from comity.procedure.position import Position, PositionStated
from comity.procedure.sharing import RecallReason, RecallRequested
from comity.procedure.text import (
    BreakReason,
    HoldLifted,
    SilenceBroken,
    SilenceHeld,
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.threat import ThreatKind, ThreatReported
from comity.rehearsal.shadow import ask_nobody
from kit.loop import Loop, marked
from kit.offices import by

CALL = ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), ("JPN", "KOR", "USA"))
LEADERS = ConsultationCalled("C1", Level.LEADERS, ThreatKind.OTHER, (), ("JPN", "KOR", "USA"))
WATCH = by("usa-7f3a", "watch-officer")
PRINCIPAL = by("usa-01", "principal")
AUDITOR = by("usa-9", "auditor")
ACTING_DIRECTOR = (Capacity("usa-7f3a", "watch-officer", Footing.DEPUTY, ("director",)),)
BIND = "policy.may.bind"


def _begin() -> Loop:
    loop = Loop(has_offices=True)
    loop.be_born()
    return loop


def _page_of(loop: Loop, id_: bytes) -> list[Entry]:
    rows = loop.machines["JPN"].statements.all
    page = next(row.page_digest for row in rows if row.id == id_)
    return [row.entry for row in rows if row.page_digest == page]


def test_who_acted_stands_in_front_and_is_no_answer() -> None:
    """The officer gets the ids of what he said; readers see who said it."""
    loop = _begin()
    answer = loop.say("USA", CALL, by=(WATCH,))
    assert len(answer.ids) == 1
    assert _page_of(loop, answer.ids[0]) == [ActedBy(WATCH, 1), CALL]
    assert loop.machines["KOR"].offices.all == ()


@pytest.mark.parametrize(
    ("entry", "officers", "code", "clause"),
    [
        (CALL, (), "officer.uncovered", "policy.offices"),
        (CALL, (AUDITOR,), "officer.wrong-role", "policy.may.confer"),
        (LEADERS, (WATCH,), "officer.too-few", "policy.two.call"),
        (TextAgreed(bytes(32), bytes(32), "watch-officer", "usa-7f3a"), (WATCH,), "officer.wrong-role", BIND),
        (HoldLifted(bytes(32), bytes(32), "watch-officer", "usa-7f3a"), (WATCH,), "officer.wrong-role", BIND),
        (TextAgreed(bytes(32), bytes(32), "director", "usa-7f3a"), (ACTING_DIRECTOR,), "officer.wrong-role", BIND),
        (Acknowledged(bytes(32), "watch-officer", "usa-1"), (WATCH,), "officer.other-name", "policy.offices"),
    ],
)
def test_the_own_node_refuses_with_the_clause(
    entry: Entry, officers: tuple[tuple[object, ...], ...], code: str, clause: str
) -> None:
    """Nothing of it is written, and nobody else learns that it was tried."""
    loop = _begin()
    stored = {party: len(pages) for party, pages in loop.stored.items()}
    answer = loop.say("USA", entry, by=officers)  # type: ignore[arg-type]
    assert (answer.code, answer.details["clause"]) == (code, clause)
    assert {party: len(pages) for party, pages in loop.stored.items()} == stored


def test_the_watch_holds_and_breaks_what_it_may_not_agree_to() -> None:
    """At three in the morning whoever is awake protects his party; what binds it waits for somebody above him (P60)."""
    loop = _begin()
    said = loop.say("USA", TextOpened((), TextKind.PLAN, ("en",)), by=(WATCH,)).ids[0]
    version = bytes(32)
    held = SilenceHeld(said, version, "watch-officer", "usa-7f3a")
    broken = SilenceBroken(said, version, BreakReason.OBJECTION, "watch-officer", "usa-7f3a")
    for entry in (held, broken):
        assert loop.say("USA", entry, by=(WATCH,)).code == ""
    agreed = TextAgreed(said, version, "principal", "usa-01")
    assert loop.say("USA", agreed, by=(PRINCIPAL,)).code == ""
    assert loop.machines["KOR"].offices.all == ()


def test_two_officers_are_named_both() -> None:
    """A call at leaders' level is two people's act, in the order of their names."""
    loop = _begin()
    (id_,) = loop.say("USA", LEADERS, by=(WATCH, PRINCIPAL)).ids
    assert _page_of(loop, id_)[0] == ActedBy((*PRINCIPAL, *WATCH), 1)


def test_an_officer_with_two_offices_need_not_say_which() -> None:
    """Each entry is made in the first capacity that may; a change of it is an entry more, and no more than that."""
    loop = _begin()
    both = by("usa-2", "release-officer", "watch-officer")
    opened = TextOpened((), TextKind.PLAN, ("en",))
    ids = loop.say("USA", CALL, CALL, opened, by=(both,)).ids
    assert _page_of(loop, ids[0]) == [ActedBy(both[1:], 3), CALL, CALL, opened]


def test_what_a_node_says_by_itself_is_nobodys() -> None:
    """It stands uncovered in its journal, and no reader finds fault with it."""
    loop = _begin()
    said = marked("x", originator="USA", level="USA-U", topics=("public-message",))
    text = loop.say("USA", TextOpened((), TextKind.PLAN, ("en",)), by=(WATCH,)).ids[0]
    proposed = TextVersionProposed(text, (), said)
    loop.say("USA", proposed, by=(WATCH,))
    until = loop.now + 4 * 3_600_000
    loop.say("USA", SilenceProposed(text, find_version_digest(proposed), until, 0), by=(WATCH,))
    loop.settle()
    rows = loop.machines["USA"].statements.all
    received = [row for row in rows if isinstance(row.entry, TextReceived)]
    assert received
    for row in received:
        page = [other for other in rows if other.page_digest == row.page_digest]
        assert row.index not in cover(page)
    assert all(machine.offices.all == () for machine in loop.machines.values())


def test_every_reader_finds_what_a_lawless_node_let_through() -> None:
    """The statement stands, in every fold; the finding names code and clause, an alarm tells others of it once."""
    loop = _begin()
    loop.machines["USA"].versions.find_offices = ask_nobody  # type: ignore[method-assign]
    (id_,) = loop.say("USA", CALL).ids
    loop.settle()
    for machine in loop.machines.values():
        (found,) = machine.offices.all
        assert (found.stated.id, *found.fault[:2]) == (id_, "officer.uncovered", "policy.offices")
        assert len(machine.record.list_scopes("consultation")) == 1
    told = [(party, alarm.details["entry"]) for party, alarm in loop.alarms if alarm.code == "alarm.beyond-power"]
    assert sorted(told) == [("JPN", id_), ("KOR", id_)]


def test_a_start_tells_nothing_a_second_time() -> None:
    """What was found before is found again, and no alarm is."""
    loop = _begin()
    loop.machines["USA"].versions.find_offices = ask_nobody  # type: ignore[method-assign]
    loop.say("USA", CALL)
    again = type(loop.machines["JPN"])(loop.machines["JPN"].setup)
    again.restore(loop.stored["JPN"])
    assert len(again.offices.all) == 1
    assert again.offices.find_alarms() == ()


def test_a_pact_without_offices_names_nobody() -> None:
    """Though somebody is named: nothing is asked, and nothing is written."""
    loop = Loop()
    loop.be_born()
    (id_,) = loop.say("USA", CALL, by=(WATCH,)).ids
    assert _page_of(loop, id_) == [CALL]
    assert loop.machines["USA"].offices.all == ()


def test_words_that_fit_one_page_stay_together_with_who_acted() -> None:
    """An act with a key is stored whole: its officers do not push its last entry onto another page."""
    loop = _begin()
    loop.give("USA", Say(loop.now, loop._salt(), 900, ("USA",), (CALL,), by=(WATCH,)))
    text = "x" * 3_900
    reports = tuple(
        ThreatReported(
            ThreatKind.OTHER, number, (), (), marked(text, originator="USA", level="USA-U", topics=("public-message",))
        )
        for number in range((PAGE_SIZE_BYTES_MAX - 15 * 1024) // 4_000)
    )
    answer = loop.say("USA", *reports, to=(), by=(WATCH,))
    assert answer.code == ""
    pages = {row.page_digest for row in loop.machines["USA"].statements.all if row.id in answer.ids}
    assert len(pages) == 1


def test_an_import_is_covered_page_by_page() -> None:
    """Each page of the bulk feed says for itself who acted in it."""
    loop = _begin()
    entries = tuple(PositionStated(bytes(32), bytes(32), Position.SUPPORT, 0) for _ in range(600))
    loop.give("USA", Say(loop.now, loop._salt(), 901, ("JPN", "KOR", "USA"), entries, Feed.BULK, by=(WATCH,)))
    loop.run()
    rows = loop.machines["KOR"].statements.find(ActedBy)
    assert sum(row.entry.covers for row in rows if isinstance(row.entry, ActedBy)) == 600
    assert len(rows) == 3
    assert loop.machines["KOR"].offices.all == ()


def test_who_acts_does_not_change_at_every_word() -> None:
    """More changes than a page has room for are refused, before anything is written."""
    loop = _begin()
    both = by("usa-2", "release-officer", "watch-officer")
    recall = RecallRequested(bytes(32), RecallReason.UNSTATED, 0)
    answer = loop.say("USA", *(CALL, recall) * 9, to=(), by=(both,))
    assert answer.code == "officer.too-many-acts"
