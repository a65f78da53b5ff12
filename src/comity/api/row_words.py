"""A row of the timeline as a sentence in the reader's language, for a terminal or a page."""

import contextlib
import enum
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.procedure.registry import ENTRY_TYPES
from comity.procedure.timeline import SAYS, find_code_of

__all__ = ["BY_MACHINE", "format_size", "say_argument", "say_officers", "say_row"]

BY_MACHINE: Final = frozenset(
    {
        "timeline.pact-accepted",
        "timeline.root-statement-published",
        "timeline.acted-by",
        "timeline.item-read",
        "timeline.audience-opened",
        "timeline.text-received",
        "timeline.text-adoption-seen",
        "timeline.line-test-sent",
        "timeline.line-test-answered-by-machine",
    }
)
"""What nodes say by themselves."""


TITLED: Final = frozenset({"agreement", "channel", "commitment", "role", "topic"})
"""Arguments of a row that name what the pact has a title for; each is called as its kind is."""
_LISTED: Final = {"roles": "role"}
"""The same where there are several of a kind."""
_NO_TITLES: Final = Titles()


def say_row(row: Mapping[str, Any], titles: Titles = _NO_TITLES) -> str:
    """Say one row of a timeline in the reader's language: enums are words, instants date-time groups, ids titles."""
    fields = {name: say_argument(row["code"], name, value, titles) for name, value in row["arguments"].items()}
    template = SAYS.get(row["code"])
    return say(template, **fields) if template else f"{row['party']} {row['code'].removeprefix('timeline.')}"


def say_argument(code: str, name: str, value: object, titles: Titles = _NO_TITLES) -> str:
    """Say one argument of a row: an enum in words, an instant as a date-time group, an id by its title."""
    if name in TITLED and isinstance(value, str):
        return titles.say_in_sentence(name, value)
    if name in _LISTED and isinstance(value, list | tuple):
        return ", ".join(titles.say_in_sentence(_LISTED[name], str(one)) for one in value)
    return _say_value(name, value, _read_enums().get((code, name)))


def say_officers(acted_by: Sequence[Mapping[str, Any]], titles: Titles = _NO_TITLES) -> str:
    """Name officers, each with the role that it holds and, where it stood in, the role whose power it used."""
    return "; ".join(_say_officer(one, titles) for one in acted_by)


def format_size(size_bytes: int) -> str:
    """Return a size for people."""
    for unit, size in (("MiB", 1024 * 1024), ("KiB", 1024)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{size_bytes} B"


def _say_officer(one: Mapping[str, Any], titles: Titles) -> str:
    by = {"officer": one["officer"], "role": titles.title_of("role", one["role"])}
    if one["footing"] == "deputy":
        return say("{officer}, {role}, as deputy of {power}", **by, power=titles.title_of("role", one["stands_for"][0]))
    if one["footing"] == "delegation":
        return say("{officer}, {role}, by delegation of {power}", **by,
                   power=titles.title_of("role", one["stands_for"][0]))  # fmt: skip
    return f"{by['officer']}, {by['role']}"


def _say_value(name: str, value: object, of: type[enum.Enum] | None = None) -> str:
    if of is not None and isinstance(value, str):
        with contextlib.suppress(ValueError):
            return say_term(of(value))
    if name.endswith("_at") and isinstance(value, int):
        return format_dtg(Instant(value))
    if isinstance(value, list | tuple):
        return ", ".join(_say_value("", element) for element in value)
    return say_term(value) if isinstance(value, str) else str(value)


@functools.cache
def _read_enums() -> Mapping[tuple[str, str], type[enum.Enum]]:
    """Return the enum of each argument that is one: a row that came as JSON has lost it, and values are not unique."""
    return {(find_code_of(type_), name): found for type_ in ENTRY_TYPES for name, found in _walk_enums(type_)}


def _walk_enums(type_: type[msgspec.Struct]) -> Iterator[tuple[str, type[enum.Enum]]]:
    for field in msgspec.structs.fields(type_):
        if isinstance(field.type, type) and issubclass(field.type, enum.Enum):
            yield field.name, field.type
        elif isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _walk_enums(field.type)
