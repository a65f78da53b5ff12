"""Lines as they stand now: each day judged once, and again only where something of it may be otherwise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from comity.api.form import format_statement, simplify
from comity.api.hotline import SentRow, list_receipts, list_sent
from comity.api.pact_view import find_policy
from comity.api.views.floor import Lines, MessageShown
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.line import LineAnswer, LinePattern, LineResult, LineState, judge_line, judge_line_day
from comity.procedure.policy import Policy
from comity.procedure.stated import Stated

__all__ = ["judge_lines", "list_days", "show_lines"]

_Lists = Mapping[str, Sequence[Any]]


class TestRow(NamedTuple):
    """What identifies a line test in its list, and the test."""

    id: str
    stated: Stated


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


def show_lines(machine: Machine, now: Instant, *, cut: Callable[[_Lists], _Lists] = lambda lists: lists) -> Lines:
    """Return messages with their receipts, and what is known of each line; of each list the rows that `cut` says."""
    days = list_days(machine)
    results, patterns = judge_lines(machine, days, now)
    tests = [TestRow(test.id.hex(), test) for day in days for test in day.tests]
    chosen = cut({"messages": list_sent(machine), "tests": tests, "results": results, "patterns": patterns})
    return {
        "messages": [_show_message(machine, row) for row in chosen["messages"]],
        "tests": [format_statement(row.stated) for row in chosen["tests"]],
        "results": [simplify(result) for result in chosen["results"]],
        "patterns": [simplify(pattern) for pattern in chosen["patterns"]],
    }


def _show_message(machine: Machine, row: SentRow) -> MessageShown:
    state = row.state
    return {
        "id": row.id,
        "sent": None if row.sent is None else format_statement(row.sent),
        "cells": list(list_receipts(machine, state)),
        "acknowledge_roles": sorted(find_policy(machine, state.scope).acknowledge_roles),
    }
