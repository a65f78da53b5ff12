"""The next root takes over: the one that the pact pinned as next, said by the root before it (S10, S11).

A ceremony with the root vault. The vault of the new root and of the one after it is staged first, so that a ceremony
that is broken off and begun again says the same; its place is taken last and at once.
"""

from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Realm
from comity.crypto.suite import Ceremony, Suite
from comity.crypto.vault import open_vault, seal_vault
from comity.journal.card import Card, sign_card
from comity.journal.identity import generate_root
from comity.journal.statement import RootSecret, Succession, parse_statement, sign_statement
from comity.node.ceremony import Accepted
from comity.node.durable import sync_folder
from comity.node.home import ROOT_VAULT, Home, write_private

__all__ = ["Succeeded", "succeed_root"]

STAGED_VAULT: Final = "root.vault.next"


@dataclass(frozen=True, slots=True)
class Succeeded:
    """What a succession did: the new card, and the realms in whose genesis journals it will be published."""

    card: Card
    realms: tuple[Realm, ...]


def succeed_root(
    home: Home, accepted: tuple[Accepted, ...], *, at: Instant, suite: Suite, ceremony: Ceremony
) -> Succeeded:
    """Let the next root take the root's place; `accepted` are all realms of the home that run a pact.

    Raises:
        UsageError: `home.root-offline`; `root.not-the-next` where the vault's next root is not the one on the card.
    """
    root, new = home.get_root()
    card = home.get_card(suite)
    public = new.find_public(suite)
    if public.find_digest(suite) not in (card.next_root, card.root.find_digest(suite)):
        raise UsageError("root.not-the-next")
    held = _stage(home, new, ceremony=ceremony)
    after = RootSecret(held["next-root#ed25519"], held["next-root#mldsa"])
    next_digest = after.find_public(suite).find_digest(suite)
    for realm in accepted:
        if any(_names(raw, public.ed25519) for raw in realm.successions):
            continue  # signed before the ceremony was broken off
        body = Succession(realm.pins.lineage, home.party, public.ed25519, public.mldsa, next_digest, at)
        number = len(realm.successions) + 1
        statement = sign_statement(body, root, suite=suite, ceremony=ceremony)
        write_private(realm.path / f"succession-{number}", statement)
    made = Card(home.party, public.ed25519, public.mldsa, next_digest, card.serial + 1, card.links, at)
    write_private(home.path / "card", sign_card(made, new, suite=suite, ceremony=ceremony))
    (home.path / STAGED_VAULT).replace(home.path / ROOT_VAULT)
    sync_folder(home.path)
    return Succeeded(made, tuple(realm.realm for realm in accepted))


def _stage(home: Home, new: RootSecret, *, ceremony: Ceremony) -> dict[str, bytes]:
    """Return the vault to come, drawing the root after the new one unless that was done before."""
    path = home.path / STAGED_VAULT
    if path.exists():
        staged = open_vault(path.read_bytes(), passphrase=home.passphrase)
        if staged["root#ed25519"] == new.ed25519:
            return staged
    after = generate_root(ceremony)
    held = open_vault((home.path / ROOT_VAULT).read_bytes(), passphrase=home.passphrase)
    held |= {
        "root#ed25519": new.ed25519,
        "root#mldsa": new.mldsa,
        "next-root#ed25519": after.ed25519,
        "next-root#mldsa": after.mldsa,
    }
    write_private(path, seal_vault(held, passphrase=home.passphrase))
    return held


def _names(raw: bytes, ed25519: bytes) -> bool:
    body = parse_statement(raw).body
    return isinstance(body, Succession) and body.ed25519 == ed25519
