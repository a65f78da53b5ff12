"""Whom to believe: roots pinned in the pact, the chain of their successors, the certificates they signed.

Invariants: what is here was verified under a root that leads back to a pin; the order in which statements come does
not matter, because a statement that no known root signed waits for the succession. Two certificates for one
incarnation, both signed by the root, are both believed and reported by the audit: the root bears the blame
(docs/spec/sealing.md, S10, S11).
"""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import UNPLACED_STATEMENT_COUNT_MAX
from comity.base.names import Party, Realm
from comity.crypto.suite import Suite
from comity.journal.statement import (
    Certificate,
    Links,
    RootKeys,
    RootStatement,
    Statement,
    Succession,
    parse_statement,
)

__all__ = ["PinnedRoot", "Pins", "Trust"]


@dataclass(frozen=True, slots=True)
class PinnedRoot:
    """What the pact says of one party's root: its keys, and the digest of the root that may succeed it."""

    keys: RootKeys
    next_root: bytes


@dataclass(frozen=True, slots=True)
class Pins:
    """What the pact pins for one realm: lineage, realm, and a root for every party.

    `versions` are the digests of the versions of the pact that these roots are from; where they are given, a page
    under another one may name parties that are not known yet (J32).
    """

    lineage: bytes
    realm: Realm
    roots: Mapping[Party, PinnedRoot]
    versions: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class _Root:
    """One root of a chain, with every digest that it was introduced with as next: one, unless a root equivocated."""

    keys: RootKeys
    next_roots: set[bytes]


class Trust:
    """The verified statements of all parties in one realm. It only grows."""

    def __init__(self, pins: Pins, suite: Suite) -> None:
        self.pins = pins
        self.version = 0
        self._suite = suite
        self._chains: dict[Party, dict[bytes, _Root]] = {}
        self._waiting: dict[Party, dict[bytes, RootStatement]] = {}
        self._certificates: dict[tuple[Party, int], list[Certificate]] = {}
        self._highest: dict[Party, int] = {}
        self._links: dict[Party, Links] = {}
        for party, pinned in pins.roots.items():
            self._chains[party] = {pinned.keys.find_digest(suite): _Root(pinned.keys, {pinned.next_root})}

    def is_party(self, name: Party) -> bool:
        """Tell whether the pact names this party."""
        return name in self._chains

    def has_root(self, party: Party, keys: RootKeys) -> bool:
        """Tell whether a root is in the party's chain: pinned, or led to by successions that count."""
        return keys.find_digest(self._suite) in self._chains.get(party, {})

    def find_certificates(self, party: Party, incarnation: int) -> tuple[Certificate, ...]:
        """Return the certificates believed for one incarnation; more than one only if the root equivocated."""
        return tuple(self._certificates.get((party, incarnation), ()))

    def find_incarnations(self, party: Party) -> tuple[int, ...]:
        """Return the numbers of a party's certified incarnations, ascending."""
        return tuple(sorted(number for owner, number in self._certificates if owner == party))

    def find_node_keys(self, party: Party) -> tuple[bytes, ...]:
        """Return every node key of a party that its root certified, over all incarnations, in a fixed order."""
        rows = sorted((number, held) for (owner, number), held in self._certificates.items() if owner == party)
        return tuple(certificate.node_key for _, held in rows for certificate in held)

    def find_newest_node_keys(self, party: Party) -> tuple[bytes, ...]:
        """Return the node keys of a party's highest incarnation: those whose word opens anything new at the own door.

        A key that was replaced may be in other hands. What it signed before stands, and what others did on it is judged
        by `find_node_keys`; but there is no date that would show when a detached consent was signed (R26).
        """
        newest = self.find_newest(party)
        held = self.find_certificates(party, newest.incarnation) if newest else ()
        return tuple(certificate.node_key for certificate in held)

    def find_newest(self, party: Party) -> Certificate | None:
        """Return a certificate of the party's highest incarnation, whose receiving key new epoch keys go to."""
        highest = self._highest.get(party)
        return self._certificates[party, highest][0] if highest is not None else None

    def find_links(self, party: Party) -> Links | None:
        """Return where the party's outbox is, if it was announced."""
        return self._links.get(party)

    def is_believed(self, statement: RootStatement) -> bool:
        """Tell whether this counts now (S10): of this pact and realm, and signed by a root that may say so."""
        try:
            self._check_scope(statement)
        except RemoteError:
            return False
        return self._is_placed(statement)

    def learn(self, raw_statements: Iterable[bytes]) -> None:
        """Believe statements that verify, in any order among themselves; `version` grows with what is new.

        What no known root signed waits for a succession; for a succession that is no fault.

        Raises:
            RemoteError: `statement.malformed`, `statement.other-pact`, `statement.unknown-root`,
                `statement.signature` for the first that cannot be believed, after all that can be were learned.
        """
        faults: list[RemoteError] = []
        for raw in raw_statements:
            try:
                self._learn(parse_statement(raw))
            except RemoteError as error:
                faults.append(error)
        if faults:
            raise faults[0]

    def learn_all(self, raw_statements: Iterable[bytes]) -> None:
        """Believe what counts among statements that anybody may have put together, and pass over the rest."""
        unique = tuple(dict.fromkeys(raw_statements))
        before = -1
        # What one party was crowded out of waiting comes again once a succession is known (S11).
        while self.version > before:
            before = self.version
            with contextlib.suppress(RemoteError):
                self.learn(unique)

    def _learn(self, statement: RootStatement) -> None:
        self._check_scope(statement)
        if self._is_placed(statement):
            self._keep(statement.body)
            return
        waiting = self._waiting.setdefault(statement.body.party, {})
        if len(waiting) < UNPLACED_STATEMENT_COUNT_MAX:
            waiting[statement.raw] = statement
        if not isinstance(statement.body, Succession):
            raise RemoteError("statement.signature", evidence=statement.raw)

    def _is_placed(self, statement: RootStatement) -> bool:
        """Tell whether a root of the chain signed this; of a succession, one that had pinned the next (S10).

        Any other root will not do: whoever steals one that was retired could go on choosing roots.
        """
        body = statement.body
        roots = list(self._chains[body.party].values())
        if isinstance(body, Succession):
            digest = RootKeys(body.ed25519, body.mldsa).find_digest(self._suite)
            roots = [root for root in roots if digest in root.next_roots]
        return any(statement.is_signed_by(root.keys, self._suite) for root in roots)

    def _keep(self, body: Statement) -> None:
        if isinstance(body, Succession):
            self._extend(body)
        elif isinstance(body, Certificate):
            held = self._certificates.setdefault((body.party, body.incarnation), [])
            if body not in held:
                self._highest[body.party] = max(body.incarnation, self._highest.get(body.party, 0))
                held.append(body)
                held.sort(key=lambda certificate: (certificate.issued_at, certificate.node_key))
                self.version += 1
        elif isinstance(body, Links):
            held_links = self._links.get(body.party)
            if held_links is None or _links_order(held_links) < _links_order(body):
                self._links[body.party] = body
                self.version += 1

    def _check_scope(self, statement: RootStatement) -> None:
        body = statement.body
        is_of_realm = isinstance(body, Succession) or body.realm == self.pins.realm
        if body.lineage != self.pins.lineage or not is_of_realm:
            raise RemoteError("statement.other-pact", evidence=statement.raw)
        if not self.is_party(body.party):
            raise RemoteError("statement.unknown-root", evidence=statement.raw)

    def _extend(self, body: Succession) -> None:
        """Take the next root into the party's chain, and all that waited for it."""
        party, keys = body.party, RootKeys(body.ed25519, body.mldsa)
        root = self._chains[party].setdefault(keys.find_digest(self._suite), _Root(keys, set()))
        if body.next_root in root.next_roots:
            return
        root.next_roots.add(body.next_root)
        self.version += 1
        waiting = self._waiting.get(party, {})
        for raw, statement in list(waiting.items()):
            if raw in waiting and self._is_placed(statement):
                del waiting[raw]
                self._keep(statement.body)


def _links_order(links: Links) -> tuple[int, bytes]:
    """The highest serial is in force; of one serial given twice, which came first must not matter."""
    return (links.serial, encode(links))
