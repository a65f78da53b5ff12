"""`comity exercise report`: the after-action report as HTML, PDF or JSON, beside those of earlier exercises."""

from pathlib import Path
from typing import Final

import click
import msgspec

from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.cli.act import Desk, view
from comity.cli.files import read_beginning
from comity.cli.playing_views import ReadMsel, find_exercise, follow_row, id_option, read_agreed
from comity.cli.terminal import emit, is_json, print_line
from comity.exercise.report import REPORT_SIZE_BYTES_MAX, Report, complete, digest_report, format_report, parse_report

__all__ = ["add_reporting", "make_report"]

_FORMS: Final = (".html", ".pdf", ".json")


def add_reporting(group: click.Group, read: ReadMsel) -> None:
    """Add the command."""

    @view(
        group,
        "report",
        help="Write the after-action report (.html, .pdf or .json), from the journal and the list of injects.",
    )
    @click.argument("source", metavar="FILE|LIST")
    @click.option("--out", type=click.Path(path_type=Path), required=True, help=say("The file to write."))
    @click.option("--beside", "earlier", multiple=True, type=click.Path(path_type=Path),
                  help=say("The report of an earlier exercise (.json), to stand beside it; repeatable."))  # fmt: skip
    @id_option
    def report(desk: Desk, source: str, out: Path, earlier: tuple[Path, ...], id_: str) -> None:
        if out.suffix not in _FORMS:
            raise click.BadParameter(say("name a file that ends in .html, .pdf or .json"))
        if out.exists():
            raise UsageError("cli.file-there", path=str(out))
        beside = [read_report(path) for path in earlier]
        made = make_report(desk, read, source, id_)
        out.write_bytes(_write(made, beside, out.suffix))
        digest = digest_report(made).hex()
        if is_json():
            emit({"file": str(out), "digest": digest})
            return
        print_line("written: {file}", file=str(out))
        print_line("SHA-256 of the report: {digest}", digest=digest)


def make_report(desk: Desk, read: ReadMsel, source: str, id_: str) -> Report:
    """Return the report of an exercise, by the node's record and the list that was agreed on."""
    row = find_exercise(desk, id_)
    msel = read_agreed(read(desk, source), row)
    held = msgspec.convert(desk.client.get(f"/v1/exercises/{row['id']}/report"), Report)
    return complete(held, msel, follow_row(desk, msel, row))


def read_report(path: Path) -> Report:
    """Read a report from a file.

    Raises:
        UsageError: `file.unreadable`.
        RemoteError: `report.malformed`.
    """
    return parse_report(read_beginning(path, size_bytes_max=REPORT_SIZE_BYTES_MAX))


def _write(report: Report, earlier: list[Report], suffix: str) -> bytes:
    if suffix == ".json":
        return format_report(report)
    if suffix == ".html":
        from comity.api.after_action.html import write_html  # noqa: PLC0415 -- only who writes one needs it

        return write_html(report, earlier)
    from comity.api.after_action.pdf import write_pdf  # noqa: PLC0415 -- as above

    return write_pdf(report, earlier, get_language())
