"""Meetings owed, read a second time: whose word on which meeting the signed record has, by P85 to P88 alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from comity.audit.procedures.duty import Duty, DutyVerdict
from comity.audit.procedures.force import Force, notice_ms
from comity.audit.procedures.forms_pact import PactAccepted, WithdrawalNotified, WithdrawalRevoked
from comity.audit.procedures.forms_watch import MeetingAttended, MeetingHeld
from comity.audit.procedures.said import Said, own_order
from comity.audit.procedures.scope import ObjectKind, group
from comity.audit.procedures.watch import MeetingState, judge_meeting
from comity.audit.version import Version
from comity.base.names import Party
from comity.pact.duty import DutyKind, DutyRule, compile_duties

__all__ = ["find_owed_meetings", "list_owed_meetings"]


class _Span(NamedTuple):
    """A period of a commitment, and how long after it a word may come."""

    clause: str
    first_at: int
    end_at: int
    due_at: int


def find_owed_meetings(
    force: Force, current: Version, statements: Sequence[Said], *, as_of: int
) -> tuple[Duty, ...]:  # fmt: skip
    """Return them by the version in force, with all versions at hand."""
    having = {version.digest for version in force.line.fitting if version.pact.policy.meetings is not None}
    return tuple(list_owed_meetings(current, having, statements, as_of=as_of))


def list_owed_meetings(
    current: Version, having: Collection[bytes], statements: Sequence[Said], *, as_of: int
) -> Iterator[Duty]:
    """Yield what each party owes for the last period that ended and for the one that runs.

    `having` are the versions that have the clause.
    """
    rules = [rule for rule in compile_duties(current.pact) if rule.kind is DutyKind.MEETING]
    if not rules:
        return
    since: dict[Party, int] = {}
    for said in statements:
        if isinstance(said.entry, PactAccepted) and said.is_good and said.entry.pact in having:
            since.setdefault(said.author, said.at)
            since[said.author] = min(since[said.author], said.at)
    leaving = _find_leaving(current, statements)
    meetings = list(_list_counting(current, statements))
    for rule in rules:
        for span in _list_spans(rule, as_of):
            gone = {party for party, end in leaving.items() if end <= span.end_at}
            words = _gather(span, meetings, {*current.audience} - gone)
            for party in current.audience:
                if since.get(party, span.end_at) < span.end_at:
                    yield _judge(span, party, words.get(party, []), current, is_gone=party in gone, as_of=as_of)


def _list_spans(rule: DutyRule, as_of: int) -> list[_Span]:
    """P85: walk through the periods until the one in which the instant lies."""
    spans: list[_Span] = []
    begin = rule.begins_at or 0
    for end in (rule.due_at,) if rule.due_at is not None else rule.year_ends_at:
        if begin > as_of:
            break
        spans.append(_Span(rule.clause, begin, end, end + (rule.within_ms or 0)))
        begin = end
    is_running = bool(spans) and spans[-1].end_at > as_of
    return spans[-2:] if is_running else spans[-1:]


def _find_leaving(current: Version, statements: Sequence[Said]) -> Mapping[Party, int]:
    """Return when the earliest notice of each party to leave this version ends that stands (P38)."""
    good = [said for said in statements if said.is_good and said.audience == current.audience]
    undone = {(said.author, said.entry.notice) for said in good if isinstance(said.entry, WithdrawalRevoked)}
    ends: dict[Party, int] = {}
    for said in good:
        if isinstance(said.entry, WithdrawalNotified) and (said.author, said.id) not in undone:
            end = max(said.entry.ends_at, said.at + notice_ms(current.pact))
            ends[said.author] = min(end, ends.get(said.author, end))
    return ends


def _list_counting(current: Version, statements: Sequence[Said]) -> Iterator[tuple[MeetingHeld, MeetingState]]:
    """Yield the meetings that may count for something (P86)."""
    if not any(isinstance(said.entry, MeetingHeld) for said in statements):
        return
    for scope, rows in group(statements).items():
        if scope.kind == ObjectKind.MEETING.value and scope.audience == current.audience:
            state = judge_meeting(scope, rows)
            held = state.held
            counts = held is not None and held.is_good and state.shown in ("stated", "confirmed")
            if counts and held is not None and isinstance(held.entry, MeetingHeld):
                yield held.entry, state


def _gather(
    span: _Span, meetings: Sequence[tuple[MeetingHeld, MeetingState]], needed: set[Party]
) -> Mapping[Party, list[Said]]:
    words: dict[Party, list[Said]] = {}
    for entry, state in meetings:
        if entry.commitment != span.clause or not span.first_at <= entry.began_at < span.end_at:
            continue
        if needed - {*entry.attended}:
            continue
        given = [said for said in state.words.values() if said is not None and _is_yes(said)]
        for said in (state.held, *given):
            if said is not None:
                words.setdefault(said.author, []).append(said)
    return words


def _is_yes(said: Said) -> bool:
    return isinstance(said.entry, MeetingAttended) and said.entry.attendance == "attended"


def _judge(
    span: _Span, party: Party, words: Sequence[Said], current: Version, *, is_gone: bool, as_of: int
) -> Duty:  # fmt: skip
    """P86, P87."""
    first = min(words, key=own_order, default=None)
    if first is not None:
        verdict = DutyVerdict.MET
    elif is_gone:
        verdict = DutyVerdict.EXCUSED
    else:
        verdict = DutyVerdict.OVERDUE if as_of > span.due_at else DutyVerdict.OPEN
    return Duty(
        kind=DutyKind.MEETING.value,
        party=party,
        subject=current.digest,
        due_at=span.due_at,
        verdict=verdict,
        met_by=b"" if first is None else first.id,
        clause=span.clause,
    )
