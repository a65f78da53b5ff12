"""A list of injects while it is written: rows put in, changed, moved, taken out; what is wrong, by row and column.

A draft is the tree of a list as a TOML file would hold it (E1 to E6), whatever is missing or wrong in it: so nothing
that was typed is lost because it does not fit yet. It is a list once nothing is wrong (E27).

Pure: trees in, trees out; no tree that was given is changed.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from comity.base.errors import UsageError
from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.exercise.check_msel import find_msel_faults
from comity.exercise.msel import Msel
from comity.pact.findings import Finding, Findings
from comity.pact.lines import KeyPath, LineIndex
from comity.pact.model import Pact
from comity.pact.shape import NOTHING, read_shape

__all__ = ["TABLES", "Flaw", "find_rows", "get_row", "judge_draft", "move_row", "put_row", "remove_row"]

TABLES: Final = ("inject", "objective", "cell")
Tree = Mapping[str, Any]


class Flaw(NamedTuple):
    """One thing that is wrong: in which table (empty: the list itself), which row from 0, in which column."""

    table: str
    row: int
    column: str
    finding: Finding


class _Placed(Findings):
    """Findings that remember where each was."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(LineIndex(), tree)
        self.flaws: list[Flaw] = []

    def add(self, path: KeyPath, code: str, **arguments: str | int) -> None:
        """Note that what stands at `path` is wrong."""
        before = len(self._found)
        super().add(path, code, **arguments)
        if len(self._found) > before:
            table = path[0] if path and path[0] in TABLES and len(path) > 1 else ""
            row = path[1] if table and isinstance(path[1], int) else 0
            rest = [str(step) for step in path[2 if table else 0 :] if isinstance(step, str)]
            missing = arguments.get("key", "")
            column = ".".join([*rest, str(missing)] if missing and code == "pact.key-missing" else rest)
            self.flaws.append(Flaw(str(table), row, column, self._found[-1]))


def judge_draft(tree: Tree, pact: Pact) -> tuple[Msel | None, tuple[Flaw, ...]]:
    """Return a draft as a list to be played under `pact`, None while anything is wrong; and all that is."""
    findings = _Placed(tree)
    msel = read_shape(Msel, dict(tree), (), findings)
    if msel is not NOTHING:
        assert isinstance(msel, Msel)
        find_msel_faults(msel, pact, findings)
    order = {table: number for number, table in enumerate(("", *TABLES))}
    flaws = sorted(findings.flaws, key=lambda flaw: (order[flaw.table], flaw.row, flaw.column, flaw.finding.code))
    return (None if flaws or msel is NOTHING else msel), tuple(flaws)


def find_rows(tree: Tree, table: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a table, in their order."""
    rows = tree.get(table, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def get_row(tree: Tree, table: str, index: int) -> Mapping[str, Any]:
    """Return a row.

    Raises:
        UsageError: `msel.no-row`.
    """
    rows = find_rows(tree, table) if table in TABLES else ()
    if not 0 <= index < len(rows):
        raise UsageError("msel.no-row")
    return rows[index]


def put_row(tree: Tree, table: str, row: Mapping[str, Any], *, index: int | None = None) -> dict[str, Any]:
    """Return the draft with a row in the place of the one at `index`, or after all others.

    Raises:
        UsageError: `msel.no-row`, `msel.drafts-full`.
    """
    changed, rows = _open(tree, table)
    if index is None:
        if len(rows) >= PACT_ROW_COUNT_MAX:
            raise UsageError("msel.drafts-full", count_max=PACT_ROW_COUNT_MAX)
        rows.append(dict(row))
    else:
        get_row(tree, table, index)
        rows[index] = dict(row)
    return changed


def move_row(tree: Tree, table: str, index: int, *, by: int) -> dict[str, Any]:
    """Return the draft with a row so many places further down, or up; never beyond the ends.

    Raises:
        UsageError: `msel.no-row`.
    """
    get_row(tree, table, index)
    changed, rows = _open(tree, table)
    rows.insert(max(0, min(len(rows) - 1, index + by)), rows.pop(index))
    return changed


def remove_row(tree: Tree, table: str, index: int) -> dict[str, Any]:
    """Return the draft without a row.

    Raises:
        UsageError: `msel.no-row`.
    """
    get_row(tree, table, index)
    changed, rows = _open(tree, table)
    del rows[index]
    return changed


def _open(tree: Tree, table: str) -> tuple[dict[str, Any], list[Any]]:
    if table not in TABLES:
        raise UsageError("msel.no-row")
    changed = copy.deepcopy(dict(tree))
    changed[table] = rows = [dict(row) for row in find_rows(changed, table)]
    return changed, rows
