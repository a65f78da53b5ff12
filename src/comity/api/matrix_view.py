"""A measure and a national action as JSON: one row each of the synchronisation matrix."""

from comity.api.form import simplify
from comity.api.views.floor import ActionShown, MeasureShown
from comity.procedure.measure import MeasureState
from comity.procedure.national import NationalActionStated, NationalState

__all__ = ["show_action", "show_measure"]


def show_measure(state: MeasureState) -> MeasureShown:
    """Return a measure that was offered: its terms, and who has accepted them."""
    assert state.offered is not None
    assert state.stated is not None
    return {
        "id": state.scope.ref.hex(),
        "author": state.offered.author,
        "audience": list(state.scope.audience),
        "status": state.status.value,
        "terms_by": state.stated.id.hex(),
        "terms": simplify(state.terms),
        "cells": [
            {"party": cell.party, "has_accepted": cell.has_accepted, "has_answered": cell.answer is not None}
            for cell in state.cells
        ],
    }


def show_action(state: NationalState) -> ActionShown:
    """Return what a party does in its own right, and whether it is over."""
    assert state.stated is not None
    entry = state.stated.stated.entry
    assert isinstance(entry, NationalActionStated)
    is_over = state.ended is not None or state.stated.withdrawn_by is not None
    return {
        "id": state.scope.ref.hex(),
        "author": state.stated.stated.author,
        "audience": list(state.scope.audience),
        "status": "ended" if is_over else entry.stage.value,
        "terms": simplify(entry.terms),
    }
