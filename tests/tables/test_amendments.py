"""Plays the cases of amendments.toml on machines of all ports: a pact is amended, joined and left."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.machine.effect import Answer
from comity.pact.duty import DutyKind, compile_duties
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.consultation import ConsultationState
from comity.procedure.duty import Duty, judge_duties_of_call
from comity.procedure.fields import Level
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalReason, WithdrawalRevoked
from comity.rehearsal.checks.second_look import find_differences
from kit.amending import Edit, Ports, Written, add_notice, add_port_e, remove_port_d, set_number

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "amendments.toml").read_text(encoding="utf-8"))[
    "case"
]
EDITS: Mapping[str, Callable[[int], Edit]] = {
    "acknowledge": lambda value: set_number("policy.acknowledge.within_ms", value),
    "notice": add_notice,
}


def _port(letter: str) -> Party:
    return f"PORT-{letter}"


def _ports(letters: str) -> tuple[Party, ...]:
    return tuple(map(_port, letters))


def _edit(said: str) -> Edit:
    name, argument = said.split()
    if name in EDITS:
        return EDITS[name](int(argument))
    return {"add E": add_port_e, "remove D": remove_port_d}[said]


class Story:
    """One case as it is played."""

    def __init__(self, versions: Mapping[str, Mapping[str, Any]]) -> None:
        self.ports = Ports()
        self.ports.be_born()
        self.versions: dict[str, Written] = {"one": self.ports.first}
        for name, row in versions.items():
            self.versions[name] = self.versions[row["of"]].amend(self.ports.suite, *map(_edit, row["edit"]))
        self.calls: dict[str, bytes] = {}
        self.notice = b""

    def play(self, step: str) -> None:
        """Do one step."""
        for pattern, act in STEPS.items():
            found = re.fullmatch(pattern, step)
            if found:
                act(self, *found.groups())
                self.ports.settle()
                return
        raise AssertionError(f"no step is {step}")

    def check(self, wanted: str) -> None:
        """See that one thing holds."""
        for pattern, look in LOOKS.items():
            found = re.fullmatch(pattern, wanted)
            if found:
                assert look(self, *found.groups()), wanted
                return
        raise AssertionError(f"nothing looks for {wanted}")

    def hold(self, letters: str, name: str) -> None:
        """Some hold a version."""
        self.ports.hold(self.versions[name], *_ports(letters.replace(" ", "")))

    def forget(self, letter: str, name: str) -> None:
        """A home loses a file."""
        digest = self.versions[name].version.digest
        held = self.ports.held[_port(letter)]
        self.ports.held[_port(letter)] = tuple(version for version in held if version.digest != digest)

    def call(self, letter: str, name: str, readers: str) -> None:
        """One calls for consultation."""
        entry = ConsultationCalled("H1", Level.WATCH, ThreatKind.DISASTER, (), (_port(letter),))
        answer = self._say(letter, entry, readers)
        assert answer.code == "", answer
        self.calls[name] = answer.ids[0]

    def acknowledge(self, letter: str, name: str) -> None:
        """One acknowledges a call."""
        readers = self.find(letter, name)
        assert readers is not None
        answer = self.ports.say(
            _port(letter), Acknowledged(self.calls[name], "duty-officer", "lee"), to=readers.audience
        )
        assert answer.code == "", answer

    def _say(self, letter: str, entry: Any, readers: str) -> Answer:
        return self.ports.say(_port(letter), entry, to=_ports(readers))

    def give_notice(self, letter: str, days: str) -> None:
        """One gives notice."""
        ends_at = Instant(self.ports.now + int(days) * DAY_MS)
        entry = WithdrawalNotified(WithdrawalReason.NATIONAL_DECISION, ends_at)
        answer = self.ports.say(_port(letter), entry, to=self.ports.machines[_port(letter)].parties)
        self.notice = answer.ids[0]

    def take_back(self, letter: str) -> None:
        """It takes its notice back."""
        revoked = WithdrawalRevoked(self.notice)
        assert self.ports.say(_port(letter), revoked, to=self.ports.machines[_port(letter)].parties).ids

    def cut(self, one: str, other: str) -> None:
        """A link goes down."""
        self.ports.cut.add(frozenset(_ports(one + other)))

    def heal(self, one: str, other: str) -> None:
        """A link comes up, and each fetches what it missed."""
        self.ports.cut.discard(frozenset(_ports(one + other)))
        for letter in (one, other):
            self.ports.fetch_streams(_port(letter))

    def find(self, letter: str, name: str) -> Stated | None:
        """A call as one has it."""
        return self.ports.machines[_port(letter)].record.find_statement(self.calls[name])

    def holders(self, name: str) -> list[Party]:
        """Who has a call."""
        return [party for party in self.ports.machines if self.find(party[-1], name) is not None]

    def judge(self, party: Party, name: str) -> bytes:
        """Under which version one judges a call."""
        stated = self.find(party[-1], name)
        assert stated is not None
        return self.ports.machines[party].versions.find_version(stated).digest

    def duties(self, party: Party, name: str) -> list[Duty]:
        """Who owes an acknowledgement of a call, as one sees it."""
        machine, stated = self.ports.machines[party], self.find(party[-1], name)
        assert stated is not None
        state = machine.record.get_state(machine.record.find_scope_of(stated.id) or ("", b"", ()))  # type: ignore[arg-type]
        assert isinstance(state, ConsultationState)
        version = machine.versions.find_version(stated)
        links = machine.find_links(stated.audience)
        found = judge_duties_of_call(
            compile_duties(version.pact),
            state,
            as_of=self.ports.now,
            links=links,
            has_left=machine.versions.has_left,
        )
        return [duty for duty in found if duty.kind is DutyKind.ACKNOWLEDGEMENT]


def _owes(story: Story, letter: str, name: str, verdicts: tuple[str, ...]) -> bool:
    seen = [
        duty.verdict.value
        for party in story.holders(name)
        for duty in story.duties(party, name)
        if duty.party == _port(letter)
    ]
    return bool(seen) and set(seen) <= set(verdicts)


def _refuses(story: Story, letter: str, readers: str, code: str) -> bool:
    entry = ConsultationCalled("H1", Level.WATCH, ThreatKind.DISASTER, (), (_port(letter),))
    return story._say(letter, entry, readers).code == code


def _goes_by(story: Story, letters: str, name: str) -> bool:
    wanted = "" if name == "none" else story.versions[name].version.digest.hex()
    found = story.ports.find_digests()
    return all(found[port] == wanted for port in _ports(letters))


def _is_acknowledged_within(story: Story, name: str, within_ms: str) -> bool:
    for party in story.holders(name):
        stated = story.find(party[-1], name)
        assert stated is not None
        if {duty.due_at - stated.written_at for duty in story.duties(party, name)} != {int(within_ms)}:
            return False
    return True


def _is_acknowledged_by(story: Story, name: str, letter: str) -> bool:
    return _owes(story, letter, name, ("met",))


STEPS: Mapping[str, Callable[..., None]] = {
    r"([A-E ]+) hold (\w+)": Story.hold,
    r"([A-E]) forgets (\w+)": Story.forget,
    r"([A-E]) restarts": lambda story, letter: story.ports.restart(_port(letter)),
    r"([A-E]) calls (\w) to ([A-E]+)": Story.call,
    r"([A-E]) acknowledges (\w)": Story.acknowledge,
    r"([A-E]) gives notice of (\d+) days": Story.give_notice,
    r"([A-E]) takes back": Story.take_back,
    r"cut ([A-E]) ([A-E])": Story.cut,
    r"heal ([A-E]) ([A-E])": Story.heal,
    r"pass (\d+) days": lambda story, days: story.ports.advance(Instant(story.ports.now + int(days) * DAY_MS)),
}
LOOKS: Mapping[str, Callable[..., bool]] = {
    r"([A-E]+) go(?:es)? by (\w+)": _goes_by,
    r"([A-E]+) agree": lambda story, letters: len({story.ports.find_digests()[p] for p in _ports(letters)} - {""}) == 1,
    r"(\w) is judged under (\w+)": lambda story, name, version: (
        {story.judge(party, name) for party in story.holders(name)} == {story.versions[version].version.digest}
    ),
    r"(\w) and (\w) are judged alike": lambda story, one, other: (
        len({story.judge(party, name) for name in (one, other) for party in story.holders(name)}) == 1
    ),
    r"([A-E]) may not say to ([A-E]+): (\S+)": _refuses,
    r"([A-E]) has (\w)": lambda story, letter, name: story.find(letter, name) is not None,
    r"([A-E]) has not (\w)": lambda story, letter, name: story.find(letter, name) is None,
    r"([A-E]) cannot judge": lambda story, letter: bool(story.ports.machines[_port(letter)].statements.unjudged),
    r"(\w) is acknowledged within (\d+)": _is_acknowledged_within,
    r"(\w) is acknowledged by ([A-E])": _is_acknowledged_by,
    r"([A-E]) owes (\w)": lambda story, letter, name: _owes(story, letter, name, ("open", "overdue")),
    r"([A-E]) is excused from (\w)": lambda story, letter, name: _owes(story, letter, name, ("excused",)),
}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_amendments(case: dict[str, Any]) -> None:
    """Every port ends with the same answers, the audit of its pages gives them too, and nobody honest is found to have
    written under a wrong version.
    """
    story = Story(case.get("version", {}))
    for step in case["step"]:
        story.play(step)
    for wanted in case["expect"]:
        story.check(wanted)
    machines = story.ports.machines.values()
    assert [found for machine in machines for found in machine.versions.find_misjudged()] == []
    assert [machine.statements.faults for machine in machines if machine.statements.faults] == []
    for party in ("PORT-A", "PORT-D", "PORT-E"):
        machine = story.ports.machines.get(party)
        if machine is None:
            continue
        found = find_differences(machine, story.ports.stored[party], as_of=story.ports.now)
        assert [(one.kind, one.about.hex()) for one in found] == []
    unexpected = {alarm.code for _, alarm in story.ports.alarms} - {"alarm.pact-not-held"}
    assert unexpected == set()
