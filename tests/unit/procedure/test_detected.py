"""Drafts and reports of objects under rules, known again by the rule and any track (docs/spec/warning.md, W17)."""

from comity.pact.area import TrackEvent
from comity.procedure.detected import Evidence, ThreatDetected, ThreatDrafted, fold_drafts, spot
from comity.procedure.fields import Precedence
from comity.procedure.threat import ThreatKind
from kit.stating import BEGIN, Room, minute, words

PLACE = spot(BEGIN, latitude=0, longitude=0, semi_major_dm=10, semi_minor_dm=10, bearing=0)


def _evidence(*tracks: str, rule: str = "policy.rule.a") -> Evidence:
    return Evidence(
        rule, "policy.track.a", "policy.area.a", TrackEvent.ENTERS, Precedence.FLASH, 90, tracks, BEGIN, PLACE, (), (),
        bytes(32),
    )  # fmt: skip


def _draft(*tracks: str) -> ThreatDrafted:
    return ThreatDrafted(ThreatKind.AIR_INCIDENT, BEGIN, ("USA",), (), ("USA",), _evidence(*tracks))


def _report(*tracks: str, rule: str = "policy.rule.a") -> ThreatDetected:
    return ThreatDetected(ThreatKind.AIR_INCIDENT, BEGIN, ("USA",), (), words(), _evidence(*tracks, rule=rule))


def test_drafts_of_one_object_are_one_whatever_its_tracks_were_called() -> None:
    """A draft that names a track of two makes them one; it is found by any name that it ever had, and stands last."""
    own = Room(("USA",))
    for number, tracks in enumerate((("USA-0001",), ("USA-0002",), ("USA-0003",), ("USA-0001", "USA-0002"))):
        own.say("USA", _draft(*tracks), minute(number))
    last = own.say("USA", _draft("USA-0002"), minute(9))
    book = fold_drafts(own.said, "USA")
    assert [(draft.count, draft.stated.id == last.id) for draft in book.drafts] == [(1, False), (4, True)]
    assert book.find_draft(_evidence("USA-0001")) is book.drafts[1]
    assert book.find_draft(_evidence("USA-0001", "USA-0003")) is book.drafts[0]
    assert book.find_draft(_evidence("USA-0001", rule="policy.rule.b")) is None
    assert list(book.list_keys()) == [("policy.rule.a", "USA-0003"), ("policy.rule.a", "USA-0002")]


def test_reports_beside_a_draft_are_own_ones_under_its_rule_or_offered() -> None:
    """Reports of others, and own ones under other rules, are offered where they share any track it ever had."""
    own, room = Room(("USA",)), Room()
    own.say("USA", _draft("USA-0001"), minute(1))
    own.say("USA", _draft("JPN-0004", "USA-0001"), minute(2))
    room.say("JPN", _report("JPN-0004"), minute(3))
    room.say("USA", _report("USA-0001", rule="policy.rule.b"), minute(4))
    room.say("KOR", _report("KOR-0009"), minute(5))
    book = fold_drafts((*own.said, *room.said), "USA")
    (draft,) = book.drafts
    assert draft.is_open
    assert [report.stated.author for report in draft.offered] == ["JPN", "USA"]
    assert book.find_own(_evidence("USA-0001")) is None
    found = book.find_others(_evidence("JPN-0004", "USA-0001"))
    assert found is not None
    assert found.stated.author == "JPN"
    said = room.say("USA", _report("USA-0001"), minute(6))
    (draft,) = fold_drafts((*own.said, *room.said), "USA").drafts
    assert draft.reported is not None
    assert draft.reported.stated.id == said.id
