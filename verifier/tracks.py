"""Kept pages of the warning feed and their blocks, from `docs/spec/warning.md` alone (W1 to W6, W27, W29, W32, W76).

Beside `verify.py`, which judges the record: `python tracks.py FILE [--pact PACT] [--key SECRET]`. Status 0: nothing
speaks against the pages of the feed that a bundle holds; 1: something does. What the pact says of a class (W7, W8) and
of release (W71), and anchors, which are sealed in the record, are the audit's.
"""

import argparse
import re
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import verify
from verify import AT, ENTRIES, KEYS, Record, attempt, need, read

CLAUSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,47}){0,3}")
SENSOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/+-]{0,46}[A-Za-z0-9])?")  # W1
SENSORS, COLUMNS = [SENSOR, 0, 64, False], range(49_153)
FORMS: dict[str, tuple[Any, ...]] = {
    "TracksUpdated": (CLAUSE, SENSORS, COLUMNS, COLUMNS),  # W1
    "TracksCoarsened": (CLAUSE, CLAUSE, 1_000_000, 86_400_000, SENSORS, COLUMNS, COLUMNS),  # W5
}
ROW = {"track": "I", "number": "I", "at": "q", "latitude": "i", "longitude": "i", "altitude": "i"}  # W2
ROW |= dict.fromkeys(("velocity_east", "velocity_north", "velocity_up"), "i")
ROW |= dict.fromkeys(("sigma_east", "sigma_north", "sigma_up"), "I") | dict.fromkeys(
    ("rho_en", "rho_eu", "rho_nu"), "h"
)
ROW |= {"sigma_velocity": "I", "flags": "H", "kind": "H", "confidence": "B", "sensor": "H"}
ESTIMATE = {"row": "I", "what": "B", "at": "q", "sigma_at": "I", "latitude": "i", "longitude": "i"}  # W4
ESTIMATE |= {"semi_major": "I", "semi_minor": "I", "bearing": "H"}
NAMELESS, ONE, WIDEST, FASTEST = 0xFFFF, 32_767, 200_000_000, 2_000_000
ALTITUDE, VELOCITY, COASTED, DROPPED = 1, 2, 4, 8


def read_columns(raw: bytes, layout: Mapping[str, str]) -> list[SimpleNamespace]:  # W2, W4
    width = sum(struct.calcsize("<" + one) for one in layout.values())
    need(len(raw) % width == 0, "warning.malformed")
    count, at, columns = len(raw) // width, 0, []
    for one in layout.values():
        columns.append(struct.unpack_from(f"<{count}{one}", raw, at))
        at += count * struct.calcsize("<" + one)
    return [SimpleNamespace(**dict(zip(layout, row, strict=True))) for row in zip(*columns, strict=True)]


def is_nowhere(row: SimpleNamespace) -> bool:
    return abs(row.latitude) > 900_000_000 or not -1_800_000_000 <= row.longitude < 1_800_000_000


def is_unsure(row: SimpleNamespace) -> bool:
    a, b, c = row.rho_en, row.rho_eu, row.rho_nu
    odd = any(not 1 <= one <= WIDEST for one in (row.sigma_east, row.sigma_north, row.sigma_up))
    return odd or min(a, b, c) < -ONE or ONE**3 + 2 * a * b * c - ONE * (a * a + b * b + c * c) <= 0


def is_odd_speed(row: SimpleNamespace) -> bool:
    squared, sigma = row.velocity_east**2 + row.velocity_north**2 + row.velocity_up**2, row.sigma_velocity
    told = sigma == 0 if row.flags & VELOCITY else squared or sigma
    return squared > FASTEST**2 or sigma > FASTEST or bool(told)


def is_odd_altitude(row: SimpleNamespace) -> bool:
    told = row.altitude or row.rho_eu or row.rho_nu
    return not -10_000 <= row.altitude <= 1_000_000_000 or bool(told and not row.flags & ALTITUDE)


def is_odd_ellipse(one: SimpleNamespace) -> bool:
    return not 1 <= one.semi_minor <= one.semi_major <= WIDEST or one.bearing >= 18_000 or one.sigma_at > 86_400_000


BOUNDS: list[tuple[str, Callable[[SimpleNamespace], Any]]] = [  # W3, in its order
    ("warning.instant", lambda row: not 0 <= row.at <= AT),
    ("warning.position", is_nowhere),
    ("warning.flags", lambda row: row.flags > 31 or (not row.track and row.flags & (COASTED | DROPPED))),
    ("warning.altitude", is_odd_altitude),
    ("warning.speed", is_odd_speed),
    ("warning.uncertainty", is_unsure),
    ("warning.kind", lambda row: row.confidence > 100 or (row.kind == NAMELESS and row.confidence)),
]
OF_ESTIMATES = [*BOUNDS[:2], ("warning.uncertainty", is_odd_ellipse)]  # W4


def read_block(raw: bytes) -> SimpleNamespace:
    """Read a block, every bound checked; a `ValueError` names the first that is broken (W6)."""
    need(len(raw) <= 49_152, "bytes.too-large")
    form = next((name for name in FORMS if raw[1:].startswith(verify.pack(name))), "")
    shape = (re.compile(form or "(?!)"), *FORMS.get(form, ()))
    _, class_, *told, sensors, columns, ends = read(raw, shape, "warning.malformed")
    need(columns, "warning.malformed")
    rows, estimates = read_columns(columns, ROW), read_columns(ends, ESTIMATE)
    need(len(set(sensors)) == len(sensors), "warning.sensor")
    for code, is_broken in BOUNDS:
        need(not any(map(is_broken, rows)), code)
    need(all(row.sensor in (NAMELESS, *range(len(sensors))) for row in rows), "warning.sensor")
    places = [(one.row, one.what) for one in estimates]
    need(all(row < len(rows) and what < 2 for row, what in places), "warning.estimate")
    need(all(a < b for a, b in pairwise(places)), "warning.estimate")
    for code, is_broken in OF_ESTIMATES:
        need(not any(map(is_broken, estimates)), code)
    return SimpleNamespace(class_=class_, told=told, sensors=sensors, rows=rows, estimates=estimates)


def show_block(block: SimpleNamespace) -> list[Any]:
    """Return a block as vectors show it: class, how it is told less, sensors, rows, estimates."""
    rows = ([list(vars(one).values()) for one in part] for part in (block.rows, block.estimates))
    return [block.class_, block.told, block.sensors, *rows]


class Archive:
    """The pages of the feed that a bundle holds, under what its record certifies."""

    def __init__(self, record: Record, raws: list[bytes]) -> None:
        self.record, self.findings, self.blocks = record, list[tuple[str, str]](), list[tuple[Any, SimpleNamespace]]()
        self.pages: dict[bytes, SimpleNamespace] = {}
        for raw in raws:
            page, verdict = attempt(self.judge, raw)
            self.findings += [(verdict.split()[1], verify.sha(raw).hex())] if verdict else []
            if page:
                self.pages.setdefault(page.digest, page)
        self.find_forks()
        self.find_disowned()
        self.open_all()

    def judge(self, raw: bytes) -> SimpleNamespace:  # W27: J11, steps 1 to 7, number 0 by step 8 too
        page, record = verify.read_page(raw), self.record
        need(page.feed == "warning", "warning.other-feed")
        need(page.lineage == record.pins.lineage, "page.other-lineage")
        need(page.realm == record.pins.realm, "page.other-realm")
        need(record.pins.reader not in record.pins.roots or record.pins.reader in page.audience, "page.other-audience")
        need(record.pins.roots.keys() >= set(page.audience), "page.unknown-party")
        mine = [c for c in record.certificates if (c.party, c.incarnation) == (page.party, page.incarnation)]
        need(mine, "page.stranger", "held")
        need(any(verify.is_signed(b"page", c.node, page.signature, page.header) for c in mine), "page.signature")
        record.check_opening(page, begins=False)
        need(page.number or page.previous == page.journal, "page.previous")
        if page.kind == KEYS:
            page.said = read(page.body, verify.KEY_BODY, "page.malformed")
            need(page.said.epoch == page.epoch and page.said.part < page.said.parts, "page.kind")
        return page

    def find_forks(self) -> None:  # W29
        at: dict[Any, set[bytes]] = defaultdict(set)
        for page in self.pages.values():
            at[page.place].add(page.digest)
            if page.number:
                at[page.journal, page.number - 1].add(page.previous)
        here = {page.place for page in self.pages.values()}
        self.findings += [
            ("page.forked", of.hex()) for (of, n), all_ in at.items() if len(all_) > 1 and (of, n) in here
        ]

    def find_disowned(self) -> None:  # W76, J17
        out, pages = set[bytes](), sorted(self.pages.values(), key=lambda page: page.number)
        for first in (page for page in pages if page.number == 0 and page.incarnation):
            rows = [row for raw in first.opening for row in verify.read_statement(raw).closed]
            closed = {incarnation: (number, digest) for incarnation, number, digest in rows}
            older = [p for p in pages if p.incarnation < first.incarnation and p.id[:-1] == first.id[:-1]]
            stands = {page.digest for page in older if closed.get(page.incarnation) == (page.number, page.digest)}
            known = {page.journal: page.number for page in older if page.digest in stands}
            for page in reversed(older):
                if page.digest in stands:
                    stands.add(page.previous)
                    known[page.journal] = page.number - 1
            for page in older:
                number, _ = closed.get(page.incarnation, (-1, b""))
                is_on_branch = page.digest in stands or page.number < known.get(page.journal, number + 1)
                out |= set() if page.number <= number and is_on_branch else {page.digest}
        self.disowned = out
        self.findings += [("page.disowned", digest.hex()) for digest in sorted(out)]

    def open_all(self) -> None:  # W32: by a key page that is here and commits to a key
        committed: dict[Any, set[bytes]] = defaultdict(set)
        for page in self.pages.values():
            if page.kind == KEYS:
                committed[page.journal, page.epoch].add(page.said.commitment)
        self.findings += [("key.commitment", of.hex()) for (of, _), keys in committed.items() if len(keys) > 1]
        for page in self.pages.values():
            keys = committed[page.journal, page.epoch]
            page.epochs = {page.epoch: next(iter(keys))} if len(keys) == 1 else {}
            if page.kind == KEYS and page.epochs:
                self.record.learn(page)
        for page in sorted(self.pages.values(), key=lambda page: (page.journal, page.number)):
            if page.kind == ENTRIES:
                self.findings += [(code, page.digest.hex()) for code in self.read(page)]

    def read(self, page: SimpleNamespace) -> Iterator[str]:
        if page.epoch not in page.epochs:
            yield "page.no-key"
            return
        entries, verdict = attempt(self.record.open, page)
        if verdict:
            yield verdict.split()[1]
        for raw in entries or ():
            block, code = attempt(read_block, raw)
            if code:
                yield code.split()[1]
            elif page.digest not in self.disowned:
                self.blocks.append((page, block))


def judge_archive(raw: bytes, pact: bytes, secrets: dict[bytes, Any]) -> Archive:
    """Judge the pages of the feed in a bundle, with the record that it holds beside them."""
    frames = verify.read_bundle(verify.unseal(raw, secrets) if raw[:8] == b"COMITYE1" else raw)
    is_feed = [(one, attempt(verify.read_page, one)[0]) for one in frames["page"]]
    pages = [one for one, page in is_feed if page and page.feed == "warning"]
    return Archive(verify.judge(raw, pact, secrets), pages)


def main() -> int:
    """Judge one file and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--pact", type=Path, help="the pact that you accepted; else the one in the bundle")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a receiving secret, in hexadecimal")
    asked = parser.parse_args()
    secrets = verify.read_secrets(path.read_text() for path in asked.key)
    pact = asked.pact.read_bytes() if asked.pact else b""
    archive, verdict = attempt(judge_archive, asked.path.read_bytes(), pact, secrets)
    found = archive.findings if archive else [(verdict.split()[1], "the file")]
    for code, count in sorted(Counter(code for code, _ in found).items()):
        print(f"{code}: {count}, the first at {dict(reversed(found))[code][:16]}")
    rows = sum(len(block.rows) for _, block in archive.blocks) if archive else 0
    bad = sum(code != "page.no-key" for code, _ in found)
    print(f"{len(archive.pages) if archive else 0} pages of the warning feed, {rows} rows; {bad or 'no'} findings.")
    return bool(bad)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except (OSError, ValueError) as error:
        raise SystemExit(f"tracks.py: {error}") from None
