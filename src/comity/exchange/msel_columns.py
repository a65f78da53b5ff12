"""The columns of a list of injects as a spreadsheet: those that controllers use everywhere, and ours beside them (E7).

One name each, as it stands in the first row of a sheet. A column that is not known is refused and never dropped: it
held something.
"""

from typing import Final, NamedTuple

__all__ = ["CELLS", "EXERCISE", "INJECTS", "OBJECTIVES", "Column"]


class Column(NamedTuple):
    """A heading, the key of the list that it is about, and what separates several in one cell, if there may be."""

    heading: str
    key: str
    separator: str = ""


def _in_languages(heading: str, key: str) -> tuple[Column, ...]:
    return (
        Column(heading, f"{key}.en"),
        *(Column(f"{heading} ({language})", f"{key}.{language}") for language in ("ja", "ko")),
    )


_TITLE: Final = _in_languages("Title", "title")

EXERCISE: Final = (Column("Exercise", "id"), *_TITLE, Column("Text", "text"))

OBJECTIVES: Final = (
    Column("Objective", "id"),
    Column("Critical task", "task"),
    *_TITLE,
    Column("Text", "text"),
    Column("Domains", "domains", ","),
)
"""A row for each objective, and below it one for each of its critical tasks, with the same objective."""

CELLS: Final = (Column("Cell", "id"), Column("Kind", "kind"), *_TITLE, Column("Plays", "plays", ";"))

INJECTS: Final = (
    Column("Number", "number"),
    Column("Exercise time", "at"),
    Column("After", "after"),
    Column("Only if", "only_if"),
    Column("From", "from"),
    Column("To", "to", ","),
    Column("Method", "method"),
    *_in_languages("Inject", "text"),
    *_in_languages("Expected action", "expected"),
    Column("Act", "act"),
    Column("By", "by", ","),
    Column("Within", "within"),
    Column("Objective", "objective", ","),
    Column("Domain", "domain"),
    Column("Remarks", "remarks"),
)
