"""`comity warning listen`: sensors' own formats at the door of a feed (docs/spec/exchange.md, X69 to X71)."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from comity.cli.streams import Piece, open_pieces
from comity.node.home import find_free_port
from kit.command import Run
from kit.feed_door import open_feed_door

SHIPS = "policy.track.surface"
LINES = b"!AIVDM,1,1,,A,33P;Tw0tjBQO22:E7dm66DrB20UP,0*2E\n!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0*6C\n"


def test_a_log_of_ais_is_handed_in(comity: Run, tmp_path: Path) -> None:
    """What was heard and what came of it are two counts; the sensor is named as its operator wishes."""
    file = tmp_path / "log.nmea"
    file.write_bytes(LINES + b"noise\n")
    with open_feed_door(tmp_path) as door:
        status, out, err = comity(
            "warning", "listen", "ais", file, "--class", SHIPS, "--called", "AIS roof", "--home", tmp_path
        )
        assert (status, err) == (0, "")
        assert out.splitlines() == ["heard: reported 2, other 1", "handed in: taken 2"]
        assert [(block.sensors, len(block.rows)) for block in door.blocks] == [(("AIS roof",), 2)]
        assert list(door.sources.door.tallies) == ["ais"]


@pytest.mark.parametrize("scheme", ["tcp-listen", "udp"])
def test_a_listener_takes_what_comes_from_the_network(scheme: str) -> None:
    """On loopback where no address is named. Nobody is there before it listens, so it is sent until it comes."""
    port = find_free_port("127.0.0.1")

    async def send() -> None:
        if scheme == "udp":
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
            )
            transport.sendto(LINES)
            transport.close()
            return
        with contextlib.suppress(ConnectionError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(LINES)
            writer.close()
            await writer.wait_closed()

    async def listen() -> bytes:
        pieces = open_pieces(f"{scheme}://:{port}")
        coming = asyncio.ensure_future(anext(pieces))
        while not coming.done():
            await send()
            await asyncio.wait({coming}, timeout=0.05)
        raw = coming.result().raw
        await pieces.aclose()  # type: ignore[attr-defined]
        return raw

    assert asyncio.run(listen()).rstrip() == LINES.rstrip()


def test_a_client_reads_a_server_to_its_end_and_connects_again() -> None:
    """Each connection is a stream of its own, with its own end."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(LINES)
        writer.close()

    async def read() -> list[Piece]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        pieces = open_pieces(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        found = [await anext(pieces) for _ in range(3)]
        await pieces.aclose()  # type: ignore[attr-defined]
        server.close()
        return found

    assert asyncio.run(read()) == [Piece(0, LINES), Piece(0, b""), Piece(1, LINES)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sonar",), "sensor.unknown"),
        (("ais", "tcp://:10110"), "sensor.where"),
        (("ais", "udp://:0"), "sensor.where"),
        (("ais", "no-such-file"), "file.unreadable"),
        (("ais", "--called", "-"), "sensor.called"),
    ],
)
def test_what_cannot_be_listened_to_has_a_code(
    comity: Run, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    """Before anything was handed in."""
    with open_feed_door(tmp_path) as door:
        status, out, _ = comity("warning", "listen", *arguments, "--class", SHIPS, "--home", tmp_path, "--json")
        assert (status, json.loads(out)["error"]) == (2, code)
        assert door.blocks == []


def test_a_class_that_the_sensor_is_not_about_is_refused(comity: Run, tmp_path: Path) -> None:
    """So is one that the party does not report, and a feed that does not run."""
    asked = ("warning", "listen", "ais", "--home", tmp_path, "--json", "--class")
    with open_feed_door(tmp_path):
        assert json.loads(comity(*asked, "policy.track.air")[1])["error"] == "sensor.class"
        assert json.loads(comity(*asked, "policy.track.none")[1])["error"] == "warning.not-reported"
    assert json.loads(comity(*asked, SHIPS)[1])["error"] == "warning.not-running"
