"""A history of any length, written as the parties of a pact would have written it: chained, sealed, signed, named.

The parties take turns; each page names every head it has not named yet, and is judged at the door before the next is
written. One ledger stands for all of them, since all have everything here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import Feed, JournalId, Page
from comity.journal.identity import certify, generate_node_secrets, generate_root
from comity.journal.keypage import split_wraps
from comity.journal.ledger import Ledger, Verdict
from comity.journal.statement import RootSecret
from comity.journal.trust import PinnedRoot, Pins, Trust
from comity.journal.writer import Draft, Writer, wrap_epoch_key
from comity.machine.machine import Setup
from comity.pact.draft import draft_pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact
from comity.pact.signatory import Root
from comity.procedure.call import Acknowledged
from comity.procedure.entry import Entry
from comity.procedure.genesis import PactAccepted
from comity.procedure.registry import encode_entry

__all__ = ["OPENED_AT", "REALM", "SUITE", "History", "Parties", "make_parties"]

REALM: Final = "exercise/bench"
CALL_PAGE_COUNT: Final = 30
"""Pages about one consultation."""
OPENED_AT: Final = Instant(1_750_000_000_000)
SUITE: Final = ProductionSuite()
CEREMONY: Final = ProductionCeremony()


@dataclass(frozen=True, slots=True)
class Parties:
    """A pact with roots of its own, and what each party's machine is made of."""

    pact_raw: bytes
    pins: Pins
    setups: dict[Party, Setup]

    @property
    def names(self) -> Audience:
        """All parties, sorted."""
        return tuple(sorted(self.setups))


def make_parties(profile: bytes) -> Parties:
    """Draft a pact and certify a node for each of its parties."""
    roots = {party: generate_root(CEREMONY) for party in parse_pact(profile).audience}
    raw = draft_pact(profile, roots={party: _format_root(root) for party, root in roots.items()})
    pact, digest = parse_pact(raw), pact_digest(raw, SUITE)
    pinned = {party: PinnedRoot(root.find_public(SUITE), bytes(32)) for party, root in roots.items()}
    pins = Pins(pact_lineage(pact, digest), REALM, pinned)
    setups = {}
    for party, root in roots.items():
        secrets = generate_node_secrets(CEREMONY, incarnation=0)
        certificate = certify(
            secrets,
            recovery_public=SUITE.public_of_receiving(CEREMONY.generate_receiving()),
            lineage=pins.lineage,
            realm=REALM,
            party=party,
            root=root,
            issued_at=OPENED_AT,
            suite=SUITE,
            ceremony=CEREMONY,
        )
        setups[party] = Setup(party, pact, digest, pins, secrets, certificate, (secrets.receiving,), SUITE)
    return Parties(raw, pins, setups)


def _format_root(root: RootSecret) -> Root:
    keys = root.find_public(SUITE)
    return Root(ed25519=keys.ed25519.hex(), mldsa65=keys.mldsa.hex(), next_root_digest=bytes(32).hex())


@dataclass(slots=True)
class History:
    """Pages as they are written. `entry_count` goes into each page."""

    parties: Parties
    entry_count: int = 1
    authors: Audience = ()
    """Who takes turns; nobody named: all."""
    ledger: Ledger = field(init=False)
    _keys: dict[JournalId, bytes] = field(default_factory=dict)
    _now: int = OPENED_AT

    def __post_init__(self) -> None:
        self.ledger = Ledger(Trust(self.parties.pins, SUITE), reader=None, suite=SUITE)

    def write(self, page_count: int) -> Iterator[Page]:
        """Yield the pages of births and keys, then so many of entries, by turns."""
        authors = self.authors or self.parties.names
        if not self._keys:
            yield from self.begin(authors)
        for number in range(page_count):
            yield self._state(authors[number % len(authors)], number)

    def begin(self, authors: Audience) -> Iterator[Page]:
        """Yield the births of all parties and the keys of those who write."""
        for party in self.parties.names:
            yield self._bear(party)
        for party in authors:
            yield self.announce(self.journal(party))

    def say(self, journal: JournalId, entries: Sequence[Entry], *, at: Instant) -> tuple[Page, tuple[Digest, ...]]:
        """Write one page of entries at an instant, never before the page that came last; return their ids with it."""
        self._now = max(self._now, at)
        raws = [encode_entry(entry) for entry in entries]
        raw, opened = self._writer(journal.author).write_entries(
            self._draft(journal), raws, epoch=1, epoch_key=self._keys[journal]
        )
        return self._take(raw), opened.ids

    def _draft(self, journal: JournalId, *opening: bytes) -> Draft:
        self._now += 1
        return Draft(journal, self.setup(journal.author).pact_digest, Instant(self._now), CEREMONY.random(32), opening)

    def setup(self, party: Party) -> Setup:
        """Return what a party's machine is made of."""
        return self.parties.setups[party]

    def journal(self, party: Party, feed: Feed = Feed.RECORD, *, audience: Audience = ()) -> JournalId:
        """Return a party's journal to an audience; nobody named: to all."""
        return JournalId(self.parties.pins.lineage, REALM, feed, party, audience or self.parties.names, 0)

    def _writer(self, party: Party) -> Writer:
        return Writer(self.ledger, self.setup(party).secrets.node, SUITE)

    def _bear(self, party: Party) -> Page:
        journal, setup = self.journal(party, Feed.GENESIS), self.setup(party)
        accepted = encode_entry(PactAccepted(setup.pact_digest))
        return self._take(self._writer(party).build_open(self._draft(journal, setup.certificate), [accepted]))

    def announce(self, journal: JournalId) -> Page:
        """Write the key page of a journal, for its one epoch."""
        key = CEREMONY.random(32)
        found = [self.ledger.trust.find_newest(reader) for reader in journal.audience]
        readers = [certificate for certificate in found if certificate is not None]
        commitment, wraps = wrap_epoch_key(
            journal=journal, epoch=1, key=key, readers=readers, suite=SUITE, ceremony=CEREMONY
        )
        self._keys[journal] = key
        body, *more = split_wraps(epoch=1, commitment=commitment, wraps=wraps)
        assert not more, "the figures that write histories are of few parties"
        return self._take(self._writer(journal.author).build_keys(self._draft(journal), body, epoch=1))

    def _state(self, party: Party, number: int) -> Page:
        call = SUITE.hash((number // CALL_PAGE_COUNT).to_bytes(8, "big"))
        entries = [encode_entry(Acknowledged(call, "duty-officer", f"o-{i}")) for i in range(self.entry_count)]
        draft, key = self._draft(self.journal(party)), self._keys[self.journal(party)]
        return self._take(self._writer(party).build_entries(draft, entries, epoch=1, epoch_key=key))

    def _take(self, raw: bytes) -> Page:
        judgement = self.ledger.accept(raw)[0]
        assert judgement.verdict is Verdict.ACCEPTED, judgement.code
        assert judgement.page is not None
        return judgement.page

    def find_key(self, party: Party) -> tuple[Digest, bytes]:
        """Return a party's journal and the key of its one epoch."""
        journal = self.journal(party)
        return journal.find_digest(SUITE), self._keys[journal]
