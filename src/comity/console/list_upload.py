"""A list of injects that an officer brings as a file: TOML or a spreadsheet, bounded before anything of it is read."""

from pathlib import PurePath
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import UploadFile

from comity.api.desk import Desk
from comity.api.finding_words import say_finding
from comity.base.errors import UsageError
from comity.base.limits import SHEET_SIZE_BYTES_MAX
from comity.console.pages import Pages
from comity.exercise.check_msel import MselRefused, parse_msel
from comity.exercise.msel import Msel

__all__ = ["LIST_BODY_SIZE_BYTES_MAX", "read_list", "show_refused"]

LIST_BODY_SIZE_BYTES_MAX: Final = SHEET_SIZE_BYTES_MAX + 256 * 1024
_SHEET_BEGINNING: Final = b"PK\x03\x04"


async def read_list(request: Request[Any, Any, Any], desk: Desk) -> Msel:
    """Return the list that the file of a form holds: a spreadsheet by its first bytes, else TOML.

    Raises:
        UsageError: `console.field-missing`, `console.upload-large`, `msel.sheet`, `msel.sheet-large`.
        MselRefused: with every finding.
    """
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise UsageError("console.field-missing", field="file")
    raw = await file.read(SHEET_SIZE_BYTES_MAX + 1)
    if len(raw) > SHEET_SIZE_BYTES_MAX:
        raise UsageError("console.upload-large", size_bytes_max=SHEET_SIZE_BYTES_MAX)
    pact = desk.node.machine.pact
    if raw.startswith(_SHEET_BEGINNING):
        from comity.exchange.msel_xlsx import read_msel_sheet  # noqa: PLC0415 -- each start would load openpyxl

        return read_msel_sheet(raw, pact, name=PurePath(file.filename).stem)
    return parse_msel(raw, pact)


def show_refused(pages: Pages, request: Request[Any, Any, Any], error: MselRefused, *, back: str) -> Response[Any]:
    """Show everything for which nothing of a file was taken."""
    return pages.render(
        request, "list_refused.html", status=422, findings=error.findings, say_finding=say_finding, back=back
    )
