"""Whose word on which meeting is owed, as one party's machine holds the record (P85 to P88)."""

from collections.abc import Iterator

from comity.base.instants import Instant
from comity.base.names import Party
from comity.machine.machine import Machine
from comity.procedure.duty import Duty
from comity.procedure.genesis import PactAccepted
from comity.procedure.meeting import MeetingState
from comity.procedure.meeting_duty import MeetingTerms, judge_duties_of_meetings

__all__ = ["judge_meetings_owed", "list_meetings"]


def judge_meetings_owed(machine: Machine, as_of: Instant) -> tuple[Duty, ...]:
    """Return who owes its word on which meeting at an instant, by the version in force."""
    if machine.versions.current.pact.policy.meetings is None:
        return ()
    accepted = machine.statements.find(PactAccepted)
    return judge_duties_of_meetings(_find_terms(machine), list_meetings(machine), accepted, as_of=as_of)


def _find_terms(machine: Machine) -> MeetingTerms:
    """Return by what they are judged here."""
    versions = machine.versions
    current = versions.current
    having = {one.digest for one in versions.lineage.placed if one.pact.policy.meetings is not None}
    return MeetingTerms(
        version=current.digest,
        parties=current.audience,
        rules=versions.read_duties(current),
        versions=having,
        ends_at=dict(_list_ends(machine)),
    )


def _list_ends(machine: Machine) -> Iterator[tuple[Party, Instant]]:
    current = machine.versions.current
    for party in current.audience:
        ends_at = machine.versions.force.find_end(party, current)
        if ends_at is not None:
            yield party, ends_at


def list_meetings(machine: Machine) -> Iterator[MeetingState]:
    """Yield every meeting that is here, as it stands."""
    for scope in machine.record.list_scopes("meeting"):
        state = machine.record.get_state(scope)
        assert isinstance(state, MeetingState), "a meeting folds to its state"
        yield state
