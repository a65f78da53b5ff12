"""Messages on the hotline. Delivered, read and acknowledged in a role are three facts; a read-back is a fourth.

Rules (docs/spec/procedure.md, P28, P70 to P72)
- *Delivered* is proved by a signed head (`receipt`); *read* and *acknowledged* are an officer's statements.
- A message is marked text. What is said about it afterwards is procedural, except the read-back, which repeats it.
- A read-back matches if every language version in it is, character for character, that of the message as it reads,
  or read when it was withdrawn. What was sent as a phrase is read back as a phrase.
- A translation that a party attaches is that party's own word beside the message, and never part of it.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from comity.base.names import Party
from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, EntryId, MarkedText
from comity.procedure.fields import ClauseField, IdField, Level, OptionalCitation, Precedence, check_languages
from comity.procedure.own import by_author
from comity.procedure.phrase import Filled, PhraseReadBack, PhraseSent
from comity.procedure.policy import Policy
from comity.procedure.receipt import NO_LINKS, Links, is_delivered
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.translation import Translated, list_translations

__all__ = [
    "ENTRIES",
    "MessageAcknowledged",
    "MessageCell",
    "MessageRead",
    "MessageReadBack",
    "MessageSent",
    "MessageState",
    "Precedence",
    "ReadBack",
    "fold_message",
    "is_message_delivered",
]


class ReadBack(enum.StrEnum):
    """Whether what was read back is what was sent."""

    MATCHES = "matches"
    DIFFERS = "differs"


class MessageSent(Entry, frozen=True):
    """Its author sends a message on `channel`, a hotline of the pact."""

    belongs_to: ClassVar[tuple[str, str]] = ("message", "")
    channel: ClauseField
    level: Level
    precedence: Precedence
    consultation: OptionalCitation
    answers: OptionalCitation
    body: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.body)


class MessageRead(Entry, frozen=True):
    """An officer has read the message."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("message", "message")
    message: EntryId
    officer: IdField


class MessageAcknowledged(Entry, frozen=True):
    """An officer in `role` has understood the message and answers for it."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("message", "message")
    message: EntryId
    role: IdField
    officer: IdField


class MessageReadBack(Entry, frozen=True):
    """The receiver repeats the text as it was read."""

    belongs_to: ClassVar[tuple[str, str]] = ("message", "message")
    message: EntryId
    body: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.body)


ENTRIES: tuple[type[Entry], ...] = (MessageSent, MessageRead, MessageAcknowledged, MessageReadBack)


@dataclass(frozen=True, slots=True)
class MessageCell:
    """What one reader said of the message; `in_role`: whether the acknowledging role is one that the pact names."""

    party: Party
    read: Stated | None
    acknowledged: Stated | None
    in_role: bool
    read_back: ReadBack | None


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message with a cell for each reader but its author, and the translations that parties attached to it."""

    scope: Scope
    sent: Settled | None
    cells: tuple[MessageCell, ...]
    statements: tuple[Stated, ...]
    translations: tuple[Translated, ...] = ()

    @property
    def precedence(self) -> Precedence | None:
        """In which order it is handled; None while the message is not here."""
        entry = None if self.sent is None else self.sent.stated.entry
        return entry.precedence if isinstance(entry, MessageSent | PhraseSent) else None


def fold_message(scope: Scope, statements: Iterable[Stated], policy: Policy) -> MessageState:
    """Fold one message. A read-back is compared with the message as it stands, corrections included."""
    settled = settle(statements)
    sent = next((row for row in settled if row.stated.id == scope.ref), None)
    rows = tuple(row.stated for row in settled if row.withdrawn_by is None)
    own = by_author(row for row in rows if row.counts)
    words = _find_words(sent)
    author = sent.stated.author if sent is not None else None
    cells = tuple(_fold_cell(party, own.get(party, ()), words, policy) for party in scope.audience if party != author)
    attached = list_translations(own, words) if words is not None else ()
    return MessageState(scope, sent, cells, rows, attached)


def _find_words(sent: Settled | None) -> MarkedText | Filled | None:
    entry = None if sent is None else sent.stated.entry
    if isinstance(entry, MessageSent):
        return entry.body
    return entry.filled if isinstance(entry, PhraseSent) else None


def _fold_cell(party: Party, own: Iterable[Stated], words: MarkedText | Filled | None, policy: Policy) -> MessageCell:
    read = acknowledged = read_back = None
    in_role = False
    for row in own:
        match row.entry:
            case MessageRead():
                read = read or row
            case MessageAcknowledged(role=role):
                if acknowledged is None or (not in_role and role in policy.acknowledge_roles):
                    acknowledged, in_role = row, role in policy.acknowledge_roles
            case MessageReadBack(body=repeated) if isinstance(words, MarkedText):
                is_same = set(repeated.translations) <= set(words.translations)
                read_back = ReadBack.MATCHES if is_same else ReadBack.DIFFERS
            case PhraseReadBack(filled=filled) if isinstance(words, Filled):
                read_back = ReadBack.MATCHES if filled == words else ReadBack.DIFFERS
            case _:
                pass
    return MessageCell(party, read, acknowledged, in_role, read_back)


def is_message_delivered(state: MessageState, party: Party, links: Links = NO_LINKS) -> bool:
    """Tell whether `party`'s own signature proves that the message reached it."""
    if state.sent is None:
        return False
    return is_delivered(state.sent.stated, party, statements=state.statements, links=links)
