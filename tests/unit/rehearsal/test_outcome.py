"""What a rehearsal has to draw: every type of entries, but for those of which it is said why not."""

from comity.procedure.registry import ENTRY_TYPES
from comity.rehearsal.outcome import NOT_DRAWN, OUTCOMES, find_absent


def test_every_type_of_entries_is_an_outcome_or_has_a_reason() -> None:
    """A new type is drawn, or it is written down why it is not: over many seeds no outcome may be absent."""
    names = {type_.__name__ for type_ in ENTRY_TYPES}
    said = {name.removeprefix("said-") for name in OUTCOMES if name.startswith("said-")}
    assert said | set(NOT_DRAWN) == names
    assert not said & set(NOT_DRAWN)
    assert all(len(reason.split()) > 5 for reason in NOT_DRAWN.values())


def test_a_type_that_was_never_said_is_absent() -> None:
    """So a run of many seeds in which nobody escalated would be noticed."""
    counts = dict.fromkeys(OUTCOMES, 1) | {"said-AlarmEscalated": 0}
    assert "said-AlarmEscalated" in find_absent(counts)
    assert "said-CalledOut" not in find_absent(counts)
