"""A pact with a clock moved or with more parties, for a sweep (R73). Nothing else of it changes.

An added party is a copy of one that is there: its zone, its people, the lowest level of its scheme. It takes part in
the agreements to which all are parties, and in no other, and is on no line.
"""

import re
from collections.abc import Container
from typing import Final

import msgspec

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.pact.marking import Scheme
from comity.pact.model import Pact
from comity.pact.signatory import Signatory

__all__ = ["PARTY_COUNT_MAX", "SWEPT", "Variant", "find_origin", "vary"]

PARTY_COUNT_MAX = 200
SWEPT = ("acknowledge", "position", "silence", "parties")
"""What can be swept: three clocks in minutes, and how many parties there are."""

_COPY: Final = re.compile(r"(.+)-[0-9]{3}")
"""How an added party is called: after the one of which it is a copy."""


class Variant(msgspec.Struct, frozen=True):
    """One value of what is swept; without a name the pact is as it is."""

    name: str = ""
    value: int = 0


def vary(pact: Pact, variant: Variant) -> Pact:
    """Return the pact with this one thing changed.

    Raises:
        UsageError: `scenario.sweep`, where the value is out of bounds.
    """
    if not variant.name:
        return pact
    if variant.name == "parties":
        if not len(pact.parties) <= variant.value <= PARTY_COUNT_MAX:
            raise UsageError("scenario.sweep", what=variant.name, value=variant.value)
        return _enlarge(pact, variant.value)
    if not 1 <= variant.value <= 7 * 24 * 60:
        raise UsageError("scenario.sweep", what=variant.name, value=variant.value)
    policy, replace = pact.policy, msgspec.structs.replace
    within_ms = variant.value * 60_000
    match variant.name:
        case "acknowledge":
            policy = replace(policy, acknowledge=replace(policy.acknowledge, within_ms=within_ms))
        case "position":
            policy = replace(policy, position=replace(policy.position, within_ms=within_ms))
        case _:
            policy = replace(policy, silence=replace(policy.silence, window_ms_min=within_ms))
    return replace(pact, policy=policy)


def find_origin(party: Party, parties: Container[Party]) -> Party:
    """Return of whom among these a party is a copy; itself, if it is none."""
    named = _COPY.fullmatch(party)
    return named[1] if named is not None and named[1] in parties else party


def _enlarge(pact: Pact, count: int) -> Pact:
    """Add copies of the parties in turn, until there are so many."""
    replace = msgspec.structs.replace
    parties: list[Signatory] = list(pact.parties)
    schemes: list[Scheme] = list(pact.schemes)
    names: list[Party] = []
    for number in range(count - len(parties)):
        of = pact.parties[number % len(pact.parties)]
        name = f"{of.id}-{number // len(pact.parties) + 2:03}"
        names.append(name)
        parties.append(replace(of, id=name))
        scheme = next(row for row in pact.schemes if row.party == of.id)
        lowest = min(scheme.levels, key=lambda level: level.rank)
        schemes.append(replace(scheme, party=name, levels=(replace(lowest, id=f"{name}-{lowest.id}"),)))
    added = schemes[len(pact.schemes) :]
    equivalences = tuple(
        replace(row, levels=(*row.levels, *(one.levels[0].id for one in added if one.levels[0].rank == row.rank)))
        for row in pact.equivalences
    )
    agreements = tuple(
        replace(row, parties=(*row.parties, *names)) if set(row.parties) == set(pact.audience) and not row.hub else row
        for row in pact.agreements
    )
    return replace(
        pact, parties=tuple(parties), schemes=tuple(schemes), equivalences=equivalences, agreements=agreements
    )
