"""What a node runs on, and its keys: one view for the API, the command line and the console.

Counts, sizes, ages and public keys, of the own party's journals and of its peers' certificates.
"""

import contextlib
from pathlib import Path
from typing import Final

from comity import __version__
from comity.api.desk import Desk
from comity.api.standing import find_file_age_s, find_free_bytes
from comity.api.views.upkeep import EpochShown, KeyShown, NodeShown
from comity.base.instants import NEVER
from comity.machine.machine import Machine
from comity.node.backup.manifest import STORE_FILE
from comity.node.feed.kept import FEED_FILE
from comity.node.feed.segments import find_segments
from comity.node.layout import LAYOUT, STORE_FORMATS
from comity.node.marks import find_backed_up_at
from comity.node.snapshot import SNAPSHOT_FILE

__all__ = ["show_node"]

UNKNOWN: Final = -1


def show_node(desk: Desk) -> NodeShown:
    """Return what a node runs on now."""
    node, machine, folder = desk.node, desk.node.machine, desk.folder
    free = None if folder is None else find_free_bytes(folder)
    age = None if folder is None else find_file_age_s(folder / SNAPSHOT_FILE, at=node.now())
    return {
        "version": __version__,
        "layout": LAYOUT,
        "store_format": max(STORE_FORMATS),
        "pact_version": machine.pact.identity.version,
        "disk_free_bytes": UNKNOWN if free is None else free,
        "store_size_bytes": UNKNOWN if folder is None else _find_size(folder),
        "snapshot_age_s": 0 if age is None else int(age),
        "backed_up_at": NEVER if folder is None else find_backed_up_at(folder.parent.parent, folder.name),
        "held_count": len(machine.ledger.held()),
        "unopened_count": machine.statements.unopened_count,
        "unpublished_count": len(node.store.find_unpublished()),
        "is_superseded": machine.pen.is_superseded,
        "keys": _list_keys(machine),
        "epochs": _list_epochs(machine),
    }


def _find_size(folder: Path) -> int:
    """Return what the store takes on the disk, its log included, with all that the warning feed keeps beside it."""
    files = [folder / f"{name}{ending}" for name in (STORE_FILE, FEED_FILE) for ending in ("", "-wal")]
    with contextlib.suppress(FileNotFoundError):  # there is no feed
        files += find_segments(folder / FEED_FILE).iterdir()
    return sum(map(_find_file_size, files))


def _find_file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a segment may go at any time
        return 0


def _list_keys(machine: Machine) -> list[KeyShown]:
    """Return every certified incarnation, own ones first, each party's newest first."""
    trust, own = machine.ledger.trust, machine.party
    rows: list[KeyShown] = []
    for party in (own, *(party for party in machine.parties if party != own)):
        newest = trust.find_newest(party)
        rows += [
            {"party": party, "incarnation": number, "node_key": one.node_key.hex(), "issued_at": one.issued_at,
             "is_in_use": newest is not None and number == newest.incarnation}
            for number in reversed(trust.find_incarnations(party))
            for one in trust.find_certificates(party, number)
        ]  # fmt: skip
    return rows


def _list_epochs(machine: Machine) -> list[EpochShown]:
    """Return the own journals that are sealed, with the epoch in use."""
    sealed = (own for own in machine.pen.outgoing.all() if own.is_sealed)
    return [
        {"feed": own.id.feed.value, "audience": list(own.id.audience), "epoch": own.epoch,
         "begun_at": own.epoch_at, "is_wrapping": own.is_wrapping, "waiting_count": len(own.queue)}
        for own in sorted(sealed, key=lambda own: (own.id.feed.value, own.id.audience))
    ]  # fmt: skip
