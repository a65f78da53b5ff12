"""Adoption and its witnesses (docs/spec/procedure.md, P21 and P22)."""

import msgspec
import pytest

from comity.base.names import Party
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated, is_doubt_known
from comity.procedure.text import (
    SilenceKept,
    SilenceProposed,
    TextAdoptionSeen,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.text_view import TextStatus, find_unwitnessed, judge_text
from kit.stating import ALL, POLICY, ROLE, Room, minute, words


class Table:
    """A text on which silence was asked until minute 60, and which every party's node has."""

    def __init__(self) -> None:
        self.room = Room()
        self.opened = self.room.say("JPN", TextOpened((), TextKind.JOINT_STATEMENT, ("en",)), minute(0))
        version = TextVersionProposed(self.opened.id, (), words())
        self.version = find_version_digest(version)
        self.room.say("JPN", version, minute(1))
        self.room.say("JPN", SilenceProposed(self.opened.id, self.version, minute(60), 0), minute(2))
        for party in ALL:
            self.room.say(party, TextReceived(self.opened.id, self.version, minute(60)), minute(3))

    @property
    def state(self) -> TextState:
        """The text's state."""
        return fold_text(Scope("text", self.opened.id, ALL), self.room.said, POLICY)

    def keep(self, party: Party) -> Stated:
        """This party's node keeps silence."""
        kept = SilenceKept(self.opened.id, self.version, minute(60), minute(0))
        return self.room.say(party, kept, minute(62))

    def see(self, party: Party, *consents: Stated) -> Stated:
        """This party says that it saw these entries as all the consents."""
        named = tuple(sorted(row.id for row in consents))
        return self.room.say(party, TextAdoptionSeen(self.opened.id, self.version, minute(60), named), minute(63))


def test_each_node_owes_one_witness_statement() -> None:
    """It is owed once the node sees the adoption, and no more once it has been made."""
    table = Table()
    kept = [table.keep(party) for party in ALL[:2]]
    assert find_unwitnessed(table.state, "JPN") == ()
    kept.append(table.keep("USA"))
    (owed,) = find_unwitnessed(table.state, "JPN")
    assert owed.consents == tuple(sorted(row.id for row in kept))
    table.room.say("JPN", owed, minute(64))
    assert find_unwitnessed(table.state, "JPN") == ()
    assert table.state.adoptions[0].witnesses == ("JPN",)


@pytest.mark.parametrize("standing", [Standing.DISPUTED, Standing.DISOWNED])
def test_a_witnessed_adoption_outlives_the_penholders_pages(standing: Standing) -> None:
    """Even if every page of the penholder's turns out bad, what another party saw adopted stays, contested."""
    table = Table()
    kept = [table.keep(party) for party in ALL]
    table.see("USA", *kept)
    table.room.dispute(table.opened, standing)
    (adopted,) = table.state.adoptions
    assert adopted.is_contested
    view = judge_text(table.state, POLICY, as_of=minute(99))
    assert (view.status, view.adoption) == (TextStatus.ADOPTED, adopted)


def test_a_witness_can_not_vouch_for_itself() -> None:
    """Its own disputed consent, named in an undisputed statement of its own, is none."""
    table = Table()
    kept = [table.keep(party) for party in ALL]
    table.room.dispute(kept[1])
    table.see("KOR", *kept)
    assert not table.state.adoptions
    table.see("USA", *kept)
    assert table.state.adoptions[0].is_contested


def _doubt(table: Table, consent: Stated, standing: Standing, by: Stated) -> None:
    """The page of this consent turns out bad, and that page of another journal is what proves it."""
    table.room.dispute(consent, standing)
    table.room.said = [
        msgspec.structs.replace(row, doubts={by.journal: by.page}) if row.standing is standing else row
        for row in table.room.said
    ]


@pytest.mark.parametrize("standing", [Standing.DISPUTED, Standing.DISOWNED])
def test_a_witness_that_knew_of_the_doubt_adopts_nothing(standing: Standing) -> None:
    """P22: else who holds a thief's pages could have a text adopted long after all know of the theft."""
    table = Table()
    kept = [table.keep(party) for party in ALL]
    before = table.see("USA", *kept)
    proof = table.room.say("JPN", TextReceived(table.opened.id, b"\x09" * 32, minute(60)), minute(64))
    after = table.see("USA", *kept)
    _doubt(table, kept[1], standing, proof)
    assert is_doubt_known(next(row for row in table.room.said if row.id == kept[1].id), when_stating=after)
    (adopted,) = table.state.adoptions
    assert adopted.is_contested
    table.room.said = [row for row in table.room.said if row.id != before.id]
    assert not table.state.adoptions


def test_a_witness_that_itself_named_the_rival_adopts_nothing() -> None:
    """The proof may stand in its own journal: before its statement it knew, after it it could not have."""
    table = Table()
    kept = [table.keep(party) for party in ALL]
    named = table.room.say("USA", TextReceived(table.opened.id, b"\x09" * 32, minute(60)), minute(64))
    seen = table.see("USA", *kept)
    _doubt(table, kept[1], Standing.DISPUTED, named)
    assert not table.state.adoptions
    later = msgspec.structs.replace(named, page=seen.page + 1)
    _doubt(table, kept[1], Standing.DISPUTED, later)
    assert table.state.adoptions[0].is_contested


def test_a_witness_of_too_few_or_of_other_entries_adopts_nothing() -> None:
    """It must name one consent of each party; a receipt or a consent to another version is none."""
    table = Table()
    first, second = table.keep("JPN"), table.keep("KOR")
    table.see("USA", first, second)
    receipt = next(row for row in table.room.said if row.author == "USA" and isinstance(row.entry, TextReceived))
    table.see("USA", first, second, receipt)
    other = table.room.say("USA", TextAgreed(table.opened.id, b"\x08" * 32, ROLE, "o1"), minute(65))
    table.see("JPN", first, second, other)
    assert not table.state.adoptions


def test_a_witness_can_not_make_silence_count_that_never_did() -> None:
    """A node's word that breaks a condition of its own is no consent, whoever saw it and whatever its standing."""
    table = Table()
    kept = [table.keep(party) for party in ("JPN", "KOR")]
    too_early = SilenceKept(table.opened.id, table.version, minute(60), minute(0))
    kept.append(table.room.say("USA", too_early, minute(61)))
    table.see("JPN", *kept)
    assert not table.state.adoptions
    table.room.dispute(kept[-1])
    assert not table.state.adoptions


def test_officers_adopt_without_silence() -> None:
    """A version on which no silence was asked is adopted when every party's officer has agreed."""
    room = Room()
    opened = room.say("JPN", TextOpened((), TextKind.PRESS_LINE, ("en",)), minute(0))
    version = TextVersionProposed(opened.id, (), words())
    room.say("JPN", version, minute(1))
    for party in ALL:
        room.say(party, TextAgreed(opened.id, find_version_digest(version), ROLE, "o1"), minute(2))
    state = fold_text(Scope("text", opened.id, ALL), room.said, POLICY)
    assert [(done.version, done.until_at) for done in state.adoptions] == [(find_version_digest(version), None)]
    (owed,) = find_unwitnessed(state, "KOR")
    room.say("KOR", owed, minute(3))
    assert fold_text(Scope("text", opened.id, ALL), room.said, POLICY).adoptions[0].witnesses == ("KOR",)


def test_a_version_digest_names_every_word_and_what_it_follows() -> None:
    """Another text, predecessor, language or word gives another digest."""
    texts = [
        TextVersionProposed(b"\x01" * 32, (), words("a", "en", "ja")),
        TextVersionProposed(b"\x02" * 32, (), words("a", "en", "ja")),
        TextVersionProposed(b"\x01" * 32, (b"\x03" * 32,), words("a", "en", "ja")),
        TextVersionProposed(b"\x01" * 32, (), words("a", "en", "ko")),
        TextVersionProposed(b"\x01" * 32, (), words("b", "en", "ja")),
    ]
    assert len({find_version_digest(text) for text in texts}) == len(texts)
