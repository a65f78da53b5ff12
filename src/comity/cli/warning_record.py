"""`comity warning record`: what the record proves of the pages that were kept here, and since when (W88).

The audit's own reading of the home's record and of the pages kept beside it; nothing is asked of the node. Whoever asks
of a track is shown the page that told it last by then in each journal, what proves that page, and who signed for that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click

from comity.api.words import say
from comity.audit.archive import AnchorSaid, KeptPage
from comity.audit.report import Report
from comity.audit.tracks.block import read_block
from comity.base.instants import DAY_MS, MINUTE_MS, Instant, format_iso, parse_instant
from comity.base.names import Audience, Party
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.audit import judge_records, read_own
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.node.bell import read_clock

__all__ = ["Stretch", "Told", "find_stretches", "find_told", "record"]


class _Journal(NamedTuple):
    author: Party
    audience: Audience
    incarnation: int


@dataclass(slots=True)
class Stretch:
    """Minutes on end of one journal that stand alike."""

    journal: _Journal
    from_at: int
    until_at: int
    page_count: int = 0
    loose_count: int = 0
    anchor_count: int = 0

    @property
    def is_proved(self) -> bool | None:
        """Whether an anchor covers every page that was kept; None where none was kept, and anchors alone are here."""
        return self.loose_count == 0 if self.page_count else None


class Told(NamedTuple):
    """The page that told a track last, in one journal; who has signed that he has the anchor."""

    page: KeptPage
    at: int
    clause: str
    known_to: tuple[Party, ...]


@click.command(help=say("What the record proves of the kept pages of a day: anchors, gaps, and what covers a track."))
@click.option("--day", metavar="YYYY-MM-DD", help=say("The day, in UTC, by the authors' clocks; today if left out."))
@click.option("--track", metavar="JPN-0042", help=say("A track: the pages that told it last, and what proves them."))
@click.option("--at", help=say("The instant by which it was told; else the end of the day, or now."))
@home_option
@realm_option
@json_option
def record(day: str | None, track: str | None, at: str | None, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where something that was asked for is not proved."""
    now = read_clock()
    instant = now if at is None else parse_instant(at)
    from_at = (instant if day is None else parse_instant(day)) // DAY_MS * DAY_MS
    until_at = from_at + DAY_MS
    report, _ = judge_records(
        [read_own(find_realm_path(home, realm), from_at=from_at, until_at=until_at)], (), is_shown=False
    )
    if track is not None:
        told = find_told(report, *_parse_track(track), at=until_at - 1 if day and not at else instant)
        return _show_told(told)
    stretches = find_stretches(report, from_at=from_at, until_at=until_at)
    _show_stretches(stretches)
    return 0 if all(one.is_proved is not False for one in stretches) else 1


def find_stretches(report: Report, *, from_at: int, until_at: int) -> list[Stretch]:
    """Return how far the kept pages of a span are proved, minute by minute, like ones on end as one."""
    minutes: dict[tuple[_Journal, int], Stretch] = {}

    def find(journal: _Journal, at: int) -> Stretch:
        begins = at // MINUTE_MS * MINUTE_MS
        return minutes.setdefault((journal, begins), Stretch(journal, begins, begins + MINUTE_MS))

    for page in report.kept:
        if from_at <= page.written_at < until_at:
            one = find(_name(page), page.written_at)
            one.page_count += 1
            one.loose_count += page.anchor is None
    for anchor in report.anchors:
        if from_at <= anchor.said_at < until_at:
            find(_Journal(*anchor[:3]), anchor.said_at).anchor_count += 1
    joined: list[Stretch] = []
    for _, one in sorted(minutes.items()):
        last = joined[-1] if joined else None
        if last and (last.journal, last.until_at, last.is_proved) == (one.journal, one.from_at, one.is_proved):
            last.until_at = one.until_at
            last.page_count += one.page_count
            last.loose_count += one.loose_count
            last.anchor_count += one.anchor_count
        else:
            joined.append(one)
    return joined


def find_told(report: Report, author: Party, number: int, *, at: int) -> list[Told]:
    """Return of each journal of an author the page that told a track last by an instant, by what its rows say."""
    pages = {page.digest: page for page in report.kept}
    last: dict[_Journal, Told] = {}
    for raw in report.blocks:
        header = raw.sheet.header
        page = pages.get(raw.sheet.digest)
        if page is None or header.journal.author != author or header.written_at > at:
            continue
        block = read_block(raw.raw)
        rows = zip(block.rows["track"], block.rows["at"], strict=True)
        told_at = max((row_at for of, row_at in rows if of == number and row_at <= at), default=None)
        before = last.get(_name(page))
        if told_at is not None and (before is None or before.at < told_at):
            clause = "" if block.less is None else block.less.clause
            last[_name(page)] = Told(page, told_at, clause, tuple(_list_known(report, page.anchor)))
    return [told for _, told in sorted(last.items())]


def _list_known(report: Report, anchor: AnchorSaid | None) -> Iterator[Party]:
    """Yield the readers whose signed heads name the page of the record in which an anchor stands, or a later one."""
    if anchor is not None:
        for row in report.rows:
            if row.journal == anchor.record:
                for one in row.confirmations:
                    if one.number is not None and one.number >= anchor.record_number:
                        yield one.reader


def _parse_track(text: str) -> tuple[Party, int]:
    author, _, number = text.rpartition("-")
    if not author or not number.isascii() or not number.isdigit():
        raise click.BadParameter(say("a track is named like JPN-0042"))
    return author, int(number)


def _name(page: KeptPage) -> _Journal:
    return _Journal(page.journal.author, page.journal.audience, page.journal.incarnation)


def _lay_journal(journal: _Journal) -> dict[str, object]:
    return {"author": journal.author, "audience": list(journal.audience), "incarnation": journal.incarnation}


def _show_stretches(stretches: Iterable[Stretch]) -> None:
    if is_json():
        emit(
            [
                {
                    **_lay_journal(one.journal),
                    "from": format_iso(Instant(one.from_at)),
                    "until": format_iso(Instant(one.until_at)),
                    "pages": one.page_count,
                    "not_anchored": one.loose_count,
                    "anchors": one.anchor_count,
                }
                for one in stretches
            ]
        )
        return
    words = {True: say("proved"), False: say("not proved"), None: say("nothing kept")}
    print_table(
        ("by", "to", "from", "until", "pages", "without anchor", "anchors", "stands"),
        [
            (
                one.journal.author, ", ".join(one.journal.audience), _clock(one.from_at), _clock(one.until_at),
                one.page_count, one.loose_count, one.anchor_count, words[one.is_proved],
            )
            for one in stretches
        ],
    )  # fmt: skip


def _clock(at: int) -> str:
    return format_iso(Instant(at))[11:16] + "Z"


def _show_told(found: list[Told]) -> int:
    if is_json():
        emit([_lay_told(one) for one in found])
    elif not found:
        print_line("Nothing of it is kept here.")
    else:
        print_table(
            ("to", "told last", "page number", "written", "told under", "anchored by", "anchored", "signed for by"),
            [
                (
                    ", ".join(one.page.journal.audience), format_iso(Instant(one.at)), one.page.number,
                    format_iso(Instant(one.page.written_at)), one.clause or "–",
                    one.page.anchor.number if one.page.anchor else "–",
                    format_iso(Instant(one.page.anchor.said_at)) if one.page.anchor else "–",
                    ", ".join(one.known_to) or "–",
                )
                for one in found
            ],
        )  # fmt: skip
    return 0 if found and all(one.page.anchor for one in found) else 1


def _lay_told(one: Told) -> dict[str, object]:
    anchor = one.page.anchor
    return {
        **_lay_journal(_name(one.page)),
        "at": format_iso(Instant(one.at)),
        "page": one.page.number,
        "digest": one.page.digest.hex(),
        "written_at": format_iso(Instant(one.page.written_at)),
        "told_under": one.clause,
        "anchor": None
        if anchor is None
        else {"page": anchor.number, "digest": anchor.page.hex(), "said_at": format_iso(Instant(anchor.said_at))},
        "signed_for_by": list(one.known_to),
    }
