"""States of agreements: what the pact file says, and what the parties have stated since (R12 to R15, R29)."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Final

from comity.audit.procedures.forms_release import AgreementStateStated
from comity.audit.procedures.said import Said
from comity.audit.procedures.text import order_own
from comity.base.instants import DAY_MS, Instant, to_datetime
from comity.base.names import Audience, Party
from comity.pact.agreement import Agreement
from comity.pact.model import Pact

__all__ = ["NOT_BEGUN", "Agreements", "is_operative"]

NOT_BEGUN: Final = "not-begun"
_ORDER: Final = ("in-force", "notice-suspended", "notice-given", "suspended", "ended", NOT_BEGUN)
_OPERATIVE: Final = frozenset({"in-force", "notice-suspended", "notice-given"})
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def is_operative(state: str) -> bool:
    """Tell whether something may be given under an agreement in this state (R13)."""
    return state in _OPERATIVE


class Agreements:
    """Answers in which state each agreement is, by those statements that somebody knew."""

    def __init__(self, pact: Pact, statements: Sequence[Said], *, circles: Collection[Audience] = ()) -> None:
        """Set up for one version; `circles` are the audiences of all parties of those before it (R12)."""
        self._pact = pact
        self._circles = frozenset((pact.audience, *circles))
        self._stated: dict[str, list[Said]] = {}
        for own in order_own([said for said in statements if self._counts(said)]).values():
            for said in own:
                assert isinstance(said.entry, AgreementStateStated)
                self._stated.setdefault(said.entry.agreement, []).append(said)

    def _counts(self, said: Said) -> bool:
        """R12: in an audience of all parties, now or before, and from a party of the agreement."""
        if not isinstance(said.entry, AgreementStateStated) or said.audience not in self._circles:
            return False
        agreement = self._pact.find_agreement(said.entry.agreement)
        return agreement is not None and said.author in agreement.parties

    def find_state(self, id_: str, *, at: int, knows: Callable[[Said], bool]) -> str:
        """Return the most restrictive cell of an agreement at an instant (R13)."""
        agreement = self._pact.find_agreement(id_)
        assert agreement is not None, "routes name agreements of the pact"
        known = [said for said in self._stated.get(id_, ()) if knows(said)]
        cells = [_find_cell(agreement, party, known, at) for party in agreement.parties]
        return max(cells, key=_ORDER.index)


def _find_cell(agreement: Agreement, party: Party, known: Sequence[Said], at: int) -> str:
    row = agreement.find_state(to_datetime(Instant(at)).date())
    state = NOT_BEGUN if row is None else row.state.value
    if state == "notice-given" and row is not None and row.notice_end is not None and at >= row.notice_end:
        state = "ended"  # R29
    midnight = 0 if row is None else (row.since.toordinal() - _EPOCH) * DAY_MS
    for said in known:
        entry = said.entry
        assert isinstance(entry, AgreementStateStated)
        if said.author != party or entry.effective_at > at:
            continue
        if entry.effective_at < midnight and said.at < midnight:
            continue  # the row is newer (R13)
        new = _read(entry, at)
        if said.is_good or _ORDER.index(new) > _ORDER.index(state):  # R15
            state = new
    return state


def _read(entry: AgreementStateStated, at: int) -> str:
    """R14: notice given with an end reads as ended from then on."""
    is_over = entry.state == "notice-given" and any(at >= end for end in entry.notice_ends_at)
    return "ended" if is_over else entry.state
