"""What a node shows of exercises, in the form in which the audit says it (E12 to E21)."""

from comity.audit.procedures.scope import Scope as SecondScope
from comity.audit.procedures.view import ObjectView
from comity.procedure.play import ExerciseState

__all__ = ["show_exercise"]


def show_exercise(state: ExerciseState) -> ObjectView:
    """Return one exercise: cells, the clock, what holds it, each act's fate, injects."""
    cells = tuple((cell.party, b"" if cell.answer is None else bytes(cell.answer.id)) for cell in state.cells)
    last = state.spans[-1] if state.spans else None
    clock = (0, 0, 0) if last is None else (int(last.from_at), last.time_ms, int(last.is_running))
    holds = tuple(sorted(bytes(hold.id) for hold in state.holds))
    fates = tuple(sorted((bytes(act.stated.id), act.fate.value) for act in state.acts))
    fired, skipped = (
        tuple(sorted((number, bytes(given.stated.id)) for number, given in rows.items()))
        for rows in (state.fired, state.skipped)
    )
    shifts = tuple((number, max(0, ms), max(0, -ms)) for number, ms in sorted(state.shifts_ms.items()))
    notes = tuple(sorted(bytes(note.id) for note in state.notes))
    facts = (*clock, holds, fates, fired, skipped, shifts, notes)
    return ObjectView(SecondScope(*state.scope), state.status.value, cells, facts)
