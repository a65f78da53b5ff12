"""Which object a statement is part of.

A scope is one object as one audience knows it: a consultation, a text, a measure, a channel's day of tests. It
belongs to exactly one audience (DESIGN section 10): what is said of it elsewhere is another scope, which awaits an
opener that will not come.
"""

from typing import NamedTuple

from comity.base.names import Audience
from comity.procedure.stated import Stated

__all__ = ["Scope", "find_scope"]


class Scope(NamedTuple):
    """`ref` is the id of the entry that opened it, or the bytes of a name (channel and day). Empty kind: no object."""

    kind: str
    ref: bytes
    audience: Audience


def find_scope(stated: Stated) -> Scope:
    """Return the object that a statement opens or belongs to, by what its type says (`Entry.belongs_to`)."""
    kind, field = stated.entry.belongs_to
    if not kind:
        return Scope("", b"", stated.audience)
    ref = getattr(stated.entry, field) if field else stated.id
    return Scope(kind, ref.encode() if isinstance(ref, str) else ref, stated.audience)
