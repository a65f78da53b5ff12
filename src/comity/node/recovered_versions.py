"""Which versions of the pact a lost home held: those for which this party's own signed word is here (P33, P34).

A file in a home's folder is accepted by it, and its node says so. What came by a bundle is worth no more than the
bundle (J35). So of the files at hand one is taken if this party stated, in its own genesis journal and to the audience
that signs it, that it accepts that digest; and if that page stands and lies before a fork. With it come the versions
that it leads back to, which the digests in it prove. For the version that a pact begins with a certificate is enough,
because its digest is the lineage that the root put its name to.

Each file is looked at with the versions before it and no others: a file that somebody made up pins nothing for another.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.base.errors import RemoteError, UsageError
from comity.base.names import Audience, Digest, Party, Realm
from comity.crypto.suite import Suite
from comity.journal.header import Feed, Kind, Page
from comity.journal.ledger import Ledger, Standing
from comity.journal.seal import decode_entries
from comity.journal.statement import Certificate, RootKeys, parse_statement
from comity.journal.trust import Trust
from comity.node.versions import HeldVersion, find_pins_of
from comity.pact.findings import PactRefused
from comity.pact.lineage import Lineage
from comity.pact.parse import pact_lineage
from comity.procedure.genesis import PactAccepted
from comity.procedure.registry import decode_entry

__all__ = ["Evidence", "RecoveredVersions", "find_versions"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the bundles of one realm hold; nothing in it is believed yet."""

    lineage: bytes
    realm: Realm
    pages: Sequence[Page]
    statements: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class RecoveredVersions:
    """Whose home it was and what it held, first the version that the party began with; and files that are not taken."""

    party: Party
    held: tuple[HeldVersion, ...]
    left_out: tuple[HeldVersion, ...]


def find_versions(
    found: Evidence, *, bundled: Iterable[bytes], given: Iterable[bytes], root: RootKeys, suite: Suite
) -> RecoveredVersions:
    """Tell which versions a party held whose root this is.

    Args:
        found: pages and statements.
        bundled: pact files that came by bundles.
        given: pact files given by hand; the line may begin with one, whatever is in the bundles.
        root: the party's root.
        suite: the algorithms.

    Raises:
        PactRefused: a file given by hand has findings.
        UsageError: `recover.no-pact`, `recover.root-unknown`, `recover.never-accepted`.
    """
    by_hand = _read_given(given, found.lineage, suite)
    files = {**_read_bundled(bundled, found.lineage, suite), **by_hand}
    claimed = _find_claimed(found.pages)
    lines = [(one, _find_line(one, files, by_hand, found.lineage)) for one in _order(files.values())]
    if not any(line for _, line in lines):
        raise UsageError("recover.no-pact")
    party, is_root_known = None, False
    taken: dict[Digest, HeldVersion] = {}
    for one, line in lines:
        if not line or (len(line) > 1 and one.version.digest not in claimed):
            continue
        trust = Trust(find_pins_of(Lineage(step.version for step in line), realm=found.realm), suite)
        trust.learn_all(found.statements)
        owner = next((name for name in trust.pins.roots if trust.has_root(name, root)), None)
        is_root_known = is_root_known or owner is not None
        if owner is None or party not in (None, owner) or not _has_certificate(found.statements, trust, owner):
            continue
        if len(line) == 1 or _has_accepted(found.pages, line, owner, Ledger(trust, reader=owner, suite=suite)):
            party = owner
            taken |= {step.version.digest: step for step in line}
    if party is None:
        code = "recover.never-accepted" if is_root_known else "recover.root-unknown"
        raise UsageError(code, realm=found.realm)
    ordered = _order(taken.values())
    first = next(one for one in ordered if party in one.version.audience)
    held = (first, *(one for one in ordered if one is not first))
    return RecoveredVersions(party, held, _order(one for digest, one in files.items() if digest not in taken))


def _order(versions: Iterable[HeldVersion]) -> tuple[HeldVersion, ...]:
    return tuple(sorted(versions, key=lambda one: one.version.order))


def _read_given(raws: Iterable[bytes], lineage: bytes, suite: Suite) -> dict[Digest, HeldVersion]:
    read = [HeldVersion.read(raw, suite) for raw in raws]
    return {one.version.digest: one for one in read if pact_lineage(one.version.pact, one.version.digest) == lineage}


def _read_bundled(raws: Iterable[bytes], lineage: bytes, suite: Suite) -> dict[Digest, HeldVersion]:
    found: dict[Digest, HeldVersion] = {}
    for raw in dict.fromkeys(raws):
        try:
            found |= _read_given((raw,), lineage, suite)
        except PactRefused:
            continue
    return found


def _find_line(
    one: HeldVersion, files: Mapping[Digest, HeldVersion], by_hand: Mapping[Digest, HeldVersion], lineage: bytes
) -> tuple[HeldVersion, ...]:
    """Return the versions that lead to one, itself among them; none where they do not begin with what can be trusted.

    That is the first version, which is the lineage, or a file given by hand.
    """
    line = [one]
    while (before := files.get(_find_previous(line[0]))) is not None and before not in line:
        line.insert(0, before)
    digest = line[0].version.digest
    is_anchored = digest == lineage or digest in by_hand
    is_sound = len(Lineage(step.version for step in line).placed) == len(line)
    has_roots = all(set(step.version.pact.roots) == set(step.version.audience) for step in line)
    return tuple(line) if is_anchored and is_sound and has_roots else ()


def _find_previous(one: HeldVersion) -> Digest:
    return Digest(bytes.fromhex(one.version.pact.identity.previous or ""))


def _has_certificate(statements: Iterable[bytes], trust: Trust, party: Party) -> bool:
    for raw in statements:
        try:
            statement = parse_statement(raw)
        except RemoteError:
            continue
        body = statement.body
        if isinstance(body, Certificate) and body.party == party and trust.is_believed(statement):
            return True
    return False


def _find_claimed(pages: Iterable[Page]) -> set[Digest]:
    return {digest for page in pages if page.header.kind is Kind.OPEN for digest in _find_accepted(page)}


def _find_accepted(page: Page) -> Iterator[Digest]:
    """Yield the versions that an open page says are accepted, whoever wrote it."""
    try:
        entries = [decode_entry(raw) for raw in decode_entries(page.body, page)]
    except RemoteError:
        return
    for entry in entries:
        if isinstance(entry, PactAccepted):
            yield Digest(entry.pact)


def _has_accepted(pages: Iterable[Page], line: Sequence[HeldVersion], party: Party, ledger: Ledger) -> bool:
    """Tell whether the last version of a line was accepted by this party, in a page that stands and is not forked."""
    version = line[-1].version
    signers = Lineage(step.version for step in line).find_signing_audience(version)
    if party not in signers:
        return False
    genesis = {page.digest: page for page in pages if _is_genesis(page, party, signers)}
    for page in sorted(genesis.values(), key=lambda page: (page.header.journal.incarnation, page.header.number)):
        ledger.accept(page.raw, is_stored=True)
    standing = (
        genesis[rivals[0].digest]
        for book in ledger.books()
        for rivals in itertools.takewhile(lambda rivals: len(rivals) == 1, book.by_number)
        if ledger.find_standing(rivals[0]) is Standing.GOOD
    )
    return any(version.digest in _find_accepted(page) for page in standing if page.header.kind is Kind.OPEN)


def _is_genesis(page: Page, party: Party, circle: Audience) -> bool:
    journal = page.header.journal
    return (journal.author, journal.feed, journal.audience) == (party, Feed.GENESIS, circle)
