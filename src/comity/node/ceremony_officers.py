"""Which officers must stand by when a key is replaced or a root succeeded, and whether they do (P42, `ceremony`).

A ceremony is no statement and needs no node, so the officers show their tokens to it. What stops it is the party's own
agreement with itself: whoever has the root, its passphrase and the folder can do without this program as well.
"""

from collections.abc import Iterable
from pathlib import Path

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.crypto.password import SECRET_SIZE_BYTES_MAX, verify_nothing, verify_password
from comity.node.officers import OFFICERS_FILE, Book, Officer, OfficerBook
from comity.pact.model import Pact
from comity.pact.offices import Act

__all__ = ["check_ceremony", "find_needed"]


def find_needed(path: Path, pact: Pact) -> int:
    """Return how many officers a ceremony in a realm's folder needs: none where the pact, or the party, has none."""
    if pact.offices is None or not OfficerBook(path / OFFICERS_FILE).read().officers:
        return 0
    return max((rule.officers for rule in pact.offices.two_person if rule.act is Act.CEREMONY), default=1)


def check_ceremony(path: Path, pact: Pact, tokens: Iterable[str], *, at: Instant) -> None:
    """Return if so many different officers showed their tokens, each in a role that may do this.

    Raises:
        UsageError: `officer.no-access`, `officer.wrong-role`, `officer.too-few`; `officer.book-malformed`.
    """
    needed = find_needed(path, pact)
    if not needed or pact.offices is None:
        return
    book = OfficerBook(path / OFFICERS_FILE).read()
    clause, permitted = pact.offices.find_permitted(Act.CEREMONY)
    found: set[str] = set()
    for token in tokens:
        officer = _get_officer(book, token.strip(), at)
        if not permitted & set(officer.roles):
            raise UsageError("officer.wrong-role", act=Act.CEREMONY.value, clause=clause)
        found.add(officer.name)
    if len(found) < needed:
        rules = [rule for rule in pact.offices.two_person if rule.act is Act.CEREMONY]
        clause = rules[0].id if rules else clause
        raise UsageError("officer.too-few", act=Act.CEREMONY.value, clause=clause, needed=needed)


def _get_officer(book: Book, token: str, at: Instant) -> Officer:
    name, _, secret = token.partition(".")
    officer = book.find(name)
    raw = secret.encode()[: SECRET_SIZE_BYTES_MAX + 1]
    is_right = verify_password(raw, officer.kept) if officer is not None else verify_nothing(raw or b"-")
    if officer is None or not is_right or not officer.is_valid(at):
        raise UsageError("officer.no-access")
    return officer
