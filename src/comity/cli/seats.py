"""`comity exercise seat`: role players of those who take no part: a key of its own for each, and what it says.

The key lies in a file of the role player's, made here and on no node. It plays one cell of one exercise and is worth
nothing elsewhere, so the file is not sealed: whoever sits at the seat has it.
"""

import re
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from comity.api.terms import say_term
from comity.api.words import choose_text, say
from comity.base.errors import UsageError
from comity.base.names import REAL
from comity.cli.act import Desk, act, text_options, view
from comity.cli.files import read_beginning
from comity.cli.help_page import CommandGroup
from comity.cli.playing_views import find_exercise, id_option, officer_option, state_control
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.exercise.offset import format_offset
from comity.node.durable import write_private
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.exercise import SeatColour
from comity.procedure.role_play import SpeechVerdict, ToldVerdict, make_unsigned, sign_speech

__all__ = ["add_seats"]

SEAT_FILE_SIZE_BYTES_MAX: Final = 512
KEY_SIZE_BYTES: Final = 32
_HEAD: Final = "comity seat 1"
_FORM: Final = re.compile(rf"{_HEAD}\nseat ([A-Za-z0-9][A-Za-z0-9_-]{{0,47}})\nkey ([0-9a-f]{{64}})\n\Z")

seat_file = click.Path(path_type=Path)


def read_seat_file(path: Path) -> tuple[str, bytes]:
    """Return the seat of a role player's file, and its secret.

    Raises:
        UsageError: `file.unreadable`, `seat.file`.
    """
    raw = read_beginning(path, size_bytes_max=SEAT_FILE_SIZE_BYTES_MAX)
    found = _FORM.match(raw.decode("ascii", "replace"))
    if found is None:
        raise UsageError("seat.file", path=str(path))
    return found[1], bytes.fromhex(found[2])


def add_seats(group: click.Group) -> None:
    """Add the commands of seats."""
    seat = CommandGroup("seat", help=say("Role players' seats: a key of its own for each cell."))
    group.add_command(seat)
    _add_make(seat)
    _add_giving(seat)
    _add_speaking(group, seat)


def _add_make(seat: click.Group) -> None:
    @seat.command("make", help=say("Make the key of a seat, in a file for its role player; show the public key."))
    @click.argument("name", metavar="SEAT")
    @click.argument("path", metavar="FILE", type=seat_file)
    @json_option
    def make(name: str, path: Path) -> None:
        if path.exists():
            raise UsageError("cli.file-there", path=str(path))
        secret = ProductionCeremony().random(KEY_SIZE_BYTES)
        content = f"{_HEAD}\nseat {name}\nkey {secret.hex()}\n"
        if _FORM.match(content) is None:
            raise click.BadParameter(say("a seat is called as a cell of the list is"))
        write_private(path, content.encode())
        key = ProductionSuite().public_of_signing(secret).hex()
        if is_json():
            emit({"seat": name, "key": key})
            return
        print_line("written: {file}", file=str(path))
        print_line("The seat {seat} has the public key {key}; control gives it the seat", seat=name, key=key)


def _add_giving(seat: click.Group) -> None:
    @act(seat, "give", help="Give a seat to whoever has the key: that one plays this cell of the list from now on.")
    @click.argument("name", metavar="SEAT")
    @click.option("--key", required=True, metavar="HEX", help=say("The public key that `seat make` showed."))
    @click.option("--colour", type=click.Choice([row.value for row in SeatColour]), required=True,
                  help=say("white: control; red: the adversary; green: absent parties, press, public."))  # fmt: skip
    @id_option
    @officer_option
    def give(desk: Desk, name: str, key: str, colour: str, id_: str, officer: str) -> list[str]:
        given = {"type": "SeatGiven", "seat": name, "colour": colour, "key": key}
        return state_control(desk, find_exercise(desk, id_), given, officer=officer)

    @act(seat, "withdraw", help="Take a seat back: what is signed by its key afterwards is not carried.")
    @click.argument("name", metavar="SEAT")
    @id_option
    @officer_option
    def withdraw(desk: Desk, name: str, id_: str, officer: str) -> list[str]:
        return state_control(desk, find_exercise(desk, id_), {"type": "SeatWithdrawn", "seat": name}, officer=officer)

    @view(seat, "list", help="Show the seats of an exercise.")
    @id_option
    def show(desk: Desk, id_: str) -> None:
        rows = find_exercise(desk, id_)["seats"]
        if is_json():
            emit(rows)
            return
        words = {True: say("withdrawn"), False: say("given")}
        print_table(
            ("seat", "plays", "state", "key"),
            [(row["seat"], say_term(SeatColour(row["colour"])), words[row["is_withdrawn"]], row["key"][:16])
             for row in rows],
        )  # fmt: skip


def _add_speaking(group: click.Group, seat: click.Group) -> None:
    @act(seat, "speak", help="Say something as a role player, to those named by --to; signed by the seat's key alone.")
    @click.argument("path", metavar="FILE", type=seat_file)
    @click.option("--number", default="", metavar="NUMBER", help=say("The inject that it is, if it is one."))
    @text_options
    @id_option
    def speak(
        desk: Desk, path: Path, number: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...], id_: str
    ) -> list[str]:
        row = find_exercise(desk, id_)
        name, secret = read_seat_file(path)
        body = desk.marked(texts, level, topics)
        return speak_as(desk, row, name, secret, body, number=number)

    @view(group, "injects", help="Show what reached your party as role-play: texts of injects, words of seats.")
    @id_option
    def injects(desk: Desk, id_: str) -> None:
        rows = desk.client.get(f"/v1/exercises/{find_exercise(desk, id_)['id']}/role-play")
        if is_json():
            emit(rows)
            return
        print_line("ROLE-PLAY: nothing of this is real", style="bold yellow")
        print_table(("time", "inject", "from", "verdict", "text"), [_lay_out(row) for row in rows])


def _lay_out(row: dict[str, Any]) -> tuple[object, ...]:
    is_told = row["stated"]["entry"]["type"] == "InjectTold"
    verdict = ToldVerdict(row["verdict"]) if is_told else SpeechVerdict(row["verdict"])
    time = "" if row["time_ms"] < 0 else format_offset(row["time_ms"])
    return time, row["number"], row["seat"], say_term(verdict), choose_text(row["texts"])


def speak_as(
    desk: Desk,
    row: dict[str, Any],
    name: str,
    secret: bytes,
    body: dict[str, Any],
    *,
    number: str = "",
    key: str = "",
    said_at: int = 0,
) -> list[str]:
    """Sign what a seat says and have it carried to the desk's addressees.

    Raises:
        UsageError: `exercise.real`; as the node says.
    """
    realm = desk.client.get("/v1/status")["realm"]
    if realm == REAL:
        raise UsageError("exercise.real")
    marking = msgspec.convert(
        [body["marking"][field] for field in ("originator", "scheme", "level", "topics", "caveats")], Marking
    )
    said = MarkedText(marking, tuple(Translation(one["language"], one["text"]) for one in body["translations"]))
    to, said_at = tuple(sorted(desk.to)), said_at or desk.now()
    unsigned = make_unsigned(bytes.fromhex(row["id"]), name, to, said_at=said_at, number=number, body=said)
    signed = sign_speech(ProductionSuite(), unsigned, secret=secret, realm=realm)
    return desk.client.speak(
        row["id"], name, to=to, said_at=said_at, body=body, signature=signed.signature.hex(), number=number, key=key
    )
