"""Who was given an item, by whom, when, on which basis; and how each request to pass it on stands.

A party's view holds what it may read: the originator learns of a passing-on only from what the holder reports.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.consent import Consent, ConsentCheck
from comity.procedure.entry import Entry
from comity.procedure.own import merge, own_order
from comity.procedure.sharing import (
    GIVING,
    PASSING,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    PassOnReported,
    PassOnRequested,
    RecallRequested,
)
from comity.procedure.stated import Stated

__all__ = [
    "ENDING",
    "Given",
    "PassOn",
    "PassOnState",
    "find_consents",
    "fold_dissemination",
    "fold_pass_ons",
    "given_to",
]

ENDING: Final = (ConsentRefused, ConsentWithdrawn, RecallRequested)
"""The types of entry by which an originator ends consents (R26, R58)."""
_Way = tuple[Digest, Party, Party]
"""Item, holder, recipient."""


@dataclass(frozen=True, slots=True)
class Given:
    """One line of a dissemination list. `clause` is empty where it is only known by report."""

    item: Digest
    giver: Party
    recipient: Party
    given_at: Instant
    clause: str
    entry: Digest


def fold_dissemination(stated: Iterable[Stated]) -> tuple[Given, ...]:
    """Return every giving that these statements tell of, in the order in which they are shown."""
    rows = []
    for one in merge(stated).values():
        entry = one.entry
        if isinstance(entry, GIVING):
            clauses = {basis.party: basis.clause for basis in entry.bases}
            rows += [
                Given(Digest(entry.item), one.author, to, one.written_at, clauses.get(to, ""), one.id)
                for to in one.audience
                if to != one.author
            ]
        elif isinstance(entry, PassOnReported):
            at = Instant(entry.passed_on_at)
            rows.append(Given(Digest(entry.item), one.author, entry.recipient, at, "", one.id))
    return tuple(rows)


def given_to(item: bytes, stated: Iterable[Stated]) -> frozenset[Party]:
    """Return the parties who, as far as these statements tell, know of the item: givers, recipients, its originator.

    Whoever only originated a portion that it quotes is not among them: it learns of the item when it is given it.
    """
    known: set[Party] = set()
    for one in stated:
        entry = one.entry
        if isinstance(entry, GIVING) and entry.item == item:
            known.update(one.audience, (entry.markings[0].originator,))
        elif isinstance(entry, PassOnReported) and entry.item == item:
            known.add(entry.recipient)
    return frozenset(known)


def find_consents(stated: Iterable[Stated], *, check: ConsentCheck) -> tuple[Consent, ...]:
    """Return the authentic consents in these statements that their originator has not taken back.

    A consent in a disputed or disowned page is none (J18). One enclosed in a passing-on stands by its own signature.
    """
    merged = tuple(merge(one for one in stated if _bears_on_consents(one.entry)).values())
    given: dict[Consent, list[Stated]] = {}
    for one in merged:
        for consent in _read_consents(one, check):
            given.setdefault(consent, []).append(one)
    # To take back is to restrict, so it is believed in whatever page it stands.
    ending: dict[tuple[bytes, Party], list[Stated]] = {}
    for one in merged:
        if isinstance(one.entry, ENDING):
            ending.setdefault((one.entry.item, one.author), []).append(one)
    running = (
        consent
        for consent, sources in given.items()
        if not _is_taken_back(consent, sources, ending.get((consent.item, consent.originator), ()))
    )
    return tuple(sorted(running, key=msgspec.structs.astuple))


def _bears_on_consents(entry: Entry) -> bool:
    """Tell whether a statement can hold a consent, or end one: nearly none does."""
    return bool(entry.consents) if isinstance(entry, PASSING) else isinstance(entry, (ConsentGiven, *ENDING))


def _read_consents(one: Stated, check: ConsentCheck) -> Iterable[Consent]:
    entry = one.entry
    if isinstance(entry, PASSING):
        return (one for one in map(check, entry.consents) if one is not None and one.item == entry.item)
    if isinstance(entry, ConsentGiven) and one.counts:
        consent = check(entry.consent)
        if consent is not None and (consent.originator, consent.item) == (one.author, entry.item):
            return (consent,)
    return ()


def _is_taken_back(consent: Consent, sources: list[Stated], ending: Iterable[Stated]) -> bool:
    """Tell whether one of these, of the consent's item and originator, ended it; a recall ends those to all (R58)."""
    for end in ending:
        if getattr(end.entry, "recipient", consent.recipient) != consent.recipient:
            continue
        if consent.holder not in end.audience:
            continue
        # Only where the originator gave it again afterwards, to the same audience, does it run.
        # One that is enclosed in a passing-on was not given by that.
        if not any(isinstance(one.entry, ConsentGiven) and _comes_after(one, end) for one in sources):
            return True
    return False


def _comes_after(one: Stated, other: Stated) -> bool:
    same_word = (one.author, one.audience) == (other.author, other.audience)
    return same_word and own_order(one) > own_order(other)


class PassOnState(enum.StrEnum):
    """How a request to pass an item on stands."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    NOT_CONSENTED = "not-consented"
    """Refused, taken back, or recalled."""
    PASSED_ON = "passed-on"


@dataclass(frozen=True, slots=True, order=True)
class PassOn:
    """One item on its way from one holder to one recipient."""

    item: Digest
    holder: Party
    recipient: Party
    state: PassOnState


def fold_pass_ons(stated: Iterable[Stated], *, check: ConsentCheck) -> tuple[PassOn, ...]:
    """Return how each request stands. What was passed on stays so; else a consent not taken back; else a refusal."""
    merged = tuple(merge(stated).values())
    originators = {one.entry.item: one.entry.markings[0].originator for one in merged if isinstance(one.entry, GIVING)}
    found: dict[PassOnState, set[_Way]] = {state: set() for state in PassOnState}
    recalled: set[tuple[bytes, Party]] = set()
    for consent in find_consents(merged, check=check):
        found[PassOnState.CONSENTED].add((Digest(consent.item), consent.holder, consent.recipient))
    for one in merged:
        entry, others = one.entry, tuple(party for party in one.audience if party != one.author)
        if isinstance(entry, PassOnRequested):
            found[PassOnState.REQUESTED].add((Digest(entry.item), one.author, entry.recipient))
        elif isinstance(entry, PassOnReported):
            found[PassOnState.PASSED_ON].add((Digest(entry.item), one.author, entry.recipient))
        elif isinstance(entry, PASSING):
            found[PassOnState.PASSED_ON].update((Digest(entry.item), one.author, to) for to in others)
        elif isinstance(entry, ConsentRefused | ConsentWithdrawn) and originators.get(entry.item) == one.author:
            ways = ((Digest(entry.item), holder, entry.recipient) for holder in others)
            found[PassOnState.NOT_CONSENTED].update(ways)
        elif isinstance(entry, RecallRequested) and originators.get(entry.item) == one.author:
            recalled.update((entry.item, holder) for holder in others)
    found[PassOnState.NOT_CONSENTED].update(way for way in found[PassOnState.REQUESTED] if way[:2] in recalled)
    rank = (PassOnState.PASSED_ON, PassOnState.CONSENTED, PassOnState.NOT_CONSENTED, PassOnState.REQUESTED)
    asked = found[PassOnState.REQUESTED] | found[PassOnState.CONSENTED] | found[PassOnState.PASSED_ON]
    return tuple(sorted(PassOn(*way, next(state for state in rank if way in found[state])) for way in asked))
