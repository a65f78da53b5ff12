"""Duties compiled from commitments and clocks."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from comity.base.instants import HOUR_MS, Instant, parse_instant
from comity.pact.duty import DutyKind, DutyRule, DutyTrigger, compile_duties, due_instants
from comity.pact.model import Pact
from comity.pact.parse import parse_pact


def _get(pact: Pact, id_: str) -> DutyRule:
    return next(rule for rule in compile_duties(pact) if rule.id == id_)


def _due(rule: DutyRule, first: str, last: str) -> list[Instant]:
    return list(due_instants(rule, from_at=parse_instant(first), to_at=parse_instant(last)))


def test_every_duty_cites_clauses_of_the_file(camp_david: Pact, harbour: Pact) -> None:
    """Each rule's clause, and its policy where it has one, is found in the pact; ids are unique."""
    for pact in (camp_david, harbour):
        rules = compile_duties(pact)
        assert len({rule.id for rule in rules}) == len(rules)
        for rule in rules:
            assert pact.find_clause(rule.clause) is not None
            assert rule.policy is None or pact.find_clause(rule.policy) is not None


def test_an_acknowledgement_is_owed_within_fifteen_minutes_by_policy(camp_david: Pact) -> None:
    """The text has no clock, so the duty rests on the policy clause and says so."""
    rule = _get(camp_david, "duty.acknowledge")
    assert (rule.trigger, rule.within_ms, rule.policy) == (DutyTrigger.CALLED, 15 * 60_000, "policy.acknowledge")
    assert rule.owed_by == ("JPN", "KOR", "USA")
    assert "duty-officer" in rule.roles


def test_a_clock_in_the_text_rules_over_policy(harbour: Pact) -> None:
    """Where the pact itself names a time, the duty cites the pact's clause and no policy."""
    rule = _get(harbour, "duty.position")
    assert (rule.within_ms, rule.clause, rule.policy) == (12 * HOUR_MS, "consult.clock", None)


def test_a_yearly_duty_falls_due_when_the_year_has_ended_for_every_party(camp_david: Pact) -> None:
    """The leaders' meeting is owed from 2024 on, and each year ends with Washington's."""
    rule = _get(camp_david, "duty.C2")
    assert rule.jointly
    due = _due(rule, "2023-01-01", "2026-11-23")
    assert due == [parse_instant("2025-01-01T05:00Z"), parse_instant("2026-01-01T05:00Z")]


def test_the_year_of_adoption_is_owed_if_policy_says_so(camp_david_raw: bytes) -> None:
    """Changing the one policy value adds the year 2023."""
    raw = camp_david_raw.replace(b"adoption_year_owed = false", b"adoption_year_owed = true")
    assert _due(_get(parse_pact(raw), "duty.C2"), "2023-01-01", "2024-06-01") == [parse_instant("2024-01-01T05:00Z")]


def test_yearly_may_mean_the_anniversary(harbour: Pact) -> None:
    """Counted from adoption on 1 March 2025, the first year ends on the last day of February 2026."""
    assert _due(_get(harbour, "duty.H2"), "2025-01-01", "2026-12-01") == [parse_instant("2026-03-01T00:00Z")]


def test_a_single_duty_with_a_date_falls_due_once(camp_david: Pact) -> None:
    """Warning data was promised by the end of 2023."""
    assert _due(_get(camp_david, "duty.C11"), "2023-01-01", "2030-01-01") == [parse_instant("2024-01-01T05:00Z")]


def test_what_is_unspecified_never_falls_due(camp_david: Pact) -> None:
    """A commitment without a cadence, a standing one and a single one without a date have no instant at all."""
    for id_, trigger in (
        ("C12", DutyTrigger.UNSPECIFIED),
        ("C9", DutyTrigger.STANDING),
        ("C6", DutyTrigger.ONCE),
        ("C1", DutyTrigger.CALLED),
    ):
        rule = _get(camp_david, f"duty.{id_}")
        assert rule.trigger is trigger
        assert _due(rule, "2020-01-01", "2200-01-01") == []


def test_lines_are_tested_every_hour_on_the_hour(camp_david: Pact) -> None:
    """Slots are whole intervals of UTC; machine and person answer as separate duties."""
    rule = _get(camp_david, "duty.line-test.hotline.nsc")
    due = _due(rule, "2026-11-23T14:30Z", "2026-11-23T17:00Z")
    assert due == [parse_instant("2026-11-23T15:00Z"), parse_instant("2026-11-23T16:00Z")]
    kinds = {other.kind for other in compile_duties(camp_david) if other.clause == "hotline.nsc"}
    assert {DutyKind.LINE_ANSWER_BY_MACHINE, DutyKind.LINE_ANSWER_BY_PERSON} < kinds


@given(st.lists(st.integers(1_600_000_000_000, 1_900_000_000_000), min_size=2, max_size=5).map(sorted))
def test_windows_that_join_give_what_one_window_gives(camp_david: Pact, edges: list[int]) -> None:
    """Nothing falls between two windows or into both."""
    rule = _get(camp_david, "duty.C2")
    parts = [
        at
        for low, high in itertools.pairwise(edges)
        for at in due_instants(rule, from_at=Instant(low), to_at=Instant(high))
    ]
    assert parts == list(due_instants(rule, from_at=Instant(edges[0]), to_at=Instant(edges[-1])))


def test_a_short_interval_is_laid_out_lazily(camp_david: Pact) -> None:
    """An hourly line over eight thousand years costs only what is read of it."""
    rule = _get(camp_david, "duty.line-test.hotline.nsc")
    endless = due_instants(rule, from_at=Instant(1), to_at=Instant(253_402_300_799_999))
    assert list(itertools.islice(endless, 2)) == [HOUR_MS, 2 * HOUR_MS]
