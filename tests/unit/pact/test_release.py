"""The table of routes and the equivalence of levels."""

import msgspec
import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.release import Leg, equivalent_level, find_level, routes


def test_what_japan_may_give_to_korea(camp_david: Pact) -> None:
    """Three bases: by way of the hub, directly, and open text by policy; none above the second grade."""
    found = {
        (row.agreement, row.leg, row.ceiling_rank)
        for row in routes(camp_david)
        if (row.giver, row.receiver) == ("JPN", "KOR")
    }
    assert found == {
        ("tisa-2014", Leg.BY_HUB, 20),
        ("jpn-kor-gsomia", Leg.DIRECT, 20),
        ("policy.open-text", Leg.DIRECT, 0),
    }


def test_by_hub_both_legs_protect_the_way(camp_david: Pact) -> None:
    """A route by hub names the hub and both bilaterals; the leg to the hub only its own."""
    rows = {(row.giver, row.receiver): row for row in routes(camp_david) if row.agreement == "tisa-2014"}
    assert set(rows) == {("JPN", "KOR"), ("JPN", "USA"), ("KOR", "JPN"), ("KOR", "USA")}
    assert rows["JPN", "KOR"].legs == ("usa-jpn-2007", "usa-kor-1987")
    assert rows["JPN", "KOR"].hub == "USA"
    assert rows["KOR", "USA"].legs == ("usa-kor-1987",)
    assert rows["KOR", "USA"].leg is Leg.TO_HUB
    assert not rows["KOR", "USA"].binding


def test_an_exchange_ceiling_lowers_the_route_and_is_cited(camp_david_raw: bytes) -> None:
    """Were the agreement's own ceiling higher, what is never exchanged would still not be."""
    raw = camp_david_raw.replace(
        b'ceiling_rank = 20\npath = "direct"\nthird', b'ceiling_rank = 30\npath = "direct"\nthird', 1
    )
    row = next(row for row in routes(parse_pact(raw)) if row.agreement == "jpn-kor-gsomia")
    assert row.ceiling_rank == 20
    assert "ceiling.jpn-kor" in row.clauses


def test_a_one_way_agreement_has_one_route(harbour: Pact) -> None:
    """Only its giver gives."""
    rows = [(row.giver, row.receiver) for row in routes(harbour) if row.agreement == "ab-staff"]
    assert rows == [("PORT-A", "PORT-B")]


@pytest.mark.parametrize(
    ("level", "receiver", "equivalent"),
    [
        ("JPN-GOKUHI", "KOR", "KOR-II"),
        ("JPN-TOKUTEI", "KOR", "KOR-II"),
        ("KOR-II", "JPN", "JPN-GOKUHI"),
        ("KOR-III", "USA", "USA-C"),
        ("USA-TS", "JPN", "JPN-KIMITSU"),
        ("JPN-BUNAI", "USA", "USA-CUI"),
        ("USA-S", "USA", "USA-S"),
    ],
)
def test_levels_answer_one_another(camp_david: Pact, level: str, receiver: str, equivalent: str) -> None:
    """By the table; where the receiver has two names, the one that the row names first."""
    found = equivalent_level(camp_david, level, receiver)
    assert found is not None
    assert found.id == equivalent


def test_without_a_row_there_is_no_equivalent(harbour: Pact) -> None:
    """An unmatched level, an unknown level, a party without a level in the row, an unknown party: None."""
    assert equivalent_level(harbour, "D-HARBOURMASTER", "PORT-A") is None
    assert equivalent_level(harbour, "A-STAFF", "PORT-D") is None
    assert equivalent_level(harbour, "NO-SUCH", "PORT-A") is None
    assert equivalent_level(harbour, "A-OPEN", "PORT-X") is None
    assert find_level(harbour, "NO-SUCH") is None


def test_every_route_cites_clauses_of_the_file(camp_david: Pact, harbour: Pact) -> None:
    """A permit must be able to name what it rests on."""
    for pact in (camp_david, harbour):
        for row in routes(pact):
            assert row.clauses
            assert all(pact.find_clause(clause) is not None for clause in row.clauses)


def test_the_legs_of_a_way_are_words_of_the_product() -> None:
    """They are shown in views, so none may be spelt anew."""
    assert [leg.value for leg in Leg] == ["direct", "to-hub", "by-hub"]


def test_routes_are_ordered_however_the_file_lists_the_parties(camp_david: Pact) -> None:
    """By agreement in the file's order, then giver and receiver; what goes first decides what is cited."""
    turned = tuple(
        msgspec.structs.replace(one, parties=one.parties[::-1], givers=one.givers[::-1])
        for one in camp_david.agreements
    )
    assert routes(msgspec.structs.replace(camp_david, agreements=turned)) == routes(camp_david)


def test_a_treaty_binds(camp_david: Pact) -> None:
    """And a political arrangement does not: both stand in the route."""
    binding = {row.agreement: row.binding for row in routes(camp_david)}
    assert (binding["jpn-kor-gsomia"], binding["policy.open-text"]) == (True, False)


def test_a_ceiling_that_lowers_nothing_is_not_cited(camp_david: Pact) -> None:
    """One of the same rank as the agreement's own, or above it, and one between others."""
    row = next(row for row in routes(camp_david) if row.agreement == "jpn-kor-gsomia")
    assert (row.ceiling_rank, row.clauses) == (20, ("jpn-kor-gsomia",))
    (ceiling,) = camp_david.ceilings
    for given in (
        msgspec.structs.replace(ceiling, rank_max=30),
        msgspec.structs.replace(ceiling, rank_max=0, parties=("JPN", "USA")),
        msgspec.structs.replace(ceiling, rank_max=0, parties=("KOR", "USA")),
    ):
        rows = routes(msgspec.structs.replace(camp_david, ceilings=(given,)))
        row = next(row for row in rows if row.agreement == "jpn-kor-gsomia")
        assert (row.ceiling_rank, row.clauses) == (20, ("jpn-kor-gsomia",))


def test_a_ceiling_between_three_holds_between_any_two(camp_david: Pact) -> None:
    """Whoever of them gives, whoever receives."""
    (ceiling,) = camp_david.ceilings
    three = msgspec.structs.replace(ceiling, rank_max=5, parties=("JPN", "KOR", "USA"))
    for row in routes(msgspec.structs.replace(camp_david, ceilings=(three,))):
        assert row.ceiling_rank <= 5
        assert ("ceiling.jpn-kor" in row.clauses) is (row.agreement != "policy.open-text")
