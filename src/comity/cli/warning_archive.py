"""`comity warning archive`: a day of the feed as a bundle that `comity audit` proves."""

import re
from pathlib import Path
from typing import Final

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant, format_iso, parse_instant
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.crypto.production import ProductionSuite
from comity.node.bell import read_clock
from comity.node.feed.archive import write_archive

__all__ = ["archive", "parse_span"]

_HOURS: Final = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_LAST_HOUR: Final = 23


@click.command(help=say("Write a day of the feed to a bundle file: own pages and others', and the key pages to them."))
@click.option("--day", required=True, metavar="YYYY-MM-DD", help=say("The day, in UTC, by the authors' clocks."))
@click.option("--hours", default="0-23", show_default=True, help=say("Only these hours of it, first and last."))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=say("The file; it must not be there yet."))
@click.option(
    "--with-record",
    "is_whole",
    is_flag=True,
    help=say("Put the whole record in, so that whoever has a key needs no other file."),
)
@home_option
@realm_option
@json_option
def archive(day: str, hours: str, out: Path | None, is_whole: bool, home: Path, realm: str) -> None:
    """See `help` above."""
    from_at, until_at = parse_span(day, hours)
    folder = find_realm_path(home, realm)
    named = out or Path(f"warning-{folder.name}-{format_iso(from_at)[:10]}.comity")
    archived = write_archive(
        folder, named, from_at=from_at, until_at=until_at, at=read_clock(), suite=ProductionSuite(), is_whole=is_whole
    )
    if is_json():
        counts = {"pages": archived.pages, "key_pages_before": archived.key_page_count}
        emit(
            {
                "file": str(named),
                **counts,
                "record_pages": archived.record_page_count,
                "size_bytes": archived.size_bytes,
            }
        )
        return
    print_line(
        "Wrote {path}: {size} bytes. It holds sealed pages and no keys.", path=str(named), size=archived.size_bytes
    )
    for author, count in sorted(archived.pages.items()):
        print_line("{author}: {count} pages", author=author, count=count)
    print_line(
        "Key pages from before that open them: {keys}. Pages of the record: {record}.",
        keys=archived.key_page_count,
        record=archived.record_page_count,
    )
    if not is_whole:
        print_line("Anchors stand in the record: name the home or a bundle of it beside this file to comity audit.")


def parse_span(day: str, hours: str) -> tuple[Instant, Instant]:
    """Return the instants from which and before which a day's hours lie.

    Raises:
        UsageError: `instant.malformed`.
    """
    begins_at = parse_instant(day)
    found = _HOURS.fullmatch(hours)
    first, last = (int(found[1]), int(found[2])) if found else (1, 0)
    if begins_at % DAY_MS or not first <= last <= _LAST_HOUR:
        raise UsageError("instant.malformed", text=(day if begins_at % DAY_MS else hours)[:40])
    return Instant(begins_at + first * HOUR_MS), Instant(begins_at + (last + 1) * HOUR_MS)
