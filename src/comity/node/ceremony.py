"""Ceremonies with the root: drafting a pact from the cards, accepting it, certifying this node (DESIGN, section 10).

`init` made the keys; `pair` compared the roots; here the same pact bytes become each party's own word.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party, Realm
from comity.crypto.link import get_link_public
from comity.crypto.suite import Ceremony, Suite
from comity.journal.card import Card
from comity.journal.header import Feed
from comity.journal.identity import certify
from comity.journal.statement import Closure, Links, parse_statement, sign_statement
from comity.journal.trust import Pins
from comity.machine.setup import Setup
from comity.node.home import Home, RealmSecrets, write_private
from comity.node.succeeded import find_succeeded
from comity.node.versions import PACT_FILE, HeldVersion, find_pins_of, keep_version, place, read_versions
from comity.pact.amend import amend_pact
from comity.pact.draft import draft_pact
from comity.pact.lineage import Lineage, Version
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.signatory import Root

__all__ = ["PACT_FILE", "Accepted", "accept_pact", "amend_for", "draft_for", "find_certificate_path", "open_accepted"]

CLOSURES_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
_CLOSURES: Final = Decoder(tuple[bytes, ...], size_max=CLOSURES_SIZE_BYTES_MAX, code="statement.malformed")
"""One file with the closures of an incarnation."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a realm's folder holds once the pact was accepted there."""

    path: Path
    party: Party
    realm: Realm
    pact: Pact
    pact_raw: bytes
    digest: Digest
    pins: Pins
    certificate: bytes
    links: bytes
    secrets: RealmSecrets
    closures: tuple[bytes, ...] = ()
    """The root's closures of what earlier incarnations wrote, for the incarnation in use."""
    successions: tuple[bytes, ...] = ()
    later: tuple[HeldVersion, ...] = ()
    """Every other version that the home holds."""

    @property
    def statements(self) -> tuple[bytes, ...]:
        """The root statements that the node publishes in its genesis journal."""
        return (*self.successions, self.links)

    def make_setup(self, suite: Suite) -> Setup:
        """Return what a machine of this party is made of."""
        bodies = [(parse_statement(raw).body, raw) for raw in self.closures]
        return Setup(
            party=self.party,
            pact=self.pact,
            pact_digest=self.digest,
            pins=self.pins,
            secrets=self.secrets.node,
            certificate=self.certificate,
            receiving_secrets=self.secrets.receiving,
            suite=suite,
            closures=tuple((Feed(body.feed), body.audience, raw) for body, raw in bodies if isinstance(body, Closure)),
            successions=self.successions,
            versions=self.versions,
        )

    @property
    def versions(self) -> tuple[Version, ...]:
        """Those versions, without their files."""
        return tuple(one.version for one in self.later)

    @property
    def circles(self) -> tuple[Audience, ...]:
        """The audiences of the versions that this party belongs to, first that of the one it began with."""
        held = [self.pact, *(version.pact for version in self.versions)]
        return tuple(dict.fromkeys(pact.audience for pact in held if self.party in pact.audience))

    @property
    def parties(self) -> Audience:
        """Everybody with whom this party shares a version."""
        return tuple(sorted({party for circle in self.circles for party in circle}))

    @property
    def pacts(self) -> Mapping[Digest, bytes]:
        """The files by their digests."""
        return {self.digest: self.pact_raw, **{one.version.digest: one.raw for one in self.later}}


def draft_for(
    home: Home, profile: bytes, *, overrides: Mapping[str, int | bool | str] | None = None, suite: Suite
) -> bytes:
    """Return the pact bytes that this party and its peers, drafting apart from the same cards, all get.

    Raises:
        PactRefused, UsageError: as `pact.draft.draft_pact`; a party without a card is a finding.
    """
    cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    wanted = parse_pact(profile).audience
    roots = {party: _format_root(cards[party]) for party in wanted if party in cards}
    return draft_pact(profile, roots=roots, overrides=overrides)


def amend_for(home: Home, edited: bytes, *, realm: Realm, suite: Suite) -> bytes:
    """Return the next version of the pact that this realm runs, made from an edited file.

    Raises:
        PactRefused: the edited file has findings, or cannot amend the newest version here.
        UsageError: `pact.not-accepted`.
    """
    held = read_versions(home.find_realm_path(realm), suite)
    if not held:
        raise UsageError("pact.not-accepted", realm=realm)
    before = Lineage(one.version for one in held).placed[-1]
    roots = {party: _format_root(card) for party, card in home.find_peers(suite).items()}
    return amend_pact(edited, before=before, roots=roots, suite=suite)


def accept_pact(
    home: Home,
    raw: bytes,
    *,
    realm: Realm,
    at: Instant,
    suite: Suite,
    ceremony: Ceremony,
    earlier: Iterable[bytes] = (),
    successions: Sequence[bytes] = (),
    is_rival_wanted: bool = False,
) -> Accepted:
    """Check a pact, or a later version of one, and make it this party's own; the node says so in its genesis.

    The first in a realm is checked against the cards, and this node is certified under it, once: accepted again, what
    the root signed stays, since two certificates of one incarnation are laid on the root (S10). `earlier` are the
    versions before it, for a party that joins a pact which is older than its own part in it; `successions` are root
    statements that lead from the roots pinned there to those on the cards, where parties have succeeded theirs since.

    Raises:
        PactRefused: the file has findings, or does not fit the version that it amends.
        UsageError: `pact.not-a-party`, `pact.root-differs` where a pinned root is not the one that was compared aloud;
            of a later version, as `versions.place`; `home.root-offline` of one with a new circle, after the node's key
            was replaced.
    """
    given, path = HeldVersion.read(raw, suite), home.find_realm_path(realm)
    here = read_versions(path, suite)
    before = tuple(HeldVersion.read(one, suite) for one in earlier)
    if given.version.digest in {one.version.digest for one in here[1:]}:
        return open_accepted(home, realm=realm, suite=suite)
    is_again = bool(here) and here[0].raw == raw
    line = place(given, (*here, *before), realm=realm, is_rival_wanted=is_rival_wanted or is_again)
    known = {party for one in here for party in one.version.audience} if not is_again else set()
    if home.party not in {*given.version.pact.roots, *known}:
        raise UsageError("pact.not-a-party", party=home.party)
    _check_roots(home, find_pins_of(line, realm=realm), given.version.pact, known, successions, suite=suite)
    if here and not is_again:
        _close_circle(home, given.version.audience, realm=realm, suite=suite, ceremony=ceremony)
    for one in (*before, *((given,) if here and not is_again else ())):
        keep_version(path, one)
    if not here:
        _certify(home, find_pins_of(line, realm=realm), at=at, suite=suite, ceremony=ceremony)
        write_private(path / PACT_FILE, raw)
    return open_accepted(home, realm=realm, suite=suite)


def _check_roots(
    home: Home, pins: Pins, pact: Pact, known: Collection[Party], successions: Sequence[bytes], *, suite: Suite
) -> None:
    """Compare the roots of parties that are new here with their cards: the same, or what successions lead to."""
    cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    for party, root in sorted(pact.roots.items()):
        if party in known or (party in cards and _format_root(cards[party]) == root):
            continue
        if party not in cards or find_succeeded(cards[party], successions, pins=pins, suite=suite) is None:
            raise UsageError("pact.root-differs", party=party)


def _certify(home: Home, pins: Pins, *, at: Instant, suite: Suite, ceremony: Ceremony) -> None:
    """Have the root sign this node's certificate and where its outbox is."""
    realm, secrets = pins.realm, home.get_realm_secrets(pins.realm)
    path = home.find_realm_path(realm)
    root_secret, _ = home.get_root()
    certificate = certify(
        secrets.node,
        recovery_public=secrets.recovery_public,
        lineage=pins.lineage,
        realm=realm,
        party=home.party,
        root=root_secret,
        issued_at=at,
        suite=suite,
        ceremony=ceremony,
    )
    public, card_links = get_link_public(secrets.link), home.get_card(suite).find_links(realm)
    endpoints = (card_links.endpoint,) if card_links else ()
    links = Links(pins.lineage, realm, home.party, 1, public.exchange, public.authority, endpoints, at)
    write_private(find_certificate_path(path, secrets.node.incarnation), certificate)
    write_private(path / "links", sign_statement(links, root_secret, suite=suite, ceremony=ceremony))


def _close_circle(home: Home, circle: Audience, *, realm: Realm, suite: Suite, ceremony: Ceremony) -> None:
    """Have the root sign the closure with which a later incarnation begins the genesis of a new circle (J14).

    No earlier incarnation wrote there. The first incarnation needs none, and a circle that is not new has one.
    """
    accepted = open_accepted(home, realm=realm, suite=suite)
    number = accepted.secrets.node.incarnation
    if number == 0 or home.party not in circle or circle in accepted.circles:
        return
    root, _ = home.get_root()
    pins = accepted.pins
    closure = Closure(pins.lineage, realm, Feed.GENESIS, home.party, circle, number, ())
    signed = (*accepted.closures, sign_statement(closure, root, suite=suite, ceremony=ceremony))
    write_private(accepted.path / f"closures-{number}", encode(signed))


def find_certificate_path(path: Path, incarnation: int) -> Path:
    """Return where the certificate of an incarnation lies in a realm's folder."""
    return path / (f"certificate-{incarnation}" if incarnation else "certificate")


def open_accepted(home: Home, *, realm: Realm, suite: Suite) -> Accepted:
    """Read back what `accept_pact` wrote.

    Raises:
        UsageError: `pact.not-accepted`, `home.no-realm`.
    """
    path = home.find_realm_path(realm)
    held = read_versions(path, suite)
    if not held:
        raise UsageError("pact.not-accepted", realm=realm)
    first, *later = held
    secrets = home.get_realm_secrets(realm)
    number = secrets.node.incarnation
    return Accepted(
        path=path,
        party=home.party,
        realm=realm,
        pact=first.version.pact,
        pact_raw=first.raw,
        digest=first.version.digest,
        pins=find_pins_of(Lineage(one.version for one in held), realm=realm),
        certificate=find_certificate_path(path, number).read_bytes(),
        links=(path / "links").read_bytes(),
        secrets=secrets,
        closures=_CLOSURES.decode((path / f"closures-{number}").read_bytes()) if number else (),
        successions=tuple(found.read_bytes() for found in sorted(path.glob("succession-*[0-9]"))),
        later=tuple(later),
    )


def _format_root(card: Card) -> Root:
    return msgspec.convert(
        {"ed25519": card.ed25519.hex(), "mldsa65": card.mldsa.hex(), "next_root_digest": card.next_root.hex()}, Root
    )
