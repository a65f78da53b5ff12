"""From the bytes of a scenario's file to the scenario, and whether it fits the pacts that it is laid before (R61, R62).

Every fault is named with its line; nothing is repaired.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from comity.base.instants import DAY_MS, MINUTE_MS
from comity.pact.document import read_document
from comity.pact.findings import FileRefused, Finding, Findings, note_twice
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.rehearsal.scenario.model import Act, Adversary, FailureOf, Happening, Scenario

__all__ = ["ScenarioRefused", "check_scenario", "parse_scenario"]

_CODE: Final = "scenario.row"


class ScenarioRefused(FileRefused):
    """The file can't be taken as a scenario."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("scenario.refused", findings)


def parse_scenario(raw: bytes, pacts: Sequence[Pact] = ()) -> Scenario:
    """Read a scenario to be laid before these pacts together; without any, what it names is not looked up.

    Raises:
        ScenarioRefused: with every finding, each with line, row and code.
    """
    scenario, found = _read(raw, pacts)
    if scenario is None or found:
        raise ScenarioRefused(found)
    return scenario


def check_scenario(raw: bytes, pacts: Sequence[Pact] = ()) -> tuple[Finding, ...]:
    """Return every finding in the order of the file."""
    return _read(raw, pacts)[1]


def _read(raw: bytes, pacts: Sequence[Pact]) -> tuple[Scenario | None, tuple[Finding, ...]]:
    scenario, findings = read_document(raw, Scenario)
    if scenario is None:
        return None, findings.list()
    note_twice(findings, ("event",), (row.id for row in scenario.events), _CODE)
    note_twice(findings, ("information",), (row.id for row in scenario.information), _CODE)
    _check_rows(scenario, findings)
    if scenario.adversary is not None:
        _check_adversary(scenario.adversary, findings)
    if not scenario.events and not scenario.tables:
        findings.add(("scenario",), _CODE, why="nothing happens: no event and no catalogue")
    if pacts:
        _check_names(scenario, pacts, findings)
    return scenario, findings.list()


def _check_rows(scenario: Scenario, findings: Findings) -> None:
    """Whoever looks for a row must find one, and each row must be able to be found."""
    fallback = {row.act for row in scenario.paces if row.party is None and (row.from_hour, row.until_hour) == (0, 24)}
    for act in Act:
        if act not in fallback:
            findings.add(("pace", 0), "scenario.pace", act=act.value)
    for index, row in enumerate(scenario.paces):
        if row.from_hour % 24 == row.until_hour % 24 and (row.from_hour, row.until_hour) != (0, 24):
            findings.add(("pace", index, "until_hour"), _CODE, why="no hour lies between these two")
    if scenario.habits[-1].party is not None:
        findings.add(("habit", len(scenario.habits) - 1), _CODE, why="the last row is for every party")
    ends_ms = scenario.identity.days * DAY_MS
    for index, event in enumerate(scenario.events):
        if event.after_ms >= ends_ms:
            findings.add(("event", index, "after_ms"), _CODE, why="this comes after the scenario's last day")
        if 0 < event.every_ms < MINUTE_MS:
            findings.add(("event", index, "every_ms"), _CODE, why="what comes again does so once a minute at most")
    for index, failure in enumerate(scenario.failures):
        wanted = 2 if failure.of is FailureOf.LINK else 1
        if failure.parties and len(failure.parties) != wanted:
            findings.add(("failure", index, "parties"), _CODE, why="a link has two ends, and a machine has one party")


def _check_adversary(adversary: Adversary, findings: Findings) -> None:
    note_twice(findings, ("adversary", "state"), (state.id for state in adversary.states), _CODE)
    known = {state.id for state in adversary.states}
    if adversary.initial not in known:
        findings.add(("adversary", "initial"), _CODE, why="the adversary has no state of this name")
    for index, state in enumerate(adversary.states):
        for place, change in enumerate(state.changes):
            if change.to not in known:
                at: KeyPath = ("adversary", "state", index, "change", place, "to")
                findings.add(at, _CODE, why="the adversary has no state of this name")


def _check_names(scenario: Scenario, pacts: Sequence[Pact], findings: Findings) -> None:
    """Hold what is named against all these pacts together."""
    parties = {party for pact in pacts for party in pact.audience}
    topics = {topic.id for pact in pacts for topic in pact.topics}
    roles = {role for pact in pacts for role in pact.policy.acknowledge.roles}
    levels = {(scheme.party, level.id) for pact in pacts for scheme in pact.schemes for level in scheme.levels}
    for at, happening in _walk_happenings(scenario):
        if happening.topic not in topics:
            findings.add((*at, "topic"), _CODE, why="there is no topic of this name in the pact")
        if not set(happening.threatened) <= parties:
            findings.add((*at, "threatened"), _CODE, why="this is no party of the pact")
    for index, pace in enumerate(scenario.paces):
        if pace.act is Act.ACKNOWLEDGE and pace.role is not None and pace.role not in roles:
            findings.add(("pace", index, "role"), _CODE, why="the pact lets nobody acknowledge in this role")
        if pace.party is not None and pace.party not in parties:
            findings.add(("pace", index, "party"), _CODE, why="this is no party of the pact")
    for index, habit in enumerate(scenario.habits):
        if habit.party is not None and habit.party not in parties:
            findings.add(("habit", index, "party"), _CODE, why="this is no party of the pact")
    for index, item in enumerate(scenario.information):
        if (item.giver, item.level) not in levels:
            findings.add(("information", index, "level"), _CODE, why="the giver's scheme has no level of this name")
    for index, failure in enumerate(scenario.failures):
        if not set(failure.parties) <= parties:
            findings.add(("failure", index, "parties"), _CODE, why="this is no party of the pact")


def _walk_happenings(scenario: Scenario) -> Iterator[tuple[KeyPath, Happening]]:
    yield from ((("event", index), row) for index, row in enumerate(scenario.events))
    yield from ((("catalogue", index), row) for index, row in enumerate(scenario.tables))
    for index, state in enumerate(() if scenario.adversary is None else scenario.adversary.states):
        for place, change in enumerate(state.changes):
            yield ("adversary", "state", index, "change", place), change
