"""What an entry names and its readers may not read (P5): whoever reads it learns that it exists."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from comity.audit.body import find_value, type_of_entry
from comity.audit.procedures.forms_line import EntryCorrected
from comity.audit.procedures.known import decode_entry, is_known
from comity.audit.procedures.said import Said

__all__ = ["HiddenCitation", "find_hidden"]


class HiddenCitation(NamedTuple):
    """`said` names `named`, whose audience does not contain its own."""

    said: Said
    named: Said


def find_hidden(statements: Sequence[Said]) -> Iterator[HiddenCitation]:
    """Yield every entry that names one that not all of its readers may read; only what is in the record can be seen."""
    audiences = {said.audience for said in statements}
    if len(audiences) < 2:
        return
    by_id = {said.id: said for said in statements}
    for said in statements:
        for id_ in _walk(said.entry):
            named = by_id.get(id_)
            if named is not None and not set(said.audience) <= set(named.audience):
                yield HiddenCitation(said, named)


def _walk(value: object) -> Iterator[bytes]:
    """Yield whatever may be the id of an entry: 32 bytes, within replacements too."""
    if isinstance(value, bytes):
        if len(value) == 32:
            yield value
    elif isinstance(value, EntryCorrected):
        yield value.entry
        said = find_value(value.replacement)
        if said is not None and is_known(type_of_entry(said)):
            replacement = decode_entry(type_of_entry(said), value.replacement)
            yield from () if isinstance(replacement, EntryCorrected) else _walk(replacement)
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk(element)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name))
