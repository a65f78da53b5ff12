"""In which state an agreement is: the pact file's, until its parties' own signed statements change it.

Rules (docs/spec/release.md, R12 to R15)
- Only statements to all parties of the pact, as it is or was before, count: everybody must reach the same state.
- Each party of the agreement has a cell, which only it writes. A cell without a statement is the pact file's row.
- In a cell the last statement in its author's own order rules, of those in effect; a newer row of the pact file,
  accepted by all, rules again.
- Where cells differ the most restrictive wins, so one party suspends and all of them resume.
- A statement in a disputed or disowned page binds its author where it restricts and is not believed where it opens.
- A deadline passing changes nothing by itself: notice that has run out is seen as *ended* by a view as of then,
  whether a statement names its end or a row of the pact file does (R14, R29).

What an agreement protected stays protected when it ends: `release` asks the third-party rule of any agreement ever in
force. Nothing here is withdrawn or corrected: another state is another statement.
"""

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Party
from comity.pact.agreement import Agreement, AgreementState
from comity.pact.model import Pact
from comity.procedure.entry import Entry, InstantField
from comity.procedure.fields import ClauseField
from comity.procedure.own import merge, own_order
from comity.procedure.stated import Stated, is_known_to

__all__ = ["ENTRIES", "AgreementReason", "AgreementStanding", "AgreementStateStated", "agreement_states"]

_SEVERITY: Final = {
    AgreementState.IN_FORCE: 0,
    AgreementState.NOTICE_SUSPENDED: 1,
    AgreementState.NOTICE_GIVEN: 2,
    AgreementState.SUSPENDED: 3,
    AgreementState.ENDED: 4,
}
_NOT_BEGUN: Final = 5
_OPERATIVE: Final = frozenset({AgreementState.IN_FORCE, AgreementState.NOTICE_SUSPENDED, AgreementState.NOTICE_GIVEN})
"""An agreement under notice runs to its last day, and one whose notice is suspended runs on: both still protect."""

_EPOCH: Final = dt.date(1970, 1, 1)


class AgreementReason(enum.Enum):
    """Why a party says so: a code, because free text has no place in a procedural statement."""

    NOTICE = "notice"
    NOTICE_SUSPENDED = "notice-suspended"
    NOTICE_WITHDRAWN = "notice-withdrawn"
    TERM_ENDED = "term-ended"
    BREACH_ALLEGED = "breach-alleged"
    NATIONAL_DECISION = "national-decision"
    RESUMED = "resumed"
    UNSTATED = "unstated"


class AgreementStateStated(Entry, frozen=True):
    """The author holds that the agreement is in this state from `effective_at` on.

    `notice_ends_at` holds the last instant of the agreement, or nothing; only notice given has one.
    """

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    agreement: ClauseField
    state: AgreementState
    effective_at: InstantField
    reason: AgreementReason
    notice_ends_at: Annotated[tuple[InstantField, ...], msgspec.Meta(max_length=1)]


ENTRIES: Final[tuple[type[Entry], ...]] = (AgreementStateStated,)


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one party's cell holds at an instant."""

    state: AgreementState | None
    notice_ends_at: Instant | None


@dataclass(frozen=True, slots=True)
class AgreementStanding:
    """How an agreement stands at an instant. `state` None: it has not begun. `cells` are sorted by party."""

    agreement: str
    state: AgreementState | None
    cells: tuple[tuple[Party, AgreementState | None], ...]
    contested: bool
    """Its parties, or the pact file's own row, read the state in different ways."""
    notice_ends_at: Instant | None = None
    """The earliest end of a notice that stands in a cell, whether it has come or not."""

    @property
    def is_operative(self) -> bool:
        """Whether something may still be given under it."""
        return self.state in _OPERATIVE


def agreement_states(
    pact: Pact,
    stated: Iterable[Stated],
    *,
    as_of: Instant,
    when_stating: Stated | None = None,
    circles: Collection[Audience] = (),
) -> Mapping[str, AgreementStanding]:
    """Return how each agreement of the pact stands at `as_of`.

    With `when_stating`, only what its author provably knew is taken into account: the verdict at its cut. Statements
    by strangers to an agreement, and of agreements that the pact does not have, are passed over. `circles` are the
    audiences of all parties of the versions before this one: what was told to them goes on counting (R12).
    """
    told = [
        one
        for one in merge(one for one in stated if isinstance(one.entry, AgreementStateStated)).values()
        if isinstance(one.entry, AgreementStateStated)
        and (one.audience == pact.audience or one.audience in circles)
        and one.entry.effective_at <= as_of
        and (when_stating is None or is_known_to(one, when_stating=when_stating))
    ]
    told.sort(key=own_order)
    return {agreement.id: _stand(agreement, told, as_of) for agreement in pact.agreements}


def _stand(agreement: Agreement, told: list[Stated], as_of: Instant) -> AgreementStanding:
    row = agreement.find_state(_EPOCH + dt.timedelta(milliseconds=as_of))
    row_at = 0 if row is None else (row.since - _EPOCH).days * DAY_MS
    held = _Cell(None, None) if row is None else _read_notice(row.state, row.notice_end, as_of)
    cells = dict.fromkeys(sorted(agreement.parties), held)
    for one in told:
        entry = one.entry
        assert isinstance(entry, AgreementStateStated)
        if entry.agreement != agreement.id or one.author not in cells:
            continue
        if max(entry.effective_at, one.written_at) < row_at:
            continue
        cell = _read_notice(entry.state, next(iter(entry.notice_ends_at), None), as_of)
        if one.counts or _severity(cell.state) > _severity(cells[one.author].state):
            cells[one.author] = cell
    states = tuple((party, cell.state) for party, cell in cells.items())
    strictest = max((state for _, state in states), key=_severity)
    is_split = len({state for _, state in states}) > 1
    ends = [cell.notice_ends_at for cell in cells.values() if cell.notice_ends_at is not None]
    contested = is_split or (row is not None and row.contested and strictest is held.state)
    return AgreementStanding(agreement.id, strictest, states, contested, min(ends, default=None))


def _read_notice(state: AgreementState, ends_at: int | None, as_of: Instant) -> _Cell:
    """Read a row or a statement at an instant: notice with an end reads as ended from that end on (R14, R29)."""
    if state is not AgreementState.NOTICE_GIVEN or ends_at is None:
        return _Cell(state, None)
    return _Cell(AgreementState.ENDED if ends_at <= as_of else state, Instant(ends_at))


def _severity(state: AgreementState | None) -> int:
    return _NOT_BEGUN if state is None else _SEVERITY[state]
