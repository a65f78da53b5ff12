"""What officers say when an item is asked back: who asks, who destroys and certifies, who answers, who tells of it."""

from typing import Final

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.own import own_order
from comity.procedure.recall import (
    ERASED,
    CopiesMade,
    Fate,
    FateReported,
    FateRow,
    ItemDestroyed,
    Onward,
    RecallPassedOn,
    RecallReplied,
    RecallReported,
)
from comity.procedure.sharing import GIVING, PASSING, PassOnReported, RecallReason, RecallRequested
from comity.procedure.stated import Stated
from comity.rehearsal.crew import sign
from comity.rehearsal.custody import get_giving, list_givings
from comity.rehearsal.desk import NOTHING, Act, Desk, Wish

__all__ = ["answer", "ask_back", "destroy", "find_certificate", "list_passed", "pass_recall_on", "tell_answers"]

ANSWER_WITHIN_MS: Final = 10 * MINUTE_MS
_REPORTED: Final = {
    Fate.DESTROYED: FateReported.DESTROYED,
    Fate.KEPT_UNDER_NATIONAL_LAW: FateReported.KEPT_UNDER_NATIONAL_LAW,
    Fate.DECLINED: FateReported.DECLINED,
}


def ask_back(given: Stated, reason: RecallReason, *, to: Audience = ()) -> Act:
    """As the originator, ask for an item back from those to whom this gave it, or from `to`, who were reported."""

    def act(desk: Desk) -> Wish:
        by_at = Instant(desk.now + ANSWER_WITHIN_MS)
        return Wish(to or given.audience, (RecallRequested(get_giving(given).item, reason, by_at),))

    return act


def list_passed(desk: Desk, item: bytes) -> list[Stated]:
    """Return by which statements this party passed an item on, in its own order."""
    rows = desk.machine.statements.find(*PASSING)
    own = (row for row in rows if row.author == desk.party and get_giving(row).item == item)
    return sorted(own, key=own_order)


def pass_recall_on(request: Stated, passed: Stated) -> Act:
    """Ask those to whom this party gave the item further, as it was asked itself."""
    asked = request.entry
    assert isinstance(asked, RecallRequested | RecallPassedOn)
    entry = RecallPassedOn(asked.item, asked.reason, asked.answer_by_at)
    return lambda _: Wish(passed.audience, (entry,))


def find_certificate(desk: Desk, item: bytes, audience: Audience) -> Digest | None:
    """Return the certificate that this party stated of an item to an audience."""
    found = desk.find(ItemDestroyed, author=desk.party)
    return next((row.id for row, entry in found if entry.item == item and row.audience == audience), None)


def destroy(item: bytes, audience: Audience) -> Act:
    """Destroy every copy of an item that is here, then certify it to an audience; once."""

    def act(desk: Desk) -> Wish | None:
        givings = list_givings(desk.station, item)
        if find_certificate(desk, item, audience) is not None:
            return NOTHING
        if not givings:
            return None
        desk.station.erase(sorted({Digest(get_giving(row).blob) for row in givings}))
        named = {get_giving(row).blob for row in givings if set(audience) <= set(row.audience)}
        reply = RecallReplied(item, bytes(32), Fate.DECLINED, CopiesMade.NONE, Onward.NONE, ())
        role, officers = sign(desk.machine, audience, reply)
        return Wish(audience, (ItemDestroyed(item, tuple(sorted(named)), desk.now, ERASED, role, officers),))

    return act


def answer(request: Stated, fate: Fate, copies: CopiesMade) -> Act:
    """Answer a recall; *destroyed* once it is certified."""
    asked = request.entry
    assert isinstance(asked, RecallRequested | RecallPassedOn)

    def act(desk: Desk) -> Wish | None:
        certificate = find_certificate(desk, asked.item, request.audience)
        if fate is Fate.DESTROYED and certificate is None:
            return None
        named = (certificate,) if fate is Fate.DESTROYED and certificate is not None else ()
        entry = RecallReplied(asked.item, request.id, fate, copies, _find_onward(desk, asked.item), named)
        return Wish(request.audience, (entry,))

    return act


def _find_onward(desk: Desk, item: bytes) -> Onward:
    passed = {row.audience for row in list_passed(desk, item)}
    if not passed:
        return Onward.NONE
    asked = {row.audience for row, entry in desk.find(RecallPassedOn, author=desk.party) if entry.item == item}
    return Onward.RECALLED if passed <= asked else Onward.PASSED_ON


def tell_answers(request: Stated) -> Act:
    """Tell who asked what those answered of whom it was told that they have the item."""
    asked = request.entry
    assert isinstance(asked, RecallRequested | RecallPassedOn)

    def act(desk: Desk) -> Wish | None:
        told = {
            entry.recipient
            for row, entry in desk.find(PassOnReported, author=desk.party)
            if entry.item == asked.item and row.audience == request.audience
        }
        rows = tuple(FateRow(party, _find_fate(desk, asked.item, party)) for party in sorted(told))
        return Wish(request.audience, (RecallReported(asked.item, request.id, rows),)) if rows else NOTHING

    return act


def _find_fate(desk: Desk, item: bytes, party: Party) -> FateReported:
    replies = [row for row, entry in desk.find(RecallReplied, author=party) if entry.item == item]
    last = max(replies, key=own_order, default=None)
    return (
        _REPORTED[last.entry.fate]
        if last is not None and isinstance(last.entry, RecallReplied)
        else (FateReported.UNANSWERED)
    )


def list_audiences(desk: Desk, item: bytes) -> list[Audience]:
    """Return every audience to which an item was given by or to this party."""
    rows = desk.machine.statements.find(*GIVING)
    return sorted({row.audience for row in rows if get_giving(row).item == item and desk.party in row.audience})
