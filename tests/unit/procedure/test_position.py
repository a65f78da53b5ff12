"""Positions: one list, last word stands, ad referendum has a day."""

import pytest

from comity.base.instants import NEVER
from comity.procedure.own import merge
from comity.procedure.position import (
    InstructionsAwaited,
    Position,
    PositionExplained,
    PositionStated,
    fold_awaited,
    fold_positions,
    is_unconfirmed,
)
from comity.procedure.stated import Standing
from kit.stating import Room, minute, shuffled, words

CALL = b"\x01" * 32
TEXT = b"\x02" * 32


def position(what: Position, subject: bytes = CALL, confirm_by_at: int = NEVER) -> PositionStated:
    """A position on a subject of the consultation."""
    return PositionStated(CALL, subject, what, confirm_by_at)


def test_the_last_position_of_each_party_on_each_subject_stands() -> None:
    """Earlier positions stay readable; other subjects and parties are not touched."""
    room = Room()
    first = room.say("KOR", position(Position.NO_INSTRUCTIONS), minute(9))
    last = room.say("KOR", position(Position.SUPPORT), minute(3))
    room.say("KOR", position(Position.OBJECT, TEXT), minute(4))
    room.say("JPN", position(Position.SUPPORT_WITH_RESERVE), minute(5))
    room.say("KOR", PositionExplained(CALL, last.id, words()), minute(6))
    held = fold_positions(merge(shuffled(room.said, 3)).values())
    assert [(row.party, row.subject, row.position) for row in held] == [
        ("JPN", CALL, Position.SUPPORT_WITH_RESERVE),
        ("KOR", CALL, Position.SUPPORT),
        ("KOR", TEXT, Position.OBJECT),
    ]
    assert held[1].earlier == (first.id,), "order is the chain's, not the clock's"
    assert len(held[1].explained_by) == 1


def test_ad_referendum_waits_for_the_capital_until_its_day() -> None:
    """After the day it is shown as unconfirmed; a position of support confirms it."""
    room = Room()
    room.say("KOR", position(Position.ACCEPT_AD_REFERENDUM, confirm_by_at=minute(60)), minute(0))
    (held,) = fold_positions(room.said)
    assert not is_unconfirmed(held, as_of=minute(60))
    assert is_unconfirmed(held, as_of=minute(61))
    room.say("KOR", position(Position.SUPPORT), minute(70))
    (held,) = fold_positions(room.said)
    assert not is_unconfirmed(held, as_of=minute(9999))


def test_a_disputed_position_is_not_the_partys() -> None:
    """What stands in a disputed page leaves the position before it in place."""
    room = Room()
    room.say("KOR", position(Position.OBJECT), minute(0))
    room.say("KOR", position(Position.SUPPORT), minute(1), standing=Standing.DISPUTED)
    (held,) = fold_positions(room.said)
    assert held.position is Position.OBJECT


@pytest.mark.parametrize(
    "unfit",
    [(Position.ACCEPT_AD_REFERENDUM, NEVER), (Position.SUPPORT, minute(1))],
)
def test_only_ad_referendum_has_a_day(unfit: tuple[Position, int]) -> None:
    """Ad referendum without a day, or another position with one, is no position."""
    with pytest.raises(ValueError, match="ad referendum"):
        position(unfit[0], confirm_by_at=unfit[1])


def test_instructions_are_awaited_until_a_position_that_needs_none() -> None:
    """The last instant stands; saying that there are none yet changes nothing, nor does another subject (P82)."""
    room = Room()
    room.say("KOR", InstructionsAwaited(CALL, CALL, minute(30)), minute(9))
    last = room.say("KOR", InstructionsAwaited(CALL, CALL, minute(60)), minute(3))
    room.say("KOR", position(Position.NO_INSTRUCTIONS), minute(4))
    room.say("KOR", position(Position.SUPPORT, TEXT), minute(5))
    room.say("JPN", position(Position.SUPPORT), minute(5))
    (awaited,) = fold_awaited(merge(shuffled(room.said, 3)).values())
    assert (awaited.party, awaited.expected_at, awaited.id) == ("KOR", minute(60), last.id)
    room.say("KOR", position(Position.ACCEPT_AD_REFERENDUM, confirm_by_at=minute(90)), minute(6))
    assert fold_awaited(room.said) == ()
    room.say("KOR", InstructionsAwaited(CALL, CALL, minute(99)), minute(7))
    assert [row.expected_at for row in fold_awaited(room.said)] == [minute(99)], "they may be asked again"


def test_awaiting_in_a_disputed_page_is_nobodys_word() -> None:
    """Neither begins nor ends it."""
    room = Room()
    room.say("KOR", InstructionsAwaited(CALL, CALL, minute(30)), minute(0), standing=Standing.DISPUTED)
    assert fold_awaited(room.said) == ()
