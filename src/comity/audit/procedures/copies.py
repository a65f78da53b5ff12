"""Copies of items: who holds which, what was asked back or destroyed, and what of that is not borne out (R45 to R49).

Read from the clauses, copy by copy: each question is asked of the statements about one item and of nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from comity.audit.procedures.forms_recall import ItemDestroyed, RecallPassedOn, RecallReplied, RecallReported
from comity.audit.procedures.forms_release import (
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    RecallAnswered,
    RecallRequested,
)
from comity.audit.procedures.said import Said
from comity.base.names import Party

__all__ = ["CopyView", "Unfounded", "judge_copies"]


class CopyView(NamedTuple):
    """One copy at an instant. `giving` is the entry that gave it or told of it, `by` that on which its state rests."""

    item: bytes
    giving: bytes
    holder: Party
    state: str
    by: bytes


class Unfounded(NamedTuple):
    """A statement about a recall that counts for nothing, or for less than it says."""

    said: Said
    code: str


def judge_copies(statements: Sequence[Said], *, as_of: int) -> tuple[list[CopyView], list[Unfounded]]:
    """Return every copy, and what is not borne out."""
    by_item: dict[bytes, list[Said]] = {}
    for said in statements:
        if isinstance(said.entry, _ABOUT):
            by_item.setdefault(said.entry.item, []).append(said)
    copies: list[CopyView] = []
    unfounded: list[Unfounded] = []
    ids = {said.id: said for said in statements if isinstance(said.entry, _ABOUT)}
    for item in sorted(by_item):
        judged = _Item(item, by_item[item], ids, as_of)
        unfounded += judged.list_unfounded()
        copies += judged.list_copies()
    return copies, unfounded


_RECALLS = (RecallRequested, RecallPassedOn)
_ANSWERS = (RecallAnswered, RecallReplied)
_ABOUT = (ItemShared, PassOnReported, *_RECALLS, *_ANSWERS, RecallReported, ItemDestroyed)


class _Item:
    """Everything that was said of one item; `ids` also of others, for answers that mix two up."""

    def __init__(self, item: bytes, said: Sequence[Said], ids: dict[bytes, Said], as_of: int) -> None:
        self._item = item
        self._said = said
        self._ids = ids
        self._as_of = as_of
        self._givings = [one for one in said if isinstance(one.entry, ItemShared)]
        self._recalls = [one for one in said if self._why_no_recall(one) == ""]

    def _why_no_recall(self, said: Said) -> str:
        """R47: the empty text for a recall that counts, what is wrong with another, `-` for anything else."""
        if isinstance(said.entry, RecallRequested):
            named = any(_originator(giving) == said.author for giving in self._givings)
            return "" if named else "recall.not-originator"
        if isinstance(said.entry, RecallPassedOn):
            reached = {party for giving in self._givings if giving.author == said.author for party in giving.audience}
            return "" if reached.issuperset(said.audience) else "recall.not-giver"
        return "-"

    def list_unfounded(self) -> Iterator[Unfounded]:
        """Yield what counts for nothing, each under its code."""
        for said in self._said:
            is_answer = isinstance(said.entry, (*_ANSWERS, RecallReported))
            why = self._why_no_answer(said) if is_answer else self._why_no_recall(said)
            if why not in ("", "-"):
                yield Unfounded(said, why)
        for recall in self._recalls:
            for party in recall.audience:
                answer = self._find_last(recall, party, _ANSWERS)
                if answer is not None and _fate(answer) == "destroyed" and self._find_certificate(answer) is None:
                    yield Unfounded(answer, "recall.no-certificate")

    def _why_no_answer(self, said: Said) -> str:
        """R48, R49: the empty text for an answer or report that counts."""
        entry = said.entry
        assert isinstance(entry, (*_ANSWERS, RecallReported))
        asked = self._ids.get(entry.request)
        if asked is None or asked.author == said.author or asked.audience != said.audience:
            return "recall.no-request"
        if asked not in self._recalls:
            return "recall.other-item" if _counts_elsewhere(asked, self._item, self._ids) else "recall.no-request"
        if isinstance(entry, RecallReported):
            told = {
                one.entry.recipient
                for one in self._said
                if isinstance(one.entry, PassOnReported) and _voice(one) == _voice(said)
            }
            if not told.issuperset(row.party for row in entry.rows):
                return "recall.not-reported"
        return ""

    def _find_last(self, recall: Said, party: Party, types: tuple[type, ...]) -> Said | None:
        """Return a party's last word on a recall, of those that count."""
        words = [
            one
            for one in self._said
            if isinstance(one.entry, types)
            and one.author == party
            and getattr(one.entry, "request", b"") == recall.id
            and not self._why_no_answer(one)
        ]
        return max(words, key=_own_order, default=None)

    def _find_certificate(self, answer: Said) -> Said | None:
        entry = answer.entry
        named = self._ids.get(entry.certificate[0]) if isinstance(entry, RecallReplied) and entry.certificate else None
        if named is None or not isinstance(named.entry, ItemDestroyed) or named.entry.item != self._item:
            return None
        return named if _voice(named) == _voice(answer) and _own_order(named) < _own_order(answer) else None

    def list_copies(self) -> Iterator[CopyView]:
        """Yield the copies of givings, then those that are only reported."""
        for giving in self._givings:
            for holder in giving.audience:
                yield self._view_given(giving, holder)
        for report in self._said:
            if isinstance(report.entry, PassOnReported):
                to = report.entry.recipient
                passed = (one for one in self._givings if isinstance(one.entry, PassedOn | ItemPassedOn))
                is_here = any(one.author == report.author and to in one.audience for one in passed)
                if not is_here:
                    yield self._view_reported(report, to)

    def _view_given(self, giving: Said, holder: Party) -> CopyView:
        assert isinstance(giving.entry, ItemShared)
        gone = [
            one
            for one in self._said
            if isinstance(one.entry, ItemDestroyed) and one.author == holder and giving.entry.blob in one.entry.blobs
        ]
        if gone:
            return self._view(giving, holder, "destroyed", min(gone, key=_shown_order).id)
        recall = self._find_recall(giving, holder)
        if recall is None:
            return self._view(giving, holder, "held", b"")
        state, by = self._answer(recall, holder)
        return self._view(giving, holder, "said-to-be-destroyed" if state == "destroyed" else state, by)

    def _view_reported(self, report: Said, holder: Party) -> CopyView:
        recall = self._find_recall(report, holder)
        if recall is None or self._find_last(recall, holder, _ANSWERS) is None:
            told = [
                (one, row.fate)
                for one in self._recalls
                if report.author in one.audience
                and (word := self._find_last(one, report.author, (RecallReported,))) is not None
                and isinstance(word.entry, RecallReported)
                for row in word.entry.rows
                if row.party == holder
            ]
            if told:
                asked, fate = max(told, key=lambda pair: _shown_order(pair[0]))
                state = {"destroyed": "said-to-be-destroyed", "unanswered": self._wait(asked)}.get(fate, fate)
                return self._view(report, holder, state, asked.id)
        if recall is None:
            return self._view(report, holder, "held", b"")
        return self._view(report, holder, *self._answer(recall, holder))

    def _view(self, giving: Said, holder: Party, state: str, by: bytes) -> CopyView:
        return CopyView(self._item, giving.id, holder, state, by)

    def _find_recall(self, giving: Said, holder: Party) -> Said | None:
        """R47: the last that asks this holder for this copy."""
        asking = [
            one
            for one in self._recalls
            if holder in one.audience
            and holder != one.author
            and (isinstance(one.entry, RecallRequested) or one.author == giving.author)
            and not (
                isinstance(giving.entry, ItemShared)
                and _voice(giving) == _voice(one)
                and _own_order(giving) > _own_order(one)
            )
        ]
        return max(asking, key=_shown_order, default=None)

    def _answer(self, recall: Said, holder: Party) -> tuple[str, bytes]:
        answer = self._find_last(recall, holder, _ANSWERS)
        if answer is None:
            return self._wait(recall), recall.id
        fate = _fate(answer)
        if fate == "destroyed" and self._find_certificate(answer) is None:
            fate = "said-to-be-destroyed"
        return fate, recall.id

    def _wait(self, recall: Said) -> str:
        assert isinstance(recall.entry, RecallRequested | RecallPassedOn)
        return "answer-overdue" if self._as_of > recall.entry.answer_by_at else "asked-back"


def _counts_elsewhere(recall: Said, item: bytes, ids: dict[bytes, Said]) -> bool:
    """Tell whether it is a recall of another item that counts."""
    entry = recall.entry
    if not isinstance(entry, RecallRequested | RecallPassedOn) or entry.item == item:
        return False
    said = [one for one in ids.values() if isinstance(one.entry, _ABOUT) and one.entry.item == entry.item]
    return recall in _Item(entry.item, said, ids, 0)._recalls  # noqa: SLF001 -- of the same class


def _originator(giving: Said) -> Party:
    assert isinstance(giving.entry, ItemShared)
    return giving.entry.markings[0].originator


def _fate(answer: Said) -> str:
    assert isinstance(answer.entry, RecallAnswered | RecallReplied)
    if isinstance(answer.entry, RecallReplied):
        return answer.entry.fate
    return "destroyed" if answer.entry.outcome == "destroyed-but-passed-on" else answer.entry.outcome


def _voice(said: Said) -> tuple[Party, tuple[Party, ...]]:
    return said.author, said.audience


def _own_order(said: Said) -> tuple[object, ...]:
    return said.place, said.spot.journal, said.id


def _shown_order(said: Said) -> tuple[object, ...]:
    return said.at, said.author, said.place, said.spot.journal, said.id
