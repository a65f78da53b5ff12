"""An officer's words on their way to the machine: who acts, and what waits for another officer (docs/adr/0040)."""

from typing import TYPE_CHECKING

from comity.base.errors import UsageError
from comity.base.names import Audience, Digest
from comity.journal.header import Feed
from comity.machine.input import Say
from comity.node.powers import find_crew
from comity.procedure.entry import Entry
from comity.procedure.sharing import ItemPassedOn, PassedOn, PassOnReported

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["approve", "say_words"]


async def say_words(
    node: "Node",
    officers: tuple[str, ...],
    audience: Audience,
    entries: tuple[Entry, ...],
    *,
    feed: Feed,
    key: str = "",
) -> tuple[Digest, ...]:
    """State entries by these officers; hold them where the pact asks for another one.

    Raises:
        UsageError: `approval.awaited`, `approval.too-many`; as `Node.say`.
    """
    node.check_running()
    by = find_crew(node.officers, officers, node.machine, audience=audience, entries=entries, at=node.now())

    def give(command: int) -> None:
        node.give(Say(node.now(), node.draw_salt(), command, audience, entries, feed, by))

    try:
        return await node.acts.do(give, audience=audience, entries=entries, key=key)
    except UsageError as error:
        if error.code != "officer.too-few" or not officers:
            raise
        raise node.approvals.hold(audience, entries, feed, officers=officers, refused=error, at=node.now()) from error


async def approve(node: "Node", digest: str, *, by: str) -> tuple[Digest, ...]:
    """State what is held, with one more officer; what rests on it follows.

    Raises:
        UsageError: `approval.none`, `approval.same-officer`; `approval.awaited` while still another one is asked for;
            as `Node.say`: then it stays held.
    """
    with node.approvals.take(digest, by=by, at=node.now()) as held:
        ids = await say_words(node, held.officers, held.audience, held.entries, feed=held.feed)
        node.approvals.drop(held.digest)
    for entry in held.entries:
        if isinstance(entry, PassedOn | ItemPassedOn):
            await _report(node, entry, held.officers)
    return ids


async def _report(node: "Node", entry: PassedOn | ItemPassedOn, officers: tuple[str, ...]) -> None:
    """Tell the originator that its item was passed on, as whoever passes on alone does in the same act."""
    pair = tuple(sorted((node.machine.party, entry.markings[0].originator)))
    for basis in entry.bases:
        report = PassOnReported(entry.item, basis.party, node.now())
        await say_words(node, officers, pair, (report,), feed=Feed.RECORD)
