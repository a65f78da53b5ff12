"""Statements as JSON: every entry type has one object form, made from the type itself.

What is an array with bytes on the record is an object with hexadecimal here: `["Acknowledged", bin, …]` becomes
`{"type": "Acknowledged", "consultation": "9f…", …}`. No second vocabulary that could drift from the first.
"""

import enum
import functools
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec

from comity.api.views.record import StatementShown, StatementStub
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.procedure import (
    alarm,
    anchor,
    detected,
    disclosed,
    genesis,
    line,
    linked,
    officer,
    onward,
    public_warning,
    quarantine,
    reading,
    recall,
    role_play,
    sharing,
    text,
)
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.registry import ENTRY_TYPES
from comity.procedure.stated import Stated

__all__ = [
    "BY_NODE",
    "STATEMENT_FORMS",
    "find_form",
    "format_place",
    "format_statement",
    "parse_form",
    "parse_id",
    "read_words",
    "simplify",
    "to_array",
]

HEX: Final = "^([0-9a-f]{2})*$"
"""Bytes are written in lower-case hexadecimal."""


@functools.cache
def find_form(type_: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return the object form of an array struct; entries carry their type in the field `type`."""
    rows = [(field.name, _translate(field.type)) for field in msgspec.structs.fields(type_)]
    is_entry = issubclass(type_, Entry)
    return msgspec.defstruct(
        f"{type_.__name__}Form",
        rows,
        frozen=True,
        forbid_unknown_fields=True,
        tag_field="type" if is_entry else None,
        tag=type_.__name__ if is_entry else None,
        module=__name__,
        namespace={"__doc__": type_.__doc__},
    )


def _translate(annotation: Any) -> Any:
    """Return the JSON type of a field: bytes become hexadecimal text, structs their object forms."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = _translate(arguments[0])
        metas = [_translate_meta(meta) for meta in arguments[1:]] if arguments[0] is bytes else list(arguments[1:])
        return Annotated[(inner, *metas)] if metas else inner
    if origin is tuple:
        elements = [_translate(argument) for argument in arguments if argument is not ...]
        return types.GenericAlias(tuple, (*elements, ...))
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_translate(argument) for argument in arguments)]  # noqa: UP007 -- made at run time
    if annotation is bytes:
        return str
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return find_form(annotation)
    return annotation


def _translate_meta(meta: Any) -> Any:
    """Bounds on bytes become bounds on twice as many hexadecimal digits."""
    if not isinstance(meta, msgspec.Meta):
        return meta
    shortest = None if meta.min_length is None else 2 * meta.min_length
    longest = None if meta.max_length is None else 2 * meta.max_length
    return msgspec.Meta(pattern=HEX, min_length=shortest, max_length=longest)


_BY_NAME: Final = {type_.__name__: type_ for type_ in ENTRY_TYPES}

_BY_NODE: Final[tuple[type[Entry], ...]] = (
    *(genesis.PactAccepted, genesis.RootStatementPublished, genesis.AudienceOpened),
    *(text.TextReceived, text.SilenceKept, text.TextAdoptionSeen),
    *(line.LineTestSent, line.LineTestAnsweredByMachine),
    *(*sharing.GIVING, sharing.PassOnReported, sharing.ConsentGiven),
    *(sharing.RecallRequested, sharing.RecallAnswered),
    *recall.ENTRIES,
    *onward.ENTRIES,
    *quarantine.ENTRIES,
    disclosed.EntryDisclosed,
    role_play.SeatSpoke,
    linked.ItemsLinked,
    officer.ActedBy,
    reading.ItemRead,
    *alarm.ENTRIES,
    *anchor.ENTRIES,
    *(detected.ThreatDetected, detected.ThreatDrafted, public_warning.PublicWarned),
)
BY_NODE: Final = frozenset(type_.__name__ for type_ in _BY_NODE)
"""What the node states by itself: plain facts about itself that an officer's word must not imitate, and the statements
that name blobs, keys or signatures, or answer for what was destroyed, which only an act of the node makes."""

STATEMENT_FORMS: Final = {type_.__name__: find_form(type_) for type_ in ENTRY_TYPES if type_.__name__ not in BY_NODE}
"""The forms of everything that an officer may state, by type."""


def parse_form(form: Mapping[str, object]) -> Entry:
    """Return the entry that a JSON object states.

    Raises:
        UsageError: `statement.unknown-type`, `statement.by-node`, `statement.malformed-form` with what is wrong and
            where.
    """
    name = form.get("type")
    if not isinstance(name, str) or name not in _BY_NAME:
        raise UsageError("statement.unknown-type", type=str(name)[:64])
    if name in BY_NODE:
        raise UsageError("statement.by-node", type=name)
    try:
        checked = msgspec.convert(form, STATEMENT_FORMS[name])
        return msgspec.convert(to_array(checked, _BY_NAME[name]), _BY_NAME[name], strict=True)
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError("statement.malformed-form", type=name, why=str(error)[:200]) from error


def to_array(value: Any, annotation: Any) -> Any:
    """Turn an object form that was read (`find_form`) back into what the array struct is converted from."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return to_array(value, arguments[0])
    if origin is tuple:
        return tuple(to_array(element, arguments[0]) for element in value)
    if annotation is bytes:
        return bytes.fromhex(value)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        row = [to_array(getattr(value, field.name), field.type) for field in msgspec.structs.fields(annotation)]
        return [annotation.__name__, *row] if issubclass(annotation, Entry) else row
    return value


def format_statement(stated: Stated) -> StatementShown:
    """Return a statement with what the journal says of it, as JSON values."""
    return {**format_place(stated), "entry": {"type": type(stated.entry).__name__, **_fields_of(stated.entry)}}


def format_place(stated: Stated) -> StatementStub:
    """Return what the journal says of a statement, without what it says itself."""
    return {
        "id": stated.id.hex(),
        "author": stated.author,
        "audience": list(stated.audience),
        "written_at": stated.written_at,
        "journal": stated.journal.hex(),
        "page": stated.page,
        "index": stated.index,
        "standing": stated.standing.value,
    }


def read_words(text: MarkedText) -> dict[str, str]:
    """Return a marked text by language."""
    return {row.language: row.text for row in text.translations}


def _fields_of(value: msgspec.Struct) -> dict[str, object]:
    read = [(name, getattr(value, name)) for name in value.__struct_fields__]
    return {name: one if type(one) in _PLAIN else simplify(one) for name, one in read}


def simplify(value: object) -> Any:
    """Return any view of ours as plain JSON values: bytes as hexadecimal, enums as words, sets sorted."""
    way = _WAYS.get(type(value))
    if way is None:
        way = _WAYS[type(value)] = _find_way(type(value))
    return way(value)


_PLAIN: Final = frozenset({str, int, bool, type(None)})
_WAYS: Final[dict[type[Any], Callable[[Any], Any]]] = {}
"""How values of each type are written, once that was asked: a list has thousands of them."""


def _find_way(type_: type[Any]) -> Callable[[Any], Any]:
    if issubclass(type_, Stated):
        return format_statement
    if issubclass(type_, msgspec.Struct):
        named = {"type": type_.__name__} if issubclass(type_, Entry) else {}
        return lambda value: {**named, **_fields_of(value)}
    if is_dataclass(type_):
        names = tuple(field.name for field in dataclass_fields(type_))
        return lambda value: {name: simplify(getattr(value, name)) for name in names}
    if issubclass(type_, enum.Enum):
        return lambda value: value.value
    if issubclass(type_, bytes):
        return bytes.hex
    if issubclass(type_, Mapping):
        return lambda value: {str(simplify(key)): simplify(element) for key, element in value.items()}
    if issubclass(type_, frozenset | set):
        return lambda value: sorted((simplify(element) for element in value), key=str)
    if issubclass(type_, tuple | list):
        return lambda value: [one if type(one) in _PLAIN else simplify(one) for one in value]
    return lambda value: value


def parse_id(text: str) -> Digest:
    """Return the id or digest that a caller named in hexadecimal.

    Raises:
        UsageError: `api.malformed`.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise UsageError("api.malformed") from error
    if len(raw) != 32:
        raise UsageError("api.malformed")
    return Digest(raw)
