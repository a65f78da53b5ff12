"""What stands in an after-action report, block by block, in one language.

Figures are those of the document (docs/spec/exercise.md, E46); nothing is reckoned here but sums over its rows. A text
that nobody wrote in the reader's language stands in the first one that it has.
"""

import contextvars
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.after_action.plots import draw_course, draw_times
from comity.api.after_action.shapes import Drawing
from comity.api.terms import say_term
from comity.api.words import LANGUAGES, choose_text, say, say_in, speak_in
from comity.base.instants import Instant, format_dtg
from comity.exercise.course import InjectState, Outcome
from comity.exercise.offset import format_offset
from comity.exercise.report import Mark, Report, digest_report
from comity.pact.offices import Act
from comity.procedure.observation import Rating, Sort
from comity.procedure.play import ExerciseStatus

__all__ = ["Block", "Heading", "Remark", "Sheet", "Table", "lay_out", "read_frame"]

DIGEST_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings; without headings a list of names and values."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Heading | Remark | Table | Drawing


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report in one language."""

    language: str
    title: str
    banner: str
    blocks: Sequence[Block]


def read_frame(report: Report) -> str:
    """Return what every page bears, in all languages: that it is of an exercise, and of which."""
    words = " · ".join(say_in(language, "EXERCISE EXERCISE EXERCISE") for language in LANGUAGES)
    return f"{words} · {report.realm}"


def lay_out(report: Report, earlier: Sequence[Report], language: str) -> Sheet:
    """Return what stands in a report, in a language, whatever this process speaks."""
    return contextvars.copy_context().run(_lay_out, report, earlier, language)


def _lay_out(report: Report, earlier: Sequence[Report], language: str) -> Sheet:
    speak_in(language)
    title = choose_text(report.title) or report.name
    blocks = [*_list_facts(report), *_list_course(report), *_list_times(report, earlier), *_list_objectives(report),
              *_list_injects(report), *_list_notes(report), *_list_improvements(report)]  # fmt: skip
    return Sheet(
        language, say("After-action report: {title}", title=title), _read_marks(report.list_marks()), tuple(blocks)
    )


def _list_facts(report: Report) -> Iterator[Block]:
    came = [came for inject in report.injects for came in inject.came]
    rows = [
        (say("Exercise"), report.name),
        (say("Realm"), report.realm),
        (say("Who takes part"), ", ".join(report.audience)),
        (say("Control"), ", ".join(report.controllers)),
        (say("State"), say_term(ExerciseStatus(report.status))),
        (say("Began, real time"), _show_instant(report.started_at)),
        (say("Ended, real time"), _show_instant(report.ended_at)),
        (say("Exercise time played"), format_offset(report.played_ms)),
        (say("List of injects, SHA-256"), report.list),
        (say("This report, SHA-256"), digest_report(report).hex()),
    ]
    yield Table((), rows)
    if came:
        in_time = sum(row.outcome == Outcome.IN_TIME.value for row in came)
        yield Remark(say("{count} of {all} expected acts came in time", count=in_time, all=len(came)))


def _show_instant(at: int) -> str:
    return format_dtg(Instant(at)) if at else "–"


def _list_course(report: Report) -> Iterator[Block]:
    yield Heading(say("Course of the exercise"))
    yield draw_course(report)
    yield Table(
        (say("exercise time"), say("real time"), say("what"), say("party")),
        [
            (format_offset(row.time_ms), format_dtg(Instant(row.at)), _name_moment(row.type, row.number), row.party)
            for row in report.moments
        ],
    )


def _name_moment(type_: str, number: str) -> str:
    words = {
        "ExerciseStarted": say("STARTEX"),
        "ExercisePaused": say("the clock was stopped"),
        "ExerciseResumed": say("the clock went on"),
        "ExerciseJumped": say("the clock was set ahead"),
        "InjectsShifted": say("injects were shifted"),
        "InjectFired": say("inject {number} was given", number=number),
        "InjectSkipped": say("inject {number} was taken out", number=number),
        "ExerciseEnded": say("ENDEX"),
        "BreakoutDeclared": say("NO DUFF: breakout"),
    }
    return words.get(type_, type_)


def _list_times(report: Report, earlier: Sequence[Report]) -> Iterator[Block]:
    yield Heading(say("What each party took"))
    yield Remark(say("In exercise time, from the journal: from the call to the act; the median, and the longest."))
    for drawing in draw_times(report, earlier):
        yield Remark(drawing.title)
        yield drawing
    yield Table(
        (say("what"), say("party"), say("exercise"), say("asked"), say("done"), say("median"), say("longest")),
        [
            (say_term(row.measured), row.party, one.name, str(row.count), str(row.done),
             _show_time(row.median_ms), _show_time(row.longest_ms))
            for one in (report, *earlier) for row in one.typical
        ],
    )  # fmt: skip


def _show_time(time_ms: int) -> str:
    return "–" if time_ms < 0 else format_offset(time_ms)


def _list_objectives(report: Report) -> Iterator[Block]:
    if not report.objectives:
        return
    yield Heading(say("Objectives"))
    rows = []
    for objective in report.objectives:
        found = ", ".join(f"{say_term(Outcome(key))}: {count}" for key, count in objective.outcomes.items())
        rows.append((choose_text(objective.title), found or "–", _show_ratings(objective.ratings)))
        rows += [(f"· {choose_text(task.title)}", "", _show_ratings(task.ratings)) for task in objective.tasks]
    yield Table((say("objective, critical tasks"), say("expected acts"), say("ratings")), rows)


def _show_ratings(ratings: Mapping[str, int]) -> str:
    return ", ".join(f"{say_term(Rating(key))}: {count}" for key, count in ratings.items()) or "–"


def _list_injects(report: Report) -> Iterator[Block]:
    expected = [inject for inject in report.injects if inject.act]
    if not expected:
        return
    yield Heading(say("Expected acts"))
    rows = []
    for inject in expected:
        head = (inject.number, _show_time(inject.fired_ms), say_term(Act(inject.act)), inject.within)
        rows += [
            (*head, came.party, say_term(Outcome(came.outcome)), _show_time(came.after_ms), came.by[:DIGEST_SHOWN])
            for came in inject.came
        ] or [(*head, "", say_term(InjectState(inject.state)), "", "")]
    yield Table(
        (say("inject"), say("given"), say("act"), say("within"), say("party"), say("outcome"), say("after"),
         say("statement")), rows,
    )  # fmt: skip


def _list_notes(report: Report) -> Iterator[Block]:
    if report.observations:
        yield Heading(say("Observations"))
        yield Table(
            (say("exercise time"), say("party"), say("of"), say("whose play"), say("rating"), say("observed"),
             say("marking")),
            [
                (_show_time(row.time_ms), row.party, row.of, ", ".join(row.parties), say_term(Rating(row.rating)),
                 choose_text(row.text), _show_mark(row.marking))
                for row in report.observations
            ],
        )  # fmt: skip
    if report.hot_wash:
        yield Heading(say("Hot wash"))
        yield Table(
            (say("party"), say("sort of note"), say("observed"), say("marking")),
            [
                (row.party, say_term(Sort(row.sort)), choose_text(row.text), _show_mark(row.marking))
                for row in report.hot_wash
            ],
        )


def _list_improvements(report: Report) -> Iterator[Block]:
    if not report.improvements:
        return
    yield Heading(say("Findings and corrective actions"))
    yield Table(
        (say("no."), say("finding"), say("corrective action"), say("owner"), say("due by"), say("objective")),
        [
            (str(row.number), choose_text(row.finding), choose_text(row.remedy), row.owner,
             format_dtg(Instant(row.due_at)), row.objective)
            for row in report.improvements
        ],
    )  # fmt: skip


def _show_mark(mark: Mark) -> str:
    return " · ".join((mark.originator, mark.level, *mark.caveats))


def _read_marks(marks: Sequence[Mark]) -> str:
    """Every marking that is in it: ranks are the pact's, and none is left out of the banner."""
    found = sorted({_show_mark(mark) for mark in marks})
    return " / ".join(found) or say("Nothing in this report is marked")
