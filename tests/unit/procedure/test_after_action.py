"""A report that is adopted: whose duty a corrective action is, and when it is met (E48 to E50)."""

import pytest

from comity.base.instants import Instant
from comity.procedure.after_action import (
    ActionCompleted,
    AfterActionState,
    CorrectiveAction,
    ReportAdopted,
    ReportAdoptionJoined,
    fold_after_action,
    judge_corrective_actions,
)
from comity.procedure.scope import Scope
from kit.stating import ALL, POLICY, Room, minute

REPORT = b"\x52" * 32
BY = ("principal", "p-1")
ACTIONS = (CorrectiveAction(1, "KOR", minute(100)), CorrectiveAction(2, "JPN", minute(50)))


def fold(room: Room, ref: bytes) -> AfterActionState:
    """The adoption as it stands."""
    return fold_after_action(Scope("after-action", ref, ALL), room.said, POLICY)


def find_verdicts(state: AfterActionState, at: Instant) -> dict[str, tuple[str, bool]]:
    """Rule, verdict and whether late."""
    return {
        duty.rule.rpartition(".")[2]: (duty.verdict.value, duty.is_late)
        for duty in judge_corrective_actions(state, as_of=at)
    }


def test_an_action_is_a_duty_of_its_owner_once_that_party_itself_adopted() -> None:
    """Nobody is bound by another's adoption, and nobody's silence keeps another's duty from being one."""
    room = Room()
    opened = room.say("JPN", ReportAdopted("spring", REPORT, "C10", ACTIONS, *BY), minute(0)).id
    assert find_verdicts(fold(room, opened), minute(1)) == {"2": ("open", False)}
    room.say("KOR", ReportAdoptionJoined(opened, bytes(32), *BY), minute(2))
    assert "1" not in find_verdicts(fold(room, opened), minute(3))
    room.say("KOR", ReportAdoptionJoined(opened, REPORT, *BY), minute(4))
    assert find_verdicts(fold(room, opened), minute(60)) == {"1": ("open", False), "2": ("overdue", False)}
    assert fold(room, opened).status.value == "proposed"
    room.say("USA", ReportAdoptionJoined(opened, REPORT, *BY), minute(61))
    assert fold(room, opened).status.value == "adopted"


def test_it_is_met_by_the_owners_word_alone_and_late_stands_beside_it() -> None:
    """Another party's word that it is done does not count; what is done late is met, late."""
    room = Room()
    opened = room.say("JPN", ReportAdopted("spring", REPORT, "C10", ACTIONS, *BY), minute(0)).id
    room.say("USA", ActionCompleted(opened, 2, (), *BY), minute(10))
    assert find_verdicts(fold(room, opened), minute(11)) == {"2": ("open", False)}
    room.say("JPN", ActionCompleted(opened, 2, (REPORT,), *BY), minute(60))
    assert find_verdicts(fold(room, opened), minute(61)) == {"2": ("met", True)}


def test_numbers_ascend() -> None:
    """Actions have one order, so that a report has one form on the record."""
    with pytest.raises(ValueError, match="ascending"):
        ReportAdopted("spring", REPORT, "C10", ACTIONS[::-1], *BY)
