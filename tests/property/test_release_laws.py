"""Laws of the funnel: a restriction never opens a way, and what is unknown never passes."""

import dataclasses
import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from comity.pact.agreement import AgreementState, ThirdParty
from comity.procedure.agreement import AgreementStanding
from comity.procedure.caveat import write_listed, write_under
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import NeedsConsent, Permit, Subject, Withheld
from kit.releasing import ALL, camp_david_terms, consent, ground, item_of, marking

TERMS = camp_david_terms()
LADDER = (
    AgreementState.IN_FORCE,
    AgreementState.NOTICE_SUSPENDED,
    AgreementState.NOTICE_GIVEN,
    AgreementState.SUSPENDED,
    AgreementState.ENDED,
    None,
)
parties = st.sampled_from(ALL)
caveats = st.one_of(
    st.sampled_from(["NOFORN", "NATIONAL EYES ONLY", "ORCON"]),
    st.sets(parties, min_size=1).map(frozenset).map(write_listed),
    st.sets(st.sampled_from(sorted(TERMS.agreements)), min_size=1).map(frozenset).map(write_under),
)
topics = st.sampled_from(sorted(TERMS.topics))


def sorted_set(values: set[str]) -> tuple[str, ...]:
    """The one form of a set."""
    return tuple(sorted(values))


@st.composite
def markings(draw: st.DrawFn) -> Marking:
    """Markings whose parts are all known, though topics may be missing."""
    originator = draw(parties)
    level = draw(st.sampled_from([level for level, (of, _) in TERMS.ranks.items() if of == originator]))
    drawn_topics = sorted_set(draw(st.sets(topics, max_size=3)))
    return marking(originator, level, topics=drawn_topics, caveats=sorted_set(draw(st.sets(caveats, max_size=2))))


def vary(seed: int) -> ReleaseTerms:
    """The default pact with other third-party rules and ceilings: more than its own four rows can show."""
    draw = random.Random(seed)
    pact = TERMS.pact
    agreements = tuple(
        msgspec.structs.replace(
            agreement, third_party=draw.choice(list(ThirdParty)), ceiling_rank=draw.choice([0, 10, 20, 30])
        )
        for agreement in pact.agreements
    )
    return compile_terms(msgspec.structs.replace(pact, agreements=agreements))


VARIANTS = (TERMS, *(vary(seed) for seed in range(24)))


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    """Every agreement in some state, and one consent to somebody."""
    states = {id_: draw(st.sampled_from(LADDER)) for id_ in sorted(TERMS.agreements)}
    consents = [consent(originator=draw(parties), holder=draw(parties), recipient=draw(parties))]
    return ground(states=states, consents=consents, terms=draw(st.sampled_from(VARIANTS)))


def openness(subject: Subject, holder: str, to: str, on: Ground) -> int:
    """0 withheld, 1 needs consent, 2 permitted."""
    kind = type(decide(subject, holder=holder, to=to, ground=on))
    return {Withheld: 0, NeedsConsent: 1, Permit: 2}[kind]


@given(markings(), caveats, parties, parties, grounds())
def test_a_caveat_never_opens(original: Marking, caveat: str, holder: str, to: str, on: Ground) -> None:
    """Adding any caveat leaves a decision as it was or makes it stricter."""
    narrower = msgspec.structs.replace(original, caveats=sorted_set({*original.caveats, caveat}))
    assert openness(item_of(narrower), holder, to, on) <= openness(item_of(original), holder, to, on)


@given(markings(), topics, parties, parties, grounds())
def test_a_further_topic_never_opens(original: Marking, topic: str, holder: str, to: str, on: Ground) -> None:
    """Adding a topic to a marking that has one leaves a decision as it was or makes it stricter."""
    if original.topics:
        wider = msgspec.structs.replace(original, topics=sorted_set({*original.topics, topic}))
        assert openness(item_of(wider), holder, to, on) <= openness(item_of(original), holder, to, on)


@given(markings(), markings(), parties, parties, grounds())
def test_a_further_portion_never_opens(one: Marking, other: Marking, holder: str, to: str, on: Ground) -> None:
    """Adding a portion leaves the item's decision as it was or makes it stricter."""
    assert openness(item_of(one, other), holder, to, on) <= openness(item_of(one), holder, to, on)


rungs = st.tuples(st.sampled_from(sorted(TERMS.agreements)), st.integers(0, 5))


@given(markings(), parties, parties, grounds(), rungs)
def test_a_stricter_state_never_opens(
    original: Marking, holder: str, to: str, on: Ground, rung: tuple[str, int]
) -> None:
    """An agreement in a more restrictive state, or a consent gone, never opens a way."""
    agreement, wanted = rung
    place = max(wanted, LADDER.index(on.states[agreement].state))
    standing = AgreementStanding(agreement, LADDER[place], (), contested=False)
    stricter = dataclasses.replace(on, states={**on.states, agreement: standing})
    without = dataclasses.replace(on, consents=())
    before = openness(item_of(original), holder, to, on)
    assert openness(item_of(original), holder, to, stricter) <= before
    assert openness(item_of(original), holder, to, without) <= before


words = st.text(max_size=12)


@given(markings(), words, st.sampled_from(["originator", "scheme", "level", "topics", "caveats"]), parties, parties)
def test_unknown_is_never_permitted(original: Marking, word: str, field: str, holder: str, to: str) -> None:
    """A marking with an unknown word in any field goes to no other party."""
    known = {*ALL, *TERMS.ranks, *TERMS.topics, "NOFORN", "NATIONAL EYES ONLY", "ORCON"}
    if word in known or holder == to:
        return
    value = sorted_set({*getattr(original, field), word}) if field in ("topics", "caveats") else word
    odd = msgspec.structs.replace(original, **{field: value})
    consents = [consent(originator=odd.originator, holder=holder, recipient=to)] if odd.originator in ALL else []
    assert isinstance(decide(item_of(odd), holder=holder, to=to, ground=ground(consents=consents)), Withheld)
