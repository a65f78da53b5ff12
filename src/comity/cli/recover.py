"""`comity recover`: a new home for a party whose machine is lost, out of the root's vault and the others' bundles.

A ceremony with the root on the machine that is to run the node from now on. It says plainly what does not come back.
"""

from pathlib import Path
from typing import Any

import click

from comity.api.words import say
from comity.base.limits import BUNDLE_SIZE_BYTES_MAX
from comity.cli.backup import open_root_vault
from comity.cli.ceremonies import find_words
from comity.cli.files import read_bounded
from comity.cli.pact_files import read_pact_file
from comity.cli.passphrase import choose_passphrase
from comity.cli.terminal import emit, is_json, json_option, print_line, print_text
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.bundle import read_bundle
from comity.node.bell import read_clock
from comity.node.home import CARD_SIZE_BYTES_MAX
from comity.node.recovery import Brought, Recovered, RecoveredRealm, recover_home

__all__ = ["COMMANDS"]

_FILE: Any = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(help=say("Make a lost home anew, from the root's vault and other parties' bundles."))
@click.argument("bundles", nargs=-1, metavar="BUNDLE...", required=True, type=_FILE)
@click.option("--home", type=click.Path(path_type=Path), required=True, help=say("The folder; empty, or not there."))
@click.option("--root-vault", type=_FILE, required=True, help=say("The root's vault; unlock.key beside it opens it."))
@click.option("--card", "cards", type=_FILE, multiple=True, help=say("Another party's card; one for each of them."))
@click.option("--pact", "pacts", multiple=True, help=say("A pact file; by default the one that the bundles hold."))
@click.option(
    "--listen", default="", help=say("The address at which peers reach the outbox; by default the lost one's.")
)
@click.option(
    "--unattended", is_flag=True, help=say("Let the node start without a passphrase: its key lies beside it.")
)
@json_option
def recover(
    bundles: tuple[Path, ...], home: Path, root_vault: Path, cards: tuple[Path, ...], pacts: tuple[str, ...],
    listen: str, unattended: bool,
) -> None:  # fmt: skip
    """See `help` above."""
    suite = ProductionSuite()
    brought = Brought(
        vault=open_root_vault(root_vault),
        bundles=[read_bundle(read_bounded(path, BUNDLE_SIZE_BYTES_MAX), suite) for path in bundles],
        cards=[read_bounded(path, CARD_SIZE_BYTES_MAX) for path in cards],
        pacts=[read_pact_file(name) for name in pacts],
    )
    passphrase = b"" if unattended else choose_passphrase()
    recovered = recover_home(
        home,
        brought,
        passphrase=passphrase,
        listen=listen,
        at=read_clock(),
        suite=suite,
        ceremony=ProductionCeremony(),
    )
    if is_json():
        words = find_words(recovered.card, "en").split()
        realms = [_as_json(row) for row in recovered.realms]
        emit({"home": str(home), "party": recovered.party, "serial": recovered.card.serial, "words": words,
              "realms": realms})  # fmt: skip
        return
    _print(home, recovered)


def _as_json(row: RecoveredRealm) -> dict[str, Any]:
    record = row.record
    return {
        "realm": record.realm,
        "incarnation": row.incarnation,
        "endpoint": row.endpoint,
        "page_count": len(record.pages),
        "closures": [
            {"feed": closure.feed, "audience": list(closure.audience),
             "last_good": [{"incarnation": last.incarnation, "number": last.number} for last in closure.closed]}
            for closure in row.closures
        ],
        "lacking": [
            {"feed": lacking.feed, "audience": list(lacking.audience), "incarnation": lacking.incarnation,
             "number": lacking.number, "witness": lacking.witness}
            for lacking in record.lacking
        ],
        "no_bundle_of": list(record.unheard),
        "versions": sorted(held.version.number for held in record.versions.held),
        "versions_left_out": [
            {"number": left.version.number, "digest": left.version.digest.hex()} for left in record.versions.left_out
        ],
    }  # fmt: skip


def _print(home: Path, recovered: Recovered) -> None:
    print_line("Made a new home of {party} in {path}.", party=recovered.party, path=str(home))
    for row in recovered.realms:
        _print_realm(row)
    print_line("Whatever of your own is in none of the bundles is disowned. The private watch log does not come back.")
    print_line("Nothing is said before the node starts: with more bundles, delete this folder and recover again.")
    print_line("Give the file {card} to each other party; its words are as before:", card=str(home / "card"))
    print_text(find_words(recovered.card), style="bold")
    print_line("Each of them pairs with it anew and restarts its node. Make sure that the lost machine stays off.")
    print_line("Start the node; then take the new root.vault offline, and destroy the copies of the old one.")


def _print_realm(row: RecoveredRealm) -> None:
    record = row.record
    print_line(
        "Realm {realm}: {count} pages; the new key speaks as incarnation {incarnation}, at {endpoint}.",
        realm=record.realm, count=len(record.pages), incarnation=row.incarnation, endpoint=row.endpoint,
    )  # fmt: skip
    numbers = ", ".join(str(held.version.number) for held in record.versions.held)
    print_line("Versions of the pact that are kept: {numbers}.", numbers=numbers)
    for left in record.versions.left_out:
        print_line(
            "Version {number} ({digest}) is not kept: your word for it is not here. If you gave it, accept it again.",
            number=left.version.number, digest=left.version.digest.hex(), style="bold",
        )  # fmt: skip
    for lacking in record.lacking:
        print_line(
            "{feed} to {audience}, incarnation {incarnation}: page {number} was written and is not here ({witness}).",
            feed=lacking.feed, audience=", ".join(lacking.audience), incarnation=lacking.incarnation,
            number=lacking.number, witness=lacking.witness, style="bold",
        )  # fmt: skip
    for party in record.unheard:
        print_line("No bundle of {party}: what was said to it alone is disowned.", party=party, style="bold")


COMMANDS = (recover,)
