"""Kept pages of the warning feed in an audit (docs/spec/warning.md, W32)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from comity.audit import Finding, Report, Severity, audit
from comity.audit.wording import format_english, word_archive
from comity.base.names import Digest
from comity.cli.warning_record import find_stretches, find_told
from comity.journal.building import Draft, Place, Signer
from comity.journal.header import Kind, parse_page
from comity.journal.statement import Closed
from comity.procedure.anchor import WarningAnchored
from comity.procedure.registry import encode_entry
from comity.warning.effect import PageOut
from kit.feed import Feeds, make_block
from kit.second_opinion import find_audit_pins, make_record
from kit.world import PACT, T0

ALL = ("JPN", "KOR", "USA")


class _Day:
    """USA says five pages of rows after its key page; its record anchors some."""

    def __init__(self) -> None:
        self.feeds = Feeds()
        self.world = self.feeds.world
        self.usa = self.world.parties["USA"]
        self.receiving = self.usa.secrets.receiving
        self.pages: list[PageOut] = []
        for first in range(1, 6):
            self.feeds.channels["USA"].say(make_block(2, first=first), at=self.feeds.now)
            self.pages += self.feeds.write("USA")

    def anchor(self, number: int, page: bytes = b"", *, readers: tuple[str, ...] = ALL) -> None:
        """State an anchor in USA's record journal to these readers."""
        entry = WarningAnchored(ALL, 0, number, page or self.pages[number].digest)
        self.usa.say(self.usa.journal(*readers), encode_entry(entry))

    def judge(self, kept: Sequence[bytes] | None = None, *, is_open: bool = True) -> Report:
        """Audit the record of USA with what it kept."""
        raws = [page.raw for page in self.pages] if kept is None else list(kept)
        secrets = [self.receiving, self.usa.secrets.receiving] if is_open else []
        record = make_record(self.world, "USA", [*self.usa.raws, *raws], secrets)
        record = replace(record, statements=(self.usa.certify(),))
        return audit([record], find_audit_pins(self.world.pins), self.world.suite)

    def forge(self, number: int, previous: Digest) -> bytes:
        """Sign another page at a place."""
        (outlet,) = self.feeds.channels["USA"].outlets()
        draft = Draft(outlet.id, PACT, T0, self.world.ceremony.random(32))
        signer = Signer(self.usa.secrets.node, self.world.suite)
        body = parse_page(self.pages[0].raw, self.world.suite).body
        return signer.build(draft, Kind.KEYS, Place(outlet.digest, number, previous), body=body, epoch=1).raw


def _find(report: Report, *codes: str) -> list[Finding]:
    return [one for one in report.findings if one.code in codes]


def _found(report: Report) -> list[tuple[str, int | None]]:
    """What is said of the warning feed: codes and numbers."""
    about = [one for one in report.findings if one.journal is not None and one.journal.feed == "warning"]
    return [(one.code, one.number) for one in about if one.code != "pact.not-held"]


@pytest.fixture
def day() -> _Day:
    """A day of which nothing is anchored yet."""
    return _Day()


def test_an_archive_is_proved_up_to_its_last_anchor(day: _Day) -> None:
    """All before an anchored page is anchored; what came after the last anchor is noted, and is no fault."""
    day.anchor(4)
    report = day.judge()
    (row,) = report.archive
    assert (row.first_number, row.last_number, row.page_count, row.missing_count) == (0, 5, 6, 0)
    assert (row.anchored_count, row.opened_page_count, row.sealed_page_count) == (5, 5, 0)
    assert _found(report) == [("warning.not-anchored", 5)]
    assert not _find(report, "page.gap", "page.forked")
    assert "6 pages kept, from 0 to 5; 5 of them anchored" in format_english(word_archive(row))
    assert report.coverage.entry_counts["TracksUpdated"] == 5


def test_a_part_of_a_day_is_judged_by_itself(day: _Day) -> None:
    """Neither its beginning nor what lacks inside is a fault; an anchor covers what hangs together with its page."""
    day.anchor(5)
    raws = [page.raw for page in day.pages]
    report = day.judge([raws[1], raws[2], raws[4], raws[5]])
    (row,) = report.archive
    assert (row.anchored_count, row.missing_count, row.sealed_page_count) == (2, 1, 4)
    assert _found(report) == [("seal.no-key", None), ("warning.not-anchored", 1), ("warning.gap", 3)]
    assert not [one for one in report.findings if one.severity is Severity.BREACH]


def test_nobody_owes_that_he_kept_it(day: _Day) -> None:
    """Two holders with different parts of the feed agree as much as they would without."""
    day.anchor(5)
    pins, suite = find_audit_pins(day.world.pins), day.world.suite
    raws = [page.raw for page in day.pages]
    for raw in day.usa.raws:
        day.world.share(raw)
    kept = {"USA": raws, "JPN": raws[:3]}
    records = [make_record(day.world, name, [*day.world.parties[name].raws, *kept[name]]) for name in kept]
    report = audit(records, pins, suite)
    assert not _find(report, "page.dropped", "tail.lost", "tail.missing", "holder.behind")
    assert {row.journal.feed for row in report.rows} == {"genesis", "record"}


def test_an_anchor_of_another_page_is_a_breach_of_its_author(day: _Day) -> None:
    """What the record says was sent is not what is here."""
    day.anchor(4, b"\x05" * 32)
    report = day.judge()
    assert ("warning.anchor-differs", 4) in _found(report)
    assert _find(report, "warning.anchor-differs")[0].severity is Severity.BREACH
    assert report.archive[0].anchored_count == 0


def test_two_anchors_of_one_number_are_a_breach(day: _Day) -> None:
    """The author itself said two things of one page."""
    day.anchor(4)
    day.anchor(4, b"\x05" * 32)
    assert ("warning.anchored-twice", 4) in _found(day.judge())


def test_an_anchor_said_to_others_counts_for_nothing(day: _Day) -> None:
    """It has to stand in the record journal of exactly these readers (W30)."""
    day.anchor(5, readers=("JPN",))
    assert day.judge().archive[0].anchored_count == 0


@pytest.mark.parametrize("place", ["same number", "other predecessor"])
def test_a_second_history_is_found_from_either_side(day: _Day, place: str) -> None:
    """W29: two pages of one number; or a page that follows another than the one that is here."""
    day.anchor(5)
    raws = [page.raw for page in day.pages]
    if place == "same number":
        report = day.judge([*raws, day.forge(3, day.pages[2].digest)])
    else:
        report = day.judge([*raws[:4], day.forge(4, Digest(b"\x05" * 32))])
    assert ("page.forked", 3) in _found(report)


def test_a_key_that_is_not_here_leaves_pages_sealed(day: _Day) -> None:
    """Chains and anchors are proved without any key."""
    day.anchor(5)
    report = day.judge(is_open=False)
    (row,) = report.archive
    assert (row.anchored_count, row.opened_page_count, row.sealed_page_count) == (0, 0, 5)
    assert row.page_count == 6


def test_a_first_page_that_names_another_journal_is_refused(day: _Day) -> None:
    """J11, step 8, as for any journal."""
    report = day.judge([day.forge(0, Digest(b"\x05" * 32))])
    assert ("page.previous", 0) in _found(report)
    assert report.archive == ()


def test_what_the_root_leaves_out_counts_for_nothing_and_may_not_be_what_was_anchored(day: _Day) -> None:
    """W76: pages past the closing are disowned and their blocks not read; an anchor that stands speaks for them."""
    day.anchor(5)
    day.feeds.replace_key("USA", Closed(0, 3, day.pages[3].digest))
    opening = day.feeds.write("USA")
    report = day.judge([page.raw for page in (*day.pages, *opening)])
    assert [(one.code, one.severity) for one in report.findings if one.number in (4, 5)] == [
        ("warning.anchor-disowned", Severity.BREACH),
        ("page.disowned", Severity.DOUBT),
    ]
    assert len(report.blocks) == 3
    assert [(row.journal.incarnation, row.page_count) for row in report.archive] == [(0, 6), (1, 1)]
    agreeing = _Day()
    agreeing.anchor(3)
    agreeing.feeds.replace_key("USA", Closed(0, 5, agreeing.pages[5].digest))
    agreeing_pages = [*agreeing.pages, *agreeing.feeds.write("USA")]
    assert not _find(agreeing.judge([page.raw for page in agreeing_pages]), "page.disowned", "warning.anchor-disowned")
    part = [page.raw for page in (*agreeing.pages[:2], *agreeing.pages[3:])]
    found = _found(agreeing.judge([*part, agreeing_pages[-1].raw]))
    assert ("page.disowned", 1) not in found, "nothing shows pages before a gap to lie on another branch"


def test_each_kept_page_is_named_with_the_first_anchor_that_covers_it(day: _Day) -> None:
    """Who said what when: the anchor's own page of the record, and the pages that no anchor covers."""
    day.anchor(2)
    day.anchor(4)
    report = day.judge()
    assert [(page.number, page.anchor and page.anchor.number) for page in report.kept] == [
        (0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, None),
    ]  # fmt: skip
    assert [(one.author, one.number, one.record.feed, one.record.audience) for one in report.anchors] == [
        ("USA", 2, "record", ALL), ("USA", 4, "record", ALL),
    ]  # fmt: skip
    assert report.anchors[0].record_number < report.anchors[1].record_number
    told = find_told(report, "USA", 7, at=T0)
    assert [(one.page.anchor, one.clause) for one in told] == [(report.anchors[0], "")]
    assert not find_told(report, "USA", 8, at=T0)
    assert not find_told(report, "JPN", 7, at=T0)
    (stretch,) = find_stretches(report, from_at=T0, until_at=T0 + 60_000)
    assert (stretch.page_count, stretch.loose_count, stretch.anchor_count, stretch.is_proved) == (6, 1, 2, False)
    day.anchor(5)
    assert find_stretches(day.judge(), from_at=T0, until_at=T0 + 60_000)[0].is_proved
    (alone,) = find_stretches(day.judge([]), from_at=T0, until_at=T0 + 60_000)
    assert (alone.page_count, alone.anchor_count, alone.is_proved) == (0, 3, None)
    assert not find_stretches(report, from_at=T0 + 60_000, until_at=T0 + 120_000)
