"""The funnel, clause by clause: who may be given what (docs/spec/release.md, R1 to R8)."""

import dataclasses

import msgspec
import pytest

from comity.pact.agreement import AgreementState
from comity.procedure.entry import Marking
from comity.procedure.release import decide, decide_audience, release_preview
from comity.procedure.release_terms import compile_terms
from comity.procedure.verdict import FUNNEL, Decision, HandledAs, NeedsConsent, Permit, Reason, Subject, Withheld
from kit.releasing import ALL, camp_david_terms, ground, item_of, marking, profile_terms


def decide_one(given: Marking, *, holder: str = "JPN", to: str = "KOR", **states: AgreementState) -> Decision:
    """The decision for one item, with every agreement in force but those named."""
    return decide(
        item_of(given), holder=holder, to=to, ground=ground(states={k.replace("_", "-"): v for k, v in states.items()})
    )


def test_permit_names_clause_path_and_level() -> None:
    """A secret item on missiles goes from Japan to the Republic of Korea directly, handled as its second grade."""
    assert decide_one(marking()) == Permit("jpn-kor-gsomia", ("JPN", "KOR"), HandledAs("KOR", "KOR-II"))


def test_empty_audience_is_nobody() -> None:
    """An empty audience is refused; it never means everybody."""
    decided = decide_audience(item_of(marking()), holder="JPN", audience=(), ground=ground())
    assert not decided.is_permitted
    assert decided.audience_fault == Withheld(FUNNEL, Reason.AUDIENCE_EMPTY)


@pytest.mark.parametrize("audience", [("KOR", "JPN"), ("JPN", "JPN", "KOR"), ("KOR", "USA"), ("JPN", "nobody")])
def test_malformed_audience_is_refused(audience: tuple[str, ...]) -> None:
    """An audience unsorted, with a repetition, without the holder, or with what is no party, gets nothing."""
    decided = decide_audience(item_of(marking()), holder="JPN", audience=audience, ground=ground())
    assert not decided.is_permitted
    assert decided.audience_fault is not None


def test_audience_of_oneself_needs_no_basis() -> None:
    """A party may write anything, even what is marked beyond reading, into its own watch log."""
    odd = Marking("XXX", "YYY", "ZZZ", (), ())
    assert decide_audience(item_of(odd), holder="JPN", audience=("JPN",), ground=ground()).is_permitted
    assert decide_one(odd, to="JPN") == Permit(FUNNEL, ("JPN",))


def test_a_pact_of_two_parties() -> None:
    """Both of them are all of them, and neither is a stranger."""
    two = dataclasses.replace(camp_david_terms(), parties=frozenset({"JPN", "KOR"}))
    assert isinstance(decide(item_of(marking()), holder="JPN", to="KOR", ground=ground(terms=two)), Permit)


def test_one_refusal_refuses_the_audience() -> None:
    """An item that may go to one party and not to the other may not go to both."""
    given = item_of(marking("JPN", "JPN-KIMITSU"))
    decided = decide_audience(given, holder="JPN", audience=ALL, ground=ground())
    assert not decided.is_permitted
    assert [party for party, _ in decided.refusals] == ["KOR"]


def test_a_stranger_gets_nothing() -> None:
    """A party that the pact does not name is unknown as recipient and as holder."""
    assert decide_one(marking(), to="AUS") == Withheld(FUNNEL, Reason.PARTY_UNKNOWN)
    assert decide_one(marking(), holder="AUS") == Withheld(FUNNEL, Reason.PARTY_UNKNOWN)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (Marking("JPN", "JPN", "JPN-GOKUHI", (), ()), Reason.TOPIC_MISSING),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("weather",), ()), Reason.TOPIC_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("dprk-missile", "cyber"), ()), Reason.TOPIC_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber", "weather"), ()), Reason.TOPIC_UNKNOWN),
        (Marking("JPN", "JPN", "", ("cyber",), ()), Reason.LEVEL_UNKNOWN),
        (Marking("JPN", "JPN", "GOKUHI", ("cyber",), ()), Reason.LEVEL_UNKNOWN),
        (Marking("JPN", "JPN", "USA-S", ("cyber",), ()), Reason.LEVEL_UNKNOWN),
        (Marking("JPN", "USA", "USA-S", ("cyber",), ()), Reason.SCHEME_UNKNOWN),
        (Marking("AUS", "AUS", "USA-S", ("cyber",), ()), Reason.SCHEME_UNKNOWN),
        (Marking("", "", "", (), ()), Reason.SCHEME_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("EYES",)), Reason.CAVEAT_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("ORCON", "NOFORN")), Reason.CAVEAT_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("REL TO ",)), Reason.CAVEAT_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("REL TO KOR, AUS",)), Reason.CAVEAT_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("rel to KOR",)), Reason.CAVEAT_UNKNOWN),
        (Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ("ONLY UNDER no-such",)), Reason.CAVEAT_UNKNOWN),
    ],
)
def test_what_cannot_be_read_is_withheld(given: Marking, reason: Reason) -> None:
    """A marking missing, unknown or malformed in any part means no, and the reason says which part."""
    assert decide_one(given) == Withheld(FUNNEL, reason)


def test_a_subject_without_marking_is_withheld() -> None:
    """No marking at all is not "unmarked, so open"."""
    decided = decide(Subject(()), holder="JPN", to="KOR", ground=ground())
    assert decided == Withheld(FUNNEL, Reason.MARKING_MISSING)


@pytest.mark.parametrize("caveat", ["NOFORN", "NATIONAL EYES ONLY"])
def test_national_only(caveat: str) -> None:
    """What is for national eyes goes to no other party, whatever agreement is in force."""
    for to in ("KOR", "USA"):
        assert decide_one(marking(caveats=[caveat]), to=to) == Withheld(FUNNEL, Reason.NATIONAL_ONLY)


def test_releasable_to_is_a_set() -> None:
    """A list lets the listed have it and nobody else; two lists leave their intersection."""
    listed = marking(caveats=["REL TO KOR"])
    assert isinstance(decide_one(listed, to="KOR"), Permit)
    assert decide_one(listed, to="USA") == Withheld(FUNNEL, Reason.NOT_LISTED)
    both = marking(caveats=["REL TO JPN, KOR", "REL TO USA"])
    assert decide_one(both, to="KOR") == Withheld(FUNNEL, Reason.NOT_LISTED)
    assert decide_one(both, to="USA") == Withheld(FUNNEL, Reason.NOT_LISTED)


def test_equal_rank_levels_stay_apart() -> None:
    """Two levels of one rank are protected alike and stay two: neither is written for the other."""
    gokuhi, tokutei = (decide_one(marking("JPN", level)) for level in ("JPN-GOKUHI", "JPN-TOKUTEI"))
    assert gokuhi == tokutei == Permit("jpn-kor-gsomia", ("JPN", "KOR"), HandledAs("KOR", "KOR-II"))


def test_foreign_level_without_a_row_is_withheld() -> None:
    """A level that no row of the equivalence table holds does not go, however low."""
    pact = camp_david_terms().pact
    rows = tuple(row for row in pact.equivalences if row.id != "equivalence.confidential")
    terms = compile_terms(msgspec.structs.replace(pact, equivalences=rows))
    decided = decide(item_of(marking("JPN", "JPN-HI")), holder="JPN", to="KOR", ground=ground(terms=terms))
    assert decided == Withheld(FUNNEL, Reason.NO_EQUIVALENT)


def test_above_ceiling_names_the_ceiling() -> None:
    """The highest grade passes between Japan and the United States, never between Japan and the Republic of Korea."""
    top = marking("JPN", "JPN-KIMITSU")
    assert decide_one(top, to="USA") == Permit("usa-jpn-2007", ("JPN", "USA"), HandledAs("USA", "USA-TS"))
    assert decide_one(top, to="KOR") == Withheld("jpn-kor-gsomia", Reason.ABOVE_CEILING)


def test_topic_outside_every_agreement() -> None:
    """A secret on a topic that no agreement covers at its level has no basis."""
    refused = decide_one(marking(topics=["humanitarian"]), to="USA")
    assert isinstance(refused, Withheld)
    assert refused.reason in (Reason.TOPIC_NOT_COVERED, Reason.ABOVE_CEILING)


def test_all_topics_must_be_covered() -> None:
    """An item on two topics needs an agreement that covers both."""
    assert isinstance(decide_one(marking(topics=["cyber"])), Permit)
    assert isinstance(decide_one(marking(topics=["cyber", "economic"])), Withheld)


@pytest.mark.parametrize("state", [AgreementState.SUSPENDED, AgreementState.ENDED])
def test_agreement_not_in_force(state: AgreementState) -> None:
    """A suspended or ended agreement carries nothing, and the refusal names it or the hub that is left."""
    decided = decide_one(marking(topics=["cyber"]), jpn_kor_gsomia=state)
    assert decided == Withheld("jpn-kor-gsomia", Reason.NOT_IN_FORCE)


def test_only_by_hub() -> None:
    """Where the direct agreement is gone the arrangement's hub is named, and still nothing goes directly."""
    decided = decide_one(marking(), jpn_kor_gsomia=AgreementState.SUSPENDED)
    assert decided == Withheld("tisa-2014", Reason.ONLY_BY_HUB, hub="USA")


def test_suspended_between_preview_and_send() -> None:
    """Preview and send ask one function, so what changed in between is seen at the moment of sending."""
    given = item_of(marking(topics=["cyber"]))
    shown = release_preview(given, holder="JPN", parties=ALL, ground=ground())
    assert all(isinstance(decision, Permit) for _, decision in shown)
    later = ground(states={"jpn-kor-gsomia": AgreementState.SUSPENDED})
    sent = decide_audience(given, holder="JPN", audience=ALL, ground=later)
    assert not sent.is_permitted
    assert sent.by_party == release_preview(given, holder="JPN", parties=ALL, ground=later)
    assert dict(sent.by_party)["KOR"] == Withheld("jpn-kor-gsomia", Reason.NOT_IN_FORCE)


def test_every_portion_is_decided() -> None:
    """One portion that may not go holds back the item, though its banner alone would pass."""
    low, high = marking("JPN", "JPN-HI"), marking("JPN", "JPN-HI", caveats=["REL TO USA"])
    assert isinstance(decide(item_of(low, high), holder="JPN", to="KOR", ground=ground()), Withheld)


def test_open_text_reaches_every_party() -> None:
    """What its author marks as not protected goes to all on a policy clause, so a consultation has words."""
    for to in ("JPN", "KOR"):
        decided = decide_one(marking("USA", "USA-U"), holder="USA", to=to)
        assert isinstance(decided, Permit)
        assert decided.path == ("USA", to)


def test_every_clause_cited_is_in_the_pact() -> None:
    """A verdict cites the funnel's policy clause or one that a reader finds in the pact."""
    pact = camp_david_terms().pact
    levels = {"JPN": "JPN-KIMITSU", "KOR": "KOR-II", "USA": "USA-C"}
    for holder, level in levels.items():
        for to in ALL:
            for topic in pact.topics:
                cited = decide_one(marking(holder, level, topics=[topic.id]), holder=holder, to=to)
                assert cited.clause == FUNNEL or pact.find_clause(cited.clause) is not None


def test_a_pact_of_four_parties() -> None:
    """Nothing is wired to three parties: one-way agreements, levels without a row, freedom to pass on, as written."""
    on = ground(terms=profile_terms("harbour-aid"))

    def ask(level: str, topic: str, holder: str, to: str) -> Decision:
        originator = f"PORT-{level[0]}"
        return decide(item_of(marking(originator, level, topics=[topic])), holder=holder, to=to, ground=on)

    assert ask("A-STAFF", "spill", "PORT-A", "PORT-B") == Permit(
        "ab-staff", ("PORT-A", "PORT-B"), HandledAs("PORT-B", "B-STAFF")
    )
    assert ask("B-STAFF", "spill", "PORT-B", "PORT-A") == Withheld("harbour-open", Reason.ABOVE_CEILING)
    assert ask("D-HARBOURMASTER", "spill", "PORT-D", "PORT-A") == Withheld(FUNNEL, Reason.NO_EQUIVALENT)
    assert isinstance(ask("A-OPEN", "storm", "PORT-B", "PORT-C"), Permit)
    assert ask("A-OPEN", "spill", "PORT-B", "PORT-C") == NeedsConsent("PORT-A", "ab-staff")
