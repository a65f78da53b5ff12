"""Replacing a node's key: a new incarnation, and the root's word on which pages of the earlier ones stand (J14, J17).

A ceremony with the root, while the node is stopped. What it writes lies beside what was there, under the number of the
new incarnation; the node's vault, replaced last and at once, is what makes it count. Broken off before that, it is as
if it had not begun, but for a number that is passed over.

No incarnation is opened twice (S10): the new one is above the one in use, above every one that the store shows, and
above the last one that is noted in the root's vault. A home that was put back from a copy may know less than its root.

The last good page of each earlier journal is taken from the own store: the last that stands and lies before a fork,
and before the instant since which the key may have been in other hands. Whatever readers hold beyond it is disowned,
an honest page that was lost here too: so from a store that may be older than its party's word no key is replaced
before it has reckoned (J22), unless that is wanted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.crypto.suite import Ceremony, Suite
from comity.journal.branch import Book, Placed
from comity.journal.header import Feed
from comity.journal.identity import certify, generate_node_secrets
from comity.journal.ledger import Ledger, Standing
from comity.journal.statement import Closed, Closure, RootSecret, sign_statement
from comity.journal.trust import Trust
from comity.node.ceremony import Accepted, find_certificate_path, open_accepted
from comity.node.feed.closings import find_warning_closures
from comity.node.home import Home, write_private
from comity.node.mark import may_be_old, renew_mark
from comity.node.marks import find_mark_path, read_mark
from comity.node.store import Store

__all__ = ["Replaced", "find_closures", "read_ledger", "replace_key"]


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a replacement did: the new incarnation, and each closure that the root signed."""

    incarnation: int
    closures: tuple[Closure, ...]


def replace_key(
    home: Home,
    accepted: Accepted,
    *,
    at: Instant,
    stolen_since: Instant | None = None,
    is_loss_wanted: bool = False,
    is_collected: bool = False,
    suite: Suite,
    ceremony: Ceremony,
) -> Replaced:
    """Give this party a new incarnation in a realm, with new keys; the old receiving key is kept for what is sealed.

    Args:
        home: the home, with its root.
        accepted: its realm.
        at: the instant that the certificate bears.
        stolen_since: pages whose clock is at or after this are left out.
        is_loss_wanted: go on though what this party said may be missing here, and is disowned then; anybody can name a
            version of the pact that is not here.
        is_collected: every reader was asked just now for what this party said.
        suite: the algorithms.
        ceremony: what draws keys.

    Raises:
        UsageError: `home.root-offline`; `key.version-missing` where pages are under a version of the pact that is not
            here: what this party said to its circle could not be read, and would be disowned. `key.store-old` where
            the store may lack what was said from it.
        OutageError: `store.locked` while the node runs.
    """
    root, _ = home.get_root()
    store = Store(accepted.path / "store.db", party=home.party)
    try:
        accepted = open_accepted(home, realm=accepted.realm, suite=suite)  # as it is now that no node can start
        ledger = read_ledger(accepted, store.read_all(), suite=suite)
        if not is_loss_wanted:
            _check_versions(ledger, home.party)
        marked = read_mark(find_mark_path(home.path, accepted.realm))
        if not (is_loss_wanted or is_collected) and may_be_old(marked, store, accepted.pins.versions):
            raise UsageError("key.store-old")
        newest = ledger.trust.find_newest(home.party)
        known = (accepted.secrets.node.incarnation, newest.incarnation if newest else 0)
        incarnation = max(*known, home.find_certified(accepted.realm)) + 1
        closures = find_closures(ledger, home.party, accepted.circles, opens=incarnation, stolen_since=stolen_since)
        closures += find_warning_closures(
            accepted.path, ledger, store.read_all(), party=home.party, receiving=accepted.secrets.receiving,
            earlier=accepted.closures, opens=incarnation, stolen_since=stolen_since, suite=suite,
        )  # fmt: skip
        open_incarnation(
            home, accepted, closures, root=root, incarnation=incarnation, at=at, suite=suite, ceremony=ceremony
        )
        renew_mark(home.path, accepted.realm, store)
    finally:
        store.close()
    return Replaced(incarnation, closures)


def open_incarnation(
    home: Home,
    accepted: Accepted,
    closures: tuple[Closure, ...],
    *,
    root: RootSecret,
    incarnation: int,
    at: Instant,
    suite: Suite,
    ceremony: Ceremony,
) -> None:
    """Draw the keys of an incarnation, have the root sign certificate and closures, and let them count."""
    secrets = generate_node_secrets(ceremony, incarnation=incarnation)
    certificate = certify(
        secrets,
        recovery_public=accepted.secrets.recovery_public,
        lineage=accepted.pins.lineage,
        realm=accepted.realm,
        party=home.party,
        root=root,
        issued_at=at,
        suite=suite,
        ceremony=ceremony,
    )
    signed = tuple(sign_statement(closure, root, suite=suite, ceremony=ceremony) for closure in closures)
    write_private(find_certificate_path(accepted.path, incarnation), certificate)
    write_private(accepted.path / f"closures-{incarnation}", encode(signed))
    home.note_certified(accepted.realm, incarnation)
    home.keep_incarnation(accepted.realm, secrets)


def read_ledger(accepted: Accepted, pages: Iterable[bytes], *, suite: Suite) -> Ledger:
    """Judge stored pages as this party's node does."""
    ledger = Ledger(Trust(accepted.pins, suite), reader=accepted.party, suite=suite)
    for raw in pages:
        ledger.accept(raw, is_stored=True)
    return ledger


def _check_versions(ledger: Ledger, party: Party) -> None:
    """Return if every version of the pact is held that a page here is under (J31).

    Not asked of others' genesis journals: there a version is named that is yet to be accepted.
    """
    placed = [page.header for book in ledger.books() for page in book.pages()]
    missing = {
        header.pact
        for header in (*placed, *(page.header for page, _ in ledger.held()))
        if header.journal.feed is not Feed.GENESIS or header.journal.author == party
    } - ledger.trust.pins.versions
    if missing:
        raise UsageError("key.version-missing", version=min(missing).hex())


def find_closures(
    ledger: Ledger, party: Party, circles: Iterable[Audience], *, opens: int, stolen_since: Instant | None = None
) -> tuple[Closure, ...]:
    """Return a closure for every family that a party has written, its genesis to each circle among them (J14)."""
    families: dict[tuple[Feed, Audience], list[Closed]] = {(Feed.GENESIS, circle): [] for circle in circles}
    books = [book for book in ledger.books() if book.id.author == party and book.id.incarnation < opens]
    for book in sorted(books, key=lambda book: book.id.incarnation):
        closed = families.setdefault((book.id.feed, book.id.audience), [])
        last = _find_last_good(ledger, book, stolen_since)
        if last is not None:
            closed.append(Closed(book.id.incarnation, last.header.number, last.digest))
    pins = ledger.trust.pins
    return tuple(
        Closure(pins.lineage, pins.realm, feed, party, audience, opens, tuple(closed))
        for (feed, audience), closed in sorted(families.items())
    )


def _find_last_good(ledger: Ledger, book: Book, stolen_since: Instant | None) -> Placed | None:
    last: Placed | None = None
    for rivals in book.by_number:
        page = rivals[0]
        is_stolen = stolen_since is not None and page.header.written_at >= stolen_since
        if len(rivals) > 1 or is_stolen or ledger.find_standing(page) is Standing.DISOWNED:
            break
        last = page
    return last
