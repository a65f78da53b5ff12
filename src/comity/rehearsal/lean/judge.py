"""Judges a run when all of it is over, by the folds and duties of `procedure` (R66, R69)."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from comity.base.instants import DAY_MS, Instant
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState, judge_consultation
from comity.procedure.duty import (
    Duty,
    DutyVerdict,
    judge_duties_of_call,
    judge_duties_of_line,
    judge_duties_of_text,
)
from comity.procedure.line import LineState
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.lean.outcome import Answer, CourseOutcome
from comity.rehearsal.lean.sitting import Sitting
from comity.rehearsal.scenario.history import Occurrence

if TYPE_CHECKING:
    from comity.rehearsal.lean.course import Course

__all__ = ["judge_course"]

LATE: Final = "late"
"""Met, and after its time."""


def judge_course(course: "Course", run: int) -> CourseOutcome:
    """Return what a run came to, once its queue is empty."""
    duties: Counter[str] = Counter()
    answers = []
    for occurrence, held in course.sittings:
        answers.append(_judge_occurrence(occurrence, held, course.ends_at, duties))
    for forum in course.forums:
        _judge_lines(forum, course.ends_at, duties)
    releasing = course.releasing
    return CourseOutcome(
        run=run,
        answers=tuple(answers),
        uncalled_count=course.uncalled_count,
        duties=dict(sorted(duties.items())),
        asked_count=releasing.asked_count,
        withheld=dict(sorted(releasing.withheld.items())),
        texts_withheld=dict(sorted(releasing.texts_withheld.items())),
        statement_count=sum(forum.statement_count for forum in course.forums),
        page_count=sum(forum.page_count for forum in course.forums),
        size_bytes=sum(forum.size_bytes for forum in course.forums),
        delay_ms=sum(forum.delay_ms for forum in course.forums),
        act_count=course.act_count,
        party_hours=course.party_hours,
    )


def _judge_occurrence(occurrence: Occurrence, held: list[Sitting], ends_at: Instant, duties: Counter[str]) -> Answer:
    """Judge each consultation on it; what all of them reached is reached when the last did."""
    reached: dict[str, list[Instant | None]] = {}
    phases = []
    for sitting in held:
        if sitting.called is None:
            continue
        state = sitting.forum.record.get_state(sitting.scope)
        assert isinstance(state, ConsultationState), "a call's scope folds to a consultation"
        as_of = Instant(max(ends_at, state.spoken_at) + sitting.forum.policy.lapse_after_ms + DAY_MS)
        phases.append(judge_consultation(state, sitting.forum.policy, as_of=as_of).phase.value)
        for stage, at in _find_stages(sitting, state).items():
            reached.setdefault(stage, []).append(at)
        _count(_judge_duties(sitting, state, as_of), duties)
    whole = {stage: [at for at in ats if at is not None] for stage, ats in reached.items()}
    return Answer(
        name=occurrence.name,
        kind=occurrence.kind.value,
        topic=occurrence.topic,
        at=occurrence.at,
        reached_ms={
            stage: max(ats) - occurrence.at for stage, ats in whole.items() if ats and len(ats) == len(reached[stage])
        },
        phases=tuple(phases),
    )


def _find_stages(sitting: Sitting, state: ConsultationState) -> dict[str, Instant | None]:
    assert sitting.called is not None, "it was called"
    others = [cell for cell in state.cells if cell.party != sitting.caller]
    acknowledged = [cell.acknowledgement.written_at for cell in others if cell.acknowledgement is not None]
    is_whole = len(acknowledged) == sum(1 for cell in others if cell.declined is None)
    text = sitting.drafting.find_state()
    return {
        "called": sitting.called.written_at,
        "acknowledged": max(acknowledged) if acknowledged and is_whole else None,
        "convened": min((row.written_at for row in state.convened), default=None),
        "agreed": None if text is None else _find_adoption(text),
        "matched": sitting.offers.find_matched_at(),
    }


def _find_adoption(text: TextState) -> Instant | None:
    """Return when the last consent was stated to the first version that all consented to."""
    for held in text.rounds:
        if all(cell.has_consented for cell in held.cells):
            return max(cell.stated_by.written_at for cell in held.cells if cell.stated_by is not None)
    return None


def _judge_duties(sitting: Sitting, state: ConsultationState, as_of: Instant) -> list[Duty]:
    forum = sitting.forum
    links = forum.find_links()
    found = [*judge_duties_of_call(forum.rules, state, as_of=as_of, links=links)]
    text = sitting.drafting.find_state()
    if text is not None:
        found += judge_duties_of_text(forum.rules, text, forum.policy, as_of=as_of, links=links)
    return found


def _judge_lines(forum: Forum, ends_at: Instant, duties: Counter[str]) -> None:
    for scope in forum.record.list_scopes("line"):
        state = forum.record.get_state(scope)
        assert isinstance(state, LineState), "a line's scope folds to a line"
        _count(judge_duties_of_line(forum.rules, state, as_of=Instant(ends_at + DAY_MS)), duties)


def _count(found: Iterable[Duty], duties: Counter[str]) -> None:
    for duty in found:
        verdict = LATE if duty.is_late and duty.verdict is DutyVerdict.MET else duty.verdict.value
        duties[f"{duty.kind.value}/{verdict}"] += 1
