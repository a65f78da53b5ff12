"""What role players say, as one party's machine holds it: what it carries, and what it makes of what others carried.

What a seat says is carried if the seat signed it for
this realm and these readers (E34); the text of an inject goes out once its giving counts (E35). Words that arrived are
checked under each key of their seat once, however often they are shown; what a verdict rests on besides may change.
"""

import functools
from typing import TYPE_CHECKING, Final

from comity.base.errors import UsageError
from comity.base.names import REAL
from comity.machine.exercises import find_exercise
from comity.machine.input import Say
from comity.procedure import role_play
from comity.procedure.play import ExerciseState
from comity.procedure.role_play import (
    Heard,
    InjectTold,
    SeatSpoke,
    SpeechVerdict,
    ToldVerdict,
    judge_speech,
    judge_told,
    make_verify,
)
from comity.procedure.stated import Stated, is_known_to

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["check_role_play", "judge_role_play", "list_role_play"]

_CODES: Final = {
    SpeechVerdict.NO_SEAT: "seat.unknown",
    SpeechVerdict.WITHDRAWN: "seat.unknown",
    SpeechVerdict.SIGNATURE: "seat.signature",
    SpeechVerdict.OTHER_READERS: "seat.other-readers",
}


def check_role_play(machine: "Machine", say: Say) -> None:
    """Refuse words that are not the seat's, and the text of an inject that was not given yet.

    Raises:
        UsageError: `seat.unknown`, `seat.signature`, `seat.other-readers`; `inject.not-given`, `inject.told`.
    """
    for entry in say.entries:
        if isinstance(entry, SeatSpoke):
            _check_speech(machine, entry, say)
        elif isinstance(entry, InjectTold):
            _check_told(machine, entry, say)


def _check_speech(machine: "Machine", spoke: SeatSpoke, say: Say) -> None:
    heard, state = Heard(machine.party, say.audience), find_exercise(machine, spoke.exercise)
    verdict = judge_speech(spoke, heard, state, _make_verify(machine), lambda _: True)
    if verdict is not SpeechVerdict.AUTHENTIC:
        raise UsageError(_CODES[verdict], seat=spoke.seat)


def _check_told(machine: "Machine", told: InjectTold, say: Say) -> None:
    state = find_exercise(machine, told.exercise)
    if judge_told(told, machine.party, state, lambda _: True) is not ToldVerdict.GIVEN:
        raise UsageError("inject.not-given", number=told.number)
    for row in machine.statements.find(InjectTold):
        said = row.entry
        assert isinstance(said, InjectTold), "found by its type"
        is_same = (said.exercise, said.number) == (told.exercise, told.number)
        if is_same and row.author == machine.party and row.audience == say.audience:
            raise UsageError("inject.told", number=told.number)


def _make_verify(machine: "Machine") -> role_play.Verify:
    return make_verify(machine.setup.suite, realm=machine.setup.pins.realm)


def list_role_play(machine: "Machine", exercise_id: bytes) -> list[Stated]:
    """Return what role players said and which texts of injects were given, of those that this party may read."""
    if machine.setup.pins.realm == REAL:
        return []
    rows = [row for row in machine.statements.find(*role_play.ENTRIES) if _find_subject(row) == exercise_id]
    return sorted(rows, key=lambda row: row.order)


def _find_subject(row: Stated) -> bytes:
    assert isinstance(row.entry, SeatSpoke | InjectTold), "found by its type"
    return row.entry.exercise


def judge_role_play(machine: "Machine", stated: Stated, state: ExerciseState | None) -> SpeechVerdict | ToldVerdict:
    """Judge words of a seat or the text of an inject by what their author knew (E34, E35)."""
    is_known = functools.partial(is_known_to, when_stating=stated)
    entry, verify = stated.entry, _make_verify(machine)
    if isinstance(entry, InjectTold):
        return judge_told(entry, stated.author, state, is_known)
    assert isinstance(entry, SeatSpoke), "role-play is one of the two"

    def verify_once(key: bytes, spoke: SeatSpoke) -> bool:
        found = machine.checked.get((stated.id, key))
        if found is None:
            found = machine.checked[stated.id, key] = verify(key, spoke)
        return found

    return judge_speech(entry, Heard(stated.author, stated.audience), state, verify_once, is_known)
