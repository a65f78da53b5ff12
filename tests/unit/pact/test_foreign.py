import pytest

from comity.pact.foreign import LABELS, Vocabulary, find_label, find_row, find_strictest
from comity.pact.model import Pact

TLP = Vocabulary.TLP_2


def find_out(pact: Pact, party: str, level: str, *caveats: str) -> str | None:
    """Return the label that a marking goes out with."""
    ranks = {level.id: level.rank for scheme in pact.schemes if scheme.party == party for level in scheme.levels}
    return find_label(pact.foreign, TLP, party=party, level=level, caveats=caveats, ranks=ranks)


@pytest.mark.parametrize("party", ["JPN", "KOR", "USA"])
def test_every_label_of_a_full_table_comes_back_as_itself(camp_david: Pact, party: str) -> None:
    """In by a row and out again: five labels, five different markings, no label lost."""
    for label in LABELS[TLP]:
        row = find_row(camp_david.foreign, TLP, label, party)
        assert row is not None
        assert find_out(camp_david, party, row.level, *row.caveats) == label


def test_what_no_row_says_is_rounded_up(camp_david: Pact) -> None:
    """A marking goes out with the mildest label that is at least as strict as it is."""
    assert find_out(camp_david, "USA", "USA-FOUO") == "green"
    assert find_out(camp_david, "USA", "USA-U", "ORCON") == "amber"
    assert find_out(camp_david, "USA", "USA-CUI", "NATIONAL EYES ONLY") == "amber+strict"
    assert find_out(camp_david, "USA", "USA-C") == "red"


def test_a_list_counts_as_asking_first(camp_david: Pact) -> None:
    """No label names parties; whoever asks before passing on is kept within the list."""
    assert find_out(camp_david, "USA", "USA-CUI", "REL TO JPN, USA") == "amber"
    assert find_out(camp_david, "USA", "USA-U", "ONLY UNDER tisa-2014") == "amber"


def test_what_is_stricter_than_every_row_has_no_label(camp_david: Pact) -> None:
    """SECRET has no TLP label, a caveat that no row has neither, and another party's level least of all."""
    assert find_out(camp_david, "USA", "USA-S") is None
    assert find_out(camp_david, "USA", "USA-U", "NOFORN") is None
    assert find_out(camp_david, "USA", "JPN-OPEN") is None


def test_a_label_without_a_row_has_no_marking(harbour: Pact) -> None:
    """A port that took no row for red, and one that took none at all."""
    assert find_row(harbour.foreign, TLP, "red", "PORT-A") is None
    assert find_row(harbour.foreign, TLP, "clear", "PORT-D") is None
    assert find_row(harbour.foreign, TLP, "clear", "PORT-A") is not None


def test_the_strictest_of_several_labels() -> None:
    """Order is that of the protocol, not of the alphabet."""
    assert find_strictest(TLP, frozenset({"red", "clear"})) == "red"
    assert find_strictest(TLP, frozenset({"amber", "amber+strict"})) == "amber+strict"
