"""What could pass between two parties through the history of one agreement, as it was and as it might have been.

The pact file's own rows tell the history; each instant is a ground of its own, and what passes on it is asked as ever
(`comity.procedure.passage`). The counterfactual drops what came after notice was given, so that the notice runs out at
its end (docs/spec/release.md, R29).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.pact.agreement import Agreement
from comity.pact.model import Pact
from comity.procedure.agreement import AgreementStanding, agreement_states
from comity.procedure.ground import Ground
from comity.procedure.passage import Passage, find_passages
from comity.procedure.release_terms import compile_terms

__all__ = ["Scene", "find_turning_points", "let_notice_run_out", "tell_story"]

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """How the agreement stood at an instant, and what could pass. `note` is that of the row of the day."""

    at: Instant
    standing: AgreementStanding
    note: str
    passages: tuple[Passage, ...]


def tell_story(
    pact: Pact, *, agreement: Agreement, giver: Party, receiver: Party, instants: Iterable[Instant]
) -> tuple[Scene, ...]:
    """Return one scene for each instant, on the pact file's rows alone; `agreement` is one of the pact's own."""
    terms = compile_terms(pact)
    scenes = []
    for at in sorted(set(instants)):
        states = agreement_states(pact, (), as_of=at)
        ground = Ground(terms, states, (), at)
        row = agreement.find_state(_EPOCH + dt.timedelta(milliseconds=at))
        passages = find_passages(ground, pairs=((giver, receiver),))
        scenes.append(Scene(at, states[agreement.id], "" if row is None else row.note, passages))
    return tuple(scenes)


def find_turning_points(agreement: Agreement) -> tuple[Instant, ...]:
    """Return the day before the agreement began, the day of each row, and the ends of its notices."""
    days = [max(0, (row.since - _EPOCH).days) * DAY_MS for row in agreement.states]
    ends = [row.notice_end for row in agreement.states if row.notice_end is not None]
    return tuple(sorted({Instant(max(0, days[0] - DAY_MS)), *map(Instant, days), *ends}))


def let_notice_run_out(pact: Pact, agreement: Agreement) -> tuple[Pact, Agreement] | None:
    """Return the pact and the agreement as if nothing had followed the first notice with an end; None without one."""
    number = next((at for at, row in enumerate(agreement.states) if row.notice_end is not None), None)
    if number is None:
        return None
    cut = msgspec.structs.replace(agreement, states=agreement.states[: number + 1])
    others = tuple(cut if row.id == agreement.id else row for row in pact.agreements)
    return msgspec.structs.replace(pact, agreements=others), cut
