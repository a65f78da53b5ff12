"""The funnel against a second model, written plainly from the facts of the default pact, over their whole product."""

import itertools

from comity.pact.agreement import AgreementState
from comity.procedure.release import decide
from comity.procedure.verdict import NeedsConsent, Permit
from kit.releasing import ALL, camp_david_terms, consent, ground, item_of, marking

RANKS = {
    "JPN": {"JPN-OPEN": 0, "JPN-BUNAI": 5, "JPN-HI": 10, "JPN-GOKUHI": 20, "JPN-TOKUTEI": 20, "JPN-KIMITSU": 30},
    "KOR": {"KOR-OPEN": 0, "KOR-DAEOEBI": 5, "KOR-III": 10, "KOR-II": 20, "KOR-I": 30},
    "USA": {"USA-U": 0, "USA-CUI": 5, "USA-C": 10, "USA-S": 20, "USA-TS": 30},
}
MILITARY = {"dprk-missile", "maritime", "cyber", "defence"}
TOPICS = (
    ("dprk-missile",),
    ("cyber",),
    ("economic",),
    ("public-message",),
    ("cyber", "dprk-missile"),
    ("cyber", "economic"),
)
GSOMIA_STATES = (*AgreementState, None)
RUNNING = {AgreementState.IN_FORCE, AgreementState.NOTICE_GIVEN, AgreementState.NOTICE_SUSPENDED}


def bilateral(one: str, other: str, rank: int, topics: set[str], gsomia_runs: bool) -> bool:
    """Whether two parties have a way between themselves for this."""
    if rank == 0:
        return True
    if not topics <= MILITARY:
        return False
    return {
        ("JPN", "KOR"): rank <= 20 and gsomia_runs,
        ("JPN", "USA"): rank <= 30,
        ("KOR", "USA"): rank <= 20,
    }[min(one, other), max(one, other)]


def expect(
    *, originator: str, holder: str, to: str, rank: int, topics: set[str], gsomia_runs: bool, consented: bool
) -> str:
    """What a person who knows the agreements would say."""
    if to in (originator, holder):
        return "permit"
    if not bilateral(holder, to, rank, topics, gsomia_runs):
        # The arrangement's hub protects by its two bilaterals, which are in force in every case played here.
        return "withheld"
    if {originator, to} == {"JPN", "KOR"} and rank == 30:
        return "withheld"
    if holder == originator:
        return "permit"
    return "permit" if consented else "consent"


def test_funnel_agrees_with_the_plain_model() -> None:
    """Every holder, recipient, level, topic set and state of GSOMIA, with and without consent, as the model says."""
    count = {"permit": 0, "withheld": 0, "consent": 0}
    for state, consented in itertools.product(GSOMIA_STATES, (False, True)):
        for originator, holder, to in itertools.product(ALL, ALL, ALL):
            consents = [consent(originator=originator, holder=holder, recipient=to)] if consented else []
            on = ground(states={"jpn-kor-gsomia": state}, consents=consents)
            for (level, rank), topics in itertools.product(RANKS[originator].items(), TOPICS):
                decided = decide(item_of(marking(originator, level, topics=topics)), holder=holder, to=to, ground=on)
                said = {Permit: "permit", NeedsConsent: "consent"}.get(type(decided), "withheld")
                wanted = expect(
                    originator=originator,
                    holder=holder,
                    to=to,
                    rank=rank,
                    topics=set(topics),
                    gsomia_runs=state in RUNNING,
                    consented=consented,
                )
                assert said == wanted, (originator, holder, to, level, topics, state, consented, decided)
                count[said] += 1
    assert min(count.values()) > 500, count


def test_the_model_knows_every_topic_and_party() -> None:
    """The plain model speaks of the shipped profile: its topics and levels exist there."""
    terms = camp_david_terms()
    assert {topic for topics in TOPICS for topic in topics} | MILITARY <= terms.topics
    for party, levels in RANKS.items():
        assert {level: (party, rank) for level, rank in levels.items()}.items() <= dict(terms.ranks).items()
