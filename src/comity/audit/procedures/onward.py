"""Requests to pass items on, read a second time: the last of each way, and what came of it (R52)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from comity.audit.procedures.consent import Consents, is_ended_by
from comity.audit.procedures.forms_onward import PassOnDeclined, PassOnGranted
from comity.audit.procedures.forms_release import (
    ConsentRefused,
    ConsentWithdrawn,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    PassOnRequested,
    RecallRequested,
)
from comity.audit.procedures.said import Said, own_order, shown_order
from comity.base.names import Party

__all__ = ["OnwardView", "judge_onward"]

Knows = Callable[[Said, Said], bool]


class OnwardView(NamedTuple):
    """One way of an item at an instant."""

    item: bytes
    holder: Party
    recipient: Party
    request: bytes
    state: str


def judge_onward(statements: Sequence[Said], *, consents: Consents, knows: Knows, as_of: int) -> list[OnwardView]:
    """Return every way that was asked for. `knows(later, earlier)` is asked of refusals."""
    sources: dict[bytes, Said] = {}
    asked: dict[tuple[bytes, Party, Party], Said] = {}
    answers: dict[tuple[bytes, Party], list[Said]] = {}
    about = [said for said in statements if isinstance(said.entry, (ItemShared, PassOnRequested, *_ANSWERS))]
    about.sort(key=shown_order)
    for said in about:
        entry = said.entry
        if isinstance(entry, ItemShared):
            sources.setdefault(entry.item, said)
        if isinstance(entry, _ANSWERS):
            for to in _list_recipients(said):
                answers.setdefault((entry.item, to), []).append(said)
    for said in about:
        entry = said.entry
        if (
            isinstance(entry, PassOnRequested)
            and entry.item in sources
            and _source(sources, entry.item) in said.audience
        ):
            asked[entry.item, said.author, entry.recipient] = said
    views = []
    for (item, holder, recipient), request in asked.items():
        way = _Way(item, _source(sources, item), holder, recipient, request)
        heard = [*answers.get((item, recipient), ()), *answers.get((item, ""), ())]
        state = _judge(way, heard, consents, knows, as_of)
        views.append(OnwardView(item, holder, recipient, request.id, state))
    return views


_ANSWERS = (
    PassedOn,
    ItemPassedOn,
    PassOnReported,
    ConsentRefused,
    ConsentWithdrawn,
    RecallRequested,
    PassOnGranted,
    PassOnDeclined,
)


def _list_recipients(said: Said) -> Sequence[Party]:
    """Return to whom an answer is about passing an item on; the empty name stands for whomever."""
    if isinstance(said.entry, PassedOn | ItemPassedOn):
        return said.audience
    return (getattr(said.entry, "recipient", ""),) if isinstance(said.entry, _ANSWERS) else ()


class _Way(NamedTuple):
    item: bytes
    originator: Party
    holder: Party
    recipient: Party
    request: Said


def _judge(way: _Way, answers: Sequence[Said], consents: Consents, knows: Knows, as_of: int) -> str:
    """The first that holds: passed on, declined by the holder, consent runs, refused, still wanted, answered once."""
    of_holder = [said for said in answers if said.author == way.holder]
    if any(_is_passing(said, way.recipient) for said in of_holder):
        return "passed-on"
    decided = [
        said
        for said in of_holder
        if isinstance(said.entry, PassOnGranted | PassOnDeclined)
        and said.entry.recipient == way.recipient
        and said.audience == way.request.audience
        and own_order(said) > own_order(way.request)
    ]
    last = max(decided, key=own_order, default=None)
    if last is not None and isinstance(last.entry, PassOnDeclined):
        return "not-granted"

    def runs(at: int) -> bool:
        return consents.runs(
            way.item,
            originator=way.originator,
            holder=way.holder,
            recipient=way.recipient,
            at=at,
            knows=lambda _: True,
        )

    if runs(as_of):
        return "consented" if last is None else "granted"
    for said in answers:
        is_to_holder = said.author == way.originator and way.holder in said.audience
        if is_to_holder and is_ended_by(said.entry, way.recipient) and not knows(way.request, said):
            return "refused"
    assert isinstance(way.request.entry, PassOnRequested)
    if as_of <= way.request.entry.wanted_until_at:
        return "requested"
    return "consent-expired" if runs(0) else "lapsed"


def _is_passing(said: Said, recipient: Party) -> bool:
    if isinstance(said.entry, PassedOn | ItemPassedOn):
        return recipient in said.audience
    return isinstance(said.entry, PassOnReported) and said.entry.recipient == recipient


def _source(sources: dict[bytes, Said], item: bytes) -> Party:
    entry = sources[item].entry
    assert isinstance(entry, ItemShared)
    return entry.markings[0].originator
