"""(h) A release decision: the public function on items, one at a time and many at once, beside Cedar on the same rules.

First both answer the same questions, on grounds and with markings that bring out every answer there is, and any
difference ends the run. Then both are asked about as many items, in processor time of one core.
"""

import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import cedarpy
import msgspec

from bench.cedar import ask_cedar, make_entities, make_policies, make_request
from bench.figure import Figure, Row, profiled, tell
from comity.base.instants import Instant, parse_instant
from comity.base.names import Digest
from comity.pact.parse import parse_pact
from comity.procedure.agreement import agreement_states
from comity.procedure.caveat import write_listed, write_under
from comity.procedure.consent import Consent
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release import Question, decide, decide_each
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import NeedsConsent, Permit, Reason, Subject, Withheld
from comity.rehearsal.cast import read_profile

__all__ = ["measure_release"]

AS_OF: Final = parse_instant("2023-12-17T23:24Z")
DAYS: Final = tuple(map(parse_instant, ("2014-12-01T00:00Z", "2016-11-01T00:00Z", "2019-11-23T00:00Z")))
"""Before the arrangement by hub, before the agreement that the third pair lacked, and the day it nearly ended."""
REPEATS: Final = 5
"""The best of so many: what else this machine does takes time away and never gives any."""
OF_MARKINGS: Final = {
    Reason.SCHEME_UNKNOWN,
    Reason.LEVEL_UNKNOWN,
    Reason.TOPIC_MISSING,
    Reason.TOPIC_UNKNOWN,
    Reason.CAVEAT_UNKNOWN,
    Reason.NATIONAL_ONLY,
    Reason.NOT_LISTED,
    Reason.NO_EQUIVALENT,
    Reason.NO_AGREEMENT,
    Reason.NOT_UNDER,
    Reason.TOPIC_NOT_COVERED,
    Reason.ABOVE_CEILING,
    Reason.NOT_IN_FORCE,
    Reason.ONLY_BY_HUB,
    Reason.THIRD_PARTY,
}
"""Every reason that one marking between two parties of the pact can bring about: a case of each must come up."""


def measure_release(*, item_count: int, compared_count: int, cedar_count: int) -> Figure:
    """Measure figure (h)."""
    terms = compile_terms(parse_pact(read_profile("camp-david")))
    figure = Figure(
        "h",
        "A release decision",
        f"Markings drawn from the Camp David pact, {item_count} items, each held by one party and wanted by another, "
        "all six ways. Measured is `decide` with its clause and path, and `decide_each` for all questions at once. "
        f"Floor: cedarpy with the same rules as policies, asked {cedar_count} of the same questions, with policies and "
        "entities parsed and caveats read beforehand, for one yes or no. First both answered "
        f"{compared_count} questions alike, every kind of answer among them. Processor time of one core.",
    )
    draw = Drawn(terms, seed=2023)
    tell(f"    comparing {compared_count} answers")
    compare([draw, Drawn(thin_out(terms), seed=1987)], compared_count)
    ground = draw.make_ground(AS_OF, consent_count=64)
    items = [draw.make_item(1) for _ in range(item_count)]
    questions = _ask_all_ways(items, terms)
    policies, entities = make_policies(terms), make_entities(ground, items)
    numbers = {id(item): number for number, item in enumerate(items)}
    requests = [make_request(numbers[id(one)], holder=holder, to=to) for one, holder, to in questions[:cedar_count]]

    def ask_each_cedar() -> None:
        for request in requests:
            cedarpy.is_authorized(request, policies, entities)

    one_cedar = _rate(len(requests), ask_each_cedar)
    batch_cedar = _rate(len(requests), lambda: cedarpy.is_authorized_batch(requests, policies, entities))
    one, batch = _measure_both(questions, ground)
    figure.rows += [
        Row("one at a time", one, "/s", one_cedar, "at least 500,000 /s", one >= 500_000),
        Row("many at once", batch, "/s", batch_cedar, "at least 2,000,000 /s", batch >= 2_000_000),
    ]
    threes = _ask_all_ways([draw.make_item(3) for _ in range(item_count)], terms)
    one, batch = _measure_both(threes, ground)
    figure.rows += [
        Row("items of three markings, one at a time", one, "/s"),
        Row("items of three markings, many at once", batch, "/s"),
    ]
    unasked = questions[:cedar_count]
    forgetful = [replace(ground, terms=replace(terms)) for _ in unasked]
    began = time.process_time()
    for (item, holder, to), on in zip(unasked, forgetful, strict=True):
        decide(item, holder=holder, to=to, ground=on)
    figure.rows.append(Row("a marking that nobody has asked about", len(unasked) / (time.process_time() - began), "/s"))
    if figure.misses:
        with profiled(lambda text: setattr(figure, "profile", text)):
            decide_each(questions, ground=ground)
    return figure


def _ask_all_ways(items: Sequence[Subject], terms: ReleaseTerms) -> list[Question]:
    ways = list(itertools.permutations(sorted(terms.parties), 2))
    return [(item, holder, to) for holder, to in ways for item in items]


def _measure_both(questions: Sequence[Question], ground: Ground) -> tuple[float, float]:
    def ask_each() -> None:
        for subject, holder, to in questions:
            decide(subject, holder=holder, to=to, ground=ground)

    return _rate(len(questions), ask_each), _rate(len(questions), lambda: decide_each(questions, ground=ground))


def _rate(count: int, work: Callable[[], object]) -> float:
    """Return how many a second of processor time, at best."""
    taken_s = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        taken_s.append(time.process_time() - began)
    return count / max(min(taken_s), 1e-9)


class Drawn:
    """Items and grounds under one pact."""

    def __init__(self, terms: ReleaseTerms, *, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 -- drawn markings, no secrets
        self._terms = terms
        self._parties = sorted(terms.parties)
        self._digests = [Digest(bytes([number]) * 32) for number in range(8)]

    def make_ground(self, as_of: Instant, *, consent_count: int) -> Ground:
        """The states are the pact file's own of that day; consents by anybody for anything, half of which run."""
        draw = self._draw
        consents = [
            Consent(
                bytes(32),
                "exercise/bench",
                draw.choice(self._parties),
                draw.choice(self._digests),
                draw.choice(self._parties),
                draw.choice(self._parties),
                as_of - 60_000,
                as_of + draw.choice((-1_000, 60_000)),
            )
            for _ in range(consent_count)
        ]
        return Ground(self._terms, agreement_states(self._terms.pact, (), as_of=as_of), tuple(consents), as_of)

    def make_item(self, marking_count: int) -> Subject:
        """An item whose markings can all be read."""
        return Subject(tuple(self._mark() for _ in range(marking_count)), self._draw.choice(self._digests))

    def make_odd(self) -> Subject:
        """An item or a text, whose marking may be one that can't be read."""
        draw, marking = self._draw, self._mark()
        odd = draw.choice(
            (
                marking,
                marking,
                marking,
                Marking(marking.originator, "XXX", marking.level, marking.topics, marking.caveats),
                Marking(marking.originator, marking.scheme, "ODD", marking.topics, marking.caveats),
                Marking(marking.originator, marking.scheme, marking.level, (), marking.caveats),
                Marking(marking.originator, marking.scheme, marking.level, ("odd",), marking.caveats),
                Marking(marking.originator, marking.scheme, marking.level, marking.topics, ("ODD",)),
            )
        )
        return Subject((odd,), draw.choice((None, *self._digests)))

    def _mark(self) -> Marking:
        draw, terms = self._draw, self._terms
        level = draw.choice(sorted(terms.ranks))
        originator, _ = terms.ranks[level]
        topics = draw.sample(sorted(terms.topics), draw.choice((1, 1, 1, 2)))
        listed = write_listed(frozenset(draw.sample(self._parties, 2)))
        under = write_under(frozenset(draw.sample(sorted(terms.agreements), 2)))
        caveats = draw.choice(((), (), (), (), ("NOFORN",), ("ORCON",), (listed,), (under,), ("ORCON", listed)))
        return Marking(originator, originator, level, tuple(sorted(topics)), tuple(sorted(caveats)))


def thin_out(terms: ReleaseTerms) -> ReleaseTerms:
    """Return the pact with two agreements alone and a row of equivalence fewer: some then have no basis at all."""
    pact = terms.pact
    return compile_terms(
        msgspec.structs.replace(pact, agreements=pact.agreements[-3:-1], equivalences=pact.equivalences[1:])
    )


def compare(drawn: Sequence[Drawn], count: int) -> None:
    """Ask both; every kind of answer and every reason that a marking can bring about must come up."""
    seen: set[object] = set()
    grounds = [(draw, draw.make_ground(as_of, consent_count=64)) for draw in drawn for as_of in (AS_OF, *DAYS)]
    for draw, ground in grounds:
        items = [draw.make_odd() for _ in range(count // len(grounds) // 6)]
        policies, entities = make_policies(ground.terms), make_entities(ground, items)
        numbers = {id(item): number for number, item in enumerate(items)}
        for item, holder, to in _ask_all_ways(items, ground.terms):
            decided = decide(item, holder=holder, to=to, ground=ground)
            said, clauses = ask_cedar(numbers[id(item)], holder=holder, to=to, policies=policies, entities=entities)
            kind = {Permit: "permit", NeedsConsent: "needs-consent", Withheld: "withheld"}[type(decided)]
            assert said == kind, (item, holder, to, decided, said)
            assert not isinstance(decided, Permit) or decided.clause in clauses, (item, holder, to, decided, clauses)
            seen.add(decided.reason if isinstance(decided, Withheld) else type(decided))
    lacking = {Permit, NeedsConsent, *OF_MARKINGS} - seen
    assert not lacking, f"no case for {lacking}"
