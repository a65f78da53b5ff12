"""Statements about all chains: proved for the shipped pacts, broken by a chain when a clause is loosened (R32, R33)."""

import importlib.resources

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.procedure import proof
from comity.procedure.chain import NO_ITEM, find_reach
from comity.procedure.ground import Ground
from comity.procedure.proof import Claim, Statement, prove
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import Subject
from kit.release_table import Table, mark
from kit.releasing import NOW, camp_david_terms, profile_terms

CAMP_DAVID = (importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_text("utf-8")
OF_2016, OF_2007, OF_1987 = (
    CAMP_DAVID.index(f'id = "{id_}"') for id_ in ("jpn-kor-gsomia", "usa-jpn-2007", "usa-kor-1987")
)
OF_THE_TWO = CAMP_DAVID[OF_2007:].replace('"defence"]\nceiling', '"defence", "economic"]\nceiling', 2)


def loosened(old: str, new: str, *, after: int = 0) -> ReleaseTerms:
    """The default pact with the first `old` after a place replaced: one clause, loosened."""
    assert old in CAMP_DAVID[after:]
    return compile_terms(parse_pact((CAMP_DAVID[:after] + CAMP_DAVID[after:].replace(old, new, 1)).encode()))


def find(statements: tuple[Statement, ...], clause: str) -> Statement:
    """The statement of a promise or a ceiling."""
    return next(statement for statement in statements if statement.clause == clause)


@pytest.mark.parametrize("profile", ["camp-david", "harbour-aid"])
def test_shipped_pacts_keep_their_promises(profile: str) -> None:
    """Every statement about them is proved, by a search that visited something and was stopped by something."""
    statements = prove(profile_terms(profile))
    assert {statement.claim for statement in statements} >= {Claim.REACH, Claim.OTHERS_HANDS, Claim.PROMISE}
    assert all(statement.is_proved and statement.visited for statement in statements)
    assert all(statement.barriers for statement in statements if statement.claim is Claim.PROMISE)


def test_the_second_grade_of_seoul_is_the_highest_that_ever_reaches_japan() -> None:
    """Nothing that originates with KOR above grade II can reach JPN by any chain, and grade II can."""
    statement = find(prove(camp_david_terms()), "policy.kor-to-jpn")
    assert (statement.above, statement.with_consents, statement.is_proved) == (20, True, True)
    assert statement.highest is not None
    assert statement.highest.marking.level == "KOR-II"


def test_a_loosened_clause_gives_the_chain_that_breaks_the_promise() -> None:
    """With one more topic in the agreements of 1987 and 2007, economic matters reach Japan in two steps."""
    terms = compile_terms(parse_pact(CAMP_DAVID[:OF_2007].encode() + OF_THE_TWO.encode()))
    broken = [statement for statement in prove(terms) if not statement.is_proved]
    assert [statement.clause for statement in broken] == ["policy.no-basis-for-economic"]
    counter = broken[0].counter
    assert counter is not None
    assert (counter.marking.level, counter.marking.topics) == ("KOR-DAEOEBI", ("economic",))
    assert [(step.giver, step.receiver, step.permit.clause, step.consents_of) for step in counter.chain.steps] == [
        ("KOR", "USA", "usa-kor-1987", ()),
        ("USA", "JPN", "usa-jpn-2007", ("KOR",)),
    ]


def test_one_clause_is_enough() -> None:
    """With one more topic in the agreement of 2016, economic matters go straight from Seoul to Tokyo."""
    terms = loosened('"defence"]', '"defence", "economic"]', after=OF_2016)
    broken = {statement.clause: statement.counter for statement in prove(terms) if not statement.is_proved}
    counter = broken["policy.no-basis-for-economic"]
    assert counter is not None
    assert [(step.giver, step.receiver, step.permit.clause) for step in counter.chain.steps] == [
        ("KOR", "JPN", "jpn-kor-gsomia")
    ]


def test_an_arrangement_opens_nothing_that_its_legs_do_not_speak_of() -> None:
    """One more topic in the arrangement of 2014 alone lets nothing pass: neither leg would protect it (R8)."""
    terms = loosened('topics = ["dprk-missile"]', 'topics = ["dprk-missile", "economic"]')
    assert all(statement.is_proved for statement in prove(terms))


def test_a_raised_ceiling_moves_what_can_be_reached() -> None:
    """With a higher ceiling in the agreement of 1987 the highest grade of the United States reaches Seoul."""
    terms = loosened("ceiling_rank = 20", "ceiling_rank = 30", after=OF_1987)
    reached = [
        statement.above
        for statement in prove(terms)
        if (statement.claim, statement.originator, statement.recipient) == (Claim.REACH, "USA", "KOR")
    ]
    assert reached == [30, 0]


def test_a_prohibition_stops_every_hand() -> None:
    """Where release to third parties is prohibited, what was given goes no further by the hands of who was given it."""
    terms = loosened('third_party = "originator-consent"', 'third_party = "prohibited"', after=OF_1987)
    rows = [statement for statement in prove(terms) if statement.claim is Claim.PROHIBITED]
    assert [(row.originator, row.holder, row.recipient) for row in rows] == [
        ("KOR", "USA", "JPN"),
        ("USA", "KOR", "JPN"),
    ]
    assert all(row.is_proved and row.clause == "usa-kor-1987" for row in rows)


def test_every_combination_of_states_is_bounded() -> None:
    """What is proved with agreements in force holds in all 32 combinations, for every class of topics (R11, R33)."""
    table = Table(camp_david_terms().pact)
    bounds = {
        (row.originator, row.recipient, topic): row.above
        for row in prove(table.terms)
        if row.claim is Claim.REACH and row.with_consents
        for topic in row.topics
    }
    for stage in table.stages():
        on = Ground(table.terms, stage.standings, (), NOW)
        for party in table.parties:
            for level in table.levels(party):
                for topics in table.topic_sets():
                    reach = find_reach(Subject((mark(party, level, topics),), NO_ITEM), holders=(party,), ground=on)
                    for recipient in reach.chains:
                        highest = [bounds[party, recipient, topic] for topic in topics]
                        assert all(rank is not None and table.terms.ranks[level][1] <= rank for rank in highest)


def test_too_large_a_pact_is_not_proved_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more would have to be asked than is permitted, nothing is claimed."""
    monkeypatch.setattr(proof, "PROOF_DECISION_COUNT_MAX", 100)
    with pytest.raises(UsageError) as caught:
        prove(camp_david_terms())
    assert caught.value.code == "proof.too-large"


def test_a_promise_that_names_no_level_lets_nothing_through() -> None:
    """Without `above` nothing at all may arrive, so an open text is the counter-example."""
    pact = camp_david_terms().pact
    promise = msgspec.structs.replace(pact.promises[0], above=None)
    statement = prove(compile_terms(msgspec.structs.replace(pact, promises=(promise,))))[0]
    assert statement.counter is not None
    assert statement.counter.marking.level == "KOR-OPEN"
