"""Whether the keys of a realm are those that the root certified, and the cards those that the pact pins.

Read from the disk alone, with the vault open: the same answer whether the node runs or not.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from comity.base.errors import ComityError, UsageError
from comity.base.names import Party, Realm
from comity.crypto.link import get_link_public
from comity.crypto.suite import Suite
from comity.journal.statement import Certificate, Links, RootKeys, RootStatement, Succession, parse_statement
from comity.journal.trust import Trust
from comity.node.ceremony import PACT_FILE, Accepted, open_accepted
from comity.node.doctor.finding import Finding, fault, warning
from comity.node.home import Home

__all__ = ["look_at_keys", "look_at_vault"]

SUCCESSIONS: Final = "succession-*[0-9]"
"""Files of a realm's folder in which this party's root says that its next takes over."""


def look_at_vault(home: Home) -> Iterator[Finding]:
    """Tell whether the node's vault opens at all; nothing else about keys can be looked at if not."""
    try:
        home.find_realms()
    except (ComityError, OSError) as error:
        code = error.code if isinstance(error, ComityError) else "file.unreadable"
        yield fault("doctor.vault-closed", cause=code)


def look_at_keys(home: Home, realm: Realm, suite: Suite) -> Iterator[Finding]:
    """Compare the secrets of a realm with its certificate and links, and the cards with the pact."""
    if not (home.find_realm_path(realm) / PACT_FILE).exists():
        yield warning("doctor.not-accepted", realm=realm)
        return
    try:
        accepted = open_accepted(home, realm=realm, suite=suite)
    except (ComityError, OSError) as error:
        code = error.code if isinstance(error, ComityError) else "file.unreadable"
        yield fault("doctor.realm-unreadable", realm=realm, cause=code)
        return
    yield from _look_at_certificate(home, accepted, suite)
    yield from _look_at_links(home, accepted, suite)
    yield from _look_at_cards(home, accepted, suite)


def _find_statement(home: Home, accepted: Accepted, raw: bytes, suite: Suite) -> RootStatement | None:
    """Return a statement that this party's root signed, the pinned one or a lawful successor (S10, S11), or None."""
    trust = Trust(accepted.pins, suite)
    with contextlib.suppress(ComityError):
        trust.learn(_read_successions(accepted))
    try:
        statement = parse_statement(raw)
    except ComityError:
        return None
    return statement if statement.body.party == home.party and trust.is_believed(statement) else None


def _read_successions(accepted: Accepted) -> list[bytes]:
    return [path.read_bytes() for path in sorted(accepted.path.glob(SUCCESSIONS))]


def _look_at_certificate(home: Home, accepted: Accepted, suite: Suite) -> Iterator[Finding]:
    statement = _find_statement(home, accepted, accepted.certificate, suite)
    if statement is None or not isinstance(statement.body, Certificate):
        yield fault("doctor.certificate", realm=accepted.realm)
        return
    body, secrets = statement.body, accepted.secrets.node
    held = {
        "node": suite.public_of_signing(secrets.node) == body.node_key,
        "checkpoint": suite.public_of_mldsa(secrets.checkpoint) == body.checkpoint_key,
        "receiving": suite.public_of_receiving(secrets.receiving) == body.receiving_key,
        "recovery": accepted.secrets.recovery_public == body.recovery_key,
        "incarnation": secrets.incarnation == body.incarnation,
    }
    for name, is_same in held.items():
        if not is_same:
            yield fault("doctor.key-differs", realm=accepted.realm, key=name)


def _look_at_links(home: Home, accepted: Accepted, suite: Suite) -> Iterator[Finding]:
    statement = _find_statement(home, accepted, accepted.links, suite)
    public = get_link_public(accepted.secrets.link)
    if statement is None or not isinstance(statement.body, Links):
        yield fault("doctor.links", realm=accepted.realm)
    elif (statement.body.exchange, statement.body.authority) != (public.exchange, public.authority):
        yield fault("doctor.key-differs", realm=accepted.realm, key="link")


def _find_roots(accepted: Accepted, party: Party, suite: Suite) -> set[bytes]:
    """Return the digests of the roots that may be on a party's card: pinned, its next, and what followed here."""
    pinned = accepted.pins.roots[party]
    found = {bytes(pinned.keys.find_digest(suite)), pinned.next_root}
    with contextlib.suppress(ComityError):
        for raw in _read_successions(accepted):
            body = parse_statement(raw).body
            if isinstance(body, Succession) and body.party == party:
                found |= {bytes(RootKeys(body.ed25519, body.mldsa).find_digest(suite)), body.next_root}
    return found


def _look_at_cards(home: Home, accepted: Accepted, suite: Suite) -> Iterator[Finding]:
    try:
        cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    except (ComityError, OSError) as error:
        code = error.code if isinstance(error, UsageError | ComityError) else "file.unreadable"
        yield fault("doctor.card-unreadable", cause=code)
        return
    for party in accepted.parties:
        card = cards.get(party)
        if card is None or card.find_links(accepted.realm) is None:
            yield fault("doctor.card-missing", party=party, realm=accepted.realm)
        elif card.root.find_digest(suite) not in _find_roots(accepted, party, suite):
            yield fault("doctor.card-differs", party=party)
