"""`comity exercise run`: control's program gives each inject when it is due, and puts it through its door.

It keeps nothing of its own: list and record say what is due, what was given by whom, and what was delivered. So it may
be stopped and started at any time, and run at every controller.
"""

import contextlib
import time
from pathlib import Path
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import ComityError, OutageError
from comity.base.names import Party
from comity.cli.act import Desk, span_option
from comity.cli.asking import home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.inject_doors import BY_HAND, Doors, put_in, tell
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
from comity.exercise.giving import Control, Plan, find_players, plan_giving
from comity.exercise.msel import Inject, Msel
from comity.procedure.play import ExerciseStatus

__all__ = ["Runner", "add_run"]

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
    @span_option("--every", "2s", "How often to look.")
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
        Runner(desk, msel, doors, id_, officer).go(every_s=every / 1000, is_once=once)


class Runner:
    """One program of control at one node."""

    def __init__(self, desk: Desk, msel: Msel, doors: Doors, id_: str, officer: str) -> None:
        self._desk, self._msel, self._doors, self._officer = desk, msel, doors, officer
        self._id = find_exercise(desk, id_)["id"]
        self._warned: set[tuple[str, str]] = set()

    def go(self, *, every_s: float, is_once: bool) -> None:
        """Look until the exercise is over, or once. A node that is not there is waited for (E39).

        Raises:
            OutageError: as the node says, where it looks once.
            UsageError: as the node says.
        """
        goes_on = True
        while goes_on:
            try:
                goes_on = self.step() and not is_once
            except OutageError as error:
                if is_once:
                    raise
                print_warning("The node does not answer: {code}. It is tried again.", code=error.code)
                self._look_for_node()
            if goes_on:
                time.sleep(every_s)

    def _look_for_node(self) -> None:
        """Ask at the address that the node has since its last start."""
        with contextlib.suppress(OutageError):
            desk = Desk(self._doors.home, self._doors.realm)
            self._desk.client.close()
            self._desk = desk

    def step(self) -> bool:
        """Look once and do what is to be done; return whether the exercise goes on.

        Raises:
            OutageError: as the node says.
            UsageError: as the node says.
        """
        row = find_exercise(self._desk, self._id)
        plan = self._plan(row)
        for inject in plan.give:
            state_control(self._desk, row, {"type": "InjectFired", "number": inject.number}, officer=self._officer,
                          key=f"comity-fired-{row['id'][:16]}-{inject.number}")  # fmt: skip
        if plan.give:
            row = find_exercise(self._desk, self._id)
            plan = self._plan(row)
        for inject in plan.deliver:
            try:
                self._deliver(row, inject)
            except ComityError as error:
                self._warn(inject, error)
        return bool(row["status"] != ExerciseStatus.ENDED.value)

    def _deliver(self, row: dict[str, Any], inject: Inject) -> None:
        """Put an inject in, then give its text. What a door refuses is for a person, and the text goes all the same."""
        self._desk.to = players = find_players(inject, self._desk.parties)
        try:
            door = put_in(self._desk, self._doors, row, inject)
        except OutageError:
            raise
        except ComityError as error:
            self._warn(inject, error)
            door = BY_HAND
        tell(self._desk, self._doors, row, inject)
        self._show(inject, door, players)

    def _warn(self, inject: Inject, error: ComityError) -> None:
        """Say once why an inject did not go in."""
        if (inject.number, error.code) not in self._warned:
            self._warned.add((inject.number, error.code))
            print_warning("Inject {number} did not go in: {code}", number=inject.number, code=error.code)

    def _plan(self, row: dict[str, Any]) -> Plan:
        acts = {one["stated"]["id"]: one["stated"] for one in row["acts"]}
        given = {one["number"]: acts[one["stated_by"]] for one in row["fired"]}
        players = {one.number: find_players(one, self._desk.parties) for one in self._msel.injects}
        delivered = {
            one["number"]
            for one in self._desk.client.list_role_play(row["id"])
            if one["number"] in given and self._is_delivery(one, given[one["number"]], players.get(one["number"], ()))
        }
        delivered |= {number for number, parties in players.items() if not parties}
        given_by = {number: stated["author"] for number, stated in given.items()}
        control = Control(self._desk.party, row["controllers"], given_by, delivered)
        is_running = row["status"] == ExerciseStatus.RUNNING.value
        return plan_giving(follow_row(self._desk, self._msel, row), row["time_ms"], control, is_running=is_running)

    def _is_delivery(self, said: dict[str, Any], given: dict[str, Any], players: tuple[Party, ...]) -> bool:
        """Tell whether role-play is the text of an inject: our own, to its players, said once it was given."""
        stated, entry = said["stated"], said["stated"]["entry"]
        is_ours = stated["author"] == self._desk.party and set(stated["audience"]) == {*players, self._desk.party}
        at = given["written_at"]  # the program lets a seat speak as of this very instant
        return is_ours and (stated["written_at"] >= at or entry.get("said_at", at) == at)

    def _show(self, inject: Inject, door: str, players: tuple[Party, ...]) -> None:
        number, parties = inject.number, ", ".join(players)
        if is_json():
            emit({"number": number, "door": door, "to": players})
        elif door == BY_HAND:
            print_line("Inject {number} ({method}) is to be put in by hand; its text went to {parties}",
                       number=number, method=say_term(inject.method), parties=parties)  # fmt: skip
        else:
            print_line("Inject {number} ({method}) went to {parties} by {door}", number=number,
                       method=say_term(inject.method), parties=parties, door=door)  # fmt: skip
