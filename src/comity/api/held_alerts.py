"""Public warnings that came in items, as somebody may have them (X32, X35): asked of the funnel first, opened then.

Rules
- Nothing is opened for a reader who may not have it, so the time of an answer tells nothing of it either.
- What this node must not open, because it is destroyed or in quarantine, goes out to nobody (R50, R53); nor does what
  was asked back, or has expired (X50).
- The status of an alert and the realm must fit here too (X34): who gave the item wrote it with software of his own.
- What was read once is kept by its blob, for reading is slow and a feed is polled; whether it goes out is asked anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Final, NamedTuple

from comity.api.outgoing import Outgoing
from comity.api.released import decide_giving_for
from comity.base.errors import ComityError
from comity.base.names import Digest, Party
from comity.exchange.cap import MEDIA, Alert
from comity.exchange.cap_marking import check_status
from comity.exchange.cap_read import parse_alert
from comity.exchange.jma import JMA_MEDIA, parse_telegram, read_as_alert
from comity.node.node import Node
from comity.node.openable import find_refusal
from comity.procedure.entry import Marking
from comity.procedure.item import Item
from comity.procedure.sharing import Giving
from comity.procedure.verdict import Permit

__all__ = ["LANGUAGES", "HeldAlert", "HeldAlerts", "MayHave", "has_no_ceiling", "read_warning"]

LANGUAGES: Final = {MEDIA: "", JMA_MEDIA: "ja"}
"""The formats of warnings that came in, and the language of all their text; alerts name their own."""
KEPT_COUNT_MAX: Final = 4_096
KEPT_SIZE_BYTES_MAX: Final = 16 * 1024 * 1024

MayHave = Callable[[tuple[Marking, ...]], bool]
"""Tells whether markings lie within a reader's own ceilings, which narrow what the funnel permits."""


def has_no_ceiling(_: tuple[Marking, ...]) -> bool:
    """Narrow nothing: what the funnel permits is what an officer is shown."""
    return True


def read_warning(raw: bytes) -> tuple[str, Alert]:
    """Return the media type of a public warning and what it says: an alert, or a telegram in the words of one.

    Raises:
        RemoteError: `cap.version` for what is neither; what is wrong with it.
    """
    if b"xml.kishou.go.jp/jmaxml1/" in raw[:4096]:
        return JMA_MEDIA, read_as_alert(parse_telegram(raw))
    return MEDIA, parse_alert(raw)


class HeldAlert(NamedTuple):
    """An alert that came in an item."""

    item: Digest
    alert: Alert
    raw: bytes
    media: str


class HeldAlerts:
    """The alerts that lie in one node's items."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._outgoing = Outgoing(node)
        self._read: OrderedDict[bytes, tuple[HeldAlert, ...]] = OrderedDict()
        """By blob; empty for an item without alerts."""

    async def find(
        self, *, to: Party, goes_out: bool, may_have: MayHave = has_no_ceiling, only: Digest | None = None
    ) -> AsyncIterator[HeldAlert]:
        """Yield the alerts that `to` may have now, item by item as they were first given here.

        What an officer of this party looks at himself is everything that can be opened; what goes out is less (X50).
        """
        node = self._node
        seen: set[bytes] = set()
        for stated in node.shelf.find_givings():
            entry = stated.entry
            assert isinstance(entry, Giving)
            if entry.item in seen or (only is not None and entry.item != only):
                continue
            decision = decide_giving_for(node.machine, entry, to=to, at=node.now())
            if not isinstance(decision, Permit) or not may_have(entry.markings):
                continue
            if goes_out and not self._outgoing.may_go(stated, at=node.now()):
                continue
            if find_refusal(node, stated) is None and node.shelf.has(entry.blob):
                rows = await self._find_read(entry)
                if rows is not None:
                    seen.add(entry.item)
                    for row in rows:
                        yield row

    async def _find_read(self, entry: Giving) -> tuple[HeldAlert, ...] | None:
        """Return what one statement gave, or None where that can't be opened: `comity item show` tells why."""
        if entry.blob in self._read:
            self._read.move_to_end(entry.blob)
            return self._read[entry.blob]
        try:
            item = self._node.attachments.opener.open_giving(entry).item
        except ComityError:
            return None
        rows = await asyncio.to_thread(_read_item, item, self._node.machine.setup.pins.realm)
        self._read[entry.blob] = rows
        while len(self._read) > KEPT_COUNT_MAX or self._count_bytes() > KEPT_SIZE_BYTES_MAX:
            self._read.popitem(last=False)
        return rows

    def _count_bytes(self) -> int:
        return sum(len(row.raw) for rows in self._read.values() for row in rows)


def _read_item(item: Item, realm: str) -> tuple[HeldAlert, ...]:
    rows = []
    for _, portion in item.portions:
        if portion.media in LANGUAGES:
            try:
                media, alert = read_warning(portion.content)
                check_status(alert, realm)
            except ComityError:
                continue  # not what it says it is, or of another realm
            rows.append(HeldAlert(Digest(item.digest), alert, portion.content, media))
    return tuple(rows)
