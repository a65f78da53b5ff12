"""Copies and recalls (docs/spec/release.md, R45 to R49): each case is one clause."""

import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Party
from comity.procedure.copies import fold_copies
from comity.procedure.recall import (
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
from comity.procedure.recalls import RecallFault, fold_recalls
from comity.procedure.registry import decode_entry
from comity.procedure.sharing import (
    PassOnReported,
    RecallAnswered,
    RecallOutcome,
    RecallReason,
    RecallRequested,
)
from comity.procedure.stated import Stated
from kit.releasing import ALL, ITEM, JPN_USA, KOR_USA, NOW, passed_on, shared, stated

WHY = RecallReason.COMPROMISED
SHARED, PASSED = shared(page=1), passed_on(page=1)
TOLD = stated(PassOnReported(ITEM, "KOR", NOW), author="USA", audience=JPN_USA, page=1)
ASKED = stated(RecallRequested(ITEM, WHY, Instant(NOW + HOUR_MS)), author="JPN", audience=JPN_USA, page=3)


def destroyed(*blobs: bytes, page: int = 5, author: Party = "USA", item: bytes = ITEM) -> Stated:
    """A certificate of these blobs."""
    entry = ItemDestroyed(item, blobs, NOW, "erased", "release-officer", ("o1",))
    return stated(entry, author=author, audience=JPN_USA, page=page)


def replied(request: Stated, *certificate: Stated, fate: Fate = Fate.DESTROYED, page: int = 6) -> Stated:
    """The United States answers."""
    named = tuple(row.id for row in certificate)
    entry = RecallReplied(ITEM, request.id, fate, CopiesMade.NONE, Onward.NONE, named)
    return stated(entry, author="USA", audience=JPN_USA, page=page)


def state_of(*rows: Stated, holder: Party = "USA", at: int = NOW) -> str:
    """How the holder's first copy stands."""
    return next(row.state.value for row in fold_copies(rows, as_of=Instant(at)) if row.holder == holder)


def fault_of(*rows: Stated) -> RecallFault | None:
    """What the last of these counts for."""
    return dict(fold_recalls(rows).faults).get(rows[-1].id)


def test_a_copy_is_held_asked_back_overdue() -> None:
    """A deadline that passes changes nothing by itself; a view as of later shows it."""
    assert state_of(SHARED) == "held"
    assert state_of(SHARED, ASKED) == "asked-back"
    assert state_of(SHARED, ASKED, at=NOW + HOUR_MS) == "asked-back"
    assert state_of(SHARED, ASKED, at=NOW + HOUR_MS + 1) == "answer-overdue"


def test_destroyed_is_what_a_certificate_of_that_copy_says() -> None:
    """The word alone, another's certificate, one that comes later, and one of other blobs are less."""
    good, late, other = destroyed(bytes(32)), destroyed(bytes(32), page=7), destroyed(b"\x05" * 32)
    assert state_of(SHARED, good) == "destroyed"
    assert state_of(SHARED, ASKED, good, replied(ASKED, good)) == "destroyed"
    assert state_of(SHARED, ASKED, other, replied(ASKED, other)) == "said-to-be-destroyed"
    foreign = destroyed(b"\x05" * 32, author="JPN")
    for named in (foreign, late, SHARED):
        rows = (SHARED, ASKED, named, replied(ASKED, named))
        assert fault_of(*rows) is RecallFault.NO_CERTIFICATE
    old = stated(RecallAnswered(ITEM, ASKED.id, RecallOutcome.DESTROYED), author="USA", audience=JPN_USA, page=6)
    assert state_of(SHARED, ASKED, old) == "said-to-be-destroyed"
    assert state_of(SHARED, destroyed(bytes(32), item=bytes(32))) == "held"


def test_the_last_answer_counts() -> None:
    """Who kept it can destroy it; who said destroyed and then declines has not destroyed it."""
    kept = replied(ASKED, fate=Fate.KEPT_UNDER_NATIONAL_LAW, page=4)
    assert state_of(SHARED, ASKED, kept) == "kept-under-national-law"
    other = destroyed(b"\x05" * 32)
    assert state_of(SHARED, ASKED, kept, other, replied(ASKED, other)) == "said-to-be-destroyed"
    assert state_of(SHARED, ASKED, replied(ASKED, fate=Fate.DECLINED, page=9), kept) == "declined"


def test_what_was_given_anew_after_a_recall_is_not_asked_back_by_it() -> None:
    """The originator gives a better version of its mind: the later giving stands."""
    again = shared(page=4)
    states = [row.state.value for row in fold_copies((SHARED, ASKED, again), as_of=NOW) if row.holder == "USA"]
    assert states == ["asked-back", "held"]


def test_who_may_ask() -> None:
    """The originator asks for its item, and a giver for what it gave."""
    by_hub = stated(RecallRequested(ITEM, WHY, NOW), author="USA", audience=KOR_USA, page=3)
    assert fault_of(SHARED, PASSED, by_hub) is RecallFault.NOT_ORIGINATOR
    further = RecallPassedOn(ITEM, WHY, NOW)
    assert fault_of(SHARED, PASSED, stated(further, author="USA", audience=KOR_USA, page=3)) is None
    assert fault_of(SHARED, PASSED, stated(further, author="KOR", audience=KOR_USA, page=3)) is RecallFault.NOT_GIVER
    assert fault_of(SHARED, stated(further, author="USA", audience=ALL, page=3)) is RecallFault.NOT_GIVER


def test_what_an_answer_answers() -> None:
    """A recall that counts, of this item, said by another to the same audience."""
    for request in (SHARED, stated(RecallRequested(ITEM, WHY, NOW), author="USA", audience=JPN_USA, page=2)):
        answer = replied(request, fate=Fate.DECLINED)
        assert fault_of(SHARED, request, answer) is RecallFault.NO_REQUEST
    elsewhere = stated(RecallRequested(ITEM, WHY, NOW), author="JPN", audience=ALL, page=2)
    assert fault_of(SHARED, elsewhere, replied(elsewhere, fate=Fate.DECLINED)) is RecallFault.NO_REQUEST
    entry = RecallReplied(bytes(32), ASKED.id, Fate.DECLINED, CopiesMade.NONE, Onward.NONE, ())
    wrong = stated(entry, author="USA", audience=JPN_USA, page=6)
    assert fault_of(SHARED, ASKED, wrong) is RecallFault.OTHER_ITEM


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (FateReported.UNANSWERED, "asked-back"),
        (FateReported.DESTROYED, "said-to-be-destroyed"),
        (FateReported.DECLINED, "declined"),
    ],
)
def test_a_copy_known_by_report_stands_as_its_giver_reports(fate: FateReported, state: str) -> None:
    """And nobody is named to the asker of whom it had not been told."""
    entry = RecallReported(ITEM, ASKED.id, (FateRow("KOR", fate),))
    report = stated(entry, author="USA", audience=JPN_USA, page=8)
    assert state_of(SHARED, TOLD, ASKED, report, holder="KOR") == state
    assert fault_of(SHARED, ASKED, report) is RecallFault.NOT_REPORTED
    (copy,) = [row for row in fold_copies((SHARED, TOLD), as_of=NOW) if row.holder == "KOR"]
    assert (copy.path, copy.clause, copy.is_reported) == (("JPN", "USA", "KOR"), "", True)


@pytest.mark.parametrize(
    "values",
    [
        ("ItemDestroyed", ITEM, (b"\x02" * 32, b"\x01" * 32), NOW, "erased", "role", ("o1",)),
        ("ItemDestroyed", ITEM, (), NOW, "erased", "role", ()),
        ("ItemDestroyed", ITEM, (), NOW, "in prose, at length", "role", ("o1",)),
        ("RecallReplied", ITEM, bytes(32), "destroyed", "none-made", "not-passed-on", ()),
        ("RecallReplied", ITEM, bytes(32), "declined", "none-made", "not-passed-on", (bytes(32),)),
        ("RecallReported", ITEM, bytes(32), ()),
        ("RecallReported", ITEM, bytes(32), (("USA", "destroyed"), ("KOR", "destroyed"))),
    ],
)
def test_what_is_out_of_form(values: tuple[object, ...]) -> None:
    """Sets ascend, somebody did it, and a certificate belongs to what was destroyed."""
    with pytest.raises(RemoteError, match=r"entry\.malformed"):
        decode_entry(encode(values))
