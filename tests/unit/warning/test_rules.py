"""Rules from a picture to a report (docs/spec/warning.md, W14, W15)."""

import dataclasses

import pytest

from comity.base.instants import Instant
from comity.pact.area import RuleAct, RulePrecedence, TrackEvent
from comity.pact.parse import parse_pact
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind
from comity.warning.rules import Drafted, Place, Rules, Seen, find_place
from kit.loop import read_profile
from kit.reports import NOW

PACT = parse_pact(read_profile("camp-david"))
TOKYO, PYONGYANG, OCEAN = (139.69, 35.69), (125.75, 39.02), (160.0, 40.0)


def _place(at: tuple[float, float], *, major_m: int = 10_000, after_ms: int = 0) -> Place:
    east, north = at
    axes = (major_m * 10, major_m * 5, 4_500)
    return Place(Instant(NOW + after_ms), round(north * 1e7), round(east * 1e7), *axes)


MISSILE = Seen(
    names=("JPN-0042", "KOR-0007"),
    authors=("JPN", "KOR"),
    class_="policy.track.ballistic",
    kind="",
    place=_place((130.0, 39.0)),
    launch=_place(PYONGYANG, after_ms=-60_000),
)


def _draft(seen: Seen, party: str = "JPN") -> list[Drafted]:
    return list(Rules(PACT, party).draft([seen]))


def test_a_launch_is_drafted_for_an_officer() -> None:
    """When it is taken to have been, by whose sensors, threatening nobody yet; judged by nobody yet."""
    (drafted,) = _draft(MISSILE)
    assert (drafted.rule, drafted.act, drafted.precedence) == (
        "policy.rule.launch", RuleAct.DRAFT, RulePrecedence.FLASH,
    )  # fmt: skip
    assert (drafted.kind, drafted.occurred_at) == (ThreatKind.MISSILE_LAUNCH, NOW - 60_000)
    assert (drafted.area, drafted.when, drafted.threatened) == (
        "policy.area.peninsula-north", TrackEvent.LAUNCH_IN, (),
    )  # fmt: skip
    assert drafted.probability_percent == 100
    assert [source.kind for source in drafted.sources] == [SourceKind.OWN_SENSOR, SourceKind.PARTY]
    assert {(one.reliability, one.credibility) for one in drafted.sources} == {(Reliability.F, Credibility.NOT_JUDGED)}
    assert [source.kind for source in _draft(MISSILE, "USA")[0].sources] == [SourceKind.PARTY]


def test_what_may_come_down_in_an_area_is_sent_and_says_whom_it_threatens() -> None:
    """From the probability that the rule names on, and with that probability."""
    seen = dataclasses.replace(MISSILE, launch=None, impact=_place(TOKYO, after_ms=300_000))
    (drafted,) = _draft(seen)
    assert (drafted.rule, drafted.act, drafted.threatened) == ("policy.rule.impact-japan", RuleAct.SEND, ("JPN",))
    assert drafted.occurred_at == NOW, "of its launch nothing is known: when it was seen"
    assert drafted.probability_percent >= 99
    vague = dataclasses.replace(seen, impact=_place((141.6, 36.0), major_m=100_000))
    assert [10 <= one.probability_percent < 50 for one in _draft(vague)] == [True]
    slight = dataclasses.replace(seen, impact=_place((142.2, 36.0), major_m=100_000))
    assert _draft(slight) == [], "some of it lies inside, and less than the rule asks for"
    assert _draft(dataclasses.replace(seen, impact=_place(OCEAN, major_m=100_000))) == []


def test_one_object_leads_to_one_report_under_one_rule() -> None:
    """What was drafted is known by rule and object; another rule still speaks."""
    rules = Rules(PACT, "KOR")
    both = dataclasses.replace(MISSILE, impact=_place(TOKYO))
    first = list(rules.draft([both]))
    assert [one.rule for one in first] == ["policy.rule.launch", "policy.rule.impact-japan"]
    already = {key for one in first for key in one.keys}
    assert list(rules.draft([both], already=already)) == []
    joined = dataclasses.replace(both, names=("USA-0001", "KOR-0007"))
    assert list(rules.draft([joined], already=already)) == [], "whoever else begins to report it"
    other = dataclasses.replace(both, names=("KOR-0008",))
    assert len(list(rules.draft([both, other], already=first[0].keys))) == 3


def test_a_rule_is_about_its_class_its_kinds_and_its_event() -> None:
    """An aircraft that comes from there is no launch; of ships before a port only the tanker."""
    aircraft = dataclasses.replace(MISSILE, class_="policy.track.air", impact=_place(TOKYO))
    assert _draft(aircraft) == []
    assert _draft(dataclasses.replace(MISSILE, launch=None)) == []
    ports = Rules(parse_pact(read_profile("harbour-aid")), "PORT-B")
    tanker = Seen(("PORT-A-0001",), ("PORT-A",), "policy.track.vessel", "tanker", _place((4.4, 51.9), major_m=500))
    (drafted,) = ports.draft([tanker])
    assert (drafted.kind, drafted.threatened, drafted.when) == (
        ThreatKind.MARITIME_INCIDENT, ("PORT-B",), TrackEvent.ENTERS,
    )  # fmt: skip
    elsewhere = dataclasses.replace(tanker, place=_place((9.0, 51.9)))
    for other in (dataclasses.replace(tanker, kind="cargo"), dataclasses.replace(tanker, kind=""), elsewhere):
        assert list(ports.draft([other])) == []


@pytest.mark.parametrize(
    ("east", "north", "rho", "expected"),
    [
        (300, 100, 0, (300, 100, 9_000)),
        (100, 300, 0, (300, 100, 0)),
        (200, 200, 0, (200, 200, 0)),
        (200, 200, 16_384, (245, 142, 4_500)),
        (200, 200, -16_384, (245, 142, 13_500)),
        (1, 1, 32_766, (2, 1, 4_500)),
    ],
)
def test_deviations_and_their_correlation_make_an_ellipse(
    east: int, north: int, rho: int, expected: tuple[int, int, int]
) -> None:
    """Axes rounded up, the bearing that of the long one."""
    found = find_place(NOW, latitude=0, longitude=0, sigma_east_dm=east, sigma_north_dm=north, rho_en=rho)
    assert (found.semi_major_dm, found.semi_minor_dm, found.bearing) == expected
