"""The form of every statement: an immutable struct, past tense, encoded as `[type, field, …]` (docs/spec, J10).

Rules that keep the form unique (J1): fields are uint, str, bytes, or tuples and structs of these; no None, bool or
float. "Nothing" is an empty tuple, string or bytes. A new field is a new entry type. Each procedure defines its own
entries beside its fold; `registry` gathers them.
"""

from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import INSTANT_MS_MAX

__all__ = ["Entry", "EntryId", "InstantField", "MarkedText", "Marking", "Text", "Translation"]

EntryId = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
InstantField = Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
Text = Annotated[str, msgspec.Meta(max_length=16_384)]
"""Free text, at most 16,384 characters."""


class Entry(msgspec.Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True, gc=False):
    """One typed statement. The tag is the class name and is the type that stands first in the bytes.

    What was decoded can't hold itself: no entry is ever searched for garbage, of which a node would have millions.

    What a type is stands on its class and never in the bytes:
    - `procedural`: enums, ids and instants only, so that a clause may permit it to every party (DESIGN section 6). What
      does not say so is decided by the release funnel.
    - `binding`: its author can't correct or withdraw it; each change has an entry of its own (docs/spec, P4).
    - `belongs_to`: the kind of object that it is part of, and its field that names the object; no field, and the
      entry opens one (docs/spec, P5).
    """

    procedural: ClassVar[bool] = False
    binding: ClassVar[bool] = False
    belongs_to: ClassVar[tuple[str, str]] = ("", "")


class Marking(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False, cache_hash=True):
    """How free text or an item is marked by its originator, in the originator's own scheme; never rewritten.

    Its hash is kept, for the funnel looks every marking up (decision 0034).
    `topics` and `caveats` are sets: sorted, without repetition. No topics means: no agreement covers it.
    """

    originator: str
    scheme: str
    level: str
    topics: tuple[str, ...]
    caveats: tuple[str, ...]


class Translation(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One language version: a BCP 47 tag (`en`, `ja`, `ko`) and the text."""

    language: str
    text: Text


class MarkedText(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Free text with its marking; the release funnel decides it before it leaves (DESIGN, section 6)."""

    marking: Marking
    translations: tuple[Translation, ...]
