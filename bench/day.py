"""A day of three parties on virtual time: hourly line tests, ten consultations, nothing that goes wrong.

Real machines and every checker of the rehearsal, on its stand-in for the cryptography; so this is what the core costs.
"""

import time
from collections.abc import Mapping
from typing import Final

from bench.figure import Figure, Row, profiled
from comity.base.garbage import collecting_rarely
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.procedure.call import (
    Acknowledged,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
    Medium,
    Outcome,
)
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.position import Position, PositionStated
from comity.procedure.threat import ThreatKind
from comity.rehearsal import camp_david
from comity.rehearsal.acts import report
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.cast import read_profile
from comity.rehearsal.chance import CALM
from comity.rehearsal.desk import Act, Cue, Desk, Wish
from comity.rehearsal.log import Log
from comity.rehearsal.outcome import Outcome as Result
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.play import Play
from comity.rehearsal.run import Run
from comity.rehearsal.stage import Stage

CONSULTATION_COUNT: Final = 10
OFFICER: Final = "duty-1"


def _answering(name: str, caller: Party, desks: Mapping[Party, Desk], *entries: type[Entry]) -> Act:
    """State something of the call that the cue `name` made, once it is on the own screen."""

    def act(desk: Desk) -> Wish | None:
        ids = desks[caller].said.get(name)
        if not ids or desk.machine.record.find_statement(ids[0]) is None:
            return None
        return Wish(desk.everyone, tuple(_make(type_, ids[0], desk) for type_ in entries))

    return act


def _make(type_: type[Entry], call: Digest, desk: Desk) -> Entry:
    role = desk.machine.setup.pact.policy.acknowledge.roles[0]
    if type_ is Acknowledged:
        return Acknowledged(call, role, OFFICER)
    if type_ is PositionStated:
        return PositionStated(call, call, Position.SUPPORT, 0)
    if type_ is ConsultationConvened:
        return ConsultationConvened(call, Level.ADVISERS, Medium.VOICE, Instant(desk.now + 5 * MINUTE_MS))
    return ConclusionStated(call, Outcome.VIEWS_EXCHANGED)


def _call(name: str) -> Act:
    def act(desk: Desk) -> Wish | None:
        cited = desk.said.get(name)
        if not cited:
            return None
        commitment = desk.machine.setup.pact.commitments[0].id
        call = ConsultationCalled(commitment, Level.ADVISERS, ThreatKind.OTHER, cited, desk.everyone)
        return Wish(desk.everyone, (call,))

    return act


def _prepare(stage: Stage, _seed: int, desks: Mapping[Party, Desk], _share: float) -> None:
    parties, phrases = stage.cast.parties, Phrases(stage.cast.pact)
    for number in range(CONSULTATION_COUNT):
        caller = parties[number % len(parties)]
        at = stage.now + 10 * MINUTE_MS + number * 2 * HOUR_MS

        def plan(name: str, party: Party, minutes: int, act: Act, *, at: int = at) -> None:
            desks[party].plan(Cue(name, party, at + minutes * MINUTE_MS, act))

        name = f"call-{number}"
        plan(f"report-{number}", caller, 0, report(phrases, "Seen on our screens.", to=parties))
        plan(name, caller, 1, _call(f"report-{number}"))
        plan(f"convene-{number}", caller, 4, _answering(name, caller, desks, ConsultationConvened))
        for party in parties:
            if party != caller:
                plan(f"acknowledge-{number}", party, 2, _answering(name, caller, desks, Acknowledged))
            plan(f"position-{number}", party, 6, _answering(name, caller, desks, PositionStated))
            plan(f"conclude-{number}", party, 30, _answering(name, caller, desks, ConclusionStated))


DAY: Final = Play("day", DAY_MS, _prepare, opens_at=Instant(camp_david.LAUNCHED_AT), has_faults=False)


def measure_day() -> Figure:
    """Measure figure (e)."""
    figure = Figure(
        "e",
        "A rehearsed day",
        "Three parties, hourly line tests, ten consultations from report to conclusion, every checker and the audit at "
        "the end; processor time of one core. Floor: as many events taken from an agenda, with nothing to do.",
    )
    rehearse_day()
    began = time.process_time()
    result = rehearse_day()
    took_s = time.process_time() - began
    assert result.is_clean
    assert result.counts["consultations-concluded"] == CONSULTATION_COUNT
    agenda = Agenda(Instant(0))
    for number in range(result.event_count):
        agenda.add(number, lambda: None)
    began = time.process_time()
    agenda.run(Instant(result.event_count))
    floor_s = time.process_time() - began
    figure.rows.append(Row("a day of three parties", took_s, "s", floor_s, "under 1 s", took_s < 1))
    if figure.misses:
        with profiled(lambda text: setattr(figure, "profile", text)):
            rehearse_day()
    return figure


def rehearse_day(profile: str = "camp-david") -> Result:
    """Play the day and return what came of it."""
    run = Run(DAY, read_profile(profile), 0, rates=CALM, canary=NO_CANARY, log=Log())
    with collecting_rarely():
        for _ in run.steps():
            pass
    assert run.outcome is not None
    return run.outcome
