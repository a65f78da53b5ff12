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
from comity.audit.procedures.said import Said, own_order, shown_order
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
    ids: dict[bytes, Said] = {}
    for said in statements:
        if isinstance(said.entry, _ABOUT):
            by_item.setdefault(said.entry.item, []).append(said)
            ids[said.id] = said
    copies: list[CopyView] = []
    unfounded: list[Unfounded] = []
    counting: dict[bytes, bytes] = {}
    for judged in [_Item(item, by_item[item], ids, counting, as_of) for item in sorted(by_item)]:
        unfounded += judged.list_unfounded()
        copies += judged.list_copies()
    return copies, unfounded


_RECALLS = (RecallRequested, RecallPassedOn)
_ANSWERS = (RecallAnswered, RecallReplied)
_ABOUT = (ItemShared, PassOnReported, *_RECALLS, *_ANSWERS, RecallReported, ItemDestroyed)


class _Item:
    """Everything that was said of one item; `ids` also of others, for answers that mix two up.

    `counting` is shared by all items: each adds its recalls that count, before any of them is asked.
    """

    def __init__(
        self, item: bytes, said: Sequence[Said], ids: dict[bytes, Said], counting: dict[bytes, bytes], as_of: int
    ) -> None:
        self._item = item
        self._said = said
        self._ids = ids
        self._as_of = as_of
        self._givings = [one for one in said if isinstance(one.entry, ItemShared)]
        self._originators = {_originator(giving) for giving in self._givings}
        self._reached: dict[Party, set[Party]] = {}
        self._given: dict[bytes, list[frozenset[Party]]] = {}
        for giving in self._givings:
            assert isinstance(giving.entry, ItemShared)
            self._reached.setdefault(giving.author, set()).update(giving.audience)
            self._given.setdefault(giving.entry.blob, []).append(frozenset(giving.audience))
        self._told: dict[tuple[Party, tuple[Party, ...]], set[Party]] = {}
        for one in said:
            if isinstance(one.entry, PassOnReported):
                self._told.setdefault(_voice(one), set()).add(one.entry.recipient)
        self._recalls = [one for one in said if self._why_no_recall(one) == ""]
        self._counting = counting
        self._counting.update((one.id, item) for one in self._recalls)
        self._words: dict[tuple[bytes, Party], list[Said]] | None = None

    def _why_no_recall(self, said: Said) -> str:
        """R47: the empty text for a recall that counts, what is wrong with another, `-` for anything else."""
        if isinstance(said.entry, RecallRequested):
            return "" if said.author in self._originators else "recall.not-originator"
        if isinstance(said.entry, RecallPassedOn):
            return "" if self._reached.get(said.author, set()).issuperset(said.audience) else "recall.not-giver"
        return "-"

    def list_unfounded(self) -> Iterator[Unfounded]:
        """Yield what counts for nothing, each under its code."""
        for said in self._said:
            if isinstance(said.entry, ItemDestroyed) and self._names_another(said, said.entry):
                yield Unfounded(said, "recall.other-copy")
            is_answer = isinstance(said.entry, (*_ANSWERS, RecallReported))
            why = self._why_no_answer(said) if is_answer else self._why_no_recall(said)
            if why not in ("", "-"):
                yield Unfounded(said, why)
        for recall in self._recalls:
            for party in recall.audience:
                answer = self._find_last(recall, party, _ANSWERS)
                if answer is not None and _fate(answer) == "destroyed" and self._find_certificate(answer) is None:
                    yield Unfounded(answer, "recall.no-certificate")

    def _names_another(self, said: Said, entry: ItemDestroyed) -> bool:
        """R59: whether a certificate names a blob that no giving gave to everybody who reads the certificate."""
        return any(
            not any(given.issuperset(said.audience) for given in self._given.get(blob, ())) for blob in entry.blobs
        )

    def _why_no_answer(self, said: Said) -> str:
        """R48, R49: the empty text for an answer or report that counts."""
        entry = said.entry
        assert isinstance(entry, (*_ANSWERS, RecallReported))
        asked = self._ids.get(entry.request)
        if asked is None or asked.author == said.author or asked.audience != said.audience:
            return "recall.no-request"
        if self._counting.get(asked.id) != self._item:
            return "recall.other-item" if asked.id in self._counting else "recall.no-request"
        if isinstance(entry, RecallReported):
            told = self._told.get(_voice(said), set())
            if not told.issuperset(row.party for row in entry.rows):
                return "recall.not-reported"
        return ""

    def _find_last(self, recall: Said, party: Party, types: tuple[type, ...]) -> Said | None:
        """Return a party's last word on a recall, of those that count."""
        if self._words is None:
            self._words = {}
            for one in self._said:
                if isinstance(one.entry, (*_ANSWERS, RecallReported)) and not self._why_no_answer(one):
                    self._words.setdefault((one.entry.request, one.author), []).append(one)
        words = [one for one in self._words.get((recall.id, party), ()) if isinstance(one.entry, types)]
        return max(words, key=own_order, default=None)

    def _find_certificate(self, answer: Said) -> Said | None:
        entry = answer.entry
        named = self._ids.get(entry.certificate[0]) if isinstance(entry, RecallReplied) and entry.certificate else None
        if named is None or not isinstance(named.entry, ItemDestroyed) or named.entry.item != self._item:
            return None
        return named if _voice(named) == _voice(answer) and own_order(named) < own_order(answer) else None

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
            return self._view(giving, holder, "destroyed", min(gone, key=shown_order).id)
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
                asked, fate = max(told, key=lambda pair: shown_order(pair[0]))
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
                and own_order(giving) > own_order(one)
            )
        ]
        return max(asking, key=shown_order, default=None)

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
