"""The statements of one consultation in order: who said what, when; for a terminal or a page.

A row gives a code and arguments, never prose: whoever shows it translates `SAYS[code]` and the enums among the
arguments. Order is by the authors' own clocks; it proves nothing about real time, and says so nowhere by itself.
"""

import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Digest, Party, format_digest
from comity.procedure.correction import EntryCorrected, EntryWithdrawn, Settled, settle
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.officer import ActedBy, Capacity, cover
from comity.procedure.own import merge, shown_order
from comity.procedure.record import Record
from comity.procedure.scope import Scope, find_scope
from comity.procedure.stated import Standing, Stated

__all__ = ["SAYS", "Row", "find_code", "find_code_of", "read_arguments", "timeline", "timeline_of"]

Argument = str | int | MarkedText | tuple[object, ...]

SAYS: Final[Mapping[str, str]] = {
    "timeline.threat-reported": "{party} reported a threat: {kind}",
    "timeline.threat-detected": "{party} reported a threat by a rule of the pact: {kind}",
    "timeline.detected-threat-reported": "{party} reported a threat: {kind}",
    "timeline.threat-drafted": "{party} drafted a report of a threat: {kind}",
    "timeline.draft-discarded": "{party} discarded the draft of a report: {reason}",
    "timeline.public-warned": "{party} warned the people of {area}: {step}",
    "timeline.consultation-called": "{party} called for consultation under {commitment}, at the level of {level}",
    "timeline.acknowledged": "{party} acknowledged the call: {officer}, {role}",
    "timeline.acknowledgement-withdrawn": "{party} withdrew its acknowledgement",
    "timeline.call-declined": "{party} declined the call: {reason}",
    "timeline.consultation-convened": "{party} convened the parties by {medium}, at the level of {level}",
    "timeline.conclusion-stated": "{party} stated its conclusion: {outcome}",
    "timeline.position-stated": "{party} stated its position: {position}",
    "timeline.position-explained": "{party} explained its position",
    "timeline.instructions-awaited": "{party} awaits instructions from its capital, expected by {expected_at}",
    "timeline.text-opened": "{party} opened a text: {kind}",
    "timeline.text-version-proposed": "{party} proposed a version of the text",
    "timeline.text-amendment-proposed": "{party} proposed an amendment",
    "timeline.text-withdrawn": "{party} withdrew the text",
    "timeline.pen-handed-over": "{party} handed the pen to {to}",
    "timeline.pen-taken-over": "{party} took the pen",
    "timeline.silence-proposed": "{party} asked for silence until {until_at}",
    "timeline.silence-extended": "{party} moved the silence deadline to {until_at}",
    "timeline.text-received": "{party}'s node has the text",
    "timeline.silence-held": "{party} holds: {officer}, {role}, needs time",
    "timeline.hold-lifted": "{party} lifted its hold",
    "timeline.silence-broken": "{party} broke silence: {reason}",
    "timeline.silence-kept": "{party} kept silence until {until_at}",
    "timeline.text-agreed": "{party} agreed to the text: {officer}, {role}",
    "timeline.text-adoption-seen": "{party} saw every party's consent",
    "timeline.passage-bracketed": "{party} bracketed a passage of the text",
    "timeline.passage-worded": "{party} proposed words for a bracketed passage",
    "timeline.bracket-lifted": "{party} lifted a bracket",
    "timeline.plan-opened": "{party} opened the plan {name}: {kind}",
    "timeline.plan-version-proposed": "{party} proposed a version of the plan",
    "timeline.plan-accepted": "{party} accepted a version of the plan",
    "timeline.plan-declined": "{party} declined a version of the plan: {reason}",
    "timeline.plan-activated": "{party} activated the plan from {begins_at} on",
    "timeline.plan-stood-down": "{party} ended an activation of the plan",
    "timeline.plan-retired": "{party} retired the plan",
    "timeline.measure-offered": "{party} offered a measure: {instrument} by {actor}",
    "timeline.measure-amended": "{party} amended its measure: {instrument} by {actor}",
    "timeline.measure-accepted": "{party} accepted the measure",
    "timeline.measure-declined": "{party} declined the measure: {reason}",
    "timeline.measure-started": "{party}'s measure is under way",
    "timeline.measure-delivered": "{party} delivered its measure",
    "timeline.measure-withdrawn": "{party} withdrew its measure: {reason}",
    "timeline.national-action-stated": "{party} told the others of its own action: {instrument} by {actor}, {stage}",
    "timeline.national-action-ended": "{party}'s own action has ended",
    "timeline.message-sent": "{party} sent a message on {channel}: {precedence}",
    "timeline.message-read": "{party} read the message: {officer}",
    "timeline.message-acknowledged": "{party} acknowledged the message: {officer}, {role}",
    "timeline.message-read-back": "{party} read the message back",
    "timeline.phrase-sent": "{party} sent a standard phrase on {channel}: {precedence}, {phrase}",
    "timeline.phrase-read-back": "{party} read a standard phrase back: {phrase}",
    "timeline.message-translated": "{party} attached a translation to the message: {officer}, {role}",
    "timeline.voice-call-logged": "{party} logged a voice call on {channel}: {check}",
    "timeline.voice-call-confirmed": "{party} gave its own account of the voice call: {check}",
    "timeline.meeting-held": "{party} stated that {attended} met under {commitment}, at the level of {level}",
    "timeline.meeting-attended": "{party} said of a meeting: {attendance}",
    "timeline.meeting-evidence-given": "{party} named a document that shows a meeting: {form}",
    "timeline.meeting-planned": "{party} planned a meeting of {invited} under {commitment}, {starts_at}",
    "timeline.meeting-moved": "{party} moved the planned meeting: {starts_at}",
    "timeline.meeting-called-off": "{party} called the planned meeting off: {reason}",
    "timeline.invitation-answered": "{party} answered the invitation: {answer}, {officer}, {role}",
    "timeline.planned-meeting-held": "{party} stated that {attended} met as planned, under {commitment}",
    "timeline.shift-handed-over": "{party}'s watch is handed over: {officer}, {role}",
    "timeline.shift-relieved": "{party}'s watch is taken: {officer}, {role}",
    "timeline.exercise-proposed": "{party} proposed the exercise {name}, controlled by {controllers}",
    "timeline.exercise-joined": "{party} takes part in the exercise",
    "timeline.exercise-left": "{party} does not take part in the exercise: {reason}",
    "timeline.exercise-started": "STARTEX: {party} started the exercise: {officer}, {role}",
    "timeline.exercise-paused": "{party} paused the exercise: {officer}, {role}",
    "timeline.exercise-resumed": "{party} let the exercise go on: {officer}, {role}",
    "timeline.exercise-jumped": "{party} set the play clock ahead: {officer}, {role}",
    "timeline.injects-shifted": "{party} shifted injects {numbers}: {direction}",
    "timeline.inject-fired": "{party} gave inject {number}",
    "timeline.inject-skipped": "{party} will not give inject {number}",
    "timeline.exercise-ended": "ENDEX: {party} ended the exercise: {officer}, {role}",
    "timeline.report-adopted": "{party} adopted the after-action report of {exercise}",
    "timeline.report-adoption-joined": "{party} adopted the after-action report too",
    "timeline.action-completed": "{party} has done corrective action {number}",
    "timeline.observation-noted": "{party} noted of {of}: {rating}",
    "timeline.hot-wash-noted": "{party} noted in the hot wash: {sort}",
    "timeline.improvement-proposed": "{party} proposed an improvement for {owner} to make",
    "timeline.seat-given": "{party} gave the role-player's seat {seat}: {colour}, {officer}, {role}",
    "timeline.seat-withdrawn": "{party} withdrew the role-player's seat {seat}: {officer}, {role}",
    "timeline.seat-spoke": "ROLE-PLAY by the seat {seat}, carried by {party}",
    "timeline.inject-told": "ROLE-PLAY: {party} gave the text of inject {number}, from {seat}",
    "timeline.breakout-declared": "NO DUFF: {party} stopped the play clock",
    "timeline.line-test-sent": "{party} tested the line {channel}",
    "timeline.line-test-answered-by-machine": "{party}'s machine answered the test of {channel}",
    "timeline.line-test-answered-by-person": "{party} answered the test of {channel}: {officer}, {role}",
    "timeline.item-shared": "{party} shared an item",
    "timeline.passed-on": "{party} passed an item on",
    "timeline.item-given": "{party} gave an item",
    "timeline.item-passed-on": "{party} passed on an item of another party",
    "timeline.items-linked": "{party} noted that items are of one draft",
    "timeline.pass-on-requested": "{party} asked to pass an item on to {recipient}",
    "timeline.consent-given": "{party} consented to pass an item on",
    "timeline.consent-refused": "{party} refused to let an item pass to {recipient}: {reason}",
    "timeline.consent-withdrawn": "{party} withdrew its consent to pass an item on to {recipient}",
    "timeline.pass-on-reported": "{party} reported that it passed an item on to {recipient}",
    "timeline.recall-requested": "{party} asked for an item back: {reason}",
    "timeline.recall-answered": "{party} answered a recall: {outcome}",
    "timeline.item-destroyed": "{party} destroyed its copy of an item: {role}",
    "timeline.recall-passed-on": "{party} passed a recall on: {reason}",
    "timeline.recall-replied": "{party} answered a recall: {fate}; copies elsewhere: {copies}; {onward}",
    "timeline.recall-reported": "{party} reported what came of a recall that it passed on",
    "timeline.indicator-reported": "{party} reported {indicator}: {value}",
    "timeline.refusal-ground-stated": "{party} refused under {clause} to let an item pass to {recipient}: {reason}",
    "timeline.pass-on-granted": "{party} granted that an item passes to {recipient}: {role}",
    "timeline.pass-on-declined": "{party} declined under {clause} to pass an item on to {recipient}: {reason}",
    "timeline.finding-reported": "{party} reported to its sender what should not have come: {clause}, {reason}",
    "timeline.quarantine-released": "{party} let an item out of quarantine under {clause}: {role}",
    "timeline.information-requested": "{party} asked for information on {topic}, until {answer_by_at}",
    "timeline.information-answered": "{party} answered a request for information: {answer}",
    "timeline.information-request-closed": "{party} closed its request for information",
    "timeline.given-in-answer": "{party} gave an item in answer to a request for information",
    "timeline.spillage-reported": "{party} reported the spillage of an item: {kind}",
    "timeline.spillage-concluded": "{party} reported what came of a spillage: {result}",
    "timeline.agreement-state-stated": "{party} stated of the agreement {agreement}: {state}",
    "timeline.withdrawal-notified": "{party} gave notice that it leaves the pact: {reason}, at {ends_at}",
    "timeline.withdrawal-revoked": "{party} took back its notice to leave the pact",
    "timeline.pact-accepted": "{party} accepted the pact {pact}",
    "timeline.root-statement-published": "{party} published a statement of its root",
    "timeline.audience-opened": "{party} opened a journal for {readers}",
    "timeline.warning-anchored": "{party} anchored its warning journal at page {number}",
    "timeline.keys-requested": "{party} asked for keys again",
    "timeline.entry-corrected": "{party} corrected an entry: {reason}",
    "timeline.entry-withdrawn": "{party} withdrew an entry: {reason}",
    "timeline.acted-by": "{party} named the officers of what follows",
    "timeline.item-read": "{reader} read an item",
    "timeline.alarm-escalated": "{party} called about an alert that nobody had answered: {roles}",
    "timeline.called-out": "{party} called out by {callout}: {outcome}",
    "timeline.entry-disclosed": "{party} disclosed an earlier statement",
}
"""English message ids; fields in braces are arguments of the row, `party` among them."""

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Row:
    """One statement as it stands now. `code` is there for types that `SAYS` does not know, too."""

    at: Instant
    party: Party
    code: str
    arguments: Mapping[str, Argument]
    id: Digest
    scope: Scope
    standing: Standing
    corrected_by: Digest | None
    withdrawn_by: Digest | None
    first: Mapping[str, Argument] = field(default_factory=dict)
    """Of what was corrected: how the fields that read otherwise now were stated at first."""
    acted_by: tuple[Capacity, ...] = ()
    """The officers who made it, where what says so is among the statements given."""


def timeline(record: Record, consultation: bytes) -> tuple[Row, ...]:
    """Return everything stated about one consultation and what was opened under it, in order."""
    return timeline_of(row for scope in record.list_related(consultation) for row in record.list_statements(scope))


def timeline_of(statements: Iterable[Stated]) -> tuple[Row, ...]:
    """Return a row for each statement, corrections and withdrawals included: nothing is erased."""
    held = merge(statements)
    settled = list(settle(held.values()))
    settled += [
        Settled(row, row.entry) for row in held.values() if isinstance(row.entry, EntryCorrected | EntryWithdrawn)
    ]
    acted = _find_acted(held.values())
    return tuple(_make_row(row, acted) for row in sorted(settled, key=lambda row: shown_order(row.stated)))


def _find_acted(statements: Iterable[Stated]) -> Mapping[tuple[Digest, int], ActedBy]:
    """Return who acted in each statement, by its place in its page."""
    pages: dict[Digest, list[Stated]] = {}
    acting = {row.page_digest for row in statements if isinstance(row.entry, ActedBy)}
    for row in statements:
        if row.page_digest in acting:
            pages.setdefault(row.page_digest, []).append(row)
    return {(digest, index): by for digest, page in pages.items() for index, by in cover(page).items()}


def _make_row(settled: Settled, acted: Mapping[tuple[Digest, int], ActedBy]) -> Row:
    stated = settled.stated
    by = acted.get((stated.page_digest, stated.index))
    return Row(
        at=stated.written_at,
        party=stated.author,
        code=find_code(stated.entry),
        arguments={"party": stated.author, **read_arguments(stated.entry)},
        id=stated.id,
        scope=find_scope(stated),
        standing=stated.standing,
        corrected_by=settled.corrected_by,
        withdrawn_by=settled.withdrawn_by,
        first=_read_first(settled),
        acted_by=by.officers if by is not None else (),
    )


def _read_first(settled: Settled) -> dict[str, Argument]:
    if settled.corrected_by is None:
        return {}
    now = read_arguments(settled.stated.entry)
    return {name: value for name, value in read_arguments(settled.first).items() if value != now[name]}


def find_code(entry: Entry) -> str:
    """Return the code under which `SAYS` says what an entry states."""
    return find_code_of(type(entry))


@functools.cache
def find_code_of(type_: type[Entry]) -> str:
    """Return the code of what entries of a type state."""
    return "timeline." + _CAPITAL.sub("-", type_.__name__).lower()


def read_arguments(entry: Entry) -> dict[str, Argument]:
    """Return the entry's fields, and those of a struct in it (a measure's terms), under their own names."""
    arguments: dict[str, Argument] = {}
    for name in entry.__struct_fields__:
        value = getattr(entry, name)
        if isinstance(value, msgspec.Struct) and not isinstance(value, MarkedText):
            arguments |= {inner: _read_value(getattr(value, inner)) for inner in value.__struct_fields__}
        else:
            arguments[name] = _read_value(value)
    return arguments


def _read_value(value: object) -> Argument:
    if isinstance(value, bytes):
        return format_digest(value)
    if isinstance(value, tuple):
        return tuple(_read_value(element) for element in value)
    assert isinstance(value, str | int | enum.Enum | MarkedText | msgspec.Struct)
    return value  # type: ignore[return-value]
