"""The exhaustive table of releases: the funnel and a second, plainly written model of its clauses, cell by cell.

What is enumerated, and why that is the whole of it, stands in `kit.release_table`. `make release-table` compares a
larger product of the same, with every topic set, level and list.
"""

import itertools
import random
from typing import Any

import msgspec
import pytest

from comity.audit.procedures.funnel import Funnel
from comity.audit.procedures.funnel import Ground as AuditGround
from comity.pact.agreement import ThirdParty
from comity.pact.model import Pact
from comity.procedure.consent import Consent
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.verdict import Subject
from kit.release_model import Given, is_running
from kit.release_table import WORDS, Marked, Stage, Table, mark, plain
from kit.releasing import ITEM, LINEAGE, NOW, REALM, profile_terms

PROFILES = ("camp-david", "harbour-aid")
PARTIES = [(name, party) for name in PROFILES for party in profile_terms(name).pact.audience]


def table_of(profile: str) -> Table:
    """Both readings of a shipped profile."""
    return Table(profile_terms(profile).pact)


def few_stages(table: Table) -> list[Stage]:
    """All agreements operative; each one not; none."""
    on = dict.fromkeys(table.agreements, "in-force")
    off = dict.fromkeys(table.agreements, "ended")
    return [table.stage(words) for words in (on, *({**on, id_: "ended"} for id_ in table.agreements), off)]


@pytest.mark.parametrize(("profile", "originator"), PARTIES)
def test_the_product(profile: str, originator: str) -> None:
    """Levels x topics x caveats x holders x recipients x states x consents: equal in every cell."""
    table = table_of(profile)
    product = itertools.product(table.levels(originator), table.topic_sets(), table.caveat_sets())
    markings = [mark(originator, *one) for one in product]
    table.compare(markings, table.stages(), list(table.routes_of(originator)))
    assert table.count == len(markings) * 2 ** len(table.agreements) * count_rows(table)


def count_rows(table: Table) -> int:
    """Ways out of the originator's own hands, and three cells for each way out of another's."""
    others = len(table.parties) - 1
    return others + 3 * others * (others - 1)


@pytest.mark.parametrize(("profile", "originator"), PARTIES)
def test_every_set_of_topics(profile: str, originator: str) -> None:
    """Topics that the same agreements have stand for one another: every set of topics, with each agreement out."""
    table = table_of(profile)
    product = itertools.product(table.levels(originator), table.topic_sets(every=True))
    table.compare(
        [mark(originator, *one) for one in product], few_stages(table)[:-1], list(table.routes_of(originator))
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_every_level_and_every_pair_of_parties(profile: str) -> None:
    """Every level, to everybody from everybody: back to its originator and to oneself, too."""
    table = table_of(profile)
    pairs = [(holder, to, (True, False, None)) for holder in table.parties for to in table.parties]
    strangers = [("XXX", table.parties[0], (True,)), (table.parties[0], "XXX", (True,))]
    for party in table.parties:
        product = itertools.product(table.levels(party, every=True), table.topic_sets(), [(), ("ORCON",), ("NOFORN",)])
        table.compare([mark(party, *one) for one in product], few_stages(table)[::3], [*pairs, *strangers])


@pytest.mark.parametrize("profile", PROFILES)
def test_every_word_for_every_agreement(profile: str) -> None:
    """Seven states, notice that ran out among them, for each agreement while all others are operative, or none is."""
    table = table_of(profile)
    stages = [
        table.stage({**dict.fromkeys(table.agreements, others), id_: word})
        for id_ in table.agreements
        for word in WORDS
        for others in ("in-force", "not-begun")
    ]
    for party in table.parties:
        product = itertools.product(table.levels(party), table.topic_sets())
        table.compare([mark(party, *one) for one in product], stages, list(table.routes_of(party)))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_list_pairs_of_lists_and_what_cannot_be_read(profile: str) -> None:
    """Every list with and without ORCON; two lists; caveats, topics, schemes and levels that can't be read."""
    table = table_of(profile)
    one, other = table.parties[:2]
    lists = [*(f"REL TO {party}" for party in table.parties), *(f"ONLY UNDER {id_}" for id_ in table.agreements)]
    pairs = [tuple(sorted(pair)) for pair in itertools.combinations(lists, 2)]
    odd = [("odd",), ("ORCON", "NOFORN"), ("ORCON", "ORCON"), ("REL TO ",), (f"REL TO {other}, {one}",),
           (f"REL TO {one},{other}",), ("REL TO XXX",), (f"ONLY UNDER {one}",), ("rel to JPN",)]  # fmt: skip
    caveats = [*table.caveat_sets(every=True), *pairs, *odd]
    for party in table.parties:
        topics = table.topic_sets()
        product = itertools.product(table.levels(party)[-2:], topics[: len(topics) // 2 + 1], caveats)
        table.compare([mark(party, *one) for one in product], few_stages(table)[::2], list(table.routes_of(party)))
    level, topic = table.levels(one)[0], table.pact.topics[0].id
    foreign = table.levels(other)[0]
    unread = [
        mark(one, foreign, [topic]), mark(one, "no-level", [topic]), mark(one, level, []),
        mark(one, level, [topic, topic]), mark(one, level, ["no-topic"]), mark("XXX", level, [topic]),
        msgspec.structs.replace(mark(one, level, [topic]), scheme=other),
        msgspec.structs.replace(mark(other, level, [topic]), scheme=one),
    ]  # fmt: skip
    for holder, to in itertools.product(table.parties, table.parties):
        table.compare(unread, few_stages(table)[:1], [(holder, to, (True, False, None))])


@pytest.mark.parametrize("profile", PROFILES)
def test_two_markings(profile: str) -> None:
    """Of two markings, of two originators too, the first withheld answers, else the first that needs consent."""
    table, stage = table_of(profile), few_stages(table_of(profile))[0]
    draw = random.Random(7)
    markings = [
        mark(party, level, topics, caveats)
        for party in table.parties
        for level in table.levels(party)
        for topics in table.topic_sets()
        for caveats in ((), ("NOFORN",))
    ]
    for _ in range(1500):
        chosen = tuple(draw.choices(markings, k=draw.choice((0, 2, 2, 3))))
        holder, to = draw.sample(table.parties, 2)
        marked = [Marked(*(getattr(one, name) for name in Marked._fields)) for one in chosen]
        ground = Ground(table.terms, stage.standings, (), NOW)
        theirs = decide(Subject(chosen, ITEM), holder=holder, to=to, ground=ground)
        said = table.model.say(marked, holder=holder, to=to, operative=stage.operative, consent=False)
        assert plain(theirs) == said, (chosen, holder, to)


def test_which_consents_run() -> None:
    """A consent serves its own item, holder and recipient until it expires or the longest term is over."""
    table, stage = table_of("camp-david"), few_stages(table_of("camp-david"))[0]
    longest = table.pact.policy.consent.valid_ms_max
    given = [
        Given(*fields)
        for fields in itertools.product(
            ("JPN", "KOR"), (ITEM, b"\x01" * 32), ("USA", "KOR"), ("KOR", "USA"),
            (NOW - longest, NOW - longest + 1, NOW - 1, NOW + 5), (NOW, NOW + 1),
        )
    ]  # fmt: skip
    marking = mark("JPN", "JPN-GOKUHI", ["dprk-missile"])
    for one in given:
        consent = Consent(LINEAGE, REALM, *one)
        ground = Ground(table.terms, stage.standings, (consent,), NOW)
        runs = one[:4] == ("JPN", ITEM, "USA", "KOR") and is_running(one, at=NOW, longest=longest)
        theirs = decide(Subject((marking,), ITEM), holder="USA", to="KOR", ground=ground)
        marked = Marked(*(getattr(marking, name) for name in Marked._fields))
        said = table.model.say((marked,), holder="USA", to="KOR", operative=stage.operative, consent=runs)
        assert plain(theirs) == said, one


def vary(pact: Pact, seed: int) -> Pact:
    """A pact with other third-party rules, ceilings and topics than any that ships."""
    draw = random.Random(seed)
    topics = [topic.id for topic in pact.topics]
    agreements = tuple(
        msgspec.structs.replace(
            agreement,
            third_party=draw.choice(list(ThirdParty)),
            ceiling_rank=draw.choice([0, 10, 20, 30]),
            topics=tuple(draw.sample(topics, draw.randint(1, len(topics)))),
        )
        for agreement in pact.agreements
    )
    ceilings = tuple(msgspec.structs.replace(row, rank_max=draw.choice([0, 10, 20])) for row in pact.ceilings)
    return msgspec.structs.replace(pact, agreements=agreements, ceilings=ceilings)


@pytest.mark.parametrize("seed", range(8))
def test_pacts_that_nobody_wrote(seed: int) -> None:
    """With prohibited and free third parties, and other ceilings and topics, the two readings agree as well."""
    table, draw = Table(vary(profile_terms(PROFILES[seed % 4 == 3]).pact, seed)), random.Random(seed)
    for party in table.parties:
        markings = [
            mark(party, *one)
            for one in itertools.product(table.levels(party), table.topic_sets()[:40], [(), ("ORCON",)])
        ]
        stages = draw.sample(table.stages(), 3)
        chosen = draw.sample(markings, min(len(markings), 150))
        table.compare(chosen, stages, list(table.routes_of(party)))


class Fixed:
    """What the audit's funnel asks: the agreements' states and whether a consent runs, as one stage has them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.consent: bool | None = None

    def find_state(self, id_: str, **_: object) -> str:
        """Return a state in which it may be given under, or one in which it may not."""
        return "in-force" if id_ in self._stage.operative else "suspended"

    def runs(self, *_: object, **__: object) -> bool:
        """Tell whether there is a consent."""
        return bool(self.consent)


@pytest.mark.parametrize("seed", range(40))
def test_the_audits_funnel_answers_alike(seed: int) -> None:
    """A third reading, the audit's: the same answer in a sample of cells of pacts with other rules and ceilings."""
    table, draw = Table(vary(profile_terms(PROFILES[seed % 8 == 7]).pact, seed)), random.Random(seed)
    product = list(itertools.product(table.topic_sets()[:60], table.caveat_sets()))
    for _ in range(250):
        party, stage = draw.choice(table.parties), draw.choice(few_stages(table)[:-1])
        fixed: Any = Fixed(stage)
        funnel = Funnel(table.pact, fixed, fixed)
        marking = mark(party, draw.choice(table.levels(party)), *draw.choice(product))
        marked = Marked(*(getattr(marking, name) for name in Marked._fields))
        for holder, to, consents in table.routes_of(party):
            for consent in consents:
                said = table.model.say((marked,), holder=holder, to=to, operative=stage.operative, consent=consent)
                fixed.consent = consent
                item = None if consent is None else ITEM
                read: Any = marking
                answer = funnel.decide([read], item=item, holder=holder, to=to, ground=AuditGround(NOW, lambda _: True))
                assert answer.says.value == said.answer, (marking, holder, to, stage.operative, consent)
