"""The verifier's second file reads pages of the warning feed in an archive, as the audit does (W1 to W6, W32, W76)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

import tracks
import verify
from comity.audit import audit
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import parse_page
from comity.journal.statement import Closed
from comity.warning.effect import PageOut
from kit.feed import Feeds, make_block
from kit.second_opinion import find_audit_pins, make_record
from kit.verifier_opinion import find_verifier_pins
from kit.world import T0, World

OF_BOTH = {"page.forked", "page.disowned", "page.signature", "page.stranger", "warning.position", "key.commitment"}
"""Codes that both give: of anchors, gaps and releases the audit alone speaks."""


class _Day:
    """USA says five pages after its key page, with keys as they are used."""

    def __init__(self) -> None:
        self.feeds = Feeds(World(suite=ProductionSuite(), ceremony=ProductionCeremony()))
        self.world, self.usa = self.feeds.world, self.feeds.world.parties["USA"]
        self.receiving = self.usa.secrets.receiving
        self.pages: list[PageOut] = []
        for first in range(1, 6):
            self.feeds.channels["USA"].say(make_block(2, first=first), at=T0)
            self.pages += self.feeds.write("USA")

    def judge(self, raws: Sequence[bytes], *, is_open: bool = True) -> tuple[list[str], int]:
        """Return the codes of both, which must be the same, and how many blocks count for both."""
        secrets = [self.receiving] if is_open else []
        statements = (self.usa.certify(),)
        record = replace(make_record(self.world, "JPN", [*self.usa.raws, *raws], secrets), statements=statements)
        report = audit([record], find_audit_pins(self.world.pins), self.world.suite)
        theirs = {one.code for one in report.findings} & OF_BOTH
        mine = verify.Record(find_verifier_pins(self.world.pins, secrets=secrets), self.usa.raws, statements)
        archive = tracks.Archive(mine, list(raws))
        ours = {code for code, _ in archive.findings} & OF_BOTH
        assert ours == theirs
        assert len(archive.blocks) == len(report.blocks)
        return sorted(ours), len(archive.blocks)


@pytest.fixture(scope="module")
def day() -> _Day:
    """A day of the feed."""
    return _Day()


def _raws(pages: Sequence[PageOut]) -> list[bytes]:
    return [page.raw for page in pages]


def test_kept_pages_are_read_in_whatever_part(day: _Day) -> None:
    """Whole, with a gap, without a key: nothing speaks against them."""
    raws = _raws(day.pages)
    assert day.judge(raws) == ([], 5)
    assert day.judge([raws[0], raws[2], raws[5]]) == ([], 2)
    assert day.judge(raws, is_open=False) == ([], 0)
    assert day.judge(raws[1:]) == ([], 0)


def test_a_changed_page_is_refused(day: _Day) -> None:
    """A signature that is not its author's."""
    raws = _raws(day.pages)
    page = parse_page(raws[3], day.world.suite)
    assert day.judge([*raws[:3], raws[3].replace(page.signature, bytes(64))]) == (["page.signature"], 2)


def test_what_a_closing_leaves_out_counts_for_nothing() -> None:
    """A replaced key: the blocks past the last good page are not read, those before a gap are."""
    day = _Day()
    day.feeds.replace_key("USA", Closed(0, 4, day.pages[4].digest))
    opening = day.feeds.write("USA")
    assert day.judge(_raws([*day.pages, *opening])) == (["page.disowned"], 4)
    assert day.judge(_raws([*day.pages[:3], day.pages[4], *opening])) == ([], 3)
