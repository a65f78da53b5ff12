"""The dissemination record: each copy of an item, who holds it, since when, on which basis, and how it stands (R46).

A party's record has what it may read. The originator knows of a copy that a holder gave only from that holder's report,
and each holder knows of those that were given to it or by it.

A copy is one giving and one party of its audience: the giver keeps what it gave under the same blob, and what somebody
was given twice are two copies, for each has a blob and a key of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Digest, Party
from comity.procedure.own import ShownOrder, merge, shown_order
from comity.procedure.recall import FateReported, ItemDestroyed
from comity.procedure.recalls import RECALLING, CopyState, ItemRecalls, Recall, fold_recalls_of, is_given_later
from comity.procedure.sharing import GIVING, PASSING, Giving, PassOnReported, RecallRequested
from comity.procedure.stated import Stated

__all__ = ["OF_COPIES", "Copy", "ItemCopies", "fold_copies", "fold_copies_of", "join_copies"]

OF_COPIES = (*GIVING, PassOnReported, *RECALLING)
"""The types of entry that the record of copies is folded from."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy. `clause` and `level` are the giver's claim of basis, empty where it is known by report alone.

    `path` lists the parties through whose hands it came, the originator first. `recall` is the last that asks for it.
    """

    item: Digest
    holder: Party
    giver: Party
    giving: Digest
    given_at: Instant
    path: tuple[Party, ...]
    clause: str
    level: str
    expires_at: Instant | None
    is_reported: bool
    state: CopyState
    recall: Recall | None
    certificate: Digest | None
    destroyed_at: Instant | None


@dataclass(frozen=True, slots=True)
class ItemCopies:
    """The copies of one item, by what gave them; they stand so from after one instant to another, that one included."""

    givings: tuple[tuple[ShownOrder, tuple[Copy, ...]], ...]
    after: int
    until: int

    def stand_at(self, as_of: Instant) -> bool:
        """Tell whether they stand so at an instant."""
        return self.after < as_of <= self.until


def fold_copies(stated: Iterable[Stated], *, as_of: Instant) -> tuple[Copy, ...]:
    """Return every copy that these statements tell of, in the order of the givings, then by holder."""
    by_item: dict[bytes, list[Stated]] = {}
    for row in merge(stated).values():
        if isinstance(row.entry, OF_COPIES):
            by_item.setdefault(row.entry.item, []).append(row)
    return join_copies(fold_copies_of(rows, fold_recalls_of(rows), as_of=as_of) for rows in by_item.values())


def fold_copies_of(rows: Sequence[Stated], recalls: ItemRecalls, *, as_of: Instant) -> ItemCopies:
    """Return the copies of one item, of the statements on it, merged and in order, and its recalls."""
    turns = {recall.answer_by_at for recall in recalls.rows}
    after = max((at for at in turns if at < as_of), default=-1)
    until = min((at for at in turns if at >= as_of), default=INSTANT_MS_MAX)
    return ItemCopies(tuple(_Fold(rows, recalls, as_of).fold()), after, until)


def join_copies(found: Iterable[ItemCopies]) -> tuple[Copy, ...]:
    """Return the copies of all these items, in the order of the givings, then by holder."""
    givings = sorted((row for one in found for row in one.givings), key=lambda row: row[0])
    return tuple(copy for _, copies in givings for copy in copies)


class _Fold:
    def __init__(self, rows: Sequence[Stated], recalls: ItemRecalls, as_of: Instant) -> None:
        self._rows = rows
        self._as_of = as_of
        self._recalls: dict[tuple[bytes, Party], list[Recall]] = {}
        for recall in recalls.rows:
            self._recalls.setdefault((recall.item, recall.party), []).append(recall)
        self._certificates = {row.id: row for row in recalls.certificates}
        self._destroyed: dict[tuple[bytes, bytes, Party], Stated] = {}
        for row in recalls.certificates:
            assert isinstance(row.entry, ItemDestroyed)
            for blob in row.entry.blobs:
                self._destroyed.setdefault((row.entry.item, blob, row.author), row)
        self._originators: dict[bytes, Party] = {}
        self._passed: set[tuple[bytes, Party, Party]] = set()
        for row in rows:
            if isinstance(row.entry, GIVING):
                self._originators.setdefault(row.entry.item, row.entry.markings[0].originator)
            if isinstance(row.entry, PASSING):
                self._passed.update((row.entry.item, row.author, to) for to in row.audience)

    def fold(self) -> Iterator[tuple[ShownOrder, tuple[Copy, ...]]]:
        for row in self._rows:
            entry = row.entry
            if isinstance(entry, GIVING):
                yield shown_order(row), tuple(self._make(row, entry, party) for party in row.audience)
            elif isinstance(entry, PassOnReported) and (entry.item, row.author, entry.recipient) not in self._passed:
                yield shown_order(row), (self._make_reported(row, entry),)

    def _make(self, giving: Stated, entry: Giving, holder: Party) -> Copy:
        basis = next((basis for basis in entry.bases if basis.party == holder), None)
        certificate = self._destroyed.get((entry.item, entry.blob, holder))
        recall = self._find_recall(entry.item, giving, holder)
        state = CopyState.HELD if recall is None else recall.find_state(self._as_of)
        if state is CopyState.DESTROYED:
            # The certificate that the answer names speaks of other blobs than this one.
            state = CopyState.SAID_DESTROYED
        return Copy(
            item=Digest(entry.item),
            holder=holder,
            giver=giving.author,
            giving=giving.id,
            given_at=giving.written_at,
            path=tuple(dict.fromkeys((entry.markings[0].originator, giving.author, holder))),
            clause="" if basis is None else basis.clause,
            level="" if basis is None else basis.level,
            expires_at=next(map(Instant, getattr(entry, "expires_at", ())), None),
            is_reported=False,
            state=state if certificate is None else CopyState.DESTROYED,
            recall=recall,
            certificate=None if certificate is None else certificate.id,
            destroyed_at=_find_instant(certificate),
        )

    def _make_reported(self, report: Stated, entry: PassOnReported) -> Copy:
        """A copy of which its giver told: the holder's own answer goes before the giver's report of it."""
        recall = self._find_recall(entry.item, report, entry.recipient)
        state, certificate = CopyState.HELD, None
        if recall is not None:
            state, certificate = recall.find_state(self._as_of), recall.certificate
        if recall is None or recall.reply is None:
            asked = self._recalls.get((entry.item, report.author), ())
            told = [(one, fate) for one in asked for party, fate in one.reports if party == entry.recipient]
            if told:
                recall, fate = max(told, key=lambda pair: shown_order(pair[0].request))
                state = self._read_fate(FateReported(fate), recall)
        originator = self._originators.get(entry.item, report.author)
        return Copy(
            item=Digest(entry.item),
            holder=entry.recipient,
            giver=report.author,
            giving=report.id,
            given_at=Instant(entry.passed_on_at),
            path=tuple(dict.fromkeys((originator, report.author, entry.recipient))),
            clause="",
            level="",
            expires_at=None,
            is_reported=True,
            state=state,
            recall=recall,
            certificate=certificate,
            destroyed_at=None if certificate is None else _find_instant(self._certificates[certificate]),
        )

    def _read_fate(self, fate: FateReported, recall: Recall) -> CopyState:
        if fate is FateReported.UNANSWERED:
            return CopyState.OVERDUE if self._as_of > recall.answer_by_at else CopyState.ASKED_BACK
        return CopyState.SAID_DESTROYED if fate is FateReported.DESTROYED else CopyState(fate.value)

    def _find_recall(self, item: bytes, giving: Stated, holder: Party) -> Recall | None:
        """Return the last recall that asks the holder for this copy: the originator's of any, a giver's of its own."""
        asking = [
            recall
            for recall in self._recalls.get((item, holder), ())
            if (isinstance(recall.request.entry, RecallRequested) or recall.request.author == giving.author)
            and not is_given_later(giving, recall.request)
        ]
        return max(asking, key=lambda recall: shown_order(recall.request), default=None)


def _find_instant(certificate: Stated | None) -> Instant | None:
    if certificate is None:
        return None
    assert isinstance(certificate.entry, ItemDestroyed)
    return Instant(certificate.entry.destroyed_at)
