"""Offices that change with the pact: what was said under one version is judged by it, what comes later by the next."""

import pytest

from comity.base.names import Party
from comity.machine.input import Arrived, Say
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.office import read_offices
from comity.procedure.officer import ActedBy, Capacity
from comity.procedure.threat import ThreatKind
from comity.rehearsal.checks.second_look import find_differences, find_second_opinion
from kit.amending import FOUNDERS, Ports, Written
from kit.loop import read_profile
from kit.offices import by, without_offices

A, B, C, D = FOUNDERS
CALL = ConsultationCalled("H1", Level.WATCH, ThreatKind.OTHER, (), FOUNDERS)
DUTY = by("a-1", "duty-officer")
MASTER = by("a-2", "harbourmaster")
WRONG = ("officer.wrong-role", "policy.may.duty")
ROLES = '["duty-officer", "harbourmaster", "exercise-controller"]'


def narrow(text: str) -> str:
    """Let duty officers call no more."""
    assert ROLES in text
    return text.replace(ROLES, '["harbourmaster", "exercise-controller"]')


def ask_two(text: str) -> str:
    """Ask for two at watch level too."""
    return text.replace('levels = ["leaders"]', 'levels = ["leaders", "watch"]')


def add_offices(text: str) -> str:
    """Ask for officers where nobody was asked for."""
    whole = read_profile("harbour-aid", has_offices=True).decode()
    begin = whole.index("[offices]")
    return f"{text}\n{whole[begin : whole.index('[[indicator]]', begin)]}"


def remove_offices(text: str) -> str:
    """Ask for no officer any more."""
    return without_offices(text.encode()).decode()


def begin(*, has_offices: bool = True) -> Ports:
    """The ports under the first version."""
    ports = Ports(has_offices=has_offices)
    ports.be_born()
    return ports


def find_faults(ports: Ports) -> dict[bytes, tuple[str, str]]:
    """What every port finds, which the audit of each port's pages finds too: code and clause by entry."""
    found: dict[Party, dict[bytes, tuple[str, str]]] = {}
    for party, machine in ports.machines.items():
        found[party] = {bytes(one.stated.id): one.fault[:2] for one in machine.offices.all}
        opinion = find_second_opinion(machine, ports.stored[party], as_of=ports.now)
        assert found[party] == {bytes(one.said.id): (one.code, one.clause) for one in opinion.misacted}, party
        assert not list(find_differences(machine, ports.stored[party], as_of=ports.now)), party
    assert len({repr(sorted(one.items())) for one in found.values()}) == 1
    return found[A]


def test_each_statement_is_judged_by_the_version_of_its_cut() -> None:
    """From the first page on that knows all acceptances the new table holds, and it unsays nothing of before."""
    ports = begin()
    assert not ports.say(A, CALL, by=(DUTY,)).code
    ports.hold(ports.first.amend(ports.suite, narrow), *FOUNDERS)
    ports.settle()
    refused = ports.say(A, CALL, by=(DUTY,))
    assert (refused.code, refused.details["clause"]) == WRONG
    assert not ports.say(A, CALL, by=(MASTER,)).code
    ports.settle()
    assert find_faults(ports) == {}
    for party in FOUNDERS:
        ports.restart(party)
    assert find_faults(ports) == {}


def test_a_node_that_goes_by_the_old_table_is_found_from_the_new_ones_first_page() -> None:
    """Neither a clock nor when a reader heard of it decides: the entry under version 1 has no fault, the other one."""
    ports = begin()
    old = ports.say(A, CALL, by=(DUTY,)).ids[0]
    terms = read_offices(ports.pact)
    ports.hold(ports.first.amend(ports.suite, narrow), *FOUNDERS)
    ports.settle()
    ports.machines[A].versions.find_offices = lambda readers: terms  # type: ignore[method-assign]  # noqa: ARG005
    new = ports.say(A, CALL, by=(DUTY,)).ids[0]
    ports.settle()
    assert find_faults(ports) == {bytes(new): WRONG}
    assert old != new
    for party in (B, C, D):
        ports.restart(party)
    assert find_faults(ports) == {bytes(new): WRONG}


def test_who_has_not_heard_that_all_accepted_speaks_under_the_old_table() -> None:
    """Its page comes to the others after the version is in force for them, and has no fault."""
    ports = begin()
    two = ports.first.amend(ports.suite, narrow)
    ports.hold(two, A, B, C)
    ports.settle()
    ports.cut |= {frozenset((A, other)) for other in (B, C, D)}
    ports.hold(two, D)
    ports.settle()
    late = ports.say(A, CALL, by=(DUTY,))
    assert not late.code
    refused = ports.say(B, CALL, by=(by("b-1", "duty-officer"),))
    assert (refused.code, refused.details["clause"]) == WRONG
    ports.cut.clear()
    for party in FOUNDERS:
        ports.fetch_streams(party)
    ports.settle()
    assert ports.machines[B].record.find_statement(late.ids[0]) is not None
    assert find_faults(ports) == {}


@pytest.mark.parametrize(("edit", "code"), [(narrow, "officer.wrong-role"), (ask_two, "officer.too-few")])
def test_words_that_wait_while_a_version_comes_into_force_are_judged_again(edit: object, code: str) -> None:
    """They would go out on a page of the new version: refused with its clause, while what it permits goes out."""
    ports = begin()
    two = ports.first.amend(ports.suite, edit)  # type: ignore[arg-type]
    _catch_up(ports, two, (CALL, DUTY), (CALL, MASTER if edit is narrow else DUTY))
    assert not ports.answers[901].code
    assert (ports.answers[902].code, bool(ports.answers[902].details["clause"])) == (code, True)
    assert bool(ports.answers[903].ids) == (edit is narrow)
    ports.settle()
    assert find_faults(ports) == {}


def test_words_that_wait_while_officers_begin_to_be_asked_for_are_refused() -> None:
    """Nobody was named in them, and now somebody has to be."""
    ports = begin(has_offices=False)
    _catch_up(ports, ports.first.amend(ports.suite, add_offices), (CALL, ()))
    assert ports.answers[902].code == "officer.uncovered"
    ports.settle()
    assert find_faults(ports) == {}


def test_words_that_wait_while_officers_end_to_be_asked_for_name_nobody() -> None:
    """They go out as if they were said now."""
    ports = begin()
    two = ports.first.amend(ports.suite, remove_offices)
    _catch_up(ports, two, (CALL, DUTY))
    (id_,) = ports.answers[902].ids
    stated = ports.machines[B].record.find_statement(id_)
    assert stated is not None
    rows = ports.machines[B].statements.all
    assert not [row for row in rows if row.page_digest == stated.page_digest and isinstance(row.entry, ActedBy)]
    assert find_faults(ports) == {}


def _catch_up(ports: Ports, two: Written, *waiting: tuple[ConsultationCalled, tuple[Capacity, ...]]) -> None:
    """Have A say something, and more while that is in flight; then let it hear that the version is in force."""
    ports.hold(two, A, B, C)
    ports.settle()
    ports.cut |= {frozenset((A, other)) for other in (B, C, D)}
    ports.hold(two, D)
    ports.settle()
    for number, (entry, officer) in enumerate(((CALL, waiting[0][1]), *waiting), start=901):
        ports.give(A, Say(ports.now, ports._salt(), number, FOUNDERS, (entry,), by=(officer,) if officer else ()))
    ports.cut.clear()
    for raw in list(ports.stored[D]):
        ports.give(A, Arrived(ports.now, ports._salt(), raw))
    ports.run()
