"""Who gets which portions of a draft (docs/spec/release.md, R42), and the note that links its items (R43)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.pact.agreement import AgreementState
from comity.procedure.banner import find_banner
from comity.procedure.entry import Marking
from comity.procedure.judgement import judge_received
from comity.procedure.linked import ItemsLinked, find_linked
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.release import decide
from comity.procedure.tearline import Tear, Version, tear
from comity.procedure.verdict import FUNNEL, Permit, Reason, Subject, Withheld
from kit.releasing import NOW, camp_david_terms, consent_check, ground, marking, stated

TERMS = camp_david_terms()
ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))


def torn(
    *markings: Marking,
    holder: str = "USA",
    to: tuple[str, ...] = ("JPN", "KOR"),
    expires_at: tuple[Instant, ...] = (),
    **states: AgreementState,
) -> Tear:
    """A draft of portions with these markings, torn with every agreement in force but those named."""
    on = ground(states={name.replace("_", "-"): state for name, state in states.items()})
    return tear(markings, holder=holder, recipients=to, expires_at=expires_at, find_ground=lambda _: on)


SECRET, TOP = marking("USA", "USA-S"), marking("USA", "USA-TS")
ECONOMIC = marking("USA", "USA-U", topics=["economic"])


def test_recipients_who_may_have_the_same_share_one_item() -> None:
    """One item, one audience; nobody is told of it twice."""
    assert torn(SECRET, SECRET).versions == (Version((1, 2), ("JPN", "KOR")),)


def test_what_stands_below_the_tear_line_is_in_another_item() -> None:
    """KOR's agreement ends at SECRET: JPN gets both portions in an item of its own, KOR one in another."""
    found = torn(SECRET, TOP)
    assert found.versions == (Version((1,), ("KOR",)), Version((1, 2), ("JPN",)))
    (kept,) = found.withheld
    assert (kept.party, kept.portion) == ("KOR", 2)
    assert isinstance(kept.decision, Withheld)
    assert kept.decision.clause == "usa-kor-1987"


def test_who_may_have_nothing_is_in_no_audience() -> None:
    """And an item goes to the others all the same."""
    found = torn(marking("USA", "USA-S", caveats=["REL TO JPN"]))
    assert found.versions == (Version((1,), ("JPN",)),)
    assert [(one.party, one.decision) for one in found.withheld] == [("KOR", Withheld(FUNNEL, Reason.NOT_LISTED))]
    assert torn(marking("USA", "USA-S", caveats=["NOFORN"])).versions == ()
    assert torn(SECRET, to=("USA",)).versions == ()


def test_portions_that_no_banner_can_cover_go_in_several_items() -> None:
    """No agreement has both topics, so one item with both would be withheld from everybody; two are not."""
    found = torn(SECRET, ECONOMIC, SECRET)
    assert found.versions == (Version((1, 3), ("JPN", "KOR")), Version((2,), ("JPN", "KOR")))
    assert found.withheld == ()


def test_what_is_suspended_meanwhile_is_torn_off() -> None:
    """The same draft, an hour later: what rested on the agreement goes to nobody."""
    assert torn(SECRET, ECONOMIC, usa_kor_1987=AgreementState.SUSPENDED).versions == (
        Version((1,), ("JPN",)),
        Version((2,), ("JPN", "KOR")),
    )


def test_an_expired_draft_goes_to_nobody() -> None:
    """R37 for each portion."""
    found = torn(SECRET, ECONOMIC, expires_at=(NOW,))
    assert found.versions == ()
    assert {one.decision for one in found.withheld} == {Withheld(FUNNEL, Reason.EXPIRED)}


def test_a_quoted_portion_is_decided_by_its_own_mark_too() -> None:
    """Its banner is the holder's, and what its originator leaves open rules all the same."""
    found = torn(SECRET, marking("KOR", "KOR-III"))
    assert found.versions == (Version((1,), ("JPN",)), Version((1, 2), ("KOR",)))
    (kept,) = found.withheld
    assert (kept.party, kept.portion) == ("JPN", 2)
    assert kept.decision == Withheld("tisa-2014", Reason.THIRD_PARTY)


def test_portions_whose_caveats_exclude_one_another_go_in_several_items() -> None:
    """Each may travel under one agreement, together they may under none; the topics are the same."""
    one, other = (
        marking("USA", "USA-U", caveats=[f"ONLY UNDER {id_}"]) for id_ in ("usa-jpn-2007", "policy.open-text")
    )
    assert torn(one, other, one, to=("JPN",)).versions == (Version((1, 3), ("JPN",)), Version((2,), ("JPN",)))


def test_recipients_are_told_in_order() -> None:
    """However many are named, and in whatever order; each once."""
    names = tuple(f"P{number:02}" for number in range(30))
    found = torn(SECRET, to=(*names[::-1], *names))
    assert tuple(one.party for one in found.withheld) == names


def test_a_portion_without_a_place_in_the_scheme_is_named() -> None:
    """By its number in the draft; nothing of the draft is given under a guess."""
    with pytest.raises(UsageError, match=r"item\.portion-marking.*portion=2"):
        torn(SECRET, marking("USA", "JPN-HI"))


_MARKINGS = st.builds(
    lambda level, topics, caveats: marking("USA", level, topics=sorted(topics), caveats=sorted(caveats)),
    st.sampled_from(["USA-U", "USA-C", "USA-S", "USA-TS"]),
    st.sets(st.sampled_from(["dprk-missile", "cyber", "economic", "humanitarian"]), min_size=1, max_size=2),
    st.sets(st.sampled_from(["NOFORN", "ORCON", "REL TO JPN", "REL TO KOR", "ONLY UNDER usa-jpn-2007"]), max_size=1),
)


@given(st.lists(_MARKINGS, min_size=1, max_size=5), st.sampled_from(list(AgreementState)))
def test_every_permitted_portion_goes_once_and_no_other_goes(markings: list[Marking], state: AgreementState) -> None:
    """For any draft: each item passes the funnel whole for each of its recipients; portion by portion it adds up."""
    on = ground(states={"usa-kor-1987": state})
    found = torn(*markings, usa_kor_1987=state)
    for to in ("JPN", "KOR"):
        given_ = [number for one in found.versions if to in one.recipients for number in one.portions]
        kept = [one.portion for one in found.withheld if one.party == to]
        assert sorted(given_ + kept) == list(range(1, len(markings) + 1))
        for one in found.versions:
            own = [markings[number - 1] for number in one.portions]
            banner = find_banner(TERMS, originator="USA", markings=own)
            if to in one.recipients:
                assert isinstance(decide(Subject((banner, *own)), holder="USA", to=to, ground=on), Permit)
        for number in kept:
            alone = decide(Subject((markings[number - 1],)), holder="USA", to=to, ground=on)
            assert not isinstance(alone, Permit)


def test_a_note_links_the_items_of_its_author_alone() -> None:
    """Told to oneself; one that came in any other audience links nothing, and several notes add up."""
    note = stated(ItemsLinked((ONE, TWO)), author="USA", audience=("USA",))
    more = stated(ItemsLinked((TWO, THREE)), author="USA", audience=("USA",), page=2)
    foreign = stated(ItemsLinked((ONE, THREE)), author="JPN", audience=("JPN", "USA"))
    assert find_linked(ONE, [note, foreign]) == (ONE, TWO)
    assert find_linked(TWO, [note, more]) == (ONE, TWO, THREE)
    assert find_linked(THREE, [note]) == (THREE,)


def test_a_note_that_reaches_another_party_is_a_finding() -> None:
    """R3: it has no marking, so no clause lets it leave."""
    leaked = stated(ItemsLinked((ONE, TWO)), author="USA", audience=("JPN", "USA"))
    flags = judge_received(leaked, stated=[], terms=TERMS, check=consent_check(), decode=lambda _: None)
    assert [flag.decision for flag in flags] == [Withheld(FUNNEL, Reason.UNMARKED)]


def test_a_note_names_at_least_two_items_once_each() -> None:
    """In ascending order, so that it has one form."""
    for items in ((ONE,), (TWO, ONE), (ONE, ONE)):
        with pytest.raises((UsageError, RemoteError, ValueError)):
            decode_entry(encode_entry(ItemsLinked(items)))
