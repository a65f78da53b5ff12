"""The life of a pact: `pact amend`, `pact diff`, and leaving it: `pact withdraw` (docs/guide/pact.md).

Amending asks no node: it makes a file, which goes to the other parties by hand as the first version did. Accepting it
is `pact accept`.
"""

from pathlib import Path
from typing import Any

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.act import Desk, act, span_option
from comity.cli.asking import home_option
from comity.cli.pact_files import pact
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.terminal import emit, is_json, json_option, print_line, print_text
from comity.crypto.production import ProductionSuite
from comity.node.ceremony import amend_for
from comity.node.home import open_home, write_private
from comity.pact.compare import Change, compare_pacts
from comity.pact.parse import parse_pact

__all__ = ["COMMANDS", "print_changes"]


@pact.command(help=say("Make the next version of the pact from an edited file; every party gets the same bytes."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@click.option("--realm", default="real", help=say("The realm whose pact is amended."))
@click.option("--out", type=click.Path(path_type=Path), default=Path("pact-next.toml"), help=say("The file to write."))
@json_option
def amend(file: Path, home: Path, realm: str, out: Path) -> None:
    """See `help` above."""
    suite = ProductionSuite()
    raw = amend_for(open_home(home), read_pact_file(str(file)), realm=realm, suite=suite)
    write_private(out, raw)
    made = parse_pact(raw)
    if is_json():
        emit({"file": str(out), "digest": suite.hash(raw).hex(), "version": made.identity.version})
        return
    print_line("Wrote version {version} to {path}. Every party must see this digest:", version=made.identity.version,
               path=str(out))  # fmt: skip
    print_text(suite.hash(raw).hex(), style="bold")


@pact.command(help=say("Show what one version of a pact changes in another, clause by clause."))
@click.argument("old", metavar=FILE_OR_PROFILE)
@click.argument("new", metavar=FILE_OR_PROFILE)
@json_option
def diff(old: str, new: str) -> int:
    """See `help` above. Exit status 0: no change, 1: changes."""
    changes = compare_pacts(parse_pact(read_pact_file(old)), parse_pact(read_pact_file(new)))
    if is_json():
        emit([change._asdict() for change in changes])
    else:
        print_changes(changes)
    return 1 if changes else 0


def print_changes(changes: tuple[Change, ...]) -> None:
    """Print each change as `- before` and `+ after` under the clause that it is of."""
    if not changes:
        print_line("Nothing that was agreed differs.")
    for change in changes:
        print_text(f"{change.part}{'.' * bool(change.field)}{change.field}", style="bold")
        for mark, value, style in (("-", change.before, "red"), ("+", change.after, "green")):
            if value is not None:
                print_text(f"  {mark} {_format(value)}", style=style)


def _format(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_format(item)}" for key, item in value.items() if item not in ("", None, [], ()))
    if isinstance(value, list | tuple):
        return "; ".join(map(_format, value))
    return str(value)


@act(pact, "withdraw", help="Give notice that this party leaves the pact, or take notice back.")
@span_option("--after", "0s", "When it ends; never before the pact's own notice period.")
@click.option("--revoke", is_flag=True, help=say("Take back the notice that stands."))
def withdraw(desk: Desk, after: int, revoke: bool) -> list[str]:
    """See `help` above. Notice is for all parties, whoever is named."""
    if revoke:
        notices = [row for row in desk.client.get("/v1/status")["withdrawals"] if row["party"] == desk.party]
        if not notices:
            raise UsageError("pact.no-notice")
        statement: dict[str, object] = {"type": "WithdrawalRevoked", "notice": notices[0]["id"]}
    else:
        ends_at = desk.now() + after
        statement = {"type": "WithdrawalNotified", "reason": "national-decision", "ends_at": ends_at}
    return desk.client.state(tuple(desk.parties), statement)


COMMANDS = ()
"""All stand in the group `pact`."""
