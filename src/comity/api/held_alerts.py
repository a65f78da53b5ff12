"""Public warnings that came in items, as somebody may have them (X32, X35): asked of the funnel first, opened then.

Rules
- Nothing is opened for a reader who may not have it, so the time of an answer tells nothing of it either.
- What this node must not open, because it is destroyed or in quarantine, goes out to nobody (R50, R53); nor does what
  was asked back, or has expired (X50).
- The status of an alert and the realm must fit here too (X34): who gave the item wrote it with software of his own.
- What a list says of an item is kept by its blob, for reading is slow and a feed is polled; whether it goes out is
  asked anew. Whoever wants one alert has it read then.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Container
from typing import Final, NamedTuple

from comity.api.outgoing import Outgoing
from comity.api.released import prepare_givings
from comity.api.views.exchange import AlertBody
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
from comity.procedure.stated import Stated
from comity.procedure.verdict import Permit

__all__ = [
    "LANGUAGES",
    "PAUSE_COUNT",
    "HeldAlert",
    "HeldAlerts",
    "ListedAlert",
    "MayHave",
    "has_no_ceiling",
    "read_warning",
    "show_alert",
]

LANGUAGES: Final = {MEDIA: "", JMA_MEDIA: "ja"}
"""The formats of warnings that came in, and the language of all their text; alerts name their own."""
LISTED_COUNT_MAX: Final = 100_000
LISTED_SIZE_MAX: Final = 64 * 1024 * 1024
"""Items whose alerts are known without opening them, and characters kept of these: a poll opens only what is new."""
PAUSE_COUNT: Final = 256
"""Givings that are looked at before the node goes on with something else."""

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


class ListedAlert(NamedTuple):
    """What a list says of one, and no more of it."""

    item: Digest
    shown: AlertBody
    size: int


class HeldAlerts:
    """The alerts that lie in one node's items."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._outgoing = Outgoing(node)
        self._listed: OrderedDict[bytes, tuple[ListedAlert, ...]] = OrderedDict()
        """By blob; empty for an item without alerts."""
        self._listed_size = 0

    async def list(
        self, *, to: Party, goes_out: bool, may_have: MayHave = has_no_ceiling, only: Container[bytes] | None = None
    ) -> AsyncIterator[ListedAlert]:
        """Yield what a list says of the alerts that `to` may have now, item by item as they were first given here.

        What an officer of this party looks at himself is everything that can be opened; what goes out is less (X50).
        `only`: of these items alone.
        """
        seen: set[bytes] = set()
        may_get = self._find_may(to, may_have)
        for number, stated in enumerate(self._node.shelf.find_givings()):
            if number % PAUSE_COUNT == PAUSE_COUNT - 1:
                await asyncio.sleep(0)
            entry = stated.entry
            assert isinstance(entry, Giving)
            if entry.item in seen or (only is not None and entry.item not in only) or not may_get(entry):
                continue
            # What is known to hold none needs no further look; asked only of what the reader may have.
            if self._listed.get(entry.blob) == () or not self._may_open(stated, goes_out=goes_out):
                continue
            rows = await self._find_listed(entry)
            if rows is not None:
                seen.add(entry.item)
                for row in rows:
                    yield row

    async def find(
        self, item: Digest, *, to: Party, goes_out: bool, may_have: MayHave = has_no_ceiling
    ) -> tuple[HeldAlert, ...]:
        """Return the alerts of one item as they came, if `to` may have them now; as `list`."""
        may_get = self._find_may(to, may_have)
        for stated in self._node.shelf.find_givings():
            entry = stated.entry
            assert isinstance(entry, Giving)
            if entry.item != item or not may_get(entry):
                continue
            if self._may_open(stated, goes_out=goes_out) and (rows := await self._read(entry)) is not None:
                return rows
        return ()

    def _find_may(self, to: Party, may_have: MayHave) -> Callable[[Giving], bool]:
        decide = prepare_givings(self._node.machine, to=to, at=self._node.now())
        return lambda entry: isinstance(decide(entry), Permit) and may_have(entry.markings)

    def _may_open(self, giving: Stated, *, goes_out: bool) -> bool:
        entry, node = giving.entry, self._node
        assert isinstance(entry, Giving)
        if goes_out:
            return self._outgoing.may_go(giving, at=node.now())
        return find_refusal(node, giving) is None and node.shelf.has(entry.blob)

    async def _find_listed(self, entry: Giving) -> tuple[ListedAlert, ...] | None:
        """Return what a list says of what one statement gave; None where that can't be opened."""
        if entry.blob in self._listed:
            self._listed.move_to_end(entry.blob)
            return self._listed[entry.blob]
        found = await self._read(entry)
        if found is None:
            return None
        rows = tuple(_list_alert(row) for row in found)
        if entry.blob in self._listed:  # somebody else read it meanwhile
            return rows
        self._listed[entry.blob] = rows
        self._listed_size += sum(row.size for row in rows)
        while len(self._listed) > LISTED_COUNT_MAX or self._listed_size > LISTED_SIZE_MAX:
            _, gone = self._listed.popitem(last=False)
            self._listed_size -= sum(row.size for row in gone)
        return rows

    async def _read(self, entry: Giving) -> tuple[HeldAlert, ...] | None:
        """Return what one statement gave, or None where that can't be opened: `comity item show` tells why."""
        try:
            item = self._node.attachments.opener.open_giving(entry).item
        except ComityError:
            return None
        return await asyncio.to_thread(_read_item, item, self._node.machine.setup.pins.realm)


def show_alert(alert: Alert) -> AlertBody:
    """Return what a list says of an alert."""
    return {
        "sender": alert.sender,
        "identifier": alert.identifier,
        "sent": alert.sent,
        "status": alert.status,
        "message_type": alert.message_type,
        "scope": alert.scope,
        "restriction": alert.restriction,
        "references": alert.references,
        "version": alert.version,
        "is_signed": alert.is_signed,
        "is_verified": False,
        "languages": [block.language for block in alert.blocks],
        "headlines": [block.headline or block.event for block in alert.blocks],
    }


def _list_alert(row: HeldAlert) -> ListedAlert:
    shown = show_alert(row.alert)
    return ListedAlert(row.item, shown, len(repr(shown)))


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
