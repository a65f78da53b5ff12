"""The account over the public record: evidence found or not, never more."""

import datetime as dt
import importlib.resources
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.pact.commitment import EvidenceKind
from comity.pact.facts import FACTS_PACKAGE, FACTS_SUFFIX, RECORDS
from comity.pact.findings import RecordRefused
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE, PROFILE_SUFFIX
from comity.procedure.account import AccountRow, AccountVerdict, account
from comity.procedure.public_record import PublicRecord, check_public_record, parse_public_record


def _read_pact(name: str) -> bytes:
    return (importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()


RAW = (importlib.resources.files(FACTS_PACKAGE) / (RECORDS[0] + FACTS_SUFFIX)).read_bytes()
PACT = parse_pact(_read_pact("camp-david"))
RECORD = parse_public_record(RAW, PACT)


def _row(commitment: str, as_of: str, *, record: PublicRecord = RECORD, pact: Pact = PACT) -> AccountRow:
    rows = account(pact, record, dt.date.fromisoformat(as_of))
    return next(row for row in rows if row.commitment.id == commitment)


def _without(fact_id: str) -> PublicRecord:
    """The record from whose *text* one fact was removed, as an editor would."""
    removed = re.sub(rf'\[\[fact\]\]\nid = "{fact_id}"\n(?:.+\n)+\n', "", RAW.decode())
    assert removed != RAW.decode()
    pruned = re.sub(rf'\[\[prompt\]\]\n(?:.+\n)*answered_by = "{fact_id}"\n(?:.+\n)+\n', "", removed)
    return parse_public_record(pruned.encode(), PACT)


def _last_day(row: AccountRow) -> str | None:
    return None if row.last is None else row.last.last_day.isoformat()


@pytest.mark.parametrize(
    ("commitment", "as_of", "last_day", "verdict"),
    [
        ("C2", "2026-11-23", "2024-11-15", AccountVerdict.NO_EVIDENCE_FOUND),
        ("C10", "2026-11-23", "2025-09-19", AccountVerdict.EVIDENCE_FOUND),
        ("C2", "2024-10-01", "2023-08-18", AccountVerdict.EVIDENCE_FOUND),
        ("C1", "2023-12-31", "2023-12-18", AccountVerdict.EVIDENCE_FOUND),
        ("C4", "2023-12-31", None, AccountVerdict.NO_EVIDENCE_FOUND),
        ("C15", "2026-11-23", None, AccountVerdict.UNSPECIFIED),
        ("C12", "2026-11-23", "2025-09-19", AccountVerdict.EVIDENCE_FOUND),
        ("C16", "2026-11-23", None, AccountVerdict.NO_EVIDENCE_FOUND),
        ("C10", "2025-09-18", "2024-11-15", AccountVerdict.EVIDENCE_FOUND),
    ],
)
def test_last_evidence_and_verdict(commitment: str, as_of: str, last_day: str | None, verdict: AccountVerdict) -> None:
    """The day of the last evidence and what follows from it, as of a day."""
    row = _row(commitment, as_of)
    assert (_last_day(row), row.verdict) == (last_day, verdict)


def test_every_commitment_has_a_row() -> None:
    """C1 to C24, in the pact's order, none left out for want of evidence."""
    rows = account(PACT, RECORD, dt.date(2026, 11, 23))
    assert [row.commitment.id for row in rows] == [f"C{number}" for number in range(1, 25)]


def test_an_anniversary_statement_is_no_meeting() -> None:
    """The fact of 18 August 2024 bears on C2 and is a statement, so it is evidence for C24 and not for C2."""
    fact = next(fact for fact in RECORD.facts if fact.id == "leaders-2024-08")
    assert fact.kind is EvidenceKind.STATEMENT
    assert {"C2", "C24"} <= set(fact.commitments)
    assert _row("C2", "2024-10-01").last != fact
    assert _row("C24", "2024-10-01").last == fact


def test_were_it_a_meeting_it_would_count() -> None:
    """The kind alone decides: changed to a meeting in the file, the same fact moves the answer."""
    changed = re.sub(rb'(id = "leaders-2024-08"\n(?:.+\n)*?kind = )"statement"', rb'\1"meeting"', RAW)
    assert changed != RAW
    assert _last_day(_row("C2", "2024-10-01", record=parse_public_record(changed, PACT))) == "2024-08-18"


@pytest.mark.parametrize(
    ("commitment", "removed", "as_of", "last_day"),
    [
        ("C2", "leaders-2024-11", "2026-11-23", "2023-08-18"),
        ("C10", "freedom-edge-3", "2026-11-23", "2024-11-15"),
        ("C2", "camp-david-2023", "2024-10-01", None),
        ("C1", "call-2026-01-27", "2026-11-23", "2024-09-12"),
    ],
)
def test_removing_a_row_changes_the_answer(commitment: str, removed: str, as_of: str, last_day: str | None) -> None:
    """Nothing is hard-wired: without the row, the evidence before it is the last."""
    assert _last_day(_row(commitment, as_of, record=_without(removed))) == last_day


def test_each_calendar_year_since_the_pact_is_shown() -> None:
    """Leaders: 2023 found and not owed, 2024 found, 2025 searched and not found, 2026 still running."""
    row = _row("C2", "2026-11-23")
    shown = [(period.last_day.year, bool(period.evidence), period.owed, period.ended) for period in row.periods]
    assert shown == [
        (2023, True, False, True),
        (2024, True, True, True),
        (2025, False, True, True),
        (2026, False, True, False),
    ]
    assert row.periods[0].first_day == PACT.identity.adopted
    assert row.policy == "policy.yearly"
    assert [search.id for search in row.searches] == ["leaders-after-lima"]


@pytest.mark.parametrize(
    ("commitment", "as_of", "due"),
    [
        ("C2", "2026-11-23", "2026-12-31"),
        ("C2", "2024-11-14", "2024-12-31"),
        ("C2", "2024-11-15", "2025-12-31"),
        ("C2", "2023-09-01", "2024-12-31"),
        ("C2", "2023-01-01", "2024-12-31"),
        ("C21", "2024-10-01", "2024-12-31"),
        ("C6", "2024-10-01", None),
        ("C9", "2024-10-01", None),
        ("C22", "2024-10-01", None),
    ],
)
def test_when_the_next_is_due(commitment: str, as_of: str, due: str | None) -> None:
    """By the calendar year of the policy clause; where the text sets no day, none is made up."""
    next_due_on = _row(commitment, as_of).next_due_on
    assert (next_due_on.isoformat() if next_due_on else None) == due


def test_the_year_may_be_counted_from_the_anniversary() -> None:
    """Under the other policy value Lima falls in the year that ended on 17 August 2025, and that year is found."""
    raw = _read_pact("camp-david").replace(b'means = "calendar-year"', b'means = "anniversary-year"')
    row = _row("C2", "2025-09-01", pact=parse_pact(raw))
    assert [(str(period.first_day), bool(period.evidence)) for period in row.periods] == [
        ("2023-08-18", True),
        ("2024-08-18", True),
        ("2025-08-18", False),
    ]
    assert row.next_due_on == dt.date(2026, 8, 17)


def test_the_search_bounds_what_is_said() -> None:
    """Before the search ended it is cut at `as_of`; after it, the row keeps the day, and later years have none."""
    assert _row("C2", "2024-10-01").searched_until == dt.date(2024, 10, 1)
    later = _row("C2", "2028-03-01")
    assert later.searched_until == dt.date(2026, 11, 23)
    assert [period.searched_until for period in later.periods[-2:]] == [None, None]


def test_facts_before_adoption_are_no_evidence() -> None:
    """What was agreed at Phnom Penh in 2022 is in the record and counts for nothing in this pact."""
    assert any(fact.last_day < PACT.identity.adopted for fact in RECORD.facts)
    assert _row("C11", "2023-09-01").last is None


@settings(max_examples=50, deadline=None)
@given(st.dates())
def test_any_day_has_an_account(as_of: dt.date) -> None:
    """From the first day of the calendar to its last; no evidence is later than the day asked for."""
    for row in account(PACT, RECORD, as_of):
        assert row.last is None or row.last.last_day <= as_of
        assert row.verdict is not AccountVerdict.EVIDENCE_FOUND or row.last is not None


def test_every_fact_and_prompt_has_a_source_and_every_source_a_use() -> None:
    """Each row resolves to the text of a source; none stands idle."""
    used = {id_ for fact in RECORD.facts for id_ in fact.sources}
    used |= {id_ for prompt in RECORD.prompts for id_ in prompt.sources}
    assert used == {source.id for source in RECORD.sources}
    assert all(RECORD.list_sources(fact.sources) for fact in RECORD.facts)


def test_no_word_of_the_record_says_that_something_did_not_happen() -> None:
    """Absence stands only in `search` rows and in the caution at the head."""
    body = RAW.decode().split("[record]")[1]
    assert re.search(r"did not happen|was not held|no meeting took place", body) is None


FAULTS = [
    ("another pact", 'pact = "camp-david"', 'pact = "harbour-aid"', "record.other-pact", ""),
    ("dangling commitment", 'commitments = ["C17"]', 'commitments = ["C77"]', "pact.reference", "dev-hum-2023"),
    ("dangling body", 'bodies = ["DTT"]', 'bodies = ["X"]', "pact.reference", "dtt-15"),
    ("dangling source", 'sources = ["34"]', 'sources = ["nowhere"]', "pact.reference", "dtt-15"),
    ("dangling answer", 'answered_by = "call-2024-06-26"', 'answered_by = "no"', "pact.reference", "launch-2024-06-25"),
    ("fact twice", 'id = "cyber-2"', 'id = "cyber-1"', "pact.id-duplicate", "cyber-1"),
    ("ends before it begins", "until = 2024-06-29", "until = 2024-06-01", "record.dates", "freedom-edge-1"),
    (
        "later than the search",
        "searched_until = 2026-11-23",
        "searched_until = 2025-01-01",
        "record.dates",
        "fm-2025-02",
    ),
    (
        "month without span",
        "since = 2024-09-10\n",
        'since = 2024-09-10\nprecision = "month"\n',
        "record.dates",
        "dtt-15",
    ),
    ("launch without instant", '"2023-12-17T23:24Z"', '"yesterday"', "record.dates", "launch-2023-12-17"),
    ("unknown kind", 'kind = "call"', 'kind = "rumour"', "pact.value", "call-2023-12-18"),
    ("no source", 'sources = ["34"]', "sources = []", "pact.empty", "dtt-15"),
]


@pytest.mark.parametrize(("fault", "old", "new", "code", "clause"), FAULTS, ids=[row[0] for row in FAULTS])
def test_each_fault_of_a_record_is_found(fault: str, old: str, new: str, code: str, clause: str) -> None:
    """One change to a sound record gives its code, at the fact, with a line."""
    text = RAW.decode()
    assert old in text, fault
    raw = text.replace(old, new, 1).encode()
    findings = check_public_record(raw, PACT)
    assert any((finding.code, finding.clause) == (code, clause) for finding in findings), findings
    assert all(finding.line > 1 and finding.message.format(**finding.arguments) for finding in findings)
    with pytest.raises(RecordRefused):
        parse_public_record(raw, PACT)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_gives_a_record_or_findings(data: st.DataObject) -> None:
    """Cut or overwritten anywhere, a record is read or refused; nothing else is raised."""
    start = data.draw(st.integers(0, len(RAW)))
    end = data.draw(st.integers(start, min(len(RAW), start + 400)))
    middle = data.draw(st.sampled_from([b"", b"\n", b"\xff", b"[]", b"9999-12-31", b'"x"', b"{"]))
    raw = RAW[:start] + middle + RAW[end:]
    if not check_public_record(raw, PACT):
        parse_public_record(raw, PACT)
