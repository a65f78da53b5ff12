"""`comity officer enrol` and `comity officer passkeys`: who may make a passkey, and which there are."""

from pathlib import Path

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.officers import officer
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text
from comity.node.bell import read_clock
from comity.node.officers import OFFICERS_FILE, OfficerBook
from comity.node.passkeys import PASSKEYS_FILE, PasskeyBook

__all__ = ["COMMANDS"]


@officer.command(
    help=say("Draw the code with which an officer makes a passkey at the console; good once, for half an hour.")
)
@click.argument("name")
@home_option
@realm_option
@json_option
def enrol(name: str, home: Path, realm: str) -> None:
    """See `help` above."""
    path, at = find_realm_path(home, realm), read_clock()
    if not OfficerBook(path / OFFICERS_FILE).read().get(name).is_valid(at):
        raise UsageError("officer.unknown", name=name[:48])
    code = PasskeyBook(path / PASSKEYS_FILE).draw_code(name, at=at)
    if is_json():
        emit({"name": name, "code": code})
        return
    print_line("The code of {name}, shown this once; give it in person, apart from the token:", name=name)
    print_text(code, style="bold")


@officer.command(help=say("The passkeys of an officer; --remove takes those away whose id begins so."))
@click.argument("name")
@click.option("--remove", default="", metavar="ID", help=say("Take these away, by the beginning of their id."))
@home_option
@realm_option
@json_option
def passkeys(name: str, remove: str, home: Path, realm: str) -> None:
    """See `help` above."""
    path = find_realm_path(home, realm)
    OfficerBook(path / OFFICERS_FILE).read().get(name)
    book = PasskeyBook(path / PASSKEYS_FILE)
    removed = book.remove(name, remove) if remove else 0
    rows = book.read().find_all(name)
    if is_json():
        emit({"removed": removed, "passkeys": [{"id": row.passkey.credential, "made_at": row.made_at} for row in rows]})
        return
    if removed:
        print_line("Passkeys taken away: {count}", count=removed)
    if not rows:
        print_line("No passkeys of {name}: the token signs in.", name=name)
        return
    print_table(("id", "made"), [(row.passkey.credential[:24], format_dtg(Instant(row.made_at))) for row in rows])


COMMANDS = (officer,)
