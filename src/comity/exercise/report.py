"""The after-action report as a document: what the journal says of an exercise, and what people said of it.

Rules (docs/spec/exercise.md, E46 and E47)
- Nothing in it is counted by hand and nothing is of the moment at which it is made: whoever holds the same pages and
  the same list makes the same bytes, whose SHA-256 is what parties adopt.
- It is JSON in one form. What is read back from a file is bounded, and of this form or refused.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec

from comity.base.errors import RemoteError
from comity.exercise.course import Course, Outcome
from comity.exercise.msel import Msel, Objective
from comity.exercise.times import Taken, Typical
from comity.pact.terms import Words
from comity.procedure.observation import About

__all__ = [
    "REPORT_SIZE_BYTES_MAX", "CameRow", "HotWashRow", "ImprovementRow", "InjectRow", "Mark", "MomentRow",
    "ObjectiveRow", "ObservationRow", "Report", "TaskRow", "complete", "digest_report", "format_report",
    "parse_report",
]  # fmt: skip

REPORT_SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
_Rows = msgspec.Meta(max_length=65_536)
_Texts = Annotated[dict[str, str], msgspec.Meta(max_length=64)]
_Counts = Annotated[dict[str, int], msgspec.Meta(max_length=64)]


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all rows are; not one of its own."""


class Mark(_Row, frozen=True, kw_only=True):
    """A marking as its originator wrote it."""

    originator: str
    level: str
    caveats: tuple[str, ...]


class MomentRow(_Row, frozen=True, kw_only=True):
    """An act of control that counts, or a breakout: exercise time, real time, which, whose; of an inject its number."""

    time_ms: int
    at: int
    type: str
    party: str
    number: str


class CameRow(_Row, frozen=True, kw_only=True):
    """What came of one party that an inject expects something of; `after_ms` -1 without it."""

    party: str
    outcome: str
    after_ms: int
    by: str


class InjectRow(_Row, frozen=True, kw_only=True):
    """One inject of the list; `fired_ms` -1 where it was not given."""

    number: str
    state: str
    fired_ms: int
    act: str
    within: str
    objectives: tuple[str, ...]
    text: _Texts
    expected: _Texts
    came: Annotated[tuple[CameRow, ...], _Rows]


class TaskRow(_Row, frozen=True, kw_only=True):
    """A critical task, and how often which rating was given."""

    id: str
    title: _Texts
    ratings: _Counts


class ObjectiveRow(_Row, frozen=True, kw_only=True):
    """An objective: of the acts expected for it how many had which outcome; ratings; its tasks."""

    id: str
    title: _Texts
    outcomes: _Counts
    ratings: _Counts
    tasks: Annotated[tuple[TaskRow, ...], _Rows]


class ObservationRow(_Row, frozen=True, kw_only=True):
    """An observation as it reads now."""

    id: str
    party: str
    officer: str
    about: str
    of: str
    parties: tuple[str, ...]
    rating: str
    text: _Texts
    marking: Mark
    time_ms: int


class HotWashRow(_Row, frozen=True, kw_only=True):
    """A note of the hot wash."""

    id: str
    party: str
    sort: str
    text: _Texts
    marking: Mark


class ImprovementRow(_Row, frozen=True, kw_only=True):
    """A finding and its corrective action. `number` counts from 1 in this report."""

    number: int
    id: str
    party: str
    objective: str
    rests_on: tuple[str, ...]
    finding: _Texts
    remedy: _Texts
    owner: str
    due_at: int
    markings: tuple[Mark, ...]


class Report(_Row, frozen=True, kw_only=True):
    """All of it. Without the list (`title` empty) it has what the record alone says."""

    kind: Literal["comity-exercise-report"] = "comity-exercise-report"
    format: Literal[1] = 1
    exercise: str
    name: str
    list: str
    title: _Texts = {}
    realm: str
    audience: tuple[str, ...]
    controllers: tuple[str, ...]
    status: str
    opens_at: int
    started_at: int
    ended_at: int
    """0 while it is not over."""
    played_ms: int
    """Exercise time at its end."""
    moments: Annotated[tuple[MomentRow, ...], _Rows]
    taken: Annotated[tuple[Taken, ...], _Rows]
    typical: Annotated[tuple[Typical, ...], _Rows]
    injects: Annotated[tuple[InjectRow, ...], _Rows] = ()
    objectives: Annotated[tuple[ObjectiveRow, ...], _Rows] = ()
    observations: Annotated[tuple[ObservationRow, ...], _Rows]
    hot_wash: Annotated[tuple[HotWashRow, ...], _Rows]
    improvements: Annotated[tuple[ImprovementRow, ...], _Rows]

    def list_marks(self) -> Sequence[Mark]:
        """Return every marking of a text in it."""
        noted = (*(row.marking for row in self.observations), *(row.marking for row in self.hot_wash))
        return [*noted, *(mark for row in self.improvements for mark in row.markings)]


def complete(report: Report, msel: Msel, courses: Sequence[Course]) -> Report:
    """Return a report with what its list adds: injects with what came, objectives with counts and ratings."""
    return msgspec.structs.replace(
        report,
        title=_read_words(msel.title),
        injects=tuple(map(_lay_out_inject, courses)),
        objectives=tuple(_lay_out_objective(row, courses, report.observations) for row in msel.objectives),
    )


def _lay_out_inject(course: Course) -> InjectRow:
    inject = course.inject
    return InjectRow(
        number=inject.number,
        state=course.state.value,
        fired_ms=-1 if course.fired_ms is None else course.fired_ms,
        act="" if inject.act is None else inject.act.value,
        within=inject.within or "",
        objectives=inject.objectives,
        text=_read_words(inject.text),
        expected=_read_words(inject.expected),
        came=tuple(
            CameRow(
                party=came.party,
                outcome=came.outcome.value,
                after_ms=-1 if came.after_ms is None else came.after_ms,
                by="" if came.deed is None else came.deed.id,
            )
            for came in course.came
        ),
    )


def _lay_out_objective(
    objective: Objective, courses: Iterable[Course], observations: Sequence[ObservationRow]
) -> ObjectiveRow:
    outcomes = [came.outcome for one in courses if objective.id in one.inject.objectives for came in one.came]
    return ObjectiveRow(
        id=objective.id,
        title=_read_words(objective.title),
        outcomes={outcome.value: outcomes.count(outcome) for outcome in Outcome if outcome in outcomes},
        ratings=_count_ratings(observations, About.OBJECTIVE, objective.id),
        tasks=tuple(
            TaskRow(
                id=task.id,
                title=_read_words(task.title),
                ratings=_count_ratings(observations, About.TASK, f"{objective.id}.{task.id}"),
            )
            for task in objective.tasks
        ),
    )


def _count_ratings(observations: Iterable[ObservationRow], about: About, of: str) -> dict[str, int]:
    return dict(sorted(Counter(row.rating for row in observations if (row.about, row.of) == (about, of)).items()))


def _read_words(words: Words | None) -> dict[str, str]:
    if words is None:
        return {}
    named: Mapping[str, str | None] = msgspec.to_builtins(words)
    return {language: text for language, text in sorted(named.items()) if text}


def format_report(report: Report) -> bytes:
    """Write a report in its one form."""
    return msgspec.json.encode(report, order="sorted")


def digest_report(report: Report) -> bytes:
    """Return the SHA-256 of a report's one form: what is adopted."""
    return hashlib.sha256(format_report(report)).digest()


def parse_report(raw: bytes) -> Report:
    """Read a report from a file.

    Raises:
        RemoteError: `report.malformed`.
    """
    if len(raw) > REPORT_SIZE_BYTES_MAX:
        raise RemoteError("report.malformed")
    try:
        report = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError("report.malformed") from error
    if format_report(report) != raw:
        raise RemoteError("report.malformed")
    return report


_DECODER: Final = msgspec.json.Decoder(Report)
