"""Virtual time."""

from comity.base.instants import Instant
from comity.rehearsal.agenda import Agenda


def test_actions_are_taken_by_instant_and_then_in_the_order_in_which_they_were_put() -> None:
    """Two actions of one instant never change places, so a run is the same every time."""
    taken: list[str] = []
    agenda = Agenda(Instant(100))
    agenda.add(120, lambda: taken.append("c"))
    agenda.add(110, lambda: taken.append("a"))
    agenda.add(110, lambda: taken.append("b"))
    agenda.run(Instant(200))
    assert taken == ["a", "b", "c"]
    assert agenda.now == 200


def test_what_is_already_past_happens_next_and_what_is_not_due_waits() -> None:
    """Time never runs back, and `run` stops at its end."""
    seen: list[int] = []
    agenda = Agenda(Instant(100))
    agenda.add(50, lambda: seen.append(agenda.now))
    agenda.add(150, lambda: agenda.after(100, lambda: seen.append(agenda.now)))
    agenda.run(Instant(200))
    assert seen == [100]
    agenda.run(Instant(300))
    assert seen == [100, 250]
