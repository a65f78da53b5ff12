"""`comity key list`, `comity key replace` and `comity root succeed`: ceremonies with the root, the node stopped.

`comity key request` asks the running node's peers for keys.
"""

from pathlib import Path
from typing import Any

import click

from comity.api.words import say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.base.limits import STATEMENT_SIZE_BYTES_MAX
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.ceremonies import find_words
from comity.cli.files import read_beginning
from comity.cli.help_page import CommandGroup
from comity.cli.officer_tokens import stand_by, token_option
from comity.cli.opened import open_realm
from comity.cli.passphrase import open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.statement import Certificate, parse_statement
from comity.node.bell import read_clock
from comity.node.ceremony import PACT_FILE, Accepted, find_certificate_path, open_accepted
from comity.node.replacement import replace_key
from comity.node.succession import succeed_root
from comity.pact.model import Pact

__all__ = ["COMMANDS"]


def find_newest(accepted: Accepted) -> Pact:
    """Return the pact of the newest version that the home holds: a party asks of itself what it accepted last."""
    held = (accepted.pact, *(row.version.pact for row in accepted.later))
    return max(held, key=lambda pact: pact.identity.version)


@click.group(cls=CommandGroup, help=say("The keys of this party's node."))
def key() -> None:
    """See `help` above."""


@key.command("list", help=say("The keys that the root certified in a realm, the one in use last."))
@home_option
@realm_option
@json_option
def list_(home: Path, realm: str) -> None:
    """See `help` above."""
    _, accepted = open_realm(home, realm)
    present = accepted.secrets.node.incarnation
    rows: list[dict[str, Any]] = []
    for incarnation in range(present + 1):
        path = find_certificate_path(accepted.path, incarnation)
        if not path.exists():
            continue
        body = parse_statement(read_beginning(path, size_bytes_max=STATEMENT_SIZE_BYTES_MAX)).body
        if isinstance(body, Certificate):
            rows.append({"incarnation": incarnation, "node_key": body.node_key.hex(), "issued_at": body.issued_at,
                         "in_use": incarnation == present})  # fmt: skip
    if is_json():
        emit(rows)
        return
    print_table(
        ("incarnation", "node key", "certified", "state"),
        [
            (str(row["incarnation"]), row["node_key"][:16], format_dtg(Instant(row["issued_at"])),
             say("in use") if row["in_use"] else say("replaced"))
            for row in rows
        ],
    )  # fmt: skip


@key.command(help=say("Replace the node's key: a new incarnation; the root says which pages of the old stand."))
@home_option
@realm_option
@click.option(
    "--stolen-since", help=say("Leave out what was said since this instant; if not given, nothing that is stored.")
)
@click.option(
    "--give-up", is_flag=True, help=say("Go on though something that was said may be missing here: it is disowned.")
)
@token_option
@json_option
def replace(home: Path, realm: str, stolen_since: str | None, give_up: bool, token_files: tuple[Path, ...]) -> None:
    """See `help` above."""
    opened, accepted = open_realm(home, realm)
    stand_by(accepted.path, find_newest(accepted), token_files, at=read_clock())
    replaced = replace_key(
        opened,
        accepted,
        at=read_clock(),
        stolen_since=parse_instant(stolen_since) if stolen_since else None,
        is_loss_wanted=give_up,
        suite=ProductionSuite(),
        ceremony=ProductionCeremony(),
    )
    rows = [
        {"feed": closure.feed, "audience": list(closure.audience),
         "last_good": [{"incarnation": row.incarnation, "number": row.number} for row in closure.closed]}
        for closure in replaced.closures
    ]  # fmt: skip
    if is_json():
        emit({"realm": accepted.realm, "incarnation": replaced.incarnation, "closures": rows})
        return
    print_line(
        "Realm {realm}: the key is replaced; the new one speaks as incarnation {incarnation}.",
        realm=accepted.realm,
        incarnation=replaced.incarnation,
    )
    for closure in replaced.closures:
        audience = ", ".join(closure.audience)
        for row in closure.closed:
            print_line(
                "{feed} to {audience}, incarnation {incarnation}: stands up to page {number}.",
                feed=closure.feed,
                audience=audience,
                incarnation=row.incarnation,
                number=row.number,
            )
        if not closure.closed:
            print_line("{feed} to {audience}: nothing of it stands.", feed=closure.feed, audience=audience)
    print_line("Start the node: it says so to every reader. Then take root.vault offline again.")


@key.command(help=say("Ask the authors of pages that cannot be opened here to wrap their keys again."))
@home_option
@realm_option
@json_option
def request(home: Path, realm: str) -> None:
    """See `help` above."""
    client = Client(home, realm)
    view = client.get("/v1/status")
    rows = [row for row in view["unopened"] if row["author"] != view["party"]]
    for author in sorted({row["author"] for row in rows}):
        wanted = [
            {"type": "KeysRequested", "journal": row["journal"], "epoch": row["epoch"]}
            for row in rows
            if row["author"] == author
        ]
        client.state((author,), *wanted)
    if is_json():
        emit({"requested": rows})
        return
    if not rows:
        print_line("Nothing is shut: every page of the others that is here can be opened.")
        return
    print_line("{count} keys asked for. The pages open when their authors have answered.", count=len(rows))


@click.group(cls=CommandGroup, help=say("The root of this party."))
def root() -> None:
    """See `help` above."""


@root.command(help=say("Let the next root take over: the old one says so, and a new next root is drawn."))
@home_option
@token_option
@json_option
def succeed(home: Path, token_files: tuple[Path, ...]) -> None:
    """See `help` above."""
    opened, suite = open_home_asking(home), ProductionSuite()
    realms = [name for name in opened.find_realms() if (opened.find_realm_path(name) / PACT_FILE).exists()]
    accepted = tuple(open_accepted(opened, realm=name, suite=suite) for name in realms)
    for held in accepted:
        stand_by(held.path, find_newest(held), token_files, at=read_clock())
    succeeded = succeed_root(opened, accepted, at=read_clock(), suite=suite, ceremony=ProductionCeremony())
    if is_json():
        words = find_words(succeeded.card, "en").split()
        emit({"serial": succeeded.card.serial, "realms": list(succeeded.realms), "words": words})
        return
    print_line("The next root has taken over, and another one after it was drawn.")
    for name in succeeded.realms:
        print_line("Realm {realm}: the node publishes the succession when it starts.", realm=name)
    print_line("The words of the new card, for parties that are yet to be paired with:")
    print_text(find_words(succeeded.card), style="bold")
    print_line("Take root.vault offline again. The old root signs nothing more: destroy its copies.")


COMMANDS = (key, root)
