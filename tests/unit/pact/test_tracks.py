"""Classes of tracks and the terms on which a party is told less (docs/spec/warning.md, W8, W9)."""

import pytest

from comity.pact.compare import compare_pacts
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.pact.titles import Titled, list_titles
from comity.pact.track import TrackDomain

VESSEL = "policy.track.vessel"
SHARED = 'reported_by = ["PORT-A", "PORT-B", "PORT-C", "PORT-D"]\ntopic = "spill"\nlevels = ["A-OPEN", '


def _find(raw: bytes, old: str, new: str) -> list[tuple[str, str, object]]:
    """Change the profile of four parties in one place; return clause, code and reason of what is then wrong."""
    assert raw.count(old.encode()) == 1, f"{old!r} stands once"
    found = check_pact(raw.replace(old.encode(), new.encode()))
    return [(finding.clause, finding.code, finding.arguments.get("why")) for finding in found]


def test_both_profiles_say_what_is_shared_live(camp_david: Pact, harbour: Pact) -> None:
    """Missiles for the promise of 2023, and whatever else moves or spreads; kinds in the order of the file."""
    domains = {row.domain for row in camp_david.track_classes}
    assert domains == set(TrackDomain) - {TrackDomain.LAND, TrackDomain.SPACE}
    missiles = camp_david.find_track_class("policy.track.ballistic")
    assert missiles is not None
    assert (missiles.commitment, missiles.topic, missiles.levels[0]) == ("C11", "dprk-missile", "JPN-HI")
    assert [kind.id for kind in missiles.kinds][:4] == ["srbm", "mrbm", "irbm", "icbm"]
    assert {row.domain for row in harbour.track_classes} == {TrackDomain.SURFACE, TrackDomain.INFRASTRUCTURE}
    term = harbour.track_terms[0]
    assert (term.giver, term.recipient, term.coarsen_m, term.is_sensor_named) == ("PORT-C", "PORT-B", 1000, False)


def test_every_class_and_kind_has_a_title_in_three_languages(camp_david: Pact) -> None:
    """An officer never reads a bare id."""
    titles = {(kind, id_): words for kind, id_, words in list_titles(camp_david)}
    assert titles[Titled.TRACK_KIND, "policy.track.ballistic/srbm"].ko == "단거리 탄도미사일"
    for row in camp_david.track_classes:
        shown = [titles[Titled.TRACK_CLASS, row.id]]
        shown += [titles[Titled.TRACK_KIND, f"{row.id}/{kind.id}"] for kind in row.kinds]
        assert all(words.en and words.ja and words.ko for words in shown)


def test_a_pact_without_the_tables_keeps_its_meaning(harbour_raw: bytes, harbour: Pact) -> None:
    """The tables, and those that rest on them, are optional: leaving them out changes nothing but them."""
    head, _, rest = harbour_raw.partition(b"[[track_class]]")
    without = parse_pact(head + b"[[phrase]]" + rest.partition(b"[[phrase]]")[2])
    assert (without.track_classes, without.track_terms) == ((), ())
    assert without.find_track_class(VESSEL) is None
    changed = {change.part for change in compare_pacts(without, harbour)}
    tables = (harbour.track_classes, harbour.track_terms, harbour.warning_areas, harbour.track_rules)
    assert changed == {row.id for table in tables for row in table}
    assert harbour.find_track_class("harbour-open") is None, "an agreement is no class"


TERM = 'agreement = "harbour-open"\nclass = "policy.track.vessel"\nfrom = "PORT-C"\nto = "PORT-B"\n'
REST = 'coarsen_m = 1000\ndelay_ms = 300000\nis_sensor_named = false\nsources = ["invented"]\nconfidence = "OK"\n'
TERM_ID = "policy.track.vessel-c-b"


@pytest.mark.parametrize(
    ("clause", "old", "new", "why"),
    [
        (VESSEL, SHARED + '"B-OPEN", "C-OPEN", "D-OPEN"]\nspeed_max_m_s = 40',
         SHARED + '"B-OPEN", "C-OPEN"]\nspeed_max_m_s = 40', "one level of each party that reports, and of no other"),
        (VESSEL, SHARED + '"B-OPEN", "C-OPEN", "D-OPEN"]\nspeed_max_m_s = 40',
         SHARED + '"A-STAFF", "B-OPEN", "C-OPEN", "D-OPEN"]\nspeed_max_m_s = 40', "two levels of one party"),
        (VESSEL, 'id = "ferry"', 'id = "cargo"', "two kinds of one id"),
        (VESSEL, "stale_after_ms = 600000", "stale_after_ms = 3600001", "a track is gone before it is stale"),
        (TERM_ID, 'agreement = "harbour-open"', 'agreement = "H1"', "this clause is no agreement"),
        (TERM_ID, TERM, TERM.replace("policy.track.vessel", "H1"), "this clause is no class of tracks"),
        (TERM_ID, 'from = "PORT-C"', 'from = "PORT-B"', "nobody is told less by himself"),
        (TERM_ID, 'agreement = "harbour-open"', 'agreement = "ab-staff"',
         "both parties of a term are parties of its agreement"),
        (TERM_ID, 'topics = ["storm", "spill"]\nceiling_rank = 0', 'topics = ["storm"]\nceiling_rank = 0',
         "the agreement does not cover the topic of the class"),
        (TERM_ID, TERM, TERM.replace("policy.track.vessel", "policy.track.slick"),
         "this party does not report the class"),
        (TERM_ID, REST, 'sources = ["invented"]\nconfidence = "OK"\n',
         "a term tells less: coarser, later, or without the sensor"),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_is_named(harbour_raw: bytes, clause: str, old: str, new: str, why: str) -> None:
    """Each with its clause and the reason."""
    assert _find(harbour_raw, old, new) == [(clause, "pact.track", why)]


def test_one_term_for_one_case(harbour_raw: bytes) -> None:
    """Two rows for one agreement, class, giver and recipient would contradict one another."""
    again = f'{REST}\n[[track_term]]\nid = "policy.track.twice"\n{TERM}{REST}'
    assert _find(harbour_raw, REST, again) == [
        ("policy.track.twice", "pact.track", "another term is for the same case")
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TERM, TERM.replace("PORT-B", "PORT-X")),
        (TERM, TERM.replace("PORT-C", "PORT-X")),
        (TERM, TERM.replace("policy.track.vessel", "policy.track.nothing")),
        (TERM, TERM.replace("harbour-open", "nothing")),
        ('levels = ["A-STAFF", "B-STAFF"]\nspeed', 'levels = ["A-STAFF", "B-NOTHING"]\nspeed'),
        ('reported_by = ["PORT-A", "PORT-B"]', 'reported_by = ["PORT-A", "PORT-X"]'),
        ('dropped_after_ms = 86400000\ncommitment = "H1"', 'dropped_after_ms = 86400000\ncommitment = "H9"'),
        ('reported_by = ["PORT-A", "PORT-B"]\ntopic = "spill"', 'reported_by = ["PORT-A", "PORT-B"]\ntopic = "rain"'),
    ],
)
def test_what_a_row_names_is_there(harbour_raw: bytes, old: str, new: str) -> None:
    """Parties, levels, topic, agreement, class, commitment: a name that leads nowhere is a finding."""
    assert {code for _, code, _ in _find(harbour_raw, old, new)} == {"pact.reference"}
