"""Making a standby the party's node: what readers hold comes back, then the root opens a new incarnation (T29).

The new incarnation is the fence. The old node's journals end with it at every reader, at the pages that the root names;
what it writes afterwards stands in a journal that is over, and cannot be a second history of the new one. Once it hears
from anybody it says nothing more (`key.superseded`).

The root disowns what readers hold and the own store does not. So before that the standby *collects*: its machine takes
pages and asks every reader of each own journal, and writes nothing whatever happens (`Machine.is_mute`).
"""

import asyncio
from collections.abc import Collection
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.link import get_link_public
from comity.crypto.suite import Ceremony, Suite
from comity.machine.closed import ClosedWhy
from comity.node.assembly import assemble
from comity.node.ceremony import Accepted
from comity.node.home import Home
from comity.node.link import JetStreamLink
from comity.node.marks import suspect_store
from comity.node.node import Node
from comity.node.outbox import Link
from comity.node.reach import parse_endpoint
from comity.node.replacement import Replaced, replace_key
from comity.node.standby import STANDBY_FILE, read_primary
from comity.node.standby_answer import Asked
from comity.node.stream import Reader

__all__ = ["check_primary_silent", "collect", "make_primary_link", "promote"]

LOOK_S: Final = 0.1
"""How often it is looked whether all have answered."""
PROBE_TIMEOUT_MS: Final = 3_000


def make_primary_link(home: Home, accepted: Accepted, *, suite: Suite) -> JetStreamLink:
    """Return the link from a standby to its primary's outbox, as the party's own reader.

    Raises:
        UsageError: `standby.none`; `home.no-links`; `home.reach-malformed`.
    """
    endpoints = read_primary(accepted.path)
    if not endpoints:
        links = home.get_card(suite).find_links(accepted.realm)
        if links is None:
            raise UsageError("home.no-links", party=home.party, realm=accepted.realm)
        endpoints = (parse_endpoint(links.endpoint),)
    keys, me = accepted.secrets.link, Reader(Digest(accepted.pins.lineage), accepted.realm, home.party)
    return JetStreamLink(endpoints[0], keys, server=get_link_public(keys), reader=me, more=endpoints[1:])


async def check_primary_silent(link: Link, *, suite: Suite) -> None:
    """Return if the primary does not answer.

    Raises:
        UsageError: `standby.primary-runs`.
    """
    try:
        await link.request_pages(Asked.encode(Asked.make(suite).blobs), timeout_ms=PROBE_TIMEOUT_MS)
    except OutageError:
        return
    raise UsageError("standby.primary-runs")


async def collect(node: Node, *, within_s: float, without: Collection[Party] = ()) -> None:
    """Wait until every reader of each own journal, but for some, has given a mute node what it holds.

    Raises:
        UsageError: `standby.unanswered` with who has not answered in time; `key.superseded` where another standby was
            promoted before.
        OutageError: `node.stopped` where the node cannot go on.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while True:
        node.check_running()
        closed = node.machine.find_closed()
        if any(row.why is ClosedWhy.SUPERSEDED for row in closed):
            raise UsageError("key.superseded")
        awaited = [row.waits_for for row in closed if row.why is ClosedWhy.RECKONING]
        # Where nobody is waited for, pages that did come are still on their way into the store.
        if all(waits_for and set(waits_for) <= set(without) for waits_for in awaited):
            return
        if loop.time() > until:
            raise UsageError("standby.unanswered", parties=_find_unanswered(awaited, without))
        await asyncio.sleep(LOOK_S)


def _find_unanswered(awaited: Collection[Audience], without: Collection[Party]) -> Audience:
    return tuple(sorted({party for waits_for in awaited for party in waits_for} - set(without)))


async def promote(
    home: Home,
    accepted: Accepted,
    *,
    at: Instant,
    within_s: float,
    without: Collection[Party] = (),
    is_loss_wanted: bool = False,
    suite: Suite,
    ceremony: Ceremony,
) -> tuple[Replaced, int]:
    """Promote a standby; return what the root signed, and how many pages came back from readers.

    Broken off before the new key counts, the home is a standby as before; after, done again it opens one more.

    Raises:
        UsageError: `home.root-offline`; `standby.none`; `standby.primary-runs`; as `collect`; `key.version-missing`.
        OutageError: `store.locked` while it still follows.
    """
    home.get_root()
    link = make_primary_link(home, accepted, suite=suite)
    try:
        await check_primary_silent(link, suite=suite)
    finally:
        await link.close()
    suspect_store(home.path, accepted.realm)
    assembly = assemble(home, accepted, suite=suite, ceremony=ceremony, is_mute=True)
    before = assembly.node.store.count_pages()
    try:
        await assembly.start()
        await collect(assembly.node, within_s=within_s, without=without)
        came_back = assembly.node.store.count_pages() - before
    finally:
        await assembly.stop()
    replaced = replace_key(
        home, accepted, at=at, is_loss_wanted=is_loss_wanted, is_collected=True, suite=suite, ceremony=ceremony
    )
    (accepted.path / STANDBY_FILE).unlink()
    return replaced, came_back
