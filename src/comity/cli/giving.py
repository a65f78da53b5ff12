"""`comity exercise run`: control's program gives each inject when it is due, and puts it through its door.

It keeps nothing of its own: list and record say what is due, what was given by whom, and what was delivered. So it may
be stopped and started at any time, and run at every controller.
"""

import time
from pathlib import Path
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import ComityError
from comity.cli.act import Desk, parse_span_ms
from comity.cli.asking import home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.inject_doors import Doors, deliver
from comity.cli.playing_views import (
    ReadMsel,
    find_exercise,
    follow_row,
    id_option,
    officer_option,
    read_agreed,
    state_control,
)
from comity.cli.seats import read_seat_file
from comity.cli.terminal import emit, is_json, json_option, print_line, print_warning
from comity.exercise.giving import Control, find_players, plan_giving
from comity.exercise.msel import Msel
from comity.procedure.play import ExerciseStatus

__all__ = ["add_run"]

TOKEN_SIZE_BYTES_MAX: Final = 512


def add_run(group: click.Group, read: ReadMsel) -> None:
    """Add the command."""

    @group.command("run", help=say("Give each inject when it is due and put it through its door, until ENDEX."))
    @click.argument("source", metavar="FILE|LIST")
    @click.option("--payloads", type=click.Path(path_type=Path, file_okay=False),
                  help=say("A folder: NUMBER.jsonl has an inject's tracks, .xml its alert, .json STIX."))  # fmt: skip
    @click.option("--taxii-token", "taxii_token", type=click.Path(path_type=Path, dir_okay=False),
                  help=say("A file with the token of a consumer that may add: STIX goes in by TAXII."))  # fmt: skip
    @click.option("--class", "track_class", default="", help=say("The class of tracks, by its clause."))
    @click.option("--seat", "seats", multiple=True, type=click.Path(path_type=Path),
                  help=say("The file of a seat that speaks its injects itself. Repeatable."))  # fmt: skip
    @click.option("--topic", "topics", multiple=True, default=("public-message",),
                  help=say("A topic of the pact that it is about; repeatable."))  # fmt: skip
    @click.option("--once", is_flag=True, help=say("Look once, do what is to be done, and end."))
    @click.option("--every", default="2s", show_default=True, callback=lambda _c, _p, value: parse_span_ms(value),
                  help=say("How often to look."))  # fmt: skip
    @id_option
    @officer_option
    @home_option
    @realm_option
    @json_option
    def run(
        source: str, payloads: Path | None, taxii_token: Path | None, track_class: str, seats: tuple[Path, ...],
        topics: tuple[str, ...], once: bool, every: int, id_: str, officer: str, home: Path, realm: str,
    ) -> None:  # fmt: skip
        """See `help` above."""
        desk = Desk(home, realm)
        raw = read_bounded(taxii_token, TOKEN_SIZE_BYTES_MAX) if taxii_token else b""
        token = raw.decode("ascii", "replace").strip()
        doors = Doors(home, realm, payloads, token, track_class, topics,
                      dict(map(read_seat_file, seats)))  # fmt: skip
        msel = read_agreed(read(desk, source), find_exercise(desk, id_))
        runner = _Runner(desk, msel, doors, id_, officer)
        while runner.step() and not once:
            time.sleep(every / 1000)


class _Runner:
    """One program of control at one node."""

    def __init__(self, desk: Desk, msel: Msel, doors: Doors, id_: str, officer: str) -> None:
        self._desk, self._msel, self._doors, self._officer = desk, msel, doors, officer
        self._id = find_exercise(desk, id_)["id"]

    def step(self) -> bool:
        """Look once and do what is to be done; return whether the exercise goes on."""
        row = find_exercise(self._desk, self._id)
        for number in [inject.number for inject in self._plan(row).give]:
            self._desk.to = tuple(row["audience"])
            state_control(self._desk, row, "InjectFired", key=f"comity-fired-{row['id'][:16]}-{number}",
                          number=number, officer=self._officer)  # fmt: skip
        row = find_exercise(self._desk, self._id)
        for inject in self._plan(row).deliver:
            players = find_players(inject, self._desk.parties)
            try:
                door = deliver(self._desk, self._doors, row, inject, players)
            except ComityError as error:
                print_warning("Inject {number} did not go in: {code}", number=inject.number, code=error.code)
                continue
            self._show(inject.number, say_term(inject.method), door, players)
        return bool(row["status"] != ExerciseStatus.ENDED.value)

    def _plan(self, row: dict[str, Any]) -> Any:
        acts = {one["stated"]["id"]: one["stated"]["author"] for one in row["acts"]}
        given_by = {given["number"]: acts[given["stated_by"]] for given in row["fired"]}
        said = self._desk.client.list_role_play(row["id"])
        delivered = {one["number"] for one in said if one["stated"]["author"] == self._desk.party and one["number"]}
        delivered |= {one.number for one in self._msel.injects if not find_players(one, self._desk.parties)}
        control = Control(self._desk.party, row["controllers"], given_by, delivered)
        is_running = row["status"] == ExerciseStatus.RUNNING.value
        return plan_giving(follow_row(self._desk, self._msel, row), row["time_ms"], control, is_running=is_running)

    def _show(self, number: str, method: str, door: str, players: tuple[str, ...]) -> None:
        if is_json():
            emit({"number": number, "door": door, "to": players})
        else:
            print_line("Inject {number} ({method}) went to {parties} by {door}", number=number, method=method,
                       parties=", ".join(players), door=door)  # fmt: skip
