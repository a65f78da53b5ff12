"""`comity drop`: carry the record to a party that no link reaches, on a stick (docs/guide/drop.md)."""

import os
from pathlib import Path
from typing import Final

import click

from comity.api.words import say
from comity.base.errors import ComityError, OutageError
from comity.base.limits import DROP_SIZE_BYTES_MAX
from comity.cli.act import Desk, view
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_warning, progress
from comity.exchange.drop import DROP_SUFFIX, find_file_name
from comity.node.room import is_no_room

__all__ = ["COMMANDS"]

_UNFINISHED: Final = ".unfinished"
_TAKEN: Final = "taken"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=CommandGroup, help=say("Carry the record on a stick: numbered files for one party, one way."))
def drop() -> None:
    """See `help` above."""


@view(drop, "out", help="Write what a party has not been given on a stick yet, as numbered files for it alone.")
@click.argument("folder", type=_FOLDER)
@click.option("--to", required=True, metavar="PARTY", help=say("For whom; nobody else can open it."))
@click.option("--from", "first", type=click.IntRange(1, 999_999), help=say("Begin again with this number."))
def out(desk: Desk, folder: Path, to: str, first: int | None) -> None:
    """See `help` above."""
    (reader,) = desk.check_parties((to,))
    realm = desk.client.get("/v1/status")["realm"]
    written: list[str] = []
    asked = first or 0
    while True:
        raw, number, reached, has_more = desk.client.post_for_part("/v1/drop/out", {"to": reader, "number": asked})
        if not raw:
            break
        name = find_file_name(realm=realm, author=desk.party, reader=reader, number=number)
        _write(folder / name, raw, number)
        desk.client.post("/v1/drop/written", {"to": reader, "number": number, "reached": reached})
        written.append(name)
        asked = 0
        if not is_json():
            print_line("Written: {path}", path=str(folder / name))
        if not has_more:
            break
    if is_json():
        emit({"files": written})
    elif not written:
        print_line("Nothing new for {party}.", party=reader)


@view(drop, "in", help="Take the files of a stick that are for this party, each once; taken ones are moved aside.")
@click.argument("folder", type=_FOLDER)
def in_(desk: Desk, folder: Path) -> None:
    """See `help` above."""
    paths = sorted(path for path in folder.glob(f"*{DROP_SUFFIX}") if path.is_file())
    results: list[dict[str, object]] = []
    fault: ComityError | None = None
    with progress("taking files", total=len(paths)) as step:
        for done, path in enumerate(paths, 1):
            try:
                found = desk.client.post_bytes("/v1/drop/in", read_bounded(path, DROP_SIZE_BYTES_MAX))
            except ComityError as error:
                fault = fault or error
                results.append({"file": path.name, "error": error.code})
                if not is_json():
                    print_warning("{path}: not taken [{code}]", path=path.name, code=error.code)
                continue
            finally:
                step(done)
            results.append({"file": path.name, **found})
            if not found["is_waiting"]:
                _move_aside(path)
    if is_json() and fault is None:
        emit({"files": results})
    elif not is_json():
        _print_results(results)
    if fault is not None:
        raise fault


def _print_results(results: list[dict[str, object]]) -> None:
    for row in results:
        if "error" in row:
            continue
        if row["is_waiting"]:
            print_line("{path}: pages before it are missing; take it again when they are here", path=row["file"])
        elif row["is_known"]:
            print_line("{path}: taken before", path=row["file"])
        else:
            print_line("{path}: {count} pages, {new} of them new, {blobs} files of items", path=row["file"],
                       count=row["page_count"], new=row["new_count"], blobs=row["blob_count"])  # fmt: skip
        if not row["is_signed"] and not row["is_waiting"]:
            print_warning("{path}: nobody signed its number and who wrote it: an earlier version did, or a stranger",
                          path=row["file"])  # fmt: skip
        if row["missing"]:
            missing = row["missing"]
            assert isinstance(missing, list)
            print_warning("Parts that did not come: {numbers}", numbers=", ".join(map(str, missing[:20])))
    if not results:
        print_line("No file of a drop lies here.")


def _write(path: Path, raw: bytes, number: int) -> None:
    """Write a file whole or not at all under its name; what is left unfinished of it is this command's own."""
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if is_no_room(error):
            raise OutageError("drop.no-room", number=number) from error
        raise


def _move_aside(path: Path) -> None:
    """Move a taken file into a folder beside it; on a stick that cannot be written to it stays."""
    try:
        aside = path.parent / _TAKEN
        aside.mkdir(exist_ok=True)
        if not (aside / path.name).exists():
            path.rename(aside / path.name)
    except OSError:
        if not is_json():
            print_warning("{path} stays where it is: the stick cannot be written to", path=path.name)


COMMANDS = (drop,)
