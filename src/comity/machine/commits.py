"""The commits that are under way, and what waits for each: nothing that others could see leaves before.

A driver answers commits in their order. What rests on one waits here until its answer.
"""

from comity.machine.effect import Commit, Effect
from comity.machine.step import Step

__all__ = ["Commits"]


class Commits:
    """Numbers the commits of one machine."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: dict[int, list[Effect]] = {}

    @property
    def has_open(self) -> bool:
        """Whether a commit has not been answered yet."""
        return bool(self._waiting)

    def finish(self, step: Step) -> tuple[Effect, ...]:
        """Return what is to be done now of a step; its commit is the last, if it has one.

        A step that stores nothing waits for the last commit that is still open: it may rest on it. (Seen in rehearsal:
        a page came twice while its commit was open, and the second delivery was acknowledged.)
        """
        commit: Commit | None = step.find_commit(self._number + 1)
        if commit is not None:
            self._number = commit.number
            self._waiting[commit.number] = step.after
            return (*step.now, commit)
        if self._waiting:
            self._waiting[self._number] += step.after
            return tuple(step.now)
        return (*step.now, *step.after)

    def take_answer(self, number: int) -> list[Effect]:
        """Return what waited for a commit."""
        return self._waiting.pop(number)
