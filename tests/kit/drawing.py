"""Hypothesis strategies for any struct of ours, made from the type alone: bounds, patterns, enums, nested structs.

What no type can express (sets ascend, a window ends after it starts) is tried again until it holds.
"""

import enum
import re
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from comity.procedure.area import Area
from comity.procedure.entry import Entry, MarkedText, Marking

__all__ = ["draw_struct"]

_SIZE_MAX = 3
"""Elements of a tuple, however many its type permits."""

_WORDS = (
    "JPN-0042",
    "a",
    "watch-officer",
    "Z9_-",
    "x" * 48,
    "C1",
    "policy.call.window",
    "JPN",
    "USA",
    "CERT-EE",
    "en",
    "ko-Hang-KR",
    "12.5",
    "7",
)
"""What fields with a pattern are drawn from."""


def draw_struct(type_: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return values of a struct that its own decoder accepts."""
    rows = st.tuples(*(_draw(field.type) for field in msgspec.structs.fields(type_)))
    head = (type_.__name__,) if issubclass(type_, Entry) else ()
    return rows.map(lambda row: _convert((*head, *row), type_)).filter(lambda value: value is not None)


def _convert(row: tuple[Any, ...], type_: type[msgspec.Struct]) -> msgspec.Struct | None:
    try:
        return msgspec.convert(row, type_)
    except (msgspec.ValidationError, ValueError):
        return None


def _draw(annotation: Any, meta: msgspec.Meta | None = None) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        metas = [argument for argument in arguments[1:] if isinstance(argument, msgspec.Meta)]
        return _draw(arguments[0], metas[0] if metas else None)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(_draw, arguments))
    meta = meta or msgspec.Meta()
    shortest = meta.min_length or 0
    if origin is tuple:
        return _draw_tuple(arguments[0], shortest, min(meta.max_length or _SIZE_MAX, max(_SIZE_MAX, shortest)))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return st.sampled_from([member.value for member in annotation])
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _KNOWN[annotation] if annotation in _KNOWN else draw_struct(annotation).map(_to_row)
    if annotation is bytes:
        return st.binary(min_size=shortest, max_size=min(meta.max_length or 64, max(64, shortest)))
    if annotation is int:
        return st.integers(meta.ge if meta.ge is not None else 0, meta.le if meta.le is not None else 2**53)  # type: ignore[arg-type]
    assert annotation is str, annotation
    if meta.pattern:
        return st.sampled_from([text for text in _WORDS if re.match(meta.pattern, text)])
    return st.text(min_size=shortest, max_size=min(meta.max_length or 20, 20))


def _draw_tuple(element: Any, shortest: int, longest: int) -> st.SearchStrategy[Any]:
    """Draw a tuple whose elements ascend without repetition, which every set must and every list may."""
    rows = st.lists(_draw(element), min_size=shortest, max_size=longest)
    return rows.map(lambda found: tuple(sorted(dict.fromkeys(found), key=repr))).filter(
        lambda found: len(found) >= shortest
    )


def _to_row(value: msgspec.Struct) -> tuple[Any, ...]:
    return tuple(
        _to_row(inner) if isinstance(inner, msgspec.Struct) else _to_rows(inner)
        for inner in (getattr(value, name) for name in value.__struct_fields__)
    )


def _to_rows(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return tuple(_to_row(inner) if isinstance(inner, msgspec.Struct) else _to_rows(inner) for inner in value)
    return value


_KNOWN: Mapping[type[msgspec.Struct], st.SearchStrategy[Any]] = {
    Area: st.sampled_from(
        [
            ("circle", ((130_000_000, 310_000_000),), 90_000),
            ("polygon", ((1, 1), (1, 5_000_000), (5_000_000, 1)), 0),
        ]
    ),
    MarkedText: st.tuples(
        draw_struct(Marking).map(_to_row),
        st.lists(st.sampled_from(["en", "ja", "ko"]), min_size=1, unique=True).flatmap(
            lambda languages: st.tuples(*(st.tuples(st.just(tag), st.text(max_size=30)) for tag in sorted(languages)))
        ),
    ),
}
"""Structs whose own rules chance would seldom meet, as rows."""
