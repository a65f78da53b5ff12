"""What a node shows of every object, in the form in which the audit says it (`comity.audit.procedures.view`).

Nothing is judged here: what the folds of `comity.procedure` give is written down as plain values, so that it can be
held against an opinion that shares no code with them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from comity.audit.procedures.alarm import AlarmView as SecondAlarm
from comity.audit.procedures.duty import Duty as SecondDuty
from comity.audit.procedures.duty import DutyVerdict
from comity.audit.procedures.line import Miss
from comity.audit.procedures.scope import Scope as SecondScope
from comity.audit.procedures.view import ObjectView, Plain
from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.machine.machine import Machine
from comity.machine.meetings import judge_meetings_owed
from comity.pact.duty import DutyRule
from comity.procedure.adoption import Round, TextState
from comity.procedure.after_action import AfterActionState, judge_corrective_actions
from comity.procedure.agreement import agreement_states
from comity.procedure.alarm import ENTRIES as ALARMS
from comity.procedure.alarm import fold_alarm_logs
from comity.procedure.bracket import list_brackets
from comity.procedure.consultation import ConsultationState, judge_consultation
from comity.procedure.copies import OF_COPIES, fold_copies
from comity.procedure.duty import Duty, judge_duties_of_call, judge_duties_of_line, judge_duties_of_text
from comity.procedure.hotline import MessageState, is_message_delivered
from comity.procedure.indicator import IndicatorState
from comity.procedure.line import LineState, judge_line
from comity.procedure.matrix import Friction, find_acts, find_frictions
from comity.procedure.measure import MeasureState
from comity.procedure.meeting import MeetingState
from comity.procedure.national import NationalState
from comity.procedure.onward import OF_ONWARD, fold_onward
from comity.procedure.plan import PlanState
from comity.procedure.play import ExerciseState
from comity.procedure.policy import Policy
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.scope import Scope
from comity.procedure.shift import ShiftState
from comity.procedure.spillage import ENTRIES as SPILLAGES
from comity.procedure.spillage import fold_spillages, judge_duties_of_spillages
from comity.procedure.stated import Stated
from comity.procedure.text_view import judge_text
from comity.procedure.threat import ThreatState
from comity.procedure.verdict import NeedsConsent, Withheld
from comity.procedure.voice import VoiceState
from comity.rehearsal.checks.shown_appointments import show_appointments
from comity.rehearsal.checks.shown_exercises import show_after_action, show_exercise

__all__ = [
    "KINDS",
    "FindPolicy",
    "FindRules",
    "show_agreements",
    "show_alarms",
    "show_copies",
    "show_duties",
    "show_flags",
    "show_frictions",
    "show_meetings_owed",
    "show_misses",
    "show_objects",
    "show_onward",
    "show_spillage_duties",
]

KINDS = (
    *("after-action", "consultation", "exercise", "indicator", "line", "measure", "meeting", "message", "national"),
    *("plan", "shift", "text", "threat", "voice"),
)


FindLinks = Callable[[Audience], Links]
"""What a node knows of the readers of an audience beside the statements."""


FindPolicy = Policy | Callable[[Scope], Policy]
FindRules = Sequence[DutyRule] | Callable[[Scope], Sequence[DutyRule]]
"""One for all objects, or that of the version which each is under (P36)."""


def _id(stated: Stated | None) -> bytes:
    return b"" if stated is None else stated.id


def show_objects(
    record: Record, policy: FindPolicy, find_links: FindLinks, *, as_of: Instant
) -> dict[SecondScope, ObjectView]:
    """Return every object that a node's record shows."""
    views = (
        _show(record.get_state(scope), _choose_policy(policy, scope), find_links(scope.audience), as_of)
        for kind in KINDS
        for scope in record.list_scopes(kind)
    )
    return {view.scope: view for view in (*views, *show_appointments(record, as_of=as_of))}


def _choose_policy(policy: FindPolicy, scope: Scope) -> Policy:
    return policy(scope) if callable(policy) else policy


def _show(state: object, policy: Policy, links: Links, as_of: Instant) -> ObjectView:
    match state:
        case TextState():
            return _show_text(state, policy, as_of)
        case ConsultationState():
            return _show_consultation(state, policy, links, as_of)
        case MeasureState():
            cells = tuple((cell.party, _id(cell.answer)) for cell in state.cells)
            return ObjectView(SecondScope(*state.scope), state.status.value, cells, (_id(state.stated),))
        case NationalState():
            return _show_action(state)
        case MessageState():
            return _show_message(state, links)
        case ExerciseState():
            return show_exercise(state)
        case AfterActionState():
            return show_after_action(state)
        case PlanState():
            return _show_plan(state)
        case MeetingState():
            met = tuple((cell.party, _id(cell.stated)) for cell in state.cells)
            facts = tuple(sorted(bytes(row.id) for row in state.evidence))
            return ObjectView(SecondScope(*state.scope), state.status.value, met, facts)
        case ShiftState():
            return ObjectView(SecondScope(*state.scope), state.status.value, (), (_id(state.relieved),))
        case VoiceState():
            return _show_voice(state)
        case LineState():
            return _show_line(state, policy, as_of)
        case ThreatState():
            shown = "awaiting" if state.reported is None else "withdrawn" if state.reported.withdrawn_by else "reported"
            return ObjectView(SecondScope(*state.scope), shown)
        case IndicatorState():
            shown = "awaiting" if state.reported is None else "withdrawn" if state.reported.withdrawn_by else "reported"
            return ObjectView(SecondScope(*state.scope), shown)
        case _:
            raise AssertionError(f"no view of {type(state).__name__}")


def _show_text(state: TextState, policy: Policy, as_of: Instant) -> ObjectView:
    view = judge_text(state, policy, as_of=as_of)
    adopted = sorted((done.version, int(done.until_at or 0), int(done.is_contested)) for done in state.adoptions)
    holder = "" if state.pen is None else state.pen.holder or ""
    rounds = tuple(_show_round(one) for one in state.rounds)
    cells = _show_cells(state.rounds[-1]) if state.rounds else ()
    brackets = tuple(
        sorted(
            (bytes(one.stated.id), int(one.is_lifted), tuple(sorted(bytes(row.id) for row in one.wordings)))
            for one in list_brackets(state)
        )
    )
    return ObjectView(SecondScope(*state.scope), view.status.value, cells, (holder, tuple(adopted), rounds, brackets))


def _show_round(one: Round) -> tuple[Plain, ...]:
    opening = one.opening
    return opening.version, int(opening.until_at or 0), opening.proposed.id, opening.notice_ms, _show_cells(one)


def _show_cells(one: Round) -> tuple[tuple[Plain, ...], ...]:
    return tuple(
        (
            cell.party,
            "" if cell.outcome is None else cell.outcome.value,
            _id(cell.stated_by),
            int(cell.received_at or 0),
            int(cell.is_late),
        )
        for cell in one.cells
    )


def _show_consultation(state: ConsultationState, policy: Policy, links: Links, as_of: Instant) -> ObjectView:
    view = judge_consultation(state, policy, as_of=as_of, links=links)
    cells = tuple(
        (cell.party, shown.receipt.value, _id(cell.acknowledgement), _id(cell.declined), _id(cell.conclusion))
        for cell, shown in zip(state.cells, view.parties, strict=True)
    )
    positions = tuple(
        sorted((bytes(held.subject), held.party, held.position.value, bytes(held.id)) for held in state.positions)
    )
    convened = tuple(sorted(bytes(row.id) for row in state.convened))
    awaiting = tuple(sorted(bytes(row.id) for row in state.awaited))
    return ObjectView(SecondScope(*state.scope), view.phase.value, cells, (positions, convened, awaiting))


def _show_action(state: NationalState) -> ObjectView:
    shown = "awaiting" if state.stated is None else "withdrawn" if state.stated.withdrawn_by else "stated"
    return ObjectView(SecondScope(*state.scope), shown, (), (_id(state.ended),))


def _show_message(state: MessageState, links: Links) -> ObjectView:
    shown = "awaiting" if state.sent is None else "withdrawn" if state.sent.withdrawn_by else "sent"
    cells = tuple(
        (
            cell.party,
            int(is_message_delivered(state, cell.party, links)),
            _id(cell.read),
            _id(cell.acknowledged),
            "" if cell.read_back is None else cell.read_back.value,
        )
        for cell in (state.cells if state.sent is not None else ())
    )
    facts = tuple((row.party, row.language, bytes(row.stated.id)) for row in state.translations)
    return ObjectView(SecondScope(*state.scope), shown, cells, facts)


def _show_plan(state: PlanState) -> ObjectView:
    in_force = state.in_force
    cells = () if in_force is None else tuple((cell.party, _id(cell.answer)) for cell in in_force.cells)
    activations = tuple(sorted((bytes(row.stated.id), int(row.stands)) for row in state.activations))
    versions = tuple(bytes(version.stated.id) for version in state.versions)
    facts = (b"" if in_force is None else bytes(in_force.stated.id), versions, activations)
    return ObjectView(SecondScope(*state.scope), state.status.value, cells, facts)


def _show_voice(state: VoiceState) -> ObjectView:
    shown = "awaiting" if state.logged is None else "withdrawn" if state.logged.withdrawn_by else "logged"
    cells = tuple((cell.party, cell.account.value, _id(cell.stated)) for cell in state.cells)
    return ObjectView(SecondScope(*state.scope), shown, cells)


def _show_line(state: LineState, policy: Policy, as_of: Instant) -> ObjectView:
    slots: dict[int, list[tuple[Plain, ...]]] = {}
    for result in judge_line([state], policy, as_of=as_of)[0]:
        slots.setdefault(result.slot_at, []).append((result.party, result.answer.value))
    facts = tuple((slot_at, tuple(sorted(rows, key=str))) for slot_at, rows in sorted(slots.items()))
    return ObjectView(SecondScope(*state.scope), "tested" if facts else "awaiting", (), facts)


def show_misses(record: Record, policy: FindPolicy, *, as_of: Instant) -> Iterator[Miss]:
    """Yield each pattern of missed line tests, for each audience apart."""
    states = [state for scope in record.list_scopes("line") if isinstance(state := record.get_state(scope), LineState)]
    for audience in sorted({state.scope.audience for state in states}):
        own = [state for state in states if state.scope.audience == audience]
        for found in judge_line(own, policy, as_of=as_of)[1]:
            yield Miss(found.channel, audience, found.party, tuple(found.slots_at))


def show_duties(
    record: Record,
    find_rules: FindRules,
    policy: FindPolicy,
    find_links: FindLinks,
    *,
    as_of: Instant,
    has_left: Callable[[Party, Stated], bool] = lambda party, trigger: False,  # noqa: ARG005 -- nobody leaves
) -> Iterator[SecondDuty]:
    """Yield every duty that a node shows on calls, texts and lines."""
    for kind in ("after-action", "consultation", "line", "text"):
        for scope in record.list_scopes(kind):
            state, links = record.get_state(scope), find_links(scope.audience)
            rules = find_rules(scope) if callable(find_rules) else find_rules
            duties: Iterable[Duty] = ()
            if isinstance(state, ConsultationState):
                duties = judge_duties_of_call(rules, state, as_of=as_of, links=links, has_left=has_left)
            elif isinstance(state, TextState):
                own = _choose_policy(policy, scope)
                duties = judge_duties_of_text(rules, state, own, as_of=as_of, links=links, has_left=has_left)
            elif isinstance(state, LineState):
                duties = judge_duties_of_line(rules, state, as_of=as_of, has_left=has_left)
            elif isinstance(state, AfterActionState):
                duties = judge_corrective_actions(state, as_of=as_of)
            yield from map(_show_duty, duties)


def _show_duty(duty: Duty) -> SecondDuty:
    return SecondDuty(
        duty.kind.value,
        duty.party,
        duty.subject,
        duty.due_at,
        DutyVerdict(duty.verdict.value),
        duty.met_by or b"",
        duty.clause,
    )


def show_meetings_owed(machine: Machine, *, as_of: Instant) -> Iterator[SecondDuty]:
    """Yield whose word on which meeting is owed (P85), by the version that a node goes by."""
    yield from map(_show_duty, judge_meetings_owed(machine, as_of))


def show_spillage_duties(machine: Machine, *, as_of: Instant) -> Iterator[SecondDuty]:
    """Yield what holders owe on what they reported lost (R55), by the version that a node goes by."""
    rules = machine.versions.read_duties(machine.versions.current)
    spillages = fold_spillages(machine.statements.find(*SPILLAGES))
    for duty in judge_duties_of_spillages(rules, spillages, as_of=as_of):
        yield _show_duty(duty)


def show_frictions(record: Record) -> tuple[Friction, ...]:
    """Return where acts that stand would get into each other's way, no gap between announcements being asked for."""
    states = [record.get_state(scope) for kind in ("measure", "national") for scope in record.list_scopes(kind)]
    measures = [state for state in states if isinstance(state, MeasureState)]
    actions = [state for state in states if isinstance(state, NationalState)]
    return find_frictions(find_acts(measures, actions), announcement_gap_ms=0)


def show_flags(machine: Machine) -> dict[tuple[bytes, Party], str]:
    """Return what a node says should not have come: entry and recipient, and what its author had to be told."""
    answers = {NeedsConsent: "needs-consent", Withheld: "withheld"}
    return {(bytes(flag.entry), flag.party): answers[type(flag.decision)] for flag in machine.flags.all}


def show_alarms(machine: Machine) -> Iterator[SecondAlarm]:
    """Yield what a node noted about each alert: the steps that it took, and what became of its means."""
    notes = machine.statements.find(*ALARMS)
    logs = fold_alarm_logs(row for row in notes if row.author == machine.party)
    for alert, log in sorted(logs.items()):
        steps = tuple((row.step, int(row.called_at)) for row in log.steps)
        means = tuple((row.step, row.callout, row.outcome.value, int(row.ended_at)) for row in log.callouts)
        yield SecondAlarm(machine.party, bytes(alert), steps, means)


def show_copies(machine: Machine, *, as_of: Instant) -> dict[tuple[bytes, Party], tuple[str, bytes]]:
    """Return how each copy of an item stands at an instant, and on which entry that rests: by giving and holder."""
    shown = {}
    for copy in fold_copies(machine.statements.find(*OF_COPIES), as_of=as_of):
        recall = b"" if copy.recall is None else copy.recall.request.id
        by = copy.certificate if copy.certificate is not None and not copy.is_reported else recall
        shown[bytes(copy.giving), copy.holder] = (copy.state.value, bytes(by))
    return shown


def show_onward(machine: Machine, *, as_of: Instant) -> dict[tuple[bytes, Party, Party], tuple[bytes, str]]:
    """Return how each request to pass an item on stands at an instant: by item, holder and recipient."""
    terms = machine.versions.read_terms(machine.versions.current)
    rows = fold_onward(
        machine.statements.find(*OF_ONWARD),
        check=machine.funnel.check_old_consent,
        valid_ms_max=terms.pact.policy.consent.valid_ms_max,
        as_of=as_of,
    )
    return {(bytes(row.item), row.holder, row.recipient): (bytes(row.request), row.state.value) for row in rows}


def show_agreements(machine: Machine, *, as_of: Instant) -> dict[str, str]:
    """Return the state at an instant of every agreement of the version that a node goes by."""
    terms = machine.versions.read_terms(machine.versions.current)
    standings = agreement_states(terms.pact, machine.statements.all, as_of=as_of, circles=terms.circles)
    return {id_: "not-begun" if held.state is None else held.state.value for id_, held in standings.items()}
