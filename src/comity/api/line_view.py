"""Lines as they stand now: each day judged once, and again only where something of it may be otherwise."""

from collections.abc import Iterable

from comity.api.pact_view import find_policy
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.line import LineAnswer, LinePattern, LineResult, LineState, judge_line, judge_line_day
from comity.procedure.policy import Policy

__all__ = ["judge_lines", "list_days"]


def list_days(machine: Machine) -> list[LineState]:
    """Return every day of every line of which anything is here."""
    states = (machine.record.get_state(scope) for scope in machine.record.list_scopes("line"))
    return [state for state in states if isinstance(state, LineState)]


def judge_lines(
    machine: Machine, days: Iterable[LineState], now: Instant
) -> tuple[tuple[LineResult, ...], tuple[LinePattern, ...]]:
    """Return what is known of each slot of these days, and the patterns of misses."""

    def judge_day(state: LineState, policy: Policy, as_of: Instant) -> tuple[LineResult, ...]:
        notes = machine.record.notes_of(state.scope)
        held: tuple[Instant, tuple[LineResult, ...]] | None = notes.get(judge_lines)
        if held is not None and held[0] <= as_of:
            return held[1]
        found = tuple(judge_line_day(state, policy, as_of))
        if all(result.answer is not LineAnswer.PENDING for result in found):
            notes[judge_lines] = (as_of, found)
        return found

    return judge_line(days, lambda day: find_policy(machine, day), as_of=now, judge_day=judge_day)
