"""Joins pages and procedures: from what the keys opened to a verdict on every object, duty and giving.

Judged is what the record shows, each thing under the version of the pact that governs it by its author's cut, as of one
instant. Where no pact is at hand or no page was opened, nothing is judged, and the report says so.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from comity.audit.chain import Journal
from comity.audit.claims import Claim, Claims
from comity.audit.finding import Finding, make_finding
from comity.audit.form import ENTRIES
from comity.audit.pool import Sheet
from comity.audit.procedures.force import Force
from comity.audit.procedures.judge import (
    Procedures,
    judge_officers,
    judge_release,
    judge_under,
    judge_versions,
)
from comity.audit.procedures.knowledge import Knowledge
from comity.audit.procedures.said import DISOWNED, DISPUTED, GOOD, Place, Said, Spot, keep_one_each
from comity.audit.procedures.terms import Funnels
from comity.audit.record import Pins, Record
from comity.audit.seal import Seals
from comity.audit.trace import Derived, derive
from comity.audit.tracks.told import Basis
from comity.audit.version import Line, Version, VersionShown, find_versions, grow_pins, show_versions
from comity.crypto.suite import Suite
from comity.pact.model import Pact

__all__ = ["Opinion", "find_faults", "find_line", "find_opinion", "judge_procedures"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the opened entries come to, and what is to be said of the versions of the pact."""

    procedures: Procedures | None
    """None where no key opened an entry."""
    versions: tuple[VersionShown, ...]
    basis: Basis | None = None
    """By what the warning feed is judged; None where nothing was opened."""


def judge_procedures(
    records: Sequence[Record],
    pins: Pins,
    suite: Suite,
    *,
    pact: Pact | None = None,
    versions: Iterable[Version] = (),
    as_of: int | None = None,
) -> Procedures | None:
    """Judge what records show of every procedure; None where no pact of theirs can be read.

    `versions` are versions as they were read before; those in the records are read besides. With `pact` everything is
    judged under that one alone. `as_of` is the instant for which states are shown, by default the latest clock in the
    record. For the same pages every node must show the same.
    """
    line = find_line(records, pins, suite, pact=pact, versions=versions)
    if line is None:
        return None
    grown = grow_pins(pins, line)
    derived = derive(records, grown, suite)
    seals = Seals(suite, Claims(derived.roots, grown.versions))
    seals.gather_keys(records, derived.journals)
    for journal in derived.ordered:
        seals.open_journal(journal, lambda: None)
    holders = [record.holder for record in records]
    return find_opinion(derived, seals, line, grown, suite, holders=holders, as_of=as_of, is_asked=True).procedures


def find_line(
    records: Sequence[Record],
    pins: Pins,
    suite: Suite,
    *,
    pact: Pact | None = None,
    versions: Iterable[Version] = (),
    known: Collection[bytes] = (),
) -> Line | None:
    """Return the versions at hand in line; that of `pact` alone where one is given; None where there is none."""
    if pact is not None:
        return Line((Version(pins.lineage, pact),), pins.lineage, known=known, is_alone=True)
    found = find_versions(records, pins.lineage, suite, versions)
    return Line(found, pins.lineage, known=known) if found else None


def find_opinion(
    derived: Derived,
    seals: Seals,
    line: Line,
    pins: Pins,
    suite: Suite,
    *,
    holders: Iterable[str],
    as_of: int | None = None,
    is_asked: bool = False,
) -> Opinion:
    """Judge all procedures of an audit's own pages, unless no key opened any; with `is_asked` all the same."""
    claims = seals.claims
    knowledge = Knowledge(derived.journals, derived.heads, derived.disowned, _merge(seals, claims))
    by_page = list(_say(claims.kept, derived))
    statements = keep_one_each(by_page)
    force = Force(line, statements, knowledge)
    shown = show_versions(line, force.list_in_force_for(holders), force.list_accepting)
    is_opened = any(claim.sheet.header.kind == ENTRIES for claim in claims.kept) or not any(seals.sealed.values())
    if not is_opened and not is_asked:
        return Opinion(None, shown)
    latest_at = max((sheet.header.written_at for sheet in derived.sheets if sheet.code is None), default=0)
    procedures = judge_under(
        force, statements, knowing=knowledge, suite=suite, as_of=latest_at if as_of is None else as_of
    )
    funnels = Funnels(
        force,
        statements,
        lineage=pins.lineage,
        realm=pins.realm,
        node_keys=derived.roots.node_keys(),
        suite=suite,
    )
    current = force.find_current(holders)
    procedures = judge_release(procedures, statements, funnels=funnels, current=current, reach=knowledge)
    names = {digest: journal.id for digest, journal in derived.journals.items()}
    named = {claim.sheet.digest: claim.sheet.header.pact for claim in claims.kept}
    procedures = judge_versions(procedures, statements, force=force, reach=knowledge, journals=names, named=named)
    procedures = judge_officers(procedures, by_page, force=force, reach=knowledge)
    return Opinion(procedures, shown, Basis(line, funnels, statements, knowledge))


def _merge(seals: Seals, claims: Claims) -> Mapping[bytes, int]:
    """Return the first page of each journal that stayed sealed or unread: what its cuts rest on is not known."""
    first = dict(seals.first_sealed)
    for journal, number in claims.first_unread.items():
        first[journal] = min(number, first.get(journal, number))
    return first


def find_faults(procedures: Procedures | None, journals: Mapping[bytes, Journal]) -> Iterator[Finding]:
    """Yield what procedures show to be wrong or odd, each against the statement that shows it; nothing unjudged."""
    if procedures is None:
        return
    for doubt in procedures.clock_doubts:
        yield make_finding(
            "silence.clock-doubt",
            journal=journals[doubt.other.spot.journal].id,
            number=doubt.other.place.number,
            party=doubt.kept.author,
            early_ms=doubt.early_ms,
        )
    for miss in procedures.misses:
        yield make_finding(
            "line.missed",
            party=miss.party,
            channel=miss.channel,
            audience=miss.audience,
            count=len(miss.slots_at),
            from_at=miss.slots_at[0],
            until_at=miss.slots_at[-1],
        )
    for said, named in procedures.hidden:
        yield make_finding(
            "entry.cites-hidden",
            journal=journals[said.spot.journal].id,
            number=said.place.number,
            index=said.place.entry_index,
            readers=tuple(sorted(set(said.audience) - set(named.audience))),
        )
    for wrong in procedures.misjudged:
        place = wrong.said.place
        yield make_finding(wrong.code, journal=journals[wrong.said.spot.journal].id, number=place.number)
    for said, code in procedures.unfounded:
        place = said.place
        yield make_finding(code, journal=journals[said.spot.journal].id, number=place.number, index=place.entry_index)
    for act in procedures.misacted:
        yield make_finding(
            act.code,
            journal=journals[act.said.spot.journal].id,
            number=act.said.place.number,
            index=act.said.place.entry_index,
            act=act.act,
            clause=act.clause,
        )
    for code, refused in (("release.unpermitted", procedures.unpermitted), ("release.cut-short", procedures.short)):
        for found in refused:
            yield make_finding(
                code,
                journal=journals[found.said.spot.journal].id,
                number=found.said.place.number,
                index=found.said.place.entry_index,
                party=found.to,
                clause=found.clause,
                says=found.says.value,
            )


def _say(claims: Iterable[Claim], derived: Derived) -> Iterator[Said]:
    """Yield what entries say. Those of one page come together, and share all but what stands in each."""
    for sheet, kept in itertools.groupby(claims, attrgetter("sheet")):
        header, journal = sheet.header, sheet.header.journal
        author, audience, incarnation = journal.author, journal.audience, journal.incarnation
        spot, standing = Spot(sheet.journal_digest, sheet.digest), _find_standing(sheet, derived)
        for claim in kept:
            place = Place(incarnation, header.number, claim.number)
            yield Said(claim.entry, claim.id, author, audience, place, spot, header.written_at, standing)


def _find_standing(sheet: Sheet, derived: Derived) -> int:
    if sheet.digest in derived.disowned:
        return DISOWNED
    return DISPUTED if sheet.digest in derived.disputed else GOOD
