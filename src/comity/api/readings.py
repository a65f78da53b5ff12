"""The values of indicators that stand at a node, and who owes one (P56, P57)."""

from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.duty import Duty
from comity.procedure.genesis import PactAccepted
from comity.procedure.indicator import IndicatorState, Reading, judge_duties_of_indicators
from comity.procedure.indicator import list_readings as order_readings

__all__ = ["judge_reports_owed", "list_readings"]


def list_readings(machine: Machine) -> tuple[Reading, ...]:
    """Return every value that stands here, own and given, graded by the version in force."""
    record = machine.record
    states = (record.get_state(scope) for scope in record.list_scopes("indicator"))
    return order_readings((state for state in states if isinstance(state, IndicatorState)), machine.pact)


def judge_reports_owed(machine: Machine, now: Instant) -> tuple[Duty, ...]:
    """Return who owes a report of which indicator, by the version in force."""
    version, accepted = machine.versions.current, machine.statements.find(PactAccepted)
    readings = list_readings(machine)
    return judge_duties_of_indicators(version.pact, readings, accepted, version=version.digest, as_of=now)
