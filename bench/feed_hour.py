"""An hour of the warning feed at 10,000 updates a second, on a clock of its own: what memory it holds, each minute.

`python -m bench.feed_hour [--minutes 60] [--rate 10000] [--out FOLDER] [--log FILE]`: an author's door, channel and
file, a reader's channel, file and picture, with the production's cryptography and real files, in one process. The files
keep ten minutes instead of a day, so that letting go of pages is part of the hour. Tracks live five minutes and others
come after them; one report in a hundred comes twice, one in a hundred late. Nothing waits for the clock: the hour takes
what it takes to reckon.
"""

import argparse
import gc
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.feed_page import Minute, write_page
from bench.flying import AIR
from bench.homes import CEREMONY, SUITE, build_homes, read_home
from bench.pact import read_without_offices
from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import parse_page
from comity.journal.trust import Trust
from comity.journal.writer import wrap_epoch_key
from comity.node.ceremony import Accepted
from comity.node.feed.kept import FEED_FILE, Brought, FeedFile
from comity.pact.parse import parse_pact
from comity.procedure.verdict import Permit
from comity.warning.channel import Channel, ChannelSettings
from comity.warning.domain import read_terms
from comity.warning.door import Door, DoorRules
from comity.warning.effect import PageOut
from comity.warning.layout import Flag
from comity.warning.picture import Picture
from comity.warning.reports import GUESS, REPORT, Reports
from comity.warning.rows import Rows
from comity.warning.telling import Releases, Ruling, Terms

__all__ = ["run_hour"]

LIVE_COUNT: Final = 1_000
LIFE_S: Final = 300
KEEP_MS: Final = 10 * MINUTE_MS
SOURCE: Final = "radar"


class End(NamedTuple):
    """One party's end of the feed."""

    party: Party
    channel: Channel
    file: FeedFile


class Hour:
    """Both ends, and the clock that they share."""

    def __init__(self, root: Path, *, rate_per_s: int) -> None:
        profile = read_without_offices("camp-david")
        parties = build_homes(root, profile)
        homes = {party: read_home(root / party)[1] for party in parties}
        statements = sorted({one for of in homes.values() for one in (of.certificate, *of.statements)})
        author, reader, *others = parties
        self._digest = homes[author].digest
        self.author = self._make_end(author, homes[author], statements, [reader, *others])
        self.reader = self._make_end(reader, homes[reader], statements, [])
        pact = parse_pact(profile)
        row = pact.find_track_class(AIR)
        assert row is not None
        self._row = row
        self.door = Door()
        self.door.admit_source(SOURCE, DoorRules(rate_per_s=2 * rate_per_s, burst=4 * rate_per_s))
        self.picture = Picture(read_terms(pact))
        self.now = Instant(time.time_ns() // 1_000_000 // SECOND_MS * SECOND_MS)
        self._began_at = self.now
        self._flown = Flying(rate_per_s)
        self.taken_count = 0

    def _make_end(self, party: Party, of: Accepted, statements: list[bytes], tells: list[Party]) -> End:
        trust = Trust(of.pins, SUITE)
        trust.learn_all(statements)
        settings = ChannelSettings(of.pins.lineage, of.realm, party, of.secrets.node)
        channel = Channel(settings, trust=trust, receiving_secrets=of.secrets.receiving, suite=SUITE)
        told = tuple(Ruling(AIR, to, Permit("hour", (party, to)), Terms("hour")) for to in tells)
        channel.set_releases(Releases(Digest(self._digest), party, told))
        return End(party, channel, FeedFile(of.path / FEED_FILE, keep_ms=KEEP_MS))

    def run_second(self) -> None:
        """Report for a second, send it, take it, and look at the picture."""
        self.now = Instant(self.now + SECOND_MS)
        second = (self.now - self._began_at) // SECOND_MS
        taken = self.door.take(SOURCE, self._row, self._flown.report(second, self.now), self.now)
        self.author.channel.say(taken.block, at=self.now)
        for page in self._write():
            self._hand(page)
        self.reader.channel.give_up(self.now)
        self.picture.at(self.now)
        if self.now % MINUTE_MS == 0:
            self.author.channel.find_anchors()
            for end in (self.author, self.reader):
                end.file.prune(self.now)

    def _write(self) -> Iterator[PageOut]:
        channel = self.author.channel
        while True:
            for wish in channel.take_wishes(self.now):
                key = CEREMONY.random(32)
                commitment, wraps = wrap_epoch_key(
                    journal=wish.journal, epoch=wish.epoch, key=key, readers=wish.readers,
                    suite=SUITE, ceremony=CEREMONY,
                )  # fmt: skip
                channel.take_wrapped(wish, key=key, commitment=commitment, wraps=wraps)
            pages = channel.write(self.now, salt=CEREMONY.random(32))
            if not pages:
                return
            self.author.file.keep_own([parse_page(page.raw, SUITE) for page in pages], at=self.now)
            for page in pages:
                channel.note_out(page)
                yield page

    def _hand(self, page: PageOut) -> None:
        taken = self.reader.channel.take(page.raw, self.now)
        self.reader.file.keep_together(others=[Brought((parse_page(page.raw, SUITE),), self.now)])
        for received in taken.received:
            for block in received.blocks:
                self.picture.take(received.author, block, self.now)
                self.taken_count += len(block.rows)

    def close(self) -> None:
        """Let go of the files."""
        self.author.file.close()
        self.reader.file.close()


class Flying:
    """Reports of tracks that come and go."""

    def __init__(self, rate_per_s: int) -> None:
        self._draw = np.random.default_rng(2026)
        self._count = rate_per_s
        self._twice: Rows = np.empty(0, REPORT)

    def report(self, second: int, now: Instant) -> Reports:
        """Return a second's reports: each track in turn, some of them once more in the next second."""
        place = np.arange(self._count)
        slot, turn = place % LIVE_COUNT, place // LIVE_COUNT
        life = (second + slot * LIFE_S // LIVE_COUNT) // LIFE_S
        rows = np.zeros(self._count, REPORT)
        rows["track"] = 1 + slot + life * LIVE_COUNT
        turns = -(-self._count // LIVE_COUNT)
        late = np.where(self._draw.random(self._count) < 0.01, 5_000, 0)
        rows["at"] = now - 1_000 + turn * 1_000 // turns - late
        moved = (second + turn / turns) % LIFE_S - late / 1_000
        rows["latitude"], rows["longitude"] = 30 + slot * 1e-2, 130 + moved * 1e-3
        rows["altitude"], rows["velocity_east"], rows["sigma_velocity"] = 9_000, 100, 5
        rows["ee"] = rows["nn"] = rows["uu"] = 2_500
        rows["flags"], rows["kind"], rows["confidence"] = Flag.ALTITUDE | Flag.VELOCITY, slot % 7, 80
        rows["sensor"] = slot % 8
        joined = np.concatenate([rows, self._twice])
        self._twice = rows[self._draw.random(self._count) < 0.01]
        return Reports(joined, np.empty(0, GUESS), tuple(f"S{number}" for number in range(8)))


def _read_memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run_hour(root: Path, *, minutes: int, rate_per_s: int) -> Iterator[Minute]:
    """Yield how it stands at the end of each minute of that clock."""
    hour = Hour(root, rate_per_s=rate_per_s)
    try:
        for minute in range(1, minutes + 1):
            for _ in range(60):
                hour.run_second()
            gc.collect()
            yield Minute(
                minute, hour.taken_count, _read_memory_mib(), hour.picture.track_count,
                hour.reader.file.count_pages(), hour.door.tallies[SOURCE].refused,
            )  # fmt: skip
    finally:
        hour.close()


def main() -> None:
    """Run, and tell each minute."""
    parser = argparse.ArgumentParser(prog="bench.feed_hour", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--out", type=Path, help="the folder of the documents; without it nothing is written")
    parser.add_argument("--log", type=Path, help="a line of each minute goes here too")
    chosen = parser.parse_args()
    root, began, found = Path(tempfile.mkdtemp(prefix="comity-hour-")), time.process_time(), []
    try:
        for minute in run_hour(root, minutes=chosen.minutes, rate_per_s=chosen.rate):
            found.append(minute)
            line = json.dumps(minute._asdict())
            print(line, flush=True)
            if chosen.log is not None:
                with chosen.log.open("a", encoding="utf-8") as log:
                    log.write(line + "\n")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if chosen.out is not None:
        write_page(found, chosen.out, rate_per_s=chosen.rate, used_s=time.process_time() - began)


if __name__ == "__main__":
    main()
