"""Files of items at the command line: `comity item save`, and what hands a file in for `comity item compose`."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from comity.api.row_words import format_size
from comity.api.words import say
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import ATTACHMENT_SIZE_BYTES_MAX
from comity.cli.act import Desk, view
from comity.cli.asking import Client
from comity.cli.item_file import Attached
from comity.cli.items import item
from comity.cli.terminal import emit, is_json, print_line, progress
from comity.procedure.attachment import check_name

__all__ = ["COMMANDS", "hand_in"]

PIECE_SIZE_BYTES: Final = 256 * 1024


def hand_in(client: Client, attached: Sequence[Attached]) -> list[str]:
    """Hand in files, and return the id of each; nothing of one that is out of bounds is sent.

    Raises:
        UsageError: `attachment.size`, `attachment.name`.
    """
    for one in attached:
        check_name(one.path.name)
        size_bytes = one.path.stat().st_size
        if not 1 <= size_bytes <= ATTACHMENT_SIZE_BYTES_MAX:
            raise UsageError("attachment.size", size_bytes=size_bytes, size_bytes_max=ATTACHMENT_SIZE_BYTES_MAX)
    return [_hand_in(client, one.path) for one in attached]


def _hand_in(client: Client, path: Path) -> str:
    with progress("Handing in the file", total=path.stat().st_size) as step, path.open("rb") as file:

        def read() -> Iterator[bytes]:
            done = 0
            while piece := file.read(PIECE_SIZE_BYTES):
                yield piece
                done += len(piece)
                step(done)

        id_: str = client.post_file("/v1/attachments", read(), name=path.name)["attachment"]
    return id_


@view(item, "save", help="Save an attachment of an item, verified; nothing is ever written over.")
@click.argument("beginning", metavar="ID")
@click.argument("portion", type=click.IntRange(1, 255), metavar="PORTION")
@click.option("--to", "path", required=True, type=click.Path(path_type=Path), metavar="PATH",
              help=say("A new file, or a folder in which it gets the name that its originator gave it."))  # fmt: skip
def save(desk: Desk, beginning: str, portion: int, path: Path) -> None:
    """See `help` above."""
    id_ = desk.find("item", beginning)["item"]
    attachment = _find_attachment(desk.client.get(f"/v1/items/{id_}"), portion)
    check_name(attachment["name"])
    target = path / attachment["name"] if path.is_dir() else path
    _save(desk.client, f"/v1/items/{id_}/attachments/{portion}", target, size_bytes=attachment["size_bytes"])
    if is_json():
        emit({"path": str(target), "size_bytes": attachment["size_bytes"]})
    else:
        print_line("Saved: {path}, {size}", path=target, size=format_size(attachment["size_bytes"]))


def _find_attachment(read: dict[str, Any], portion: int) -> dict[str, Any]:
    rows = [row for row in read["portions"] if row["number"] == portion and row["attachment"]]
    if not rows:
        raise UsageError("attachment.none", portion=portion)
    found: dict[str, Any] = rows[0]["attachment"]
    return found


def _save(client: Client, source: str, target: Path, *, size_bytes: int) -> None:
    """Write a file beside its place and put it there once all of it came; for its owner alone."""
    if target.exists() or target.is_symlink():
        raise UsageError("cli.file-there", path=str(target))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".comity-")
    kept = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, progress("Saving the attachment", total=size_bytes) as step:
            for piece in client.stream(source):
                file.write(piece)
                step(file.tell())
            if file.tell() != size_bytes:
                raise RemoteError("attachment.chunk", size_bytes=file.tell())
        os.link(kept, target)  # fails where something is there by now
    except FileExistsError as error:
        raise UsageError("cli.file-there", path=str(target)) from error
    finally:
        kept.unlink()


COMMANDS = (item,)
