"""Who takes part: the parties of a pact, with invented roots and node keys in a realm of their own.

The keys do not depend on the seed: what a run is about is what was said and what went wrong, and making roots and
checking a pact file costs more than a short run. They are the stand-in's, so no page of a rehearsal verifies anywhere.
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Digest, Party, Realm
from comity.crypto.suite import Suite
from comity.journal.header import Feed
from comity.journal.identity import certify, generate_node_secrets, generate_root
from comity.journal.statement import Closed, Closure, RootSecret, sign_statement
from comity.journal.trust import PinnedRoot, Pins
from comity.machine.effect import Commit
from comity.machine.machine import Machine, Setup
from comity.pact.draft import draft_pact
from comity.pact.model import Pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact
from comity.pact.profiles import PROFILE_PACKAGE, PROFILE_SUFFIX, PROFILES
from comity.pact.signatory import Root
from comity.rehearsal.standin import StandInCeremony, StandInSuite

__all__ = ["REHEARSAL_REALM", "Cast", "Policy", "make_cast", "read_profile"]

REHEARSAL_REALM: Final = "exercise/rehearsal"
OTHER_REALM: Final = "exercise/elsewhere"
"""Pages that stray into a rehearsal come from here: other keys under the same roots."""
_EPOCH: Final = dt.date(1970, 1, 1)

Policy = tuple[tuple[str, int | bool], ...]
"""Policy values set when the pact is drafted, as `("policy.TABLE.KEY", value)`, ascending."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A pact ready to be run by all its parties. `stray` is a page of another realm, signed there in good faith."""

    pact: Pact
    pact_raw: bytes
    digest: Digest
    pins: Pins
    setups: dict[Party, Setup]
    stray: bytes
    opens_at: Instant
    roots: Mapping[Party, RootSecret]
    next_roots: Mapping[Party, RootSecret]

    def renew(
        self,
        setup: Setup,
        closed: Mapping[tuple[Feed, Audience], Closed],
        *,
        root: RootSecret,
        at: Instant,
        ceremony: StandInCeremony,
    ) -> Setup:
        """Return the setup of a party's next incarnation, whose root closes its journals after the pages named."""
        suite, pins = setup.suite, self.pins
        secrets = generate_node_secrets(ceremony, incarnation=setup.secrets.incarnation + 1)
        certificate = certify(
            secrets,
            recovery_public=suite.public_of_receiving(ceremony.generate_receiving()),
            lineage=pins.lineage,
            realm=pins.realm,
            party=setup.party,
            root=root,
            issued_at=at,
            suite=suite,
            ceremony=ceremony,
        )
        closures = []
        for (feed, audience), last in closed.items():
            body = Closure(pins.lineage, pins.realm, feed.value, setup.party, audience, secrets.incarnation, (last,))
            closures.append((feed, audience, sign_statement(body, root, suite=suite, ceremony=ceremony)))
        return dataclasses.replace(
            setup,
            secrets=secrets,
            certificate=certificate,
            receiving_secrets=(secrets.receiving, *setup.receiving_secrets),
            closures=tuple(closures),
        )

    @property
    def parties(self) -> tuple[Party, ...]:
        """All parties, sorted."""
        return self.pact.audience


def read_profile(name: str) -> bytes:
    """Return the bytes of a profile that ships with Comity.

    Raises:
        UsageError: `rehearsal.profile-unknown`.
    """
    if name not in PROFILES:
        raise UsageError("rehearsal.profile-unknown", profile=name[:40], known=",".join(PROFILES))
    return (files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()


@functools.lru_cache(maxsize=8)
def make_cast(profile: bytes, policy: Policy = (), *, not_before_at: Instant) -> Cast:
    """Draft a pact from a profile and give each party of it roots, node keys and a certificate.

    The run opens at `not_before_at`, or at that time of day on the day after the pact was adopted, if that is later:
    before it, no agreement of the pact is in force.

    Raises:
        PactRefused, UsageError: as `pact.draft.draft_pact`.
    """
    ceremony = StandInCeremony(b"cast")
    parties = parse_pact(profile).audience
    roots = {party: generate_root(ceremony) for party in parties}
    next_roots = {party: generate_root(ceremony) for party in parties}
    pinned = {party: _format_root(roots[party], next_roots[party]) for party in parties}
    raw = draft_pact(profile, roots=pinned, overrides=dict(policy))
    pact = parse_pact(raw)
    adopted_at = (pact.identity.adopted - _EPOCH).days * DAY_MS
    opens_at = Instant(max(not_before_at, adopted_at + DAY_MS + not_before_at % DAY_MS))
    casting = _Casting(pact, raw, roots, next_roots, ceremony, opens_at)
    pins = casting.make_pins(REHEARSAL_REALM)
    setups = {party: casting.make_setup(party, pins) for party in roots}
    return Cast(pact, raw, casting.digest, pins, setups, casting.make_stray(), opens_at, roots, next_roots)


@dataclass(frozen=True, slots=True)
class _Casting:
    """A cast in the making."""

    pact: Pact
    raw: bytes
    roots: dict[Party, RootSecret]
    next_roots: dict[Party, RootSecret]
    ceremony: StandInCeremony
    opens_at: Instant
    suite: Suite = field(default_factory=StandInSuite)

    @property
    def digest(self) -> Digest:
        return pact_digest(self.raw, self.suite)

    def make_pins(self, realm: Realm) -> Pins:
        pinned = {
            party: PinnedRoot(
                self.roots[party].find_public(self.suite),
                self.next_roots[party].find_public(self.suite).find_digest(self.suite),
            )
            for party in self.pact.audience
        }
        return Pins(pact_lineage(self.pact, self.digest), realm, pinned)

    def make_setup(self, party: Party, pins: Pins) -> Setup:
        secrets = generate_node_secrets(self.ceremony, incarnation=0)
        certificate = certify(
            secrets,
            recovery_public=self.suite.public_of_receiving(self.ceremony.generate_receiving()),
            lineage=pins.lineage,
            realm=pins.realm,
            party=party,
            root=self.roots[party],
            issued_at=self.opens_at,
            suite=self.suite,
            ceremony=self.ceremony,
        )
        return Setup(
            party=party,
            pact=self.pact,
            pact_digest=self.digest,
            pins=pins,
            secrets=secrets,
            certificate=certificate,
            receiving_secrets=(secrets.receiving,),
            suite=self.suite,
        )

    def make_stray(self) -> bytes:
        """Return the genesis page that the first party's node wrote in another realm."""
        machine = Machine(self.make_setup(self.pact.audience[0], self.make_pins(OTHER_REALM)))
        effects = machine.be_born(self.opens_at, self.ceremony.random(32))
        return next(effect for effect in effects if isinstance(effect, Commit)).pages[0].raw


def _format_root(root: RootSecret, following: RootSecret) -> Root:
    suite = StandInSuite()
    keys, digest = root.find_public(suite), following.find_public(suite).find_digest(suite)
    return Root(ed25519=keys.ed25519.hex(), mldsa65=keys.mldsa.hex(), next_root_digest=digest.hex())
