"""What a party that joins is handed: every version of the pact, and every succession of roots (procedure.md, P33).

A bundle without pages (J20), made by any party from what it stored. It proves nothing by itself: the newcomer compares
roots with the cards that it heard the words of, and the newest version's digest aloud with every party.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.crypto.suite import Suite
from comity.journal.bundle import BundleHead, read_bundle, write_bundle
from comity.journal.header import parse_page
from comity.journal.published import find_statements
from comity.journal.trust import Trust
from comity.node.ceremony import Accepted
from comity.node.succeeded import find_succession

__all__ = ["HandedOver", "make_handover", "read_handover"]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Pact files, and root statements; nothing of it is believed yet."""

    pacts: tuple[bytes, ...] = ()
    statements: tuple[bytes, ...] = ()


def make_handover(accepted: Accepted, pages: Iterable[bytes], *, at: Instant, suite: Suite) -> bytes:
    """Return the bundle for a newcomer, from what a home holds and the pages that it stored."""
    statements = [raw for page in pages for raw in _find_statements(page, suite)]
    trust = Trust(accepted.pins, suite)
    trust.learn_all((*accepted.successions, *statements))
    found = {raw for raw in (*accepted.successions, *statements) if find_succession(raw, trust) is not None}
    head = BundleHead(1, accepted.pins.lineage, accepted.realm, accepted.party, at)
    return write_bundle(suite, head, pacts=sorted(accepted.pacts.values()), pages=(), statements=sorted(found))


def read_handover(raw: bytes, *, realm: str, suite: Suite) -> HandedOver:
    """Read what was handed over.

    Raises:
        UsageError: `bundle.other-realm-here`.
        RemoteError: as `journal.bundle.read_bundle`.
    """
    bundle = read_bundle(raw, suite)
    if bundle.head.realm != realm:
        raise UsageError("bundle.other-realm-here", realm=bundle.head.realm)
    return HandedOver(bundle.pacts, bundle.statements)


def _find_statements(page: bytes, suite: Suite) -> tuple[bytes, ...]:
    try:
        return find_statements(parse_page(page, suite))
    except RemoteError:
        return ()
