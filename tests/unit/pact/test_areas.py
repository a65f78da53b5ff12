"""Warning areas and the rules over them (docs/spec/warning.md, W13, W14)."""

import pytest

from comity.pact.area import RuleAct, TrackEvent
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.pact.titles import Titled, list_titles

AREA, RULE = "policy.area.approaches-b", "policy.rule.tanker"
RING = (
    "polygon = [\n    [4000000, 51500000],\n    [4800000, 51500000],\n    [4800000, 52200000],\n"
    "    [4000000, 52200000],\n]\n"
)
OF_RULE = 'class = "policy.track.vessel"\nkinds = ["tanker"]\nwhen = "enters"\narea = "policy.area.approaches-b"\n'
REST = 'probability_percent = 50\nact = "draft"\nprecedence = "priority"\nsources = ["invented"]\nconfidence = "OK"\n'


def _find(raw: bytes, old: str, new: str) -> list[tuple[str, str, object]]:
    """Change the profile of four parties in one place; return clause, code and reason of what is then wrong."""
    assert raw.count(old.encode()) == 1, f"{old!r} stands once"
    found = check_pact(raw.replace(old.encode(), new.encode()))
    return [(finding.clause, finding.code, finding.arguments.get("why")) for finding in found]


def test_both_profiles_have_areas_and_rules(camp_david: Pact, harbour: Pact) -> None:
    """Each party of the default profile has people to warn, in its languages; a launch itself warns nobody."""
    warned = {party for area in camp_david.warning_areas for party in area.parties}
    assert warned == set(camp_david.audience)
    launch = next(rule for rule in camp_david.track_rules if rule.when is TrackEvent.LAUNCH_IN)
    area = camp_david.find_warning_area(launch.area)
    assert area is not None
    assert (area.parties, launch.act) == ((), RuleAct.DRAFT)
    assert (harbour.track_rules[0].kinds, harbour.warning_areas[0].languages) == (("tanker",), ("en",))
    assert harbour.find_warning_area("policy.rule.tanker") is None
    titles = {id_: words for kind, id_, words in list_titles(camp_david) if kind is Titled.AREA}
    assert all(words.ja and words.ko for words in titles.values())
    assert set(titles) == {area.id for area in camp_david.warning_areas}


def test_a_pact_without_the_tables_keeps_its_meaning(harbour_raw: bytes) -> None:
    """Both are optional."""
    head, _, rest = harbour_raw.partition(b"[[warning_area]]")
    without = parse_pact(head + b"[[phrase]]" + rest.partition(b"[[phrase]]")[2])
    assert (without.warning_areas, without.track_rules) == ((), ())


@pytest.mark.parametrize(
    ("clause", "old", "new", "why"),
    [
        (AREA, "[4800000, 52200000]", "[180000000, 52200000]",
         "a corner lies nowhere on earth"),
        (AREA, "[4800000, 52200000]", "[4800000, 90000001]",
         "a corner lies nowhere on earth"),
        (AREA, "[4800000, 52200000]", "[4800000, 51500000]", "a corner stands twice"),
        (AREA, RING, "polygon = [[0, 80000000], [120000000, 80000000], [-120000000, 80000000]]\n",
         "a ring goes round no pole, no edge half round the globe"),
        (AREA, RING, "polygon = [[0, 0], [-180000000, 10000000], [-90000000, 20000000]]\n",
         "a ring goes round no pole, no edge half round the globe"),
        (RULE, OF_RULE, OF_RULE.replace("policy.track.vessel", "harbour-open"), "this clause is no class of tracks"),
        (RULE, 'kinds = ["tanker"]', 'kinds = ["kite"]', "the class has no such kind"),
        (RULE, OF_RULE, OF_RULE.replace(AREA, "harbour-open"), "this clause is no area"),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_is_named(harbour_raw: bytes, clause: str, old: str, new: str, why: str) -> None:
    """Each with its clause and the reason."""
    assert _find(harbour_raw, old, new) == [(clause, "pact.warning-area", why)]


def test_one_rule_for_one_case(harbour_raw: bytes) -> None:
    """Two rules for one class, kinds, event and area would draft everything twice."""
    again = f'{OF_RULE}{REST}\n[[warning_rule]]\nid = "policy.rule.twice"\n{OF_RULE}{REST}'
    found = _find(harbour_raw, OF_RULE + REST, again)
    assert found == [("policy.rule.twice", "pact.warning-area", "another rule is for the same case")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (OF_RULE, OF_RULE.replace(AREA, "policy.area.nowhere"), "pact.reference"),
        (OF_RULE, OF_RULE.replace("policy.track.vessel", "policy.track.nothing"), "pact.reference"),
        ('parties = ["PORT-B"]', 'parties = ["PORT-X"]', "pact.reference"),
        ("[4800000, 52200000]", "[4800000]", "pact.value"),
        ("[4800000, 52200000]", "[4800000, 52200000, 0]", "pact.size"),
        ("[4800000, 52200000]", "[180000001, 0]", "pact.value"),
        ("[4800000, 52200000]", "[4.8, 52.2]", "pact.type"),
        (RING, "polygon = [[0, 0], [1, 1]]\n", "pact.value"),
        (RING, f"polygon = {[[number, number * number] for number in range(129)]}\n", "pact.size"),
        ("probability_percent = 50", "probability_percent = 101", "pact.value"),
    ],
)
def test_what_is_of_another_shape_is_refused(harbour_raw: bytes, old: str, new: str, code: str) -> None:
    """Names that lead nowhere, corners that are none, floats, too few and too many of them."""
    assert {found for _, found, _ in _find(harbour_raw, old, new)} == {code}
