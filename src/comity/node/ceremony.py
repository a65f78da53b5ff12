"""Ceremonies with the root: drafting a pact from the cards, accepting it, certifying this node (DESIGN, section 10).

`init` made the keys; `pair` compared the roots; here the same pact bytes become each party's own word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from comity.base.encoding import Decoder
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party, Realm
from comity.crypto.link import get_link_public
from comity.crypto.suite import Ceremony, Suite
from comity.journal.card import Card
from comity.journal.header import Feed
from comity.journal.identity import certify
from comity.journal.statement import Closure, Links, RootKeys, parse_statement, sign_statement
from comity.journal.trust import PinnedRoot, Pins
from comity.machine.setup import Setup
from comity.node.home import Home, RealmSecrets, write_private
from comity.pact.draft import draft_pact
from comity.pact.model import Pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact
from comity.pact.signatory import Root

__all__ = ["Accepted", "accept_pact", "draft_for", "find_pins", "open_accepted"]

PACT_FILE: Final = "pact.toml"
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
        )


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


def accept_pact(home: Home, raw: bytes, *, realm: Realm, at: Instant, suite: Suite, ceremony: Ceremony) -> Accepted:
    """Check a pact against the cards and sign this node's certificate under it; the node then says so in its genesis.

    Raises:
        PactRefused: the file has findings.
        UsageError: `pact.not-a-party`, `pact.root-differs` where a pinned root is not the one that was compared aloud,
            `pact.accepted-other` where this realm runs another pact already.
    """
    pact = parse_pact(raw)
    cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    if home.party not in pact.roots:
        raise UsageError("pact.not-a-party", party=home.party)
    for party, root in sorted(pact.roots.items()):
        if party not in cards or _format_root(cards[party]) != root:
            raise UsageError("pact.root-differs", party=party)
    path = home.find_realm_path(realm)
    if (path / PACT_FILE).exists() and (path / PACT_FILE).read_bytes() != raw:
        raise UsageError("pact.accepted-other", realm=realm)
    secrets = home.get_realm_secrets(realm)
    root_secret, _ = home.get_root()
    pins = find_pins(pact, raw, realm=realm, suite=suite)
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
    public, card_links = get_link_public(secrets.link), cards[home.party].find_links(realm)
    endpoints = (card_links.endpoint,) if card_links else ()
    links = Links(pins.lineage, realm, home.party, 1, public.exchange, public.authority, endpoints, at)
    write_private(path / "certificate", certificate)
    write_private(path / "links", sign_statement(links, root_secret, suite=suite, ceremony=ceremony))
    write_private(path / PACT_FILE, raw)
    return open_accepted(home, realm=realm, suite=suite)


def open_accepted(home: Home, *, realm: Realm, suite: Suite) -> Accepted:
    """Read back what `accept_pact` wrote.

    Raises:
        UsageError: `pact.not-accepted`, `home.no-realm`.
    """
    path = home.find_realm_path(realm)
    if not (path / PACT_FILE).exists():
        raise UsageError("pact.not-accepted", realm=realm)
    raw = (path / PACT_FILE).read_bytes()
    pact, secrets = parse_pact(raw), home.get_realm_secrets(realm)
    number = secrets.node.incarnation
    return Accepted(
        path=path,
        party=home.party,
        realm=realm,
        pact=pact,
        pact_raw=raw,
        digest=pact_digest(raw, suite),
        pins=find_pins(pact, raw, realm=realm, suite=suite),
        certificate=(path / (f"certificate-{number}" if number else "certificate")).read_bytes(),
        links=(path / "links").read_bytes(),
        secrets=secrets,
        closures=_CLOSURES.decode((path / f"closures-{number}").read_bytes()) if number else (),
        successions=tuple(found.read_bytes() for found in sorted(path.glob("succession-*[0-9]"))),
    )


def find_pins(pact: Pact, raw: bytes, *, realm: Realm, suite: Suite) -> Pins:
    """Return what a pact file pins for one realm.

    Raises:
        UsageError: `pact.no-roots` for a profile.
    """
    if set(pact.roots) != set(pact.audience):
        raise UsageError("pact.no-roots")
    roots: dict[Party, PinnedRoot] = {
        party: PinnedRoot(
            RootKeys(bytes.fromhex(root.ed25519), bytes.fromhex(root.mldsa65)), bytes.fromhex(root.next_root_digest)
        )
        for party, root in sorted(pact.roots.items())
    }
    return Pins(pact_lineage(pact, pact_digest(raw, suite)), realm, roots)


def _format_root(card: Card) -> Root:
    return msgspec.convert(
        {"ed25519": card.ed25519.hex(), "mldsa65": card.mldsa.hex(), "next_root_digest": card.next_root.hex()}, Root
    )
