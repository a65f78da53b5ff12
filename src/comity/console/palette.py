"""Everywhere an officer may go, found by a few letters: pages, consultations, texts, exercises, channels, parties.

Only what this party may read anyway is in it, for nothing else is here. A row leads to a page; it does nothing.
"""

import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import format_dtg
from comity.console.rail import list_rail
from comity.console.shown import say_entry
from comity.machine.exercises import list_exercises
from comity.machine.waiting import judge_call
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState, Phase
from comity.procedure.correction import Settled
from comity.procedure.play import ExerciseStatus
from comity.procedure.text import TextOpened

__all__ = ["Target", "find_targets", "list_targets"]

SHOWN_COUNT: Final = 30
_OPEN: Final = (Phase.CALLED, Phase.CONVENED)
OF_KIND_COUNT_MAX: Final = 200
"""So many consultations and texts, the latest: who looks for older ones looks in the record."""


class Target(NamedTuple):
    """Somewhere to go: of which kind, called what, where; `key` is the key that leads there, if there is one."""

    kind: str
    name: str
    path: str
    key: str = ""

    @property
    def form(self) -> str:
        """Name and kind in the form in which they are looked for."""
        return _fold(f"{self.name} {self.kind} {self.path.rpartition('/')[2]}")


def list_targets(desk: Desk, titles: Titles, paths: frozenset[str]) -> tuple[Target, ...]:
    """Return everywhere to go by the routes that there are, in the reader's language."""
    return (
        *(Target(say("page"), row.name, row.path, row.key) for row in list_rail(paths)),
        *(_list_consultations(desk, titles) if "/consultations/{id:str}" in paths else ()),
        *(_list_texts(desk) if "/texts/{id:str}" in paths else ()),
        *(_list_exercises(desk) if "/exercises/{id:str}" in paths else ()),
        *(_list_channels(desk, titles) if "/hotline/on/{channel:str}" in paths else ()),
        *(_list_parties(desk, titles) if "/duties/of/{party:str}" in paths else ()),
    )


def find_targets(targets: tuple[Target, ...], typed: str) -> tuple[Target, ...]:
    """Return those that have every word that was typed, those that begin with it first."""
    wanted = _fold(typed[:200]).split()
    found = [target for target in targets if all(word in target.form for word in wanted)]
    if wanted:
        found.sort(key=lambda target: not target.form.startswith(wanted[0]))
    return tuple(found[:SHOWN_COUNT])


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _list_consultations(desk: Desk, titles: Titles) -> Iterator[Target]:
    machine, now = desk.node.machine, desk.node.now()
    states = [machine.record.get_state(scope) for scope in machine.record.list_scopes("consultation")]
    called = [(state.called, state) for state in states if isinstance(state, ConsultationState) and state.called]
    called.sort(key=lambda row: -row[0].stated.written_at)
    for settled, state in called[:OF_KIND_COUNT_MAX]:
        if judge_call(machine, state, now).phase in _OPEN:
            stated = settled.stated
            name = f"{_say_call(settled, titles)}, {format_dtg(stated.written_at)}"
            yield Target(say("consultation"), name, f"/consultations/{state.scope.ref.hex()}")


def _say_call(settled: Settled, titles: Titles) -> str:
    """Say what a call says; of one that was corrected what it said at first as well."""
    author, now, first = settled.stated.author, settled.stated.entry, settled.first
    says = say_entry(now, author, titles)
    if settled.corrected_by is None:
        return says
    was = say_entry(first, author, titles)
    return (
        f"{says} ({say('corrected')})"
        if was == says
        else say("{says} (corrected; at first: {was})", says=says, was=was)
    )


def _list_texts(desk: Desk) -> Iterator[Target]:
    record = desk.node.machine.record
    states = [record.get_state(scope) for scope in record.list_scopes("text")]
    opened = [state.opened for state in states if isinstance(state, TextState) and state.opened is not None]
    for stated in sorted(opened, key=lambda one: -one.written_at)[:OF_KIND_COUNT_MAX]:
        if isinstance(stated.entry, TextOpened):
            name = f"{say_term(stated.entry.kind)}, {stated.author}, {format_dtg(stated.written_at)}"
            yield Target(say("text"), name, f"/texts/{stated.id.hex()}")


def _list_exercises(desk: Desk) -> Iterator[Target]:
    for state in islice(list_exercises(desk.node.machine), OF_KIND_COUNT_MAX):
        if state.proposal is not None and state.status is not ExerciseStatus.ENDED:
            name = f"{state.proposal.name}, {say_term(state.status)}"
            yield Target(say("exercise"), name, f"/exercises/{state.scope.ref.hex()}")


def _list_channels(desk: Desk, titles: Titles) -> Iterator[Target]:
    for line in desk.node.machine.pact.hotlines:
        yield Target(say("channel"), titles.cite("channel", line.id), f"/hotline/on/{line.id}")


def _list_parties(desk: Desk, titles: Titles) -> Iterator[Target]:
    for party in desk.node.machine.parties:
        yield Target(say("duties of a party"), titles.cite("party", party), f"/duties/of/{party}")
