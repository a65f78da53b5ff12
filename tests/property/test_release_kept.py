"""What was kept is what the rules say: the funnel with its tables against the funnel that remembers nothing.

Drawn pacts, markings that can and cannot be read, states, consents that run and that do not; the tables small enough
to be emptied again and again, and shared by grounds that differ.
"""

import dataclasses
import random
from unittest import mock

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.pact.agreement import AgreementState, Path, ThirdParty
from comity.procedure import rulings
from comity.procedure.caveat import write_listed, write_under
from comity.procedure.consent import Consent
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release import Question, decide, decide_each
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import Subject
from kit.releasing import ITEM, LINEAGE, NOW, REALM, ground, profile_terms

ITEMS = (ITEM, Digest(b"\x78" * 32))
QUESTIONS = 60


class Drawn:
    """A pact that is a shipped one with other agreements, and whatever is asked under it."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        shipped = profile_terms(draw.choice(("camp-david", "harbour-aid"))).pact
        agreements = []
        for agreement in shipped.agreements:
            parties, hub = agreement.parties, agreement.hub
            if draw.random() < 0.3 and len(shipped.audience) > 2:
                parties = tuple(sorted(draw.sample(shipped.audience, 3)))
                hub = draw.choice(parties)
            topics = [topic.id for topic in shipped.topics]
            agreements.append(
                msgspec.structs.replace(
                    agreement,
                    parties=parties,
                    path=Path.DIRECT if hub is None else Path.HUB,
                    hub=hub,
                    topics=tuple(sorted(draw.sample(topics, draw.randint(1, len(topics))))),
                    ceiling_rank=draw.choice((0, 10, 20, 30)),
                    third_party=draw.choice(list(ThirdParty)),
                )
            )
        self.terms: ReleaseTerms = compile_terms(msgspec.structs.replace(shipped, agreements=tuple(agreements)))
        self._parties: list[Party] = [*shipped.audience, "AUS"]
        self._topics = sorted(self.terms.topics)
        self._markings = [self._mark() for _ in range(12)]

    def make_ground(self) -> Ground:
        """Most agreements in force; consents by anybody for anything, some of which run."""
        draw = self._draw
        states = {id_: draw.choice((*AgreementState, None)) for id_ in self.terms.agreements if draw.random() < 0.3}
        consents = [
            Consent(
                LINEAGE,
                REALM,
                draw.choice(self._parties),
                draw.choice(ITEMS),
                draw.choice(self._parties),
                draw.choice(self._parties),
                NOW - draw.choice((0, 1_000, 10**12)),
                NOW + draw.choice((0, 1, 60_000)),
            )
            for _ in range(draw.randint(0, 30))
        ]
        return ground(states=states, consents=consents, as_of=Instant(NOW), terms=self.terms)

    def make_question(self) -> Question:
        """A subject of up to three markings, as a text or an item, between any two."""
        draw = self._draw
        markings = tuple(draw.choice(self._markings) for _ in range(draw.choice((0, 1, 1, 1, 2, 3))))
        return Subject(markings, draw.choice((None, *ITEMS))), draw.choice(self._parties), draw.choice(self._parties)

    def _mark(self) -> Marking:
        draw, ranks = self._draw, self.terms.ranks
        originator = draw.choice(self._parties)
        own = [level for level, (of, _) in ranks.items() if of == originator]
        level = draw.choice(own if own and draw.random() < 0.95 else [*ranks])
        topics = sorted(draw.sample(self._topics, min(len(self._topics), draw.choice((0, 1, 1, 1, 2)))))
        caveats = {self._caveat() for _ in range(draw.choice((0, 0, 1, 2)))}
        return Marking(originator, originator, level, tuple(topics), tuple(sorted(caveats)))

    def _caveat(self) -> str:
        draw = self._draw
        some = frozenset(draw.sample(self._parties[:-1], draw.randint(1, len(self._parties) - 1)))
        under = frozenset(draw.sample(sorted(self.terms.agreements), 1))
        return draw.choice(("NOFORN", "ORCON", "ORCON", "ODD", write_listed(some), write_under(under)))


def forget(on: Ground) -> Ground:
    """The same ground with nothing kept: the rules alone answer."""
    return dataclasses.replace(on, terms=dataclasses.replace(on.terms))


@given(st.integers(0, 2**32), st.sampled_from((1, 3, 10_000)))
def test_what_is_kept_is_what_the_rules_say(seed: int, count_max: int) -> None:
    """Question by question on grounds that share their tables, and each once more when its answer is kept."""
    drawn = Drawn(seed)
    grounds = [drawn.make_ground() for _ in range(6)]
    draw = random.Random(seed)
    with mock.patch.object(rulings, "RULING_COUNT_MAX", count_max):
        for _ in range(QUESTIONS):
            on = draw.choice(grounds)
            subject, holder, to = drawn.make_question()
            plainly = decide(subject, holder=holder, to=to, ground=forget(on))
            for _ in range(2):
                assert decide(subject, holder=holder, to=to, ground=on) == plainly
            event(getattr(plainly, "reason", type(plainly).__name__))


@given(st.integers(0, 2**32))
def test_many_at_once_are_answered_as_one_at_a_time(seed: int) -> None:
    """In their order, each by itself, whatever stands before it in the batch."""
    drawn = Drawn(seed)
    on = drawn.make_ground()
    questions = [drawn.make_question() for _ in range(QUESTIONS)]
    plainly = [decide(subject, holder=holder, to=to, ground=forget(on)) for subject, holder, to in questions]
    assert decide_each(questions, ground=on) == plainly
    assert decide_each(iter(questions), ground=on) == plainly
