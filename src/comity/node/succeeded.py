"""Whether a root is a party's own by successions that lead to it from the one that the pact pins (S11)."""

from collections.abc import Sequence

from comity.base.errors import RemoteError
from comity.crypto.suite import Suite
from comity.journal.card import Card
from comity.journal.statement import RootStatement, Succession, parse_statement
from comity.journal.trust import Pins, Trust

__all__ = ["find_succeeded", "find_succession"]


def find_succeeded(card: Card, statements: Sequence[bytes], *, pins: Pins, suite: Suite) -> Succession | None:
    """Return the succession by which a party came to the root on its card, if it leads there from the pinned one."""
    trust = Trust(pins, suite)
    trust.learn_all(statements)
    for raw in statements:
        statement = find_succession(raw, trust)
        body = statement.body if statement else None
        if isinstance(body, Succession) and _is_of_card(body, card):
            return body
    return None


def _is_of_card(body: Succession, card: Card) -> bool:
    of_card = (card.party, card.ed25519, card.mldsa, card.next_root)
    return (body.party, body.ed25519, body.mldsa, body.next_root) == of_card


def find_succession(raw: bytes, trust: Trust) -> RootStatement | None:
    """Return a succession that counts."""
    try:
        statement = parse_statement(raw)
    except RemoteError:
        return None
    is_good = isinstance(statement.body, Succession) and trust.is_believed(statement)
    return statement if is_good else None
