"""A party of the floors of figure (j): single updates, one message each, over what others use for that.

`python -m bench.feed_floor WAY PARTY PORT WINDOW`. NATS core: messages of 200 bytes through one server without TLS.
Zenoh: peers over loopback TCP, puts of 200 bytes. taky: events of Cursor on Target in XML through its relay.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final

import nats

from bench.pace import Pace

__all__ = ["PARTIES", "run_floor"]

PARTIES: Final = ("JPN", "KOR", "USA")
PAYLOAD: Final = b"x" * 200
BATCH: Final = 50
EVENT: Final = (
    '<event version="2.0" uid="{party}-1" type="a-u-A" how="m-r" time="{now}" start="{now}" stale="{then}">'
    '<point lat="37.5" lon="130.5" hae="9000" ce="80" le="120"/><detail/></event>'
)


async def _say(pace: Pace, send: Callable[[], object]) -> None:
    await pace.call(send)
    while True:
        await pace.wait_for_room()
        for _ in range(BATCH):
            send()
        pace.said += BATCH
        await asyncio.sleep(0)


async def _run_nats(party: str, port: int, pace: Pace) -> None:
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    for other in PARTIES:
        if other != party:

            async def take(_: object, other: str = other) -> None:
                pace.there[other] += 1

            await client.subscribe(f"track.{other}", cb=take)
    loop = asyncio.get_running_loop()
    await pace.call(lambda: loop.create_task(client.publish(f"track.{party}", PAYLOAD)))
    while True:
        await pace.wait_for_room()
        for _ in range(BATCH):
            await client.publish(f"track.{party}", PAYLOAD)
        pace.said += BATCH
        await asyncio.sleep(0)


async def _run_zenoh(party: str, port: int, pace: Pace) -> None:
    import zenoh  # type: ignore[import-not-found, unused-ignore] # noqa: PLC0415 -- whoever has it not has no such floor

    config, place = zenoh.Config(), PARTIES.index(party)
    config.insert_json5("mode", '"peer"')
    config.insert_json5("scouting/multicast/enabled", "false")
    config.insert_json5("listen/endpoints", f'["tcp/127.0.0.1:{port + place}"]')
    others = ", ".join(f'"tcp/127.0.0.1:{port + other}"' for other in range(place))
    config.insert_json5("connect/endpoints", f"[{others}]")
    session = zenoh.open(config)

    def take(sample: object) -> None:
        pace.there[str(sample.key_expr).rsplit("/", 1)[1]] += 1  # type: ignore[attr-defined]

    kept = [session.declare_subscriber(f"track/{other}", take) for other in PARTIES if other != party]
    kept.append(session.declare_publisher(f"track/{party}", congestion_control=zenoh.CongestionControl.BLOCK))
    await _say(pace, lambda: kept[-1].put(PAYLOAD))


async def _run_taky(party: str, port: int, pace: Pace) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    clock = (time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + ahead)) for ahead in (0, 600))
    event = EVENT.format(party=party, now=next(clock), then=next(clock)).encode()

    async def count() -> None:
        rest = b""
        while piece := await reader.read(1 << 16):
            *whole, rest = (rest + piece).split(b"</event>")
            for one in whole:
                for other in PARTIES:
                    pace.there[other] += b'uid="%s-1"' % other.encode() in one

    await asyncio.gather(count(), _say(pace, lambda: writer.write(event)))


WAYS: Final = {"nats": _run_nats, "zenoh": _run_zenoh, "taky": _run_taky}


async def run_floor(way: str, party: str, port: int, window: int) -> None:
    """Run until whoever started it is gone."""
    pace = Pace(window=window)
    await asyncio.gather(pace.follow(), pace.tell_for_ever(), WAYS[way](party, port, pace))


if __name__ == "__main__":
    asyncio.run(run_floor(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
