"""Requests for information: what a party would know, by when, and what each other answered (R54).

Rules
- The asker says up to which of its own levels it can protect the answer; its words are marked and decided as any text.
- An answer goes to the asker alone, so that nobody learns from it that another holds something (law 2).
- An item given in answer is given as any other; that it answers is a statement of its own, to those who have it.
- What is overdue is shown to the asker and to who owes it. It blocks nobody (law 6).
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Bytes32, Digest, Party
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import IdField, check_languages
from comity.procedure.own import merge, shown_order
from comity.procedure.sharing import GIVING
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "OF_INQUIRIES",
    "AnswerReason",
    "GivenInAnswer",
    "InformationAnswered",
    "InformationRequestClosed",
    "InformationRequested",
    "Inquiry",
    "InquiryAnswer",
    "InquiryCell",
    "InquiryState",
    "fold_inquiries",
]


class InquiryAnswer(enum.StrEnum):
    """What a party answers."""

    GIVEN = "given"
    PARTIAL = "given-in-part"
    NOTHING_HELD = "nothing-held"
    DECLINED = "declined"


class AnswerReason(enum.StrEnum):
    """Why it answers so; a party need not say."""

    SOURCE = "source"
    LEVEL = "level"
    NOT_NOW = "not-now"
    NATIONAL_LAW = "national-law"
    UNSTATED = "unstated"


class InquiryState(enum.StrEnum):
    """How a request stands towards one party."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"
    GIVEN = "given"
    PARTIAL = "given-in-part"
    NOTHING_HELD = "nothing-held"
    DECLINED = "declined"


class InformationRequested(Entry, frozen=True):
    """The author asks every other party of this audience what it knows of a topic."""

    binding: ClassVar[bool] = True
    topic: IdField
    level: Annotated[str, msgspec.Meta(max_length=48)]
    answer_by_at: InstantField
    text: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.text)


class InformationAnswered(Entry, frozen=True):
    """The author answers a request: `request` is the entry that asked."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    request: EntryId
    answer: InquiryAnswer
    reason: AnswerReason


class InformationRequestClosed(Entry, frozen=True):
    """The asker wants no more answers."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    request: EntryId


class GivenInAnswer(Entry, frozen=True):
    """The author gave this item in answer to a request."""

    binding: ClassVar[bool] = True
    item: Bytes32
    request: EntryId


ENTRIES: Final[tuple[type[Entry], ...]] = (
    InformationRequested,
    InformationAnswered,
    InformationRequestClosed,
    GivenInAnswer,
)
OF_INQUIRIES: Final = (*GIVING, InformationRequested, InformationAnswered, InformationRequestClosed, GivenInAnswer)
"""The types of entry that requests for information are folded from."""


@dataclass(frozen=True, slots=True)
class InquiryCell:
    """One party that was asked. `items` are those given in answer, ascending."""

    party: Party
    state: InquiryState
    reason: str
    answered_by: Digest | None
    items: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request for information, with a cell for each party whose answers can be read."""

    request: Stated
    is_closed: bool
    cells: tuple[InquiryCell, ...]


def fold_inquiries(stated: Iterable[Stated], *, as_of: Instant, viewer: Party = "") -> tuple[Inquiry, ...]:
    """Return every request in the order of asking.

    A `viewer` that did not ask sees its own cell alone: what the others answered is not its to read.
    """
    held = tuple(stated)
    named = {row.entry.item for row in held if isinstance(row.entry, GivenInAnswer)}
    rows = tuple(merge(row for row in held if not isinstance(row.entry, GIVING) or row.entry.item in named).values())
    given = {
        (row.entry.item, row.author, party) for row in rows if isinstance(row.entry, GIVING) for party in row.audience
    }
    words: dict[bytes, list[Stated]] = {}
    for row in rows:
        if isinstance(row.entry, InformationAnswered | InformationRequestClosed | GivenInAnswer):
            words.setdefault(row.entry.request, []).append(row)
    found = []
    for request in (row for row in rows if isinstance(row.entry, InformationRequested)):
        about = words.get(request.id, [])
        is_closed = any(
            isinstance(row.entry, InformationRequestClosed) and row.author == request.author for row in about
        )
        asked = [party for party in request.audience if party != request.author]
        shown = asked if viewer in ("", request.author) else [party for party in asked if party == viewer]
        cells = [_make_cell(request, party, about, given, is_closed=is_closed, as_of=as_of) for party in shown]
        found.append(Inquiry(request, is_closed, tuple(cells)))
    return tuple(found)


def _make_cell(
    request: Stated,
    party: Party,
    about: list[Stated],
    given: set[tuple[bytes, Party, Party]],
    *,
    is_closed: bool,
    as_of: Instant,
) -> InquiryCell:
    asked = request.entry
    assert isinstance(asked, InformationRequested)
    own = [row for row in about if row.author == party and request.author in row.audience]
    items = {
        Digest(row.entry.item)
        for row in own
        if isinstance(row.entry, GivenInAnswer) and (row.entry.item, party, request.author) in given
    }
    answers = [row for row in own if isinstance(row.entry, InformationAnswered)]
    last = max(answers, key=shown_order, default=None)
    if last is not None and isinstance(last.entry, InformationAnswered):
        state, reason = InquiryState(last.entry.answer.value), last.entry.reason.value
    elif items:
        state, reason = InquiryState.GIVEN, ""
    elif is_closed:
        state, reason = InquiryState.CLOSED, ""
    else:
        state, reason = (InquiryState.OVERDUE if as_of > asked.answer_by_at else InquiryState.OPEN), ""
    return InquiryCell(party, state, reason, None if last is None else last.id, tuple(sorted(items)))
