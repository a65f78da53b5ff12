"""What keys open: seals, commitments, entries roots, wraps, and the readers whom a key page leaves out."""

from dataclasses import replace

import msgspec
import pytest

from comity.audit import EpochKey, Finding, Record, Report, Severity, audit
from comity.audit.report import VerdictCode
from comity.base.limits import ENTRY_DEPTH_MAX
from kit.audit_keys import SUITE, Node, digest, nodes, pins
from kit.audit_writer import OPEN, Pen, Story

encode = msgspec.msgpack.encode


def disclose(pen: Pen, epoch: int = 1) -> EpochKey:
    """What its author would publish to open one epoch."""
    return EpochKey(pen.digest, epoch, pen.epoch_keys[epoch])


def judge(story: Story, *keys: EpochKey) -> Report:
    """Audit USA's record with these keys disclosed."""
    return audit([replace(story.record_of("USA"), epoch_keys=keys)], pins(), SUITE)


def serious(report: Report) -> list[Finding]:
    """All findings but notes."""
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


def test_disclosed_keys_open_their_journals_and_no_others() -> None:
    """With one journal's key its entries are counted, and the others are named as sealed."""
    story = Story()
    report = judge(story, disclose(story.record["USA"]))
    assert serious(report) == []
    assert not report.coverage.is_chains_only
    assert (report.coverage.opened_page_count, report.coverage.sealed_page_count) == (3, 2)
    assert report.coverage.entry_counts["MeasureNoted"] == 1
    assert {id_.author for id_ in report.coverage.journals_without_keys} == {"JPN", "USA"}


def test_a_receiving_secret_opens_what_was_wrapped_to_it() -> None:
    """KOR's own secret opens all that KOR may read, and nothing is left sealed in its record."""
    story = Story()
    record = replace(story.record_of("KOR"), receiving_secrets=(nodes()["KOR"].receiving,))
    report = audit([record], pins(), SUITE)
    assert serious(report) == []
    assert (report.coverage.opened_page_count, report.coverage.sealed_page_count) == (4, 0)


def test_a_recovery_secret_opens_as_well() -> None:
    """Every reader has a second wrap, to the offline recovery key (S9)."""
    story = Story()
    record = replace(story.record_of("KOR"), receiving_secrets=(nodes()["KOR"].recovery,))
    assert audit([record], pins(), SUITE).coverage.sealed_page_count == 0


def test_a_disclosed_key_that_no_key_page_commits_to_is_named() -> None:
    """A false disclosure is the discloser's, not the author's: the finding names the holder."""
    story = Story()
    pen = story.record["USA"]
    (finding,) = serious(judge(story, EpochKey(pen.digest, 1, b"\x00" * 32)))
    assert (finding.code, finding.holder, finding.number) == ("key.commitment", "USA", None)


def test_a_key_of_another_epoch_or_journal_opens_nothing() -> None:
    """The commitment binds journal and epoch (S4)."""
    story = Story()
    pen = story.record["USA"]
    report = judge(story, EpochKey(pen.digest, 2, pen.epoch_keys[1]), EpochKey(story.pair.digest, 1, pen.epoch_keys[1]))
    assert report.coverage.opened_page_count == 0
    assert [finding.code for finding in serious(report)] == ["key.commitment", "key.commitment"]


def test_a_key_of_a_journal_that_is_not_here_is_passed_over() -> None:
    """A disclosure of a journal that no record shows can neither be used nor blamed."""
    assert serious(judge(Story(), EpochKey(b"\x11" * 32, 1, b"\x22" * 32))) == []


def test_a_page_that_opens_to_other_entries_than_were_signed_is_evidence() -> None:
    """The body opens, but its entries do not give the signed root: neither text is believed (S6)."""
    story = Story()
    pen = story.record["USA"]
    pen.entries(["WeSupport"], at=40, plain=encode([encode(["WeObject"])]))
    report = judge(story, disclose(pen))
    (finding,) = serious(report)
    assert (finding.code, finding.number, finding.holder) == ("page.entries-root", 5, None)
    assert report.verdict.code is VerdictCode.BREACH
    assert "WeObject" not in report.coverage.entry_counts


def test_a_page_sealed_under_another_key_does_not_open() -> None:
    """An author who seals under a key other than the one announced leaves a page that nobody can open."""
    story = Story()
    pen = story.record["USA"]
    key = disclose(pen)
    pen.epoch_keys[1] = b"\x01" * 32
    pen.entries(["Note"], at=40)
    (finding,) = serious(judge(story, key))
    assert (finding.code, finding.number) == ("page.not-opened", 5)


def nest(depth: int) -> list[object]:
    """Arrays within arrays."""
    value: list[object] = [1]
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "entry",
    [
        ["Note", None],
        ["Note", True],
        ["Note", -1],
        ["Note", 1.5],
        ["Note", {}],
        ["Note", 2**53 + 1],
        ["Note", [["deep", None]]],
        ["Note", nest(ENTRY_DEPTH_MAX)],
        [1, "Note"],
        [],
        "Note",
    ],
)
def test_an_entry_out_of_form_says_nothing_and_its_neighbour_stands(entry: object) -> None:
    """Entries are arrays that begin with their type, of the few kinds of value that J1 permits, in bounded depth."""
    story = Story()
    pen = story.record["USA"]
    pen.entries(["Beside", 1], entry, at=40)
    report = judge(story, disclose(pen))
    (finding,) = serious(report)
    assert (finding.code, finding.number, finding.arguments["index"]) == ("entry.malformed", 5, 1)
    assert report.coverage.entry_counts["Beside"] == 1


def test_a_body_with_an_entry_above_its_size_is_not_believed() -> None:
    """S6: the size of an entry belongs to the form of the body."""
    story = Story()
    pen = story.record["USA"]
    pen.entries(["Note", bytes(49_152)], at=40)
    (finding,) = serious(judge(story, disclose(pen)))
    assert (finding.code, finding.number) == ("page.entries-root", 5)


def test_a_genesis_page_with_a_body_that_is_none_is_accepted_and_not_believed() -> None:
    """S6: the chain goes on; what it says there is lost, and its author is named."""
    story = Story()
    story.genesis["USA"].build(OPEN, b"words", at=40, entry_count=1)
    report = judge(story)
    (finding,) = serious(report)
    assert (finding.code, finding.number) == ("page.entries-root", 1)
    row = next(row for row in report.rows if (row.journal.author, row.journal.feed) == ("USA", "genesis"))
    assert row.page_count == 2


@pytest.mark.parametrize("entry", [["Note", 2**53, 0], ["Note", nest(ENTRY_DEPTH_MAX - 1)], ["Note", "", b"", []]])
def test_an_entry_at_the_edge_of_its_form_is_believed(entry: object) -> None:
    """The largest number, the deepest nesting and empty values are all in form."""
    story = Story()
    pen = story.record["USA"]
    pen.entries(entry, at=40)
    assert serious(judge(story, disclose(pen))) == []


def test_a_genesis_page_whose_entries_are_not_the_signed_ones_is_named_without_any_key() -> None:
    """Open entries are checked against their root too: the salt is their page key (S5)."""
    story = Story()
    story.genesis["USA"].open(["PactAccepted"], at=40, entries_root=b"\x00" * 32)
    (finding,) = serious(judge(story))
    assert (finding.code, finding.number) == ("page.entries-root", 1)


def test_a_second_commitment_of_one_epoch_is_refused() -> None:
    """Along one chain every key page of an epoch states the same commitment (S9)."""
    story = Story()
    story.record["USA"].keys(at=40, key=b"\x03" * 32)
    (finding,) = serious(judge(story))
    assert (finding.code, finding.holder, finding.number) == ("key.commitment", "USA", 5)


def test_a_later_key_page_may_wrap_the_same_epoch_again() -> None:
    """A reader who lost a machine gets the same key anew; nothing is wrong with that."""
    story = Story()
    pen = story.record["USA"]
    pen.keys(at=40, key=pen.epoch_keys[1], readers=("JPN",))
    pen.entries(["Note"], at=41)
    report = judge(story, disclose(pen))
    assert serious(report) == []
    assert report.coverage.entry_counts["Note"] == 1


def test_a_new_epoch_has_its_own_key() -> None:
    """Entries of a new epoch open under its key only, those of the old one under theirs."""
    story = Story()
    pen = story.record["USA"]
    pen.keys(at=40, epoch=2)
    pen.entries(["Late"], at=41, epoch=2)
    both = judge(story, disclose(pen, 1), disclose(pen, 2))
    assert (both.coverage.entry_counts["Late"], both.coverage.entry_counts["MeasureNoted"]) == (1, 1)
    assert "Late" not in judge(story, disclose(pen, 1)).coverage.entry_counts


def test_a_wrapped_key_that_is_not_the_committed_one_is_evidence_against_its_author() -> None:
    """The reader unwraps a key that does not give the commitment: the author gave readers different keys (S9)."""
    story = Story()
    story.record["USA"].keys(at=40, epoch=2, commitment=b"\x05" * 32)
    record = replace(story.record_of("KOR"), receiving_secrets=(nodes()["KOR"].receiving,))
    (finding,) = serious(audit([record], pins(), SUITE))
    assert (finding.code, finding.holder, finding.number) == ("key.commitment", None, 5)
    assert finding.arguments["reader"] == "KOR"


def test_a_wrap_that_does_not_unwrap_is_named_with_its_reader() -> None:
    """A wrap addressed to this reader's key that does not open with it leaves the reader without the key."""
    story = Story()
    kor: Node = nodes()["KOR"]
    body = wraps_of(kor, b"\x00" * 1168)
    story.record["USA"].build(1, body, at=40, epoch=2)
    record = replace(story.record_of("KOR"), receiving_secrets=(kor.receiving,))
    found = {f.code: f for f in serious(audit([record], pins(), SUITE))}
    assert found["key.not-unwrapped"].number == 5
    assert found["key.reader-left-out"].arguments["readers"] == ("JPN",)


def wraps_of(node: Node, wrapped: bytes) -> bytes:
    """A key page's body with one wrap to one reader's receiving key."""
    key_id = digest("receiving-key", SUITE.public_of_receiving(node.receiving))
    return encode([2, b"\x06" * 32, 0, 1, [[node.party, key_id, wrapped]]])


def test_a_reader_whom_the_key_pages_leave_out_is_named() -> None:
    """All parts are here and none wraps to KOR: its author kept KOR from reading."""
    story = Story()
    story.record["USA"].keys(at=40, epoch=2, readers=("JPN", "USA"))
    (finding,) = serious(judge(story))
    assert (finding.code, finding.arguments["readers"], finding.arguments["epoch"]) == (
        "key.reader-left-out",
        ("KOR",),
        2,
    )


def test_keys_of_one_holder_open_pages_of_another() -> None:
    """What one record discloses counts for all: JPN's key opens what only USA's record shows."""
    story = Story()
    usa = story.record_of("USA")
    jpn = Record("JPN", usa.lineage, usa.realm, (), epoch_keys=(disclose(story.pair),))
    report = audit([usa, jpn], pins(), SUITE)
    assert report.coverage.entry_counts["ItemNoted"] == 1
