"""`comity warning`: the own end of the warning feed: how it stands, reports in, and what arrives.

It speaks with the node's warning process over a socket in the realm's folder, which only who may read that folder
reaches.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from comity.api.views.warning import ObjectRow, PartyDelay, PictureRows
from comity.api.words import say
from comity.base.errors import OutageError, UsageError, make_error
from comity.base.instants import Instant, format_iso, parse_instant
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.rooms import Rooms
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.cli.warning_archive import archive
from comity.cli.warning_difference import difference
from comity.cli.warning_export import export
from comity.cli.warning_record import record
from comity.node.feed.door_socket import connect

__all__ = ["COMMANDS"]

_CHUNK_SIZE_BYTES = 64 * 1024


@click.group(
    cls=Rooms,
    rooms={"cot": ("cot",), "admit": ("cot",), "dismiss": ("cot",), "clients": ("cot",)},
    help=say("The warning feed: how it stands, own reports in, what arrives."),
)
def warning() -> None:
    """See `help` above."""


@warning.command(help=say("Show own and others' journals of the feed, sources and links, with counts since the start."))
@home_option
@realm_option
@json_option
def status(home: Path, realm: str) -> None:
    """See `help` above."""
    found = asyncio.run(_ask(find_realm_path(home, realm), {"do": "status"}))
    if is_json():
        emit(found)
        return
    print_table(("to", "pages", "rows", "waiting", "dropped"), map(_lay_out, found["out"]))
    print_table(("from", "pages", "rows", "late", "missing", "lost"), map(_lay_in, found["in"]))
    kept = found["kept"]
    size_mb = -(-kept["size_bytes"] // 1024**2)
    print_line("Kept of the last day: {count} pages, {size_mb} MB on the disk.", count=kept["pages"], size_mb=size_mb)
    if found["quarantined"]:
        print_line("In quarantine, and no part of the picture:")
        print_table(("from", "class", "rows", "code", "clause", "last at"), map(_lay_apart, found["quarantined"]))
    for source, counts in found["sources"].items():
        print_line("{source}: {counts}", source=source, counts=_lay_counts(counts))


@warning.command(help=say("Hand in reports of own sensors, a line of JSON each, from a file or standard input."))
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--class", "class_", required=True, help=say("The class of tracks, by its clause."))
@click.option("--source", default="cli", help=say("What the source is called in counts."))
@home_option
@realm_option
@json_option
def send(file: IO[bytes], class_: str, source: str, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where a report was not taken as it was."""
    asked = {"do": "send", "class": class_, "source": source}
    found = asyncio.run(_ask(find_realm_path(home, realm), asked, file))
    if "code" in found:
        raise UsageError("warning.not-reported", clause=class_)
    counts = found["counts"]
    if is_json():
        emit(counts)
    else:
        print_line("{counts}", counts=_lay_counts(counts))
    return 0 if set(counts) <= {"taken"} else 1


@warning.command(help=say("Print every row as it comes, own ones too, a line of JSON each, until interrupted."))
@home_option
@realm_option
def watch(home: Path, realm: str) -> None:
    """See `help` above."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_watch(find_realm_path(home, realm)))


@warning.command(help=say("Print the picture: objects, who reports each, on what terms, and how late."))
@click.option("--at", help=say("An earlier instant of the last day."))
@home_option
@realm_option
@json_option
def picture(at: str | None, home: Path, realm: str) -> None:
    """See `help` above."""
    asked: dict[str, object] = {"do": "picture"}
    if at is not None:
        asked["at"] = parse_instant(at)
    found: PictureRows = asyncio.run(_ask(find_realm_path(home, realm), asked))
    if is_json():
        emit(found)
        return
    print_line("{at}: {count} objects", at=format_iso(Instant(found["at"])), count=found["object_count"])
    rows = (row for one in found["objects"] for row in _lay_object(one))
    print_table(("object", "class", "stands", "latitude", "longitude", "by", "told under"), rows)
    print_table(
        ("party", "latest ms", "median ms", "longest ms", "stale when it came"), map(_lay_delay, found["delays"])
    )


async def _ask(folder: Path, asked: Mapping[str, object], lines: IO[bytes] | None = None) -> Any:
    """Ask one thing and return the answer.

    Raises:
        OutageError: `warning.not-running`.
        ComityError: another code that is the answer.
    """
    try:
        async with connect(folder) as (reader, writer):
            writer.write(msgspec.json.encode(asked) + b"\n")
            while lines is not None and (chunk := lines.read(_CHUNK_SIZE_BYTES)):
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()
            found = msgspec.json.decode(await reader.read())
    except (OSError, msgspec.DecodeError) as error:
        raise OutageError("warning.not-running") from error
    if lines is None and "code" in found:
        raise make_error(found["code"])
    return found


async def _watch(folder: Path) -> None:
    try:
        async with connect(folder) as (reader, writer):
            writer.write(msgspec.json.encode({"do": "watch"}) + b"\n")
            while line := await reader.readline():
                sys.stdout.write(line.decode())
                sys.stdout.flush()
    except OSError as error:
        raise OutageError("warning.not-running") from error


def _lay_out(row: dict[str, Any]) -> tuple[object, ...]:
    return ", ".join(row["audience"]), row["pages"], row["rows"], row["waiting"], sum(row["dropped"].values())


def _lay_in(row: dict[str, Any]) -> tuple[object, ...]:
    return row["author"], row["pages"], row["rows"], row["late"], row["missing"], row["lost"]


def _lay_apart(row: dict[str, Any]) -> tuple[object, ...]:
    return row["author"], row["class"], row["rows"], row["code"], row["clause"], format_iso(Instant(row["last_at"]))


def _lay_object(one: ObjectRow) -> Iterator[tuple[object, ...]]:
    """Yield the object, then each report of it: where there is no estimate they stand side by side."""
    place = one["estimate"]
    stands = "; ".join((one["standing"], *one["conflicts"], *([f"salvo {one['count']}"] if one["count"] > 1 else [])))
    where = ("", "") if place is None else (f"{place['latitude']:.4f}", f"{place['longitude']:.4f}")
    yield one["name"], one["class_"], stands, *where, len(one["members"]), ""
    for member in one["members"]:
        of = member["place"]
        where = f"{of['latitude']:.4f}", f"{of['longitude']:.4f}"
        told = f"{member['clause']} {member['coarsen_m']} m {member['delay_ms']} ms" if member["clause"] else ""
        yield f"  {member['name']}", "", member["standing"], *where, member["author"], told


def _lay_delay(row: PartyDelay) -> tuple[object, ...]:
    return row["author"], row["latest_ms"], row["median_ms"], row["longest_ms"], row["late_count"]


def _lay_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


warning.add_command(archive)
warning.add_command(difference)
warning.add_command(export)
warning.add_command(record)

COMMANDS = (warning,)
