"""The own outbox over NATS JetStream: publishing with a fence, and rebuilding from the store.

The rules are in `outbox`; here is how JetStream is made to keep them. By experiment, a repeated publish answers
"duplicate" or error 10071, according to the sequence that it expects, and a time-out says nothing: a page may have been
taken. In all three cases the page is read back and its bytes decide. An answer of success is believed without reading
back, because the store holds the page in any case.
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Party
from comity.crypto.link import LinkKeys, get_link_public
from comity.node.accounts import login_seed
from comity.node.outbox import Answerer, Held, Keyed
from comity.node.pages_service import PagesService
from comity.node.session import Session
from comity.node.stream import Reader, Stream
from comity.node.streams_api import ASK_S_MAX, StreamsApi, read_answer
from comity.node.wire import Endpoint, make_tls_context

__all__ = ["JetStreamOutbox"]

REBUILD_COUNT_IN_FLIGHT: Final = 64
_WRONG_LAST_SEQUENCE: Final = 10071


class JetStreamOutbox:
    """See `outbox.Outbox`. `endpoint` is the bundled server; of a party's own cluster, `more` are the others."""

    def __init__(self, endpoint: Endpoint, keys: LinkKeys, *, replicas: int = 1, more: Sequence[Endpoint] = ()) -> None:
        own = get_link_public(keys)
        self._service = PagesService()
        self._session = Session(
            (endpoint, *more),
            context=make_tls_context(keys, server=own),
            login=login_seed(keys, client=own, server=own, reader=None),
            prepare=self._service.attach,
        )
        self._api = StreamsApi(self._session, replicas=replicas)

    async def ensure_stream(self, stream: Stream, readers: Sequence[Party]) -> int:
        last = await self._api.create_stream(stream, first_sequence=1)
        for party in readers:
            await self._api.ensure_cursor(stream, stream.reader(party), start=1)
        return last

    async def publish(self, stream: Stream, key: str, page: bytes, *, expected_last_sequence: int) -> int:
        assert len(page) <= stream.page_size_bytes_max
        headers = {
            "Nats-Msg-Id": key,
            "Nats-Expected-Stream": stream.name,
            "Nats-Expected-Last-Sequence": str(expected_last_sequence),
        }
        wire = await self._api.get_wire()
        try:
            answer = await wire.request(stream.subject, page, timeout_s=ASK_S_MAX, headers=headers)
        except OutageError:
            return await self._settle(stream, page, expected_last_sequence)
        if answer.status:
            raise OutageError("outbox.no-stream")
        content, number = read_answer(answer)
        if number == _WRONG_LAST_SEQUENCE or content.get("duplicate"):
            return await self._settle(stream, page, expected_last_sequence)
        if number:
            raise OutageError("outbox.unavailable", server_code=number)
        sequence: int = content["seq"]
        assert sequence == expected_last_sequence + 1, "the server broke the fence"
        return sequence

    async def last_sequence(self, stream: Stream) -> int:
        sequence: int = (await self._api.get_stream(stream))["state"]["last_seq"]
        return sequence

    async def count_pages(self, stream: Stream) -> int:
        count: int = (await self._api.get_stream(stream))["state"]["messages"]
        return count

    async def describe(self, stream: Stream) -> Held:
        state = (await self._api.get_stream(stream))["state"]
        first = state["first_seq"] if state["messages"] else state["last_seq"] + 1
        return Held(first, state["last_seq"], state["messages"], state["consumer_count"])

    async def find_page(self, stream: Stream, sequence: int) -> bytes | None:
        return await self._api.find_page(stream, sequence)

    async def rebuild(
        self, stream: Stream, readers: Sequence[Party], pages: Iterable[Keyed], *, first_sequence: int = 1
    ) -> int:
        floors = await self._take_down(stream, readers)
        last = await self._api.create_stream(stream, first_sequence=first_sequence)
        assert last == first_sequence - 1
        kept: set[int] = set()
        source = iter(pages)
        while batch := list(islice(source, REBUILD_COUNT_IN_FLIGHT)):
            # The server takes what comes on one connection in order, so the fences hold although many are under way.
            await asyncio.gather(
                *(
                    self.publish(stream, keyed.key, keyed.page, expected_last_sequence=last + offset)
                    for offset, keyed in enumerate(batch)
                )
            )
            placed = enumerate(batch, start=last + 1)
            kept |= {sequence for sequence, keyed in placed if (sequence, keyed.page) in floors.values()}
            last += len(batch)
        for party in readers:
            floor, _ = floors.get(party, (0, None))
            start = floor + 1 if floor in kept else 1
            await self._api.ensure_cursor(stream, stream.reader(party), start=start)
        return last

    async def serve_pages(self, readers: Sequence[Reader], answer: Answerer) -> None:
        await self._service.serve(readers, answer, await self._api.get_wire())

    async def close(self) -> None:
        self._service.close()
        await self._session.close()

    async def _settle(self, stream: Stream, page: bytes, expected: int) -> int:
        """Find out whether a page is where it should be, after an answer that leaves it open."""
        held = await self._api.find_page(stream, expected + 1)
        if held == page:
            return expected + 1
        if held is not None:
            raise UsageError("outbox.fenced", sequence=expected + 1)
        last = await self.last_sequence(stream)
        raise OutageError("outbox.unavailable" if last == expected else "outbox.behind", sequence=last)

    async def _take_down(self, stream: Stream, readers: Sequence[Party]) -> dict[Party, tuple[int, bytes | None]]:
        """Delete the stream if there is one; return where each reader had acknowledged everything, and the page there.

        A stream with a hole says nothing about what its readers got: they begin anew.
        """
        try:
            state = (await self._api.get_stream(stream))["state"]
        except OutageError as error:
            if error.code == "outbox.no-stream":
                return {}
            raise
        floors: dict[Party, tuple[int, bytes | None]] = {}
        if state["messages"] == state["last_seq"] - state["first_seq"] + 1:
            for party in readers:
                cursor = await self._api.find_cursor(stream, stream.reader(party))
                floor = cursor["ack_floor"]["stream_seq"] if cursor else 0
                if floor:
                    floors[party] = (floor, await self._api.find_page(stream, floor))
        await self._api.delete_stream(stream)
        return floors
