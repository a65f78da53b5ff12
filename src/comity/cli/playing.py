"""`comity exercise propose … assess`: an exercise is agreed, played and assessed (docs/guide/exercise.md).

The list of injects is a file of control's: what of it is given, and when, is worked out here. A node has its digest.
"""

import re
from typing import Final

import click

from comity.api.words import say
from comity.base.instants import parse_instant
from comity.cli.act import Desk, act, span_option
from comity.cli.giving import add_run
from comity.cli.playing_views import (
    ReadMsel,
    add_views,
    find_exercise,
    id_option,
    officer_option,
    read_agreed,
    state_control,
)
from comity.cli.seats import add_seats
from comity.exercise.offset import OFFSET_PATTERN, parse_offset
from comity.exercise.write_msel import digest_msel
from comity.procedure.exercise import Direction
from comity.procedure.measure import MeasureReason

__all__ = ["add_playing"]

ROLE: Final = "exercise-controller"
"""The role of the pact in which control acts, unless another is agreed on."""
_LIST: Final = "FILE|LIST"


def _state(desk: Desk, id_: str, type_: str, *, officer: str = "", **fields: object) -> list[str]:
    return state_control(desk, find_exercise(desk, id_), {"type": type_, **fields}, officer=officer)


def add_playing(group: click.Group, read: ReadMsel) -> None:
    """Add the commands of play."""
    _add_agreeing(group, read)
    _add_clock(group)
    _add_injects(group)
    add_views(group, read)
    add_seats(group)
    add_run(group, read)


def _add_agreeing(group: click.Group, read: ReadMsel) -> None:
    @act(group, "propose", help="Propose an exercise by its list of injects; your party takes part.")
    @click.argument("source", metavar=_LIST)
    @click.option("--name", default="", help=say("A short name; the id of the list if left out."))
    @click.option("--controller", "controllers", multiple=True, metavar="PARTY",
                  help=say("Who controls it; your party if left out. Repeatable."))  # fmt: skip
    @click.option("--role", default=ROLE, show_default=True, help=say("The role in which control acts."))
    def propose(desk: Desk, source: str, name: str, controllers: tuple[str, ...], role: str) -> list[str]:
        msel = read(desk, source)
        parties = sorted(desk.check_parties(controllers) or (desk.party,))
        return desk.state({"type": "ExerciseProposed", "name": name or msel.id, "list": digest_msel(msel).hex(),
                           "controllers": parties, "role": role})  # fmt: skip

    @act(group, "join", help="Take part: sign the list that you have in hand, and who controls.")
    @click.argument("source", metavar=_LIST)
    @id_option
    def join(desk: Desk, source: str, id_: str) -> list[str]:
        row = find_exercise(desk, id_)
        read_agreed(read(desk, source), row)
        return _state(desk, row["id"], "ExerciseJoined", list=row["list"])

    @act(group, "leave", help="Do not, or no longer, take part.")
    @id_option
    @click.option("--reason", type=click.Choice([row.value for row in MeasureReason]), default="national-decision")
    def leave(desk: Desk, id_: str, reason: str) -> list[str]:
        return _state(desk, id_, "ExerciseLeft", reason=reason)

    @act(group, "breakout", help="NO DUFF: something real has come up. The play clock stops everywhere.")
    @id_option
    def breakout(desk: Desk, id_: str) -> list[str]:
        return _state(desk, id_, "BreakoutDeclared")


def _add_clock(group: click.Group) -> None:
    @act(group, "start", help="STARTEX: start the play clock.")
    @id_option
    @officer_option
    @click.option("--opens", default="", metavar="TIME",
                  help=say("What the exercise's own calendar begins at; now if left out."))  # fmt: skip
    def start(desk: Desk, id_: str, officer: str, opens: str) -> list[str]:
        row = find_exercise(desk, id_)
        opens_at = parse_instant(opens) if opens else desk.now()
        return _state(desk, row["id"], "ExerciseStarted", list=row["list"], opens_at=opens_at, officer=officer)

    def add(name: str, type_: str, help_: str) -> None:
        @act(group, name, help=help_)
        @id_option
        @officer_option
        def run(desk: Desk, id_: str, officer: str) -> list[str]:
            return _state(desk, id_, type_, officer=officer)

    add("pause", "ExercisePaused", "Stop the play clock.")
    add(
        "resume", "ExerciseResumed", "Let the play clock go on, after every pause and breakout that your node knows of."
    )
    add("end", "ExerciseEnded", "ENDEX: end the exercise.")

    @act(group, "jump", help="Set the play clock ahead, to so long after the start: 2:30.")
    @click.argument("time_ms", metavar="TIME", callback=_parse_offset)
    @id_option
    @officer_option
    def jump(desk: Desk, time_ms: int, id_: str, officer: str) -> list[str]:
        return _state(desk, id_, "ExerciseJumped", to_ms=time_ms, officer=officer)


def _parse_offset(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    if re.fullmatch(OFFSET_PATTERN, value) is None:
        raise click.BadParameter(say("write an exercise time like 2:30 or 0:05:30"))
    return parse_offset(value)


def _add_injects(group: click.Group) -> None:
    for name, type_, help_ in (
        ("fire", "InjectFired", "Give an inject now, whether or not it is due."),
        ("skip", "InjectSkipped", "Take an inject out: it will not be given."),
    ):
        _add_inject(group, name, type_, help_)

    @act(group, "shift", help="Let injects come later or earlier; what follows one of them keeps its distance.")
    @click.argument("numbers", nargs=-1, required=True, metavar="NUMBER…")
    @span_option("--by", "10m", "By how much: 90s, 10m, 2h.")
    @click.option("--earlier", is_flag=True, help=say("Earlier; else later."))
    @id_option
    @officer_option
    def shift(desk: Desk, numbers: tuple[str, ...], by: int, earlier: bool, id_: str, officer: str) -> list[str]:
        direction = Direction.EARLIER if earlier else Direction.LATER
        return _state(desk, id_, "InjectsShifted", numbers=sorted(set(numbers)), direction=direction.value, by_ms=by,
                      officer=officer)  # fmt: skip


def _add_inject(group: click.Group, name: str, type_: str, help_: str) -> None:
    @act(group, name, help=help_)
    @click.argument("number", metavar="NUMBER")
    @id_option
    @officer_option
    def run(desk: Desk, number: str, id_: str, officer: str) -> list[str]:
        return _state(desk, id_, type_, number=number, officer=officer)
