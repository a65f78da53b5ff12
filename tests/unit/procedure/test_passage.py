"""What passes directly, by others and not at all, and what changes if an agreement is in another state (R34)."""

import dataclasses

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.pact.agreement import AgreementState
from comity.procedure.chain import Chain
from comity.procedure.passage import Change, Passage, Way, Ways, find_changes, find_passages, suppose
from comity.procedure.release import decide
from comity.procedure.verdict import Permit, Withheld
from kit.releasing import NOW, ground, item_of, marking

GSOMIA = "jpn-kor-gsomia"
MANY = 1_000_000


def passage(passages: tuple[Passage, ...], topic: str) -> Passage:
    """The row that a topic stands in."""
    return next(row for row in passages if topic in row.topics)


def test_directly_by_others_and_not_at_all() -> None:
    """From Seoul to Tokyo, agreements in force: the second grade both ways, the first by none."""
    found = passage(find_passages(ground(), pairs=(("KOR", "JPN"),)), "dprk-missile").ways
    assert found.direct is not None
    assert found.by_others is not None
    assert (found.direct.level, found.direct.chain.path) == ("KOR-II", ("KOR", "JPN"))
    assert (found.by_others.level, found.by_others.chain.path) == ("KOR-II", ("KOR", "USA", "JPN"))
    assert found.level_stopped == "KOR-I"
    assert found.refusal is not None
    assert found.refusal.clause == GSOMIA


def test_all_topics_stand_in_one_row_each() -> None:
    """Every pair of parties has every topic once."""
    passages = find_passages(ground())
    for giver, receiver in {(row.giver, row.receiver) for row in passages}:
        topics = [topic for row in passages if (row.giver, row.receiver) == (giver, receiver) for topic in row.topics]
        assert len(topics) == len(set(topics)) == 8


def test_what_closes_and_what_would_go_instead() -> None:
    """With the agreement of 2016 suspended four passages close, and the United States carries with consent instead."""
    before = ground()
    changes = find_changes(
        before, suppose(before, agreement=GSOMIA, state=AgreementState.SUSPENDED), decision_count_max=MANY
    )
    closing = [change for change in changes if change.is_closing]
    assert [(row.giver, row.receiver, row.topics) for row in closing] == [
        ("JPN", "KOR", ("dprk-missile",)),
        ("JPN", "KOR", ("maritime", "cyber", "defence")),
        ("KOR", "JPN", ("dprk-missile",)),
        ("KOR", "JPN", ("maritime", "cyber", "defence")),
    ]
    for change in closing:
        assert change.after.by_others is not None
        assert change.after.by_others.rank == 20
        assert change.after.by_others.chain.consent_count == 1
    assert {(row.giver, row.receiver) for row in changes if not row.is_closing} == {
        ("JPN", "USA"), ("KOR", "USA"), ("USA", "JPN"), ("USA", "KOR"),
    }  # fmt: skip


def test_nothing_changes_without_a_change() -> None:
    """An agreement supposed to be as it is changes nothing."""
    before = ground()
    assert (
        find_changes(before, suppose(before, agreement=GSOMIA, state=AgreementState.IN_FORCE), decision_count_max=MANY)
        == ()
    )


@pytest.mark.parametrize(("ends_at", "state"), [(NOW, AgreementState.ENDED), (NOW + 1, AgreementState.NOTICE_GIVEN)])
def test_notice_that_ends_by_then_is_ended(ends_at: int, state: AgreementState) -> None:
    """At the instant of its end the agreement is out of force, a moment before it runs."""
    after = suppose(ground(), agreement=GSOMIA, state=AgreementState.NOTICE_GIVEN, notice_ends_at=Instant(ends_at))
    assert after.states[GSOMIA].state is state
    assert after.states[GSOMIA].notice_ends_at == ends_at


def test_topics_of_one_class_go_alike() -> None:
    """What is said of a class of topics is so of each: asked one by one, every topic goes as it is shown."""
    on = ground(states={GSOMIA: AgreementState.ENDED})
    pact = on.terms.pact
    for row in find_passages(on):
        for topic in row.topics:
            levels = next(scheme.levels for scheme in pact.schemes if scheme.party == row.giver)
            going = [
                level.rank
                for level in levels
                if isinstance(
                    decide(item_of(marking(row.giver, level.id, topics=[topic])), holder=row.giver, to=row.receiver,
                           ground=on),
                    Permit,
                )
            ]  # fmt: skip
            assert max(going, default=None) == (None if row.ways.direct is None else row.ways.direct.rank)


def test_more_than_may_be_asked_is_refused() -> None:
    """A node answers what it can in seconds, and says so of the rest."""
    before = ground()
    with pytest.raises(UsageError) as caught:
        find_changes(before, before, decision_count_max=100)
    assert caught.value.code == "proof.too-large"


def test_the_bound_of_what_may_be_asked_is_exact() -> None:
    """Twice what all passages of the pact come to is asked; with one fewer permitted it is refused, with the count."""
    before = ground()
    classes = {tuple(one.id for one in before.terms.pact.agreements if topic.id in one.topics)
               for topic in before.terms.pact.topics}  # fmt: skip
    count = 2 * (2 * len(before.terms.ranks) * len(classes) * 9)
    assert find_changes(before, before, decision_count_max=count) == ()
    with pytest.raises(UsageError) as caught:
        find_changes(before, before, decision_count_max=count - 1)
    assert caught.value.details == {"count": count, "count_max": count - 1}


def test_what_is_supposed_is_the_word_of_all_parties() -> None:
    """Agreed by each of them, whether with an end or without one; only notice has an end that ends the agreement."""
    on = ground()
    cells = (("JPN", AgreementState.IN_FORCE), ("KOR", AgreementState.SUSPENDED))
    on = dataclasses.replace(on, states={**on.states, GSOMIA: dataclasses.replace(on.states[GSOMIA], cells=cells)})
    for state in AgreementState:
        found = suppose(on, agreement=GSOMIA, state=state).states[GSOMIA]
        assert (found.state, found.contested, found.notice_ends_at) == (state, False, None)
        assert found.cells == (("JPN", state), ("KOR", state))
        over = suppose(on, agreement=GSOMIA, state=state, notice_ends_at=Instant(NOW - 1)).states[GSOMIA]
        assert over.state is (AgreementState.ENDED if state is AgreementState.NOTICE_GIVEN else state)
    assert set(suppose(on, agreement=GSOMIA, state=AgreementState.ENDED).states) == set(on.states)


def test_losing_the_lowest_level_is_closing() -> None:
    """From open text to nothing is less; from nothing to nothing, or to more, is not."""
    chain, none = Chain(()), Ways(None, None, None, "")
    low, high = (Ways(Way("L", rank, chain), None, None, "") for rank in (0, 5))
    for before, after, is_closing in (
        (low, none, True), (high, low, True), (none, none, False), (low, low, False), (none, low, False),
        (low, high, False),
    ):  # fmt: skip
        assert Change("JPN", "KOR", ("cyber",), before, after).is_closing is is_closing


def test_the_first_refusal_and_the_first_level_that_is_stopped() -> None:
    """Level by level: why the lowest that does not go directly does not, and which goes by neither way."""
    on = ground(states={GSOMIA: AgreementState.ENDED})
    for row in find_passages(on):
        levels = next(scheme.levels for scheme in on.terms.pact.schemes if scheme.party == row.giver)
        refusals, stopped = [], []
        for level in levels:
            given = item_of(marking(row.giver, level.id, topics=row.topics[:1]))
            decision = decide(given, holder=row.giver, to=row.receiver, ground=on)
            if isinstance(decision, Withheld):
                refusals.append(decision)
                if row.ways.by_others is None or level.rank > row.ways.by_others.rank:
                    stopped.append(level.id)
        assert row.ways.refusal == next(iter(refusals), None)
        assert row.ways.level_stopped == next(iter(stopped), "")
    pairs = [(row.giver, row.receiver) for row in find_passages(on)]
    assert pairs == sorted(pairs)


def test_nothing_passes_from_a_stranger() -> None:
    """Who has no scheme has no level that could go, and none that is stopped."""
    (row,) = find_passages(ground(), pairs=(("AUS", "JPN"),))
    assert (row.ways, len(row.topics)) == (Ways(None, None, None, ""), 8)
