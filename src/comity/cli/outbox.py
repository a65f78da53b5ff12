"""`comity outbox config`: what to install on a party's own cluster of outbox servers."""

from pathlib import Path

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.asking import home_option, realm_option
from comity.cli.help_page import CommandGroup
from comity.cli.opened import open_realm
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.crypto.production import ProductionSuite
from comity.node.assembly import find_readers
from comity.node.cluster import read_cluster, write_config

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("This party's own servers for its outbox."))
def outbox() -> None:
    """See `help` above."""


@outbox.command(help=say("Write a folder for each server that outbox.toml names, with all that it needs."))
@home_option
@realm_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help=say("The folder to write to."))
@json_option
def config(home: Path, realm: str, out: Path) -> None:
    """See `help` above."""
    opened, accepted = open_realm(home, realm)
    cluster = read_cluster(accepted.path)
    if cluster is None:
        raise UsageError("home.no-cluster")
    readers = find_readers(opened, accepted, suite=ProductionSuite())
    written = write_config(out, cluster, accepted.secrets.link, readers)
    if is_json():
        emit({"folders": [str(folder) for folder in written]})
        return
    for folder in written:
        print_line("Written: {path}", path=str(folder))
    print_line("Copy each to its machine, and run nats-server --config server.conf in it.")


COMMANDS = (outbox,)
