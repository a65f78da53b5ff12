"""What invented officers write."""

from comity.pact.parse import parse_pact
from comity.procedure.caveat import read_caveats
from comity.rehearsal.cast import read_profile
from comity.rehearsal.phrase import Phrases, find_tags

ALL = ("JPN", "KOR", "USA")


def test_every_text_says_that_it_is_played_and_who_may_read_it() -> None:
    """In every language version, so that no translation is taken for history."""
    text = Phrases(parse_pact(read_profile("camp-david"))).open_text("USA", "Words.", to=ALL, languages=("en", "ko"))
    for version in text.translations:
        tags = list(find_tags(version.text.encode()))
        assert [readers for _, readers in tags] == [frozenset(ALL)]
    assert {version.text.split(" ", 1)[0] for version in text.translations} == {"Played,", "훈련."}


def test_no_two_texts_bear_one_tag() -> None:
    """So that a leaked tag names its text."""
    phrases = Phrases(parse_pact(read_profile("camp-david")))
    assert phrases.write_tag(ALL) != phrases.write_tag(ALL)


def test_a_listed_text_is_marked_for_its_readers_alone() -> None:
    """The slip of the hand that the funnel has to stop."""
    pact = parse_pact(read_profile("camp-david"))
    text = Phrases(pact).listed_text("JPN", "Words.", only=("JPN", "USA"))
    narrowing = read_caveats(text.marking.caveats, parties=frozenset(ALL), agreements=frozenset())
    assert narrowing is not None
    assert narrowing.listed == frozenset({"JPN", "USA"})
