"""One call of `handle`: its instant, its salts, and the effects it gathers in two groups.

What others could see, and what says "stored", goes to `after`: it leaves only when the step's commit is answered.
"""

from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.crypto.label import label, u32
from comity.crypto.suite import Suite
from comity.journal.header import Page
from comity.machine.effect import Answer, Commit, Effect, Refusal

__all__ = ["Step"]


@dataclass(slots=True)
class Step:
    """The growing result of one input."""

    at: Instant
    salt: bytes
    suite: Suite
    pages: list[Page] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    now: list[Effect] = field(default_factory=list)
    after: list[Effect] = field(default_factory=list)
    salt_count: int = 0

    def draw_salt(self) -> bytes:
        """Return a salt for one page; every call gives another."""
        self.salt_count += 1
        return self.suite.expand(self.salt, label("salt") + u32(self.salt_count))

    def find_commit(self, number: int) -> Commit | None:
        """Return the step's commit, or None where nothing has to be kept."""
        if not self.pages and not self.refusals:
            return None
        answers = tuple(effect for effect in self.after if isinstance(effect, Answer) and effect.ids)
        return Commit(number, tuple(self.pages), tuple(self.refusals), answers)
