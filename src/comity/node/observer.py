"""The one seam at which a node is watched: what it tells, so that counting never stands between its rules.

An observer is told and never asked. It must not raise, must not wait and must not keep what it is given: a count, a
duration, a code. What it makes of them (metrics) is a room further up, and a node runs the same without.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from comity.machine.effect import Commit

__all__ = ["UNOBSERVED", "Observer"]


class Observer(Protocol):
    """Whoever watches a node."""

    def note_commit(self, commit: Commit, *, took_s: float) -> None:
        """Hear of a step that is durable now, and how long the store took for it."""

    def note_alarm(self, code: str, details: Mapping[str, object]) -> None:
        """Hear of something that an officer has to know."""


class _Unobserved:
    def note_commit(self, commit: Commit, *, took_s: float) -> None:
        """Tell nobody."""

    def note_alarm(self, code: str, details: Mapping[str, object]) -> None:
        """Tell nobody."""


UNOBSERVED: Final[Observer] = _Unobserved()
