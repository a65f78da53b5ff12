"""`comity contacts check`: what of contacts.toml no call-down card would print, before the night when it is needed."""

from pathlib import Path

import click

from comity.api.contacts_view import say_contact_fault, show_contact_fault
from comity.api.words import LANGUAGES, say
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, json_option, print_line, print_text
from comity.crypto.production import ProductionSuite
from comity.node.contacts import CONTACTS_FILE, ContactsFile
from comity.node.home import open_home
from comity.node.versions import read_versions

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("Where the others are reached when Comity itself is down: contacts.toml."))
def contacts() -> None:
    """See `help` above."""


@contacts.command(help=say("Check contacts.toml, or another file of its form, against the pact."))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@realm_option
@json_option
def check(file: Path | None, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where something does not fit."""
    folder = find_realm_path(home, realm)
    held = [row.version.pact for row in read_versions(folder, ProductionSuite())]
    parties = [row.id for row in max(held, key=lambda pact: pact.identity.version).parties]
    found = ContactsFile(file or folder / CONTACTS_FILE)
    said = found.read()
    faults = [show_contact_fault(row) for row in found.find_faults(said, parties=parties, languages=LANGUAGES)]
    own = open_home(home, passphrase=b"-").party
    without = [party for party in parties if party != own and not said.find_all(party)]
    if is_json():
        emit({"contact_count": len(said.contacts), "faults": faults, "without": without})
        return 1 if faults else 0
    for fault in faults:
        print_text(say_contact_fault(fault), style="bold red")
    for party in without:
        print_line("{party}: nobody to reach; its place on the card stays empty.", party=party, style="yellow")
    if not faults:
        print_line("The file fits the pact: contacts: {count}.", count=len(said.contacts))
    return 1 if faults else 0


COMMANDS = (contacts,)
