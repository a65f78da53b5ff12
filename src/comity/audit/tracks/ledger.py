"""Judges what kept pages of the warning feed tell: every block by its bounds, its class, its release and its grid.

1. A block is read with all bounds (W1 to W5), and against its class in the version that its page names (W7, W8).
   One that breaks a bound counts for nothing from then on.
2. Whether its journal's readers might be told that class, and on which terms, is derived anew (`told`).
3. Rows told less lie on their clause's grid; where the same row is here told in full, they are what the grid makes of
   it; and nobody was told another thing in full than the others (W72).

What is found is counted by journal, class and code, and named once with the first page: a feed has thousands of blocks
an hour. Rows are held in memory only for what its author tells in more than one way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from comity.audit.claims import RawBlock
from comity.audit.finding import Finding
from comity.audit.form import JournalId
from comity.audit.tracks.block import Block, Less, read_block
from comity.audit.tracks.bounds import find_class_break
from comity.audit.tracks.columns import Columns
from comity.audit.tracks.grid import Grid
from comity.audit.tracks.told import Basis, Ruling
from comity.base.errors import RemoteError
from comity.base.names import Party
from comity.pact.model import Pact

__all__ = ["JudgedBlocks", "TracksRow", "judge_blocks"]

EARLY_MS: Final = 2_000
"""By so much a row may be of later than when it was said (W11): a block may seem to go out that much too early."""
_UNREAD: Final = frozenset({"bytes.too-large", "bytes.not-canonical"})


@dataclass(slots=True)
class TracksRow:
    """What one journal tells of one class in one way. `clauses` are those by which its readers may know it."""

    journal: JournalId
    class_: str
    less: Less | None
    clauses: tuple[str, ...] = ()
    block_count: int = 0
    row_count: int = 0
    estimate_count: int = 0
    first_at: int = 0
    last_at: int = 0


@dataclass(frozen=True, slots=True)
class JudgedBlocks:
    """Rows of the summary, what was found, and the blocks that count."""

    rows: tuple[TracksRow, ...]
    findings: tuple[Finding, ...]
    blocks: tuple[RawBlock, ...]


class _Key(NamedTuple):
    author: Party
    class_: str


@dataclass(slots=True)
class _Count:
    journal: JournalId
    number: int
    arguments: Mapping[str, object]
    count: int = 0


@dataclass(slots=True)
class _Ways:
    """In which ways an author tells a class: the blocks told in full, and those told less."""

    full: list[RawBlock] = field(default_factory=list)
    less: list[RawBlock] = field(default_factory=list)

    @property
    def are_several(self) -> bool:
        """Whether there is what to compare: less beside full, or full in more than one journal."""
        return bool(self.full) and (bool(self.less) or len({raw.sheet.header.journal for raw in self.full}) > 1)


def judge_blocks(raws: Iterable[RawBlock], basis: Basis | None) -> JudgedBlocks:
    """Judge every block that was opened; without a basis no pact is at hand, and only bytes and grids are judged."""
    ledger = _Ledger(basis)
    for raw in sorted(raws, key=lambda raw: (raw.sheet.journal_digest, raw.sheet.header.number, raw.number)):
        ledger.take(raw)
    ledger.compare()
    rows = sorted(
        ledger.rows.values(), key=lambda row: (row.journal.author, row.class_, row.journal.audience, row.less or ())
    )
    return JudgedBlocks(tuple(rows), tuple(ledger.list_findings()), tuple(ledger.blocks))


class _Ledger:
    def __init__(self, basis: Basis | None) -> None:
        self._basis = basis
        self.rows: dict[tuple[JournalId, str, Less | None], TracksRow] = {}
        self.blocks: list[RawBlock] = []
        self._found: dict[tuple[object, ...], _Count] = {}
        self._ways: dict[_Key, _Ways] = {}

    def list_findings(self) -> Iterator[Finding]:
        """Yield what was found, each once with how often."""
        for (code, *_), found in self._found.items():
            arguments = {**found.arguments, "count": found.count}
            yield Finding(str(code), journal=found.journal, number=found.number, arguments=arguments)

    def take(self, raw: RawBlock) -> None:
        """Judge one block by itself and by the pact, and count it."""
        header = raw.sheet.header
        try:
            block = read_block(raw.raw)
        except RemoteError as error:
            self._find("warning.malformed" if error.code in _UNREAD else error.code, raw)
            return
        pact = None
        if self._basis is not None and (version := self._basis.find_version(header.pact)) is not None:
            pact = version.pact
            code = _find_class_fault(block, pact, header.journal.author)
            if code is not None:
                self._find(code, raw, class_=block.class_)
                return
        row = self._count(raw, block)
        if pact is not None:
            self._judge_told(raw, block, row)
        self._judge_grid(raw, block)

    def _find(self, code: str, raw: RawBlock, *, count: int = 1, **arguments: object) -> None:
        header = raw.sheet.header
        key = (code, header.journal, *sorted(map(str, arguments.values())))
        found = self._found.setdefault(key, _Count(header.journal, header.number, arguments))
        found.count += count

    def _count(self, raw: RawBlock, block: Block) -> TracksRow:
        journal, at = raw.sheet.header.journal, block.rows["at"]
        self.blocks.append(raw)
        ways = self._ways.setdefault(_Key(journal.author, block.class_), _Ways())
        (ways.full if block.less is None else ways.less).append(raw)
        key = (journal, block.class_, block.less)
        row = self.rows.setdefault(key, TracksRow(*key, first_at=min(at)))
        row.block_count += 1
        row.row_count += block.row_count
        row.estimate_count += len(block.estimates["row"])
        row.first_at, row.last_at = min(row.first_at, *at), max(row.last_at, *at)
        return row

    def _judge_told(self, raw: RawBlock, block: Block, row: TracksRow) -> None:
        """Hold a block against what its author might tell each of its readers just then (W20 to W23)."""
        header = raw.sheet.header
        author = header.journal.author
        assert self._basis is not None
        version = self._basis.find_version(header.pact)
        assert version is not None
        track_class = version.pact.find_track_class(block.class_)
        assert track_class is not None, "its class was looked for"
        for to in header.journal.audience:
            if to == author:
                continue
            rulings = self._basis.find_rulings(version, track_class, author, to, at=header.written_at)
            fitting = [ruling for ruling in rulings if ruling is not None and _fits(block, ruling)]
            if fitting:
                row.clauses = tuple(sorted({*row.clauses, fitting[0].clause}))
                continue
            before, after = rulings
            if before is None or after is None:
                self._find("warning.not-judged", raw)
            else:
                code = "warning.other-terms" if after.is_told else "warning.unpermitted"
                self._find(code, raw, class_=block.class_, party=to, clause=after.clause)
        if block.less and header.written_at < max(block.rows["at"]) + block.less.delay_ms - EARLY_MS:
            self._find("warning.told-early", raw, clause=block.less.clause)

    def _judge_grid(self, raw: RawBlock, block: Block) -> None:
        if block.less is None or not block.less.coarsen_m:
            return
        grid = Grid(block.less.coarsen_m)
        off = sum(not grid.is_on(row) for row in _iterate(block.rows))
        off += sum(not grid.is_estimate_on(one) for one in _iterate(block.estimates))
        if off:
            self._find("warning.off-grid", raw, count=off, clause=block.less.clause)

    def compare(self) -> None:
        """Hold against each other what an author tells of one class in several ways (W72)."""
        for key, ways in self._ways.items():
            if not ways.are_several:
                continue
            full: dict[tuple[object, ...], dict[str, int]] = {}
            named: dict[tuple[object, ...], str] = {}
            for raw in (*ways.full, *ways.less):
                wrong = _count_other(read_block(raw.raw), full, named)
                if wrong:
                    self._find("warning.told-otherwise", raw, count=wrong, class_=key.class_)


def _find_class_fault(block: Block, pact: Pact, author: Party) -> str | None:
    row = pact.find_track_class(block.class_)
    if row is None or author not in row.reported_by:
        return "warning.class"
    broken = find_class_break(
        block.rows,
        kind_count=len(row.kinds),
        altitude_max_dm=row.altitude_max_m * 10,
        speed_max_cm_s=row.speed_max_m_s * 100,
    )
    return None if broken is None else broken.code


def _fits(block: Block, ruling: Ruling) -> bool:
    is_named = bool(block.sensors) and not ruling.is_sensor_named
    return ruling.is_told and block.less == ruling.less and not is_named


def _iterate(columns: Columns) -> Iterator[dict[str, int]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _count_other(
    block: Block, full: dict[tuple[object, ...], dict[str, int]], named: dict[tuple[object, ...], str]
) -> int:
    """Count rows and estimates that say other than those told in full; remember what is told in full first."""
    wrong = 0
    grid = None if block.less is None else Grid(block.less.coarsen_m)
    places: list[tuple[object, ...]] = []
    for place, row in enumerate(_iterate(block.rows)):
        of: tuple[object, ...] = (row["track"], row["number"], row["at"])
        places.append(of)
        sensor = block.find_sensor(place)
        if grid is None:
            row.pop("sensor")
            held = full.setdefault(of, row)
            wrong += held != row or named.setdefault(of, sensor) != sensor
        elif of in full:
            wrong += not grid.is_of(row, full[of]) or sensor not in ("", named[of])
    for estimate in _iterate(block.estimates):
        of = (*places[estimate.pop("row")], "estimate", estimate["what"])
        if grid is None:
            wrong += full.setdefault(of, estimate) != estimate
        elif of in full:
            wrong += not grid.is_estimate_on(estimate, full[of])
    return wrong
