"""What the pact calls what statements name by an id."""

import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.titles import Titled, list_titles
from kit.loop import read_profile


@pytest.mark.parametrize("name", ["camp-david", "harbour-aid"])
def test_a_shipped_profile_has_every_title_in_three_languages(name: str) -> None:
    """Nobody at a console of one of its parties meets a bare id, or another language's word, for want of a title."""
    rows = list(list_titles(parse_pact(read_profile(name, has_offices=True))))
    assert {kind for kind, _, _ in rows} >= set(Titled) - {Titled.EXERCISE, Titled.INDICATOR}
    assert [(kind, id_) for kind, id_, title in rows if not (title.en and title.ja and title.ko)] == []
    assert len({(kind, id_) for kind, id_, _ in rows}) == len(rows)


def test_a_level_keeps_its_own_words(camp_david: Pact) -> None:
    """As its party writes it, with Latin letters for readers of another language; nothing translates it."""
    titles = {id_: title for kind, id_, title in list_titles(camp_david) if kind is Titled.LEVEL}
    secret, grade = titles["USA-S"], titles["JPN-GOKUHI"]
    assert (secret.en, secret.ja, secret.ko) == ("SECRET", "SECRET", "SECRET")
    assert (grade.en, grade.ja, grade.ko) == ("極秘 (Gokuhi)", "極秘", "極秘 (Gokuhi)")
    assert titles["KOR-II"].ko == "군사II급비밀"
