"""Judges every procedure that the record shows, each under the version of the pact that governs it, at one instant.

The order of pages, records and statements changes nothing (P1). The instant changes no state; only what is shown of
things that have a clock. Each object is judged from its own statements, so that the whole is linear in entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from comity.audit.form import JournalId
from comity.audit.procedures.adoption import ClockDoubt, judge_text
from comity.audit.procedures.after_action import list_corrective_actions, view_after_action
from comity.audit.procedures.alarm import AlarmView, judge_alarms
from comity.audit.procedures.appointment import AppointmentState, find_meetings_held, judge_appointment
from comity.audit.procedures.bracket import judge_brackets
from comity.audit.procedures.citation import HiddenCitation, find_hidden
from comity.audit.procedures.consultation import judge_consultation
from comity.audit.procedures.copies import CopyView, Unfounded, judge_copies
from comity.audit.procedures.correction import correct
from comity.audit.procedures.duty import (
    Duty,
    list_duties_of_call,
    list_duties_of_line,
    list_duties_of_text,
)
from comity.audit.procedures.exercise import judge_exercise, view_exercise
from comity.audit.procedures.force import Force, Misjudged
from comity.audit.procedures.friction import Friction, find_frictions, list_acts
from comity.audit.procedures.indicator import list_owed_reports
from comity.audit.procedures.inquiry import (
    InquiryView,
    SpillageView,
    judge_inquiries,
    judge_spillages,
    list_duties_of_spillages,
)
from comity.audit.procedures.line import LineState, Miss, find_misses, judge_line
from comity.audit.procedures.measure import ActionState, MeasureState, judge_action, judge_measure
from comity.audit.procedures.meetings_owed import find_owed_meetings
from comity.audit.procedures.message import judge_message, judge_voice
from comity.audit.procedures.office import Misacted, list_misacted
from comity.audit.procedures.onward import OnwardView, judge_onward
from comity.audit.procedures.plan import Gap, PlanState, find_gaps, judge_plan
from comity.audit.procedures.quarantine import QuarantineView, find_groundless, judge_quarantine
from comity.audit.procedures.received import Reach, Unpermitted, find_unpermitted
from comity.audit.procedures.said import Knowing, Said
from comity.audit.procedures.scope import Scope, group
from comity.audit.procedures.terms import FindTerms, Funnels, OneVersion, Terms, UnderForce
from comity.audit.procedures.view import (
    ObjectView,
    view_action,
    view_appointment,
    view_consultation,
    view_line,
    view_measure,
    view_meeting,
    view_message,
    view_plan,
    view_report,
    view_shift,
    view_text,
    view_voice,
)
from comity.audit.procedures.watch import MeetingState, judge_meeting, judge_shift
from comity.audit.version import Version
from comity.crypto.suite import Suite
from comity.pact.duty import DutyRule, compile_duties
from comity.pact.policy import LineTest, Policy

__all__ = [
    "AgreementView",
    "Procedures",
    "judge_officers",
    "judge_release",
    "judge_statements",
    "judge_under",
    "judge_versions",
]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """In which state an agreement is at the instant, by all statements of the record (R13)."""

    agreement: str
    state: str


@dataclass(frozen=True, slots=True)
class Procedures:
    """What all statements together come to. `as_of` is the instant at which clocks were read."""

    as_of: int
    objects: tuple[ObjectView, ...]
    duties: tuple[Duty, ...]
    misses: tuple[Miss, ...]
    clock_doubts: tuple[ClockDoubt, ...]
    agreements: tuple[AgreementView, ...] = ()
    unpermitted: tuple[Unpermitted, ...] = ()
    short: tuple[Unpermitted, ...] = ()
    """What was permitted on a cut that leaves out what its author's other pages show it to have known (R57)."""
    hidden: tuple[HiddenCitation, ...] = ()
    pending_count: int = 0
    """Givings that could not be judged, since a page that their author had is not here or not opened."""
    frictions: tuple[Friction, ...] = ()
    """Where acts that stand would get into each other's way (P27), no gap between announcements being asked for."""
    owed_reports: tuple[Duty, ...] = ()
    """Who owes a report of an indicator (P57), by the version in force."""
    owed_meetings: tuple[Duty, ...] = ()
    """Who owes its word on which meeting (P85), by the version in force."""
    misjudged: tuple[Misjudged, ...] = ()
    """Pages that name another version than their cut supports, or go to one who had left (J31, J33)."""
    copies: tuple[CopyView, ...] = ()
    """Who holds which copy of an item, and how it stands (R46)."""
    unfounded: tuple[Unfounded, ...] = ()
    """What was said of recalls and counts for nothing, or for less (R47 to R49)."""
    misacted: tuple[Misacted, ...] = ()
    """Statements that their officers had no power to make (P43)."""
    onward: tuple[OnwardView, ...] = ()
    """How each request to pass an item on stands (R52)."""
    inquiries: tuple[InquiryView, ...] = ()
    """What each party that was asked for information answered (R54)."""
    spillages: tuple[SpillageView, ...] = ()
    """Which losses were reported, and what came of them (R55)."""
    quarantine: tuple[QuarantineView, ...] = ()
    """What readers reported to senders as what should not have come, or let out (R53, R60)."""
    gaps: tuple[Gap, ...] = ()
    """Lines of activated plans that no act of their consultation meets (P78)."""
    alarms: tuple[AlarmView, ...] = ()
    """Whom nodes noted to have called about which alert, and what became of it (P91, P92)."""


class _Judge:
    def __init__(self, terms: FindTerms, knowing: Knowing, suite: Suite, as_of: int) -> None:
        self._terms = terms
        self._knowing = knowing
        self._suite = suite
        self._as_of = as_of
        self.objects: list[ObjectView] = []
        self.duties: list[Duty] = []
        self.lines: list[tuple[LineState, LineTest]] = []
        self.doubts: list[ClockDoubt] = []
        self.acts: list[MeasureState | ActionState] = []
        self.plans: list[PlanState] = []
        self.meetings: list[MeetingState] = []
        self.appointments: list[AppointmentState] = []

    def judge(self, scope: Scope, statements: Sequence[Said]) -> None:
        policy, rules = self._terms.find(scope, statements)
        has_left, as_of = self._terms.has_left, self._as_of
        match scope.kind:
            case "text":
                self._judge_text(scope, statements, policy, rules)
            case "consultation":
                state = judge_consultation(scope, statements, policy=policy, knowing=self._knowing)
                self.objects.append(view_consultation(state, policy, as_of=as_of))
                self.duties += list_duties_of_call(rules, state, as_of=as_of, has_left=has_left)
            case "measure":
                measure = judge_measure(scope, statements)
                self.acts.append(measure)
                self.objects.append(view_measure(measure))
            case "national":
                action = judge_action(scope, statements)
                self.acts.append(action)
                self.objects.append(view_action(action))
            case "message":
                message = judge_message(scope, statements, policy=policy, knowing=self._knowing)
                self.objects.append(view_message(message))
            case "plan":
                plan = judge_plan(scope, statements)
                self.plans.append(plan)
                self.objects.append(view_plan(plan))
            case "meeting":
                meeting = judge_meeting(scope, statements)
                self.meetings.append(meeting)
                self.objects.append(view_meeting(meeting))
            case "appointment":
                self.appointments.append(judge_appointment(scope, statements))
            case "shift":
                self.objects.append(view_shift(judge_shift(scope, statements)))
            case "exercise":
                self.objects.append(view_exercise(judge_exercise(scope, statements, knowing=self._knowing)))
            case "after-action":
                self.objects.append(view_after_action(scope, statements))
                self.duties += list_corrective_actions(scope, statements, as_of=as_of)
            case "voice":
                self.objects.append(view_voice(judge_voice(scope, statements)))
            case "line":
                line = judge_line(scope, statements)
                self.lines.append((line, policy.line_test))
                self.objects.append(view_line(line, policy, as_of=as_of))
                self.duties += list_duties_of_line(rules, line, as_of=as_of, has_left=has_left)
            case "threat" | "indicator":
                current = correct(statements)
                self.objects.append(view_report(scope, current.statements, current.withdrawn))
            case _:
                pass  # a correction of what is not here waits for it (P5)

    def list_objects(self) -> tuple[ObjectView, ...]:
        """Return all of them by scope; a planned meeting is shown with the meetings by which it was held (P94)."""
        planned = [
            view_appointment(state, find_meetings_held(state, self.meetings), as_of=self._as_of)
            for state in self.appointments
        ]
        return tuple(sorted((*self.objects, *planned), key=lambda view: view.scope))

    def _judge_text(self, scope: Scope, statements: Sequence[Said], policy: Policy, rules: Sequence[DutyRule]) -> None:
        state = judge_text(scope, statements, policy=policy.silence, knowing=self._knowing, suite=self._suite)
        self.objects.append(view_text(state, judge_brackets(state), policy, as_of=self._as_of))
        self.duties += list_duties_of_text(
            rules, state, policy, self._knowing, as_of=self._as_of, has_left=self._terms.has_left
        )
        self.doubts += state.doubts


def judge_statements(
    statements: Iterable[Said], *, policy: Policy, rules: Sequence[DutyRule], knowing: Knowing, suite: Suite, as_of: int
) -> Procedures:
    """Judge all objects of all statements, each given once, by the policy and the duties of one version of the pact."""
    return _judge_all(list(statements), OneVersion(Terms(policy, rules)), knowing, suite, as_of)


def judge_under(force: Force, statements: Sequence[Said], *, knowing: Knowing, suite: Suite, as_of: int) -> Procedures:
    """Judge all objects of all statements, each under the version that governs it (P36)."""
    return _judge_all(statements, UnderForce(force), knowing, suite, as_of)


def _judge_all(rows: Sequence[Said], terms: FindTerms, knowing: Knowing, suite: Suite, as_of: int) -> Procedures:
    scopes = group(rows)
    judge = _Judge(terms, knowing, suite, as_of)
    for scope in sorted(scopes):
        judge.judge(scope, scopes[scope])
    copies, unfounded = judge_copies(rows, as_of=as_of)
    return Procedures(
        as_of=as_of,
        objects=judge.list_objects(),
        duties=_sort(judge.duties),
        misses=tuple(find_misses(judge.lines, as_of=as_of)),
        clock_doubts=tuple(judge.doubts),
        hidden=tuple(find_hidden(rows)),
        frictions=tuple(find_frictions(list_acts(judge.acts))),
        gaps=tuple(sorted(find_gaps(judge.plans, judge.acts))),
        copies=tuple(copies),
        unfounded=tuple(unfounded),
    )


def _sort(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    return tuple(sorted(duties, key=lambda duty: (duty.subject, duty.kind, duty.party)))


def judge_release(
    procedures: Procedures, statements: Sequence[Said], *, funnels: Funnels, current: Version, reach: Reach
) -> Procedures:
    """Add what should not have come, and of one version the states of agreements, the reports and meetings owed."""
    pending: list[Said] = []
    short: list[Unpermitted] = []
    unpermitted = tuple(find_unpermitted(statements, funnels.find, reach, pending, short))
    agreements = funnels.read_agreements(current)
    views = tuple(
        AgreementView(row.id, agreements.find_state(row.id, at=procedures.as_of, knows=lambda _: True))
        for row in current.pact.agreements
    )
    owed = tuple(list_owed_reports(current.pact, current.digest, statements, as_of=procedures.as_of))
    meetings = find_owed_meetings(funnels.force, current, statements, as_of=procedures.as_of)
    onward = judge_onward(
        statements, consents=funnels.read_consents(current), knows=reach.knows, as_of=procedures.as_of
    )
    groundless = tuple(find_groundless(statements, funnels.find, reach))
    spilled = list_duties_of_spillages(compile_duties(current.pact), statements, as_of=procedures.as_of)
    return replace(
        procedures,
        agreements=views,
        unpermitted=unpermitted,
        short=tuple(short),
        pending_count=len(pending),
        onward=tuple(onward),
        alarms=tuple(judge_alarms(statements)),
        inquiries=tuple(judge_inquiries(statements, as_of=procedures.as_of)),
        duties=_sort((*procedures.duties, *spilled)),
        owed_reports=owed,
        owed_meetings=meetings,
        unfounded=(*procedures.unfounded, *groundless),
        spillages=tuple(judge_spillages(statements)),
        quarantine=tuple(judge_quarantine(statements, {row.said.id for row in groundless})),
    )


def judge_versions(
    procedures: Procedures,
    statements: Sequence[Said],
    *,
    force: Force,
    reach: Reach,
    journals: Mapping[bytes, JournalId],
    named: Mapping[bytes, bytes],
) -> Procedures:
    """Add the pages whose version is not the one that their cut supports, where the whole cut is here and opened."""
    if force.line.is_single:
        return procedures
    whole = [said for said in statements if reach.find_latest_at(said) is not None]
    return replace(procedures, misjudged=tuple(force.list_misjudged(whole, journals, named)))


def judge_officers(procedures: Procedures, statements: Iterable[Said], *, force: Force, reach: Reach) -> Procedures:
    """Add what officers had no power to do. `statements` come page by page, each as often as it stands in one."""
    found = sorted(list_misacted(statements, force, reach), key=lambda one: (one.said.spot, one.said.place))
    return replace(procedures, misacted=tuple(found))
