"""The pages *Lists of injects*: written row by row, checked with every change, brought in and taken out (E27, E31).

Rules
- They are for control: what stands in a list is to surprise everybody else (E28).
- A change is made to the draft that was looked at: where another officer changed it meanwhile, it is refused.
- A draft is kept with whatever is wrong in it; as a file it goes out, and into an exercise, once nothing is.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.finding_words import say_finding
from comity.api.terms import say_term
from comity.api.words import get_language
from comity.base.errors import UsageError
from comity.console.exercise_acts import EXERCISES_PATH
from comity.console.exercises import may_write
from comity.console.fields import Fields, read_fields
from comity.console.forms import Field
from comity.console.list_fields import find_title, list_fields, read_row, read_words, say_table
from comity.console.list_upload import LIST_BODY_SIZE_BYTES_MAX, read_list, show_refused
from comity.console.lists import Lists, find_mark
from comity.console.pages import Pages
from comity.console.visit import get_visit
from comity.exercise.check_msel import MselRefused
from comity.exercise.draft import TABLES, Flaw, find_rows, get_row, move_row, put_row, remove_row
from comity.exercise.msel import CellKind, Condition, Method, Msel
from comity.exercise.write_msel import digest_msel, format_msel
from comity.pact.offices import Act

__all__ = ["LISTS_PATH", "make_lists"]

LISTS_PATH: Final = f"{EXERCISES_PATH}/lists"
NEW: Final = "new"
SHEET_MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Asking = Request[Any, Any, Any]
Tree = dict[str, Any]


def make_lists(pages: Pages, desk: Desk, lists: Lists) -> list[HTTPRouteHandler]:
    """Return the routes."""
    room = _Room(pages, desk, lists)
    return [*_make_index(room), *_make_one(room), *_make_rows(room)]


class _Room:
    def __init__(self, pages: Pages, desk: Desk, lists: Lists) -> None:
        self.pages = pages
        self.desk = desk
        self.lists = lists

    def check(self, request: Asking) -> None:
        """Refuse whoever does not control.

        Raises:
            UsageError: `msel.for-control`.
        """
        if not may_write(self.desk, get_visit(request)):
            raise UsageError("msel.for-control")

    def find_free(self, name: str) -> str:
        """Return a name that no draft has, as near to this one as may be."""
        taken, number, free = self.lists.shelf.list_drafts(), 2, name
        while free in taken:
            free, number = f"{name[:44]}-{number}", number + 1
        return free

    def start(self, msel: Msel) -> Response[Any]:
        """Keep a list as a new draft, and lead to it."""
        name = self.find_free(msel.id)
        self.lists.draft_from(msel, name)
        return self.pages.lead(f"{LISTS_PATH}/{name}?done=1")

    async def change(self, request: Asking, name: str, make: Callable[[Tree, Fields], Tree]) -> Response[Any]:
        """Change a draft as it was looked at, and lead back to it.

        Raises:
            UsageError: `msel.no-row` where it was changed meanwhile; as `make`.
        """
        tree, fields = await self.look(request, name)
        self.lists.shelf.put_draft(name, make(tree, fields))
        return self.pages.lead(f"{LISTS_PATH}/{name}?done=1")

    async def look(self, request: Asking, name: str) -> tuple[Tree, Fields]:
        """Return a draft that is still the one that was looked at, and what was typed.

        Raises:
            UsageError: `msel.no-row` where it was changed meanwhile.
        """
        self.check(request)
        fields, _ = await read_fields(request)
        tree = self.lists.shelf.get_draft(name)
        if fields.find("seen") != find_mark(tree).hex():
            raise UsageError("msel.no-row")
        return tree, fields


def _make_index(room: _Room) -> list[HTTPRouteHandler]:
    pages, shelf = room.pages, room.lists.shelf

    @get(LISTS_PATH)
    async def index(request: Asking) -> Response[Any]:
        room.check(request)
        drafts = [
            (name, tree, room.lists.judge(tree)) for name in shelf.list_drafts() if (tree := shelf.get_draft(name))
        ]
        return pages.render(request, "lists.html", drafts=drafts, shipped=room.lists.list_shipped(), count=find_rows)

    @post(f"{EXERCISES_PATH}/new-list", status_code=303)
    async def begin(request: Asking) -> Response[Any]:
        room.check(request)
        fields, _ = await read_fields(request)
        name = fields.get("name")
        if name in shelf.list_drafts():
            raise UsageError("msel.draft-there", name=name[:48])
        title = {get_language(): fields.find("title") or name} | {"en": fields.find("title") or name}
        control = {"id": "control", "kind": "white", "title": {"en": "Exercise control"}}
        shelf.put_draft(name, {"id": name, "title": title, "cell": [control]})
        return pages.lead(f"{LISTS_PATH}/{name}")

    @post(f"{EXERCISES_PATH}/copy-list", status_code=303)
    async def copy(request: Asking) -> Response[Any]:
        room.check(request)
        fields, _ = await read_fields(request)
        return room.start(room.lists.get(fields.get("list")))

    @post(f"{EXERCISES_PATH}/bring-list", request_max_body_size=LIST_BODY_SIZE_BYTES_MAX, status_code=303)
    async def bring(request: Asking) -> Response[Any]:
        room.check(request)
        try:
            msel = await read_list(request, room.desk)
        except MselRefused as error:
            return show_refused(pages, request, error, back=LISTS_PATH)
        return room.start(msel)

    return [index, begin, copy, bring]


def _make_one(room: _Room) -> list[HTTPRouteHandler]:
    pages, shelf = room.pages, room.lists.shelf

    def get_sound(request: Asking, name: str) -> Msel:
        room.check(request)
        msel, _ = room.lists.judge(shelf.get_draft(name))
        if msel is None:
            raise UsageError("msel.not-sound")
        return msel

    @get(f"{LISTS_PATH}/{{name:str}}")
    async def one(request: Asking, name: FromPath[str]) -> Response[Any]:
        room.check(request)
        tree = shelf.get_draft(name)
        return pages.render(request, "list.html", name=name, **_show_draft(room, tree))

    @post(f"{LISTS_PATH}/{{name:str}}/head", status_code=303)
    async def head(request: Asking, name: FromPath[str]) -> Response[Any]:
        def change(tree: Tree, fields: Fields) -> Tree:
            text = {"text": typed} if (typed := fields.find("text")) else {}
            rest = {key: value for key, value in tree.items() if key not in ("id", "title", "text")}
            return {"id": fields.find("id"), "title": read_words(fields, "title"), **text, **rest}

        return await room.change(request, name, change)

    @post(f"{LISTS_PATH}/{{name:str}}/discard", status_code=303)
    async def discard(request: Asking, name: FromPath[str]) -> Response[Any]:
        await room.look(request, name)
        shelf.remove_draft(name)
        return pages.lead(f"{LISTS_PATH}?done=1")

    @get(f"{LISTS_PATH}/{{name:str}}/as-toml")
    async def as_toml(request: Asking, name: FromPath[str]) -> Response[bytes]:
        raw = format_msel(get_sound(request, name)).encode()
        return Response(raw, media_type="application/toml", headers=_name_file(f"{name}.toml"))

    @get(f"{LISTS_PATH}/{{name:str}}/as-xlsx")
    async def as_xlsx(request: Asking, name: FromPath[str]) -> Response[bytes]:
        from comity.exchange.msel_xlsx import write_msel_sheet  # noqa: PLC0415 -- each start would load openpyxl

        raw = write_msel_sheet(get_sound(request, name))
        return Response(raw, media_type=SHEET_MEDIA, headers=_name_file(f"{name}.xlsx"))

    return [one, head, discard, as_toml, as_xlsx]


def _name_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _show_draft(room: _Room, tree: Tree) -> dict[str, Any]:
    msel, flaws = room.lists.judge(tree)
    by_row: dict[tuple[str, int], list[Flaw]] = {}
    for flaw in flaws:
        by_row.setdefault((flaw.table, flaw.row), []).append(flaw)
    columns = {table: list_fields(room.desk, room.pages.titles, tree, table, {}) for table in TABLES}
    return {
        "tree": tree,
        "seen": find_mark(tree).hex(),
        "flaws": flaws,
        "flaws_of": lambda table, row: by_row.get((table, row), ()),
        "rows": {table: find_rows(tree, table) for table in TABLES},
        "column": lambda flaw: find_title(columns.get(flaw.table, []), flaw.column),
        "earliest": {} if msel is None else msel.find_earliest(),
        "digest": "" if msel is None else digest_msel(msel).hex(),
        "say_finding": say_finding,
        "say_table": say_table,
        "say_kept": _say_kept,
        "in_language": _find_words,
        "language": get_language(),
    }


def _find_words(row: Tree, name: str) -> str:
    """Return a text of a draft in the reader's language, else in one that it has."""
    words = row.get(name)
    texts = words if isinstance(words, dict) else {}
    found = texts.get(get_language()) or texts.get("en") or next(iter(texts.values()), "")
    return found if isinstance(found, str) else ""


def _say_kept(name: str, row: Tree) -> str:
    """Say a value that is one of few, as it stands where it is none of them."""
    value = row.get(name)
    found = next((one for one in _FEW[name] if one.value == value), None)
    return say_term(found) if found is not None else str(value or "")


_FEW: Final[Mapping[str, type[enum.Enum]]] = {"only_if": Condition, "method": Method, "act": Act, "kind": CellKind}


def _make_rows(room: _Room) -> list[HTTPRouteHandler]:
    pages, shelf, row_path = room.pages, room.lists.shelf, f"{LISTS_PATH}/{{name:str}}/{{table:str}}/{{row:str}}"

    @get(row_path)
    async def form(request: Asking, name: FromPath[str], table: FromPath[str], row: FromPath[str]) -> Response[Any]:
        room.check(request)
        tree, index = shelf.get_draft(name), find_index(row)
        _check_table(table)
        held = {} if index is None else get_row(tree, table, index)
        fields = list_fields(room.desk, pages.titles, tree, table, held)
        path = f"{LISTS_PATH}/{name}/{table}/{row}"
        flaws = () if index is None else _find_flaws(room, tree, table, index)
        return pages.render(
            request, "list_row.html", fields=fields, path=path, page=f"{LISTS_PATH}/{name}", seen=find_mark(tree).hex(),
            heading=say_table(table), is_new=index is None,
            **_show_flaws(flaws, fields, is_checked=index is not None),
        )  # fmt: skip

    @post(row_path, status_code=303)
    async def put(request: Asking, name: FromPath[str], table: FromPath[str], row: FromPath[str]) -> Response[Any]:
        index = find_index(row)
        _check_table(table)
        return await room.change(
            request, name, lambda tree, fields: put_row(tree, table, read_row(table, fields), index=index)
        )

    @post(f"{row_path}/check", status_code=200)
    async def check(request: Asking, name: FromPath[str], table: FromPath[str], row: FromPath[str]) -> Response[Any]:
        room.check(request)
        _check_table(table)
        fields, _ = await read_fields(request)
        tree, index = shelf.get_draft(name), find_index(row)
        tried = put_row(tree, table, read_row(table, fields), index=index)
        at = len(find_rows(tried, table)) - 1 if index is None else index
        columns = list_fields(room.desk, pages.titles, tried, table, {})
        flaws = _find_flaws(room, tried, table, at)
        return pages.render(request, "list_flaws.html", **_show_flaws(flaws, columns, is_checked=True))

    @post(f"{row_path}/move", status_code=303)
    async def move(request: Asking, name: FromPath[str], table: FromPath[str], row: FromPath[str]) -> Response[Any]:
        def change(tree: Tree, fields: Fields) -> Tree:
            return move_row(tree, table, read_index(row), by=-1 if fields.find("to") == "up" else 1)

        return await room.change(request, name, change)

    @post(f"{row_path}/remove", status_code=303)
    async def remove(request: Asking, name: FromPath[str], table: FromPath[str], row: FromPath[str]) -> Response[Any]:
        return await room.change(request, name, lambda tree, _: remove_row(tree, table, read_index(row)))

    return [form, put, check, move, remove]


def find_index(text: str) -> int | None:
    """Return the place of a row, None for a new one.

    Raises:
        UsageError: `msel.no-row`.
    """
    return None if text == NEW else read_index(text)


def read_index(text: str) -> int:
    """Return the place of a row.

    Raises:
        UsageError: `msel.no-row`.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UsageError("msel.no-row")
    return int(text)


def _check_table(table: str) -> None:
    if table not in TABLES:
        raise UsageError("msel.no-row")


def _find_flaws(room: _Room, tree: Tree, table: str, row: int) -> tuple[Flaw, ...]:
    return tuple(flaw for flaw in room.lists.judge(tree)[1] if (flaw.table, flaw.row) == (table, row))


def _show_flaws(flaws: tuple[Flaw, ...], fields: Sequence[Field], *, is_checked: bool) -> dict[str, Any]:
    return {"flaws": flaws, "column": lambda flaw: find_title(fields, flaw.column), "say_finding": say_finding,
            "is_checked": is_checked}  # fmt: skip
