"""`comity standby init`, `run` and `promote`: a second home of a party that follows the first, and takes its place."""

import asyncio
import time
from pathlib import Path
from typing import Final

import click

from comity.api.words import say
from comity.base.errors import OutageError
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.backup import find_keys, passphrase_option, with_progress
from comity.cli.help_page import CommandGroup
from comity.cli.opened import open_realm
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.node.backup.restore import restore_backup
from comity.node.bell import read_clock
from comity.node.ceremony import Accepted
from comity.node.home import Home
from comity.node.promotion import make_primary_link, promote
from comity.node.standby import Follower, keep_standby, read_primary
from comity.node.store import Store

__all__ = ["COMMANDS"]

FOLLOW_S: Final = 1.0
"""How long a standby that has everything waits before it asks again."""
BLOBS_S: Final = 30.0
"""How often it looks for blobs that it has not."""


def _open(home: Path, realm: str) -> tuple[Home, Accepted]:
    read_primary(find_realm_path(home, realm))
    return open_realm(home, realm)


@click.group(
    cls=CommandGroup, help=say("A standby: a second home of this party that follows the first, and can take its place.")
)
def standby() -> None:
    """See `help` above."""


@standby.command(help=say("Make a standby's home from a backup of the primary's; no node runs on it."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--home", type=click.Path(path_type=Path), required=True, help=say("The folder; empty, or not there."))
@click.option("--primary", multiple=True, help=say("Where the primary's outbox is, HOST:PORT; else as its card says."))
@click.option("--root-vault", type=click.Path(path_type=Path, exists=True), help=say("The root's vault, to open it."))
@passphrase_option
@json_option
def init(
    file: Path, home: Path, primary: tuple[str, ...], root_vault: Path | None, passphrase_file: Path | None
) -> None:
    """See `help` above."""
    keys = find_keys(root_vault, passphrase_file)

    def mark(restored: Path) -> None:
        for path in sorted((restored / "realms").iterdir()):
            keep_standby(path, primary)

    manifest = with_progress(
        file,
        lambda step: restore_backup(file, home, keys, suite=ProductionSuite(), step=step, prepare=mark),
    )
    if is_json():
        emit({"home": str(home), "party": manifest.party})
        return
    print_line("{path} is a standby's home of {party}.", path=str(home), party=manifest.party)
    print_line("Now: comity standby run --home {home}", home=str(home))


@standby.command(help=say("Follow the primary until stopped, and say how far behind this standby is."))
@home_option
@realm_option
@click.option("--once", is_flag=True, help=say("End once everything is here."))
@json_option
def run(home: Path, realm: str, once: bool) -> None:
    """See `help` above."""
    opened, accepted = _open(home, realm)
    asyncio.run(_follow(opened, accepted, is_once=once))


async def _follow(home: Home, accepted: Accepted, *, is_once: bool) -> None:
    suite = ProductionSuite()
    link = make_primary_link(home, accepted, suite=suite)
    store = Store(accepted.path / "store.db", party=home.party)
    follower = Follower(link, store, lineage=accepted.pins.lineage, realm=accepted.realm, suite=suite)
    shown, blobs_at = _Shown(store), 0.0
    try:
        while True:
            try:
                behind = await follower.catch_up(at=read_clock(), step=shown.show)
                shown.show(behind)
                if time.monotonic() >= blobs_at:
                    await follower.fetch_blobs()
                    blobs_at = time.monotonic() + BLOBS_S
            except OutageError as error:
                if is_once:
                    raise
                shown.show(0, code=error.code)
            if is_once:
                return
            await asyncio.sleep(FOLLOW_S)
    finally:
        await link.close()
        store.close()


class _Shown:
    """Shows a state when it is news: many pages at once are shown now and then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state: tuple[int, int, str] | None = None
        self._at = 0.0

    def show(self, behind: int, *, code: str = "") -> None:
        """Show how far behind the standby is, or why that is not known."""
        state = (self._store.count_pages(), behind, code)
        if state == self._state or (behind and time.monotonic() < self._at + FOLLOW_S):
            return
        self._state, self._at = state, time.monotonic()
        count = state[0]
        if is_json():
            emit({"page_count": count, "behind_count": None if code else behind, "code": code})
        elif code:
            print_line("{count} pages are here; the primary does not answer: {code}.", count=count, code=code)
        else:
            print_line("{count} pages are here; the primary has {behind} more.", count=count, behind=behind)


@standby.command("promote", help=say("Make this standby the party's node; needs the root, which ends the old one."))
@home_option
@realm_option
@click.option("--within", default=60, help=say("How many seconds readers have to answer; 60 if left out."))
@click.option("--without", multiple=True, help=say("A party not to wait for: what it alone holds is disowned."))
@click.option("--give-up", is_flag=True, help=say("Go on though a version of the pact is missing here."))
@json_option
def promote_(home: Path, realm: str, within: int, without: tuple[str, ...], give_up: bool) -> None:
    """See `help` above."""
    opened, accepted = _open(home, realm)
    replaced, came_back = asyncio.run(
        promote(
            opened, accepted, at=read_clock(), within_s=within, without=without, is_loss_wanted=give_up,
            suite=ProductionSuite(), ceremony=ProductionCeremony(),
        )
    )  # fmt: skip
    if is_json():
        emit({"realm": accepted.realm, "incarnation": replaced.incarnation, "came_back_count": came_back})
        return
    print_line("{count} pages came back from readers.", count=came_back)
    print_line("Realm {realm}: this home is the party's now; it speaks as incarnation {incarnation}.",
               realm=accepted.realm, incarnation=replaced.incarnation)  # fmt: skip
    print_line("The old node is shut out: it says nothing more once it hears from anybody. Never start it again.")
    print_line("Now: comity node run --home {home}", home=str(home))
    print_line("Then take root.vault offline again.")


COMMANDS = (standby,)
