"""The socket of the warning process: its verbs, whoever listens, and who listens too slowly (W36, W37)."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Realm
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.identity import NodeSecrets
from comity.journal.trust import Pins
from comity.node.feed import picturing, topic
from comity.node.feed.door_socket import NO_FRAME, Asked, DoorSocket, connect
from comity.node.feed.earlier import Earlier
from comity.node.feed.frames import FeedSetup, FeedState
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.picturing import Picturing
from comity.node.feed.retelling import Came, Retelling
from comity.node.feed.showing import show_rows
from comity.node.feed.telling_blocks import BlockStream
from comity.node.feed.verbs import Verbs
from comity.pact.parse import parse_pact
from comity.warning.frame import HEAD, What
from comity.warning.layout import Flag
from comity.warning.rows import Block, encode_block, read_block
from comity.warning.trails import TRAIL_HEAD
from kit.loop import read_profile
from kit.patience import until
from kit.tracks import make_rows

NOW = Instant(1_795_000_000_000)
BALLISTIC = "policy.track.ballistic"
PACT = parse_pact(read_profile("camp-david"))
SECRETS = NodeSecrets(0, bytes(32), bytes(32), ProductionCeremony().generate_receiving())


def _make_block(*tracks: int, at: int = NOW - 1_000, kind: int = 0xFFFF) -> Block:
    plain = {"at": at, "flags": Flag.ALTITUDE | Flag.VELOCITY, "kind": kind}
    rows = make_rows(*({**plain, "track": track, "latitude": 100_000_000 * track % 900_000_000} for track in tracks))
    return Block.of_rows(BALLISTIC, rows)


class _Process:
    """A warning process without a feed: a file, a picture, the socket."""

    def __init__(self, folder: Path) -> None:
        suite = ProductionSuite()
        pins = Pins(bytes(32), Realm("x"), {})
        setup = FeedSetup("USA", Realm("x"), pins, SECRETS, (SECRETS.receiving,), None, {}, 1, str(folder))  # type: ignore[arg-type]
        self.file = FeedFile(folder / FEED_FILE)
        self.retelling = Retelling(setup, suite=suite, ceremony=ProductionCeremony())
        self.retelling.before_read = self.file.settle
        self.blocks = BlockStream(setup, self.retelling)
        self.now = NOW
        self.picturing = Picturing("USA", read_kept=self._read_kept, clock=lambda: self.now)
        self.failures: list[BaseException] = []
        self.picturing.on_failed = self.failures.append
        earlier = Earlier(self.retelling, self.picturing, party="USA", clock=lambda: self.now)
        self.verbs = Verbs(
            self.blocks,
            self.picturing,
            earlier,
            show=dict,
            take=lambda *_, **__: None,
            find=lambda _: None,
            suite=suite,
            clock=lambda: self.now,
        )
        state = FeedState((), bytes(32), b"pact", (), (), ())
        self.blocks.learn(state, PACT)
        self.picturing.set_pact(PACT)
        self.verbs.pact = PACT
        self.socket = DoorSocket(folder, self.verbs.table)

    def _read_kept(self, since: int) -> Iterator[Came]:
        return self.retelling.read(since=since, until=self.now)

    def say(self, block: Block) -> None:
        """Say a block, as the process does."""
        self.file.keep_together(said=[(self.retelling.box.seal(encode_block(block)), self.now)])
        self.hear("USA", block)

    def hear(self, author: str, block: Block) -> None:
        """Take a block of anybody."""
        self.picturing.take(Came(author, self.now, block))
        self.blocks.tell(author, self.now, block)


def _play(folder: Path, play: Callable[[_Process], Awaitable[None]]) -> None:
    async def run() -> None:
        process = _Process(folder)
        await process.socket.start()
        keeping = asyncio.get_running_loop().create_task(process.picturing.run())
        try:
            await play(process)
        finally:
            keeping.cancel()
            await process.socket.stop()
            process.file.close()
        assert not process.failures

    asyncio.run(run())


async def _ask(folder: Path, **asked: object) -> Any:
    async with connect(folder) as (reader, writer):
        writer.write(json.dumps(asked).encode() + b"\n")
        return json.loads(await reader.read())


async def _read_message(reader: asyncio.StreamReader) -> Any:
    size = int.from_bytes(await reader.readexactly(4), "big")
    return msgspec.msgpack.decode(await reader.readexactly(size))


async def _read_all(reader: asyncio.StreamReader) -> None:
    while True:
        await _read_message(reader)


async def _read_head(reader: asyncio.StreamReader) -> Any:
    size = int.from_bytes(await reader.readexactly(4), "little")
    return np.frombuffer((await reader.readexactly(size))[: HEAD.itemsize], HEAD)[0]


def test_blocks_come_with_what_was_before_and_what_counts_is_told(tmp_path: Path) -> None:
    """The home first, blocks kept within the time asked for, a word that these were all, then new ones that count."""

    async def play(process: _Process) -> None:
        process.say(_make_block(1))
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "blocks", "since_ms": 60000}\n')
            home = await _read_message(reader)
            assert (home[0], home[3], home[4]) == ("home", "USA", b"pact")
            before = await _read_message(reader)
            assert (before[:3], int(read_block(before[3]).rows["track"][0])) == (["block", "USA", NOW], 1)
            assert await _read_message(reader) == ["whole"]
            process.hear("GHOST", _make_block(8))
            process.hear("JPN", _make_block(2))
            assert (await _read_message(reader))[1] == "JPN", "none of a party that may not report"
            process.blocks.learn(FeedState((), bytes(32), b"another", (), (), ()), PACT)
            assert (await _read_message(reader))[4] == b"another"

    _play(tmp_path, play)


def test_frames_begin_with_all_that_stands_and_go_on_with_what_changed(tmp_path: Path) -> None:
    """Whoever joins later is given the same and goes on with the same changes; own blocks are back after a start."""

    async def play(process: _Process) -> None:
        process.say(_make_block(1))
        process.hear("JPN", _make_block(2))
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "frames"}\n')
            head = await _read_head(reader)
            assert (head["what"], head["new_count"]) == (What.WHOLE, 2)
            process.now = Instant(NOW + 1_000)
            process.hear("JPN", _make_block(3))
            while (head := await _read_head(reader))["new_count"] == 0:
                assert head["what"] == What.CHANGE
            async with connect(tmp_path) as (second, asking):
                asking.write(b'{"do": "frames"}\n')
                joined = await _read_head(second)
                assert (joined["what"], joined["new_count"]) == (What.WHOLE, 3)
                assert (await _read_head(second))["number"] == joined["number"] + 1
        shown = await _ask(tmp_path, do="picture")
        assert [one["name"] for one in shown["objects"]] == ["JPN-0002", "JPN-0003", "USA-0001"]
        assert {of["author"]: of["latest_ms"] for of in shown["delays"]} == {"JPN": 2_000, "USA": 0}

    async def play_again(_: _Process) -> None:
        shown = await _ask(tmp_path, do="picture")
        assert [one["name"] for one in shown["objects"]] == ["USA-0001"]

    _play(tmp_path, play)
    _play(tmp_path, play_again)


def test_whoever_looks_is_shown_the_picture_of_other_classes_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is left with a picture that goes on no more; and who comes after all were gone sees no older instant."""
    monkeypatch.setattr(picturing, "CYCLE_MS", 10)

    async def play(process: _Process) -> None:
        process.say(_make_block(1))
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "frames"}\n')
            assert (await _read_head(reader))["what"] == What.WHOLE
            assert (await _read_head(reader))["what"] == What.CHANGE
            others = tuple(row for row in PACT.track_classes if row.id != BALLISTIC)
            process.picturing.set_pact(msgspec.structs.replace(PACT, track_classes=others))
            while (head := await _read_head(reader))["what"] == What.CHANGE:
                pass
            assert head["new_count"] == 0
        await until(lambda: process.picturing._writer is None)
        process.now = Instant(NOW + 60_000)
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "frames"}\n')
            head = await _read_head(reader)
            assert (head["what"], head["at"]) == (What.WHOLE, process.now)

    _play(tmp_path, play)


def test_earlier_pictures_and_trails_are_made_from_what_is_kept(tmp_path: Path) -> None:
    """At an instant only what is of it counts; a frame of it ends the stream; beyond the day there is nothing."""

    async def play(process: _Process) -> None:
        process.now = Instant(NOW - 60_000)
        process.say(_make_block(1, at=NOW - 61_000))
        process.now = NOW
        process.say(_make_block(1, 2))
        shown = await _ask(tmp_path, do="picture", at=NOW - 30_000)
        assert [one["name"] for one in shown["objects"]] == ["USA-0001"]
        assert shown["objects"][0]["members"][0]["at"] == NOW - 61_000
        assert await _ask(tmp_path, do="picture", at=NOW - 2 * 86_400_000) == {"code": "warning.not-kept"}
        assert await _ask(tmp_path, do="picture", at=NOW + 1) == {"code": "warning.not-kept"}
        async with connect(tmp_path) as (reader, writer):
            writer.write(json.dumps({"do": "frames", "at": NOW}).encode() + b"\n")
            assert (await _read_head(reader))["new_count"] == 2
            assert await reader.read() == b""
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "trails", "minutes": 5}\n')
            head = np.frombuffer((await reader.read())[4 : 4 + TRAIL_HEAD.itemsize], TRAIL_HEAD)[0]
            assert (head["trail_count"], head["point_count"], head["step_ms"]) == (2, 3, 2_500)

    _play(tmp_path, play)


def test_a_kind_that_the_class_lacks_ends_no_stream() -> None:
    """A peer's row may name any kind: it is shown as unknown."""
    line = json.loads(show_rows("JPN", _make_block(1, kind=999), PACT, at=NOW, realm="exercise/a"))
    assert (line["kind"], line["realm"]) == ("", "exercise/a")


def test_who_reads_too_slowly_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who comes when the room is full is refused with a code, which begins no message."""
    monkeypatch.setattr(topic, "ROOM_SIZE_BYTES", 1_000)
    monkeypatch.setattr(topic, "LISTENER_COUNT_MAX", 1)

    async def play(process: _Process) -> None:
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "blocks"}\n')
            await _read_message(reader)
            async with connect(tmp_path) as (second, asking):
                asking.write(b'{"do": "blocks"}\n')
                assert await second.read() == NO_FRAME + b'{"code":"warning.too-many"}\n'
            blocks = [_make_block(*range(1, 300)) for _ in range(200)]
            for block in blocks:
                process.hear("JPN", block)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await _read_all(reader)

    _play(tmp_path, play)


def test_who_still_listens_at_the_end_is_let_go_quietly(tmp_path: Path) -> None:
    """Nothing is reported as a fault when the process ends while somebody listens."""

    async def play(process: _Process) -> None:
        faults: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        async with connect(tmp_path) as (reader, writer):
            writer.write(b'{"do": "blocks"}\n')
            await _read_message(reader)
            await process.socket.stop()
            with contextlib.suppress(ConnectionError):
                await reader.read()
        assert not faults

    _play(tmp_path, play)


def test_what_is_asked_is_bounded() -> None:
    """A number beyond its bound is no question."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"do": "trails", "minutes": 181}', type=Asked)


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """A damaged file is an outage with a code, whatever was asked of it."""
    process = _Process(tmp_path)
    process.file.close()
    (tmp_path / FEED_FILE).write_bytes(b"no file of ours" * 1_000)
    with pytest.raises(OutageError, match=r"store\.damaged"):
        list(process.retelling.read(since=0, until=NOW))
