"""The number of each id of a source, and what comes of it when the process is killed (docs/spec/warning.md, W86)."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from comity.base.instants import MINUTE_MS, Instant
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.numbering import Numbering
from comity.node.feed.said import SaidBox
from comity.node.feed.sources import Sources
from comity.pact.parse import parse_pact
from comity.warning.door import Door
from comity.warning.rows import Block, encode_blocks
from comity.warning.tally import Reason
from comity.warning.waiting import cut_block
from kit.loop import read_profile
from kit.reports import NOW

PACT = parse_pact(read_profile("camp-david"))
AIR, SHIPS = "policy.track.air", "policy.track.surface"
LINE = {"latitude": 35.0, "longitude": 130.0, "covariance": [[900.0, 0.0], [0.0, 900.0]]}


class _Process:
    """What of a warning process numbers tracks: its door, its file, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = ProductionCeremony().generate_receiving()
        self.now = NOW
        self.start()

    def start(self) -> None:
        """Start, as after whatever ended the one before."""
        self.file = FeedFile(self.folder / FEED_FILE)
        self.box = SaidBox((self.secret,), suite=ProductionSuite(), ceremony=ProductionCeremony())
        door = Door(next_track=self.file.next_track)
        self.numbering = Numbering(door, self.file, self.box, clock=lambda: self.now)
        self.sources = Sources(door, party="JPN", realm="x", take_block=self._say)
        self.sources.on_taken = self.numbering.note
        self.sources.learn(PACT)
        self.numbering.restore(PACT)

    def kill(self) -> None:
        """End without a word, and start again."""
        self.file.close()
        self.start()

    def _say(self, block: Block) -> None:
        self.file.note_next_track(self.sources.door.next_track)
        said = [(self.box.seal(raw), self.now) for raw in encode_blocks([*cut_block(block)])]
        self.file.keep_together(said=said)
        self.said = block

    def report(
        self, *tracks: int, source: str = "radar", class_: str = AIR, is_dropped: bool = False
    ) -> list[tuple[int, int]]:
        """Report tracks a second later; return number of track and of update of each row."""
        self.now = Instant(self.now + 1_000)
        more = {"is_dropped": True} if is_dropped else {}
        lines = [
            msgspec.json.encode({**LINE, "at": self.now, **more} | ({"track": one} if one else {})) for one in tracks
        ]
        self.counts = self.sources.take(class_, source, b"\n".join(lines), now=self.now, is_replay=False)
        return [(int(row["track"]), int(row["number"])) for row in self.said.rows]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[_Process]:
    """Yield a process that was just started."""
    process = _Process(tmp_path)
    yield process
    process.file.close()


def test_an_id_has_its_number_after_a_kill_and_its_updates_go_on(process: _Process) -> None:
    """Whether it began since the numbers were kept last or before; of each source and class by itself."""
    before = process.report(7, 8)
    process.numbering.keep()
    assert process.report(7, 9) == [(before[0][0], 2), (before[1][0] + 1, 1)]
    other = process.report(7, source="lidar")
    ship = process.report(7, class_=SHIPS)
    process.kill()
    assert process.report(7, 8, 9) == [(before[0][0], 3), (before[1][0], 2), (before[1][0] + 1, 2)]
    assert process.report(7, source="lidar") == [(other[0][0], 2)]
    assert process.report(7, class_=SHIPS) == [(ship[0][0], 2)]
    assert process.report(10)[0][0] > ship[0][0], "a new one has a number that none had"
    process.kill()
    process.kill()
    assert process.report(7) == [(before[0][0], 4)]


def test_an_update_of_before_the_kill_is_known_again(process: _Process) -> None:
    """What comes twice is refused, and a jump is flagged, as if nothing had happened."""
    process.report(7)
    process.kill()
    process.now = Instant(process.now - 1_000)
    process.report(7)
    assert process.counts == {"taken": 0, Reason.DUPLICATE: 1}
    raw = msgspec.json.encode({**LINE, "at": process.now + 1_000, "latitude": 39.0, "track": 7})
    counts = process.sources.take(AIR, "radar", raw, now=Instant(process.now + 1_000), is_replay=False)
    assert counts == {"taken": 1, Reason.JUMP: 1}


def test_a_track_that_was_dropped_begins_another_after_a_kill_too(process: _Process) -> None:
    """Dropped by its source, or silent for as long as its class says; an id that began again has its last number."""
    ((first, _),) = process.report(7)
    process.report(7, is_dropped=True)
    process.kill()
    ((second, _),) = process.report(7)
    assert second != first
    process.report(7, is_dropped=True)
    ((third, _),) = process.report(7)
    process.kill()
    assert process.report(7) == [(third, 2)]
    process.now = Instant(process.now + 10 * MINUTE_MS + 1)
    process.kill()
    assert process.report(7)[0][0] > third


def test_single_observations_are_counted_on(process: _Process) -> None:
    """None is named as one from before."""
    assert process.report(0, 0) == [(0, 1), (0, 2)]
    process.kill()
    assert process.report(0) == [(0, 3)]
    process.numbering.keep()
    process.kill()
    assert process.report(0) == [(0, 4)]


def test_what_is_kept_is_sealed_and_bounded(process: _Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """No id stands there in the clear; of too many sources those heard of last come back; other keys find none."""
    monkeypatch.setattr("comity.node.feed.numbering.SOURCE_COUNT_MAX", 2)
    for number, source in enumerate(("radar-1", "radar-2", "radar-3")):
        process.report(0x11223344556677 + number, source=source)
    process.kill()
    assert sorted(source for source, _ in process.sources.door.tracks) == ["radar-2", "radar-3"]
    raw = b"".join(path.read_bytes() for path in process.folder.rglob("*") if path.is_file())
    assert b"radar-" not in raw
    assert np.uint64(0x11223344556677).tobytes() not in raw
    process.secret = ProductionCeremony().generate_receiving()
    process.kill()
    assert not process.sources.door.tracks
