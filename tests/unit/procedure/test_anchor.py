"""Anchors of warning journals (docs/spec/warning.md, W30, W32): a fold of what each author says of its own."""

import random

import pytest

from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.procedure.act import OF_NODE
from comity.procedure.anchor import AnchoredJournal, WarningAnchored, fold_anchors
from comity.procedure.entry import Entry
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.stated import Stated
from kit.stating import ALL, Room, minute

PAIR = ("JPN", "USA")
FIRST, SECOND = Digest(b"\x01" * 32), Digest(b"\x02" * 32)


def _state(room: Room, *entries: Entry, author: str = "USA") -> list[Stated]:
    return [room.say(author, entry, minute(number)) for number, entry in enumerate(entries)]


def test_anchors_come_to_the_same_in_any_order_and_however_often() -> None:
    """Pages by number, of each author, audience and incarnation apart."""
    stated = _state(
        Room(ALL),
        WarningAnchored(ALL, 0, 5, FIRST),
        WarningAnchored(ALL, 0, 9, SECOND),
        WarningAnchored(ALL, 1, 2, FIRST),
    )
    stated += _state(Room(PAIR), WarningAnchored(PAIR, 0, 9, FIRST))
    stated += _state(Room(ALL), WarningAnchored(ALL, 0, 1, SECOND), author="KOR")
    found = fold_anchors(stated)
    assert {journal: dict(anchors.pages) for journal, anchors in found.items()} == {
        AnchoredJournal("KOR", ALL, 0): {1: (SECOND,)},
        AnchoredJournal("USA", PAIR, 0): {9: (FIRST,)},
        AnchoredJournal("USA", ALL, 0): {5: (FIRST,), 9: (SECOND,)},
        AnchoredJournal("USA", ALL, 1): {2: (FIRST,)},
    }
    assert found[AnchoredJournal("USA", ALL, 0)].last == 9
    shuffled = [*stated, *stated]
    random.Random(4).shuffle(shuffled)
    assert fold_anchors(shuffled) == found


def test_two_pages_of_one_number_are_both_kept() -> None:
    """Their author has two histories, and said so itself."""
    stated = _state(Room(ALL), WarningAnchored(ALL, 0, 5, SECOND), WarningAnchored(ALL, 0, 5, FIRST))
    (anchors,) = fold_anchors(stated).values()
    assert (dict(anchors.pages), anchors.is_forked) == ({5: (FIRST, SECOND)}, True)


def test_an_anchor_said_to_others_than_its_readers_counts_for_nothing() -> None:
    """Who reads it must be able to hold it against what he has; nobody else is to learn of that journal."""
    assert fold_anchors(_state(Room(ALL), WarningAnchored(PAIR, 0, 5, FIRST))) == {}


@pytest.mark.parametrize("audience", [("USA", "JPN"), ("JPN", "JPN"), ("USA",), ()])
def test_an_anchor_names_readers_as_a_set_of_two_at_least(audience: tuple[str, ...]) -> None:
    """A journal to oneself is not in the feed."""
    with pytest.raises((UsageError, ValueError)):
        encode_entry(WarningAnchored(audience, 0, 5, FIRST))


def test_a_node_states_it_by_itself() -> None:
    """No officer acts for it, and none may imitate it; what is read is what was said."""
    assert WarningAnchored in OF_NODE
    entry = WarningAnchored(ALL, 3, 77, FIRST)
    assert decode_entry(encode_entry(entry)) == entry
