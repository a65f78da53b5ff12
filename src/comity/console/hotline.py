"""The hotline as the page shows it: channels with the state of their lines, what was said on each, tests, voice calls.

Rules
- Delivered, read, acknowledged and read back are separate facts of each party, and are shown as such (P28).
- Of a channel the latest are shown, a page at a time; what came before is a page further.
- The state of a line is what line tests and links say now; one miss is unknown, and no cause is named (P30).
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.hotline import MessageView, VoiceCallView, show_message, show_voice_call
from comity.api.line_view import judge_lines
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Party
from comity.machine.machine import Machine
from comity.pact.commitment import Hotline
from comity.procedure.hotline import MessageSent, MessageState
from comity.procedure.line import LineAnswer, LineResult, LineState, LineTestAnsweredByPerson, LineTestSent
from comity.procedure.phrase import PhraseSent
from comity.procedure.stated import Stated
from comity.procedure.voice import VoiceCallLogged, VoiceState

__all__ = [
    "MESSAGE_COUNT",
    "Channel",
    "Conversation",
    "Tests",
    "find_channel",
    "find_tests",
    "group_messages",
    "list_channels",
    "read_channel",
]

Said = dict[str, list[MessageState]]
"""Messages by channel."""

MESSAGE_COUNT: Final = 20
"""How many messages a page shows."""
CALL_COUNT: Final = 12
SLOT_COUNT: Final = 24
HISTORY_MS: Final = 3 * DAY_MS
"""How far back line tests are looked at here; findings of longer runs stand on the watch."""


@dataclass(frozen=True, slots=True)
class End:
    """One other end of a line: its link now, and its part in the latest test that it should have answered."""

    party: Party
    is_up: bool
    heard_at: int
    answer: LineAnswer | None


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel. `line` is None where the pact in force has none; `waiting_count` are not acknowledged here."""

    id: str
    line: Hotline | None
    ends: tuple[End, ...]
    tested_at: int
    message_count: int
    waiting_count: int


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of one line: the latest slots, what each party answered in them, and what waits for a person here."""

    slots_at: tuple[int, ...]
    rows: tuple[tuple[Party, tuple[LineResult | None, ...]], ...]
    open: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said on a channel, the latest first. `left_count`: how many earlier ones a further page has."""

    messages: tuple[MessageView, ...]
    left_count: int
    calls: tuple[VoiceCallView, ...]


def group_messages(machine: Machine) -> Said:
    """Return every message that is here, by its channel: what one look at the page goes through once."""
    said: Said = {}
    for channel, state in machine.record.read_kept("message", find_place).values():
        said.setdefault(channel, []).append(state)
    return said


def list_channels(desk: Desk, said: Said) -> list[Channel]:
    """Return the channels of this party: those of the pact in its order, then any others that something was said on."""
    machine = desk.node.machine
    lines = {line.id: line for line in machine.pact.hotlines if machine.party in line.parties}
    return [
        _show_channel(desk, channel, lines.get(channel), said.get(channel, []))
        for channel in (*lines, *sorted(channel for channel in said if channel not in lines))
    ]


def find_channel(channels: list[Channel], id_: str) -> Channel | None:
    """Return the channel meant; the first one if none is named."""
    return next((channel for channel in channels if channel.id == id_ or not id_), None)


def read_channel(desk: Desk, channel: str, said: Said, *, skipping: int = 0) -> Conversation:
    """Return what was said on a channel, leaving out so many of the latest messages."""
    machine, states = desk.node.machine, said.get(channel, [])
    latest = heapq.nsmallest(skipping + MESSAGE_COUNT, states, key=lambda state: (-_find_time(state), state.scope.ref))
    shown = latest[skipping:]
    return Conversation(
        messages=tuple(show_message(machine, state) for state in shown),
        left_count=max(0, len(states) - skipping - len(shown)),
        calls=tuple(_list_calls(machine, channel)),
    )


def find_tests(desk: Desk, line: Hotline) -> Tests:
    """Return the tests of a line of the pact, as its ends state them."""
    machine, now = desk.node.machine, desk.node.now()
    audience: Audience = tuple(sorted(line.parties))
    days = [day for day in _list_days(machine, now) if day.channel == line.id and day.scope.audience == audience]
    results, _ = judge_lines(machine, days, now)
    by_place = {(result.party, result.slot_at): result for result in results}
    slots = tuple(sorted({slot_at for _, slot_at in by_place})[-SLOT_COUNT:])
    rows = tuple((party, tuple(by_place.get((party, slot_at)) for slot_at in slots)) for party in line.parties)
    return Tests(slots, rows, tuple(_find_open(machine, days)))


def _show_channel(desk: Desk, id_: str, line: Hotline | None, states: list[MessageState]) -> Channel:
    node, machine = desk.node, desk.node.machine
    tests = Tests((), (), ()) if line is None else find_tests(desk, line)
    last = {party: next((row for row in reversed(row) if row is not None), None) for party, row in tests.rows}
    ends = tuple(
        End(
            party,
            node.links_up.get(party, False),
            node.heard_at.get(party, 0),
            None if (result := last.get(party)) is None else result.answer,
        )
        for party in (line.parties if line is not None else ())
        if party != machine.party
    )
    waiting = sum(_waits_here(machine, state) for state in states)
    return Channel(id_, line, ends, max(tests.slots_at, default=0), len(states), waiting)


def _waits_here(machine: Machine, state: MessageState) -> bool:
    if state.sent is None or state.sent.withdrawn_by is not None:
        return False
    return any(cell.party == machine.party and cell.acknowledged is None for cell in state.cells)


def find_place(state: MessageState) -> tuple[str, MessageState] | None:
    """Return a message that is here, with the channel that it was sent on."""
    if state.sent is None:
        return None
    entry = state.sent.stated.entry
    return entry.channel if isinstance(entry, MessageSent | PhraseSent) else "", state


def _find_time(state: MessageState) -> int:
    return 0 if state.sent is None else state.sent.stated.written_at


def _list_calls(machine: Machine, channel: str) -> list[VoiceCallView]:
    found: list[tuple[int, VoiceState]] = []
    for scope in machine.record.list_scopes("voice"):
        state = machine.record.get_state(scope)
        entry = state.logged.stated.entry if isinstance(state, VoiceState) and state.logged is not None else None
        if isinstance(state, VoiceState) and isinstance(entry, VoiceCallLogged) and entry.channel == channel:
            found.append((entry.began_at, state))
    found.sort(key=lambda row: (-row[0], row[1].scope.ref))
    return [show_voice_call(state) for _, state in found[:CALL_COUNT]]


def _list_days(machine: Machine, now: Instant) -> Iterator[LineState]:
    """Yield the days that are looked at; a scope of a line is its channel and its day."""
    first = (now - HISTORY_MS) // DAY_MS
    for scope in machine.record.list_scopes("line"):
        day = scope.ref.decode(errors="replace").rpartition("/")[2]
        if day.isdecimal() and int(day) >= first:
            state = machine.record.get_state(scope)
            assert isinstance(state, LineState), "a line's day folds to its state"
            yield state


def _find_open(machine: Machine, days: list[LineState]) -> Iterator[Stated]:
    """Yield others' tests of the latest slot that no person here has answered."""
    tests = [test for day in days for test in day.tests]
    answered = {
        row.entry.test
        for day in days
        for row in day.answers
        if row.author == machine.party and isinstance(row.entry, LineTestAnsweredByPerson)
    }
    latest = max((_find_slot_at(test) for test in tests), default=-1)
    for test in tests:
        if _find_slot_at(test) == latest and test.author != machine.party and test.id not in answered:
            yield test


def _find_slot_at(test: Stated) -> int:
    assert isinstance(test.entry, LineTestSent), "what a day holds as tests are tests"
    return test.entry.slot_at
