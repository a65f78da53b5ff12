"""Drafts of reports that the warning picture led to, and public warnings of own areas, as the API shows them."""

from typing import Annotated, Any, TypedDict

from comity.api.views.basic import At, Clause, Id, Party, one_of
from comity.procedure.detected import DiscardReason
from comity.procedure.threat import ThreatKind

__all__ = ["AreaWarningShown", "DiscardShown", "DraftShown", "ReportShown"]


class ReportShown(TypedDict):
    """A report about the same object. `is_by_rule`: its author's node said it by itself."""

    id: Id
    party: Party
    at: At
    rule: Clause
    tracks: list[str]
    is_by_rule: bool


class DiscardShown(TypedDict):
    """An officer's word that nothing is reported of a draft, and why; `words` is his own, and may be empty."""

    id: Id
    reason: Annotated[str, one_of(DiscardReason)]
    words: str
    at: At


class DraftShown(TypedDict):
    """What a rule asks to be reported, with its evidence; `state` is open, reported or discarded."""

    id: Id
    drafted_at: At
    updated_at: At
    count: int
    kind: Annotated[str, one_of(ThreatKind)]
    occurred_at: At
    threatened: list[Party]
    readers: list[Party]
    evidence: dict[str, Any]
    words: dict[str, str]
    state: str
    report: str
    discarded: DiscardShown | None
    is_over: bool
    offered: list[ReportShown]


class AreaWarningShown(TypedDict):
    """What people of an own area were told from a report, and what is proposed now; `percent` is -1 for nothing."""

    report: Id
    area: Clause
    issued: list[Id]
    last: str
    proposed: str
    percent: int
