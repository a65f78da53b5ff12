"""A party's home: one folder with its keys, its card, its peers' cards, and a folder for each realm.

    home.toml            whose home this is, how it is unlocked, the number of its layout
    root.vault           the root and its successor: take it offline once nothing has to be signed
    node.vault           node, checkpoint, receiving and link secrets of each realm
    unlock.key           only where unattended unlocking was chosen
    card                 to be given to the other parties
    peers/NAME.card      theirs
    marks/NAME           how far its node got; never put back from a copy
    realms/NAME/         pact.toml, certificate, links, store.db, snapshot, outbox/, token, perhaps reach.toml;
                         certificates and closures of later keys, and successions, by number

Secrets are sealed at rest (`crypto.vault`); files are made for their owner alone.
"""

import errno
import os
import secrets as stdlib_secrets
import socket
import tomllib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Party, Realm, is_party, is_realm
from comity.crypto.link import LinkKeys, get_link_public
from comity.crypto.suite import KEY_SIZE, Ceremony, Suite
from comity.crypto.vault import open_vault, seal_vault
from comity.journal.card import Card, CardLinks, parse_card, sign_card
from comity.journal.identity import NodeSecrets, generate_node_secrets, generate_root
from comity.journal.statement import RootSecret
from comity.node.durable import make_folder, write_private
from comity.node.layout import LAYOUT, check_layout
from comity.node.marks import mark_new_keys

__all__ = [
    "Home", "RealmSecrets", "check_no_home", "create_home", "find_free_port", "open_home", "read_passphrase",
    "write_private",
]  # fmt: skip

ROOT_VAULT: Final = "root.vault"
NODE_VAULT: Final = "node.vault"
UNLOCK_KEY: Final = "unlock.key"
PASSPHRASE_SIZE_BYTES_MAX: Final = 4096
PASSPHRASE_VARIABLE: Final = "COMITY_PASSPHRASE"  # noqa: S105 -- the name of a variable
PASSPHRASE_FILE_VARIABLE: Final = "COMITY_PASSPHRASE_FILE"  # noqa: S105 -- the name of a variable
CARD_SIZE_BYTES_MAX: Final = 64 * 1024
KEPT_PORTS: Final = range(20_000, 32_768)
"""Below those that systems give to connections that go out (Linux from 32768, RFC 6056 from 49152)."""
PORT_TRY_COUNT: Final = 64
_NAMED: Final[deque[int]] = deque(maxlen=256)
"""The ports that this process named last: no server listens there yet, so each looks free to whoever asks next."""


@dataclass(frozen=True, slots=True)
class RealmSecrets:
    """What a node needs to run in one realm."""

    node: NodeSecrets
    recovery_public: bytes
    link: LinkKeys
    retired: tuple[bytes, ...] = ()
    """Receiving secrets of earlier incarnations: what was sealed to them stays to be read (sealing.md, S12)."""

    @property
    def receiving(self) -> tuple[bytes, ...]:
        """The receiving secret in use and the retired ones."""
        return (self.node.receiving, *self.retired)


@dataclass(frozen=True, slots=True)
class Home:
    """An unlocked home. The root is read from its own vault, only when a ceremony needs it."""

    path: Path
    party: Party
    passphrase: bytes

    def find_realm_path(self, realm: Realm) -> Path:
        """Return the folder of a realm, which may not exist yet."""
        return self.path / "realms" / realm.replace("/", "-")

    def find_realms(self) -> tuple[Realm, ...]:
        """Return the realms that this home has keys for."""
        names = open_vault((self.path / NODE_VAULT).read_bytes(), passphrase=self.passphrase)
        return tuple(sorted({name.split("#")[0] for name in names if name.endswith("#node")}))

    def get_realm_secrets(self, realm: Realm) -> RealmSecrets:
        """Return the secrets of a realm.

        Raises:
            UsageError: `home.no-realm`.
        """
        held = open_vault((self.path / NODE_VAULT).read_bytes(), passphrase=self.passphrase)
        if f"{realm}#node" not in held:
            raise UsageError("home.no-realm", realm=realm)
        incarnation = int(held.get(f"{realm}#incarnation", b"0"))
        retired = (held.get(f"{realm}#receiving-{number}") for number in reversed(range(incarnation)))
        node, checkpoint, receiving = (held[f"{realm}#{name}"] for name in ("node", "checkpoint", "receiving"))
        return RealmSecrets(
            node=NodeSecrets(incarnation, node, checkpoint, receiving),
            recovery_public=held[f"{realm}#recovery-public"],
            link=LinkKeys(held[f"{realm}#link"]),
            retired=tuple(secret for secret in retired if secret is not None),
        )

    def keep_incarnation(self, realm: Realm, secrets: NodeSecrets) -> None:
        """Let new secrets of a realm take the place of those in use, at once; the receiving secret is retired."""
        held = open_vault((self.path / NODE_VAULT).read_bytes(), passphrase=self.passphrase)
        before = int(held.get(f"{realm}#incarnation", b"0"))
        held |= {
            f"{realm}#receiving-{before}": held[f"{realm}#receiving"],
            f"{realm}#incarnation": str(secrets.incarnation).encode(),
            f"{realm}#node": secrets.node,
            f"{realm}#checkpoint": secrets.checkpoint,
            f"{realm}#receiving": secrets.receiving,
        }
        write_private(self.path / NODE_VAULT, seal_vault(held, passphrase=self.passphrase))

    def get_root(self) -> tuple[RootSecret, RootSecret]:
        """Return the root and the root that is to succeed it; for ceremonies only.

        Raises:
            UsageError: `home.root-offline` where the root vault has been taken away.
        """
        path = self.path / ROOT_VAULT
        if not path.exists():
            raise UsageError("home.root-offline")
        held = open_vault(path.read_bytes(), passphrase=self.passphrase)
        return (
            RootSecret(held["root#ed25519"], held["root#mldsa"]),
            RootSecret(held["next-root#ed25519"], held["next-root#mldsa"]),
        )

    def find_certified(self, realm: Realm) -> int:
        """Return the last incarnation of a realm that is noted beside the root: a home that is older knows less."""
        held = open_vault((self.path / ROOT_VAULT).read_bytes(), passphrase=self.passphrase)
        return int(held.get(f"{realm}#certified", b"0"))

    def note_certified(self, realm: Realm, incarnation: int) -> None:
        """Note beside the root that it certified an incarnation."""
        held = open_vault((self.path / ROOT_VAULT).read_bytes(), passphrase=self.passphrase)
        held[f"{realm}#certified"] = str(incarnation).encode()
        write_private(self.path / ROOT_VAULT, seal_vault(held, passphrase=self.passphrase))

    def get_card(self, suite: Suite) -> Card:
        """Return this party's own card."""
        return parse_card((self.path / "card").read_bytes(), suite)

    def find_peers(self, suite: Suite) -> dict[Party, Card]:
        """Return the cards of the other parties that have been paired with."""
        cards = [
            parse_card(path.read_bytes()[: CARD_SIZE_BYTES_MAX + 1], suite)
            for path in sorted((self.path / "peers").glob("*.card"))
        ]
        return {card.party: card for card in cards}

    def keep_peer(self, raw: bytes, card: Card) -> None:
        """Keep a card whose fingerprint was compared."""
        write_private(self.path / "peers" / f"{card.party}.card", raw)


def check_no_home(path: Path) -> None:
    """Return if no home is in this folder.

    Raises:
        UsageError: `home.exists`.
    """
    if (path / "home.toml").exists():
        raise UsageError("home.exists", path=str(path))


def create_home(
    path: Path,
    *,
    party: Party,
    endpoints: dict[Realm, str],
    passphrase: bytes,
    issued_at: Instant,
    suite: Suite,
    ceremony: Ceremony,
) -> Home:
    """Make a home with new keys for each realm in `endpoints`, where its outbox will answer, and write its card.

    An empty `passphrase` chooses unattended unlocking: a random one is written beside the vaults.

    Raises:
        UsageError: `home.exists`, `home.party-name`, `home.realm-name`.
    """
    check_no_home(path)
    if not is_party(party):
        raise UsageError("home.party-name", party=party[:40])
    if not all(map(is_realm, endpoints)):
        raise UsageError("home.realm-name")
    make_folder(path)
    is_unattended = not passphrase
    if is_unattended:
        passphrase = stdlib_secrets.token_hex(32).encode()
        write_private(path / UNLOCK_KEY, passphrase)
    root, next_root = generate_root(ceremony), generate_root(ceremony)
    roots = {
        "root#ed25519": root.ed25519,
        "root#mldsa": root.mldsa,
        "next-root#ed25519": next_root.ed25519,
        "next-root#mldsa": next_root.mldsa,
    }
    held: dict[str, bytes] = {}
    links: list[CardLinks] = []
    for realm, endpoint in sorted(endpoints.items()):
        recovery, keys = _make_realm_keys(realm, suite=suite, ceremony=ceremony)
        roots[f"{realm}#recovery"] = recovery
        held |= keys
        mark_new_keys(path, realm)
        public = get_link_public(LinkKeys(keys[f"{realm}#link"]))
        links.append(CardLinks(realm, public.exchange, public.authority, endpoint))
    write_private(path / ROOT_VAULT, seal_vault(roots, passphrase=passphrase))
    write_private(path / NODE_VAULT, seal_vault(held, passphrase=passphrase))
    public_root = root.find_public(suite)
    card = Card(
        party,
        public_root.ed25519,
        public_root.mldsa,
        next_root.find_public(suite).find_digest(suite),
        1,
        tuple(links),
        issued_at,
    )
    write_private(path / "card", sign_card(card, root, suite=suite, ceremony=ceremony))
    unlock = "unattended" if is_unattended else "passphrase"
    write_private(path / "home.toml", f'party = "{party}"\nunlock = "{unlock}"\nlayout = {LAYOUT}\n'.encode())
    return Home(path, party, passphrase)


def _make_realm_keys(realm: Realm, *, suite: Suite, ceremony: Ceremony) -> tuple[bytes, dict[str, bytes]]:
    """Return the recovery secret, which goes offline with the root, and what the node holds for one realm."""
    node, recovery = generate_node_secrets(ceremony, incarnation=0), ceremony.generate_receiving()
    return recovery, {
        f"{realm}#node": node.node,
        f"{realm}#checkpoint": node.checkpoint,
        f"{realm}#receiving": node.receiving,
        f"{realm}#recovery-public": suite.public_of_receiving(recovery),
        f"{realm}#link": ceremony.random(KEY_SIZE),
    }


def open_home(path: Path, *, passphrase: bytes = b"") -> Home:
    """Open a home; the passphrase may come from the environment or, where that was chosen, from the key file.

    The environment holds it (`COMITY_PASSPHRASE`) or names the file that does (`COMITY_PASSPHRASE_FILE`), which is how
    a supervisor hands over a credential: no other program of this account can read it in `/proc` then.

    Raises:
        UsageError: `home.none`, `home.layout-newer`; `vault.passphrase` (later, when a vault is opened).
    """
    try:
        settings = tomllib.loads((path / "home.toml").read_text())
        party = settings["party"]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError("home.none", path=str(path)) from error
    check_layout(settings)
    if not passphrase and settings.get("unlock") == "unattended":
        passphrase = (path / UNLOCK_KEY).read_bytes()
    return Home(path, str(party), passphrase or read_passphrase())


def read_passphrase() -> bytes:
    """Return the passphrase that the environment holds or names a file of; empty where it does neither.

    Raises:
        UsageError: `file.unreadable`.
    """
    named = os.environ.get(PASSPHRASE_FILE_VARIABLE, "")
    if not named:
        return os.environ.get(PASSPHRASE_VARIABLE, "").encode()
    try:
        with Path(named).open("rb") as file:
            return file.read(PASSPHRASE_SIZE_BYTES_MAX).rstrip(b"\r\n")
    except OSError as error:
        raise UsageError("file.unreadable", file=named) from error


def find_free_port(host: str) -> int:
    """Return a port that is free now, and that no connection going out is given: an outbox finds it free at each start.

    As long as there are others, none is returned that this process was told of before.

    Raises:
        OSError: this host has no such address.
    """
    drawn = stdlib_secrets.SystemRandom().sample(KEPT_PORTS, PORT_TRY_COUNT)
    for port in (*sorted(drawn, key=_NAMED.__contains__), 0):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not port:
                    raise
            else:
                found: int = probe.getsockname()[1]
                _NAMED.append(found)
                return found
    raise AssertionError("the last is any port that is free")
