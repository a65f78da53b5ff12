"""Scenario files: what they may say, where a finding stands, and what is drawn from them (R61 to R65)."""

from importlib.resources import files

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant, format_iso, parse_instant
from comity.cli.rehearse_scenario import Wanted, list_plans
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile
from comity.rehearsal.lean.course import run_course
from comity.rehearsal.scenario.history import draw_history
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Table
from comity.rehearsal.scenario.read import ScenarioRefused, check_scenario, parse_scenario
from comity.rehearsal.scenario.ready import SCENARIO_PACKAGE, SCENARIO_SUFFIX, SCENARIOS
from comity.rehearsal.scenario.tables import read_catalogue

PACT = parse_pact(read_profile("camp-david"))
FROM_AT = parse_instant("2024-01-01")
READY = (files(SCENARIO_PACKAGE) / ("camp-david" + SCENARIO_SUFFIX)).read_bytes()
LAUNCHES = (
    b"date,time,series,missile,missile_name,missile_type,facility,facility_name,facility_lat,facility_lon,landing,"
    b"apogee_km,distance_km,bearing_deg,outcome,salvo\n"
    b"2024-03-17,22:44 (UTC),1,kn-25,KN-25,SRBM,a,A,39.1,126.0,sea,50,350,58,success,\n"
    b"2024-03-17,22:44 (UTC),2,kn-25,KN-25,SRBM,a,A,39.1,126.0,sea,50,350,58,success,\n"
    b"2024-05-27,unknown,,unknown,Unknown,SLV,b,B,39.6,124.7,sea,unknown,unknown,170,failure,\n"
)
PROVOCATIONS = b"date,type,event,resources\n1958-02-16,Other Provocation,x,y\n2024-01-05,Other Provocation,x,y\n"


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_ships_has_no_finding(name: str) -> None:
    """Each ready scenario fits the pact of its name."""
    raw = (files(SCENARIO_PACKAGE) / (name + SCENARIO_SUFFIX)).read_bytes()
    assert check_scenario(raw, [parse_pact(read_profile(name))]) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('topic = "maritime"', 'topic = "weather"', "there is no topic of this name in the pact"),
        ('threatened = ["KOR"]', 'threatened = ["FRA"]', "this is no party of the pact"),
        ('role = "duty-officer"', 'role = "cook"', "the pact lets nobody acknowledge in this role"),
        ('initial = "calm"', 'initial = "angry"', "the adversary has no state of this name"),
        ('to = "defiant"', 'to = "angry"', "the adversary has no state of this name"),
        ('id = "export-stop"', 'id = "ship-boarded"', "an id stands twice"),
        ('level = "JPN-HI"', 'level = "KOR-III"', "the giver's scheme has no level of this name"),
        ("after_ms = 3888000000", "after_ms = 31536000000", "this comes after the scenario's last day"),
        ("every_ms = 10368000000", "every_ms = 1", "what comes again does so once a minute at most"),
        ("until_hour = 19", "until_hour = 8", "no hour lies between these two"),
        ('of = "link"', 'of = "link"\nparties = ["JPN"]', "a link has two ends, and a machine has one party"),
        ("[[habit]]", '[[habit]]\nparty = "JPN"', "the last row is for every party"),
    ],
)
def test_a_fault_is_a_finding_with_its_line(before: str, after: str, said: str) -> None:
    """What contradicts itself or the pact is named where it stands."""
    text = READY.decode()
    place = text.index(before)
    raw = (text[:place] + after + text[place + len(before) :]).encode()
    found = check_scenario(raw, [PACT])
    assert said in {finding.arguments.get("why") for finding in found}
    assert all(finding.line > 1 for finding in found)
    with pytest.raises(ScenarioRefused) as refused:
        parse_scenario(raw, [PACT])
    assert refused.value.code == "scenario.refused"


def test_an_act_that_nobody_has_a_pace_for_is_a_finding() -> None:
    """Somebody would have to wait for ever; the act is named."""
    raw = READY.replace(b'act = "settle"', b'act = "review"')
    found = check_scenario(raw)
    assert [finding.arguments["act"] for finding in found if finding.code == "scenario.pace"] == ["settle"]


@pytest.mark.parametrize("raw", [b"\xff", b"[scenario", b"x = 1", b"#" * 3_000_000, b"[" * 3000])
def test_any_bytes_are_a_scenario_or_findings(raw: bytes) -> None:
    """Nothing else is raised, whatever the file is."""
    assert check_scenario(raw)


def test_a_salvo_is_one_occurrence_and_a_minute_may_be_unknown() -> None:
    """Two launches of a minute are one line of the catalogue; of the third only the day is known."""
    recorded = read_catalogue(LAUNCHES)
    assert [(one.type, one.lines, one.at is None) for one in recorded] == [("SRBM", 2, False), ("SLV", 1, True)]


def test_days_of_provocations_are_seouls_and_what_no_instant_names_is_passed_over() -> None:
    """The fifth of January begins at 15:00 of the fourth in UTC."""
    assert [(one.table, one.day_at) for one in read_catalogue(PROVOCATIONS)] == [
        (Table.PROVOCATIONS, parse_instant("2024-01-04T15:00Z"))
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"a,b\n", "scenario.catalogue-unknown"),
        (b"", "scenario.catalogue-unknown"),
        (b"date,type,event,resources\n2024-13-01,x,y,z\n", "scenario.catalogue-malformed"),
        (b"date,type,event,resources\nx\n", "scenario.catalogue-malformed"),
        (b"date,type,event,resources\n\xff,x,y,z\n", "scenario.catalogue-malformed"),
        (b"x" * (1024 * 1024 + 1), "scenario.catalogue-malformed"),
    ],
)
def test_a_table_of_another_form_is_refused(raw: bytes, code: str) -> None:
    """Whoever names the wrong file is told so, with the line where there is one."""
    with pytest.raises(UsageError) as refused:
        read_catalogue(raw)
    assert refused.value.code == code


def test_the_same_seed_draws_the_same_history_and_another_run_another() -> None:
    """What happens depends on seed and run; what is recorded happens in each."""
    scenario, recorded = parse_scenario(READY), read_catalogue(LAUNCHES)

    def draw(run: int) -> tuple[object, ...]:
        return draw_history(scenario, recorded, parties=PACT.audience, from_at=FROM_AT, luck=Luck(7, run))

    assert draw(1) == draw(1) != draw(2)
    assert parse_instant("2024-03-17T22:44Z") in [one.at for one in draw(1)]  # type: ignore[attr-defined]


def test_no_more_is_drawn_than_is_counted() -> None:
    """Of three events that come every minute the earliest are drawn, one more than is permitted (R64)."""
    text = READY.decode().replace("occurrence_count_max = 2000", "occurrence_count_max = 10")
    for every_ms in (10368000000, 15552000000):
        text = text.replace(f"every_ms = {every_ms}", "every_ms = 60000")
    scenario = parse_scenario(text.encode())
    drawn = draw_history(scenario, (), parties=PACT.audience, from_at=FROM_AT, luck=Luck(7, 0))
    assert [one.name for one in drawn] == [f"ship-boarded/{number}" for number in range(11)]


def test_what_breaks_without_end_is_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links and machines that fail more often than a run permits are told, with the day, before the memory is full."""
    monkeypatch.setattr("comity.rehearsal.lean.weather.OUTAGE_COUNT_MAX", 100)
    raw = READY.replace(b"gap_ms = 1209600000", b"gap_ms = 60000").replace(b"median_ms = 1800000", b"median_ms = 0")
    with pytest.raises(UsageError) as refused:
        run_course([PACT], parse_scenario(raw, [PACT]), from_at=FROM_AT, seed=0, run=0)
    assert refused.value.code == "scenario.endless"
    assert refused.value.details == {"day": 0, "outages": 101}


def test_all_pacts_begin_on_one_day() -> None:
    """Without a day, each column begins on the day after the latest adoption of all that are named (R73)."""
    wanted = Wanted(("camp-david", "usa-japan+usa-korea"), "camp-david", None, None, 1, 0, 1, "", None)
    for pacts in (wanted.pacts, wanted.pacts[::-1]):
        plans = list_plans(wanted._replace(pacts=pacts), READY, b"")
        assert [plan.from_at for _, plan in plans] == [plans[0][1].from_at] * 2
    adopted = PACT.identity.adopted
    assert format_iso(Instant(plans[0][1].from_at))[:10] > adopted.isoformat()


def test_chance_is_a_function_of_its_purpose() -> None:
    """A draw in between changes nothing; half of all times are below the median."""
    luck = Luck(1, 2)
    first = luck.share("a", 1)
    luck.share("b", 2)
    assert luck.share("a", 1) == first != luck.share("a", 2)
    below = sum(luck.span_ms(1000, 80, "time", number) < 1000 for number in range(1000))
    assert 450 < below < 550
    assert not luck.happens(0, "never")
    assert luck.happens(100, "always")


ENDLESS = """
[adversary]
initial = "a"
[[adversary.state]]
id = "a"
[[adversary.state.change]]
on = "{on}"
percent = 100
to = "a"
is_quiet = {quiet}
kind = "other"
topic = "defence"
median_ms = 0
"""


@pytest.mark.parametrize(("on", "quiet"), [("time", "true"), ("time", "false"), ("called", "false")])
def test_a_scenario_that_never_ends_is_a_code(on: str, quiet: str) -> None:
    """An adversary that answers itself, or each call with another event at once, is stopped and told."""
    text = READY.decode()
    text = text[: text.index("[adversary]")] + ENDLESS.format(on=on, quiet=quiet)
    raw = text.replace("occurrence_count_max = 2000", "occurrence_count_max = 20").encode()
    with pytest.raises(UsageError) as refused:
        run_course([PACT], parse_scenario(raw, [PACT]), from_at=FROM_AT, seed=0, run=0)
    assert refused.value.code == "scenario.endless"
