"""Times of an exercise (E45): what is measured by clocks that do not agree."""

from comity.exercise.times import Measured, list_taken
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.playing import Game


def test_no_time_is_less_than_nothing_where_a_clock_was_behind() -> None:
    """Korea knew the call that it acknowledged; its clock showed a minute less."""
    game = Game()
    game.begin()
    call = game.say("USA", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, (), ("KOR",)), 20)
    game.say("KOR", Acknowledged(call.id, "watch-officer", "duty-1"), 19)
    taken = {(row.measured, row.party): row.after_ms for row in list_taken(game.fold(), game.room.said)}
    assert taken == {(Measured.ACKNOWLEDGE, "JPN"): -1, (Measured.ACKNOWLEDGE, "KOR"): 0}
