"""What one node knows, by object: statements go in, folded states come out.

Rules
- Every state is a fold of one scope's statements, so anything here can be dropped and rebuilt (law 3).
- A new page refolds only the scopes that it touches, and only when somebody looks.
- Which objects there are, and what views keep of their states, is kept up as statements come (`scope_index`, `kept`).
- What refers to something that is not here waits in the scope of what it refers to; a correction waits for its target.

Not pure in form (it is the machine's memory), but in effect: any order and repetition of the same statements answers
every question alike.
"""

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from comity.base.errors import UsageError
from comity.base.names import Audience, Digest
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.after_action import AfterActionState, fold_after_action
from comity.procedure.appointment import AppointmentState, fold_appointment
from comity.procedure.consultation import ConsultationState, fold_consultation
from comity.procedure.correction import EntryCorrected
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageState, fold_message
from comity.procedure.indicator import IndicatorState, fold_indicator
from comity.procedure.kept import Kept
from comity.procedure.line import LineState, fold_line
from comity.procedure.measure import MeasureState, fold_measure
from comity.procedure.meeting import MeetingState, fold_meeting
from comity.procedure.national import NationalState, fold_national
from comity.procedure.own import merge, shown_order
from comity.procedure.plan import PlanState, fold_plan
from comity.procedure.play import ExerciseState, fold_exercise
from comity.procedure.policy import Policy
from comity.procedure.registry import Unknown, decode_entry
from comity.procedure.scope import Scope, find_scope
from comity.procedure.scope_index import ScopeIndex
from comity.procedure.shift import ShiftState, fold_shift
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatState, fold_threat
from comity.procedure.voice import VoiceState, fold_voice

__all__ = ["KINDS", "Record", "State", "find_cited"]

State = (
    ConsultationState
    | TextState
    | MeasureState
    | NationalState
    | ThreatState
    | MessageState
    | LineState
    | IndicatorState
    | VoiceState
    | PlanState
    | MeetingState
    | ShiftState
    | AppointmentState
    | ExerciseState
    | AfterActionState
)

T = TypeVar("T")

_FOLDS: Final[Mapping[str, Callable[[Scope, Iterable[Stated], Policy], State]]] = {
    "after-action": fold_after_action,
    "appointment": fold_appointment,
    "consultation": fold_consultation,
    "exercise": fold_exercise,
    "indicator": fold_indicator,
    "line": fold_line,
    "measure": fold_measure,
    "meeting": fold_meeting,
    "message": fold_message,
    "national": fold_national,
    "plan": fold_plan,
    "shift": fold_shift,
    "text": fold_text,
    "threat": fold_threat,
    "voice": fold_voice,
}
KINDS: Final = tuple(_FOLDS)
"""Kinds of object that have a state."""
_OPENED_BY_NAME: Final = frozenset({"line", ""})
"""Kinds of scope that no entry opens."""


class Record:
    """One node's statements, grouped by scope, with their folds kept until something new arrives."""

    def __init__(
        self, policy: Policy, *, find_policy: Callable[[Scope, Mapping[Digest, Stated]], Policy] | None = None
    ) -> None:
        """Set up for one policy or, with `find_policy`, for that of each object (P36)."""
        self._find_policy = find_policy or (lambda scope, held: policy)  # noqa: ARG005
        self._scopes: dict[Scope, dict[Digest, Stated]] = {}
        self._place: dict[Digest, Scope] = {}
        self._index = ScopeIndex()
        self._folded: dict[Scope, State] = {}
        self._notes: dict[Scope, dict[Hashable, Any]] = {}
        self._kept: dict[str, dict[Callable[[Any], Any], Kept[Scope, Any, Any]]] = {}
        self._has_waiting = False
        """Whether a correction ever came before what it corrects."""

    def take(self, statements: Iterable[Stated]) -> tuple[Scope, ...]:
        """Add statements, or learn the worse standing of known ones; return the scopes that changed, sorted."""
        touched: set[Scope] = set()
        place, scopes = self._place, self._scopes
        for stated in statements:
            id_, scope = stated.id, self._find_place(stated)
            held = scopes.get(scope)
            if held is None:
                held = scopes[scope] = {}
                self._index.add(scope)
            known = held.get(id_)
            if known is stated:
                continue
            kept = stated if known is None else merge((known, stated))[id_]
            if known is not None and known == kept:
                continue
            held[id_] = kept
            place[id_] = scope
            if id_ == scope.ref:
                self._index.open(scope, kept)
            self._has_waiting = self._has_waiting or scope.kind == "correction"
            if self._has_waiting:
                self._move_waiting(stated, scope)
            touched.add(scope)
        for scope in touched:
            self._folded.pop(scope, None)
            self._notes.pop(scope, None)
            for kept_ in self._kept.get(scope.kind, {}).values():
                kept_.forget((scope,))
        return tuple(sorted(touched))

    def _find_place(self, stated: Stated) -> Scope:
        """A correction belongs where its target stands, if both have one audience; until then it waits by itself."""
        scope = find_scope(stated)
        if scope.kind == "correction":
            place = self._place.get(Digest(scope.ref))
            if place is not None and place.audience == stated.audience:
                return place
        return scope

    def _move_waiting(self, stated: Stated, scope: Scope) -> None:
        """Bring corrections that waited for this statement to its scope.

        What waited for one of those came to it when it arrived, and so moves with it.
        """
        left = Scope("correction", stated.id, stated.audience)
        if left not in self._scopes:
            return
        waiting = self._scopes.pop(left)
        self._index.remove(left)
        self._scopes[scope].update(waiting)
        self._place.update(dict.fromkeys(waiting, scope))

    def forget_states(self) -> None:
        """Let every state be folded anew: something that the folds look up, as a cut, has changed meanwhile."""
        self._folded.clear()
        self.forget_notes()
        for of_kind in self._kept.values():
            for kept in of_kind.values():
                kept.forget_all()

    def forget_notes(self) -> None:
        """Let go of what was noted beside the states: something that it rests on has changed meanwhile."""
        self._notes.clear()

    def find_statement(self, id_: bytes) -> Stated | None:
        """Return the statement with this id, or None if it is not here."""
        place = self._place.get(Digest(id_))
        return None if place is None else self._scopes[place].get(Digest(id_))

    def list_statements(self, scope: Scope) -> tuple[Stated, ...]:
        """Return a scope's statements in the order in which they are shown."""
        return tuple(sorted(self._scopes.get(scope, {}).values(), key=shown_order))

    def get_held(self, scope: Scope) -> Mapping[Digest, Stated]:
        """Return a scope's statements by id, in no order."""
        return self._scopes.get(scope, {})

    def list_scopes(self, kind: str) -> tuple[Scope, ...]:
        """Return the scopes of a kind, sorted."""
        return self._index.list(kind)

    def list_awaiting(self) -> tuple[Scope, ...]:
        """Return the scopes whose opening entry is not here: what they say is kept and waits."""
        return tuple(
            sorted(
                scope
                for scope, held in self._scopes.items()
                if scope.kind not in _OPENED_BY_NAME and scope.ref not in held
            )
        )

    def find_scope_of(self, id_: bytes) -> Scope | None:
        """Return the object that the entry `id_` opens or belongs to, or None if the entry is not here."""
        return self._place.get(Digest(id_))

    def find_object(self, ref: bytes, *kinds: str) -> Scope | None:
        """Return the object of one of these kinds that the entry `ref` opened; if that is not here, what awaits it.

        What was said of an object to another audience never stands for the object itself.
        """
        scope = self.find_scope_of(ref)
        if scope is not None and scope.ref == ref and scope.kind in kinds:
            return scope
        return self._index.find(ref, kinds)

    def get_state(self, scope: Scope) -> State:
        """Return the folded state of a scope.

        Raises:
            UsageError: `record.unknown`, where nothing of it is here, or it is of a kind that has no fold.
        """
        if scope not in self._scopes or scope.kind not in _FOLDS:
            raise UsageError("record.unknown", kind=scope.kind)
        if scope not in self._folded:
            held = self._scopes[scope]
            self._folded[scope] = _FOLDS[scope.kind](scope, held.values(), self._find_policy(scope, held))
        return self._folded[scope]

    def read_kept(self, kind: str, make: Callable[[Any], T | None]) -> Mapping[Scope, T]:
        """Return what `make`, a function of one state alone, makes of each object of a kind; in no order (`kept`)."""
        of_kind = self._kept.setdefault(kind, {})
        if make not in of_kind:
            of_kind[make] = Kept(make)
        found: Mapping[Scope, T] = of_kind[make].read(lambda: self._index.list(kind), self.get_state)
        return found

    def notes_of(self, scope: Scope) -> dict[Hashable, Any]:
        """Return what was noted beside a scope's state: gone as soon as the state is another (`kept`)."""
        return self._notes.setdefault(scope, {})

    def list_opened_under(self, consultation: bytes) -> tuple[Scope, ...]:
        """Return what was opened under a consultation, sorted."""
        return tuple(sorted(self._index.list_under(consultation)))

    def list_related(self, consultation: bytes) -> tuple[Scope, ...]:
        """Return a consultation's scope, the threats it was called on, and whatever was opened under it; sorted."""
        found = set(self._index.list_under(consultation))
        call = self.find_statement(consultation)
        if call is not None:
            found |= {self._place[call.id]}
            cited = (self.find_scope_of(id_) for id_ in find_cited(call.entry))
            found |= {scope for scope in cited if scope is not None}
        return tuple(sorted(found))

    def find_hidden_citation(self, entry: Entry, audience: Audience) -> Digest | None:
        """Return an entry that `entry` names and that part of `audience` may not read, or None (DESIGN section 3).

        Asked before sending, so that nobody learns of the existence of what he may not see (law 2).
        """
        for id_ in find_cited(entry):
            held = self.find_statement(id_)
            if held is not None and not set(audience) <= set(held.audience):
                return held.id
        return None


def find_cited(entry: Entry) -> tuple[bytes, ...]:
    """Return every value in an entry that may name another entry: 32 bytes, in the order of its fields."""
    return tuple(_walk(entry))


def _walk(value: object) -> Iterator[bytes]:
    if isinstance(value, bytes):
        if len(value) == 32:
            yield value
    elif isinstance(value, tuple):
        for element in value:
            yield from _walk(element)
    elif isinstance(value, EntryCorrected):
        yield value.entry
        replacement = decode_entry(value.replacement)
        if not isinstance(replacement, Unknown):
            yield from _walk(replacement)
    elif isinstance(value, msgspec.Struct):
        for name in _list_naming_fields(type(value)):
            yield from _walk(getattr(value, name))


@functools.cache
def _list_naming_fields(type_: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a type, in order, but for those of numbers and text: they name nothing."""
    fields = msgspec.structs.fields(type_)
    return tuple(field.name for field in fields if not isinstance(msgspec.inspect.type_info(field.type), _PLAIN))


_PLAIN: Final = (msgspec.inspect.IntType, msgspec.inspect.StrType, msgspec.inspect.EnumType)
