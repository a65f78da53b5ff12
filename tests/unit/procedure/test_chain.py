"""Chains of releases: everybody who could come to hold something, and by which path (docs/spec/release.md, R31)."""

import dataclasses
import itertools
import random

import pytest

from comity.base.names import Party
from comity.pact.agreement import AgreementState
from comity.procedure.chain import NO_ITEM, Chain, find_reach
from comity.procedure.consent import Consent
from comity.procedure.expiry import EXPIRED
from comity.procedure.ground import Ground
from comity.procedure.preview import preview_release
from comity.procedure.release import decide
from comity.procedure.verdict import NeedsConsent, Permit, Reason, Subject, Withheld
from kit.release_table import Table, mark
from kit.releasing import LINEAGE, NOW, REALM, ground, item_of, marking, profile_terms

SUSPENDED = AgreementState.SUSPENDED


def test_the_hub_with_the_originators_consent() -> None:
    """With the agreement of 2016 out of force, Seoul's secret comes to Japan by the hub, with Seoul's consent."""
    subject = item_of(marking("KOR", "KOR-II"))
    reach = find_reach(subject, holders=("KOR",), ground=ground(states={"jpn-kor-gsomia": SUSPENDED}))
    chain = reach.chains["JPN"]
    assert chain.path == ("KOR", "USA", "JPN")
    assert [(step.permit.clause, step.consents_of) for step in chain.steps] == [
        ("usa-kor-1987", ()),
        ("tisa-2014", ("KOR",)),
    ]
    assert reach.chains["USA"].consent_count == 0


def test_without_consents_the_barrier_names_whose_is_lacking() -> None:
    """Where nobody consents it stays with the United States, and what keeps it there is named."""
    subject = item_of(marking("KOR", "KOR-II"))
    on = ground(states={"jpn-kor-gsomia": SUSPENDED})
    reach = find_reach(subject, holders=("KOR",), ground=on, with_consents=False)
    assert set(reach.chains) == {"USA"}
    assert [(row.giver, row.refusal) for row in reach.list_barriers("JPN")] == [
        ("KOR", Withheld("tisa-2014", Reason.ONLY_BY_HUB, hub="USA")),
        ("USA", NeedsConsent("KOR", "tisa-2014")),
    ]


def test_fewest_consents_first() -> None:
    """A direct way without consent is shown, and not the detour that needs one."""
    reach = find_reach(item_of(marking("KOR", "KOR-II")), holders=("KOR",), ground=ground())
    assert reach.chains["JPN"].path == ("KOR", "JPN")


def test_two_originators_both_consent() -> None:
    """What carries markings of two originators needs the consent of each to the same step."""
    subject = item_of(marking("JPN", "JPN-HI"), marking("KOR", "KOR-III"))
    reach = find_reach(subject, holders=("JPN",), ground=ground())
    assert reach.chains["USA"].steps[0].consents_of == ("KOR",)
    assert find_reach(subject, holders=("USA",), ground=ground()).chains["JPN"].steps[0].consents_of == ("KOR",)


def test_who_has_it_is_not_reached_again() -> None:
    """Holders are where chains begin, however many they are."""
    reach = find_reach(item_of(marking("KOR", "KOR-II")), holders=("KOR", "USA"), ground=ground())
    assert (reach.holders, set(reach.chains), reach.state_count) == (("KOR", "USA"), {"JPN"}, 3)


def test_holders_and_chains_stand_in_order() -> None:
    """However many hold it and in whatever order they are named; an item that is not made has a digest's size."""
    names = tuple(f"P{number:02}" for number in range(30))
    subject = item_of(marking("USA", "USA-C"))
    reach = find_reach(subject, holders=(*names[::-1], "USA", *names), ground=ground())
    assert reach.holders == (*names, "USA")
    assert list(reach.chains) == ["JPN", "KOR"]
    assert len(NO_ITEM) == 32
    turned = find_reach(item_of(marking("KOR", "KOR-II")), holders=("USA",), ground=ground(), with_consents=False)
    assert [list(turned.chains), turned.chains["JPN"].path] == [["JPN", "KOR"], ("USA", "KOR", "JPN")]
    odd = find_reach(item_of(marking("JPN", "JPN-HI")), holders=("USA",), ground=ground())
    assert [list(odd.chains), odd.chains["KOR"].path] == [["JPN", "KOR"], ("USA", "JPN", "KOR")]


def test_every_question_to_the_funnel_is_counted() -> None:
    """One for a step that is decided at once, and one more for each consent that is thought of."""
    subject = item_of(marking("KOR", "KOR-II"))
    assert find_reach(subject, holders=("KOR", "USA"), ground=ground(), with_consents=False).decision_count == 3
    reach = find_reach(item_of(marking("USA", "USA-C")), holders=("USA",), ground=ground(), with_consents=False)
    assert reach.decision_count == 3
    on = ground(states={"jpn-kor-gsomia": SUSPENDED})
    assert find_reach(subject, holders=("USA",), ground=on).decision_count == 4


def test_what_has_expired_goes_no_step() -> None:
    """From its end on an item could come to nobody, whatever the agreements and consents (R37)."""
    subject, on = item_of(marking("KOR", "KOR-II")), ground()
    assert find_reach(subject, holders=("KOR",), ground=on, expires_at=(NOW + 1,)).chains
    reach = find_reach(subject, holders=("KOR",), ground=on, expires_at=(NOW,))
    assert (reach.chains, {barrier.refusal for barrier in reach.barriers}) == ({}, {EXPIRED})
    outlook = preview_release(subject, holder="KOR", ground=on, expires_at=(NOW,))
    assert [row.decision for row in outlook] == [EXPIRED, EXPIRED]


def price(path: tuple[Party, ...], subject: Subject, on: Ground) -> int | None:
    """The consents that a path needs, asked of the funnel step by step; None if a step is withheld."""
    count = 0
    for giver, receiver in itertools.pairwise(path):
        given = on
        for _ in range(5):
            decision = decide(subject, holder=giver, to=receiver, ground=given)
            if isinstance(decision, Permit):
                break
            if isinstance(decision, Withheld):
                return None
            count += 1
            consent = Consent(LINEAGE, REALM, decision.of, NO_ITEM, giver, receiver, NOW, NOW + 1)
            given = dataclasses.replace(given, consents=(*given.consents, consent))
    return count


@pytest.mark.parametrize("profile", ["camp-david", "harbour-aid"])
def test_against_every_path(profile: str) -> None:
    """Of all paths without a loop the search finds the one with fewest consents, then steps, then by names."""
    table, draw = Table(profile_terms(profile).pact), random.Random(profile)
    topics = table.topic_sets()
    for _ in range(60):
        marks = [
            mark(party, draw.choice(table.levels(party)), draw.choice(topics), draw.choice(((), ("ORCON",))))
            for party in draw.sample(table.parties, draw.choice((1, 1, 2)))
        ]
        subject, holder = Subject(tuple(marks), NO_ITEM), draw.choice(table.parties)
        on = Ground(table.terms, draw.choice(table.stages()).standings, (), NOW)
        chains = find_reach(subject, holders=(holder,), ground=on).chains
        for party in set(table.parties) - {holder}:
            others = set(table.parties) - {holder, party}
            between = [some for size in range(len(others) + 1) for some in itertools.permutations(sorted(others), size)]
            paths = [(holder, *some, party) for some in between]
            prices = [(cost, len(path), path) for path in paths if (cost := price(path, subject, on)) is not None]
            best = min(prices, default=None)
            found: Chain | None = chains.get(party)
            shown = None if found is None else (found.consent_count, len(found.path), found.path)
            assert shown == best, (subject, holder, party)
