"""Findings, their wording and their documentation are one list."""

import re
import string
from pathlib import Path

import pytest

from comity.audit import Finding, Severity, Witness
from comity.audit.finding import KINDS, make_finding
from comity.audit.form import JournalId
from comity.audit.report import Verdict, VerdictCode
from comity.audit.wording import FINDING_MESSAGES, Phrase, format_english, word_finding, word_verdict
from comity.base.instants import MINUTE_MS
from kit.audit_keys import ALL, LINEAGE, REALM, T0

GUIDE = Path(__file__).parents[3] / "docs/guide/audit.md"
JOURNAL = JournalId(LINEAGE, REALM, "record", "USA", ALL, 0)
ROW = re.compile(r"^\| `([a-z]+\.[a-z-]+)` \| (breach|doubt|note) \| ([^|]+) \|", re.MULTILINE)


def test_every_finding_is_documented_with_its_weight_and_clause_and_no_other_is() -> None:
    """docs/guide/audit.md lists each code once, with the severity and the clauses that the code has."""
    rows = ROW.findall(GUIDE.read_text(encoding="utf-8"))
    documented = [(code, weight, clause.strip()) for code, weight, clause in rows]
    assert sorted(documented) == sorted((kind.code, kind.severity.value, kind.clause) for kind in KINDS.values())


def test_every_verdict_is_documented_and_no_other_is() -> None:
    """The guide names each verdict code."""
    named = set(re.findall(r"`(verdict\.[a-z]+)`", GUIDE.read_text(encoding="utf-8")))
    assert named == {code.value for code in VerdictCode}


def test_every_finding_has_words_and_no_other_has() -> None:
    """The message table and the list of findings have the same keys."""
    assert set(FINDING_MESSAGES) == set(KINDS)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_the_words_of_a_finding_use_fields_that_it_has(code: str) -> None:
    """Each message can be written from a finding's own parts and the arguments that its kind carries."""
    names = {name for _, name, _, _ in string.Formatter().parse(FINDING_MESSAGES[code]) if name}
    always = {"holder", "journal", "number", "author", "witness"}
    carried = {"index", "count", "party", "kind", "reader", "readers", "held_by", "version", "digest"}
    of_procedures = {"act", "channel", "clause", "early_ms", "from_at", "until_at"}
    assert names <= always | carried | of_procedures


def test_a_finding_is_worded_with_its_witness() -> None:
    """The witness is a phrase of its own, so that a translator can place it."""
    witness = Witness(JOURNAL, 4, b"\x01" * 32, T0)
    finding = make_finding("tail.missing", holder="KOR", journal=JOURNAL, number=9, witness=witness)
    assert format_english(word_finding(finding)) == (
        "KOR lacks page 9 of the record journal of USA for JPN, KOR, USA, which page 4 of the record journal of USA "
        "for JPN, KOR, USA names"
    )


def test_a_later_incarnation_is_said() -> None:
    """A journal under another key is told apart from the first."""
    later = JournalId(LINEAGE, REALM, "bulk", "USA", ("USA",), 2)
    finding = make_finding("tail.no-witness", journal=later, number=3)
    text = format_english(word_finding(finding))
    assert text == "no witness beyond page 3 of the bulk journal of USA for USA, incarnation 2"


def test_a_code_that_is_not_in_the_list_cannot_be_found() -> None:
    """A finding with an unknown code is a bug of ours, not a finding."""
    with pytest.raises(AssertionError, match="not in the list"):
        make_finding("page.strange")


def test_a_breach_with_agreement_and_one_without_are_both_one_sentence() -> None:
    """Where nothing is agreed, the sentence says so instead of an instant."""
    finding = Finding("page.seen", journal=JOURNAL, number=1)
    assert finding.severity is Severity.BREACH
    words = "A rule was broken: page 1 of the record journal of USA for JPN, KOR, USA names pages that not all of its"
    some = Verdict(VerdictCode.BREACH, ALL, T0 + MINUTE_MS, finding, 1)
    assert format_english(word_verdict(some)) == f"{words} readers may know of; they agree up to 261431Z NOV 26."
    none = Verdict(VerdictCode.BREACH, ALL, None, finding, 1)
    assert format_english(word_verdict(none)) == f"{words} readers may know of; nothing is agreed."


def test_english_writes_instants_spans_digests_and_lists() -> None:
    """Instants are date-time groups, spans are seconds, digests are short, lists are joined."""
    phrase = Phrase(
        "{seen_at} {skew_ms} {digest} {parties}",
        {"seen_at": T0, "skew_ms": 6_500, "digest": b"\xab" * 32, "parties": ALL},
    )
    assert format_english(phrase) == "261430Z NOV 26 6 s abababababababab JPN, KOR, USA"
