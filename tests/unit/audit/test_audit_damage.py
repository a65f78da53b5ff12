"""The injuries that an audit must name: a byte flipped, a page dropped, a tail cut, witnessed or not."""

import functools

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comity.audit import Finding, Report, Severity, audit
from comity.audit.report import VerdictCode
from comity.audit.wording import format_english, word_finding, word_verdict
from comity.base.instants import MINUTE_MS
from kit.audit_keys import ALL, SUITE, T0, nodes, pins
from kit.audit_writer import Pen, Story, Written, heads


def sentence(report: Report) -> str:
    """The verdict in English."""
    return format_english(word_verdict(report.verdict))


def serious(report: Report) -> list[Finding]:
    """All findings but notes."""
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


@functools.cache
def told() -> Story:
    """One story for all examples of a property; nothing changes it."""
    return Story()


def flip(raw: bytes, at: int, bits: int) -> bytes:
    """Change one byte."""
    changed = bytearray(raw)
    changed[at] ^= bits
    return bytes(changed)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pick=st.integers(0, 10**6), place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), alone=st.booleans()
)
@example(pick=0, place=0.0, bits=1, alone=True)
@example(pick=3, place=0.02, bits=0x80, alone=True)
def test_any_byte_of_any_page_flipped_is_named(pick: int, place: float, bits: int, *, alone: bool) -> None:
    """Whatever byte of whatever page changes, holder and place are named, the verdict blames, and nothing is raised."""
    story = told()
    victim = story.record_of("USA")
    index = pick % len(victim.pages)
    raw = victim.pages[index]
    bad = flip(raw, int(place * len(raw)), bits)
    pages = (*victim.pages[:index], bad, *victim.pages[index + 1 :])
    hurt = story.record_of("USA", without=victim.pages, more=pages)
    others = [] if alone else [story.record_of("JPN"), story.record_of("KOR")]
    report = audit([hurt, *others], pins(), SUITE)
    named = [f for f in serious(report) if f.holder == "USA" and f.arguments.get("index") == index]
    assert named, [finding.code for finding in report.findings]
    # A flipped byte can also make it a page of another pact (a breach) or of a newer format (incomplete).
    assert report.verdict.code in (VerdictCode.DISAGREEMENT, VerdictCode.BREACH, VerdictCode.INCOMPLETE)
    assert report.verdict.finding is not None
    assert not any(f.holder in ("JPN", "KOR") for f in report.findings)


@pytest.mark.parametrize(("part", "code"), [("signature", "page.signature"), ("body", "page.body-digest")])
def test_a_flip_in_signature_or_body_names_journal_and_number(part: str, code: str) -> None:
    """A page whose header is whole is named by journal and number, and the sentence says what is wrong with it."""
    story = Story()
    page = story.record["USA"].pages[2]
    at = len(page.raw) - 1
    if part == "signature":
        at = page.raw.index(SUITE.sign(secret=nodes()["USA"].secret, message=b"comity/1/page\x00" + header_of(page)))
    bad = flip(page.raw, at, 1)
    report = audit(
        [story.record_of("USA", without=[page.raw], more=[bad]), story.record_of("JPN"), story.record_of("KOR")],
        pins(),
        SUITE,
    )
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number) == (code, "USA", 2)
    assert finding.journal is not None
    assert (finding.journal.author, finding.journal.audience) == ("USA", ALL)
    assert "USA stored page 2 of the record journal of USA for JPN, KOR, USA with a" in sentence(report)
    assert report.verdict.agreed_at == T0 + 11 * MINUTE_MS


def header_of(page: Written) -> bytes:
    """The header as signed."""
    header, _, _ = msgspec.msgpack.decode(page.raw, type=tuple[bytes, bytes, bytes])
    return header


def test_a_page_dropped_from_the_middle_is_named_even_in_a_record_alone() -> None:
    """The hole is named with the page behind it as witness; the pages behind it wait."""
    story = Story()
    page = story.record["USA"].pages[2]
    report = audit([story.record_of("USA", without=[page.raw])], pins(), SUITE)
    dropped, gap = serious(report)
    assert (dropped.code, dropped.holder, dropped.number, dropped.arguments["last"]) == ("page.dropped", "USA", 2, 2)
    assert dropped.witness is not None
    assert dropped.witness.number == 3
    assert (gap.code, gap.number, gap.arguments["last"], gap.arguments["count"]) == ("page.gap", 3, 4, 2)
    assert report.verdict.finding == dropped
    assert report.verdict.agreed_at == T0 + 6 * MINUTE_MS


def test_a_page_dropped_by_one_holder_names_who_still_has_it() -> None:
    """Where others hold the page, nothing waits, and the finding says who can refill it."""
    story = Story()
    page = story.record["USA"].pages[1]
    records = [story.record_of("KOR", without=[page.raw]), story.record_of("USA"), story.record_of("JPN")]
    report = audit(records, pins(), SUITE)
    (dropped,) = serious(report)
    assert (dropped.code, dropped.holder, dropped.number) == ("page.dropped", "KOR", 1)
    assert dropped.arguments["held_by"] == ("JPN", "USA")
    assert "KOR lacks page 1 of the record journal of USA for JPN, KOR, USA, though it stored later" in sentence(report)


def test_a_tail_that_the_holders_own_signed_word_names_is_lost() -> None:
    """KOR signed a head of a page that its record lacks: it had it, and the record was cut."""
    story = Story()
    usa = story.record["USA"].pages
    report = audit([story.record_of("KOR", without=[usa[3].raw, usa[4].raw])], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number, finding.arguments["last"]) == ("tail.lost", "KOR", 3, 4)
    assert finding.witness is not None
    assert finding.witness.journal.author == "KOR"
    assert report.verdict.code is VerdictCode.DISAGREEMENT


def test_a_tail_that_another_retained_page_names_is_missing_with_its_witness() -> None:
    """JPN's page, kept by KOR, names a page of USA that KOR lacks: cut, withheld or still on its way."""
    story = Story(kor_stops=True)
    usa = story.record["USA"].pages
    report = audit([story.record_of("KOR", without=[usa[4].raw])], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number) == ("tail.missing", "KOR", 4)
    assert finding.witness is not None
    assert finding.witness.digest == story.record["JPN"].last.digest
    assert report.verdict.code is VerdictCode.INCOMPLETE
    assert sentence(report).startswith(
        "The records are not complete: KOR lacks page 4 of the record journal of USA for JPN, KOR, USA, which page 2 "
        "of the record journal of JPN for JPN, KOR, USA names; they agree up to 261448Z NOV 26"
    )


def test_an_authors_own_record_that_lacks_its_own_pages_has_lost_them() -> None:
    """An author restored from a backup lacks what its readers hold; it must not write on, or it forks."""
    story = Story()
    pair = story.pair.entries(["ItemNoted", b"more"], at=40)
    report = audit([story.record_of("USA", without=[pair.raw]), story.record_of("JPN")], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number) == ("tail.lost", "USA", 2)
    assert finding.arguments["held_by"] == ("JPN",)


def test_a_holder_behind_another_is_named_without_blame() -> None:
    """A page that only another record has, and no head names, is on its way for all that can be said."""
    story = Story()
    late = story.record["USA"].entries(["NationalActionTaken", 1], at=40)
    report = audit([story.record_of("USA"), story.record_of("JPN", without=[late.raw])], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.severity, finding.holder, finding.number) == (
        "holder.behind",
        Severity.DOUBT,
        "JPN",
        5,
    )
    assert report.verdict.code is VerdictCode.INCOMPLETE
    assert report.verdict.agreed_at == T0 + 22 * MINUTE_MS


def test_of_a_tail_cut_without_witness_only_the_end_of_knowledge_can_be_said() -> None:
    """With the page gone and nobody naming it, the audit claims nothing beyond the page before."""
    story = Story()
    late = story.record["USA"].entries(["NationalActionTaken", 1], at=40)
    whole = audit([story.record_of("USA")], pins(), SUITE)
    cut = audit([story.record_of("USA", without=[late.raw])], pins(), SUITE)
    assert serious(cut) == []
    assert "no witness beyond page 5 of the record journal of USA" in sentence(whole)
    assert "no witness beyond page 1 of the record journal of KOR" in sentence(cut)
    ends = [format_english(word_finding(f)) for f in cut.findings if f.code == "tail.no-witness"]
    assert "no witness beyond page 4 of the record journal of USA for JPN, KOR, USA" in ends


def test_a_whole_journal_gone_is_named_by_its_witness() -> None:
    """All pages of a journal are gone from the record; heads name its digest, and the audit finds its name again."""
    story = Story()
    gone = [page.raw for page in story.record["JPN"].pages]
    report = audit([story.record_of("KOR", without=gone)], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number) == ("tail.lost", "KOR", 0)
    assert finding.journal is not None
    assert (finding.journal.author, finding.journal.feed, finding.journal.audience) == ("JPN", "record", ALL)


def test_a_journal_of_an_audience_never_met_stays_a_digest() -> None:
    """A head of a journal whose name cannot be guessed is still reported, by digest."""
    story = Story()
    stranger = Written(b"", b"\x42" * 32, 3, b"\x43" * 32)
    story.record["JPN"].receipt(stranger, at=30)
    report = audit([story.record_of("KOR")], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.journal, finding.arguments["journal_digest"]) == ("tail.missing", None, b"\x42" * 32)
    assert "an unknown journal" in sentence(report)


def test_a_page_held_by_one_who_may_not_read_it_is_a_leak() -> None:
    """KOR holds a page of the pair's journal: its record says so, whatever else is right with the page."""
    story = Story()
    leaked = story.pair.pages[1].raw
    report = audit(
        [story.record_of("KOR", more=[leaked]), story.record_of("USA"), story.record_of("JPN")], pins(), SUITE
    )
    (finding,) = serious(report)
    assert (finding.code, finding.holder, finding.number) == ("page.other-audience", "KOR", 1)
    assert report.verdict.code is VerdictCode.BREACH


def test_a_head_in_a_smaller_audience_confirms_too() -> None:
    """JPN names a page of all in its journal for the pair: for the pair, that is JPN's signed word (J12)."""
    story = Story(kor_stops=True)
    late = story.record["USA"].entries(["NationalActionTaken", 1], at=40)
    pen: Pen = story.answer
    pen.build(3, b"", at=41, seen=heads(late))
    report = audit([story.record_of("USA")], pins(), SUITE)
    row = next(r for r in report.rows if r.journal.author == "USA" and r.journal.audience == ALL and r.last_number == 5)
    assert [(c.reader, c.number) for c in row.confirmations] == [("JPN", 5), ("KOR", 2)]
