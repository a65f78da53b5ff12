"""Folding the states of agreements (docs/spec/release.md, R12 to R15, R29)."""

import datetime as dt
import itertools

import msgspec
import pytest

from comity.base.encoding import Decoder, encode
from comity.base.instants import Instant, parse_instant
from comity.pact.agreement import AgreementState, StateSince
from comity.pact.model import Pact
from comity.pact.terms import Confidence
from comity.procedure.agreement import AgreementReason, AgreementStanding, AgreementStateStated, agreement_states
from comity.procedure.stated import Standing, Stated
from kit.releasing import NOW, camp_david_terms, state_entry, stated

IN_FORCE, SUSPENDED, ENDED = AgreementState.IN_FORCE, AgreementState.SUSPENDED, AgreementState.ENDED
PACT = camp_david_terms().pact


def gsomia(*told: Stated, as_of: int = NOW, when_stating: Stated | None = None) -> AgreementStanding:
    """How the Japan-ROK agreement stands by these statements."""
    return agreement_states(PACT, told, as_of=Instant(as_of), when_stating=when_stating)["jpn-kor-gsomia"]


def say(state: AgreementState, author: str = "KOR", *, page: int = 1, at: int = NOW - 1000, **other: object) -> Stated:
    """A party's word on that agreement, in effect since the first of the month."""
    return stated(state_entry(state, "2023-12-01"), author=author, page=page, at=at, **other)  # type: ignore[arg-type]


def test_file_rules_until_somebody_speaks() -> None:
    """Without statements the pact file's row is the state, undisputed."""
    assert gsomia() == AgreementStanding("jpn-kor-gsomia", IN_FORCE, (("JPN", IN_FORCE), ("KOR", IN_FORCE)), False)


def test_one_party_suspends_and_both_resume() -> None:
    """One party's word suspends; its own alone resumes what it alone suspended."""
    suspended = gsomia(say(SUSPENDED))
    assert (suspended.state, suspended.contested, suspended.is_operative) == (SUSPENDED, True, False)
    assert gsomia(say(SUSPENDED), say(IN_FORCE, "JPN")).state is SUSPENDED
    assert gsomia(say(SUSPENDED), say(IN_FORCE, page=2)).state is IN_FORCE


def test_strangers_to_an_agreement_have_no_cell() -> None:
    """A party of the pact that is no party of the agreement changes nothing by speaking of it."""
    assert gsomia(say(ENDED, "USA")).state is IN_FORCE


def test_only_statements_to_all_count() -> None:
    """A statement to two of three would give two states of one agreement, so it gives none."""
    assert gsomia(say(ENDED, audience=("JPN", "KOR"))).state is IN_FORCE


def test_not_yet_in_effect() -> None:
    """A statement takes effect at its own instant, not before."""
    entry = state_entry(SUSPENDED, "2023-12-20")
    told = stated(entry, author="KOR")
    assert gsomia(told, as_of=entry.effective_at - 1).state is IN_FORCE
    assert gsomia(told, as_of=entry.effective_at).state is SUSPENDED


def test_own_order_not_own_clock() -> None:
    """A clock that was set back does not make a later suspension look older than what it follows."""
    assert gsomia(say(IN_FORCE, page=5, at=NOW), say(SUSPENDED, page=6, at=NOW - 600_000)).state is SUSPENDED


@pytest.mark.parametrize("standing", [Standing.DISPUTED, Standing.DISOWNED])
def test_disputed_words_restrict_only(standing: Standing) -> None:
    """A statement that never counts as consent still binds where it restricts, and opens nothing."""
    assert gsomia(say(SUSPENDED, standing=standing)).state is SUSPENDED
    assert gsomia(say(SUSPENDED), say(IN_FORCE, page=2, standing=standing)).state is SUSPENDED


def test_a_later_incarnation_speaks_last() -> None:
    """After its key was replaced, a party's new word overrides what a thief said with the old key."""
    stolen = say(ENDED, page=9, standing=Standing.DISOWNED)
    assert gsomia(stolen, say(IN_FORCE, page=1, incarnation=1)).state is IN_FORCE


def test_a_newer_row_of_the_pact_rules_again() -> None:
    """What all parties wrote into the pact later overrides what one of them had said before."""
    old = stated(state_entry(ENDED, "2020-01-01"), author="KOR", at=parse_instant("2020-01-01"))
    assert gsomia(old, as_of=parse_instant("2022-01-01")).state is ENDED
    assert gsomia(old).state is IN_FORCE
    backdated = stated(state_entry(ENDED, "2020-01-01"), author="KOR", at=NOW - 1)
    assert gsomia(backdated).state is ENDED


def test_at_a_cut_only_what_was_known_counts() -> None:
    """At the cut of a page, a suspension that its author had not received does not count against it."""
    suspension = say(SUSPENDED)
    blind = stated(state_entry(IN_FORCE, "2023-12-01"), author="JPN", page=3)
    seeing = stated(state_entry(IN_FORCE, "2023-12-01"), author="JPN", page=3, seen=[suspension])
    assert gsomia(suspension, when_stating=blind).state is IN_FORCE
    assert gsomia(suspension, when_stating=seeing).state is SUSPENDED


NOTICE_ROW = StateSince(
    state=AgreementState.NOTICE_GIVEN,
    since=dt.date(2023, 11, 1),
    notice_ends_at=dt.datetime(2023, 12, 10, tzinfo=dt.UTC),
    sources=("test",),
    confidence=Confidence.OK,
)


def in_file(*rows: StateSince) -> Pact:
    """The pact with these rows for that agreement."""
    agreements = tuple(
        msgspec.structs.replace(agreement, states=rows) if agreement.id == "jpn-kor-gsomia" else agreement
        for agreement in PACT.agreements
    )
    return msgspec.structs.replace(PACT, agreements=agreements)


def test_notice_in_the_file_runs_out() -> None:
    """A row with an end reads as notice given until just before it, and as ended from it on (R29)."""
    pact, end = in_file(NOTICE_ROW), parse_instant("2023-12-10")
    before = agreement_states(pact, (), as_of=Instant(end - 1))["jpn-kor-gsomia"]
    after = agreement_states(pact, (), as_of=end)["jpn-kor-gsomia"]
    assert (before.state, before.notice_ends_at, before.is_operative) == (AgreementState.NOTICE_GIVEN, end, True)
    assert (after.state, after.notice_ends_at, after.contested) == (ENDED, end, False)


def test_a_later_row_takes_the_end_of_notice_away() -> None:
    """A row of a later day, written before the end or after it, says otherwise for all (R29)."""
    resumed = msgspec.structs.replace(
        NOTICE_ROW, state=AgreementState.NOTICE_SUSPENDED, since=dt.date(2023, 12, 9), notice_ends_at=None
    )
    standing = agreement_states(in_file(NOTICE_ROW, resumed), (), as_of=NOW)["jpn-kor-gsomia"]
    assert (standing.state, standing.notice_ends_at) == (AgreementState.NOTICE_SUSPENDED, None)


def test_a_statement_takes_the_end_away_for_its_author_alone() -> None:
    """Where the file gave the notice, the agreement ends unless each of its parties says otherwise (R29)."""
    pact = in_file(NOTICE_ROW)
    seoul, tokyo = say(IN_FORCE), say(IN_FORCE, "JPN")
    assert agreement_states(pact, (seoul,), as_of=NOW)["jpn-kor-gsomia"].state is ENDED
    both = agreement_states(pact, (seoul, tokyo), as_of=NOW)["jpn-kor-gsomia"]
    assert (both.state, both.notice_ends_at) == (IN_FORCE, None)


def test_any_order_with_duplicates() -> None:
    """Whatever the order of arrival, and with repetitions, the states are the same."""
    told = [say(SUSPENDED), say(IN_FORCE, page=2), say(ENDED, "JPN"), say(IN_FORCE, "JPN", page=4)]
    wanted = gsomia(*told)
    for order in itertools.permutations(told):
        assert gsomia(*order, order[0]) == wanted


def test_bytes_and_back() -> None:
    """A statement has one form in bytes, with its type first."""
    entry = state_entry(AgreementState.NOTICE_GIVEN, "2019-08-22", notice_ends="2019-11-22T15:00Z")
    raw = encode(entry)
    assert msgspec.msgpack.decode(raw)[0] == "AgreementStateStated"
    assert Decoder(AgreementStateStated, size_max=1000).decode(raw) == entry


LADDER = (
    AgreementState.IN_FORCE,
    AgreementState.NOTICE_SUSPENDED,
    AgreementState.NOTICE_GIVEN,
    AgreementState.SUSPENDED,
    AgreementState.ENDED,
)


@pytest.mark.parametrize(("one", "other"), [*itertools.product(LADDER, LADDER)])
def test_of_any_two_the_more_restrictive_rules(one: AgreementState, other: AgreementState) -> None:
    """Whoever of the two says it, and so does a disputed word: it restricts, and opens nothing (R12, R13, R15)."""
    strictest = max(one, other, key=LADDER.index)
    assert gsomia(say(one, "JPN"), say(other, "KOR")).state is strictest
    assert gsomia(say(one, "KOR"), say(other, "KOR", page=2, standing=Standing.DISPUTED)).state is strictest
    assert gsomia(say(one, "JPN"), say(other, "KOR")).is_operative is (LADDER.index(strictest) < 3)


def test_before_its_first_row_nothing_opens_it() -> None:
    """An agreement that has not begun is more restrictive than one that has ended: one party's word begins nothing."""
    before = parse_instant("2016-11-01")
    for state in LADDER:
        told = stated(state_entry(state, "2016-10-01"), author="KOR", at=before)
        assert gsomia(told, as_of=before).state is None


def test_the_words_of_the_format() -> None:
    """States and reasons stand in signed bytes: none may be lost or spelt anew (R12)."""
    assert [state.value for state in LADDER] == ["in-force", "notice-suspended", "notice-given", "suspended", "ended"]
    assert len(AgreementState) == len(LADDER)
    words = ["notice", "notice-suspended", "notice-withdrawn", "term-ended", "breach-alleged", "national-decision"]
    words += ["resumed", "unstated"]
    assert [reason.value for reason in AgreementReason] == words


def test_cells_stand_in_the_order_of_parties() -> None:
    """However the file lists them: every node shows the same (R13)."""
    turned = tuple(
        msgspec.structs.replace(agreement, parties=("KOR", "JPN")) if agreement.id == "jpn-kor-gsomia" else agreement
        for agreement in PACT.agreements
    )
    standing = agreement_states(msgspec.structs.replace(PACT, agreements=turned), (), as_of=NOW)["jpn-kor-gsomia"]
    assert [party for party, _ in standing.cells] == ["JPN", "KOR"]


def test_what_is_said_at_the_first_instant_of_a_row_counts() -> None:
    """Only what is older than the row is overridden by it; and what follows an overridden word counts (R14)."""
    row = msgspec.structs.replace(NOTICE_ROW, state=IN_FORCE, notice_ends_at=None)
    first = parse_instant("2023-11-01")
    told = stated(state_entry(SUSPENDED, "2023-11-01"), author="KOR", at=first)
    assert agreement_states(in_file(row), (told,), as_of=first)["jpn-kor-gsomia"].state is SUSPENDED
    old = stated(state_entry(ENDED, "2020-01-01"), author="KOR", at=parse_instant("2020-01-01"))
    assert gsomia(old, say(SUSPENDED, page=2)).state is SUSPENDED


def give_notice(author: str, ends: str, *, page: int = 1, standing: Standing = Standing.GOOD) -> Stated:
    """A party's notice on that agreement, with its end."""
    entry = state_entry(AgreementState.NOTICE_GIVEN, "2023-12-01", notice_ends=ends)
    return stated(entry, author=author, page=page, at=NOW - 1000, standing=standing)


def test_the_earliest_end_of_notice_is_shown() -> None:
    """Of two notices; and a disputed one that restricts no more leaves the end that its author gave before (R14)."""
    early, late = parse_instant("2023-12-20"), "2023-12-25"
    assert gsomia(give_notice("KOR", "2023-12-20"), give_notice("JPN", late)).notice_ends_at == early
    disputed = give_notice("KOR", late, page=2, standing=Standing.DISPUTED)
    assert gsomia(give_notice("KOR", "2023-12-20"), disputed).notice_ends_at == early


def test_a_row_that_is_contested_is_shown_so_while_it_rules() -> None:
    """The file says that its parties read the state differently; once both of them say another, it is agreed (R13)."""
    row = msgspec.structs.replace(NOTICE_ROW, state=IN_FORCE, notice_ends_at=None, contested=True)
    pact = in_file(row)
    assert agreement_states(pact, (), as_of=NOW)["jpn-kor-gsomia"].contested
    both = (say(SUSPENDED), say(SUSPENDED, "JPN"))
    assert not agreement_states(pact, both, as_of=NOW)["jpn-kor-gsomia"].contested


def test_what_was_told_to_all_of_an_earlier_version_goes_on_counting() -> None:
    """To its circle, and to no other two of the three (R12)."""
    told = say(SUSPENDED, audience=("JPN", "KOR"))
    for circles, state in (((("JPN", "KOR"),), SUSPENDED), ((("JPN", "USA"),), IN_FORCE), ((), IN_FORCE)):
        found = agreement_states(PACT, (told, say(IN_FORCE, "JPN")), as_of=NOW, circles=circles)
        assert found["jpn-kor-gsomia"].state is state


def test_a_state_is_stated_for_good() -> None:
    """It holds no prose and so needs no clause; what binds is never unsaid: another state is another statement (P4)."""
    assert (AgreementStateStated.procedural, AgreementStateStated.binding) == (True, True)
