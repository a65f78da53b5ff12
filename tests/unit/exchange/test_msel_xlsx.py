"""Lists of injects as spreadsheets (docs/spec/exercise.md, E7 to E9)."""

import datetime as dt
import io
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from comity.base.errors import UsageError
from comity.exchange.msel_xlsx import read_msel_sheet, write_msel_sheet
from comity.exercise.check_msel import MselRefused, parse_msel
from comity.exercise.msel import Msel
from comity.pact.model import Pact

FIXTURES = Path(__file__).parents[2] / "fixtures" / "exercise"
HEADINGS = ("Number", "Exercise time", "From", "To", "Method", "Inject", "Objective")
DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
ROW = ("7.10", "0:10", "control", "JPN, KOR", "voice", "=1+2 is no sum", "alert")


@pytest.fixture
def lost_line(camp_david: Pact) -> Msel:
    """The list that ships."""
    return parse_msel((files("comity.exercise.lists") / "lost-line.toml").read_bytes(), camp_david)


def _make(*rows: tuple[Any, ...], title: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell: Any = sheet.cell(number, place, value)
            if isinstance(value, str) and not value.startswith("=SUM"):
                cell.data_type = "s"
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _find(raw: bytes, pact: Pact) -> list[tuple[str, str]]:
    with pytest.raises(MselRefused) as refused:
        read_msel_sheet(raw, pact)
    return [(one.key, one.code) for one in refused.value.findings]


def test_a_list_goes_out_and_comes_back_as_it_was(lost_line: Msel, camp_david: Pact) -> None:
    """Every cell of it."""
    assert read_msel_sheet(write_msel_sheet(lost_line), camp_david) == lost_line


def test_another_program_keeps_every_cell(lost_line: Msel, camp_david: Pact) -> None:
    """The files are what LibreOffice 7.4 wrote when it had opened ours and saved them as .xlsx; `odd` tempts it."""
    odd = parse_msel((FIXTURES / "odd.toml").read_bytes(), camp_david)
    assert read_msel_sheet(write_msel_sheet(odd), camp_david) == odd
    for name, msel in (("lost-line", lost_line), ("odd", odd)):
        assert read_msel_sheet((FIXTURES / f"{name}-libreoffice.xlsx").read_bytes(), camp_david) == msel


def test_a_sheet_of_somebody_elses_may_be_the_list_alone(camp_david: Pact) -> None:
    """Who speaks and what is aimed at is taken from the rows; what looks like a formula and is text stays text."""
    times = (*ROW[:1], dt.time(0, 10), *ROW[2:])
    days = ("8", dt.timedelta(hours=26, minutes=30), *ROW[2:])
    msel = read_msel_sheet(_make(HEADINGS, times, days, (9, "30:00", *ROW[2:])), camp_david, name="theirs")
    assert [(one.number, one.at) for one in msel.injects] == [("7.10", "0:10"), ("8", "26:30"), ("9", "30:00")]
    assert (msel.id, msel.injects[0].text.en) == ("theirs", "=1+2 is no sum")
    assert ([cell.id for cell in msel.cells], [one.id for one in msel.objectives]) == (["control"], ["alert"])


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [
        ((HEADINGS, (7.1, *ROW[1:])), "MSEL!A2", "msel.cell"),
        ((HEADINGS, ("7", DATE, *ROW[2:])), "MSEL!B2", "msel.cell"),
        ((HEADINGS, (*ROW[:5], "=SUM(A1:A2)", "alert")), "MSEL!F2", "msel.cell"),
        ((HEADINGS, (*ROW, "more")), "MSEL!H2", "msel.cell"),
        (((*HEADINGS, "Colour"), ROW), "MSEL!H1", "msel.cell"),
        (((*HEADINGS, "to"), ROW), "MSEL!H1", "msel.cell"),
        ((HEADINGS, (*ROW[:3], "CHE", *ROW[4:])), "MSEL!D2", "msel.row"),
        ((HEADINGS, (*ROW[:1], "ten past", *ROW[2:])), "MSEL!B2", "pact.value"),
        ((HEADINGS, (*ROW[:5], None, "alert")), "MSEL!2", "pact.key-missing"),
        ((HEADINGS, ROW, *[()] * 2047, ROW), "MSEL!A2050", "msel.cell"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_cell(rows: Any, place: str, code: str, camp_david: Pact) -> None:
    """Sheet, column and row, as a spreadsheet names them."""
    assert (place, code) in _find(_make(*rows), camp_david)


def _with_part(raw: bytes, name: str, content: bytes, *, in_place: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if not (in_place and part == name):
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: b"no package", "msel.sheet"),
        (lambda raw: raw[: len(raw) // 2], "msel.sheet"),
        (lambda raw: _with_part(raw, "xl/externalLinks/externalLink1.xml", b"<x/>"), "msel.sheet"),
        (lambda raw: _with_part(raw, "xl/vbaProject.bin", b"x"), "msel.sheet"),
        (lambda raw: _with_part(raw, "xl/worksheets/sheet1.xml", b"<a>" * 9, in_place=True), "msel.sheet"),
        (lambda raw: _with_part(raw, "xl/worksheets/sheet1.xml", BOMB, in_place=True), "msel.sheet"),
        (lambda raw: _with_part(raw, "xl/media/big.bin", b"\0" * (49 * 1024 * 1024)), "msel.sheet-large"),
        (lambda raw: raw + b"\0" * (4 * 1024 * 1024), "msel.sheet-large"),
    ],
)
def test_a_hostile_package_is_refused_whole(change: Any, code: str, lost_line: Msel, camp_david: Pact) -> None:
    """Truncated, unpacking to more than is read, with macros or links, with entities that multiply."""
    with pytest.raises(UsageError) as refused:
        read_msel_sheet(change(write_msel_sheet(lost_line)), camp_david)
    assert refused.value.code == code
