"""What only a running node knows: links, clocks, holes, keys to open with, what waits, what is overdue.

Everything is read from the node and its machine at one instant; nothing is asked of anybody and nothing is changed.
"""

from collections.abc import Iterator
from typing import Final

from comity.base.instants import MINUTE_MS, NEVER, format_dtg
from comity.journal.header import Feed
from comity.journal.keypage import find_key_id
from comity.machine.closed import ClosedWhy
from comity.machine.pen import CHECKPOINT_INTERVAL_MS
from comity.node.doctor.finding import Finding, fault, remark, warning
from comity.node.node import Node

__all__ = ["look_at_life"]

SILENT_MS: Final = 2 * MINUTE_MS
"""A link that is up and brings nothing for so long carries nothing; each end sends a sign of life every few seconds."""

_WHY_DOWN: Final = {
    "pin": "doctor.link-pin",
    "tls": "doctor.link-tls",
    "login": "doctor.link-login",
    "unreachable": "doctor.link-unreachable",
}


def look_at_life(node: Node) -> Iterator[Finding]:
    """Look at everything that a running node knows of itself."""
    if node.failure is not None:
        yield fault("node.stopped", cause=node.failure_code)
    accepting = node.machine.find_accepting()
    for party in node.machine.parties:
        if party not in accepting:
            yield warning("doctor.not-in-force", party=party)
    if node.is_full:
        yield fault("store.full")
    lost = node.store.count_damage()[1]
    if lost:
        yield warning("doctor.pages-lost", count=lost)
    yield from _look_at_closed(node)
    yield from _look_at_links(node)
    yield from _look_at_clocks(node)
    yield from _look_at_journals(node)
    yield from _look_at_pages(node)
    yield from _look_at_receiving_keys(node)


def _look_at_closed(node: Node) -> Iterator[Finding]:
    """Own journals in which nothing may be said now (J22): one that is forked stays so, the rest wait for readers."""
    for row in node.machine.find_closed():
        where = {"feed": row.feed.value, "audience": " ".join(row.audience)}
        if row.why is ClosedWhy.FORK:
            yield fault("journal.forked", **where)
        elif node.failure is None:  # one that has stopped asks nobody
            yield warning("journal.reckoning", **where, not_answered=" ".join(row.waits_for))


def _look_at_links(node: Node) -> Iterator[Finding]:
    for party in node.machine.parties:
        if party == node.machine.party:
            continue
        heard_at = node.heard_at.get(party, NEVER)
        last = {"last_heard": format_dtg(heard_at)} if heard_at else {}
        if not node.links_up.get(party, False):
            code = _WHY_DOWN.get(node.carrier.find_why_down(party), "doctor.link-unreachable")
            yield fault(code, party=party, **last)
        elif node.now() - heard_at > SILENT_MS:
            yield warning("doctor.link-silent", party=party, **last)


def _look_at_clocks(node: Node) -> Iterator[Finding]:
    """Compare with the latest pages of each party heard of: whose clock is wrong cannot be said of two."""
    allowed_ms = node.machine.policy.silence_skew_ms_max
    offsets = node.machine.clocks.find_offsets_ms(node.now())
    wrong = {party: offset for party, offset in offsets.items() if abs(offset) > allowed_ms}
    if wrong and len(wrong) == len(offsets):
        nearest = min(wrong.values(), key=abs)
        yield fault("doctor.clock-own", off_by_s=nearest // 1000, allowed_s=allowed_ms // 1000)
        return
    for party, offset in sorted(wrong.items()):
        yield warning("doctor.clock-peer", party=party, off_by_s=offset // 1000, allowed_s=allowed_ms // 1000)


def _look_at_journals(node: Node) -> Iterator[Finding]:
    """Own journals: a checkpoint that is late, statements that wait for a key."""
    now, late, waiting = node.now(), 0, 0
    for own in node.machine.pen.outgoing.all():
        late += own.has_new_pages and now - own.checkpoint_at > 2 * CHECKPOINT_INTERVAL_MS
        waiting += own.id.feed is not Feed.GENESIS and bool(own.queue) and own.is_wrapping
    if late:
        yield warning("doctor.checkpoint-late", count=late)
    if waiting:
        yield remark("doctor.epoch-awaited", count=waiting)


def _look_at_pages(node: Node) -> Iterator[Finding]:
    machine = node.machine
    for hole in machine.refill.find_holes():
        yield warning("doctor.hole", journal=hole.journal.hex()[:16], first=hole.first, last=hole.last)
    for code, count in (
        ("doctor.pages-held", len(machine.ledger.held())),
        ("doctor.pages-unopened", machine.statements.unopened_count),
        ("doctor.pages-unpublished", len(node.store.find_unpublished())),
    ):
        if count:
            yield warning(code, count=count)
    parties = sorted({party for own in machine.pen.outgoing.all() if len(own.id.audience) == 2
                      for party in machine.find_links(own.id.audience).unreachable})  # fmt: skip
    for party in parties:
        yield remark("doctor.no-path", party=party)


def _look_at_receiving_keys(node: Node) -> Iterator[Finding]:
    """The receiving key of every certificate that this party ever had must be here (S12), or its recovery key (S16)."""
    setup, trust = node.machine.setup, node.machine.ledger.trust
    held = {find_key_id(setup.suite, setup.suite.public_of_receiving(secret)) for secret in setup.receiving_secrets}
    for incarnation in range(setup.secrets.incarnation + 1):
        for certificate in trust.find_certificates(setup.party, incarnation):
            keys = (certificate.receiving_key, certificate.recovery_key)
            if not any(find_key_id(setup.suite, public) in held for public in keys):
                yield fault("doctor.receiving-lost", incarnation=incarnation)
