"""What bundles of other parties show of a record whose own home is lost; nothing is written or signed here.

Whose record it is, the root says: it is the one in some party's chain. That the pact is ours, the root says as well: it
certified a node under that lineage, and whoever holds no such certificate is given nothing to go on with. Pages go
through the door of this party's own node, so what was never for it stays outside.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import RemoteError, UsageError
from comity.base.names import Audience, Digest, Party, Realm
from comity.crypto.suite import Suite
from comity.journal.bundle import Bundle
from comity.journal.header import Feed, JournalId, Page, parse_page
from comity.journal.ledger import Ledger, Verdict
from comity.journal.published import find_statements
from comity.journal.statement import (
    Certificate,
    RootKeys,
    RootStatement,
    Succession,
    parse_statement,
)
from comity.journal.trust import Trust
from comity.node.recovered_versions import Evidence, RecoveredVersions, find_versions
from comity.node.versions import find_pins_of
from comity.pact.lineage import Lineage

__all__ = ["Lacking", "RecoveredRecord", "read_recovered"]

PASS_COUNT_MAX: Final = 1_000
"""Times that pages which found no room to wait are offered again; each must bring one further, or it ends."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """An own page that is known to have been and does not stand here; `witness` is who named it.

    The own party is, where a later page of the journal is here and the ones before that are not.
    """

    feed: Feed
    audience: Audience
    incarnation: int
    number: int
    witness: Party


@dataclass(frozen=True, slots=True)
class RecoveredRecord:
    """One realm's record, as far as the bundles show it."""

    realm: Realm
    versions: RecoveredVersions
    party: Party
    ledger: Ledger
    pages: tuple[Page, ...]
    """In an order in which each is accepted; those that wait for something come last."""
    certificates: Mapping[int, bytes]
    """This party's own, by incarnation."""
    successions: tuple[bytes, ...]
    """This party's own, from the pinned root on."""
    lacking: tuple[Lacking, ...]
    """Own pages that are known to have been and are not here, the last of each journal."""
    unheard: Audience
    """Parties whose bundle is not here: what was said to them alone is not either."""

    @property
    def circles(self) -> tuple[Audience, ...]:
        """The audiences of all parties, one for each version that this party belongs to."""
        audiences = (one.version.audience for one in self.versions.held)
        return tuple(dict.fromkeys(audience for audience in audiences if self.party in audience))

    @property
    def opens(self) -> int:
        """The incarnation that comes after every one that the bundles show."""
        return max(self.certificates) + 1


def read_recovered(
    bundles: Sequence[Bundle], pacts: Sequence[bytes], *, root: RootKeys, suite: Suite
) -> RecoveredRecord:
    """Judge the bundles of one realm as the node that was lost would.

    Args:
        bundles: of one realm, from as many other parties as can be had.
        pacts: files given by hand; others come by the bundles (`recovered_versions` says which are taken).
        root: this party's root.
        suite: the algorithms.

    Raises:
        UsageError: `bundle.other-pact-here` where bundles are of two pacts, `recover.no-pact`, `recover.root-unknown`,
            `recover.never-accepted`.
    """
    head = bundles[0].head
    if any(bundle.head.lineage != head.lineage for bundle in bundles):
        raise UsageError("bundle.other-pact-here")
    pages = list(_parse_pages(bundles, suite))
    statements = [raw for bundle in bundles for raw in bundle.statements]
    statements += [raw for page in pages for raw in find_statements(page)]
    versions = find_versions(
        Evidence(head.lineage, head.realm, pages, statements),
        bundled=[raw for bundle in bundles for raw in bundle.pacts],
        given=pacts,
        root=root,
        suite=suite,
    )
    party = versions.party
    pins = find_pins_of(Lineage(one.version for one in versions.held), realm=head.realm)
    trust = Trust(pins, suite)
    trust.learn_all(statements)
    believed = list(_find_believed(statements, trust, party))
    certificates = {row.body.incarnation: row.raw for row in believed if isinstance(row.body, Certificate)}
    ledger = Ledger(trust, reader=party, suite=suite)
    taken = _take(ledger, pages)
    heard = {bundle.head.holder for bundle in bundles}
    others = {other for one in versions.held if party in one.version.audience for other in one.version.audience}
    return RecoveredRecord(
        head.realm,
        versions,
        party,
        ledger,
        taken,
        certificates,
        _order_successions(believed, pins.roots[party].keys, suite),
        _find_lacking(ledger, party),
        unheard=tuple(sorted(others - {party} - heard)),
    )


def _parse_pages(bundles: Sequence[Bundle], suite: Suite) -> Iterator[Page]:
    seen: set[bytes] = set()
    for raw in (raw for bundle in bundles for raw in bundle.pages):
        if raw not in seen:
            seen.add(raw)
            with contextlib.suppress(RemoteError):
                yield parse_page(raw, suite)


def _find_believed(statements: Iterable[bytes], trust: Trust, party: Party) -> Iterator[RootStatement]:
    for raw in dict.fromkeys(statements):
        with contextlib.suppress(RemoteError):
            statement = parse_statement(raw)
            if statement.body.party == party and trust.is_believed(statement):
                yield statement


def _order_successions(believed: Iterable[RootStatement], pinned: RootKeys, suite: Suite) -> tuple[bytes, ...]:
    """Return the successions from the pinned root on, each signed by the root before it."""
    waiting = [(row, row.body) for row in believed if isinstance(row.body, Succession)]
    ordered: list[bytes] = []
    root: RootKeys | None = pinned
    while root is not None:
        found = next((pair for pair in waiting if pair[0].is_signed_by(root, suite)), None)
        root = None
        if found is not None:
            waiting.remove(found)
            ordered.append(found[0].raw)
            root = RootKeys(found[1].ed25519, found[1].mldsa)
    return tuple(ordered)


def _take(ledger: Ledger, pages: Sequence[Page]) -> tuple[Page, ...]:
    """Take pages at the door, those that found no room to wait again, and return what is to be stored."""
    taken: list[Page] = []
    offered = pages
    for _ in range(PASS_COUNT_MAX):
        dropped: list[Page] = []
        for page in offered:
            first, *others = ledger.accept(page.raw, is_stored=True)
            taken += [row.page for row in (first, *others) if row.verdict is Verdict.ACCEPTED and row.page is not None]
            if first.verdict is Verdict.DROPPED:
                dropped.append(page)
        if not dropped or len(dropped) == len(offered):
            break
        offered = dropped
    return (*taken, *(page for page, _ in ledger.held()))


def _find_lacking(ledger: Ledger, party: Party) -> tuple[Lacking, ...]:
    highest: dict[JournalId, Lacking] = {}
    for journal, number, witness in _find_known(ledger, party):
        if journal not in highest or highest[journal].number < number:
            row = Lacking(journal.feed, journal.audience, journal.incarnation, number, witness)
            highest[journal] = row
    return tuple(sorted(highest.values(), key=lambda row: (row.feed, row.audience, row.incarnation)))


def _find_known(ledger: Ledger, party: Party) -> Iterator[tuple[JournalId, int, Party]]:
    own = {book.digest: book.id for book in ledger.books() if book.id.author == party}
    for missing in ledger.find_missing():
        journal = own.get(Digest(missing.head.journal))
        if journal is not None:
            yield journal, missing.head.number, missing.witness.header.journal.author
    for page, code in ledger.held():
        if page.header.journal.author == party and code == "page.gap":
            yield page.header.journal, page.header.number, party
