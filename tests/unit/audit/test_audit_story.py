"""What an audit says of a record that is whole, or that is merely short of confirmations."""

import random

import pytest

from comity.audit import Record, Severity, audit
from comity.audit.report import VerdictCode
from comity.audit.wording import format_english, word_row, word_verdict
from comity.base.instants import MINUTE_MS
from kit.audit_keys import ALL, PACT, SUITE, T0, pins
from kit.audit_writer import Story


def test_three_whole_records_agree_up_to_the_last_page() -> None:
    """Three homes with the same pages give agreement up to the clock of the last page, and no finding above a note."""
    report = audit(Story().records(), pins(), SUITE)
    assert report.verdict.code is VerdictCode.AGREED
    assert report.verdict.agreed_at == T0 + 22 * MINUTE_MS
    assert {finding.severity for finding in report.findings} == {Severity.NOTE}
    assert format_english(word_verdict(report.verdict)) == "All 3 records agree up to 261452Z NOV 26."


def test_a_reader_whose_heads_are_older_has_not_confirmed_since_its_own_clock() -> None:
    """The sentence names the silent reader and the instant, by its own clock, of its last signed head."""
    report = audit(Story(kor_stops=True).records(), pins(), SUITE)
    assert report.verdict.code is VerdictCode.UNCONFIRMED
    (silent,) = report.verdict.unconfirmed
    assert (silent.party, silent.confirmed_at, silent.number) == ("KOR", T0 + 15 * MINUTE_MS, 2)
    assert format_english(word_verdict(report.verdict)) == (
        "All 3 records agree up to 261451Z NOV 26; KOR has not confirmed since 261445Z NOV 26."
    )


def test_receipts_and_checkpoints_ask_for_no_receipt() -> None:
    """KOR's own journal holds nothing but receipts: nobody is reproached for not confirming it (J15)."""
    report = audit(Story().records(), pins(), SUITE)
    row = next(row for row in report.rows if row.journal.author == "KOR" and row.journal.feed == "record")
    assert [confirmation.number for confirmation in row.confirmations] == [None, None]
    assert report.verdict.unconfirmed == ()


def test_a_reader_that_never_confirmed_is_named_with_the_journal() -> None:
    """A party without any head of a journal is said to have never confirmed it, and that goes before a late one."""
    story = Story()
    story.record["KOR"].keys(at=30)
    report = audit(story.records(), pins(), SUITE)
    assert [(silent.party, silent.confirmed_at) for silent in report.verdict.unconfirmed] == [
        ("JPN", None),
        ("USA", None),
    ]
    assert "JPN has never confirmed the record journal of KOR" in format_english(word_verdict(report.verdict))


def test_one_record_alone_can_only_be_whole_in_itself() -> None:
    """With one record the verdict claims no agreement and says where knowledge ends."""
    story = Story()
    report = audit([story.record_of("USA")], pins(), SUITE)
    assert report.verdict.code is VerdictCode.UNWITNESSED
    sentence = format_english(word_verdict(report.verdict))
    assert sentence.startswith("The one record, of USA, is whole up to 261452Z NOV 26; no witness beyond page 1")


def test_two_bundles_of_one_holder_are_one_holding() -> None:
    """A record cut in two files is no more and no less than the whole record."""
    story = Story()
    whole = story.record_of("USA")
    half = len(whole.pages) // 2
    parts = [
        Record("USA", whole.lineage, whole.realm, whole.pages[half:], pacts=(PACT,)),
        Record("USA", whole.lineage, whole.realm, whole.pages[:half], pacts=(PACT,)),
    ]
    assert audit(parts, pins(), SUITE) == audit([whole], pins(), SUITE)


def test_the_order_of_records_and_pages_changes_nothing() -> None:
    """Shuffled pages and records give the very same report."""
    records = Story(kor_stops=True).records()
    expected = audit(records, pins(), SUITE)
    dice = random.Random(7)
    for _ in range(5):
        shuffled = [
            Record(r.holder, r.lineage, r.realm, tuple(dice.sample(r.pages, len(r.pages))), r.pacts) for r in records
        ]
        dice.shuffle(shuffled)
        assert audit(shuffled, pins(), SUITE) == expected


def test_a_row_tells_how_far_a_journal_is_agreed_held_and_confirmed() -> None:
    """A journal's row has the last agreed page, who holds what, and each reader's confirmation with its clock."""
    story = Story(kor_stops=True)
    report = audit(story.records(), pins(), SUITE)
    row = next(
        row
        for row in report.rows
        if row.journal.feed == "record" and row.journal.audience == ALL and row.journal.author == "USA"
    )
    assert (row.agreed_number, row.last_number) == (4, 4)
    assert row.held_by == (("JPN", 4), ("KOR", 4), ("USA", 4))
    assert [tuple(confirmation) for confirmation in row.confirmations] == [
        ("JPN", 4, T0 + 21 * MINUTE_MS),
        ("KOR", 2, T0 + 15 * MINUTE_MS),
    ]
    assert format_english(word_row(row)).endswith("agreed up to page 4, 261450Z NOV 26; no witness beyond page 4")


def test_coverage_says_that_only_chains_were_judged() -> None:
    """Without keys the report says so and names the journals that stayed sealed; open genesis entries are counted."""
    report = audit(Story().records(), pins(), SUITE)
    assert report.coverage.is_chains_only
    assert (report.coverage.page_count, report.coverage.accepted_page_count) == (16, 16)
    assert report.coverage.sealed_page_count == 5
    assert report.coverage.entry_counts == {"PactAccepted": 3}
    assert [(id_.author, id_.audience) for id_ in report.coverage.journals_without_keys] == [
        ("JPN", ALL),
        ("USA", ALL),
        ("USA", ("JPN", "USA")),
    ]


def test_a_record_of_another_pact_or_realm_is_left_out_by_name() -> None:
    """A record that is of another lineage or realm is named, and none of its pages counts."""
    good = Story().record_of("USA")
    foreign = [
        Record("JPN", b"\x00" * 32, good.realm, good.pages),
        Record("KOR", good.lineage, "real", good.pages),
    ]
    report = audit(foreign, pins(), SUITE)
    assert [(finding.code, finding.holder) for finding in report.findings] == [
        ("record.other-lineage", "JPN"),
        ("record.other-realm", "KOR"),
    ]
    assert report.verdict.code is VerdictCode.NOTHING


def test_no_records_at_all_is_nothing() -> None:
    """No record, no page: the verdict says that nothing could be accepted, and nothing else."""
    report = audit([], pins(), SUITE)
    assert report.verdict.code is VerdictCode.NOTHING
    assert format_english(word_verdict(report.verdict)) == "The records hold no page that could be accepted."


def test_notes_name_a_holder_outside_the_pact_duplicates_and_a_pact_that_is_not_here() -> None:
    """What cannot be judged or does no harm is a note, and the records still agree."""
    story = Story()
    pages = story.pages_for("USA")
    stranger = Record("court", pins().lineage, pins().realm, (*pages, pages[3], pages[4]))
    report = audit([stranger], pins(), SUITE)
    notes = {finding.code: finding for finding in report.findings if finding.code != "tail.no-witness"}
    assert set(notes) == {"holder.not-party", "page.duplicate", "pact.not-held", "seal.no-key"}
    assert (notes["page.duplicate"].arguments["count"], notes["page.duplicate"].arguments["index"]) == (2, len(pages))
    assert report.verdict.code is VerdictCode.UNWITNESSED


def test_a_journal_of_which_nothing_is_agreed_says_so() -> None:
    """KOR has nothing of the journal that JPN and USA share: its row has no agreed page."""
    story = Story()
    gone = [page.raw for page in story.record["USA"].pages]
    report = audit([story.record_of("USA"), story.record_of("KOR", without=gone)], pins(), SUITE)
    texts = [format_english(word_row(row)) for row in report.rows if row.agreed_number is None]
    assert texts == ["the record journal of USA for JPN, KOR, USA: no page is agreed"]
    assert report.verdict.agreed_at == T0 + 2 * MINUTE_MS


def test_progress_goes_up_and_reaches_its_total(monkeypatch: pytest.MonkeyPatch) -> None:
    """The progress callback never goes back and ends at the total that it announced."""
    monkeypatch.setattr("comity.audit.judge._PROGRESS_STEP", 5)
    calls: list[tuple[int, int]] = []
    audit(Story().records(), pins(), SUITE, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (32, 32)
    assert calls == sorted(calls)
    assert len(calls) > 3
