"""What a desk shows of the pact's life: versions, who has not accepted, rivals, notices; and duties by version."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from comity.api.readings import judge_reports_owed
from comity.api.views.standing import PactVersionShown, VersionHeld, Versions, WithdrawalShown
from comity.base.instants import DAY_MS, NEVER, Instant
from comity.base.names import Party
from comity.machine.machine import Machine
from comity.machine.meetings import judge_meetings_owed
from comity.node.versions import HeldVersion
from comity.pact.lineage import Version
from comity.procedure.adoption import TextState
from comity.procedure.after_action import AfterActionState, judge_corrective_actions
from comity.procedure.consultation import ConsultationState
from comity.procedure.duty import (
    Duty,
    DutyVerdict,
    ExcuseReason,
    judge_duties_of_call,
    judge_duties_of_line,
    judge_duties_of_text,
)
from comity.procedure.line import LineState
from comity.procedure.policy import Policy
from comity.procedure.record import State
from comity.procedure.scope import Scope
from comity.procedure.spillage import ENTRIES as SPILLAGES
from comity.procedure.spillage import fold_spillages, judge_duties_of_spillages

__all__ = [
    "RUNNING",
    "find_policy",
    "find_version_of",
    "judge_duties",
    "judge_duties_of",
    "show_versions",
    "show_waiting",
]


def find_version_of(machine: Machine, scope: Scope) -> Version:
    """Return the version that an object is judged under (P36)."""
    return machine.versions.find_version_of(scope, machine.record.get_held(scope))


def find_policy(machine: Machine, scope: Scope) -> Policy:
    """Return the policy of the version that an object is judged under."""
    return machine.versions.read_policy(find_version_of(machine, scope))


def show_versions(machine: Machine, now: Instant) -> Versions:
    """Return every version held, what others accepted that is not here, and the notices that stand."""
    versions = machine.versions
    in_force = versions.find_in_force((machine.party,))
    unheld = {*versions.force.find_claimed(), *machine.statements.unjudged}
    rows: list[PactVersionShown] = [
        {
            "number": version.number,
            "digest": version.digest.hex(),
            "parties": list(version.audience),
            "is_in_force": in_force is not None and versions.lineage.is_descended(in_force, of=version),
            "is_current": version == versions.current,
            "waits_for": _find_waiting(machine, version),
            "rivals": [rival.digest.hex() for rival in versions.lineage.find_rivals(version)],
        }
        for version in versions.lineage.placed
    ]
    return {
        "version": versions.current.number,
        "has_left": in_force is not None and machine.party not in in_force.audience,
        "versions": rows,
        "versions_not_held": sorted(digest.hex() for digest in unheld),
        "misjudged": [
            {"entry": row.entry.hex(), "author": row.author, "code": row.code} for row in versions.find_misjudged()
        ],
        "withdrawals": list(_show_withdrawals(machine, now)),
    }  # fmt: skip


def show_waiting(waiting: Iterable[HeldVersion]) -> list[VersionHeld]:
    """Return the versions that lie in the home and that the node which runs does not hold."""
    return [{"number": one.version.number, "digest": one.version.digest.hex()} for one in waiting]


def _find_waiting(machine: Machine, version: Version) -> list[Party]:
    """The parties whose acceptance is missing; of one that is left out, only while no notice of it has ended."""
    accepted = machine.versions.force.find_accepting(version)
    return sorted(set(version.audience) - accepted)


def _show_withdrawals(machine: Machine, now: Instant) -> Iterator[WithdrawalShown]:
    versions = machine.versions
    for party in versions.current.audience:
        ends_at = versions.force.find_end(party, versions.current)
        notice = versions.force.find_notice(party, versions.current)
        if ends_at is not None and notice is not None:
            yield {"party": party, "id": notice.id.hex(), "ends_at": ends_at, "has_ended": ends_at <= now}


def judge_duties(
    machine: Machine, now: Instant, *, lines_since: Instant = NEVER, is_running: bool = False
) -> Iterator[Duty]:
    """Yield every duty on the signed record, judged now, each under the version that governs what it answers.

    Those on a spillage go by the version that this party goes by now. Line tests of days before `lines_since` are left
    out, for whoever looks at what is near: they are by far the most. `is_running`: only those open or overdue.
    """
    record = machine.record
    scopes = (scope for kind in _OWING for scope in record.list_scopes(kind))
    near = (scope for scope in scopes if scope.kind != "line" or _is_since(scope, lines_since))
    judged = (_judge(machine, scope, now) for scope in near)
    found = itertools.chain(
        _judge_spillages(machine, now),
        itertools.chain.from_iterable(one.running if is_running else one.all for one in judged),
        judge_reports_owed(machine, now),
        judge_meetings_owed(machine, now),
    )
    yield from (duty for duty in found if duty.verdict in RUNNING) if is_running else found


def _judge_spillages(machine: Machine, now: Instant) -> Iterable[Duty]:
    spillages = fold_spillages(machine.statements.find(*SPILLAGES))
    rules = machine.versions.read_duties(machine.versions.current) if spillages else ()
    return judge_duties_of_spillages(rules, spillages, as_of=now) if spillages else ()


RUNNING: Final = (DutyVerdict.OPEN, DutyVerdict.OVERDUE)
"""Verdicts of which something may still come."""
_OWING: Final = ("after-action", "consultation", "text", "line")
"""Kinds of object on which parties owe statements."""


def judge_duties_of(machine: Machine, scopes: Iterable[Scope], now: Instant) -> Iterator[Duty]:
    """Yield the duties on these objects, judged now."""
    for scope in scopes:
        if scope.kind in _OWING:
            yield from _judge(machine, scope, now).all


class _Judged(NamedTuple):
    """The duties on one object: all of them, and those open or overdue; judged at an instant."""

    all: tuple[Duty, ...]
    running: tuple[Duty, ...]
    at: Instant


def _judge(machine: Machine, scope: Scope, now: Instant) -> _Judged:
    """Judge the duties on one object, or find them noted where no clock and no link can change them any more."""
    record = machine.record
    state, notes = record.get_state(scope), record.notes_of(scope)
    held: _Judged | None = notes.get(_judge)
    if held is not None and held.at <= now:
        return held
    duties = tuple(_judge_anew(machine, state, now))
    found = _Judged(duties, tuple(duty for duty in duties if duty.verdict in RUNNING), now)
    if all(_is_settled(duty, scope) for duty in duties):
        notes[_judge] = found
    return found


def _is_settled(duty: Duty, scope: Scope) -> bool:
    """Tell whether only another statement can change a verdict from here on.

    What is open waits for its hour. What is excused because nothing proves that it arrived waits for a signed head; but
    of a line test nothing else than its answer proves that (P29). Heads, once here, stay here.
    """
    if duty.verdict is DutyVerdict.EXCUSED:
        return duty.excuse is not ExcuseReason.NOT_DELIVERED or scope.kind == "line"
    return duty.verdict is not DutyVerdict.OPEN


def _judge_anew(machine: Machine, state: State, now: Instant) -> Iterable[Duty]:
    if isinstance(state, AfterActionState):
        return judge_corrective_actions(state, as_of=now)
    version, has_left = find_version_of(machine, state.scope), machine.versions.has_left
    rules = machine.versions.read_duties(version)
    if isinstance(state, LineState):
        return judge_duties_of_line(rules, state, as_of=now, has_left=has_left)
    links = machine.find_links(state.scope.audience)
    if isinstance(state, ConsultationState):
        return judge_duties_of_call(rules, state, as_of=now, links=links, has_left=has_left)
    assert isinstance(state, TextState), "nothing is owed on objects of other kinds"
    policy = machine.versions.read_policy(version)
    return judge_duties_of_text(rules, state, policy, as_of=now, links=links, has_left=has_left)


def _is_since(scope: Scope, since: Instant) -> bool:
    """Tell whether a day of a line ends after an instant; its scope is named by channel and day (P29)."""
    day = scope.ref.decode(errors="replace").rpartition("/")[2]
    return not day.isdecimal() or (int(day) + 1) * DAY_MS > since
