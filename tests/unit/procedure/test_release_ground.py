"""What a decision stands on: the release table made ready, and the ground (docs/spec/release.md, R12, R13, R25)."""

import dataclasses

import msgspec
import pytest

from comity.base.instants import Instant
from comity.pact.agreement import AgreementState
from comity.pact.release import Leg
from comity.procedure.ground import GROUNDING, Ground, find_ground, find_ground_at_cut
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.sharing import ConsentGiven
from comity.procedure.stated import Stated
from kit.releasing import (
    ALL,
    ITEM,
    JPN_USA,
    NOW,
    camp_david_terms,
    consent,
    consent_check,
    ground,
    item_of,
    marking,
    signed,
    state_entry,
    stated,
)

PACT = camp_david_terms().pact
CHECK = consent_check()


def with_ceiling(*parties: str, rank_max: int = 10) -> ReleaseTerms:
    """The default pact, whose one exchange ceiling is between these."""
    (ceiling,) = PACT.ceilings
    given = msgspec.structs.replace(ceiling, parties=parties, rank_max=rank_max)
    return compile_terms(msgspec.structs.replace(PACT, ceilings=(given,)))


def test_a_ceiling_is_found_for_those_it_names_and_above_it_alone() -> None:
    """In either order of the two, of two parties or of three; nothing for one who is not named."""
    two = with_ceiling("JPN", "KOR")
    for one, other in (("JPN", "KOR"), ("KOR", "JPN")):
        assert two.find_exchange_ceiling(one, other, rank=11) == "ceiling.jpn-kor"
        assert two.find_exchange_ceiling(one, other, rank=10) is None
        assert two.find_exchange_ceiling(one, other, rank=9) is None
    for one, other in (("JPN", "USA"), ("USA", "JPN"), ("KOR", "USA"), ("USA", "KOR")):
        assert two.find_exchange_ceiling(one, other, rank=11) is None
        assert with_ceiling(*ALL).find_exchange_ceiling(one, other, rank=11) == "ceiling.jpn-kor"


def test_the_highest_rank_by_each_clause() -> None:
    """Of an agreement its own ceiling, of an exchange ceiling its rank."""
    terms = camp_david_terms()
    assert terms.rank_max["ceiling.jpn-kor"] == 20
    assert terms.rank_max["policy.open-text"] == 0
    assert set(terms.rank_max) == {*terms.agreements, "ceiling.jpn-kor"}


def test_direct_ways_come_first_then_to_the_hub_then_by_it() -> None:
    """However the file orders its agreements: what comes first is what a permit rests on."""
    turned = compile_terms(msgspec.structs.replace(PACT, agreements=PACT.agreements[::-1]))
    for terms in (camp_david_terms(), turned):
        for rows in terms.between.values():
            order = [list(Leg).index(row.leg) for row in rows]
            assert order == sorted(order)
        assert {row.leg for row in terms.between["JPN", "KOR"]} == {Leg.DIRECT, Leg.BY_HUB}
        assert {row.leg for row in terms.between["JPN", "USA"]} == {Leg.DIRECT, Leg.TO_HUB}


def test_an_own_level_is_its_own_equivalent() -> None:
    """Where two of a party's levels stand in one row, each answers itself, and not the one that is named first."""
    equivalents = camp_david_terms().equivalents
    assert equivalents["JPN-TOKUTEI", "JPN"] == "JPN-TOKUTEI"
    assert equivalents["JPN-GOKUHI", "JPN"] == "JPN-GOKUHI"
    assert equivalents["JPN-TOKUTEI", "KOR"] == "KOR-II"


def test_all_parties_of_this_version_and_of_those_before_it() -> None:
    """To each of these circles the state of an agreement may have been told (R12)."""
    assert compile_terms(PACT).circles == {ALL}
    assert compile_terms(PACT, circles=[JPN_USA]).circles == {ALL, JPN_USA}


def test_a_version_that_is_altered_starts_with_nothing_kept() -> None:
    """What was said under one is not taken over by another; and it is no part of what makes two of them equal."""
    terms = compile_terms(PACT)
    decide(item_of(marking()), holder="JPN", to="KOR", ground=ground(terms=terms))
    altered = dataclasses.replace(terms, parties=frozenset({"JPN", "USA"}))
    assert altered.rulings is not terms.rulings
    assert not ground(terms=altered).rulings
    assert compile_terms(PACT) == terms
    assert ground(terms=compile_terms(PACT)) == ground(terms=terms)


def test_what_was_kept_is_not_written_out() -> None:
    """A ground or a table in a message of an error tells nothing of what was asked."""
    on = ground(consents=[consent()])
    for name in ("rulings=", "operative=", "running="):
        assert name not in repr(on)
    assert "rulings=" not in repr(on.terms)


def test_what_a_ground_looks_at() -> None:
    """States, givings, reports, and the four words of an originator: everything else can be passed over unread."""
    assert {entry.__name__ for entry in GROUNDING} == {
        "AgreementStateStated",
        "ItemShared",
        "PassedOn",
        "ItemGiven",
        "ItemPassedOn",
        "PassOnReported",
        "ConsentGiven",
        "ConsentRefused",
        "ConsentWithdrawn",
        "RecallRequested",
    }


def test_operative_and_running_are_what_may_be_used_now() -> None:
    """Of agreements those that still protect; of consents those that have not run out, each with all that it names."""
    states = {"jpn-kor-gsomia": AgreementState.ENDED, "tisa-2014": AgreementState.NOTICE_GIVEN}
    over = consent(recipient="JPN", expires_at=NOW)
    on = ground(states=states, consents=[consent(), over])
    assert on.operative == camp_david_terms().agreements - {"jpn-kor-gsomia"}
    assert on.running == {("JPN", ITEM, "USA", "KOR")}


def test_a_ground_hears_what_earlier_circles_were_told() -> None:
    """A suspension that was stated to all parties of an earlier version holds under the later one (R12)."""
    told = stated(state_entry(AgreementState.SUSPENDED, "2023-12-01"), author="JPN", audience=JPN_USA)
    for circles, state in (((), AgreementState.IN_FORCE), ((JPN_USA,), AgreementState.SUSPENDED)):
        found = find_ground(compile_terms(PACT, circles=circles), iter([told]), as_of=NOW, check=CHECK)
        assert found.states["jpn-kor-gsomia"].state is state
        assert (found.as_of, found.consents) == (NOW, ())


def judge(*told: Stated, seen: tuple[Stated, ...] = (), at: int = NOW, latest_at: int = 0) -> Ground:
    """The ground of a page of the United States, written at this instant, whose cut names what was seen."""
    page = stated(ConsentGiven(ITEM, signed(consent())), author="USA", audience=JPN_USA, page=9, at=at, seen=seen)
    return find_ground_at_cut(camp_david_terms(), told, when_stating=page, check=CHECK, latest_at=Instant(latest_at))


@pytest.mark.parametrize("ahead", [-5000, 5000])
def test_at_a_cut_the_latest_clock_in_it_rules(ahead: int) -> None:
    """Its author's own, that of a page it had, or one that the journal knows: a clock set back revives nothing."""
    given = stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, at=NOW + ahead)
    seeing, blind = judge(given, seen=(given,)), judge(given)
    assert (seeing.as_of, seeing.consents) == (max(NOW, NOW + ahead), (consent(),))
    assert (blind.as_of, blind.consents) == (NOW, ())
    assert judge(latest_at=NOW + ahead).as_of == max(NOW, NOW + ahead)
    assert judge(at=-3).as_of == 0
