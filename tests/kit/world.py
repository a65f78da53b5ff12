"""A small world for journal tests: parties with roots and keys, each with a ledger, a keyring and a writer."""

from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.crypto.suite import Ceremony, Suite
from comity.journal.header import Feed, JournalId, Kind, Page, parse_page
from comity.journal.identity import NodeSecrets, certify, generate_node_secrets, generate_root
from comity.journal.keypage import split_wraps
from comity.journal.keyring import Keyring
from comity.journal.ledger import Judgement, Ledger, Verdict
from comity.journal.statement import RootSecret
from comity.journal.trust import PinnedRoot, Pins, Trust
from comity.journal.writer import Draft, Writer, wrap_epoch_key
from comity.rehearsal.standin import StandInCeremony, StandInSuite

PACT = Digest(b"\x11" * 32)
LINEAGE = b"\x22" * 32
T0 = Instant(1_702_855_440_000)
"""2023-12-17T23:24Z."""


@dataclass
class World:
    """Parties of one pact in one realm; `realm` and `lineage` may be set to those of strangers."""

    names: tuple[Party, ...] = ("JPN", "KOR", "USA")
    realm: str = "exercise/kit"
    lineage: bytes = LINEAGE
    suite: Suite = field(default_factory=StandInSuite)
    ceremony: Ceremony = field(default_factory=lambda: StandInCeremony(b"kit"))
    parties: dict[Party, "Member"] = field(init=False)

    def __post_init__(self) -> None:
        roots = {name: generate_root(self.ceremony) for name in self.names}
        self.next_roots = {name: generate_root(self.ceremony) for name in self.names}
        self.pins = Pins(
            self.lineage,
            self.realm,
            {
                name: PinnedRoot(
                    root.find_public(self.suite), self.next_roots[name].find_public(self.suite).find_digest(self.suite)
                )
                for name, root in roots.items()
            },
        )
        self.parties = {name: Member(self, name, roots[name]) for name in self.names}

    def meet(self) -> None:
        """Every party publishes its genesis page 0 and takes everybody's."""
        born = [member.be_born() for member in self.parties.values()]
        for member in self.parties.values():
            for raw in born:
                member.take(raw)

    def share(self, raw: bytes) -> None:
        """Hand a page to everyone in its audience."""
        page = parse_page(raw, self.suite)
        for name in page.header.journal.audience:
            self.parties[name].take(raw)


@dataclass
class Member:
    """One party of a `World`."""

    world: World
    name: Party
    root: RootSecret
    now: Instant = T0
    incarnation: int = 0

    def __post_init__(self) -> None:
        suite, ceremony = self.world.suite, self.world.ceremony
        self.recovery = ceremony.generate_receiving()
        self.secrets: NodeSecrets = generate_node_secrets(ceremony, incarnation=self.incarnation)
        self.ledger = Ledger(Trust(self.world.pins, suite), reader=self.name, suite=suite)
        self.keyring = Keyring(self.name, (self.secrets.receiving, self.recovery), suite)
        self.epochs: dict[Digest, tuple[int, bytes]] = {}
        self.raws: list[bytes] = []
        self.certificate = self.certify()

    def certify(self) -> bytes:
        """Have the root certify the secrets held now."""
        world = self.world
        return certify(
            self.secrets,
            recovery_public=world.suite.public_of_receiving(self.recovery),
            lineage=world.lineage,
            realm=world.realm,
            party=self.name,
            root=self.root,
            issued_at=T0,
            suite=world.suite,
            ceremony=world.ceremony,
        )

    @property
    def writer(self) -> Writer:
        """The writer over this member's ledger."""
        return Writer(self.ledger, self.secrets.node, self.world.suite)

    def journal(self, *readers: Party, feed: Feed = Feed.RECORD) -> JournalId:
        """The id of this member's journal to these readers, itself included."""
        audience = tuple(sorted({self.name, *readers}))
        return JournalId(self.world.lineage, self.world.realm, feed, self.name, audience, self.secrets.incarnation)

    def draft(self, journal: JournalId, opening: tuple[bytes, ...] = ()) -> Draft:
        """A draft with a fresh salt and a clock one second on."""
        self.now = Instant(self.now + 1000)
        return Draft(journal, PACT, self.now, self.world.ceremony.random(32), opening)

    def be_born(self, opening: tuple[bytes, ...] = ()) -> bytes:
        """Build genesis page 0 with the certificate."""
        journal = self.journal(*self.world.names, feed=Feed.GENESIS)
        draft = self.draft(journal, opening or (self.certificate,))
        return self.writer.build_open(draft, [b"\x92\xa4Born\xa0"])

    def take(self, raw: bytes) -> tuple[Judgement, ...]:
        """Judge a page at this member's door; keep accepted bytes, learn keys."""
        judgements = self.ledger.accept(raw)
        for judgement in judgements:
            if judgement.verdict is Verdict.ACCEPTED:
                assert judgement.page is not None
                self.raws.append(judgement.raw)
                if judgement.page.header.kind is Kind.KEYS:
                    self.keyring.learn(judgement.page)
        return judgements

    def open_epoch(self, journal: JournalId, epoch: int = 1, *, opening: tuple[bytes, ...] = ()) -> list[bytes]:
        """Write key pages for a new epoch of an own journal, taking each at the own door; the first has the opening."""
        world = self.world
        key = world.ceremony.random(32)
        readers = [self.ledger.trust.find_newest(name) for name in journal.audience]
        commitment, wraps = wrap_epoch_key(
            journal=journal,
            epoch=epoch,
            key=key,
            readers=[reader for reader in readers if reader],
            suite=world.suite,
            ceremony=world.ceremony,
        )
        raws: list[bytes] = []
        for body in split_wraps(epoch=epoch, commitment=commitment, wraps=wraps):
            raw = self.writer.build_keys(self.draft(journal, () if raws else opening), body, epoch=epoch)
            self.take(raw)
            raws.append(raw)
        self.epochs[journal.find_digest(world.suite)] = (epoch, key)
        return raws

    def say(self, journal: JournalId, *entries: bytes) -> list[bytes]:
        """Write entries into an own journal (opening its first epoch if need be) and take them; not shared yet."""
        digest = journal.find_digest(self.world.suite)
        raws = [] if digest in self.epochs else self.open_epoch(journal)
        epoch, key = self.epochs[digest]
        raw = self.writer.build_entries(self.draft(journal), entries, epoch=epoch, epoch_key=key)
        self.take(raw)
        return [*raws, raw]

    def see(self, *readers: Party) -> bytes | None:
        """Write a receipt to these readers and take it."""
        raw = self.writer.build_heads_seen(self.draft(self.journal(*readers)))
        if raw is not None:
            self.take(raw)
        return raw

    def parse(self, raw: bytes) -> Page:
        """Parse a page that is known to be whole."""
        return parse_page(raw, self.world.suite)
