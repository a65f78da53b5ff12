"""Two pacts side by side, clause by clause (R74).

Rules that every pact has at one place (the trigger, the clock, who calls, the policy's clocks) stand beside each other
whatever they are called; rows of a list (commitments, agreements, lines) do if they have one id, and else stand alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from comity.pact.model import Pact, walk_rules
from comity.pact.terms import Rule

__all__ = ["Beside", "lay_beside"]


class Beside(NamedTuple):
    """One clause of either or of both. `place` is where the rule stands in the file, without numbers of rows."""

    place: str
    one: Rule | None
    other: Rule | None

    @property
    def is_same(self) -> bool:
        """Whether both have it and it says the same."""
        return self.one == self.other


def lay_beside(one: Pact, other: Pact) -> tuple[Beside, ...]:
    """Return every clause of both, in the order of the first; what only the second has stands last."""
    left, right = dict(_list_placed(one)), dict(_list_placed(other))
    return tuple(Beside(place[0], left.get(place), right.get(place)) for place in dict.fromkeys((*left, *right)))


def _list_placed(pact: Pact) -> Iterator[tuple[tuple[str, str], Rule]]:
    for path, rule in walk_rules(pact):
        names = ".".join(step for step in path if isinstance(step, str))
        in_list = any(isinstance(step, int) for step in path)
        yield (names, rule.id if in_list else ""), rule
