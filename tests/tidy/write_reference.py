"""Writes docs/guide/api-reference.md from the application itself; run it after a path, a shape or a code was changed.

PYTHONPATH=tests .venv/bin/python tests/tidy/write_reference.py [--show]
"""

import sys
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from comity.api.doorkeeper import CONSUMER
from comity.api.form import STATEMENT_FORMS
from comity.api.health import ANYBODY, MONITOR
from comity.api.officer_door import GUARDED
from comity.api.paging import PAGED
from comity.api.problems import find_codes
from comity.api.repeats import find_repeat
from comity.api.schema import list_operations
from comity.procedure.act import ACTS
from kit.described import make_described_app, read_document

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "api-reference.md"
COMMON_SHARE = 0.4
"""A code that so many of the acts, or of the views, may refuse with is told once, above."""
_HEAD = """\
# The API, path by path

Every act and every view, written from the application by `make reference`; a test holds that it is true. How it is used
is told in [the API](api.md), field by field it is described at `/v1/schema`, and [the Python client](client.md) has a
method for each.

**Who may**: *officer* is an officer's token or the realm's own; where an act stands behind it, an officer needs a role
that may do it ([officers](officers.md)). What a statement itself asks for stands in the last table. **⟳** takes an
`Idempotency-Key`, **≡** comes in pages. **Codes** are those beyond the ones told here; `comity explain CODE` says what
each means, and a room (`item.*`) stands for several of its codes.

"""


def format_page() -> str:
    """Return the page as it has to be."""
    operations = list(list_operations(make_described_app()))
    common = {kind: _find_common(operations, kind) for kind in ("GET", "POST")}
    return _HEAD + "".join([*_say_common(common), *_list_groups(operations, common), *_list_statements()])


def _find_common(operations: list[tuple[str, str, HTTPRouteHandler]], kind: str) -> set[str]:
    """Return the codes that are common to the paths under /v1 of this kind."""
    found = [_list_codes(*row) for row in operations if row[1] == kind and row[0].startswith("/v1")]
    every = {code for codes in found for code in codes}
    return {code for code in every if sum(code in codes for codes in found) >= COMMON_SHARE * len(found)}


def _say_common(common: dict[str, set[str]]) -> Iterator[str]:
    yield f"Any view may be refused with {_join(common['GET'])}.\n\n"
    yield f"An act that states something, also with {_join(common['POST'] - common['GET'])}.\n"


def _list_groups(operations: list[tuple[str, str, HTTPRouteHandler]], common: dict[str, set[str]]) -> Iterator[str]:
    groups: dict[str, list[tuple[str, str, HTTPRouteHandler]]] = {}
    for path, method, route in sorted(operations, key=lambda row: (row[0], row[1])):
        parts = path.strip("/").split("/")
        groups.setdefault(parts[1] if parts[0] == "v1" else parts[0], []).append((path, method, route))
    for name, rows in groups.items():
        yield f"\n## {name}\n\n| | what | who may | answers | codes |\n|---|---|---|---|---|\n"
        for path, method, route in rows:
            marks = (" ⟳" if find_repeat(method, path) else "") + (" ≡" if method == "GET" and path in PAGED else "")
            operation = read_document()["paths"][path][method.lower()]
            codes = (
                set(_list_codes(path, method, route)) - common["GET"] - (common["POST"] if method != "GET" else set())
            )
            yield (
                f"| `{method} {path}`{marks} | {operation['summary']} | {_find_who(path, method, route)} |"
                f" {_find_answer(route, operation)} | {_join(codes)} |\n"
            )


def _list_codes(path: str, method: str, route: HTTPRouteHandler) -> list[str]:
    return [code for codes in find_codes(path, method, route).values() for code in codes]


def _find_who(path: str, method: str, route: HTTPRouteHandler) -> str:
    access = route.opt.get("access")
    if access == CONSUMER:
        return f"consumer, {route.opt['format'].value}" if route.opt.get("format") else "consumer"
    if access in (ANYBODY, MONITOR):
        return "anybody" if access == ANYBODY else "monitor, officer"
    act = next((act for beginning, act in GUARDED if path.startswith(beginning)), None)
    return f"officer: {act.value}" if act is not None and method != "GET" else "officer"


def _find_answer(route: HTTPRouteHandler, operation: dict[str, Any]) -> str:
    """Return the shape of an answer by its name, or its media type where it is bytes."""
    annotation = route.parsed_fn_signature.return_type.annotation
    (done,) = [status for status in operation["responses"] if status.startswith("2")]
    media = next(iter(operation["responses"][done]["content"]))
    is_plain = annotation in (bytes, str) or annotation is None or get_origin(annotation) is Response
    is_plain |= isinstance(annotation, type) and issubclass(annotation, Response)
    return f"{done} {media if is_plain else _say_type(annotation)}"


def _say_type(annotation: Any) -> str:
    if get_origin(annotation) is list:
        return f"{_say_type(get_args(annotation)[0])}[]"
    if get_origin(annotation) is typing.Union or type(annotation).__name__ == "UnionType":
        return " or ".join(map(_say_type, get_args(annotation)))
    return str(annotation.__name__)


def _join(codes: Iterable[str]) -> str:
    """Return codes as text, a whole room by its name."""
    rooms: dict[str, list[str]] = {}
    for code in sorted(codes):
        rooms.setdefault(code.partition(".")[0], []).append(code)
    words = [word for room, found in rooms.items() for word in ([f"{room}.*"] if len(found) > 3 else found)]
    return ", ".join(f"`{word}`" for word in words)


def _list_statements() -> Iterator[str]:
    """Yield what an officer may state, by the act that a role has to be permitted."""
    by_act: dict[str, list[str]] = {}
    for type_, act in ACTS.items():
        if type_.__name__ in STATEMENT_FORMS:
            by_act.setdefault(act.value, []).append(type_.__name__)
    yield "\n## What `POST /v1/statements` states\n\n| act of an officer | types |\n|---|---|\n"
    for name, names in sorted(by_act.items()):
        yield f"| {name} | {', '.join(f'`{one}`' for one in sorted(names))} |\n"


if __name__ == "__main__":
    if "--show" in sys.argv:
        sys.stdout.buffer.write(format_page().encode())
    else:
        PAGE.write_text(format_page(), encoding="utf-8")
