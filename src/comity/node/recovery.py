"""A home made anew after its machine was lost, out of the root's vault and what other parties hold (journal.md, J14).

A ceremony with the root. The new home speaks as an incarnation after all that the bundles show, with closures for what
this party wrote before: pages of its own that no bundle shows are disowned. The recovery secret, which lay offline with
the root, is kept as a retired receiving secret, so that every epoch ever sealed to this party opens (sealing.md, S16);
another recovery key takes its place. Whole or not at all: the folder appears when all of it is written.
"""

import secrets as stdlib_secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Party, Realm
from comity.crypto.link import LinkKeys, get_link_public
from comity.crypto.suite import KEY_SIZE, Ceremony, Suite
from comity.crypto.vault import seal_vault
from comity.journal.bundle import Bundle
from comity.journal.card import Card, CardLinks, parse_card, sign_card
from comity.journal.identity import certify, generate_node_secrets
from comity.journal.statement import Closure, Links, RootSecret, sign_statement
from comity.node.ceremony import find_certificate_path
from comity.node.feed.closings import find_warning_closures
from comity.node.fresh_home import building, check_free
from comity.node.home import (
    NODE_VAULT,
    ROOT_VAULT,
    UNLOCK_KEY,
    Home,
    find_free_port,
    write_private,
)
from comity.node.layout import LAYOUT
from comity.node.mark import renew_mark
from comity.node.recovered_record import RecoveredRecord, read_recovered
from comity.node.replacement import find_closures
from comity.node.store import Store
from comity.node.versions import PACT_FILE, keep_version

__all__ = ["Brought", "Recovered", "RecoveredRealm", "recover_home"]

COMMIT_COUNT: Final = 256
"""Pages stored in one transaction."""
LOCAL: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Brought:
    """What is brought to a recovery: the opened root vault, bundles, cards of the others, pacts given by hand."""

    vault: Mapping[str, bytes]
    bundles: Sequence[Bundle]
    cards: Sequence[bytes]
    pacts: Sequence[bytes] = ()

    def get_root(self) -> tuple[RootSecret, RootSecret]:
        """Return the root and the next one.

        Raises:
            UsageError: `recover.no-root`.
        """
        try:
            return (
                RootSecret(self.vault["root#ed25519"], self.vault["root#mldsa"]),
                RootSecret(self.vault["next-root#ed25519"], self.vault["next-root#mldsa"]),
            )
        except KeyError as error:
            raise UsageError("recover.no-root") from error


@dataclass(frozen=True, slots=True)
class RecoveredRealm:
    """What became of one realm."""

    record: RecoveredRecord
    incarnation: int
    closures: tuple[Closure, ...]
    endpoint: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery made: whose home, its new card, and its realms."""

    party: Party
    card: Card
    realms: tuple[RecoveredRealm, ...]


@dataclass(slots=True)
class _Making:
    """A home under way: its folder, and what the two vaults will hold."""

    path: Path
    at: Instant
    root: RootSecret
    suite: Suite
    ceremony: Ceremony
    listen: str
    root_vault: dict[str, bytes]
    node_vault: dict[str, bytes]

    def sign(self, body: Closure | Links) -> bytes:
        return sign_statement(body, self.root, suite=self.suite, ceremony=self.ceremony)


def recover_home(
    path: Path,
    brought: Brought,
    *,
    passphrase: bytes,
    listen: str = "",
    at: Instant,
    suite: Suite,
    ceremony: Ceremony,
) -> Recovered:
    """Make a new home for the party whose root is brought, in a folder that is empty or not there.

    Args:
        path: the folder.
        brought: what is at hand.
        passphrase: of the new vaults; if empty, the new home unlocks unattended.
        listen: the address at which peers reach the new outbox; if empty, the endpoint announced last stays.
        at: the instant that the new statements bear.
        suite: the algorithms.
        ceremony: what draws keys.

    Raises:
        UsageError: `home.folder-taken`, `recover.no-bundle`, `recover.no-root`, `recover.no-recovery-key`,
            `recover.card-missing`, `recover.card-differs`; as `read_recovered`.
        OutageError: `backup.not-written`.
    """
    check_free(path)
    root, next_root = brought.get_root()
    records = _read_records(brought, root, suite)
    cards = _check_cards(brought, records, suite)
    with building(path, suffix=".recovering") as partial:
        making = _Making(partial, at, root, suite, ceremony, listen, dict(brought.vault), {})
        realms = tuple(_recover_realm(making, record) for record in records)
        for party, raw in cards.items():
            write_private(partial / "peers" / f"{party}.card", raw)
        card = _make_card(making, realms, next_root)
        _close(making, card, passphrase)
    return Recovered(card.party, card, realms)


def _read_records(brought: Brought, root: RootSecret, suite: Suite) -> tuple[RecoveredRecord, ...]:
    by_realm: dict[Realm, list[Bundle]] = {}
    for bundle in brought.bundles:
        by_realm.setdefault(bundle.head.realm, []).append(bundle)
    if not by_realm:
        raise UsageError("recover.no-bundle")
    public = root.find_public(suite)
    for realm in sorted(by_realm):
        if f"{realm}#recovery" not in brought.vault:
            raise UsageError("recover.no-recovery-key", realm=realm)
    records = tuple(
        read_recovered(bundles, brought.pacts, root=public, suite=suite) for _, bundles in sorted(by_realm.items())
    )
    if len({record.party for record in records}) > 1:
        raise UsageError("bundle.other-pact-here")
    return records


def _check_cards(brought: Brought, records: Sequence[RecoveredRecord], suite: Suite) -> dict[Party, bytes]:
    """Return the others' cards by party: roots need no comparing aloud, since the pact names them."""
    cards = {card.party: (card, raw) for raw in brought.cards for card in [parse_card(raw, suite)]}
    found: dict[Party, bytes] = {}
    for record in records:
        for party in sorted({party for circle in record.circles for party in circle} - {record.party}):
            if party not in cards or cards[party][0].find_links(record.realm) is None:
                raise UsageError("recover.card-missing", party=party, realm=record.realm)
            card, found[party] = cards[party]
            if not record.ledger.trust.has_root(party, card.root):
                raise UsageError("recover.card-differs", party=party)
    return found


def _recover_realm(making: _Making, record: RecoveredRecord) -> RecoveredRealm:
    realm, pins = record.realm, record.ledger.trust.pins
    incarnation = max(record.opens, int(making.root_vault.get(f"{realm}#certified", b"0")) + 1)
    making.root_vault[f"{realm}#certified"] = str(incarnation).encode()
    folder = Home(making.path, record.party, b"").find_realm_path(realm)
    secrets = generate_node_secrets(making.ceremony, incarnation=incarnation)
    recovery, link = making.ceremony.generate_receiving(), LinkKeys(making.ceremony.random(KEY_SIZE))
    recovery_public = making.suite.public_of_receiving(recovery)
    certificate = certify(
        secrets,
        recovery_public=recovery_public,
        lineage=pins.lineage,
        realm=realm,
        party=record.party,
        root=making.root,
        issued_at=making.at,
        suite=making.suite,
        ceremony=making.ceremony,
    )
    retired = (secret for name, secret in making.root_vault.items() if name.startswith(f"{realm}#recovery"))
    closures = find_closures(record.ledger, record.party, record.circles, opens=incarnation)
    closures += find_warning_closures(
        folder, record.ledger, (page.raw for page in record.pages), party=record.party, receiving=tuple(retired),
        earlier=(), opens=incarnation, stolen_since=None, suite=making.suite,
    )  # fmt: skip
    endpoint, links = _sign_links(making, record, link)
    _write_earlier(record, folder)
    write_private(find_certificate_path(folder, incarnation), certificate)
    write_private(folder / f"closures-{incarnation}", encode(tuple(map(making.sign, closures))))
    write_private(folder / "links", links)
    _store_pages(making, record, folder)
    making.node_vault |= {
        f"{realm}#incarnation": str(incarnation).encode(),
        f"{realm}#node": secrets.node,
        f"{realm}#checkpoint": secrets.checkpoint,
        f"{realm}#receiving": secrets.receiving,
        f"{realm}#recovery-public": recovery_public,
        f"{realm}#link": link.seed,
    }
    _keep_recovery(making, realm, incarnation, recovery)
    return RecoveredRealm(record, incarnation, closures, endpoint)


def _sign_links(making: _Making, record: RecoveredRecord, link: LinkKeys) -> tuple[str, bytes]:
    """Return where the new outbox answers, and the root's word for it, above the last one that was heard."""
    trust, public = record.ledger.trust, get_link_public(link)
    announced = trust.find_links(record.party)
    endpoint = announced.endpoints[0] if announced and announced.endpoints and not making.listen else ""
    if not endpoint:
        host = making.listen or LOCAL
        endpoint = f"{host}:{find_free_port(host)}"
    serial = announced.serial + 1 if announced else 2
    body = Links(
        trust.pins.lineage,
        record.realm,
        record.party,
        serial,
        public.exchange,
        public.authority,
        (endpoint,),
        making.at,
    )
    return endpoint, making.sign(body)


def _write_earlier(record: RecoveredRecord, folder: Path) -> None:
    """Write what stood in the lost home and the bundles show: versions of the pact, certificates, successions."""
    begun, *others = record.versions.held
    write_private(folder / PACT_FILE, begun.raw)
    for held in others:
        keep_version(folder, held)
    for number, raw in record.certificates.items():
        write_private(find_certificate_path(folder, number), raw)
    if 0 not in record.certificates:  # a folder's own certificate says whose record it is
        write_private(find_certificate_path(folder, 0), record.certificates[min(record.certificates)])
    for number, raw in enumerate(record.successions, start=1):
        write_private(folder / f"succession-{number}", raw)


def _keep_recovery(making: _Making, realm: Realm, incarnation: int, recovery: bytes) -> None:
    """Retire the recovery secret in use, and those retired by earlier recoveries, into the new node's receiving ones.

    A recovery opens a later incarnation each time, so there is a number below the new one for each of them.
    """
    vault, name = making.root_vault, f"{realm}#recovery"
    vault[f"{name}-{incarnation}"], vault[name] = vault[name], recovery
    numbers = sorted(int(key.removeprefix(f"{name}-")) for key in vault if key.startswith(f"{name}-"))
    for before, number in enumerate(reversed(numbers), start=1):
        making.node_vault[f"{realm}#receiving-{incarnation - before}"] = vault[f"{name}-{number}"]


def _store_pages(making: _Making, record: RecoveredRecord, folder: Path) -> None:
    store = Store(folder / "store.db", party=record.party)
    try:
        for first in range(0, len(record.pages), COMMIT_COUNT):
            store.commit(record.pages[first : first + COMMIT_COUNT], (), at=making.at)
        renew_mark(making.path, record.realm, store)
    finally:
        store.close()


def _make_card(making: _Making, realms: Sequence[RecoveredRealm], next_root: RootSecret) -> Card:
    """Return the new card. Its serial is above the lost one's: each succession and each incarnation counts one."""
    links: list[CardLinks] = []
    for row in realms:
        public = get_link_public(LinkKeys(making.node_vault[f"{row.record.realm}#link"]))
        links.append(CardLinks(row.record.realm, public.exchange, public.authority, row.endpoint))
    public_root = making.root.find_public(making.suite)
    serial = 1 + max(len(row.record.successions) + row.incarnation for row in realms)
    next_digest = next_root.find_public(making.suite).find_digest(making.suite)
    party = realms[0].record.party
    return Card(party, public_root.ed25519, public_root.mldsa, next_digest, serial, tuple(links), making.at)


def _close(making: _Making, card: Card, passphrase: bytes) -> None:
    """Write the card and the vaults; `home.toml` makes it a home."""
    unlock = "passphrase" if passphrase else "unattended"
    if not passphrase:
        passphrase = stdlib_secrets.token_hex(32).encode()
        write_private(making.path / UNLOCK_KEY, passphrase)
    signed = sign_card(card, making.root, suite=making.suite, ceremony=making.ceremony)
    write_private(making.path / "card", signed)
    write_private(making.path / ROOT_VAULT, seal_vault(making.root_vault, passphrase=passphrase))
    write_private(making.path / NODE_VAULT, seal_vault(making.node_vault, passphrase=passphrase))
    written = f'party = "{card.party}"\nunlock = "{unlock}"\nlayout = {LAYOUT}\n'
    write_private(making.path / "home.toml", written.encode())
