"""Forks: two pages of one number by one key, shown to whom, named by whom, disputed how far."""

import hashlib

import msgspec

from comity.audit import Finding, Report, Severity, audit
from comity.audit.report import VerdictCode
from comity.audit.wording import format_english, word_verdict
from kit.audit_keys import ALL, SUITE, nodes, pins
from kit.audit_writer import Story, Written


def sentence(report: Report) -> str:
    """The verdict in English."""
    return format_english(word_verdict(report.verdict))


def serious(report: Report) -> list[Finding]:
    """All findings but notes."""
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


def test_a_fork_shown_to_two_parties_is_named_with_both_pages_and_their_holders() -> None:
    """Two pages of one number by one key are fork evidence, whoever was shown which."""
    story = Story()
    usa = story.record["USA"]
    rival = usa.branch(3).entries(["MeasureNoted", 8], at=20)
    records = [
        story.record_of("USA"),
        story.record_of("JPN"),
        story.record_of("KOR", without=[usa.pages[4].raw], more=[rival.raw]),
    ]
    report = audit(records, pins(), SUITE)
    fork = next(finding for finding in report.findings if finding.code == "page.forked")
    assert fork.number == 4
    held = dict(zip(fork.arguments["digests"], fork.arguments["held_by"], strict=True))  # type: ignore[call-overload]
    assert held == {usa.pages[4].digest: ("JPN", "USA"), rival.digest: ("KOR",)}
    assert report.verdict.code is VerdictCode.DISAGREEMENT
    assert report.verdict.finding == fork
    assert "USA signed different pages 4 of the record journal of USA" in sentence(report)
    # JPN and KOR signed heads that name the first page: so the rival is disputed, and only the rival.
    disputed = [f for f in report.findings if f.code == "page.disputed"]
    assert [(f.number, f.arguments["digest"]) for f in disputed] == [(4, rival.digest)]


def test_both_branches_of_a_fork_that_others_named_are_disputed_to_their_ends() -> None:
    """JPN named one branch and KOR the other: neither counts as consent, from the fork to the last page (J16)."""
    story = Story(kor_stops=True)
    usa = story.record["USA"]
    rival = usa.branch(3)
    first = rival.entries(["MeasureNoted", 8], at=20)
    second = rival.entries(["MeasureNoted", 9], at=21)
    story.record["KOR"].receipt(second, at=25)
    report = audit([story.record_of("USA", more=[first.raw, second.raw])], pins(), SUITE)
    disputed = {f.arguments["digest"]: f for f in report.findings if f.code == "page.disputed"}
    assert {digest: (f.number, f.arguments["count"]) for digest, f in disputed.items()} == {
        usa.pages[4].digest: (4, 1),
        first.digest: (4, 2),
    }


def test_more_branches_than_are_kept_are_named() -> None:
    """A liar who signs sixty-five pages of one number is named once for the fork and once for the flood (J11)."""
    story = Story()
    rivals = [story.record["USA"].branch(3).entries(["MeasureNoted", n], at=20).raw for n in range(64)]
    report = audit([story.record_of("USA", more=rivals)], pins(), SUITE)
    found = {f.code: f for f in serious(report)}
    assert found["page.branch-limit"].arguments["count"] == 65
    assert len(found["page.forked"].arguments["digests"]) == 65  # type: ignore[arg-type]


def test_a_fork_of_a_fork_is_named_at_both_places() -> None:
    """Branches that part again are each named where they part; agreement ends at the first."""
    story = Story()
    usa = story.record["USA"]
    early = usa.branch(1)
    pages = [
        early.entries(["Note", 1], at=12),
        early.branch(2).entries(["Note", 2], at=13),
        early.entries(["Note", 3], at=13),
    ]
    report = audit([story.record_of("USA", more=[page.raw for page in pages])], pins(), SUITE)
    assert [f.number for f in report.findings if f.code == "page.forked"] == [2, 3]
    row = next(
        r for r in report.rows if (r.journal.author, r.journal.feed, r.journal.audience) == ("USA", "record", ALL)
    )
    assert (row.agreed_number, row.page_count) == (1, 8)


def test_a_fork_of_which_only_the_signed_heads_of_another_tell_is_named() -> None:
    """Where the rival page is not here but an accepted page names it, that page is the witness."""
    story = Story()
    rival = story.record["USA"].branch(3).entries(["MeasureNoted", 8], at=20)
    kor = story.record["KOR"].receipt(rival, at=25)
    report = audit([story.record_of("USA")], pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.number) == ("fork.witnessed", 4)
    assert finding.witness is not None
    assert (finding.witness.journal.author, finding.witness.digest) == ("KOR", kor.digest)
    assert "page 2 of the record journal of KOR for JPN, KOR, USA names another page 4" in sentence(report)


def test_one_page_under_two_signatures_is_one_page_in_different_bytes() -> None:
    """Ed25519 allows an author two signatures over one header: no fork, but the holders' bytes differ (J8)."""
    story = Story()
    page = story.record["JPN"].pages[1]
    twin = resign(page)
    records = [story.record_of("USA"), story.record_of("KOR", without=[page.raw], more=[twin])]
    report = audit(records, pins(), SUITE)
    (finding,) = serious(report)
    assert (finding.code, finding.number) == ("page.bytes-differ", 1)
    assert report.verdict.code is VerdictCode.AGREED


def resign(page: Written) -> bytes:
    """Sign a header again with another nonce (RFC 8032, 5.1.6, with a nonce of our own choosing)."""
    header, _, body = msgspec.msgpack.decode(page.raw, type=tuple[bytes, bytes, bytes])
    message = b"comity/1/page\x00" + header
    secret = nodes()["JPN"].secret
    order = 2**252 + 27742317777372353535851937790883648493
    digest = hashlib.sha512(secret).digest()
    scalar = (int.from_bytes(digest[:32], "little") & (2**254 - 8)) | 2**254
    # R = r·B for r = the scalar of another seed: its public key is that very point.
    nonce_seed = b"\x05" * 32
    nonce = (int.from_bytes(hashlib.sha512(nonce_seed).digest()[:32], "little") & (2**254 - 8)) | 2**254
    point = SUITE.public_of_signing(nonce_seed)
    public = SUITE.public_of_signing(secret)
    challenge = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little")
    answer = (nonce + challenge * scalar) % order
    return msgspec.msgpack.encode([header, point + answer.to_bytes(32, "little"), body])


def test_a_reader_that_names_a_rival_of_a_lower_number_is_in_no_doubt() -> None:
    """Found in rehearsal: whoever met a liar's second history named it as J12 asks, and was told to run on an old copy.

    KOR has named page 4; then it is shown a rival of page 2 and names that.
    """
    story = Story()
    usa, kor = story.record["USA"], story.record["KOR"]
    rival = usa.branch(1).entries(["MeasureOffered", 8], at=20)
    assert rival.number < usa.last.number
    kor.receipt(usa.last, at=30)
    kor.receipt(rival, at=31)
    report = audit([story.record_of("KOR", more=[rival.raw]), story.record_of("JPN")], pins(), SUITE)
    codes = {finding.code for finding in report.findings}
    assert "page.forked" in codes
    assert "seen.backwards" not in codes
