"""Recalls: who asked whom to give an item up, what each answered, and what counts for nothing (R47 to R49).

Rules
- `RecallRequested` counts from the item's originator alone; `RecallPassedOn` from whoever gave it to all it asks.
- An answer counts if it names a recall that counts, of the same item, said to its author in the same audience; of one
  author's answers to one recall the last in his own order.
- A certificate that names a blob which not all its readers were given tells of another's copy, or of none (R59).
- *Destroyed* without a certificate of its author's, stated before in the same journal, is *said to be destroyed*.
- Whose word counts does not ask whether a page is disputed: each of these only binds or restricts its author.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.own import find_last, merge, own_order, shown_order
from comity.procedure.recall import (
    CopiesMade,
    Fate,
    ItemDestroyed,
    Onward,
    RecallPassedOn,
    RecallReplied,
    RecallReported,
)
from comity.procedure.sharing import (
    GIVING,
    Giving,
    PassOnReported,
    RecallAnswered,
    RecallOutcome,
    RecallReason,
    RecallRequested,
)
from comity.procedure.stated import Stated

__all__ = [
    "RECALLING",
    "CopyState",
    "ItemRecalls",
    "Recall",
    "RecallFault",
    "Recalls",
    "fold_recalls",
    "fold_recalls_of",
    "is_given_later",
    "join_recalls",
]

RECALLING = (RecallRequested, RecallPassedOn, RecallAnswered, RecallReplied, RecallReported, ItemDestroyed)
"""The types of entry that this looks at, beside givings and reports of them."""
_OF_RECALLS = (*GIVING, PassOnReported, *RECALLING)


class CopyState(enum.StrEnum):
    """How one copy stands, for whoever looks."""

    HELD = "held"
    ASKED_BACK = "asked-back"
    OVERDUE = "answer-overdue"
    DESTROYED = "destroyed"
    """By a certificate that names this very copy, or that answered for it."""
    SAID_DESTROYED = "said-to-be-destroyed"
    """By a word without a certificate, or by another's report."""
    KEPT_UNDER_NATIONAL_LAW = "kept-under-national-law"
    DECLINED = "declined"


class RecallFault(enum.StrEnum):
    """Why a statement about a recall counts for nothing, or for less than it says."""

    NOT_ORIGINATOR = "not-the-originator"
    NOT_GIVER = "not-the-giver"
    NO_REQUEST = "no-such-recall"
    OTHER_ITEM = "recall-of-another-item"
    NO_CERTIFICATE = "no-certificate"
    NOT_REPORTED = "recipient-not-reported"
    OTHER_COPY = "certificate-of-another-copy"


@dataclass(frozen=True, slots=True)
class Recall:
    """One recall and one party that it asks. `reports` say what came of it further on, by that party's word."""

    request: Stated
    item: Digest
    party: Party
    reason: RecallReason
    answer_by_at: Instant
    reply: Stated | None
    fate: Fate | None
    copies: CopiesMade
    onward: Onward
    certificate: Digest | None
    """The good one that the answer names."""
    reports: tuple[tuple[Party, str], ...] = ()

    def find_state(self, as_of: Instant) -> CopyState:
        """Return how this recall stands at an instant."""
        if self.fate is None:
            return CopyState.OVERDUE if as_of > self.answer_by_at else CopyState.ASKED_BACK
        if self.fate is Fate.DESTROYED:
            return CopyState.SAID_DESTROYED if self.certificate is None else CopyState.DESTROYED
        return CopyState(self.fate.value)


@dataclass(frozen=True, slots=True)
class Recalls:
    """All recalls, in the order in which they are shown, and what counts for nothing, sorted by entry."""

    rows: tuple[Recall, ...]
    faults: tuple[tuple[Digest, RecallFault], ...]
    certificates: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class ItemRecalls:
    """The recalls of one item, in order, and what counts for nothing by what was said of that item alone.

    `astray` are the answers that name a request which is none of this item's: what they lack, others' items tell.
    """

    rows: tuple[Recall, ...]
    faults: tuple[tuple[Digest, RecallFault], ...]
    certificates: tuple[Stated, ...]
    astray: tuple[Stated, ...]


_OLD = {
    RecallOutcome.DESTROYED: (Fate.DESTROYED, CopiesMade.UNKNOWN, Onward.NONE),
    RecallOutcome.KEPT_UNDER_NATIONAL_LAW: (Fate.KEPT_UNDER_NATIONAL_LAW, CopiesMade.UNKNOWN, Onward.NONE),
    RecallOutcome.DESTROYED_BUT_PASSED_ON: (Fate.DESTROYED, CopiesMade.UNKNOWN, Onward.PASSED_ON),
    RecallOutcome.DECLINED: (Fate.DECLINED, CopiesMade.UNKNOWN, Onward.NONE),
}
"""What `RecallAnswered` (R24) said, in today's terms."""


def fold_recalls(stated: Iterable[Stated]) -> Recalls:
    """Return every recall that these statements tell of, per party asked."""
    by_item: dict[bytes, list[Stated]] = {}
    for row in merge(stated).values():
        if isinstance(row.entry, _OF_RECALLS):
            by_item.setdefault(row.entry.item, []).append(row)
    return join_recalls(fold_recalls_of(rows) for rows in by_item.values())


def fold_recalls_of(rows: Sequence[Stated]) -> ItemRecalls:
    """Return the recalls of one item, of the statements on it, merged and in the order in which they are shown."""
    return _Fold(rows).fold()


def join_recalls(found: Iterable[ItemRecalls]) -> Recalls:
    """Return the recalls of all these items, in the order in which they are shown."""
    parts = [one for one in found if one.rows or one.faults or one.certificates or one.astray]
    rows = sorted((row for one in parts for row in one.rows), key=lambda row: shown_order(row.request))
    asked = {row.request.id: row.request for row in rows}
    faults = [fault for one in parts for fault in one.faults]
    faults += [(row.id, _judge_astray(row, asked)) for one in parts for row in one.astray]
    certificates = sorted((row for one in parts for row in one.certificates), key=shown_order)
    return Recalls(tuple(rows), tuple(sorted(faults)), tuple(certificates))


def _judge_astray(row: Stated, asked: Mapping[Digest, Stated]) -> RecallFault:
    """Return what an answer lacks that names no recall of its own item."""
    request = asked.get(Digest(getattr(row.entry, "request", b"")))
    is_other = request is not None and request.audience == row.audience and request.author != row.author
    return RecallFault.OTHER_ITEM if is_other else RecallFault.NO_REQUEST


class _Fold:
    def __init__(self, rows: Sequence[Stated]) -> None:
        self._rows = rows
        self._by_id = {row.id: row for row in rows}
        self._faults: dict[Digest, RecallFault] = {}
        self._astray: list[Stated] = []
        self._certificates = tuple(row for row in rows if isinstance(row.entry, ItemDestroyed))
        self._originators: set[Party] = set()
        self._given: dict[Party, set[Party]] = {}
        self._told: dict[bytes, set[Audience]] = {}
        self._reported: dict[tuple[Party, Audience], set[Party]] = {}
        for row in rows:
            if isinstance(row.entry, GIVING):
                self._originators.add(row.entry.markings[0].originator)
                self._given.setdefault(row.author, set()).update(row.audience)
                self._told.setdefault(row.entry.blob, set()).add(row.audience)
            elif isinstance(row.entry, PassOnReported):
                self._reported.setdefault((row.author, row.audience), set()).add(row.entry.recipient)

    def fold(self) -> ItemRecalls:
        self._faults |= {row.id: RecallFault.OTHER_COPY for row in self._certificates if self._names_another(row)}
        asked = {row.id: row for row in self._rows if self._is_recall(row)}
        replies: dict[tuple[Digest, Party], list[Stated]] = {}
        reports: dict[tuple[Digest, Party], list[Stated]] = {}
        for row in self._rows:
            if isinstance(row.entry, RecallReplied | RecallAnswered | RecallReported) and self._answers(row, asked):
                kept = reports if isinstance(row.entry, RecallReported) else replies
                kept.setdefault((Digest(row.entry.request), row.author), []).append(row)
        found = []
        for request in asked.values():
            for party in (party for party in request.audience if party != request.author):
                key = (request.id, party)
                found.append(self._make(request, party, find_last(replies.get(key, ())), reports.get(key, [])))
        return ItemRecalls(tuple(found), tuple(self._faults.items()), self._certificates, tuple(self._astray))

    def _names_another(self, row: Stated) -> bool:
        """Tell whether a certificate names a blob of no giving of its item to all its readers (R45, R59)."""
        entry = row.entry
        assert isinstance(entry, ItemDestroyed)
        told = (self._told.get(blob, ()) for blob in entry.blobs)
        return not all(any({*row.audience} <= {*audience} for audience in audiences) for audiences in told)

    def _is_recall(self, row: Stated) -> bool:
        entry = row.entry
        if isinstance(entry, RecallRequested):
            if row.author in self._originators:
                return True
            self._faults[row.id] = RecallFault.NOT_ORIGINATOR
        elif isinstance(entry, RecallPassedOn):
            if set(row.audience) <= self._given.get(row.author, set()):
                return True
            self._faults[row.id] = RecallFault.NOT_GIVER
        return False

    def _answers(self, row: Stated, asked: Mapping[Digest, Stated]) -> bool:
        """Tell whether an answer or a report is one to a recall that counts; note why not."""
        entry = row.entry
        assert isinstance(entry, RecallReplied | RecallAnswered | RecallReported)
        request = asked.get(Digest(entry.request))
        if request is None:
            self._astray.append(row)
            return False
        if request.audience != row.audience or request.author == row.author:
            self._faults[row.id] = RecallFault.NO_REQUEST
            return False
        if isinstance(entry, RecallReported) and not self._has_reported(row, entry):
            self._faults[row.id] = RecallFault.NOT_REPORTED
            return False
        return True

    def _has_reported(self, row: Stated, entry: RecallReported) -> bool:
        told = self._reported.get((row.author, row.audience), set())
        return {one.party for one in entry.rows} <= told

    def _make(self, request: Stated, party: Party, reply: Stated | None, reports: list[Stated]) -> Recall:
        asked = request.entry
        assert isinstance(asked, RecallRequested | RecallPassedOn)
        fate: Fate | None = None
        copies, onward, certificate = CopiesMade.UNKNOWN, Onward.NONE, None
        if reply is not None:
            entry = reply.entry
            if isinstance(entry, RecallReplied):
                fate, copies, onward = entry.fate, entry.copies, entry.onward
                certificate = self._find_certificate(reply, entry)
            else:
                assert isinstance(entry, RecallAnswered)
                fate, copies, onward = _OLD[entry.outcome]
            if fate is Fate.DESTROYED and certificate is None:
                self._faults[reply.id] = RecallFault.NO_CERTIFICATE
        last = find_last(reports)
        rows = last.entry.rows if last is not None and isinstance(last.entry, RecallReported) else ()
        return Recall(
            request=request,
            item=Digest(asked.item),
            party=party,
            reason=asked.reason,
            answer_by_at=Instant(asked.answer_by_at),
            reply=reply,
            fate=fate,
            copies=copies,
            onward=onward,
            certificate=certificate,
            reports=tuple((row.party, row.fate.value) for row in rows),
        )

    def _find_certificate(self, reply: Stated, entry: RecallReplied) -> Digest | None:
        """Return the certificate that a reply names, if it is its author's, of this item, and stated before it."""
        named = self._by_id.get(Digest(entry.certificate[0])) if entry.certificate else None
        if named is None or not isinstance(named.entry, ItemDestroyed):
            return None
        is_own = (named.author, named.audience, named.entry.item) == (reply.author, reply.audience, entry.item)
        return named.id if is_own and own_order(named) < own_order(reply) else None


def is_given_later(giving: Stated, recall: Stated) -> bool:
    """Tell whether a giving provably came after a recall by the same author, so that the recall is not of it."""
    same_word = (giving.author, giving.audience) == (recall.author, recall.audience)
    return same_word and isinstance(giving.entry, Giving) and own_order(giving) > own_order(recall)
