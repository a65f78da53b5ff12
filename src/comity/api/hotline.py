"""The hotline over the API: messages in every language there is, standard phrases, the log of voice calls.

What a translation says is shown apart from the message, with who attached it: it is that party's word (P72).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement, read_words, simplify
from comity.api.pact_view import find_policy, find_version_of
from comity.api.paging import cut_page
from comity.api.views.floor import MessageFacts, MessageReceipt, VoiceCellShown
from comity.api.views.record import StatementShown
from comity.base.instants import Instant, format_dtg
from comity.machine.machine import Machine
from comity.pact.phrase import count_gaps, list_versions
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageSent, MessageState, is_message_delivered
from comity.procedure.phrase import PhraseSent, fill, has_gaps_of
from comity.procedure.stated import Stated
from comity.procedure.translation import MessageTranslated, Translated
from comity.procedure.voice import VoiceState

__all__ = [
    "MessageView",
    "PhraseView",
    "SentRow",
    "TranslationView",
    "VoiceCallView",
    "find_words",
    "list_messages",
    "list_receipts",
    "list_sent",
    "list_voice_calls",
    "make_hotline",
    "show_message",
    "show_voice_call",
]


class PhraseView(msgspec.Struct, frozen=True):
    """A standard phrase: its words in each language, and how many gaps of each kind are to be filled."""

    id: str
    words: Mapping[str, str]
    gaps: Mapping[str, int]


class TranslationView(msgspec.Struct, frozen=True):
    """What an officer of `party` says that the message says in `language`."""

    party: str
    role: str
    officer: str
    language: str
    text: str
    entry: str
    at: int


class MessageView(msgspec.Struct, frozen=True):
    """One message. `words` by language are its own; a phrase that the pact does not have leaves them empty.

    `corrected_by` is the correction that stands, if one does; `first_words` are then those that were sent at first.
    """

    id: str
    sent: StatementShown | None
    is_phrase: bool
    precedence: str
    words: Mapping[str, str]
    translations: tuple[TranslationView, ...]
    cells: tuple[MessageReceipt, ...]
    acknowledge_roles: tuple[str, ...]
    is_withdrawn: bool
    corrected_by: str
    first_words: Mapping[str, str]


class VoiceCallView(msgspec.Struct, frozen=True):
    """One voice call as it was logged, and the accounts of those that it was with."""

    id: str
    logged: StatementShown | None
    is_withdrawn: bool
    cells: tuple[VoiceCellShown, ...]


def make_hotline(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views."""

    @get("/v1/phrases", summary="Standard phrases of the pact in force, in each language")
    async def phrases() -> list[PhraseView]:
        rows = desk.node.machine.pact.phrases
        return [PhraseView(row.id, list_versions(row.words), count_gaps(row)) for row in rows]

    @get("/v1/messages", summary="Hotline messages with their words, translations and receipts")
    async def messages() -> list[MessageView]:
        return list_messages(desk.node.machine, cut=cut_page)

    @get("/v1/voice-calls", summary="The log of voice calls, and whether each account agrees")
    async def voice_calls() -> list[VoiceCallView]:
        return list_voice_calls(desk.node.machine)

    return [phrases, messages, voice_calls]


class SentRow(NamedTuple):
    """What identifies a message in its list, and the message."""

    sent: Stated | None
    id: str
    state: MessageState


def list_messages(
    machine: Machine, *, cut: Callable[[Sequence[SentRow]], Sequence[SentRow]] = lambda rows: rows
) -> list[MessageView]:
    """Return every message that is here, the latest last; of them the rows that `cut` says."""
    found = list_sent(machine)
    found.sort(key=lambda row: (0 if row.sent is None else row.sent.written_at, row.id))
    return [show_message(machine, row.state) for row in cut(found)]


def list_sent(machine: Machine) -> list[SentRow]:
    """Return every message that is here, by its id."""
    found = []
    for scope in machine.record.list_scopes("message"):
        state = machine.record.get_state(scope)
        assert isinstance(state, MessageState)
        found.append(SentRow(None if state.sent is None else state.sent.stated, scope.ref.hex(), state))
    return found


def list_receipts(machine: Machine, state: MessageState) -> tuple[MessageReceipt, ...]:
    """Return what each reader said of a message, and whether it is proved that it has it."""
    links = machine.find_links(state.scope.audience)
    facts: list[MessageFacts] = simplify(state.cells)
    return tuple({**fact, "is_delivered": is_message_delivered(state, fact["party"], links)} for fact in facts)


def show_message(machine: Machine, state: MessageState) -> MessageView:
    """Return one message as it stands, with every fact that is known of it."""
    entry = None if state.sent is None else state.sent.stated.entry
    return MessageView(
        id=state.scope.ref.hex(),
        sent=None if state.sent is None else format_statement(state.sent.stated),
        is_phrase=isinstance(entry, PhraseSent),
        precedence="" if state.precedence is None else state.precedence.value,
        words=find_words(machine, state),
        translations=tuple(map(_show_translation, state.translations)),
        cells=list_receipts(machine, state),
        acknowledge_roles=tuple(sorted(find_policy(machine, state.scope).acknowledge_roles)),
        is_withdrawn=state.sent is not None and state.sent.withdrawn_by is not None,
        corrected_by="" if state.sent is None or state.sent.corrected_by is None else state.sent.corrected_by.hex(),
        first_words={} if state.sent is None or state.sent.corrected_by is None
        else _find_words_of(machine, state, state.sent.first),
    )  # fmt: skip


def find_words(machine: Machine, state: MessageState) -> dict[str, str]:
    """Return a message's own words: those of a phrase stand in the version that governs the message (P36, P70)."""
    return {} if state.sent is None else _find_words_of(machine, state, state.sent.stated.entry)


def _find_words_of(machine: Machine, state: MessageState, entry: Entry) -> dict[str, str]:
    if isinstance(entry, MessageSent):
        return read_words(entry.body)
    if not isinstance(entry, PhraseSent):
        return {}
    rows = find_version_of(machine, state.scope).pact.phrases
    phrase = next((row for row in rows if row.id == entry.filled.phrase), None)
    if phrase is None or not has_gaps_of(entry.filled, phrase):
        return {}
    return fill(phrase, entry.filled, instants={at: format_dtg(Instant(at)) for at in entry.filled.instants})


def _show_translation(row: Translated) -> TranslationView:
    entry = row.stated.entry
    assert isinstance(entry, MessageTranslated)
    return TranslationView(
        row.party, entry.role, entry.officer, row.language, row.text, row.stated.id.hex(), row.stated.written_at
    )


def list_voice_calls(machine: Machine) -> list[VoiceCallView]:
    """Return every voice call that was logged here, the latest last."""
    found = []
    for scope in machine.record.list_scopes("voice"):
        state = machine.record.get_state(scope)
        assert isinstance(state, VoiceState)
        found.append(show_voice_call(state))
    return sorted(found, key=lambda row: (0 if row.logged is None else row.logged["entry"]["began_at"], row.id))


def show_voice_call(state: VoiceState) -> VoiceCallView:
    """Return one call as it was logged, with the other accounts of it."""
    return VoiceCallView(
        id=state.scope.ref.hex(),
        logged=None if state.logged is None else format_statement(state.logged.stated),
        is_withdrawn=state.logged is not None and state.logged.withdrawn_by is not None,
        cells=tuple(simplify(state.cells)),
    )
