"""The form of a correction: any statement of ours that does not bind, field by field as it reads now (P3, P4).

Rules
- A field that the officer leaves as it is stays exactly as it was, to the millisecond and the last blank.
- What a statement is about, what it refers to and where it lies on a map stay: to change that is to say something else.
- Role and officer are those of whoever corrects (P43). A marking keeps its caveats: a correction widens nothing.
- What says only that an officer did something in a role (`ROLE_ALONE`) has that role to put right, and nobody but that
  officer can: in another's mouth it would be another fact.
"""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec

from comity.api.desk import Desk
from comity.api.field_words import FIELD_WORDS
from comity.api.form import parse_form, read_words, simplify
from comity.api.titles import Titles
from comity.api.words import LANGUAGES, say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.console.fields import Fields
from comity.console.forms import (
    Field,
    Kind,
    list_parties,
    list_terms,
    make_words,
    read_boxes,
    read_one_of,
)
from comity.console.moments import read_moment
from comity.console.writing import Speaker
from comity.procedure.call import Acknowledged
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.hotline import MessageAcknowledged
from comity.procedure.line import LineTestAnsweredByPerson

__all__ = ["ROLE_ALONE", "check_officer", "list_rewritable", "may_rewrite", "read_rewritten"]

_KEPT: Final = frozenset({"role", "officer", "channel", "areas", "filled"})
"""Fields that are no officer's to type anew: a phrase is sent or read back anew, an area drawn anew."""
_OF_PARTIES: Final = frozenset({"threatened", "parties", "attended", "coordinated_with"})
_TEXT: Final = "text-"
ROLE_ALONE: Final = (Acknowledged, MessageAcknowledged, LineTestAnsweredByPerson)
"""What has a role to put right, and nothing else."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """One value that may be typed anew: where it stands, of which type it is, and how it reads now."""

    path: tuple[str | int, ...]
    type: Any
    value: Any

    @property
    def name(self) -> str:
        """What the form's field is called."""
        return "as." + ".".join(map(str, self.path))

    @property
    def field(self) -> str:
        """The field of the statement, for its title."""
        return next(str(part) for part in reversed(self.path) if isinstance(part, str))


def may_rewrite(type_: type[Entry]) -> bool:
    """Tell whether a statement of this type has anything that a form could offer."""
    return type_ in ROLE_ALONE or any(True for _ in _walk_types(type_))


def _walk_types(type_: type[Entry]) -> Iterator[str]:
    for field in msgspec.structs.fields(type_):
        if not _is_kept(type_, field.name) and not _is_reference(_strip(field.type), field.name):
            yield field.name


def list_rewritable(desk: Desk, titles: Titles, entry: Entry) -> list[Field]:
    """Return the fields of the form, filled with how the statement reads now."""
    if isinstance(entry, ROLE_ALONE):
        return []
    return [field for spot in _walk(type(entry), entry) for field in _make_fields(desk, titles, spot)]


def check_officer(entry: Entry, officer: str) -> None:
    """Refuse that somebody else says in which role an officer did something.

    Raises:
        UsageError: `console.other-officer`.
    """
    if isinstance(entry, ROLE_ALONE) and entry.officer != officer:
        raise UsageError("console.other-officer", officer=entry.officer)


def read_rewritten(desk: Desk, old: Entry, fields: Fields, speaker: Speaker) -> Entry:
    """Return the statement as it should have read.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`, `console.nothing-changed`,
            `console.other-officer`; as `parse_form`.
    """
    check_officer(old, speaker.officer)
    form = simplify(old)
    assert isinstance(form, dict), "an entry has fields"
    is_other = isinstance(old, ROLE_ALONE) and old.role != speaker.role
    for spot in () if isinstance(old, ROLE_ALONE) else _walk(type(old), old):
        value = _read(desk, spot, fields)
        is_other = is_other or value != simplify(spot.value)
        _put(form, spot.path, value)
    if not is_other:
        raise UsageError("console.nothing-changed")
    for name, value in (("role", speaker.role), ("officer", speaker.officer)):
        if name in form:
            form[name] = value
    return parse_form(form)


def _walk(type_: Any, struct: msgspec.Struct, path: tuple[str | int, ...] = ()) -> Iterator[_Spot]:
    for field in msgspec.structs.fields(type_):
        if not _is_kept(type_, field.name):
            yield from _walk_value(_strip(field.type), getattr(struct, field.name), (*path, field.name))


def _walk_value(type_: Any, value: Any, path: tuple[str | int, ...]) -> Iterator[_Spot]:
    if type_ is MarkedText or not _is_nested(type_):
        if not _is_reference(type_, str(path[-1])):
            yield _Spot(path, type_, value)
    elif get_origin(type_) is tuple:
        for number, element in enumerate(value):
            yield from _walk(type(element), element, (*path, number))
    else:
        yield from _walk(type_, value, path)


def _is_kept(type_: Any, name: str) -> bool:
    about = type_.belongs_to[1] if isinstance(type_, type) and issubclass(type_, Entry) else ""
    return name in _KEPT or name == about


def _is_nested(type_: Any) -> bool:
    inner = _strip(get_args(type_)[0]) if get_origin(type_) is tuple else type_
    return isinstance(inner, type) and issubclass(inner, msgspec.Struct)


def _is_reference(type_: Any, name: str) -> bool:
    """Ids of statements, and texts of which there may be several: neither is typed into one field."""
    inner = _strip(get_args(type_)[0]) if get_origin(type_) is tuple else type_
    return (inner is bytes and name != "digest") or (get_origin(type_) is tuple and inner is MarkedText)


def _strip(annotation: Any) -> Any:
    return _strip(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def _make_fields(desk: Desk, titles: Titles, spot: _Spot) -> Sequence[Field]:
    title, value, type_ = say(FIELD_WORDS.get(spot.field, spot.field)), spot.value, spot.type
    if type_ is MarkedText:
        return _make_text(desk, titles, title, value)
    if options := _list_options(desk, titles, spot):
        chosen = tuple(str(simplify(one)) for one in value) if isinstance(value, tuple) else (str(simplify(value)),)
        kind = Kind.BOXES if isinstance(value, tuple) else Kind.CHOICE
        return [Field(spot.name, title, kind, options, chosen, is_needed=kind is Kind.CHOICE)]
    if _is_moment(spot):
        hint = say("a date-time group in Z")
        return [Field(spot.name, title, Kind.MOMENT, value=(_write(spot),), hint=hint, is_needed=False)]
    return [Field(spot.name, title, Kind.LINE, value=(_write(spot),), is_needed=not isinstance(value, tuple))]


def _make_text(desk: Desk, titles: Titles, title: str, text: MarkedText) -> list[Field]:
    words = read_words(text)
    fields = make_words(desk, titles, title, languages={*LANGUAGES, *words}, words=words)
    kept = {"level": (text.marking.level,), "topics": text.marking.topics}
    offered = [replace(one, value=kept.get(one.name, one.value)) for one in fields]
    return offered if _is_own(desk, text) else [one for one in offered if one.name.startswith(_TEXT)]


def _list_options(desk: Desk, titles: Titles, spot: _Spot) -> tuple[tuple[str, str], ...]:
    pact, field = desk.node.machine.pact, spot.field
    inner = _strip(get_args(spot.type)[0]) if get_origin(spot.type) is tuple else spot.type
    if isinstance(inner, type) and issubclass(inner, enum.Enum):
        return list_terms(inner)
    if field in _OF_PARTIES:
        return list_parties(desk, titles)
    if field == "commitment":
        return tuple((row.id, titles.title_of("commitment", row.id)) for row in pact.commitments)
    if field == "indicator":
        return tuple((row.id, titles.title_of("indicator", row.id)) for row in pact.indicators)
    return ()


def _is_moment(spot: _Spot) -> bool:
    return spot.type is int and spot.field.endswith("_at")


def _is_own(desk: Desk, text: MarkedText) -> bool:
    party = desk.node.machine.party
    return (text.marking.originator, text.marking.scheme) == (party, party)


def _write(spot: _Spot) -> str:
    """Return how a value stands in its field."""
    if _is_moment(spot):
        return format_dtg(Instant(spot.value)) if spot.value else ""
    plain = simplify(spot.value)
    return ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain)


def _read(desk: Desk, spot: _Spot, fields: Fields) -> Any:
    if spot.type is MarkedText:
        return _read_text(desk, spot.value, fields)
    options = _list_options(desk, Titles(), spot)
    if options and isinstance(spot.value, tuple):
        return read_boxes(fields, spot.name, options)
    if options:
        typed = read_one_of(fields, spot.name, options)
        return type(simplify(spot.value))(typed)
    typed = fields.find(spot.name)
    if typed == _write(spot).strip():
        return simplify(spot.value)
    if _is_moment(spot):
        return read_moment(fields, spot.name, now=desk.node.now(), is_needed=False)
    if spot.type is int:
        return fields.find_number(spot.name)
    if isinstance(spot.value, tuple):
        return [part.strip().lower() if spot.field == "digest" else part.strip() for part in typed.split(",") if typed]
    return fields.get(spot.name)


def _read_text(desk: Desk, old: MarkedText, fields: Fields) -> dict[str, object]:
    """Return the text as typed; its marking as chosen where it is ours to choose, with the caveats that it had."""
    held = read_words(old)
    typed = {name.removeprefix(_TEXT): text for name, text in fields.rows if name.startswith(_TEXT) and text.strip()}
    if not typed:
        raise UsageError("console.field-missing", field="text")
    words = {
        one: held[one] if held.get(one, "").strip() == text.strip() else text.strip() for one, text in typed.items()
    }
    marking: dict[str, object] = simplify(old.marking)
    if _is_own(desk, old):
        level, topics = fields.get("level"), sorted(set(fields.list("topics")))
        if level not in {row["id"] for row in desk.levels()}:
            raise UsageError("console.field-malformed", field="level")
        if not set(topics) <= {topic.id for topic in desk.node.machine.pact.topics} | set(old.marking.topics):
            raise UsageError("console.field-malformed", field="topics")
        marking = {**marking, "level": level, "topics": topics}
    return {"marking": marking, "translations": [{"language": one, "text": words[one]} for one in sorted(words)]}


def _put(form: Any, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        form = form[part]
    form[path[-1]] = value
