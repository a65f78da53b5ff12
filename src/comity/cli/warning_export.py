"""`comity warning export`: a day of the feed as a table of Parquet, held against the audit's own reading (W74)."""

from pathlib import Path

import click

from comity.api.words import say
from comity.audit.report import Report
from comity.base.errors import UsageError
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.audit import judge_records, read_own, read_records
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.cli.warning_archive import parse_span
from comity.exchange.track_table import find_difference, write_table

__all__ = ["export"]

_REAL = "real"


@click.command(
    help=say("Write a day of the feed as a table (Parquet): a row for each row, in raw numbers and SI units.")
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--day", required=True, metavar="YYYY-MM-DD", help=say("The day, in UTC, by the authors' clocks."))
@click.option("--hours", default="0-23", show_default=True, help=say("Only these hours of it, first and last."))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("The file; it must not be there yet."),
)
@home_option
@realm_option
@json_option
def export(paths: tuple[Path, ...], day: str, hours: str, out: Path, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where the table read back is not what was told."""
    from_at, until_at = parse_span(day, hours)
    if paths:
        records = read_records(paths, realm=realm, is_open=True)
    else:
        records = [read_own(find_realm_path(home, realm), from_at=from_at, until_at=until_at)]
    report, _ = judge_records(records, (), is_shown=False)
    blocks = [raw for raw in report.blocks if from_at <= raw.sheet.header.written_at < until_at]
    if not blocks:
        raise UsageError("warning.nothing-kept")
    named = _name(out, records[0].realm)
    count = write_table(named, blocks, _describe(report, records[0].lineage, records[0].realm, day=day))
    alike, unlike = find_difference(named, blocks)
    if is_json():
        emit({"file": str(named), "rows": count, "is_equal": unlike is None})
    else:
        print_line(
            "Wrote {path}: {count} rows, {alike} of them read back and equal.",
            path=str(named),
            count=count,
            alike=alike,
        )
    return 0 if unlike is None and alike == count else 1


def _name(out: Path, realm: str) -> Path:
    """Return the file's name; that of an exercise says so."""
    said = realm.replace("/", "-")
    return out if realm == _REAL or said in out.name else out.with_name(f"{said}-{out.name}")


def _describe(report: Report, lineage: bytes, realm: str, *, day: str) -> dict[str, str]:
    pacts = sorted({raw.sheet.header.pact.hex() for raw in report.blocks})
    is_exercise = "no" if realm == _REAL else "yes"
    return {"lineage": lineage.hex(), "realm": realm, "exercise": is_exercise, "day": day, "pacts": ",".join(pacts)}
