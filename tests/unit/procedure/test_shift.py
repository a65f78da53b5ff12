"""The change of a watch: to the party alone, taken by another officer, the first who signs (P81)."""

from comity.base.names import Audience
from comity.procedure.scope import Scope
from comity.procedure.shift import ShiftHandedOver, ShiftRelieved, ShiftState, ShiftStatus, fold_shift
from comity.procedure.stated import Standing, Stated
from kit.stating import POLICY, ROLE, Room, minute, shuffled


def hand_over(room: Room) -> Stated:
    """Officer o1 leaves the watch."""
    return room.say("JPN", ShiftHandedOver(ROLE, "o1", 5, (), (), (), (), ()), minute(0))


def fold(room: Room, handed: Stated, audience: Audience = ("JPN",)) -> ShiftState:
    """The state, the same for another order of arrival."""
    scope = Scope("shift", handed.id, audience)
    state = fold_shift(scope, room.said, POLICY)
    assert fold_shift(scope, shuffled(room.said, 2), POLICY) == state
    return state


def test_the_first_other_officer_who_signs_takes_the_watch() -> None:
    """Whoever leaves does not relieve himself, and a page in doubt relieves nobody."""
    room = Room(("JPN",))
    handed = hand_over(room)
    room.say("JPN", ShiftRelieved(handed.id, ROLE, "o1", ()), minute(1))
    room.say("JPN", ShiftRelieved(handed.id, ROLE, "o3", ()), minute(1), standing=Standing.DISPUTED)
    assert fold(room, handed).status is ShiftStatus.HANDED_OVER
    taken = room.say("JPN", ShiftRelieved(handed.id, ROLE, "o2", ()), minute(2))
    room.say("JPN", ShiftRelieved(handed.id, ROLE, "o3", ()), minute(3))
    assert (fold(room, handed).status, fold(room, handed).relieved) == (ShiftStatus.RELIEVED, taken)


def test_what_others_could_read_is_no_change_of_watch() -> None:
    """Whatever was said of it there."""
    room = Room(("JPN", "USA"))
    handed = hand_over(room)
    room.say("JPN", ShiftRelieved(handed.id, ROLE, "o2", ()), minute(2))
    state = fold(room, handed, ("JPN", "USA"))
    assert (state.status, state.handed_over) == (ShiftStatus.AWAITING, None)
