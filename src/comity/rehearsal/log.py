"""What happened in a run: the digest over all of it, counts, one line per event, and rows for a live timeline.

The digest is SHA-256 over every stored page and every effect in order, so that two runs are the same run exactly if
their digests are. Lines are made only if somebody reads them. No line, row or count holds a text or a key.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import Instant, format_iso
from comity.base.names import Party, format_digest

__all__ = ["SAYS", "Argument", "Log", "Row"]

SAYS: Final[Mapping[str, str]] = {
    "rehearsal.link-cut": "the link between {one} and {other} is cut",
    "rehearsal.link-up": "the link between {one} and {other} is up again",
    "rehearsal.node-crashed": "{party}'s node lost power",
    "rehearsal.node-restarted": "{party}'s node is up again",
    "rehearsal.node-stopped": "{party}'s node stopped: it found a promise of its own broken ({where})",
    "rehearsal.outbox-down": "{party}'s outbox is down",
    "rehearsal.outbox-up": "{party}'s outbox is up again",
    "rehearsal.clock-set": "{party}'s clock was set",
    "rehearsal.healed": "everything is up again, and nothing breaks any more",
    "rehearsal.refused": "{party}'s node refused its officer's words: {refusal}",
    "rehearsal.collision-found": "{party} saw measures in the same place at the same time: {count}",
}
"""English message ids of the rows that are no statements; those have theirs in `procedure.timeline.SAYS`."""

Argument = str | int | bytes | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a timeline: a code and arguments, never prose. `party` is empty for what befell a link."""

    at: Instant
    party: Party
    code: str
    arguments: Mapping[str, object]


@dataclass(slots=True)
class Log:
    """One run's. `trace` gets each event as a line, `show` gets those that a person would want to follow."""

    trace: Callable[[str], None] | None = None
    show: Callable[[Row], None] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def note(
        self, at: int, party: Party, event: str, *arguments: Argument, show: Callable[[], str] | None = None
    ) -> None:
        """Take an event into the digest, and write its line; `show` says it in fewer words than the digest takes."""
        line = f"{at} {party} {event} {' '.join(map(_format, arguments))}"
        self._hash.update(line.encode())
        self._hash.update(b"\n")
        if self.trace is not None:
            told = show() if show is not None else " ".join((event, *map(_format, arguments)))
            self.trace(f"{format_iso(Instant(at))} {party or '-'} {told}")

    def count(self, what: str, number: int = 1) -> None:
        """Count a fault or an outcome."""
        self.counts[what] += number

    def row(self, at: int, party: Party, code: str, /, **arguments: object) -> None:
        """Show a row."""
        if self.show is not None:
            self.show(Row(Instant(at), party, code, arguments))

    def find_digest(self) -> str:
        """Return the digest of all events so far, in hexadecimal."""
        return self._hash.hexdigest()


def _format(argument: Argument) -> str:
    if isinstance(argument, bytes):
        return format_digest(argument)
    return "+".join(argument) if isinstance(argument, tuple) else str(argument)
