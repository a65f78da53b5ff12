"""Whom nodes called while nobody answered, and what became of their call-outs, read a second time (P91, P92).

What stands in a journal that others read is no note: it counts for nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.audit.procedures.forms_officer import AlarmEscalated, CalledOut
from comity.audit.procedures.said import Said
from comity.base.names import Party

__all__ = ["AlarmView", "judge_alarms"]

Steps = tuple[tuple[int, int], ...]
Means = tuple[tuple[int, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class AlarmView:
    """What one party's node noted about one alert: steps with when they were taken, means with what came of each."""

    party: Party
    alert: bytes
    steps: Steps
    means: Means


def judge_alarms(statements: Iterable[Said]) -> Iterator[AlarmView]:
    """Yield what each party's notes to itself come to, by party and alert."""
    taken: dict[tuple[Party, bytes], dict[int, int]] = {}
    ended: dict[tuple[Party, bytes], dict[tuple[int, str], tuple[bool, int]]] = {}
    for said in statements:
        if said.audience != (said.author,):
            continue
        match said.entry:
            case AlarmEscalated(alert=alert, step=step, called_at=at):
                steps = taken.setdefault((said.author, alert), {})
                steps[step] = min(at, steps.get(step, at))
            case CalledOut(alert=alert, step=step, callout=means, outcome=outcome, ended_at=at):
                held = ended.setdefault((said.author, alert), {})
                word = (outcome != "sent", at)  # one that was sent counts, else the earliest
                held[step, means] = min(word, held.get((step, means), word))
            case _:
                pass
    for party, alert in sorted({*taken, *ended}):
        rows = sorted(ended.get((party, alert), {}).items())
        yield AlarmView(
            party,
            alert,
            tuple(sorted(taken.get((party, alert), {}).items())),
            tuple((step, means, "failed" if is_failed else "sent", at) for (step, means), (is_failed, at) in rows),
        )
