"""`comity exercise status` and `assess`: both clocks, who takes part, what comes next, what was expected and came."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.base.instants import Instant, bound, format_dtg
from comity.cli.act import Desk, choose, view
from comity.cli.asking import find_acting_name
from comity.cli.terminal import emit, is_json, print_heading, print_line, print_table
from comity.exercise.course import Came, Course, Deed, InjectState, Outcome, Played, follow
from comity.exercise.msel import Msel
from comity.exercise.offset import format_offset
from comity.exercise.write_msel import digest_msel
from comity.procedure.play import ExerciseStatus, Fate

__all__ = [
    "ReadMsel",
    "add_views",
    "find_exercise",
    "follow_row",
    "id_option",
    "officer_option",
    "print_status",
    "read_agreed",
    "state_control",
]

NEXT_COUNT: Final = 8
_AHEAD: Final = (InjectState.DUE, InjectState.WAITING, InjectState.OPEN)

id_option = click.option(
    "--id", "id_", default="", metavar="ID",
    help=say("Which exercise, by the beginning of its id; the open one if left out."),
)  # fmt: skip


officer_option = click.option(
    "--officer", default="", callback=lambda context, _, value: value or find_acting_name(context) or "controller-1",
    help=say("Your pseudonym in the record; that of the officer who acts if left out."),
)  # fmt: skip


def find_exercise(desk: Desk, beginning: str) -> dict[str, Any]:
    """Return the exercise meant; of several, the only one that has not ended.

    Raises:
        UsageError: `cli.none-here`, `cli.no-such-object`, `cli.which-object`.
    """
    rows = desk.client.get("/v1/exercises")
    if not rows:
        raise UsageError("cli.none-here", kind="exercise")
    going = [row for row in rows if row["status"] != ExerciseStatus.ENDED.value]
    return choose(rows if beginning else going or rows, beginning)


def state_control(
    desk: Desk, row: dict[str, Any], statement: Mapping[str, object], *, officer: str = "", key: str = ""
) -> list[str]:
    """State an act of an exercise, in the role agreed where an officer acts, to all who take part."""
    acting = {"role": row["role"], "officer": officer} if officer else {}
    desk.to = tuple(row["audience"])
    return desk.client.state(desk.to, {**statement, "exercise": row["id"], **acting}, key=key)


def read_agreed(msel: Msel, row: dict[str, Any]) -> Msel:
    """Return a list that is the one agreed on.

    Raises:
        UsageError: `exercise.other-list`.
    """
    if digest_msel(msel).hex() != row["list"]:
        raise UsageError("exercise.other-list")
    return msel


def follow_row(desk: Desk, msel: Msel, row: dict[str, Any]) -> tuple[Course, ...]:
    """Return how each inject of the list goes, by what the node's record says."""
    deeds = desk.client.get(f"/v1/exercises/{row['id']}/deeds")
    played = Played(
        now_ms=row["time_ms"],
        is_over=row["status"] == ExerciseStatus.ENDED.value,
        fired_ms={given["number"]: given["time_ms"] for given in row["fired"]},
        skipped=frozenset(given["number"] for given in row["skipped"]),
        shifts_ms={shift["number"]: shift["by_ms"] for shift in row["shifts"]},
    )
    return follow(msel, played, [Deed(one["act"], one["party"], one["time_ms"], one["id"]) for one in deeds])


ReadMsel = Callable[[Desk, str], Msel]
"""Reads the list that a command names, under the node's pact."""


def add_views(group: click.Group, read: ReadMsel) -> None:
    """Add what shows how an exercise stands."""

    @view(
        group, "status", help="Show exercise time and real time, who takes part, what holds the clock, what comes next."
    )
    @click.argument("source", metavar="[FILE|LIST]", default="")
    @id_option
    def status(desk: Desk, source: str, id_: str) -> None:
        row = find_exercise(desk, id_)
        courses = follow_row(desk, read_agreed(read(desk, source), row), row) if source else ()
        ahead = [course for course in courses if course.state in _AHEAD]
        if is_json():
            emit({**row, "next": [_simplify(course) for course in ahead]})
            return
        print_status(row)
        if source:
            print_heading("Next injects")
            print_table(("number", "due", "state", "method", "inject"), list(map(_lay_out, ahead[:NEXT_COUNT])))

    @view(
        group,
        "assess",
        help="Show of each inject that was given whether what it expects came, of whom, after how long.",
    )
    @click.argument("source", metavar="FILE|LIST")
    @id_option
    def assess(desk: Desk, source: str, id_: str) -> None:
        row = find_exercise(desk, id_)
        courses = follow_row(desk, read_agreed(read(desk, source), row), row)
        if is_json():
            emit({"id": row["id"], "time_ms": row["time_ms"], "injects": list(map(_simplify, courses))})
            return
        print_table(
            ("number", "given", "act", "party", "outcome", "after", "objective"),
            [_lay_out_came(course, came) for course in courses for came in course.came],
        )
        counts = [came for course in courses for came in course.came]
        print_line("{count} of {all} expected acts came in time", count=_count_in_time(counts), all=len(counts))


def _count_in_time(counts: Sequence[Came]) -> int:
    return sum(came.outcome is Outcome.IN_TIME for came in counts)


def _simplify(course: Course) -> dict[str, Any]:
    return {
        "number": course.inject.number,
        "state": course.state.value,
        "due_ms": course.due_ms,
        "fired_ms": course.fired_ms,
        "act": None if course.inject.act is None else course.inject.act.value,
        "objectives": list(course.inject.objectives),
        "came": [
            {"party": came.party, "outcome": came.outcome.value, "after_ms": came.after_ms,
             "by": None if came.deed is None else came.deed.id}
            for came in course.came
        ],
    }  # fmt: skip


def _lay_out(course: Course) -> tuple[object, ...]:
    inject = course.inject
    due = "" if course.due_ms is None else format_offset(course.due_ms)
    return inject.number, due, say_term(course.state), say_term(inject.method), inject.text.in_language(get_language())


def _lay_out_came(course: Course, came: Came) -> tuple[object, ...]:
    inject = course.inject
    assert inject.act is not None, "somebody is expected to act only where there is an act"
    after = "" if came.after_ms is None else format_offset(came.after_ms)
    return (
        inject.number, format_offset(course.fired_ms or 0), say_term(inject.act), came.party, say_term(came.outcome),
        after, ", ".join(inject.objectives),
    )  # fmt: skip


def print_status(row: dict[str, Any]) -> None:
    """Print how an exercise stands."""
    print_line("{name}  {status}  {id}", style="bold", name=row["name"], status=say_term(ExerciseStatus(row["status"])),
               id=row["id"][:16])  # fmt: skip
    now = format_dtg(Instant(row["as_of"]))
    if row["time_ms"] < 0:
        print_line("Real time {at}; the exercise has not begun", at=now)
    else:
        print_line(
            "Exercise time {time}, by its own calendar {date}; real time {at}",
            time=format_offset(row["time_ms"]), date=format_dtg(bound(row["opens_at"] + row["time_ms"])), at=now,
        )  # fmt: skip
    print_line("Control: {parties}, as {role}", parties=", ".join(row["controllers"]), role=row["role"])
    joined = {
        cell["party"]: say("takes part") if cell["has_joined"] else say("has not signed") for cell in row["cells"]
    }
    print_line("{parties}", parties=", ".join(f"{party}: {word}" for party, word in joined.items()))
    for hold in row["holds"]:
        is_breakout = hold["entry"]["type"] == "BreakoutDeclared"
        text = (
            "NO DUFF by {party} holds the clock since {at}" if is_breakout else "A pause by {party} holds it since {at}"
        )
        print_line(text, style="bold yellow", party=hold["author"], at=format_dtg(Instant(hold["written_at"])))
    for act in row["acts"]:
        if act["fate"] != Fate.COUNTS.value:
            print_line("Without effect: {type} by {party}, {at}: {reason}", type=act["stated"]["entry"]["type"],
                       party=act["stated"]["author"], at=format_dtg(Instant(act["stated"]["written_at"])),
                       reason=say_term(Fate(act["fate"])))  # fmt: skip
