"""What an author did: audiences, clocks, heads, checkpoints, and pages that do not follow."""

from dataclasses import replace

import pytest

from comity.audit import Finding, Severity, audit
from comity.audit.report import VerdictCode
from comity.base.instants import MINUTE_MS
from kit.audit_keys import LINEAGE, SUITE, make_node, nodes, pins
from kit.audit_writer import Pen, Story, heads


def judge(story: Story, *more: bytes, statements: tuple[bytes, ...] = ()) -> list[Finding]:
    """Audit USA's record with further pages and statements; return all but notes."""
    record = replace(story.record_of("USA", more=more), statements=statements)
    report = audit([record], pins(), SUITE)
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


def codes(found: list[Finding]) -> list[str]:
    """Only the codes."""
    return [finding.code for finding in found]


def test_pages_of_a_party_without_certificate_are_held_as_one_run() -> None:
    """Without KOR's genesis nothing of KOR's can be accepted: held, not refused, and said once for each journal."""
    story = Story()
    story.record["KOR"].receipt(story.record["JPN"].last, at=40)
    genesis = story.genesis["KOR"].pages[0].raw
    report = audit([story.record_of("USA", without=[genesis])], pins(), SUITE)
    strangers = [f for f in report.findings if f.code == "page.stranger"]
    assert [(f.journal.feed, f.number, f.arguments["count"]) for f in strangers if f.journal] == [("record", 0, 3)]
    assert report.verdict.code is VerdictCode.DISAGREEMENT  # the lost genesis page is named by JPN and USA


def test_a_full_checkpoint_may_leave_out_what_has_no_room() -> None:
    """A vector of 512 heads is full: what it leaves out is not held against it (J13)."""
    story = Story()
    vector = [(bytes([n // 256, n % 256]) * 16, 0, b"\x01" * 32) for n in range(512)]
    pen = story.record["USA"]
    pen.checkpoint(at=40, statement=[pen.last.number, pen.last.digest, vector])
    assert "checkpoint.forgets" not in codes(judge(story))


def test_a_page_that_names_what_its_readers_may_not_know_is_a_breach() -> None:
    """USA names, in the journal for all, a page of its journal with JPN: KOR learns that it exists (J12)."""
    story = Story()
    page = story.record["USA"].receipt(story.pair.last, at=40)
    (finding,) = judge(story)
    assert (finding.code, finding.number, finding.arguments["number_named"]) == ("page.seen", page.number, 1)


def test_a_clock_that_ran_backwards_is_one_finding_with_its_count() -> None:
    """Two pages written before the page before them: the first is named, both are counted."""
    story = Story()
    pen = story.record["USA"]
    pen.entries(["Note", 1], at=19)
    pen.entries(["Note", 2], at=18)
    (finding,) = judge(story)
    assert (finding.code, finding.number, finding.arguments["count"]) == ("clock.backwards", 5, 2)


def test_a_clock_far_behind_the_pages_it_names_is_odd_and_a_little_is_not() -> None:
    """Naming a page that by its clock lies six minutes ahead is a doubt; four minutes are a usual skew."""
    story = Story()
    ahead = story.record["USA"].entries(["Note", 1], at=36)
    story.record["KOR"].receipt(ahead, at=32)
    assert judge(story) == []
    later = story.record["USA"].entries(["Note", 1], at=39)
    story.record["KOR"].receipt(later, at=33)
    (finding,) = judge(story)
    assert (finding.code, finding.arguments["behind_ms"]) == ("clock.behind-heads", 6 * MINUTE_MS)


def test_heads_that_go_back_are_odd() -> None:
    """KOR names an earlier page of USA than it had named before: perhaps it runs on an old backup."""
    story = Story()
    story.record["KOR"].receipt(story.record["USA"].pages[1], at=40)
    (finding,) = judge(story)
    assert (finding.code, finding.number) == ("seen.backwards", 2)


def test_a_checkpoint_that_forgets_what_was_named_is_odd() -> None:
    """A checkpoint states all heads held; one that leaves out a head named before is noticed (J13)."""
    story = Story()
    story.record["USA"].checkpoint(story.genesis["JPN"].last, at=40)
    (finding,) = judge(story)
    assert (finding.code, finding.number) == ("checkpoint.forgets", 5)


def test_a_checkpoint_may_be_older_than_the_heads_of_its_own_page() -> None:
    """It is signed first; the page that carries it names what came while it was being signed, too (J12, J13)."""
    story = Story()
    jpn, genesis = story.record["JPN"], story.genesis
    held = (jpn.pages[1], genesis["JPN"].last, genesis["KOR"].last)
    story.record["USA"].checkpoint(*held, at=40, seen=heads(jpn.last))
    assert "checkpoint.forgets" not in codes(judge(story))


@pytest.mark.parametrize("part", ["number", "digest", "signature"])
def test_a_checkpoint_of_another_page_or_key_does_not_hold(part: str) -> None:
    """The checkpoint must name the page before it and be signed with the certified ML-DSA key (J13)."""
    story = Story()
    pen = story.record["USA"]
    known = [pen.pages[2], *(genesis.last for genesis in story.genesis.values()), story.record["JPN"].pages[1]]
    statement: list[object] = [pen.last.number, pen.last.digest, heads(*known[1:])]
    if part == "number":
        statement[0] = 1
    elif part == "digest":
        statement[1] = pen.pages[2].digest
    else:
        pen = replace(pen, node=replace(pen.node, checkpoint_secret=b"\x09" * 32))
    page = pen.checkpoint(at=40, statement=statement)
    (finding,) = judge(story, *([page.raw] if part == "signature" else []))
    assert (finding.code, finding.number) == ("page.checkpoint", 5)


def test_a_page_by_another_key_is_refused_whatever_it_says() -> None:
    """A page that claims to be USA's and is signed by another key is named at the holder who stored it."""
    story = Story()
    forger = replace(nodes()["USA"], secret=b"\x08" * 32)
    page = replace(story.record["USA"].branch(4), node=forger).receipt(story.record["JPN"].last, at=40)
    (finding,) = judge(story, page.raw)
    assert (finding.code, finding.number) == ("page.signature", 5)


def test_a_page_that_names_a_page_of_another_journal_as_previous_is_refused() -> None:
    """A chain does not cross from one journal into another (J11 step 8)."""
    story = Story()
    story.record["USA"].entries(["Note", 1], at=40, previous=story.record["JPN"].last.digest)
    (finding,) = judge(story)
    assert (finding.code, finding.number, "count" in finding.arguments) == ("page.previous", 5, False)


def test_a_first_page_that_does_not_hang_on_its_journal_is_refused() -> None:
    """Page 0 names the journal digest (J7)."""
    story = Story()
    pen = Pen(nodes()["USA"], ("KOR", "USA"))
    page = pen.keys(at=40, previous=b"\x00" * 32)
    (finding,) = judge(story, page.raw)
    assert (finding.code, finding.number) == ("page.previous", 0)


def test_a_stranger_with_his_own_root_is_no_party() -> None:
    """Pages whose audience is not of the pact are refused, however well certified by themselves."""
    france = make_node("FRA")
    page = Pen(france, ("FRA", "USA"), "genesis").open(["PactAccepted", LINEAGE], at=40)
    (finding,) = judge(Story(), page.raw)
    assert (finding.code, finding.number) == ("page.unknown-party", 0)


def test_a_record_of_strangers_only_has_nothing_to_judge() -> None:
    """A home without any genesis page holds its pages back, and the verdict says that nothing was accepted."""
    story = Story()
    without = [pen.pages[0].raw for pen in story.genesis.values()]
    report = audit([story.record_of("USA", without=without)], pins(), SUITE)
    assert report.verdict.code is VerdictCode.NOTHING
    assert {f.code for f in report.findings if f.severity is not Severity.NOTE} == {"page.stranger"}
