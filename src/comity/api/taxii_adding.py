"""What consumers put in by TAXII: imported like an officer's file, under the marking that was set with the consumer.

The status says of each object whether it came in, and by which code not. It is kept for a while, in memory, for the
consumer that put in; what was imported is in the record.
"""

import asyncio
import uuid
from collections import OrderedDict
from typing import Any, Final

from comity.api.desk import Desk
from comity.api.importing import Importer
from comity.base.errors import UsageError
from comity.exchange.consumer import Consumer
from comity.exchange.marker import Wish
from comity.exchange.stix_read import read_bundle
from comity.exchange.taxii import format_us

__all__ = ["Receptions"]

KEPT_COUNT_MAX: Final = 256


class Receptions:
    """What was put in lately."""

    def __init__(self, desk: Desk, importer: Importer) -> None:
        self._desk = desk
        self._importer = importer
        self._kept: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    async def take(self, consumer: Consumer, raw: bytes) -> dict[str, Any]:
        """Import an envelope; return its status resource (TAXII 2.1, section 4.3.1).

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
        status: dict[str, Any] = {"id": id_, "status": "complete", "request_timestamp": at,
                  "total_count": len(came) + len(failed), "success_count": len(came), "successes": came,
                  "failure_count": len(failed), "failures": failed, "pending_count": 0}  # fmt: skip
        self._kept[consumer.name, id_] = status
        while len(self._kept) > KEPT_COUNT_MAX:
            self._kept.popitem(last=False)
        return status

    def find(self, consumer: Consumer, id_: str) -> dict[str, Any] | None:
        """Return the status of what this consumer put in; None for any other's."""
        return self._kept.get((consumer.name, id_))
