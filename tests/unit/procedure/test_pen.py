"""Who holds the pen, where two parties know more of each other's pages than they should."""

import msgspec

from comity.procedure.pen import fold_pen
from comity.procedure.text import PenHandedOver, PenTakenOver, TextKind, TextOpened, TextWithdrawn
from kit.stating import Room, minute


def test_the_pen_is_not_taken_back_before_it_was_given_away() -> None:
    """P13: ids can be told before their pages are out; no statement is read twice for that, and none between."""
    room = Room()
    opened = room.say("JPN", TextOpened((), TextKind.PRESS_LINE, ("en",)), minute(0))
    text = opened.id
    back = room.say("JPN", PenTakenOver(text, b"\x07" * 32), minute(1))
    acted = room.say("JPN", TextWithdrawn(text), minute(2))
    handed = room.say("JPN", PenHandedOver(text, "USA"), minute(3))
    room.say("USA", PenTakenOver(text, handed.id), minute(4))
    returned = room.say("USA", PenHandedOver(text, "JPN"), minute(5))
    foreseen = msgspec.structs.replace(back, entry=PenTakenOver(text, returned.id))
    said = [foreseen if row is back else row for row in room.said]
    pen = fold_pen(opened, said)
    assert pen.acts == (acted,)
    assert (pen.holder, pen.offered_to) == (None, "JPN")
    again = room.say("JPN", PenTakenOver(text, returned.id), minute(6))
    assert fold_pen(opened, [*said, again]).holder == "JPN"
