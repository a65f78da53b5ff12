"""What consumers put in by TAXII: imported like an officer's file, under the marking that was set with the consumer.

The status says of each object whether it came in, and by which code not. It is kept for a while, in memory, for the
consumer that put in; what was imported is in the record.
"""

import asyncio
import uuid
from collections import OrderedDict
from typing import Any, Final

import msgspec

from comity.api.desk import Desk
from comity.api.importing import Importer
from comity.base.errors import UsageError
from comity.exchange.consumer import Consumer
from comity.exchange.marker import Wish
from comity.exchange.stix_read import read_bundle
from comity.exchange.taxii import format_us

__all__ = ["Receptions"]

KEPT_COUNT_MAX: Final = 256
KEPT_SIZE_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of all statuses together, but for the last one: a status has a row for each object."""


class Receptions:
    """What was put in lately."""

    def __init__(self, desk: Desk, importer: Importer) -> None:
        self._desk = desk
        self._importer = importer
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    async def take(self, consumer: Consumer, raw: bytes) -> bytes:
        """Import an envelope; return its status resource as JSON (TAXII 2.1, section 4.3.1).

        Raises:
            UsageError: `consumer.may-not-add`; what an import raises.
            RemoteError: what an import refuses whole.
        """
        adding = consumer.adding
        if adding is None:
            raise UsageError("consumer.may-not-add")
        at = format_us(self._desk.node.now() * 1000)
        wish = Wish(adding.topics, adding.level, adding.caveats)
        done = await self._importer.take(raw, format_="stix", to=adding.to, wish=wish, is_preview=False)
        found, _ = await asyncio.to_thread(read_bundle, raw)
        failed = [{"id": row["id"], "version": at, "message": row["code"]} for row in done["refused"]]
        places = {row["index"] for row in done["refused"]}
        came = [{"id": one.object.id, "version": one.object.version or at} for one in found if one.place not in places]
        id_ = str(uuid.uuid4())
        shown: dict[str, Any] = {"id": id_, "status": "complete", "request_timestamp": at,
                  "total_count": len(came) + len(failed), "success_count": len(came), "successes": came,
                  "failure_count": len(failed), "failures": failed, "pending_count": 0}  # fmt: skip
        status = self._kept[consumer.name, id_] = msgspec.json.encode(shown)
        while len(self._kept) > 1 and (len(self._kept) > KEPT_COUNT_MAX or self._count_bytes() > KEPT_SIZE_BYTES_MAX):
            self._kept.popitem(last=False)
        return status

    def _count_bytes(self) -> int:
        return sum(map(len, self._kept.values()))

    def find(self, consumer: Consumer, id_: str) -> bytes | None:
        """Return the status of what this consumer put in; None for any other's."""
        return self._kept.get((consumer.name, id_))
