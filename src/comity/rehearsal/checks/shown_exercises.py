"""What a node shows of exercises, in the form in which the audit says it (E12 to E21)."""

from comity.audit.procedures.scope import Scope as SecondScope
from comity.audit.procedures.view import ObjectView
from comity.procedure.after_action import AfterActionState
from comity.procedure.play import ExerciseState

__all__ = ["show_after_action", "show_exercise"]


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


def show_after_action(state: AfterActionState) -> ObjectView:
    """Return one adoption of a report: each party's own word, and what was done."""
    cells = tuple((party, b"" if said is None else bytes(said.id)) for party, said in sorted(state.cells.items()))
    done = tuple((number, bytes(said.id)) for number, said in sorted(state.done.items()))
    return ObjectView(SecondScope(*state.scope), state.status.value, cells, done)
