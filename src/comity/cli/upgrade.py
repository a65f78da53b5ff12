"""`comity upgrade`: brings a home to the layout of this version, after a backup."""

from pathlib import Path
from typing import Final

import click

from comity import __version__
from comity.api.words import say
from comity.cli.asking import home_option
from comity.cli.backup import back_up, find_backup_file, passphrase_option
from comity.cli.passphrase import open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.crypto.production import ProductionSuite
from comity.node.bell import read_clock
from comity.node.layout import LAYOUT, find_layout
from comity.node.upgrade import find_steps, upgrade_home

__all__ = ["COMMANDS"]

BACKUPS: Final = "backups"


@click.command(help=say("Bring a home to this version's layout, after a backup; its nodes must be stopped."))
@home_option
@click.option("--check", "is_check", is_flag=True, help=say("Only say what would be done."))
@click.option("--backup", "target", type=click.Path(path_type=Path),
              help=say("Where the backup goes, a file or folder; `backups` in the home if left out."))  # fmt: skip
@passphrase_option
@json_option
def upgrade(home: Path, is_check: bool, target: Path | None, passphrase_file: Path | None) -> int:
    """See `help` above."""
    layout, steps = find_layout(home), find_steps(home)
    if not steps or is_check:
        if is_json():
            emit({"layout": layout, "newest": LAYOUT, "steps": [step.number for step in steps]})
            return 1 if steps else 0
        print_line("Layout {layout}; Comity {version} runs on layout {newest}.",
                   layout=layout, version=__version__, newest=LAYOUT)  # fmt: skip
        if steps:
            print_line("This home has to be upgraded before a node runs on it: comity upgrade --home {home}",
                       home=str(home))  # fmt: skip
        return 1 if steps else 0
    opened = open_home_asking(home)
    at = read_clock()
    if target is None:
        target = home / BACKUPS
        target.mkdir(mode=0o700, exist_ok=True)
    file = find_backup_file(target, party=opened.party, at=at)
    back_up(opened, file, at=at, passphrase_file=passphrase_file)
    reached = upgrade_home(home, party=opened.party, suite=ProductionSuite())
    if is_json():
        emit({"layout": reached, "newest": LAYOUT, "steps": [step.number for step in steps], "backup": str(file)})
        return 0
    print_line("A backup of the home as it was is in {path}.", path=str(file))
    print_line("Upgraded from layout {before} to {after}; every page is as it was.", before=layout, after=reached)
    return 0


COMMANDS = (upgrade,)
