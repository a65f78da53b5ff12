"""An officer's words on their way to the machine: who acts, and what waits for another officer (docs/adr/0040)."""

import asyncio
from typing import TYPE_CHECKING, Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Audience, Digest
from comity.journal.header import Feed
from comity.machine.input import Say
from comity.machine.outgoing import OwnJournal
from comity.node.approvals import Held
from comity.node.keyed import KEYED, unkeyed
from comity.node.log import note
from comity.node.powers import check_may, find_crew
from comity.pact.offices import Act
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import ItemPassedOn, PassedOn, PassOnReported

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["approve", "keep_approvals", "refuse", "say_words"]

LOOK_S: Final = 1.0
"""Between two looks for what waited until its time was over."""


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
        UsageError: `approval.awaited`, `approval.too-many`, `approval.too-many-of-one`, `approval.too-large`; as
            `Node.say`.
    """
    node.check_running()
    keyed = KEYED.get()
    by = find_crew(node.officers, officers, node.machine, audience=audience, entries=entries, at=node.now())

    def give(command: int) -> None:
        node.give(Say(node.now(), node.draw_salt(), command, audience, entries, feed, by))

    try:
        return await node.acts.do(give, audience=audience, entries=entries, key=key, keyed=keyed)
    except UsageError as error:
        if error.code != "officer.too-few" or not officers:
            raise
        if not OwnJournal.fits_one_page(map(encode_entry, entries)):
            raise UsageError("approval.too-large") from error  # it could be stated in part, and then again
        if not key:
            key = node.draw_salt().hex() if keyed is None else keyed.last_key
        held = node.approvals.hold(audience, entries, feed, officers=officers, refused=error, at=node.now(), key=key)
        _note_change(node)
        raise held from error


async def approve(node: "Node", digest: str, *, by: str) -> tuple[Digest, ...]:
    """State what is held, with one more officer, once however often it is approved; what rests on it follows.

    Raises:
        UsageError: `approval.none`, `approval.same-officer`, `approval.under-way`; `approval.awaited` while still
            another one is asked for; as `Node.say`: then it stays held.
    """
    with node.approvals.take(digest, by=by, at=node.now()) as held:
        ids = await say_words(node, held.officers, held.audience, held.entries, feed=held.feed, key=held.key)
        for entry in held.entries:
            if isinstance(entry, PassedOn | ItemPassedOn):
                await _report(node, entry, held)
        node.shelf.settle(held.entries)
        node.approvals.drop(held.digest)
        _note_change(node)
    return ids


async def _report(node: "Node", entry: PassedOn | ItemPassedOn, held: Held) -> None:
    """Tell the originator that its item was passed on, as whoever passes on alone does in the same act."""
    pair = tuple(sorted((node.machine.party, entry.markings[0].originator)))
    for basis in entry.bases:
        key = f"{held.key}/{basis.party}"  # of its own: what is approved again reports nothing twice
        if node.store.find_act(key) is None and not node.acts.is_under_way(key):
            report = PassOnReported(entry.item, basis.party, node.now())
            with unkeyed():
                await say_words(node, held.officers, pair, (report,), feed=Feed.RECORD, key=key)


def refuse(node: "Node", digest: str, *, by: str) -> Held:
    """Hold an act no longer, and let go of what was sealed for it: by one who asked for it, or who could approve it.

    Raises:
        UsageError: `approval.none`, `approval.under-way` where it was approved and its answer is still to come;
            `officer.wrong-role`, with the clause.
        OutageError: `store.full`: then it still waits.
    """
    held = node.approvals.get(digest, node.now())
    if by not in held.officers:
        check_may(node, by, Act(held.act))
    if node.approvals.is_taken(held) or node.acts.is_under_way(held.key):
        raise UsageError("approval.under-way", digest=held.digest[:16])
    if not _let_go(node, held):
        raise UsageError("approval.none", digest=held.digest[:16])
    return held


async def keep_approvals(node: "Node") -> None:
    """For ever: let go of what nobody approved in time, and of what was stated though nobody heard so."""
    while node.failure is None:
        for held in node.approvals.find_over(node.now()):
            try:
                if not node.acts.is_under_way(held.key) and (held.until_at <= node.now() or _is_stated(node, held)):
                    _let_go(node, held)
            except OutageError as error:
                note("item.not-erased", code=error.code)
        await asyncio.sleep(LOOK_S)


def _let_go(node: "Node", held: Held) -> bool:
    """Hold an act no longer; tell whether it was not stated: then nothing that was sealed for it stays."""
    is_stated = _is_stated(node, held)
    if is_stated:
        node.shelf.settle(held.entries)
    else:
        node.shelf.drop_sealed(held.entries)
    node.approvals.drop(held.digest)
    _note_change(node)
    return not is_stated


def _note_change(node: "Node") -> None:
    """Have whoever waits for a change look again: what waits for another officer is no input of the machine's."""
    node.changed.set()
    node.changed = asyncio.Event()


def _is_stated(node: "Node", held: Held) -> bool:
    return node.approvals.is_tried(held) and node.store.find_act(held.key) is not None
