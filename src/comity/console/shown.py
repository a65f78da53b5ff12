"""A statement as its officer reads it before it is signed: in the reader's words, and as it will stand on the record.

Every field has its title and its value in the reader's language; what a field refers to is said as a sentence where
this party can read it. Beside it stand the type and the fields as they are, so that nothing is hidden by a translation.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from comity.api.desk import Desk
from comity.api.field_words import FIELD_WORDS
from comity.api.form import read_words, simplify
from comity.api.row_words import say_row
from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import HOUR_MS, MINUTE_MS, Instant, format_dtg
from comity.base.names import Digest, Party
from comity.console.marks import Written, format_mark
from comity.procedure.bracket import PassageBracketed
from comity.procedure.entry import Entry, MarkedText, Marking
from comity.procedure.measure import MeasureOffered
from comity.procedure.text import TextOpened, TextVersionProposed, find_version_digest
from comity.procedure.timeline import find_code, read_arguments

__all__ = ["Row", "Shown", "say_entry", "show_entry"]

_KINDS: Final = ("agreement", "channel", "commitment", "indicator", "role", "topic")
_KIND_OF: Final = {"topics": "topic", **{kind: kind for kind in _KINDS}}
_TERMS: Final = frozenset({"kind", "reason"})
"""Fields whose texts are words of the pact and of no enum."""
SHORT, QUOTED_SIZE = 16, 120


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its title, then its lines, each with the language it is in if it is anybody's text."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One statement: as a sentence, field by field, and as it will stand on the record."""

    says: str
    rows: tuple[Row, ...]
    type: str
    fields: dict[str, Any]


def show_entry(desk: Desk, entry: Entry, titles: Titles) -> Shown:
    """Return a statement of ours as it is to be read before it is signed."""
    party = desk.node.machine.party
    fields = simplify(entry)
    assert isinstance(fields, dict), "an entry has fields"
    return Shown(
        says=say_entry(entry, party, titles),
        rows=tuple(_quote(desk, entry, row) for row in _read_rows(desk, titles, entry)),
        type=type(entry).__name__,
        fields={name: value for name, value in fields.items() if name != "type"},
    )


def say_entry(entry: Entry, party: Party, titles: Titles) -> str:
    """Return what a party says with an entry, in a sentence."""
    arguments = {"party": party, **read_arguments(entry)}
    return say_row({"code": find_code(entry), "arguments": arguments, "party": party}, titles)


def _read_rows(desk: Desk, titles: Titles, struct: msgspec.Struct) -> Iterator[Row]:
    for name in struct.__struct_fields__:
        lines = tuple(_read_lines(desk, titles, name, getattr(struct, name)))
        yield Row(say(FIELD_WORDS.get(name, name)), lines or (("", "—"),))


def _quote(desk: Desk, entry: Entry, row: Row) -> Row:
    """Return a row with the words that it points at in a version, where it says by numbers alone which they are."""
    if not isinstance(entry, PassageBracketed) or row.title != say(FIELD_WORDS["passages"]):
        return row
    for stated in desk.node.machine.statements.find(TextVersionProposed):
        if isinstance(stated.entry, TextVersionProposed) and find_version_digest(stated.entry) == entry.version:
            words = read_words(stated.entry.body)
            found = ((one.language, words.get(one.language, "")[one.first : one.end]) for one in entry.passages)
            return Row(row.title, tuple((language, f"[{text}]") for language, text in found))
    return row


def _read_lines(desk: Desk, titles: Titles, name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case MarkedText():
            yield "", format_mark(titles, value.marking)
            yield from ((one.language, one.text) for one in value.translations)
        case Marking():
            yield "", format_mark(titles, value)
        case msgspec.Struct():
            for row in _read_rows(desk, titles, value):
                yield from ((language, _put_under(row.title, line)) for language, line in row.lines)
        case tuple():
            for element in value:
                yield from _read_lines(desk, titles, name, element)
        case bytes():
            yield "", _say_reference(desk, titles, value)
            yield from _quote_named(desk, value)
        case int():
            yield "", _say_number(name, value)
        case str():
            yield "", _say_text(titles, name, value)


def _put_under(title: str, line: str) -> str:
    words = f"{title}: "
    return line.say_after(words) if isinstance(line, Written) else f"{words}{line}"


def _say_reference(desk: Desk, titles: Titles, value: bytes) -> str:
    """Say what an id means where this party can read it, with its beginning; else the beginning alone."""
    short, machine = value.hex()[:SHORT], desk.node.machine
    stated = machine.record.find_statement(Digest(value))
    return short if stated is None else f"{say_entry(stated.entry, stated.author, titles)} ({short})"


def _quote_named(desk: Desk, value: bytes) -> Iterator[tuple[str, str]]:
    """Quote how a text's version or a measure begins, in each of its languages: an id alone says nothing to anybody."""
    named = _find_named(desk, value)
    for one in named.translations if named is not None else ():
        yield one.language, one.text if len(one.text) <= QUOTED_SIZE else f"{one.text[:QUOTED_SIZE].rstrip()} …"


def _find_named(desk: Desk, value: bytes) -> MarkedText | None:
    """Return the words of what an id names: of a measure what is done, of a text its latest version."""
    machine = desk.node.machine
    stated = machine.record.find_statement(Digest(value))
    if stated is not None and isinstance(stated.entry, MeasureOffered):
        return stated.entry.terms.description
    if stated is not None and not isinstance(stated.entry, TextOpened):
        return None
    versions = [one.entry for one in machine.statements.find(TextVersionProposed)]
    for version in reversed(versions):
        assert isinstance(version, TextVersionProposed), "asked for by its type"
        if value in (version.text, find_version_digest(version)):
            return version.body
    return None


def _say_number(name: str, value: int) -> str:
    if name.endswith("_at") or name in ("at", "instants"):
        return format_dtg(Instant(value)) if value else "—"
    if name.endswith("_ms"):
        if value % HOUR_MS == 0:
            return say("{count} h", count=value // HOUR_MS)
        return say("{count} min", count=value // MINUTE_MS)
    return str(value)


def _say_text(titles: Titles, name: str, value: str) -> str:
    kind = _KIND_OF.get(name, "")
    if kind:
        return titles.cite(kind, value)
    return say_term(value) if isinstance(value, enum.Enum) or name in _TERMS else value
