"""Indicators read a second time: who reported in which interval, by P55 and P57 alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from comity.audit.procedures.correction import correct
from comity.audit.procedures.duty import Duty, DutyVerdict
from comity.audit.procedures.forms_act import IndicatorReported
from comity.audit.procedures.forms_pact import PactAccepted
from comity.audit.procedures.said import GOOD, Said, own_order
from comity.audit.procedures.scope import ObjectKind, group
from comity.base.names import Party
from comity.pact.duty import DutyKind
from comity.pact.indicator import Indicator
from comity.pact.model import Pact

__all__ = ["list_owed_reports"]


class _Owed(NamedTuple):
    version: bytes
    as_of: int


def list_owed_reports(pact: Pact, version: bytes, statements: Sequence[Said], *, as_of: int) -> Iterator[Duty]:
    """Yield what each party owed in the interval before the one that runs, and what it owes in that."""
    accepted: dict[Party, int] = {}
    for said in statements:
        if isinstance(said.entry, PactAccepted) and said.entry.pact == version and said.standing == GOOD:
            accepted[said.author] = min(said.at, accepted.get(said.author, said.at))
    reports = list(_list_standing(statements))
    for row in pact.indicators:
        this = as_of // row.every_ms
        for party in row.reported_by:
            for interval in (this - 1, this):
                if party in accepted and accepted[party] <= interval * row.every_ms:
                    yield _judge(row, party, interval, reports, _Owed(version, as_of))


def _list_standing(statements: Sequence[Said]) -> Iterator[Said]:
    """Yield every report that was not withdrawn, as it was corrected last."""
    if not any(isinstance(said.entry, IndicatorReported) for said in statements):
        return
    for scope, rows in group(statements).items():
        if scope.kind == ObjectKind.INDICATOR.value:
            for said in correct(rows).statements:
                if said.id == scope.ref and isinstance(said.entry, IndicatorReported) and said.standing == GOOD:
                    yield said


def _judge(row: Indicator, party: Party, interval: int, reports: list[Said], owed: _Owed) -> Duty:
    ends_at = (interval + 1) * row.every_ms
    met = [
        said
        for said in reports
        if said.author == party
        and isinstance(said.entry, IndicatorReported)
        and said.entry.indicator == row.id
        and said.at // row.every_ms == interval
    ]
    first = min(met, key=own_order, default=None)
    missing = DutyVerdict.OPEN if owed.as_of < ends_at else DutyVerdict.OVERDUE
    return Duty(
        kind=DutyKind.INDICATOR_REPORT.value,
        party=party,
        subject=owed.version,
        due_at=ends_at,
        verdict=missing if first is None else DutyVerdict.MET,
        met_by=b"" if first is None else first.id,
        clause=row.commitment,
    )
