"""Whether a list of injects is one that can be played (docs/spec/exercise.md, E2 to E6).

Every fault is named with its place; nothing is repaired. What a list says of parties, domains and acts is held against
the pact under which it is to be played.
"""

from collections import Counter
from typing import Final

from comity.exercise.msel import Cell, Condition, Inject, Msel
from comity.exercise.offset import parse_offset
from comity.pact.document import read_document
from comity.pact.findings import FileRefused, Finding, Findings, note_twice
from comity.pact.lines import KeyPath
from comity.pact.model import Pact

__all__ = ["MselRefused", "check_msel", "find_msel_faults", "parse_msel"]

_CODE: Final = "msel.row"


class MselRefused(FileRefused):
    """The file can't be taken as a list of injects."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("msel.refused", findings)


def parse_msel(raw: bytes, pact: Pact) -> Msel:
    """Read a list of injects to be played under `pact`.

    Raises:
        MselRefused: with every finding, each with line, row and code.
    """
    msel, found = _read(raw, pact)
    if msel is None or found:
        raise MselRefused(found)
    return msel


def check_msel(raw: bytes, pact: Pact) -> tuple[Finding, ...]:
    """Return every finding in the order of the file."""
    return _read(raw, pact)[1]


def _read(raw: bytes, pact: Pact) -> tuple[Msel | None, tuple[Finding, ...]]:
    msel, findings = read_document(raw, Msel)
    if msel is not None:
        find_msel_faults(msel, pact, findings)
    return msel, findings.list()


def find_msel_faults(msel: Msel, pact: Pact, findings: Findings) -> None:
    """Note whatever in a list contradicts itself or the pact."""
    note_twice(findings, ("objective",), (row.id for row in msel.objectives), _CODE)
    note_twice(findings, ("cell",), (row.id for row in msel.cells), _CODE)
    note_twice(findings, ("inject",), (row.number for row in msel.injects), _CODE, key="number")
    for index, objective in enumerate(msel.objectives):
        tasks = Counter(task.id for task in objective.tasks)
        if any(count > 1 for count in tasks.values()):
            findings.add(("objective", index, "task"), _CODE, why="an id stands twice")
    for index, cell in enumerate(msel.cells):
        _check_cell(cell, pact, ("cell", index), findings)
    for index, inject in enumerate(msel.injects):
        _check_names(msel, inject, pact, ("inject", index), findings)
        _check_expected(inject, ("inject", index), findings)
        _check_follows(msel, inject, ("inject", index), findings)
    _check_order(msel, findings)
    _check_circles(msel, findings)


def _check_cell(cell: Cell, pact: Pact, at: KeyPath, findings: Findings) -> None:
    if cell.id in pact.audience:
        findings.add((*at, "id"), _CODE, why="a cell is called as no party of the pact is")


def _check_names(msel: Msel, inject: Inject, pact: Pact, at: KeyPath, findings: Findings) -> None:
    cells, parties = {cell.id for cell in msel.cells}, set(pact.audience)
    if inject.from_ not in cells:
        findings.add((*at, "from"), _CODE, why="an inject comes from a cell, and there is none of this name")
    if not set(inject.to) <= cells | parties:
        findings.add((*at, "to"), _CODE, why="this is neither a party of the pact nor a cell")
    if not set(inject.by) <= parties:
        findings.add((*at, "by"), _CODE, why="this is no party of the pact")
    if not set(inject.objectives) <= {row.id for row in msel.objectives}:
        findings.add((*at, "objective"), _CODE, why="there is no objective of this name")


def _check_expected(inject: Inject, at: KeyPath, findings: Findings) -> None:
    if inject.act is not None and not (inject.by and inject.within):
        findings.add((*at, "act"), _CODE, why="an expected act has somebody who does it, and a time that it may take")
    if inject.act is None and (inject.by or inject.within):
        findings.add(at, _CODE, why="who does it and how long it may take are said of an act, and there is none")


def _check_follows(msel: Msel, inject: Inject, at: KeyPath, findings: Findings) -> None:
    if (inject.after is None) is not (inject.only_if is Condition.ALWAYS):
        if inject.after is None:
            findings.add((*at, "only_if"), _CODE, why="a condition is about an inject before, and none is named")
        return
    before = None if inject.after is None else msel.by_number.get(inject.after)
    if inject.after is not None and before is None:
        findings.add((*at, "after"), _CODE, why="there is no inject of this number")
    if before is None or inject.only_if not in (Condition.MET, Condition.MISSED):
        return
    if before.act is None:
        findings.add((*at, "only_if"), _CODE, why="the inject before expects no act that could be met or missed")
    elif inject.only_if is Condition.MISSED and inject.at_ms < parse_offset(before.within or "0:00"):
        findings.add((*at, "at"), _CODE, why="what is missed is known no sooner than its time is over")


def _check_order(msel: Msel, findings: Findings) -> None:
    """Injects that come at a time of their own stand in the order of these times."""
    last_ms = 0
    for index, inject in enumerate(msel.injects):
        if inject.after is None:
            if inject.at_ms < last_ms:
                findings.add(("inject", index, "at"), _CODE, why="this time lies before that of an inject above it")
            last_ms = max(last_ms, inject.at_ms)


def _check_circles(msel: Msel, findings: Findings) -> None:
    """Every inject follows, over however many, one that comes at a time of its own."""
    leads: dict[str, bool] = {inject.number: True for inject in msel.injects if inject.after is None}
    for index, inject in enumerate(msel.injects):
        walked: list[str] = []
        number = inject.number
        while number in msel.by_number and number not in leads and number not in walked:
            walked.append(number)
            number = msel.by_number[number].after or ""
        is_led = leads.get(number, number not in msel.by_number)
        leads |= dict.fromkeys(walked, is_led)
        if number in walked:
            findings.add(("inject", index, "after"), _CODE, why="injects follow each other in a circle")
