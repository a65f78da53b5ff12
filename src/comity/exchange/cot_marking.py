"""The marking of an event of Cursor on Target: what TAK Server reads of it, written and read (X59, X60).

TAK Server has four attributes of an event for this, each plain text: `access`, `opex`, `caveat`, `releasableTo`. They
say less than a marking of ours does, so what goes out bears ours in full besides (`cot_own`). What comes in becomes
part of a class, which is told as the pact marks it; so what may be known to fewer is refused.

Rules
- `opex` is `o` in realm real and `e-NAME` in an exercise; `s`, a simulation, is read as an exercise is. What says
  nothing is of operations, as the schema has it, and so never comes into an exercise.
- `access` is the level under which the reader's party handles it, the highest where there are several markings;
  `caveat` has every caveat of each; `releasableTo` the authors and the reader's party, and never another.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.base.errors import RemoteError
from comity.base.names import REAL, Party, Realm
from comity.exchange.cot import Event
from comity.exchange.own_marking import OwnMarking
from comity.pact.model import Pact
from comity.pact.release import equivalent_level, find_level
from comity.procedure.entry import Marking

__all__ = ["Marks", "Standard", "check_marking", "check_opex", "format_opex", "make_marks", "make_own_marking"]

_OPEX: Final = re.compile(r"([oes])(?:-(.*))?", re.ASCII | re.IGNORECASE | re.DOTALL)
_BETWEEN: Final = re.compile(r"[,;/|\s]+")
_BETWEEN_CAVEATS: Final = re.compile(r"\s*(?:[,;|]|//)\s*")


@dataclass(frozen=True, slots=True)
class Marks:
    """What TAK Server reads of a marking, but for the realm."""

    access: str
    caveat: str
    releasable_to: str


def format_opex(realm: Realm) -> str:
    """Return what `opex` says in a realm."""
    return "o" if realm == REAL else f"e-{realm.partition('/')[2]}"


def check_opex(opex: str, realm: Realm) -> None:
    """Let an event into a realm, or raise.

    An exercise without a name is of whatever exercise it comes into; one with a name, of that alone.

    Raises:
        RemoteError: `cot.other-realm`.
    """
    match = _OPEX.fullmatch(opex) if opex else None
    is_real = not opex or (match is not None and match[1].lower() == "o")
    name = "" if match is None or match[2] is None else match[2].strip()
    is_known = not opex or match is not None
    is_other_name = not is_real and bool(name) and f"exercise/{name}" != realm
    if not is_known or is_real != (realm == REAL) or is_other_name:
        raise RemoteError("cot.other-realm", opex=opex[:40], realm=realm)


def make_own_marking(marking: Marking, *, pact: Pact, lineage: str, realm: Realm, reader: Party) -> OwnMarking:
    """Return a marking in full, as a reader's party gets it: with the level under which it handles it."""
    own = find_level(pact, marking.level)
    level = own[1] if own is not None and own[0] == reader else equivalent_level(pact, marking.level, reader)
    assert level is not None, "what a party may have, it has a level for (R7)"
    return OwnMarking(
        lineage=lineage,
        realm=realm,
        originator=marking.originator,
        scheme=marking.scheme,
        level=marking.level,
        topics=marking.topics,
        caveats=marking.caveats,
        handled_by=reader,
        handled_as=level.id,
        handled_as_local=level.local,
        handled_as_romanised=level.romanised,
        handled_as_language=level.language,
    )


def make_marks(markings: Sequence[OwnMarking], pact: Pact) -> Marks:
    """Return what an event says that rests on all of these, each as one reader's party gets it."""
    ranks = {level.id: level.rank for scheme in pact.schemes for level in scheme.levels}
    highest = max(markings, key=lambda one: ranks[one.handled_as])
    caveats = sorted({caveat for one in markings for caveat in one.caveats})
    parties = sorted({party for one in markings for party in (one.originator, one.handled_by)})
    return Marks(highest.handled_as, "; ".join(caveats), ", ".join(parties))


@dataclass(frozen=True, slots=True)
class Standard:
    """What an event from outside is held against: the class's own marking, and who is told the class.

    `levels` says which level of the own scheme a word of `access` means, as the operator set it; the own scheme's
    level ids mean themselves. A row for the empty word is for events that say nothing.
    """

    marking: Marking
    readers: frozenset[Party]
    levels: Mapping[str, str] = field(default_factory=dict)


def check_marking(event: Event, standard: Standard, pact: Pact) -> None:
    """Return if an event may become part of the class, or raise.

    Raises:
        RemoteError: `exchange.no-marking`, `exchange.marking-unknown`, `cot.above-class` with what is narrower.
    """
    own = next(scheme for scheme in pact.schemes if scheme.party == standard.marking.scheme)
    ranks = {level.id: level.rank for level in own.levels}
    level = standard.levels.get(event.access, event.access)
    if not level:
        raise RemoteError("exchange.no-marking")
    if level not in ranks:
        raise RemoteError("exchange.marking-unknown", access=event.access[:40])
    caveats = {caveat for caveat in _BETWEEN_CAVEATS.split(event.caveat) if caveat}
    listed = {party.upper() for party in _BETWEEN.split(event.releasable_to) if party}
    narrower = {
        "access": ranks[level] > ranks[standard.marking.level],
        "caveat": not caveats <= set(standard.marking.caveats),
        "releasableTo": bool(listed) and not standard.readers <= listed,
    }
    if found := next((name for name, is_narrower in narrower.items() if is_narrower), ""):
        raise RemoteError("cot.above-class", what=found)
