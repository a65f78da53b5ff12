"""Brackets: which passages are not agreed to, until when, and which words are proposed for them (P74, P75)."""

import pytest

from comity.base.errors import UsageError
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.bracket import Bracket, BracketLifted, Passage, PassageBracketed, PassageWorded, list_brackets
from comity.procedure.policy import Policy
from comity.procedure.registry import encode_entry
from comity.procedure.scope import Scope
from comity.procedure.silence import find_keep_refusal
from comity.procedure.stated import Standing, Stated
from comity.procedure.text import (
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextVersionProposed,
    find_version_digest,
)
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words

WORDS = "condemn in the strongest terms"


class Drafting:
    """Japan opens a text and puts one version of it in two languages."""

    def __init__(self) -> None:
        self.room = Room()
        self.text = self.room.say("JPN", TextOpened((), TextKind.JOINT_STATEMENT, ("en",)), minute(0))
        self.version = self.put(())

    def put(self, follows: tuple[bytes, ...]) -> bytes:
        proposed = TextVersionProposed(self.text.id, follows, words(WORDS, "en", "ja"))
        self.room.say("JPN", proposed, minute(1))
        return find_version_digest(proposed)

    def bracket(self, party: str, *passages: Passage, at: int = 2, standing: Standing = Standing.GOOD) -> Stated:
        entry = PassageBracketed(self.text.id, self.version, passages or (Passage("en", 11, len(WORDS)),))
        return self.room.say(party, entry, minute(at), standing=standing)

    def fold(self) -> TextState:
        return fold_text(Scope("text", self.text.id, ALL), self.room.said, POLICY)

    @property
    def brackets(self) -> tuple[Bracket, ...]:
        state = self.fold()
        mixed = fold_text(Scope("text", self.text.id, ALL), shuffled(self.room.said, 5), POLICY)
        assert list_brackets(state) == list_brackets(mixed)
        return list_brackets(state)


def test_a_bracket_stands_until_its_author_lifts_it_or_agrees() -> None:
    """Nobody else lifts it, and what was said before it lifts nothing."""
    drafting = Drafting()
    drafting.room.say("KOR", TextAgreed(drafting.text.id, drafting.version, ROLE, "o1"), minute(1))
    mine, theirs = drafting.bracket("KOR"), drafting.bracket("USA")
    drafting.room.say("JPN", BracketLifted(drafting.text.id, mine.id), minute(3))
    assert [(row.party, row.is_lifted) for row in drafting.brackets] == [("KOR", False), ("USA", False)]
    drafting.room.say("KOR", BracketLifted(drafting.text.id, mine.id), minute(4))
    drafting.room.say("USA", TextAgreed(drafting.text.id, b"\x09" * 32, ROLE, "o1"), minute(4))
    assert [row.is_lifted for row in drafting.brackets] == [True, False]
    drafting.room.say("USA", TextAgreed(drafting.text.id, drafting.version, ROLE, "o1"), minute(5))
    assert [row.stated for row in drafting.brackets if row.is_lifted] == [mine, theirs]


def test_words_are_proposed_by_anybody_and_the_last_of_each_stand() -> None:
    """For the bracket that they name."""
    drafting = Drafting()
    mine, other = drafting.bracket("KOR"), drafting.bracket("USA", Passage("en", 0, 7))
    for party, text in (("JPN", "condemn"), ("USA", "regret"), ("JPN", "strongly condemn")):
        drafting.room.say(party, PassageWorded(drafting.text.id, mine.id, words(text)), minute(3))
    found = {row.stated.id: [_read(one) for one in row.wordings] for row in drafting.brackets}
    assert found == {mine.id: ["strongly condemn", "regret"], other.id: []}


def _read(row: Stated) -> str:
    assert isinstance(row.entry, PassageWorded)
    return row.entry.wording.translations[0].text


@pytest.mark.parametrize(
    "passages",
    [
        (Passage("ko", 0, 3),),
        (Passage("en", 0, len(WORDS) + 1),),
        (Passage("en", 0, 3), Passage("ja", 0, len(WORDS) + 1)),
    ],
)
def test_a_bracket_outside_its_version_is_passed_over(passages: tuple[Passage, ...]) -> None:
    """A language that the version lacks, an end past the text; so is one in a page that is in doubt."""
    drafting = Drafting()
    drafting.bracket("KOR", *passages)
    drafting.bracket("KOR", standing=Standing.DISPUTED)
    passed_over = drafting.brackets
    assert passed_over == ()
    whole = drafting.bracket("KOR", Passage("en", 0, len(WORDS)), Passage("ja", 0, len(WORDS)))
    assert [row.stated for row in drafting.brackets] == [whole]


def test_a_passage_begins_before_it_ends() -> None:
    """In each language once, in their order."""
    text, version = bytes(32), bytes(32)
    for passages in ((Passage("en", 3, 3),), (Passage("ja", 0, 1), Passage("en", 0, 1)), ()):
        with pytest.raises((ValueError, UsageError)):
            encode_entry(PassageBracketed(text, version, passages))


def test_a_bracket_changes_no_cell_and_keeps_no_node_from_silence() -> None:
    """It is no hold and no break: what its party's node may state of silence is what it was (P19, P74)."""
    drafting = Drafting()
    asked = SilenceProposed(drafting.text.id, drafting.version, minute(60), 0)
    drafting.room.say("JPN", asked, minute(2))
    policy: Policy = POLICY
    before = drafting.fold().current
    assert before is not None
    now = minute(70)
    told = find_keep_refusal(before.cell("KOR"), before.opening, policy, now=now, up_since_at=minute(0), knows=True)
    drafting.bracket("KOR", at=3)
    after = drafting.fold().current
    assert after is not None
    assert after.cell("KOR").outcome is None
    assert after.cell("KOR").held_by is None
    assert told == find_keep_refusal(
        after.cell("KOR"), after.opening, policy, now=now, up_since_at=minute(0), knows=True
    )


def test_a_later_version_has_no_brackets_until_they_are_put_there() -> None:
    """A bracket is of its version alone, even where the words are the same."""
    drafting = Drafting()
    old = drafting.bracket("KOR")
    first, drafting.version = drafting.version, drafting.put((drafting.version,))
    assert [(row.version, row.stated) for row in drafting.brackets] == [(first, old)]
