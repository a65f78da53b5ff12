"""What waits for another officer: kept with everybody who approved it, and given to one of them at a time."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.journal.header import Feed
from comity.node.approvals import HELD_MS, Approvals
from comity.procedure.quarantine import QuarantineReleased

AUDIENCE = ("JPN", "KOR")
ENTRY = QuarantineReleased(Digest(bytes(32)), "policy.release", "release-officer", ("duty-1",))
REFUSED = UsageError("officer.too-few", act="call", clause="policy.two")
AT = Instant(1_000)


def hold(approvals: Approvals, *officers: str, at: int = 1_000) -> str:
    """Hold the one act; return its digest."""
    told = approvals.hold(AUDIENCE, (ENTRY,), Feed.RECORD, officers=officers, refused=REFUSED, at=Instant(at))
    assert told.code == "approval.awaited"
    return str(told.details["digest"])


def test_an_act_of_three_gathers_three() -> None:
    """The second one stays with it while the third is waited for; time goes on from the first."""
    approvals = Approvals()
    digest = hold(approvals, "a")
    with approvals.take(digest, by="b", at=AT) as held:
        assert held.officers == ("a", "b")
        assert hold(approvals, *held.officers, at=2_000) == digest
    (kept,) = approvals.list(AT)
    assert (kept.officers, kept.until_at) == (("a", "b"), AT + HELD_MS)
    with pytest.raises(UsageError, match=r"approval\.same-officer"), approvals.take(digest, by="b", at=AT):
        pass
    with approvals.take(digest, by="c", at=AT) as held:
        assert held.officers == ("a", "b", "c")


def test_who_asks_for_the_same_has_approved_nothing() -> None:
    """Another officer's own wish is not an approval of what is held."""
    approvals = Approvals()
    digest = hold(approvals, "a")
    assert hold(approvals, "c") == digest
    assert [held.officers for held in approvals.list(AT)] == [("a",)]


def test_two_who_approve_at_once_state_it_once() -> None:
    """While one states it, it is nobody else's; where that fails it is held as before."""
    approvals = Approvals()
    digest = hold(approvals, "a")
    with approvals.take(digest, by="b", at=AT):
        with pytest.raises(UsageError, match=r"approval\.under-way"), approvals.take(digest, by="c", at=AT):
            pass
        assert [held.officers for held in approvals.list(AT)] == [("a",)]
    with approvals.take(digest, by="c", at=AT) as held:
        assert held.officers == ("a", "c")
        approvals.drop(digest)
    assert approvals.list(AT) == ()
