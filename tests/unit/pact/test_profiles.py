"""What the shipped profiles hold, against the facts they were written from."""

import datetime as dt
import importlib.resources

import msgspec
import pytest

from comity.pact.agreement import AgreementState, Binding, Path
from comity.pact.commitment import Cadence, EvidenceKind
from comity.pact.consultation import DecisionRule, Who
from comity.pact.model import Pact, walk_rules
from comity.pact.offices import Act, MayAct
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE, PROFILE_PACKAGE, PROFILE_SUFFIX, PROFILES
from comity.pact.terms import UNSPECIFIED, Confidence, SourcedRule
from kit.offices import without_offices

OF_DEPLOYMENT = ("policy", "hotline", "foreign", "offices", "warning", "phrase")


def test_the_names_are_those_of_the_files() -> None:
    """Each profile named is there, and each file is named."""
    files = {entry.name for entry in importlib.resources.files(PROFILE_PACKAGE).iterdir()}
    assert {name + PROFILE_SUFFIX for name in PROFILES} == {name for name in files if name.endswith(PROFILE_SUFFIX)}
    assert DEFAULT_PROFILE in PROFILES


def test_camp_david_has_three_parties_in_three_languages(camp_david: Pact) -> None:
    """In the order of the English title, each named in English, Japanese and Korean."""
    assert [party.id for party in camp_david.parties] == ["JPN", "KOR", "USA"]
    assert camp_david.audience == ("JPN", "KOR", "USA")
    japan = camp_david.parties[0].name
    assert [japan.in_language(language) for language in ("en", "ja", "ko", "fr")] == [
        "Japan",
        "日本国",
        "일본국",
        "Japan",
    ]


def test_camp_david_has_all_commitments(camp_david: Pact) -> None:
    """C1 to C24, with the cadence of each kind and its evidence."""
    by_id = {row.id: row for row in camp_david.commitments}
    assert list(by_id) == [f"C{number}" for number in range(1, 25)]
    yearly = {id_ for id_, row in by_id.items() if row.cadence is Cadence.YEARLY}
    assert yearly == {"C2", "C3", "C4", "C5", "C7", "C8", "C10"}
    assert by_id["C1"].cadence is Cadence.WHEN_TRIGGERED
    assert by_id["C6"].cadence is Cadence.ONCE
    assert by_id["C11"].due_on == dt.date(2023, 12, 31)
    assert by_id["C2"].evidence == (EvidenceKind.MEETING,)
    assert by_id["C10"].evidence == (EvidenceKind.EXERCISE,)
    assert by_id["C18"].confidence is Confidence.RECALL


def test_the_silence_of_the_text_is_a_value(camp_david: Pact) -> None:
    """Clock, convener, forum and exit are unspecified; there is no decision rule; any may call."""
    rules = camp_david.consultation
    assert rules.clock.within_ms is UNSPECIFIED
    assert rules.forum.body is UNSPECIFIED
    assert rules.convener.who is Who.UNSPECIFIED
    assert rules.call.who is Who.ANY
    assert rules.decision.rule is DecisionRule.NONE
    assert len(rules.outputs) == 3


def test_tisa_is_a_voluntary_hub_for_one_topic(camp_david: Pact) -> None:
    """The United States is the hub, the topic is DPRK nuclear and missile threats, it binds nobody."""
    tisa = camp_david.find_agreement("tisa-2014")
    assert tisa is not None
    assert (tisa.path, tisa.hub, tisa.binding, tisa.voluntary) == (Path.HUB, "USA", Binding.NO, True)
    assert tisa.topics == ("dprk-missile",)
    assert tisa.notice_days is UNSPECIFIED


def test_gsomia_went_through_its_states(camp_david: Pact) -> None:
    """In force 2016, notice 2019, notice suspended that November (contested), in force again 21 March 2023."""
    gsomia = camp_david.find_agreement("jpn-kor-gsomia")
    assert gsomia is not None
    assert gsomia.notice_days == 90
    expected = {
        "2016-11-22": None,
        "2016-11-23": AgreementState.IN_FORCE,
        "2019-08-23": AgreementState.NOTICE_GIVEN,
        "2019-11-22": AgreementState.NOTICE_SUSPENDED,
        "2023-03-20": AgreementState.NOTICE_SUSPENDED,
        "2023-03-21": AgreementState.IN_FORCE,
    }
    for day, state in expected.items():
        held = gsomia.find_state(dt.date.fromisoformat(day))
        assert (held.state if held else None) is state
    contested = gsomia.find_state(dt.date(2020, 1, 1))
    assert contested is not None
    assert contested.contested


def test_every_rule_outside_policy_names_its_sources(camp_david: Pact) -> None:
    """Each rule that the parties made says where it was read; hotlines are sourced, labels are policy."""
    for path, rule in walk_rules(camp_david):
        assert isinstance(rule, SourcedRule) or path[0] in OF_DEPLOYMENT


def test_every_source_is_used(camp_david: Pact) -> None:
    """A source that supports nothing is clutter, but for those the profile lists as the place of the full texts."""
    used = {id_ for _, rule in walk_rules(camp_david) if isinstance(rule, SourcedRule) for id_ in rule.sources}
    used |= {id_ for row in camp_david.agreements for state in row.states for id_ in state.sources}
    assert {source.id for source in camp_david.sources} == used


def test_harbour_aid_has_four_parties_and_no_secretariat(harbour: Pact) -> None:
    """Nothing is hard-wired to three parties or to the bodies of Camp David."""
    assert len(harbour.parties) == 4
    assert harbour.secretariat is None
    assert harbour.find_agreement("ab-staff") is not None


@pytest.mark.parametrize("name", PROFILES)
def test_every_act_has_somebody_who_may_do_it(name: str) -> None:
    """A profile with officers leaves no act to nobody: the first to run it is not stuck."""
    offices = parse_pact((importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()).offices
    assert offices is not None
    for act in Act:
        clause, roles = offices.find_permitted(act)
        assert roles, act
        assert clause != offices.id, act


@pytest.mark.parametrize("name", PROFILES)
def test_nobody_of_the_watch_agrees_even_as_deputy(name: str) -> None:
    """Whoever may hold silence at night, and whoever stands in for another from below, may not bind the party (P60)."""
    offices = parse_pact((importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()).offices
    assert offices is not None
    _, holding = offices.find_permitted(Act.HOLD)
    _, agreeing = offices.find_permitted(Act.AGREE)
    watch = {"watch-officer", "duty-officer"}
    assert watch & holding
    assert not watch & agreeing
    assert offices.delegation is not None
    assert Act.AGREE not in offices.delegation.acts
    assert not {rule.role for rule in offices.deputies if watch & set(rule.by)} & agreeing


@pytest.mark.parametrize("name", PROFILES)
def test_a_pact_without_officers_is_sound(name: str) -> None:
    """The table is optional, and whoever leaves it out is asked for nothing."""
    raw = (importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()
    assert parse_pact(without_offices(raw)).offices is None


def test_what_no_row_permits_nobody_may_do(camp_david: Pact) -> None:
    """Where no row speaks of an act the table itself is cited; a second row adds roles to the first."""
    assert camp_david.offices is not None
    silent = msgspec.structs.replace(camp_david.offices, may=())
    assert silent.find_permitted(Act.LEAVE) == ("policy.offices", frozenset())
    twice = MayAct(id="policy.may.too", acts=(Act.LEAVE,), roles=("director",))
    more = msgspec.structs.replace(camp_david.offices, may=(*camp_david.offices.may, twice))
    assert more.find_permitted(Act.LEAVE) == ("policy.may.leave", frozenset({"principal", "director"}))
