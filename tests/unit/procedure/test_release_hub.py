"""The hub and the third-party rule: what A gave B reaches C only with A's consent (docs/spec/release.md, R9)."""

import msgspec
import pytest

from comity.base.instants import Instant
from comity.pact.agreement import AgreementState, Path, ThirdParty
from comity.procedure.consent import Consent
from comity.procedure.entry import Marking
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import FUNNEL, Decision, HandledAs, NeedsConsent, Permit, Reason, Subject, Withheld
from kit.releasing import ITEM, camp_david_terms, consent, ground, item_of, marking, profile_terms

BILATERALS = ("usa-jpn-2007", "usa-kor-1987")
BY_HUB_ONLY = marking(caveats=["ONLY UNDER tisa-2014"])


def pass_on(given: Marking, *consents: Consent, **states: AgreementState) -> Decision:
    """May the United States pass it on to the Republic of Korea?"""
    on = ground(states={name.replace("_", "-"): state for name, state in states.items()}, consents=consents)
    return decide(item_of(given), holder="USA", to="KOR", ground=on)


def test_first_leg_goes_to_the_hub() -> None:
    """Under the arrangement Japan gives to the United States, protected by the agreement of 2007."""
    decided = decide(item_of(BY_HUB_ONLY), holder="JPN", to="USA", ground=ground())
    assert decided == Permit("tisa-2014", ("JPN", "USA"), HandledAs("USA", "USA-S"), ("usa-jpn-2007",))


def test_arrangement_has_no_direct_leg() -> None:
    """What is to travel under the arrangement only does not go from Japan to the Republic of Korea, GSOMIA or not."""
    decided = decide(item_of(BY_HUB_ONLY), holder="JPN", to="KOR", ground=ground())
    assert decided == Withheld("tisa-2014", Reason.ONLY_BY_HUB, hub="USA")


@pytest.mark.parametrize("given", [BY_HUB_ONLY, marking()])
def test_second_leg_needs_the_originators_consent(given: Marking) -> None:
    """The hub asks the originator, citing the arrangement, even where the two have an agreement of their own."""
    assert pass_on(given) == NeedsConsent("JPN", "tisa-2014")


def test_with_consent_the_hub_passes_on() -> None:
    """With the originator's consent it goes by way of the hub, under the arrangement and both bilaterals."""
    assert pass_on(BY_HUB_ONLY, consent()) == Permit(
        "tisa-2014", ("JPN", "USA", "KOR"), HandledAs("KOR", "KOR-II"), ("usa-jpn-2007", "usa-kor-1987")
    )


@pytest.mark.parametrize(
    "given",
    [
        consent(recipient="JPN"),
        consent(holder="KOR"),
        consent(item=bytes(32)),
        consent(originator="KOR"),
        consent(expires_at=ground().as_of),
        consent(given_at=ground().as_of - 86_400_000, expires_at=ground().as_of + 1),
    ],
    ids=["other recipient", "other holder", "other item", "other originator", "expired", "past the pact's term"],
)
def test_another_consent_does_not_do(given: Consent) -> None:
    """A consent to another recipient, holder or item, by another party, or run out, is no consent."""
    assert pass_on(BY_HUB_ONLY, given) == NeedsConsent("JPN", "tisa-2014")


def test_consent_runs_until_just_before_its_expiry() -> None:
    """The last millisecond before its expiry is still in time; the expiry itself is not."""
    on = ground(consents=[consent(expires_at=ground().as_of + 1)])
    assert isinstance(decide(item_of(BY_HUB_ONLY), holder="USA", to="KOR", ground=on), Permit)


@pytest.mark.parametrize("leg", ["usa_kor_1987", "usa_jpn_2007"])
def test_hub_needs_its_legs_in_force(leg: str) -> None:
    """The arrangement protects only through the bilaterals: with one suspended, consent does not help."""
    decided = pass_on(BY_HUB_ONLY, consent(), **{leg: AgreementState.SUSPENDED})
    assert decided == Withheld(leg.replace("_", "-"), Reason.NOT_IN_FORCE)


def test_consent_carries_outside_the_arrangement() -> None:
    """A topic outside the arrangement is passed on under the bilateral that protects it, with consent."""
    given = marking(topics=["cyber"])
    assert pass_on(given) == NeedsConsent("JPN", "usa-jpn-2007")
    decided = pass_on(given, consent())
    assert decided == Permit("usa-kor-1987", ("JPN", "USA", "KOR"), HandledAs("KOR", "KOR-II"))


def test_consent_does_not_lift_what_two_parties_never_exchange() -> None:
    """The ceiling between Japan and the Republic of Korea holds for the way round by the United States too."""
    decided = pass_on(marking("JPN", "JPN-KIMITSU", topics=["cyber"]), consent())
    assert isinstance(decided, Withheld)
    assert decided.reason is Reason.ABOVE_CEILING


def test_consent_outlives_no_missing_leg() -> None:
    """Without any protected way to the recipient it is withheld, not asked for: consent could not help."""
    decided = pass_on(marking(topics=["economic"]))
    assert isinstance(decided, Withheld)


def test_back_to_the_originator() -> None:
    """What came from a party may always go back to it, under its own mark and though nothing is in force."""
    gone = dict.fromkeys(camp_david_terms().agreements, AgreementState.ENDED)
    decided = decide(item_of(marking(caveats=["NOFORN"])), holder="USA", to="JPN", ground=ground(states=gone))
    assert decided == Permit(FUNNEL, ("JPN", "USA", "JPN"), HandledAs("JPN", "JPN-GOKUHI"))


def test_a_text_that_quotes_cannot_be_consented_to() -> None:
    """A free text marked by another party has no digest to consent to: it goes as an item or not at all."""
    decided = decide(Subject((marking(),)), holder="USA", to="KOR", ground=ground(consents=[consent()]))
    assert decided == Withheld("tisa-2014", Reason.THIRD_PARTY)


def test_quoted_portion_needs_its_originator() -> None:
    """An American item with a Japanese portion needs Japan's consent to that very item."""
    given = Subject((marking("USA", "USA-S"), marking()), ITEM)
    assert decide(given, holder="USA", to="KOR", ground=ground()) == NeedsConsent("JPN", "tisa-2014")
    assert isinstance(decide(given, holder="USA", to="KOR", ground=ground(consents=[consent()])), Permit)


def test_ceiling_between_two_holds_where_every_leg_would_carry_it() -> None:
    """Even if both bilaterals went up to the highest grade, it would not pass from Japan to the Republic of Korea."""
    pact = camp_david_terms().pact
    agreements = tuple(
        msgspec.structs.replace(agreement, ceiling_rank=30) if agreement.path is Path.DIRECT else agreement
        for agreement in pact.agreements
    )
    terms = compile_terms(msgspec.structs.replace(pact, agreements=agreements))
    top = item_of(marking("JPN", "JPN-KIMITSU", topics=["cyber"]))
    decided = decide(top, holder="USA", to="KOR", ground=ground(terms=terms, consents=[consent()]))
    assert decided == Withheld("ceiling.jpn-kor", Reason.ABOVE_CEILING)


def terms_with(third_party: ThirdParty, *ids: str) -> ReleaseTerms:
    """The default pact with another third-party rule in the agreements named, and no other agreement."""
    pact = camp_david_terms().pact
    agreements = tuple(
        msgspec.structs.replace(agreement, third_party=third_party)
        for agreement in pact.agreements
        if agreement.id in (ids or BILATERALS)
    )
    return compile_terms(msgspec.structs.replace(pact, agreements=agreements))


def test_the_hub_always_asks() -> None:
    """By way of the hub the originator is asked, though every text should leave the receiver free."""
    terms = terms_with(ThirdParty.FREE, "tisa-2014", *BILATERALS)
    given = item_of(BY_HUB_ONLY)
    assert decide(given, holder="USA", to="KOR", ground=ground(terms=terms)) == NeedsConsent("JPN", "tisa-2014")


def test_free_to_pass_on_unless_originator_controlled() -> None:
    """Where the agreement leaves the receiver free no consent is asked for, except under ORCON."""
    on = ground(terms=terms_with(ThirdParty.FREE))
    assert isinstance(decide(item_of(marking()), holder="USA", to="KOR", ground=on), Permit)
    controlled = item_of(marking(caveats=["ORCON"]))
    assert isinstance(decide(controlled, holder="USA", to="KOR", ground=on), NeedsConsent)


def test_prohibited_whatever_the_consent() -> None:
    """Where the agreement forbids it, and even after that agreement has ended, a consent changes nothing."""
    on = ground(
        terms=terms_with(ThirdParty.PROHIBITED),
        states={"usa-jpn-2007": AgreementState.ENDED},
        consents=[consent()],
    )
    decided = decide(item_of(marking()), holder="USA", to="KOR", ground=on)
    assert decided == Withheld("usa-jpn-2007", Reason.THIRD_PARTY)


def test_silence_on_third_parties_is_not_freedom() -> None:
    """An agreement whose text is silent on third parties leaves the originator's consent to be asked for."""
    on = ground(terms=terms_with(ThirdParty.UNSPECIFIED), as_of=Instant(ground().as_of))
    assert decide(item_of(marking()), holder="USA", to="KOR", ground=on) == NeedsConsent("JPN", "usa-jpn-2007")


def test_each_originator_is_asked_for_its_own_portion() -> None:
    """Of two foreign portions one originator's consent is not the other's, in whatever order they stand."""
    terms = profile_terms("harbour-aid")
    portions = [marking(f"PORT-{one}", f"{one}-OPEN", topics=["storm"], caveats=["ORCON"]) for one in "AB"]
    consents = [consent(originator=f"PORT-{one}", holder="PORT-C", recipient="PORT-D") for one in "AB"]
    for given, lacking in ((consents[:1], "PORT-B"), (consents[1:], "PORT-A")):
        on = ground(terms=terms, consents=given)
        for order in (portions, portions[::-1]):
            decided = decide(item_of(*order), holder="PORT-C", to="PORT-D", ground=on)
            assert isinstance(decided, NeedsConsent)
            assert decided.of == lacking
    on = ground(terms=terms, consents=consents)
    assert isinstance(decide(item_of(*portions), holder="PORT-C", to="PORT-D", ground=on), Permit)
    both = decide(item_of(*portions), holder="PORT-C", to="PORT-D", ground=ground(terms=terms))
    assert isinstance(both, NeedsConsent)
    assert both.of == "PORT-A"


def test_a_permit_for_many_markings_is_the_banners() -> None:
    """The answer that is shown handles the item as its first marking, whatever stands behind it."""
    secret, restricted = marking(), marking("JPN", "JPN-HI")
    for first, second, level in ((secret, restricted, "KOR-II"), (restricted, secret, "KOR-III")):
        decided = decide(item_of(first, second), holder="JPN", to="KOR", ground=ground())
        assert isinstance(decided, Permit)
        assert decided.handled_as == HandledAs("KOR", level)
    consented = decide(
        item_of(marking(), marking("JPN", "JPN-HI")), holder="USA", to="KOR", ground=ground(consents=[consent()])
    )
    assert isinstance(consented, Permit)
    assert consented.handled_as == HandledAs("KOR", "KOR-II")


def test_another_holder_is_not_the_hub() -> None:
    """Where the way is by one hub, whoever else holds it has no way, with or without the originator's consent."""
    pact = profile_terms("harbour-aid").pact
    by_hub = tuple(
        msgspec.structs.replace(agreement, path=Path.HUB, hub="PORT-B")
        for agreement in pact.agreements
        if agreement.id == "harbour-open"
    )
    terms = compile_terms(msgspec.structs.replace(pact, agreements=by_hub))
    given = item_of(marking("PORT-A", "A-OPEN", topics=["storm"]))
    consents = [consent(originator="PORT-A", holder=f"PORT-{one}", recipient="PORT-D") for one in "BC"]
    for on in (ground(terms=terms), ground(terms=terms, consents=consents)):
        decided = decide(given, holder="PORT-C", to="PORT-D", ground=on)
        assert decided == Withheld(FUNNEL, Reason.NO_AGREEMENT)
    asked = decide(given, holder="PORT-B", to="PORT-D", ground=ground(terms=terms))
    assert asked == NeedsConsent("PORT-A", "harbour-open")
    permit = decide(given, holder="PORT-B", to="PORT-D", ground=ground(terms=terms, consents=consents))
    assert permit == Permit("harbour-open", ("PORT-A", "PORT-B", "PORT-D"), HandledAs("PORT-D", "D-OPEN"))


def test_one_open_way_is_enough() -> None:
    """By the hub the originator is asked; but the holder's own agreement leaves it free, for an item and for a text.

    Else the loss of one agreement could open what two of them closed.
    """
    terms = terms_with(ThirdParty.FREE, "tisa-2014", *BILATERALS)
    direct = Permit("usa-kor-1987", ("JPN", "USA", "KOR"), HandledAs("KOR", "KOR-II"))
    by_hub = Permit("tisa-2014", ("JPN", "USA", "KOR"), HandledAs("KOR", "KOR-II"), rests_on=BILATERALS)
    free, consented = ground(terms=terms), ground(terms=terms, consents=[consent()])
    assert decide(item_of(marking()), holder="USA", to="KOR", ground=free) == direct
    assert decide(item_of(marking()), holder="USA", to="KOR", ground=consented) == by_hub
    assert decide(Subject((marking(),)), holder="USA", to="KOR", ground=free) == direct
    closed = ground(terms=terms, states={"tisa-2014": AgreementState.ENDED})
    assert decide(item_of(marking()), holder="USA", to="KOR", ground=closed) == direct


def test_freedom_for_a_part_is_none_for_the_whole() -> None:
    """The receiver is free with one topic of it, or with none: then its originator is asked."""
    pact = camp_david_terms().pact
    topics = {"usa-jpn-2007": ("cyber",), "usa-kor-1987": ("cyber", "maritime")}
    agreements = tuple(
        msgspec.structs.replace(agreement, third_party=ThirdParty.FREE, topics=topics[agreement.id])
        for agreement in pact.agreements
        if agreement.id in topics
    )
    on = ground(terms=compile_terms(msgspec.structs.replace(pact, agreements=agreements)))
    whole = item_of(marking(topics=["cyber", "maritime"]))
    assert decide(whole, holder="USA", to="KOR", ground=on) == NeedsConsent("JPN", FUNNEL)
    assert isinstance(decide(item_of(marking(topics=["cyber"])), holder="USA", to="KOR", ground=on), Permit)
    none = decide(item_of(marking(topics=["maritime"])), holder="USA", to="KOR", ground=on)
    assert none == NeedsConsent("JPN", FUNNEL)
