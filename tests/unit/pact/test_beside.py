"""Pacts side by side: what each obliges to, and clause by clause (R74)."""

from importlib.resources import files

import pytest

from comity.pact.beside import lay_beside
from comity.pact.coding import CODED, code_pact
from comity.pact.commitment import Obligation
from comity.pact.compared import COMPARED, COMPARED_PACKAGE
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.rehearsal import read_profile


def read(name: str) -> Pact:
    """Read a pact that ships for comparison."""
    return parse_pact((files(COMPARED_PACKAGE) / f"{name}.toml").read_bytes())


@pytest.fixture(scope="module")
def camp_david() -> Pact:
    """The pact that the others are laid beside."""
    return parse_pact(read_profile("camp-david"))


@pytest.mark.parametrize("name", COMPARED)
def test_what_ships_for_comparison_is_sound(name: str) -> None:
    """Each file is a pact without findings, and under the clocks of Camp David: what differs are the promises."""
    assert check_pact((files(COMPARED_PACKAGE) / f"{name}.toml").read_bytes()) == ()
    profile = parse_pact(read_profile("camp-david")).policy
    assert read(name).policy.acknowledge == profile.acknowledge
    assert read(name).policy.silence == profile.silence
    assert {entry.name for entry in files(COMPARED_PACKAGE).iterdir() if entry.name.endswith(".toml")} == {
        f"{one}.toml" for one in COMPARED
    }


def test_camp_david_obliges_to_consult_and_to_nothing_else(camp_david: Pact) -> None:
    """The class of alliances that promise consultation alone."""
    assert {row.obligation: row.clauses for row in code_pact(camp_david) if row.is_owed} == {
        Obligation.CONSULTATION: ("consult",)
    }


@pytest.mark.parametrize(("name", "of"), [("usa-japan", "US-Japan 1960"), ("usa-korea", "US-ROK 1953")])
def test_a_spoke_is_coded_as_it_was_published(name: str, of: str) -> None:
    """Our file obliges to what the treaty is coded with, obligation by obligation."""
    assert tuple(int(row.is_owed) for row in code_pact(read(name))) == CODED[of]


def test_rules_that_every_pact_has_stand_beside_each_other(camp_david: Pact) -> None:
    """The trigger of one beside that of the other; a commitment that only one has stands alone."""
    laid = {row.place: row for row in lay_beside(camp_david, read("mutual-defence"))}
    trigger, clock = laid["consultation.trigger"], laid["policy.acknowledge"]
    assert trigger.one is not None
    assert trigger.other is not None
    assert not trigger.is_same
    assert clock.is_same
    alone = [row for row in lay_beside(camp_david, read("mutual-defence")) if row.place == "commitment"]
    assert [row.other.id for row in alone if row.other is not None and row.other.id == "M5"] == ["M5"]
    assert all(row.one is None or row.other is None for row in alone)


def test_a_pact_beside_itself_says_the_same(camp_david: Pact) -> None:
    """Every clause is in both, once."""
    assert all(row.is_same for row in lay_beside(camp_david, camp_david))
