"""What an audit makes of blocks of the warning feed: who might be told them, and whether all were told one thing."""

import importlib.resources
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import msgspec
import numpy as np

from comity.audit.claims import RawBlock
from comity.audit.form import ENTRIES, Header, JournalId
from comity.audit.pool import Sheet
from comity.audit.procedures.agreement import Agreements
from comity.audit.procedures.consent import Consents
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.funnel import Funnel
from comity.audit.procedures.received import Reach
from comity.audit.procedures.said import Place, Said, Spot
from comity.audit.procedures.terms import Funnels
from comity.audit.tracks.difference import find_differences, list_held
from comity.audit.tracks.ledger import JudgedBlocks, judge_blocks
from comity.audit.tracks.told import Basis
from comity.audit.version import Line, Version
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.procedure.ground import Ground
from comity.warning.coarsen import coarsen_block
from comity.warning.difference import Why, explain
from comity.warning.domain import read_terms
from comity.warning.picture import make_situation
from comity.warning.release import decide_releases
from comity.warning.rows import Block, encode_block, read_block
from comity.warning.telling import Terms
from kit.feed import make_block
from kit.release_table import Table, write_row
from kit.releasing import NOW

PACT = Digest(b"\x11" * 32)
ALL: tuple[Party, ...] = ("JPN", "KOR", "USA")
AIR, BALLISTIC = "policy.track.air", "policy.track.ballistic"
TERM = "policy.track.air-jpn-kor"


def _read() -> Pact:
    return parse_pact((importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_bytes())


class _Funnels:
    """One pact whose file says in which state each agreement is, and nobody said more."""

    def __init__(self, version: Version) -> None:
        self.force = self
        self._version = version

    def find_version(self, _: Said) -> Version:
        return self._version

    def find_of(self, version: Version) -> Funnel:
        return Funnel(version.pact, Agreements(version.pact, ()), cast("Consents", None))


class _Reach:
    """All is here and known."""

    def __init__(self) -> None:
        self.is_whole = True

    def find_latest_at(self, said: Said) -> int | None:
        return said.at if self.is_whole else None

    def knows(self, later: Said, earlier: Said) -> bool:
        return later.at >= earlier.at


def _say(author: Party, at: int) -> Said:
    id_ = f"{author}{at}".encode().ljust(32, b"\0")
    return Said(cast("Entry", None), id_, author, ALL, Place(0, at % 1000, 0), Spot(id_, id_), at)


def _make_basis(pact: Pact, reach: _Reach, *, until: bool = True) -> Basis:
    ats = (NOW - 60_000, NOW + 60_000) if until else (NOW - 60_000,)
    said = [_say(author, at) for author in ALL for at in ats]
    line = Line((Version(PACT, pact),), PACT, is_alone=True)
    return Basis(line, cast("Funnels", _Funnels(line.first)), said, cast("Reach", reach))


def test_who_may_be_told_what_is_derived_alike_by_author_and_audit() -> None:
    """Every class, author, recipient and state of agreements: permit, clause, grid, delay, sensors."""
    table, told_count = Table(_read()), 0
    for bits in range(2 ** len(table.agreements)):
        words = {id_: "ended" if bits >> place & 1 else "in-force" for place, id_ in enumerate(table.agreements)}
        stage = table.stage(words)
        agreements = tuple(
            msgspec.structs.replace(one, states=(write_row(words[one.id]),)) for one in table.pact.agreements
        )
        pact = msgspec.structs.replace(table.pact, agreements=agreements)
        basis, version = _make_basis(pact, _Reach()), Version(PACT, pact)
        for author in ALL:
            releases = decide_releases(
                table.pact, digest=PACT, author=author, ground=Ground(table.terms, stage.standings, (), NOW)
            )
            for ruling in releases.rulings:
                row = pact.find_track_class(ruling.class_)
                assert row is not None
                before, after = basis.find_rulings(version, row, author, ruling.to, at=NOW)
                assert before == after
                assert before is not None
                terms = Terms(before.clause, before.coarsen_m, before.delay_ms, before.is_sensor_named)
                assert (terms if before.is_told else None) == ruling.terms
                assert ruling.terms is not None or before.clause == getattr(ruling.decision, "clause", "")
                told_count += before.is_told
    assert told_count


def _keep(block: Block, author: Party, audience: tuple[Party, ...], *, at: int = NOW) -> RawBlock:
    return _keep_raw(encode_block(block), author, audience, at=at)


def _keep_raw(raw: bytes, author: Party, audience: tuple[Party, ...], *, at: int = NOW) -> RawBlock:
    journal = JournalId(bytes(PACT), "exercise/x", "warning", author, audience, 0)
    digest = repr(journal).encode()[-32:]
    header = Header(
        1, 1, ENTRIES, bytes(PACT), journal, 4, bytes(32), at, bytes(32), 1, 1, bytes(32), bytes(32), (), ()
    )
    return RawBlock(Sheet(header, b"", b"", b"", digest, digest), 0, raw)


def _judge(*raws: RawBlock, reach: _Reach | None = None, until: bool = True) -> JudgedBlocks:
    return judge_blocks(raws, _make_basis(_read(), reach or _Reach(), until=until))


def _codes(judged: JudgedBlocks) -> Sequence[tuple[str, object]]:
    return [(one.code, one.arguments.get("clause") or one.arguments["count"]) for one in judged.findings]


def _coarse(block: Block) -> Block:
    return coarsen_block(block, Terms(TERM, 5000, 30_000, is_sensor_named=False))


def test_a_class_told_as_it_may_be_is_nothing_to_speak_of() -> None:
    """In full to all by an agreement; on a grid and late by a term: and the summary names the clauses."""
    air = make_block(2, class_=AIR, at=NOW - 60_000)
    judged = _judge(
        _keep(make_block(class_=BALLISTIC), "JPN", ALL), _keep(air, "JPN", ("JPN", "USA")),
        _keep(_coarse(air), "JPN", ("JPN", "KOR")),
    )  # fmt: skip
    assert judged.findings == ()
    shown = {(row.class_, row.journal.audience): (row.clauses, row.row_count) for row in judged.rows}
    assert shown[AIR, ("JPN", "KOR")] == ((TERM,), 2)
    assert shown[BALLISTIC, ALL][1] == 3


def test_a_class_told_in_full_and_then_less_in_one_journal_has_a_row_for_each_way() -> None:
    """Terms may change, and an author may say what it likes: the summary has both, in full first."""
    air = make_block(2, class_=AIR, at=NOW - 60_000)
    both = (_keep(_coarse(air), "JPN", ("JPN", "KOR")), _keep(air, "JPN", ("JPN", "KOR")))
    assert [row.less is None for row in _judge(*both).rows] == [True, False]


def test_what_might_not_go_or_not_so_closely_is_named_by_its_clause() -> None:
    """In full where a term has it coarser; another grid; and to one to whom no agreement lets it go."""
    air = make_block(2, class_=AIR, at=NOW - 60_000)
    assert _codes(_judge(_keep(air, "JPN", ("JPN", "KOR")))) == [("warning.other-terms", TERM)]
    finer = coarsen_block(air, Terms(TERM, 100, 30_000, is_sensor_named=False))
    assert _codes(_judge(_keep(finer, "JPN", ("JPN", "KOR")))) == [("warning.other-terms", TERM)]
    agreements = tuple(msgspec.structs.replace(one, states=(write_row("ended"),)) for one in _read().agreements)
    ended = _make_basis(msgspec.structs.replace(_read(), agreements=agreements), _Reach())
    judged = judge_blocks([_keep(air, "JPN", ("JPN", "USA"))], ended)
    assert [one.code for one in judged.findings] == ["warning.unpermitted"]


def test_what_his_words_do_not_yet_show_is_not_held_against_him() -> None:
    """Without a statement after the page, or with a page of a cut missing, it is noted and no more."""
    raw = _keep(make_block(2, class_=AIR, at=NOW - 60_000), "JPN", ("JPN", "KOR"))
    reach = _Reach()
    reach.is_whole = False
    assert [one.code for one in _judge(raw, reach=reach).findings] == ["warning.not-judged"]
    assert [one.code for one in _judge(raw, until=False).findings] == ["warning.not-judged"]


def test_what_goes_out_before_its_delay_is_a_doubt() -> None:
    """W23: thirty seconds after the latest of its rows, less what a clock may be ahead."""
    air = make_block(1, class_=AIR, at=NOW - 20_000)
    assert _codes(_judge(_keep(_coarse(air), "JPN", ("JPN", "KOR")))) == [("warning.told-early", TERM)]


def test_nobody_is_told_another_thing_than_the_others() -> None:
    """W72: a row in full in two journals, a row on a grid that is not of the row in full, and one off its grid."""
    full = make_block(2, class_=AIR, at=NOW - 60_000)
    moved = replace(full, rows=full.rows.copy())
    moved.rows["latitude"] += np.int32(2_000_000)
    usa, kor = ("JPN", "USA"), ("JPN", "KOR")
    assert ("warning.told-otherwise", 2) in _codes(_judge(_keep(full, "JPN", usa), _keep(moved, "JPN", ALL)))
    assert _codes(_judge(_keep(full, "JPN", usa), _keep(_coarse(moved), "JPN", kor))) == [("warning.told-otherwise", 2)]
    off = _coarse(full)
    off.rows["latitude"] += np.int32(500)
    assert ("warning.off-grid", TERM) in _codes(_judge(_keep(off, "JPN", kor)))


def test_a_block_that_breaks_a_bound_counts_for_nothing_and_is_a_breach() -> None:
    """W6 to W8: by the code of the bound, of its class, or of its shape; and no row of it is counted."""
    fast = make_block(1, class_=AIR)
    fast.rows["flags"] |= 2
    fast.rows["velocity_east"], fast.rows["sigma_velocity"] = 1_900_000, 1
    strange = make_block(1, class_="policy.track.other")
    for raw, code in (
        (_keep(fast, "JPN", ALL), "warning.speed"),
        (_keep(strange, "JPN", ALL), "warning.class"),
        (_keep_raw(msgspec.msgpack.encode(["TracksUpdated", 5]), "JPN", ALL), "warning.malformed"),
    ):
        judged = _judge(raw)
        assert ([one.code for one in judged.findings], judged.rows, judged.blocks) == ([code], (), ())


def test_audit_and_picture_explain_each_difference_by_the_same_clause() -> None:
    """W52, W73: withheld, coarsened, late, and not there; two readings of one day that share no code."""
    pact, at = _read(), Instant(NOW)
    agreements = tuple(
        msgspec.structs.replace(
            one, states=(write_row("ended" if "kor" in one.id and "jpn" not in one.id else "in-force"),)
        )
        for one in pact.agreements
    )
    pact = msgspec.structs.replace(pact, agreements=agreements)
    basis = _make_basis(pact, _Reach())
    air = make_block(1, class_=AIR, at=NOW - 60_000)
    newer = make_block(1, class_=AIR, first=2, at=NOW - 5_000)
    raws = [
        _keep(air, "JPN", ("JPN", "USA"), at=NOW - 60_000), _keep(newer, "JPN", ("JPN", "USA"), at=NOW - 5_000),
        _keep(_coarse(air), "JPN", ("JPN", "KOR"), at=NOW - 29_000),
        _keep(make_block(1, class_=BALLISTIC, at=NOW - 9_000), "USA", ("JPN", "USA"), at=NOW - 9_000),
    ]  # fmt: skip
    for raw in raws:
        raw.sheet.index_by_holder.update(dict.fromkeys(raw.sheet.header.journal.audience, 0))
    for one, other in (("JPN", "KOR"), ("KOR", "USA"), ("JPN", "USA")):
        ours = find_differences(raws, basis, one=one, other=other, at=at)
        terms, authors = read_terms(pact), ("JPN", "USA")
        pictures = [
            make_situation(
                terms, [(r.sheet.header.journal.author, read_block(r.raw)) for r in list_held(raws, who, at=at)], at
            )
            for who in (one, other)
        ]
        table = Table(pact)
        stage = table.stage(
            {row.id: "ended" if row.states[0].state.value == "ended" else "in-force" for row in agreements}
        )
        ground = Ground(table.terms, stage.standings, (), NOW)
        releases = {by: decide_releases(pact, digest=PACT, author=by, ground=ground) for by in authors}
        theirs = explain((one, pictures[0]), (other, pictures[1]), releases, reader=None)
        found = [(row.class_, row.name.author, row.lacks, row.why.value, "".join(row.clauses)) for row in theirs
                 if row.why is not Why.REPORTS]  # fmt: skip
        assert [(row.class_, row.author, row.lacks, row.why.value, row.clause) for row in ours] == found
        assert bool(found) == ("KOR" in (one, other))
    (own,) = find_differences(raws, basis, one="JPN", other="KOR", at=at, reader="JPN")
    assert (own.author, own.lacks, own.clause) == ("JPN", "KOR", TERM)
