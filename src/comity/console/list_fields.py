"""The fields of a row of a list of injects, filled from a draft, and the row that they come to.

A row holds what was typed, whether it fits or not: what is wrong is found by `exercise.draft`, and nothing is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.api.words import LANGUAGES, get_language, say
from comity.console.fields import Fields
from comity.console.forms import Field, Kind, Option, list_parties, list_terms
from comity.exercise.draft import find_rows
from comity.exercise.msel import CellKind, Condition, Method
from comity.pact.offices import Act

__all__ = ["find_title", "list_fields", "read_row", "read_words", "say_table"]

Tree = Mapping[str, Any]
NONE: Final[Option] = ("", "—")
SPARE_TASK_COUNT: Final = 2


def say_table(table: str) -> str:
    """Return what a row of a table is called."""
    return {"inject": say("Inject"), "objective": say("Objective"), "cell": say("Cell")}[table]


def list_fields(desk: Desk, titles: Titles, tree: Tree, table: str, row: Tree) -> list[Field]:
    """Return the fields of a row."""
    if table == "inject":
        return list(_list_inject(desk, titles, tree, row))
    return list(_list_objective(row) if table == "objective" else _list_cell(row))


def find_title(fields: Sequence[Field], column: str) -> str:
    """Return what the field of a column is called; the column itself where there is none."""
    first = column.split(".", maxsplit=1)[0]
    return next((field.title for field in fields if field.name.split("-")[0] == first), column)


def _get(row: Tree, name: str) -> str:
    value = row.get(name, "")
    return value if isinstance(value, str) else ""


def _get_all(row: Tree, name: str) -> tuple[str, ...]:
    value = row.get(name, ())
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _line(row: Tree, name: str, title: str, hint: str = "", *, is_needed: bool = True) -> Field:
    return Field(name, title, Kind.LINE, value=(_get(row, name),), hint=hint, is_needed=is_needed)


def _choice(row: Tree, name: str, title: str, options: Sequence[Option]) -> Field:
    held = _get(row, name)
    known = any(value == held for value, _ in options)
    return Field(name, title, Kind.CHOICE, (*options, *(() if known else ((held, held),))), (held,))


def _boxes(row: Tree, name: str, title: str, options: Sequence[Option]) -> Field:
    held = _get_all(row, name)
    known = {value for value, _ in options}
    more = tuple((one, one) for one in held if one not in known)
    return Field(name, title, Kind.BOXES, (*options, *more), held, is_needed=False)


def _words(row: Tree, name: str, title: str, kind: Kind, *, is_needed: bool) -> Iterator[Field]:
    held, reader = row.get(name, {}), get_language()
    for one in sorted(LANGUAGES, key=lambda language: (language != reader, language)):
        text = _get(held, one) if isinstance(held, Mapping) else ""
        yield Field(f"{name}-{one}", title, kind, value=(text,), is_needed=is_needed and one == "en", language=one)


def _list_inject(desk: Desk, titles: Titles, tree: Tree, row: Tree) -> Iterator[Field]:
    cells = [(_get(one, "id"), _get(one, "id")) for one in find_rows(tree, "cell")]
    parties = list_parties(desk, titles)
    others = [_get(one, "number") for one in find_rows(tree, "inject") if one is not row]
    objectives = [(_get(one, "id"), _get(one, "id")) for one in find_rows(tree, "objective")]
    yield _line(row, "number", say("Number"), say("Digits, perhaps a point and digits, perhaps a letter: 7, 7.2, 12b."))
    yield _line(row, "at", say("Exercise time"), say("Hours and minutes since the start, or since the inject before."))
    yield _choice(row, "after", say("After inject"), (NONE, *((one, one) for one in others if one)))
    conditions = list_terms(one for one in Condition if one is not Condition.ALWAYS)
    yield _choice(row, "only_if", say("Only if what that one expects was"), (("", say("either way")), *conditions))
    yield _choice(row, "from", say("From"), cells)
    yield _boxes(row, "to", say("To"), (*parties, *cells))
    yield _choice(row, "method", say("Method"), list_terms(Method))
    yield from _words(row, "text", say("Inject"), Kind.WORDS, is_needed=True)
    yield from _words(row, "expected", say("Expected action"), Kind.WORDS, is_needed=False)
    yield _choice(row, "act", say("Act by which the journal tells it"), (NONE, *list_terms(Act)))
    yield _boxes(row, "by", say("By whom"), parties)
    yield _line(row, "within", say("Within"), say("Hours and minutes, like 0:05."), is_needed=False)
    yield _boxes(row, "objective", say("Objectives"), objectives)
    yield _line(row, "domain", say("Domain"), is_needed=False)
    yield _line(row, "remarks", say("Remarks"), is_needed=False)


def _list_objective(row: Tree) -> Iterator[Field]:
    yield _line(row, "id", say("Short name"), say("Letters, digits, hyphens."))
    yield from _words(row, "title", say("Title"), Kind.LINE, is_needed=True)
    yield _line(row, "text", say("Text"), is_needed=False)
    domains = ", ".join(_get_all(row, "domains"))
    yield Field("domains", say("Domains"), Kind.LINE, value=(domains,), hint=say("With commas."), is_needed=False)
    tasks = find_rows(row, "task")
    for number in range(1, len(tasks) + SPARE_TASK_COUNT + 1):
        task: Tree = tasks[number - 1] if number <= len(tasks) else {}
        name = f"task{number}"
        hint = say("A short name; without one there is no such task.")
        title = say("Critical task {number}", number=number)
        yield Field(f"{name}-id", title, Kind.LINE, value=(_get(task, "id"),), hint=hint, is_needed=False)
        held = task.get("title", {})
        for one in LANGUAGES:
            text = _get(held, one) if isinstance(held, Mapping) else ""
            yield Field(f"{name}-{one}", title, Kind.LINE, value=(text,), is_needed=False, language=one)


def _list_cell(row: Tree) -> Iterator[Field]:
    yield _line(row, "id", say("Short name"), say("Letters, digits, hyphens; no party is called so."))
    yield _choice(row, "kind", say("Kind"), list_terms(CellKind))
    yield from _words(row, "title", say("Title"), Kind.LINE, is_needed=True)
    plays, hint = "; ".join(_get_all(row, "plays")), say("Parties that do not take part, and others; with semicolons.")
    yield Field("plays", say("Whom it plays"), Kind.LINE, value=(plays,), hint=hint, is_needed=False)


_LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "inject": ("number", "at", "after", "only_if", "from", "method", "act", "within", "domain", "remarks"),
    "objective": ("id", "text"),
    "cell": ("id", "kind"),
}
_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "inject": {"to": "", "by": "", "objective": ""},
    "objective": {"domains": ","},
    "cell": {"plays": ";"},
}
"""What holds several, by what separates them in one field; several fields of one name where nothing does."""
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "inject": ("text", "expected"),
    "objective": ("title",),
    "cell": ("title",),
}


def read_row(table: str, fields: Fields) -> dict[str, Any]:
    """Return the row that was typed: only what says something."""
    row: dict[str, Any] = {name: text for name in _LINES[table] if (text := fields.find(name))}
    for name, separator in _LISTS[table].items():
        texts = fields.find(name).split(separator) if separator else fields.list(name)
        if found := [text.strip() for text in texts if text.strip()]:
            row[name] = found
    for name in _WORDS[table]:
        if words := read_words(fields, name):
            row[name] = words
    if table == "objective" and (tasks := list(_read_tasks(fields))):
        row["task"] = tasks
    return row


def read_words(fields: Fields, name: str) -> dict[str, str]:
    """Return a text in the languages in which it was typed."""
    return {one: text for one in LANGUAGES if (text := fields.find(f"{name}-{one}"))}


def _read_tasks(fields: Fields) -> Iterator[dict[str, Any]]:
    ids = (name for name, _ in fields.rows if name.startswith("task") and name.endswith("-id"))
    for name in dict.fromkeys(id_.removesuffix("-id") for id_ in ids):
        if id_ := fields.find(f"{name}-id"):
            yield {"id": id_, "title": read_words(fields, name)}
