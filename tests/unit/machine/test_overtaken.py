"""Words that wait behind a page in flight are decided again as they go on theirs, on what their author knows then."""

import pytest

from comity.base.names import Party
from comity.machine.input import Arrived, Say
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.entry import Entry
from comity.procedure.threat import ThreatKind, ThreatReported
from kit.loop import Loop, marked

PAIR: tuple[Party, ...] = ("JPN", "USA")
AGREEMENT = "usa-jpn-2007"
REST = {frozenset(("JPN", "USA")), frozenset(("JPN", "KOR")), frozenset(("KOR", "USA"))}


def report(number: int, *, level: str = "USA-S", topic: str = "dprk-missile") -> ThreatReported:
    """A report of the USA's, told apart by its instant."""
    said = marked("x", originator="USA", level=level, topics=(topic,))
    return ThreatReported(ThreatKind.OTHER, number, (), (), said)


SECRET, OPEN = report(1), report(2, level="USA-U", topic="public-message")


def begin() -> tuple[Loop, list[bytes]]:
    """A pact in force; and the pages by which JPN suspends an agreement, which nobody else has heard of."""
    loop = Loop()
    loop.be_born()
    assert not loop.say("USA", SECRET, to=("JPN",)).code
    loop.settle()
    loop.cut = set(REST)
    count = len(loop.stored["JPN"])
    suspended = AgreementStateStated(AGREEMENT, AgreementState.SUSPENDED, loop.now, AgreementReason.UNSTATED, ())
    assert not loop.say("JPN", suspended).code
    return loop, loop.stored["JPN"][count:]


def say_behind(loop: Loop, *commands: tuple[Entry, ...]) -> None:
    """Have the USA say something to JPN, and these, numbered from 1, while that is in flight."""
    for number, entries in enumerate(((OPEN,), *commands), start=900):
        loop.give("USA", Say(loop.now, loop._salt(), number, PAIR, entries))


def hear(loop: Loop, pages: list[bytes]) -> None:
    """Let the USA hear of the suspension, then let everything move."""
    for raw in pages:
        loop.give("USA", Arrived(loop.now, loop._salt(), raw))
    loop.cut.clear()
    loop.run()
    loop.settle()


def test_a_secret_that_waits_while_an_agreement_is_suspended_does_not_leave() -> None:
    """Refused with the agreement's clause, as if it were said now; nobody gets it, and no reader finds fault."""
    loop, pages = begin()
    say_behind(loop, (SECRET,))
    hear(loop, pages)
    assert not loop.answers[900].code
    answer = loop.answers[901]
    assert (answer.code, answer.ids, answer.details["clause"]) == ("release.withheld", (), AGREEMENT)
    assert loop.say("USA", SECRET, to=("JPN",)).details == answer.details
    assert len(loop.machines["JPN"].statements.find(ThreatReported)) == 2
    assert [machine.flags.all for machine in loop.machines.values()] == [(), (), ()]


def test_what_may_still_go_goes_in_its_order() -> None:
    """One command is refused whole, also what of it might go alone; those before and after it are said."""
    loop, pages = begin()
    say_behind(loop, (OPEN, report(3, level="USA-U", topic="public-message")), (OPEN, SECRET), (OPEN,))
    hear(loop, pages)
    assert [len(loop.answers[number].ids) for number in (900, 901, 902, 903)] == [1, 2, 0, 1]
    rows = {row.id: row for row in loop.machines["JPN"].statements.find(ThreatReported)}
    ids = [id_ for number in (901, 903) for id_ in loop.answers[number].ids]
    assert [(rows[id_].page, rows[id_].index) for id_ in ids] == sorted(
        (rows[id_].page, rows[id_].index) for id_ in ids
    )


@pytest.mark.parametrize("is_heard", [False, True])
def test_whoever_has_not_heard_of_it_has_nothing_refused(is_heard: bool) -> None:
    """What decides is what the author knows as the page is built, and not what another party did meanwhile."""
    loop, pages = begin()
    say_behind(loop, (SECRET,))
    if is_heard:
        hear(loop, pages)
    else:
        loop.run()
        loop.cut.clear()
        loop.settle()
    assert bool(loop.answers[901].ids) != is_heard
    assert [machine.flags.all for machine in loop.machines.values()] == [(), (), ()]
