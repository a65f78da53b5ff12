"""What a caveat forbids: the forms that Comity knows, and nothing read into a form that it does not know.

Rules (docs/spec/release.md, R6)
- A caveat only ever narrows, so adding one never opens a way. Two lists mean their intersection.
- The caveats of a marking are a set: ascending, without repetition. Anything else is malformed.
- An unknown caveat, an unknown party or agreement in one, an empty list: unreadable, and so nothing passes.

`TLP` labels are levels of a scheme, not caveats.
"""

import operator
from dataclasses import dataclass
from typing import Final

__all__ = ["NO_CAVEATS", "ORIGINATOR_CONTROLLED", "Narrowing", "read_caveats", "write_listed", "write_under"]

NATIONAL_ONLY: Final = frozenset({"NATIONAL EYES ONLY", "NOFORN"})
"""Not for any other party, in two national spellings."""
ORIGINATOR_CONTROLLED: Final = "ORCON"
"""No onward release without the originator's consent, even where an agreement leaves the receiver free."""
_LISTED: Final = "REL TO "
_UNDER: Final = "ONLY UNDER "
_JOINT: Final = ", "


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What all caveats of one marking leave open. `None` is "not narrowed"; an empty set is nobody, or nothing."""

    national_only: bool = False
    originator_controlled: bool = False
    listed: frozenset[str] | None = None
    under: frozenset[str] | None = None


NO_CAVEATS: Final = Narrowing()


def write_listed(parties: frozenset[str]) -> str:
    """Write the one permitted form of "releasable to these parties only": `REL TO JPN, USA`."""
    return _LISTED + _JOINT.join(sorted(parties))


def write_under(agreements: frozenset[str]) -> str:
    """Write the one permitted form of "may travel under these agreements only": `ONLY UNDER tisa-2014`."""
    return _UNDER + _JOINT.join(sorted(agreements))


def read_caveats(caveats: tuple[str, ...], *, parties: frozenset[str], agreements: frozenset[str]) -> Narrowing | None:
    """Return what the caveats leave open, or None if any of them can't be read with certainty."""
    if not caveats:
        return NO_CAVEATS
    if not is_set(caveats):
        return None
    listed: frozenset[str] | None = None
    under: frozenset[str] | None = None
    for caveat in caveats:
        if caveat in NATIONAL_ONLY or caveat == ORIGINATOR_CONTROLLED:
            continue
        if (named := _read_names(caveat, _LISTED, parties)) is not None:
            listed = named if listed is None else listed & named
        elif (named := _read_names(caveat, _UNDER, agreements)) is not None:
            under = named if under is None else under & named
        else:
            return None
    return Narrowing(
        national_only=not NATIONAL_ONLY.isdisjoint(caveats),
        originator_controlled=ORIGINATOR_CONTROLLED in caveats,
        listed=listed,
        under=under,
    )


def is_set(names: tuple[str, ...]) -> bool:
    """Tell whether `names` ascend strictly: the one form of a set in signed bytes."""
    return all(map(operator.lt, names, names[1:]))


def _read_names(caveat: str, form: str, known: frozenset[str]) -> frozenset[str] | None:
    if not caveat.startswith(form):
        return None
    names = tuple(caveat.removeprefix(form).split(_JOINT))
    return frozenset(names) if is_set(names) and known.issuperset(names) else None
