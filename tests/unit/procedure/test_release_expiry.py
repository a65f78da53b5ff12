"""What an item's end changes in a decision, and what it leaves as it is (docs/spec/release.md, R37)."""

import pytest

from comity.base.instants import Instant
from comity.procedure.expiry import EXPIRED, decide_giving, decide_givings, is_expired
from comity.procedure.release import decide, decide_audience
from comity.procedure.verdict import FUNNEL, AudienceDecision, Reason, Withheld
from kit.releasing import ALL, NOW, ground, item_of, marking

SUBJECT = item_of(marking("JPN", "JPN-KIMITSU"))


def test_an_item_is_expired_from_its_end_on() -> None:
    """A moment before it is not; and without an end it never is."""
    assert [is_expired((NOW,), as_of=Instant(NOW + more)) for more in (-1, 0, 1)] == [False, True, True]
    assert is_expired((), as_of=NOW) is False


def test_an_expired_item_is_withheld_by_its_own_reason() -> None:
    """Whatever the funnel would say; and what has not expired is what the funnel says."""
    assert Withheld(FUNNEL, Reason.EXPIRED) == EXPIRED
    for to in ("KOR", "USA"):
        said = decide(SUBJECT, holder="JPN", to=to, ground=ground())
        for ends, wanted in (((NOW,), EXPIRED), ((NOW + 1,), said), ((), said)):
            assert decide_giving(SUBJECT, expires_at=ends, holder="JPN", to=to, ground=ground()) == wanted


def test_a_whole_audience_is_decided_one_by_one() -> None:
    """For all but the holder, in order: as the funnel decides, and expired for each."""
    said = decide_audience(SUBJECT, holder="JPN", audience=ALL, ground=ground())
    assert decide_givings(SUBJECT, expires_at=(NOW + 1,), holder="JPN", audience=ALL, ground=ground()) == said
    assert [to for to, _ in said.by_party] == ["KOR", "USA"]
    expired = decide_givings(SUBJECT, expires_at=(NOW,), holder="JPN", audience=ALL, ground=ground())
    assert expired == AudienceDecision((("KOR", EXPIRED), ("USA", EXPIRED)))


@pytest.mark.parametrize("audience", [(), ("KOR", "USA"), ("KOR", "JPN")])
def test_an_audience_that_is_none_is_refused_before_anything(audience: tuple[str, ...]) -> None:
    """As by the funnel, whether the item has expired or not."""
    said = decide_audience(SUBJECT, holder="JPN", audience=audience, ground=ground())
    assert said.audience_fault is not None
    for ends in ((), (NOW,)):
        assert decide_givings(SUBJECT, expires_at=ends, holder="JPN", audience=audience, ground=ground()) == said
