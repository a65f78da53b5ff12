"""What a node states about texts by itself, without an officer, because the pact opts in or because it is a plain fact.

- `TextReceived`: it has all language versions and knows S-time.
- `SilenceKept`: no officer broke or holds, and every condition of docs/spec/procedure.md for a machine's word is met.
- `TextAdoptionSeen`: it saw every party's consent.

Each is decided by the procedures' own views; nothing is decided here but when to look.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from comity.base.instants import MINUTE_MS, NEVER, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.machine.clock_watch import ClockWatch
from comity.procedure.adoption import Round, TextState, fold_text
from comity.procedure.entry import Entry
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope, find_scope
from comity.procedure.silence import KeepRefusal
from comity.procedure.stated import Stated
from comity.procedure.text import SilenceKept, TextReceived
from comity.procedure.text_view import find_refusal_to_keep, find_unwitnessed

__all__ = ["Due", "TextWatch"]

Due = tuple[Audience, Entry]

LOOK_AGAIN_MS: Final = 5 * SECOND_MS
"""Between two looks at a text whose silence could not be kept at S-time: a clock in doubt may be set right."""
LEAP_MS: Final = MINUTE_MS
"""A node that is woken so late after the instant that it asked for did not wait for it."""

_CURED_BY_TIME: Final = frozenset({KeepRefusal.TOO_EARLY, KeepRefusal.CLOCK_IN_DOUBT})


class TextWatch:
    """Finds what the node owes to say now. A scope is looked at when it changes, and when its S-time is over."""

    def __init__(
        self,
        policy: Policy,
        party: Party,
        clocks: ClockWatch,
        *,
        find_policy: Callable[[Scope, Mapping[Digest, Stated]], Policy] | None = None,
    ) -> None:
        """Watch under one policy or, with `find_policy`, under that of each text."""
        self._find_policy = find_policy or (lambda scope, held: policy)  # noqa: ARG005
        self._party = party
        self._clocks = clocks
        self._texts: dict[Scope, dict[Digest, Stated]] = {}
        self._settled: set[Scope] = set()
        self._look_at: dict[Scope, Instant] = {}
        self._queued: set[Due] = set()
        self.up_since_at: Instant = NEVER
        """When this node began to run; silence that it slept through is not kept."""

    def take(self, new: Iterable[Stated]) -> None:
        """Note new statements, or the worse standing of known ones; their scopes are looked at again."""
        for stated in new:
            if stated.entry.belongs_to[0] != "text":
                continue
            scope = find_scope(stated)
            if self._party in scope.audience:
                held = self._texts.setdefault(scope, {})
                known = held.get(stated.id)
                if known is None or known.standing is not stated.standing:
                    held[stated.id] = stated
                    self._look_at[scope] = NEVER

    def begin(self, at: Instant) -> None:
        """Note when this node came up: at its first input."""
        if self.up_since_at == NEVER:
            self.up_since_at = at

    def look_again(self) -> None:
        """Look at every open text: what an author knew when it spoke may have come to light."""
        self._look_at.update(dict.fromkeys(self._texts.keys() - self._settled, NEVER))

    def find_due(self, at: Instant, *, has_words_waiting: Callable[[Audience], bool]) -> tuple[Due, ...]:
        """Return what is to be said now and was not returned before, in a fixed order.

        While an officer's own words wait for their page, silence is not kept: they may be a hold or a break.
        """
        self._note_leap(at)
        due: list[Due] = []
        scopes = [scope for scope, look_at in self._look_at.items() if look_at <= at] if self._look_at else ()
        for scope in sorted(scopes):
            del self._look_at[scope]
            state = fold_text(scope, self._texts[scope].values(), self._read_policy(scope))
            may_keep = not has_words_waiting(scope.audience)
            found = [(scope.audience, entry) for entry in self._find_due_of_text(state, at, may_keep=may_keep)]
            due += [row for row in found if row not in self._queued]
            self._queued.update(found)
            self._plan(state, at, may_keep=may_keep)
            is_settled = not found and any(self._party in done.witnesses for done in state.adoptions)
            (self._settled.add if is_settled else self._settled.discard)(scope)
        return tuple(due)

    def _note_leap(self, at: Instant) -> None:
        """Count as up since now where the clock went past an instant of ours unseen: it leapt, or the node slept (P19).

        Seen in rehearsal: a clock leapt over S-time, and its node signed at once that nobody had broken silence.
        """
        wake_at = self.find_wake()
        if wake_at is not None and wake_at > self.up_since_at and at > wake_at + LEAP_MS:
            self.up_since_at = at

    def _read_policy(self, scope: Scope) -> Policy:
        return self._find_policy(scope, self._texts[scope])

    def find_wake(self) -> Instant | None:
        """Return when something may become due by the clock alone."""
        return min(self._look_at.values(), default=None)

    def _plan(self, state: TextState, at: Instant, *, may_keep: bool) -> None:
        """Look again once S-time and the skew are over; after that only for what time alone can cure.

        Whatever else stops a node from keeping silence is changed by a statement, and then the scope is looked at
        anyway: an unconfirmed text must not be folded every few seconds for years.
        """
        current = state.current
        if current is None or current.opening.until_at is None or current.cell(self._party).outcome is not None:
            return
        closes_at = Instant(current.opening.until_at + self._read_policy(state.scope).silence_skew_ms_max)
        if at < closes_at:
            self._look_at[state.scope] = closes_at
        elif not may_keep or self._find_refusal(state, at) in _CURED_BY_TIME:
            self._look_at[state.scope] = Instant(at + LOOK_AGAIN_MS)

    def _find_refusal(self, state: TextState, at: Instant) -> KeepRefusal | None:
        return find_refusal_to_keep(
            state,
            self._read_policy(state.scope),
            self._party,
            now=at,
            up_since_at=self.up_since_at,
            clock_doubt_ms=self._clocks.find_doubt_ms(at),
        )

    def _find_due_of_text(self, state: TextState, at: Instant, *, may_keep: bool) -> list[Entry]:
        due: list[Entry] = list(find_unwitnessed(state, self._party))
        current = state.current
        if current is None:
            return due
        if not self._has_received(state, current):
            until_at = current.opening.until_at or 0
            due.append(TextReceived(state.scope.ref, current.opening.version, until_at))
        elif may_keep and self._find_refusal(state, at) is None:
            assert current.opening.until_at is not None
            version, until_at = current.opening.version, current.opening.until_at
            due.append(SilenceKept(state.scope.ref, version, until_at, self.up_since_at))
        return due

    def _has_received(self, state: TextState, current: Round) -> bool:
        """Whether this node has already stated that it has this version and knows this S-time."""
        until_at = current.opening.until_at or 0
        return any(
            isinstance(row.entry, TextReceived)
            and row.author == self._party
            and (row.entry.version, row.entry.until_at) == (current.opening.version, until_at)
            for row in state.statements
        )
