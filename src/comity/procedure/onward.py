"""Onward release: what was asked, consented to, refused under which clause, granted by the hub (R51, R52).

Rules
- A refusal is two entries on one page: `ConsentRefused`, which ends consents (R26), and its clause and reason.
- Where the path is by a hub, the hub's officer decides as well: that is an act of its own, and so is declining.
- A refusal answers the requests whose author did not know of it: who asks again asks anew. So does a recall (R58).
- A request that nobody answered by the time it names is shown as lapsed. That changes nothing by itself.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from comity.base.instants import Instant
from comity.base.names import Bytes32, Digest, Party
from comity.procedure.consent import Consent, ConsentCheck
from comity.procedure.dissemination import ENDING, find_consents
from comity.procedure.entry import Entry
from comity.procedure.fields import ClauseField, IdField, PartyField, check_ascending
from comity.procedure.own import merge, own_order, shown_order
from comity.procedure.recall import Officers
from comity.procedure.sharing import (
    GIVING,
    PASSING,
    ConsentGiven,
    PassOnReported,
    PassOnRequested,
    RefusalReason,
)
from comity.procedure.stated import Stated, is_known_to

__all__ = [
    "ENTRIES",
    "OF_ONWARD",
    "OnwardRequest",
    "OnwardState",
    "PassOnDeclined",
    "PassOnGranted",
    "RefusalGroundStated",
    "fold_onward",
]


class _Answer(Entry, frozen=True, tag=False):
    binding: ClassVar[bool] = True
    item: Bytes32
    recipient: PartyField


class RefusalGroundStated(_Answer, frozen=True, tag=True):
    """The originator says under which clause, and why, `recipient` does not get the item."""

    clause: ClauseField
    reason: RefusalReason


class PassOnGranted(_Answer, frozen=True, tag=True):
    """The hub's officer decides that the item is passed on."""

    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(self.officers)


class PassOnDeclined(_Answer, frozen=True, tag=True):
    """The hub's officer decides that the item is not passed on, whatever its originator consents to."""

    clause: ClauseField
    reason: RefusalReason
    role: IdField
    officers: Officers

    def __post_init__(self) -> None:
        check_ascending(self.officers)


ENTRIES: Final[tuple[type[Entry], ...]] = (RefusalGroundStated, PassOnGranted, PassOnDeclined)

OF_ONWARD: Final = (
    *GIVING,
    PassOnRequested,
    ConsentGiven,
    *ENDING,
    PassOnReported,
    RefusalGroundStated,
    PassOnGranted,
    PassOnDeclined,
)
"""The types of entry that requests are folded from."""


class OnwardState(enum.StrEnum):
    """How a request to pass an item on stands, for whoever looks."""

    REQUESTED = "requested"
    LAPSED = "lapsed"
    CONSENTED = "consented"
    CONSENT_EXPIRED = "consent-expired"
    REFUSED = "refused"
    GRANTED = "granted"
    NOT_GRANTED = "not-granted"
    PASSED_ON = "passed-on"


@dataclass(frozen=True, slots=True)
class OnwardRequest:
    """One row: who asks for whom, which item, until when, and what came of it. `clause` is that of a refusal."""

    item: Digest
    originator: Party
    holder: Party
    recipient: Party
    request: Digest
    asked_at: Instant
    wanted_until_at: Instant
    state: OnwardState
    expires_at: Instant | None
    clause: str
    reason: str


def fold_onward(
    stated: Iterable[Stated], *, check: ConsentCheck, valid_ms_max: int, as_of: Instant
) -> tuple[OnwardRequest, ...]:
    """Return the last request for each item, holder and recipient, in the order in which they were made."""
    held = tuple(stated)
    asked = {row.entry.item for row in held if isinstance(row.entry, PassOnRequested)}
    rows = tuple(merge(row for row in held if getattr(row.entry, "item", b"") in asked).values())
    fold = _Fold(rows, find_consents(rows, check=check), valid_ms_max, as_of)
    return tuple(fold.judge(request, originator) for request, originator in fold.find_requests())


class _Fold:
    def __init__(
        self, rows: tuple[Stated, ...], consents: tuple[Consent, ...], valid_ms_max: int, as_of: Instant
    ) -> None:
        self._as_of = as_of
        self._originators: dict[bytes, Party] = {}
        self._about: dict[tuple[bytes, Party], list[Stated]] = {}
        """By item and recipient, under no recipient what is about every one."""
        self._passed: set[tuple[bytes, Party, Party]] = set()
        """Item, holder, recipient."""
        for row in rows:
            entry = row.entry
            if isinstance(entry, GIVING):
                self._originators.setdefault(entry.item, entry.markings[0].originator)
            if isinstance(entry, PASSING):
                self._passed.update((entry.item, row.author, to) for to in row.audience)
            elif isinstance(entry, PassOnReported):
                self._passed.add((entry.item, row.author, entry.recipient))
            elif isinstance(entry, (PassOnRequested, *ENDING, RefusalGroundStated, PassOnGranted, PassOnDeclined)):
                self._about.setdefault((entry.item, getattr(entry, "recipient", "")), []).append(row)
        self._ends: dict[tuple[Party, bytes, Party, Party], int] = {}
        for consent in consents:
            way = (consent.originator, consent.item, consent.holder, consent.recipient)
            ends_at = min(consent.expires_at, consent.given_at + valid_ms_max)
            self._ends[way] = max(ends_at, self._ends.get(way, 0))

    def find_requests(self) -> Iterator[tuple[Stated, Party]]:
        """Yield the last request of each way, with the item's originator; one that did not reach it is none."""
        found: dict[tuple[bytes, Party, Party], Stated] = {}
        for (item, _), rows in self._about.items():
            for row in rows:
                entry = row.entry
                if isinstance(entry, PassOnRequested) and self._originators.get(item) in row.audience:
                    found[item, row.author, entry.recipient] = row
        for row in sorted(found.values(), key=shown_order):
            assert isinstance(row.entry, PassOnRequested)
            yield row, self._originators[row.entry.item]

    def judge(self, request: Stated, originator: Party) -> OnwardRequest:
        asked, holder = request.entry, request.author
        assert isinstance(asked, PassOnRequested)
        about = [*self._about[asked.item, asked.recipient], *self._about.get((asked.item, ""), ())]
        own = self._find_own(request, about)
        ends_at = self._ends.get((originator, asked.item, holder, asked.recipient))
        refusals = [
            row
            for row in about
            if isinstance(row.entry, (*ENDING, RefusalGroundStated))
            and row.author == originator
            and holder in row.audience
            and not is_known_to(row, when_stating=request)
        ]
        is_refused = any(isinstance(row.entry, ENDING) for row in refusals)
        ground: RefusalGroundStated | PassOnDeclined | None = None
        if (asked.item, holder, asked.recipient) in self._passed:
            state = OnwardState.PASSED_ON
        elif own is not None and isinstance(own.entry, PassOnDeclined):
            state, ground = OnwardState.NOT_GRANTED, own.entry
        elif ends_at is not None and self._as_of < ends_at:
            state = OnwardState.CONSENTED if own is None else OnwardState.GRANTED
        elif is_refused:
            state, ground = OnwardState.REFUSED, _find_ground(refusals)
        elif self._as_of <= asked.wanted_until_at:
            state = OnwardState.REQUESTED
        else:
            state = OnwardState.LAPSED if ends_at is None else OnwardState.CONSENT_EXPIRED
        return OnwardRequest(
            item=Digest(asked.item),
            originator=originator,
            holder=holder,
            recipient=asked.recipient,
            request=request.id,
            asked_at=request.written_at,
            wanted_until_at=Instant(asked.wanted_until_at),
            state=state,
            expires_at=None if ends_at is None else Instant(ends_at),
            clause="" if ground is None else ground.clause,
            reason="" if ground is None else ground.reason.value,
        )

    def _find_own(self, request: Stated, about: list[Stated]) -> Stated | None:
        """Return the holder's own last decision on this request, if it made one since."""
        own = [
            row
            for row in about
            if isinstance(row.entry, PassOnGranted | PassOnDeclined)
            and (row.author, row.audience) == (request.author, request.audience)
            and own_order(row) > own_order(request)
        ]
        return max(own, key=own_order, default=None)


def _find_ground(refusals: list[Stated]) -> RefusalGroundStated | None:
    grounds = [row for row in refusals if isinstance(row.entry, RefusalGroundStated)]
    last = max(grounds, key=shown_order, default=None)
    return None if last is None or not isinstance(last.entry, RefusalGroundStated) else last.entry
