"""A list of injects as a spreadsheet (.xlsx), out and in (docs/spec/exercise.md, E7 to E9).

Rules
- Every cell is text: a time stays a time and 7.10 stays 7.10 in whatever program the sheet is opened.
- What comes is hostile until shown otherwise: sizes are bounded before anything is unpacked, nothing is computed, and a
  sheet with macros, links to other files or embedded objects is refused whole.
- A finding names sheet, column and row: `MSEL!H12`.
- A sheet from elsewhere may be the list alone: then whoever speaks in it is a cell of the control group, and each
  objective that it names is one.

Source: ECMA-376, part 1 (SpreadsheetML), as openpyxl reads and writes it.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from comity.base.errors import UsageError
from comity.base.instants import SECOND_MS
from comity.base.limits import PACT_ROW_COUNT_MAX, SHEET_SIZE_BYTES_MAX
from comity.exchange.msel_columns import CELLS, EXERCISE, INJECTS, OBJECTIVES, Column
from comity.exercise.check_msel import MselRefused, find_msel_faults
from comity.exercise.msel import Msel
from comity.exercise.offset import format_offset
from comity.pact.findings import Findings
from comity.pact.lines import KeyPath, LineIndex
from comity.pact.model import Pact
from comity.pact.shape import NOTHING, read_shape

__all__ = ["read_msel_sheet", "write_msel_sheet"]

_UNPACKED_SIZE_BYTES_MAX: Final = 48 * 1024 * 1024
_PART_COUNT_MAX: Final = 64
_COLUMN_COUNT_MAX: Final = 32
_ACTIVE: Final = (
    "xl/externallinks/",
    "xl/embeddings/",
    "xl/vbaproject",
    "xl/activex/",
    "xl/macrosheets/",
    "xl/connections",
)

_LIST_SHEET: Final = "MSEL"
_SHEETS: Final[Mapping[str, tuple[Column, ...]]] = {
    _LIST_SHEET: INJECTS,
    "Objectives": OBJECTIVES,
    "Cells": CELLS,
    "Exercise": EXERCISE,
}
_DAY_S: Final = 86_400
_Rows = list[tuple[int, dict[str, Any]]]


class _SheetFindings(Findings):
    """Findings whose key is the cell that they are about."""

    def __init__(self) -> None:
        self.places: dict[KeyPath, tuple[str, int, Mapping[str, int]]] = {}
        self._lines = LineIndex()
        super().__init__(self._lines, None)

    def note_row(self, path: KeyPath, sheet: str, row: int, columns: Mapping[str, int]) -> None:
        """Say where the row at `path` stands."""
        self.places[path] = (sheet, row, columns)
        self._lines.lines[path] = row

    def add(self, path: KeyPath, code: str, **arguments: str | int) -> None:
        """Note that what stands at `path` is wrong."""
        super().add(path, code, **arguments)
        if self._found and (place := self._find_place(path)):
            self._found[-1] = self._found[-1]._replace(key=place)

    def add_cell(self, sheet: str, row: int, column: int, code: str, **arguments: str | int) -> None:
        """Note that a cell is wrong."""
        path: KeyPath = (sheet, row)
        self.note_row(path, sheet, row, {"": column})
        self.add((*path, ""), code, **arguments)

    def _find_place(self, path: KeyPath) -> str:
        for size in range(len(path), 0, -1):
            if (found := self.places.get(path[:size])) is not None:
                sheet, row, columns = found
                rest = [str(step) for step in path[size:] if isinstance(step, str)]
                names = [".".join(rest[:count]) for count in range(len(rest), 0, -1)] or [""]
                column = next((columns[name] for name in names if name in columns), None)
                return f"{sheet}!{get_column_letter(column) if column else ''}{row}"
        return ""


def write_msel_sheet(msel: Msel) -> bytes:
    """Return a list as the bytes of an .xlsx file."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    tree = msgspec.to_builtins(msel)
    objectives = [
        row
        for objective in tree["objective"]
        for row in (
            objective,
            *({"id": objective["id"], "task": task["id"], **_of(task)} for task in objective["task"]),
        )
    ]
    found = {_LIST_SHEET: tree["inject"], "Objectives": objectives, "Cells": tree["cell"], "Exercise": [tree]}
    for name, columns in _SHEETS.items():
        sheet = book.create_sheet(name)
        _write_row(sheet, 1, [column.heading for column in columns], is_heading=True)
        for number, row in enumerate(found[name], start=2):
            _write_row(sheet, number, [_write_value(row, column) for column in columns])
        sheet.freeze_panes = "A2"
        for number, column in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = (
                48 if column.key.split(".")[0] in ("text", "expected") else 16
            )
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _of(task: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": task["title"]}


def _write_row(sheet: Worksheet, row: int, values: Sequence[str], *, is_heading: bool = False) -> None:
    for number, value in enumerate(values, start=1):
        cell = sheet.cell(row, number)
        assert isinstance(cell, Cell)
        if value:
            cell.value = value
            cell.data_type = "s"  # also what begins with `=` is text
        cell.number_format = "@"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if is_heading:
            cell.font = Font(bold=True)


def _write_value(row: Mapping[str, Any], column: Column) -> str:
    value: Any = row
    for step in column.key.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if column.key == "task" and not isinstance(value, str):
        return ""
    if column.key == "only_if" and value == "always":
        return ""
    if column.separator:
        return f"{column.separator} ".join(value or ())
    return value or ""


def read_msel_sheet(raw: bytes, pact: Pact, *, name: str = "imported") -> Msel:
    """Read an .xlsx file as a list of injects to be played under `pact`; `name` is for a sheet that says none.

    Raises:
        UsageError: `msel.sheet`, `msel.sheet-large`.
        MselRefused: with every finding, each with its cell.
    """
    _check_package(raw)
    findings = _SheetFindings()
    try:
        sheets = _read_book(raw, findings)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError("msel.sheet") from error  # whatever the library trips over, it is no sheet
    tree = _make_tree(sheets, name, findings)
    msel = read_shape(Msel, tree, (), findings)
    if msel is not NOTHING:
        find_msel_faults(msel, pact, findings)
    if found := findings.list():
        raise MselRefused(found)
    assert isinstance(msel, Msel)
    return msel


def _check_package(raw: bytes) -> None:
    """Bound what is unpacked before it is, and refuse what could do more than hold cells."""
    if len(raw) > SHEET_SIZE_BYTES_MAX:
        raise UsageError("msel.sheet-large")
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UsageError("msel.sheet") from error
    if len(parts) > _PART_COUNT_MAX or sum(part.file_size for part in parts) > _UNPACKED_SIZE_BYTES_MAX:
        raise UsageError("msel.sheet-large")
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & 1 for part in parts) or any(name.startswith(_ACTIVE) for name in names):
        raise UsageError("msel.sheet")


def _read_book(raw: bytes, findings: _SheetFindings) -> dict[str, _Rows]:
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
    found: dict[str, _Rows] = {}
    names = [name for name in book.sheetnames if name in _SHEETS] or book.sheetnames[:1]
    for name in names:
        known = name if name in _SHEETS else _LIST_SHEET
        sheet = book[name]
        sheet.reset_dimensions()
        found[known] = _read_sheet(
            known, sheet.iter_rows(max_row=PACT_ROW_COUNT_MAX + 2, max_col=_COLUMN_COUNT_MAX + 1), findings
        )
    return found


def _read_sheet(name: str, rows: Iterable[Sequence[Any]], findings: _SheetFindings) -> _Rows:
    columns: dict[int, Column] = {}
    found: _Rows = []
    for number, row in enumerate(rows, start=1):
        if number == 1:
            columns = _read_headings(name, row, findings)
            continue
        cells = [(place, cell) for place, cell in enumerate(row, start=1) if cell.value not in (None, "")]
        if cells and number > PACT_ROW_COUNT_MAX + 1:
            findings.add_cell(name, number, 1, "msel.cell", why="the sheet has more rows than are read")
            break
        read: dict[str, Any] = {}
        for place, cell in cells:
            if place in columns:
                value, why = _read_cell(cell)
                if value is not None:
                    _put(read, columns[place], value)
            else:
                why = "this column has no heading"
            if why:
                findings.add_cell(name, number, place, "msel.cell", why=why)
        if cells:
            found.append((number, read))
            places = {column.key: place for place, column in columns.items()}
            findings.note_row((name, number), name, number, places)
    return found


def _read_headings(name: str, row: Sequence[Any], findings: _SheetFindings) -> dict[int, Column]:
    known = {column.heading.casefold(): column for column in _SHEETS[name]}
    found: dict[int, Column] = {}
    for place, cell in enumerate(row, start=1):
        if cell.value in (None, ""):
            continue
        column = known.get(str(cell.value).strip().casefold())
        if column is None:
            findings.add_cell(name, 1, place, "msel.cell", why="no column of this name is known")
        elif column in found.values():
            findings.add_cell(name, 1, place, "msel.cell", why="this column stands twice")
        else:
            found[place] = column
    return found


def _read_cell(cell: Any) -> tuple[str | None, str]:
    """Return the text of a cell, or None and why it has none."""
    value, why = cell.value, ""
    if cell.data_type == "f":
        why = "a formula is not read: paste its value"
    elif cell.data_type == "e":
        why = "an error of the program that wrote the sheet"
    elif isinstance(value, dt.time):
        value = format_offset((value.hour * 3600 + value.minute * 60 + value.second) * SECOND_MS)
    elif isinstance(value, dt.timedelta):
        value = format_offset((value.days * _DAY_S + value.seconds) * SECOND_MS)
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    elif not isinstance(value, str):
        why = "this is no text: a date, or a number with a point, reads otherwise in another program"
    return (None, why) if why else (value, "")


def _put(read: dict[str, Any], column: Column, value: str) -> None:
    text = value.replace("\r\n", "\n")
    into = read
    *steps, last = column.key.split(".")
    for step in steps:
        into = into.setdefault(step, {})
    into[last] = [part.strip() for part in text.split(column.separator) if part.strip()] if column.separator else text


def _make_tree(sheets: Mapping[str, _Rows], name: str, findings: _SheetFindings) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for _, row in sheets.get("Exercise", [])[:1]:
        tree |= row
    tree.setdefault("id", name)
    tree.setdefault("title", {"en": tree["id"]})
    injects = sheets.get(_LIST_SHEET, [])
    tree["inject"] = _place("inject", _LIST_SHEET, injects, findings)
    tree["cell"] = _place("cell", "Cells", sheets.get("Cells", []), findings)
    tree["objective"] = _read_objectives(sheets.get("Objectives", []), findings)
    if "Cells" not in sheets:
        speakers = dict.fromkeys(row["from"] for _, row in injects if "from" in row)
        tree["cell"] = [{"id": one, "kind": "white", "title": {"en": one}} for one in speakers]
    if "Objectives" not in sheets:
        named = dict.fromkeys(one for _, row in injects for one in row.get("objective", ()))
        tree["objective"] = [{"id": one, "title": {"en": one}} for one in named]
    return tree


def _place(table: str, sheet: str, rows: _Rows, findings: _SheetFindings) -> list[dict[str, Any]]:
    for index, (number, _) in enumerate(rows):
        findings.note_row((table, index), *findings.places[sheet, number])
    return [row for _, row in rows]


def _read_objectives(rows: _Rows, findings: _SheetFindings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, row in rows:
        place = findings.places["Objectives", number]
        if "task" not in row:
            findings.note_row(("objective", len(found)), *place)
            found.append(dict(row, task=[]))
        elif found and row.get("id") == found[-1].get("id"):
            tasks = found[-1]["task"]
            findings.note_row(("objective", len(found) - 1, "task", len(tasks)), *place)
            tasks.append({"id": row["task"], **{key: value for key, value in row.items() if key not in ("id", "task")}})
        else:
            findings.add(("Objectives", number), "msel.cell", why="a critical task stands below its objective")
    return found
