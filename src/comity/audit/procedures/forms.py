"""What the entries of docs/spec/procedure.md and release.md are made of, read a second time from the tables there.

Rules
- One struct an entry, in the order of its row; `known` has the list and reads them.
- Bounds and closed lists stand in the types. What no type says (sets ascend, a window ends after it begins, areas of
  P26) each struct checks in `is_sound`.
- A type that is not here is no fault: it is kept raw (J10) and judged by nobody.
"""

import itertools
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.base.limits import (
    CITATION_COUNT_MAX,
    INSTANT_MS_MAX,
    LANGUAGE_COUNT_MAX,
)
from comity.base.names import PARTY_PATTERN, Bytes32
from comity.crypto.suite import ED25519_SIGNATURE_SIZE

__all__ = [
    "At", "Clause", "Entry", "Ids", "Language", "Level", "Marking", "MaybeId", "Name", "Parties", "Party", "Signature",
    "Some", "Text", "ascends",
]  # fmt: skip

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}"
At = Annotated[int, Meta(ge=0, le=INSTANT_MS_MAX)]
Name = Annotated[str, Meta(pattern=rf"^{_NAME}\Z")]
Clause = Annotated[str, Meta(pattern=rf"^{_NAME}(\.{_NAME}){{0,3}}\Z")]
Party = Annotated[str, Meta(pattern=rf"^{PARTY_PATTERN}\Z")]
Signature = Annotated[bytes, Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
Some: Final = Meta(max_length=CITATION_COUNT_MAX)
Ids = Annotated[tuple[Bytes32, ...], Some]
Parties = Annotated[tuple[Party, ...], Some]
MaybeId = Annotated[tuple[Bytes32, ...], Meta(max_length=1)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")]

Level = Literal["leaders", "ministers", "advisers", "senior-officials", "working", "watch"]


def ascends(values: Iterable[Any]) -> bool:
    """Tell whether values are a set as the tables want it: strictly ascending."""
    return all(a < b for a, b in itertools.pairwise(values))


class Marking(Shape, frozen=True):
    """R5: form only; whether it can be read is for the funnel to say."""

    originator: str
    scheme: str
    level: str
    topics: Annotated[tuple[str, ...], Some]
    caveats: Annotated[tuple[str, ...], Some]


class Text(Shape, frozen=True):
    """A marking, and the text in at least one language."""

    marking: Marking
    versions: Annotated[
        tuple[tuple[Language, Annotated[str, Meta(max_length=16_384)]], ...],
        Meta(min_length=1, max_length=LANGUAGE_COUNT_MAX),
    ]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in their order."""
        return tuple(language for language, _ in self.versions)

    def is_sound(self) -> bool:
        """Languages ascend, each once."""
        return ascends(self.languages)


class Entry(Shape, frozen=True, tag=True):
    """Any entry. `binds`: P4, R12, R24, never corrected or withdrawn. `is_procedural`: no text in it (R3)."""

    binds: ClassVar[bool] = False
    is_procedural: ClassVar[bool] = True

    def is_sound(self) -> bool:
        """What the types do not say."""
        return True
