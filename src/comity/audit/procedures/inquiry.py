"""Requests for information and spillage, read a second time: what was answered, what is owed (R54, R55)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from comity.audit.procedures.duty import Duty, DutyVerdict
from comity.audit.procedures.forms_inquiry import (
    GivenInAnswer,
    InformationAnswered,
    InformationRequestClosed,
    InformationRequested,
    SpillageConcluded,
    SpillageReported,
)
from comity.audit.procedures.forms_release import ItemShared
from comity.audit.procedures.said import Said, own_order, shown_order
from comity.base.names import Party
from comity.pact.duty import DutyKind, DutyRule

__all__ = ["InquiryView", "SpillageView", "judge_inquiries", "judge_spillages", "list_duties_of_spillages"]


class InquiryView(NamedTuple):
    """One party that was asked for information, at an instant; `items` given in answer ascend."""

    request: bytes
    party: Party
    state: str
    items: tuple[bytes, ...]


def judge_inquiries(statements: Sequence[Said], *, as_of: int) -> Iterator[InquiryView]:
    """Yield each party of each request, by all that the record holds."""
    requests = {said.id: said for said in statements if isinstance(said.entry, InformationRequested)}
    if not requests:
        return
    words: dict[tuple[bytes, Party], list[Said]] = {}
    has: set[tuple[bytes, Party, Party]] = set()
    for said in statements:
        entry = said.entry
        if isinstance(entry, InformationAnswered | InformationRequestClosed | GivenInAnswer):
            words.setdefault((entry.request, said.author), []).append(said)
        elif isinstance(entry, ItemShared):
            has.update((entry.item, said.author, party) for party in said.audience)
    for id_, request in requests.items():
        asker = request.author
        own = words.get((id_, asker), [])
        is_closed = any(isinstance(said.entry, InformationRequestClosed) for said in own)
        for party in request.audience:
            if party != asker:
                heard = [said for said in words.get((id_, party), []) if asker in said.audience]
                items = sorted(
                    {
                        said.entry.item
                        for said in heard
                        if isinstance(said.entry, GivenInAnswer) and (said.entry.item, party, asker) in has
                    }
                )
                state = _judge(request, heard, bool(items), is_closed=is_closed, as_of=as_of)
                yield InquiryView(id_, party, state, tuple(items))


def _judge(request: Said, heard: Sequence[Said], has_items: bool, *, is_closed: bool, as_of: int) -> str:
    answers = [said for said in heard if isinstance(said.entry, InformationAnswered)]
    last = max(answers, key=shown_order, default=None)
    if last is not None and isinstance(last.entry, InformationAnswered):
        return last.entry.answer
    if has_items or is_closed:
        return "given" if has_items else "closed"
    assert isinstance(request.entry, InformationRequested)
    return "overdue" if as_of > request.entry.answer_by_at else "open"


class SpillageView(NamedTuple):
    """One report of a loss; `result` is empty and `by` too while nothing is concluded on it."""

    report: bytes
    item: bytes
    holder: Party
    kind: str
    result: str
    by: bytes


def judge_spillages(statements: Sequence[Said]) -> Iterator[SpillageView]:
    """Yield every report with what came of it."""
    for said, last in _list_reports(statements):
        assert isinstance(said.entry, SpillageReported)
        ending = None if last is None else last.entry
        result = ending.result if isinstance(ending, SpillageConcluded) else ""
        yield SpillageView(
            said.id, said.entry.item, said.author, said.entry.kind, result, b"" if last is None else last.id
        )


def _list_reports(statements: Sequence[Said]) -> Iterator[tuple[Said, Said | None]]:
    """Yield each report of a loss with its author's last conclusion on it (R55)."""
    concluded: dict[tuple[bytes, bytes, Party, tuple[Party, ...]], list[Said]] = {}
    reports = [said for said in statements if isinstance(said.entry, SpillageReported)]
    if not reports:
        return
    for said in statements:
        if isinstance(said.entry, SpillageConcluded):
            key = (said.entry.report, said.entry.item, said.author, said.audience)
            concluded.setdefault(key, []).append(said)
    for said in reports:
        assert isinstance(said.entry, SpillageReported)
        words = concluded.get((said.id, said.entry.item, said.author, said.audience), [])
        yield said, max(words, key=own_order, default=None)


def list_duties_of_spillages(rules: Sequence[DutyRule], statements: Sequence[Said], *, as_of: int) -> Iterator[Duty]:
    """Yield what holders owe on what they lost: the report by its own noticing, the result by the report's clock."""
    for said, last in _list_reports(statements):
        entry = said.entry
        assert isinstance(entry, SpillageReported)
        for rule in rules:
            if rule.within_ms is None or said.author not in rule.owed_by:
                continue
            if rule.kind is DutyKind.SPILLAGE_REPORT:
                yield _make_duty(rule, said, entry.noticed_at + rule.within_ms, said, as_of)
            elif rule.kind is DutyKind.SPILLAGE_RESULT:
                yield _make_duty(rule, said, said.at + rule.within_ms, last, as_of)


def _make_duty(rule: DutyRule, report: Said, due_at: int, met_by: Said | None, as_of: int) -> Duty:
    waiting = DutyVerdict.OPEN if as_of <= due_at else DutyVerdict.OVERDUE
    return Duty(
        kind=rule.kind.value,
        party=report.author,
        subject=report.id,
        due_at=due_at,
        verdict=DutyVerdict.MET if met_by is not None else waiting,
        met_by=b"" if met_by is None else met_by.id,
        clause=rule.clause,
    )
