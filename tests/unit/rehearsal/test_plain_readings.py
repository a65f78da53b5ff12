"""The checkers' own readings of the pact file: of what may go to whom, and of who may act."""

import itertools
import random

import pytest

from comity.base.instants import parse_instant
from comity.pact.parse import parse_pact
from comity.procedure.act import ACTS as CODE_ACTS
from comity.procedure.caveat import write_listed, write_under
from comity.rehearsal import read_profile
from comity.rehearsal.checks.plain_offices import ACTS, Officer, read_plain_offices
from comity.rehearsal.checks.plain_release import AgreementWord, Mark, read_plain_release
from kit.release_model import Marked, Model

PROFILES = ("camp-david", "harbour-aid")
CELL_COUNT = 6_000


@pytest.mark.parametrize("profile", PROFILES)
def test_the_plain_reading_of_releases_says_yes_exactly_where_the_model_permits(profile: str) -> None:
    """Drawn cells of markings, ways, states and consents; the model is the one of the release table."""
    raw = read_profile(profile)
    plain, model, pact = read_plain_release(raw), Model(parse_pact(raw)), parse_pact(raw)
    chance, parties = random.Random(23), sorted(pact.audience)
    caveats = [(), ("NOFORN",), ("ORCON",), (write_listed(frozenset(parties[:2])),)]
    caveats += [(write_under(frozenset({row.id})),) for row in pact.agreements]
    levels = [(level.id, scheme.party) for scheme in pact.schemes for level in scheme.levels]
    answers = set()
    for _ in range(CELL_COUNT):
        level, party = chance.choice(levels)
        topics = tuple(sorted(chance.sample([topic.id for topic in pact.topics], chance.randint(1, 2))))
        mark = (party, party, level, topics, chance.choice(caveats))
        holder, to = chance.sample(parties, 2)
        operative = frozenset(row.id for row in pact.agreements if chance.random() < 0.8)
        is_consented = chance.random() < 0.5
        says = model.say([Marked(*mark)], holder=holder, to=to, operative=operative, consent=is_consented)
        may = plain.may_go(Mark(*mark), holder, to, operative=operative, is_consented=is_consented)
        assert may is (says.answer == "permit"), (mark, holder, to, sorted(operative), is_consented, says)
        answers.add(may)
    assert answers == {True, False}


def test_an_agreement_runs_as_file_and_parties_say() -> None:
    """The file's row of the day, then each party's word from its instant on; one party's word is enough to stop it."""
    plain = read_plain_release(read_profile("camp-david"))
    at = parse_instant("2023-12-18")
    assert "jpn-kor-gsomia" in plain.find_operative([], at=at)
    assert "jpn-kor-gsomia" not in plain.find_operative([], at=parse_instant("2016-01-01"))
    stopped = AgreementWord("KOR", "jpn-kor-gsomia", "suspended", at)
    assert "jpn-kor-gsomia" not in plain.find_operative([stopped], at=at)
    assert "jpn-kor-gsomia" in plain.find_operative([stopped], at=at - 1)
    resumed = AgreementWord("KOR", "jpn-kor-gsomia", "in-force", at)
    assert "jpn-kor-gsomia" in plain.find_operative([stopped, resumed], at=at)


def test_the_plain_table_of_acts_is_that_of_the_clause() -> None:
    """It was written from P42. A type that it lacks and that officers say in a rehearsal is a find of the checker's."""
    code = {type_.__name__: act.value for type_, act in CODE_ACTS.items()}
    assert {type_: code.get(type_) for type_ in ACTS} == dict(ACTS)


def test_who_may_act_is_read_from_the_file() -> None:
    """One fault each, and none where all is well."""
    offices = read_plain_offices(read_profile("camp-david"))
    assert offices is not None
    high = [[["USA", "USA", "USA-TS", ["cyber"], []]]]
    one, two = Officer("a", "director", "office", []), Officer("b", "release-officer", "office", [])
    for type_, fields, officers, fault in (
        ("ItemShared", high, [one, two], ""),
        ("ItemShared", high, [one], "too-few"),
        ("ItemShared", [[["USA", "USA", "USA-S", ["cyber"], []]]], [two], ""),
        ("ItemShared", [], [], "uncovered"),
        ("ItemShared", [], [Officer("a", "watch-officer", "office", [])], "wrong-role"),
        ("ItemShared", [], [Officer("a", "watch-officer", "deputy", ["director"])], ""),
        ("ItemShared", [], [Officer("a", "auditor", "deputy", ["director"])], "not-deputy"),
        ("ItemShared", [], [Officer("a", "auditor", "delegation", ["director"])], ""),
        ("AgreementStateStated", [], [Officer("a", "auditor", "delegation", ["director"])], "not-delegated"),
        ("ConsultationCalled", ["C1", "leaders"], [one], "too-few"),
        ("TextReceived", [], [], ""),
    ):
        assert offices.find_fault(type_, fields, officers) == fault, (type_, officers)


def test_a_pact_without_officers_asks_for_none() -> None:
    """Then nothing is judged."""
    raw = read_profile("camp-david")
    lines = itertools.takewhile(lambda line: line != b"[offices]", raw.splitlines())
    assert read_plain_offices(b"\n".join(lines)) is None
