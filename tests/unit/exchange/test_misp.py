"""Events of MISP: whole, marked by their tags, to whom their distribution lets them go and never to everybody."""

import json
from typing import Any

import pytest

from comity.base.errors import RemoteError, UsageError
from comity.exchange import misp_read
from comity.exchange.misp_import import MISP_MEDIA, sort_events
from comity.exchange.misp_table import MispTable, read_table
from comity.exchange.misp_write import EXERCISE_TAG, list_manifest, write_events
from comity.exchange.sorting import Sorted
from comity.exchange.stix_write import StixWriter
from comity.pact.model import Pact
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from kit.stix import LINEAGE, make_marker

ORG = {name: f"00000000-0000-4000-8000-00000000000{number}" for number, name in enumerate(("USA", "JPN", "KOR", "X"))}
GROUP = "10000000-0000-4000-8000-000000000001"
TABLE = f"""
[[organisation]]
uuid = "{ORG["USA"]}"
party = "USA"
[[organisation]]
uuid = "{ORG["JPN"]}"
party = "JPN"
[[organisation]]
uuid = "{ORG["KOR"]}"
party = "KOR"
[[group]]
uuid = "{GROUP}"
parties = ["JPN", "KOR", "USA"]
"""
COMMUNITY = TABLE + '[[distribution]]\nvalue = 1\nparties = ["JPN", "USA"]\n'


def group(*members: str, **fields: Any) -> dict[str, Any]:
    """Return a sharing group as an event carries it."""
    rows = [{"extend": False, "Organisation": {"uuid": ORG[one], "name": one}} for one in members]
    return {"id": "1", "uuid": GROUP, "name": "g", "active": True, "SharingGroupOrg": rows,
            "SharingGroupServer": [{"all_orgs": False}], **fields}  # fmt: skip


def make_event(reach: object = 4, *tags: str, **fields: Any) -> dict[str, Any]:
    """Return an event, as MISP exports it."""
    shared = {"SharingGroup": group("JPN", "USA")} if str(reach) == "4" else {}
    return {"Event": {"uuid": "20000000-0000-4000-8000-000000000001", "info": "条イ音態", "date": "2026-01-01",
                      "distribution": str(reach) if type(reach) is int else reach, "sharing_group_id": "1",
                      "Tag": [{"name": one} for one in tags],
                      "Attribute": [{"type": "url", "value": "http://x.test/", "distribution": "5"}],
                      "Object": [{"name": "file", "distribution": "5", "Attribute": [{"distribution": "5"}]}],
                      **shared, **fields}}  # fmt: skip


def take(pact: Pact, *events: Any, table: str = TABLE, realm: str = "real", **wish: Any) -> Sorted:
    """Import events as the USA."""
    raw = json.dumps(events[0] if len(events) == 1 else list(events), ensure_ascii=False).encode()
    marker = make_marker(pact, realm=realm, **{"level": "USA-U", **wish})
    return sort_events(raw, marker, table=read_table(table.encode(), pact), own="USA")


def find_marking(found: Sorted) -> tuple[str, tuple[str, ...]]:
    """Return level and caveats of the one marking."""
    assert found.refused == []
    (marking,) = found.contents
    return marking.level, marking.caveats


def find_codes(found: Sorted) -> list[str]:
    """Return why events were refused; none came in."""
    assert found.contents == {}
    return [row.code for row in found.refused]


def test_an_event_is_kept_whole(camp_david: Pact) -> None:
    """Byte for byte, under its own media type."""
    raw = json.dumps(make_event(4, "tlp:green"), ensure_ascii=False, indent=3).encode()
    table = read_table(TABLE.encode(), camp_david)
    found = sort_events(raw, make_marker(camp_david), table=table, own="USA")
    ((content, count),) = next(iter(found.contents.values()))
    assert (content, count, found.media) == (raw, 1, MISP_MEDIA)


@pytest.mark.parametrize(
    ("event", "caveats"),
    [
        (make_event(0), ("NATIONAL EYES ONLY",)),
        (make_event(4), ("REL TO JPN, USA",)),
        (make_event(4, SharingGroup=group("JPN", "KOR", "USA")), ("REL TO JPN, KOR, USA",)),
        (make_event(4, SharingGroup=group("USA")), ("NATIONAL EYES ONLY",)),
        (make_event(4, Attribute=[{"distribution": "0"}]), ("NATIONAL EYES ONLY",)),
        (make_event(4, Attribute=[{"distribution": 4, "SharingGroup": group("KOR", "USA")}]), ("NATIONAL EYES ONLY",)),
        (make_event(4, Object=[{"Attribute": [{"distribution": "3"}]}]), ("REL TO JPN, USA",)),
        (make_event(0, Attribute=[{"distribution": "1"}]), ("NATIONAL EYES ONLY",)),
    ],
    ids=range(8),
)
def test_a_distribution_is_an_audience(camp_david: Pact, event: dict[str, Any], caveats: tuple[str, ...]) -> None:
    """What all distributions in the event permit together; it stands in the marking, for every later release."""
    assert find_marking(take(camp_david, event)) == ("USA-U", caveats)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (make_event(1), "misp.distribution"),
        (make_event(2), "misp.distribution"),
        (make_event(3), "misp.distribution"),
        (make_event(5), "misp.distribution"),
        (make_event("6"), "misp.distribution"),
        (make_event(True), "misp.distribution"),
        (make_event(None), "misp.distribution"),
        (make_event(4, Attribute=[{"distribution": "x"}]), "misp.distribution"),
        (make_event(4, Attribute=[{"distribution": "1"}]), "misp.distribution"),
        (make_event(4, SharingGroup=None), "misp.group-unknown"),
        (make_event(4, SharingGroup=group("JPN", uuid=ORG["X"])), "misp.group-unknown"),
        (make_event(4, SharingGroup=group("JPN", uuid=None)), "misp.group-unknown"),
        (make_event(4, SharingGroup=group("JPN", active=False)), "misp.group-inactive"),
        (make_event(4, SharingGroup=group("JPN", SharingGroupServer=[{"all_orgs": True}])), "misp.group-open"),
        (make_event(4, SharingGroup=group("JPN", SharingGroupServer=[{"all_orgs": "1"}])), "misp.group-open"),
        (make_event(4, SharingGroup=group("JPN", releasability="to friends")), "misp.releasability"),
        (make_event(4, SharingGroup=group()), "misp.member-unknown"),
        (make_event(4, SharingGroup=group("JPN", "X")), "misp.member-unknown"),
        (make_event(4, SharingGroup=group(SharingGroupOrg=[{"org_id": "1"}])), "misp.member-unknown"),
        (make_event(4, Tag=[{"name": 3}]), "misp.event-malformed"),
        (make_event(4, "tlp:unclear"), "exchange.marking-unknown"),
        (make_event(4, "comity:marking={}"), "exchange.marking-unknown"),
        (make_event(4, uuid=None), "misp.event-malformed"),
        (make_event(4, info=3), "misp.event-malformed"),
    ],
    ids=range(24),
)
def test_what_the_table_does_not_say_is_refused(camp_david: Pact, event: dict[str, Any], code: str) -> None:
    """An unknown distribution, group or member, a group that is open or speaks for itself: never everybody."""
    assert find_codes(take(camp_david, event)) == [code]


def test_a_community_is_whom_the_table_names(camp_david: Pact) -> None:
    """Nobody else; and a group of more parties than the row permits is refused."""
    assert find_marking(take(camp_david, make_event(1), table=COMMUNITY)) == ("USA-U", ("REL TO JPN, USA",))
    assert find_codes(take(camp_david, make_event(2), table=COMMUNITY)) == ["misp.distribution"]
    narrow = TABLE.replace('parties = ["JPN", "KOR", "USA"]', 'parties = ["JPN", "USA"]')
    event = make_event(4, SharingGroup=group("JPN", "KOR"))
    assert find_codes(take(camp_david, event, table=narrow)) == ["misp.member-unknown"]


def test_words_on_releasability_count_once_somebody_read_them(camp_david: Pact) -> None:
    """The row repeats them; other words are refused again."""
    table = TABLE + 'releasability = "to friends"\n'
    assert find_marking(
        take(camp_david, make_event(4, SharingGroup=group("JPN", releasability="to friends")), table=table)
    )
    assert find_codes(take(camp_david, make_event(4), table=table)) == ["misp.releasability"]


def test_tags_of_the_event_and_of_its_parts_are_labels(camp_david: Pact) -> None:
    """The strictest of all; a tag that is no TLP says nothing."""
    assert find_marking(take(camp_david, make_event(4, "tlp:clear", "type:OSINT")))[0] == "USA-U"
    assert find_marking(take(camp_david, make_event(4, "tlp:amber")))[1] == ("ORCON", "REL TO JPN, USA")
    # Space before a label makes it no milder.
    spaced = take(camp_david, make_event(4, "tlp:clear", " \u00a0TLP:AMBER "))
    assert find_marking(spaced)[1] == ("ORCON", "REL TO JPN, USA")
    parts = [{"distribution": "5", "Tag": [{"name": "tlp:amber+strict"}]}]
    assert find_marking(take(camp_david, make_event(4, "tlp:green", Attribute=parts))) == (
        "USA-CUI", ("NATIONAL EYES ONLY", "ORCON", "REL TO JPN, USA"))  # fmt: skip
    assert find_codes(take(camp_david, make_event(4), level="")) == ["exchange.no-marking"]


def test_several_events_are_judged_one_by_one(camp_david: Pact) -> None:
    """A list, and an answer of the API: each event by itself, with its place."""
    events = [make_event(4, "tlp:green"), make_event(3), {"x": 1}, 7]
    for whole in (events, {"response": events}):
        found = take(camp_david, whole)
        assert [(row.index, row.code) for row in found.refused] == [
            (1, "misp.distribution"), (2, "misp.event-malformed"), (3, "misp.event-malformed")]  # fmt: skip
        ((content, _),) = next(iter(found.contents.values()))
        assert json.loads(content) == events[0]


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"[]", b"3", b'{"a":1,"a":2}', b"[" * 100_000, json.dumps([[[{}]] * 3] * 9)[:40].encode(),
            b'{"Event":' + b'{"x":' * 40 + b"1" + b"}" * 41],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_file_of_events_is_refused_whole(camp_david: Pact, raw: bytes) -> None:
    """One code; a key that stands twice too."""
    with pytest.raises(RemoteError) as caught:
        sort_events(raw, make_marker(camp_david), table=MispTable(), own="USA")
    assert caught.value.code == "misp.malformed"


def test_files_and_events_have_a_size(camp_david: Pact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it the file is refused whole, or the event by itself."""
    monkeypatch.setattr(misp_read, "EVENT_SIZE_BYTES_MAX", 100)
    assert find_codes(take(camp_david, make_event(4))) == ["misp.event-too-large"]
    for name, value in (("FILE_SIZE_BYTES_MAX", 100), ("EVENT_COUNT_MAX", 1)):
        monkeypatch.setattr(misp_read, name, value)
        with pytest.raises(RemoteError) as caught:
            take(camp_david, make_event(4), make_event(4))
        assert caught.value.code == "misp.too-large"
        monkeypatch.undo()


@pytest.mark.parametrize(
    "table",
    ["x", "x = 1", '[[organisation]]\nuuid = "1"\nparty = "USA"', f'[[organisation]]\nuuid = "{GROUP}"\nparty = "FRA"',
     f'[[group]]\nuuid = "{GROUP}"\nparties = ["FRA"]', '[[distribution]]\nvalue = 4\nparties = ["JPN"]',
     2 * '[[distribution]]\nvalue = 1\nparties = ["JPN"]\n', "#" * 2_000_000],
    ids=range(8),
)  # fmt: skip
def test_a_table_that_cannot_be_followed_is_refused(camp_david: Pact, table: str) -> None:
    """A form that is none, a stranger, a row twice."""
    with pytest.raises(UsageError) as caught:
        read_table(table.encode(), camp_david)
    assert caught.value.code == "misp.table-malformed"


def export(pact: Pact, found: Sorted, *, realm: str = "real", receiver: str = "JPN") -> list[dict[str, Any]]:
    """Return the events that a receiver gets of an import."""
    writer = StixWriter(pact, lineage=LINEAGE, realm=realm, receiver=receiver)
    portions = ((b"", portion) for batch in found.list_batches() for portion in batch.portions)
    return [event.fields for event in write_events(portions, writer)]


def test_an_event_goes_out_labelled_and_for_one_organisation(camp_david: Pact) -> None:
    """All attributes and objects stay; groups and their members do not show; the receiver's MISP spreads nothing."""
    event = make_event(
        4,
        "tlp:green",
        "type:OSINT",
        Attribute=[
            {
                "type": "url",
                "value": "條",
                "distribution": "4",
                "sharing_group_id": "1",
                "SharingGroup": group("JPN", "USA"),
            }
        ],
    )
    (out,) = export(camp_david, take(camp_david, event))
    assert [tag["name"] for tag in out["Tag"]][:3] == ["tlp:green", "type:OSINT", "tlp:amber"]
    assert (out["distribution"], out["sharing_group_id"]) == ("0", "0")
    assert "SharingGroup" not in json.dumps(out)
    assert out["Attribute"] == [{"type": "url", "value": "條", "distribution": "0", "sharing_group_id": "0"}]
    assert out["Object"] == event["Event"]["Object"]
    assert out["info"] == "条イ音態"
    manifest = json.loads(
        list_manifest(write_events([], StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="JPN")))
    )
    assert manifest == {}


def test_no_marking_of_an_event_is_lost_on_the_way_out_and_in(camp_david: Pact) -> None:
    """Out by the party's own system and in again: level, topics and caveats are no fewer; another's is refused."""
    found = take(camp_david, make_event(4, "tlp:amber"), topics=("cyber", "defence"), level="USA-C", caveats=("ORCON",))
    (before,) = found.contents
    (out,) = export(camp_david, found, receiver="USA")
    (after,) = take(camp_david, {"Event": out}, level="").contents
    assert after.level == before.level
    assert set(after.topics) >= set(before.topics)
    assert set(after.caveats) >= set(before.caveats)
    marker = make_marker(camp_david, party="JPN")
    laundered = sort_events(json.dumps(out).encode(), marker, table=read_table(TABLE.encode(), camp_david), own="JPN")
    assert [row.code for row in laundered.refused] == ["exchange.other-originator"]


def test_play_is_tagged_as_play(camp_david: Pact) -> None:
    """The first of our tags; and it comes into no other realm."""
    found = take(camp_david, make_event(4, "tlp:green"), realm="exercise/x")
    (out,) = export(camp_david, found, realm="exercise/x")
    assert EXERCISE_TAG in [tag["name"] for tag in out["Tag"]]
    assert find_codes(take(camp_david, {"Event": out})) == ["exchange.other-realm"]


def test_what_has_no_label_or_is_not_sound_is_left_out(camp_david: Pact) -> None:
    """SECRET; another party's portion that is no event."""
    assert export(camp_david, take(camp_david, make_event(4), level="USA-S")) == []
    marking = Marking("JPN", "JPN", "JPN-OPEN", ("cyber",), ())
    portions = [Portion(marking, MISP_MEDIA, "", raw) for raw in (b"", b"[7]", json.dumps(make_event(0)).encode())]
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="KOR")
    assert len(write_events([(b"", portion) for portion in portions], writer)) == 1


def test_of_two_versions_the_newest_goes_out(camp_david: Pact) -> None:
    """In whatever order they came, under the tags of both, and naming both items."""
    rows = []
    for timestamp, tag in (("1700000002", "tlp:amber"), ("1700000001", "tlp:green"), ("none", "tlp:green")):
        found = take(camp_david, make_event(4, tag, info=f"at {timestamp}", timestamp=timestamp))
        ((portion,),) = [batch.portions for batch in found.list_batches()]
        rows.append((timestamp.encode(), portion))
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="JPN")
    for order in (rows, rows[::-1]):
        (event,) = write_events(order, writer)
        assert event.fields["info"] == "at 1700000002"
        assert {"tlp:amber", "tlp:green"} <= {tag["name"] for tag in event.fields["Tag"]}
        assert set(event.items) == {b"1700000002", b"1700000001", b"none"}


def test_what_would_break_who_reads_our_feed_does_not_come_in(camp_david: Pact) -> None:
    """A UUID that is none, which a receiving MISP would make a path of; NaN, which is no JSON."""
    for uuid in ("../../etc/passwd", "", 7, "20000000-0000-4000-8000-00000000000g", "2" * 36):
        event = make_event(4, "tlp:green", uuid=uuid)
        assert find_codes(take(camp_david, event)) == ["misp.event-malformed"]
    for word in ("NaN", "Infinity", "-Infinity"):
        raw = json.dumps(make_event(4, "tlp:green")).replace('"4"', word).encode()
        with pytest.raises(RemoteError) as caught:
            sort_events(raw, make_marker(camp_david), table=MispTable(), own="USA")
        assert caught.value.code == "misp.malformed"


def test_half_a_surrogate_in_a_list_of_events_is_kept_as_it_came(camp_david: Pact) -> None:
    """No UTF-8 has it: the event is written with its escapes, comes in, and goes out."""
    event = make_event(4, "tlp:green", info="half \ud83d of a pair")
    table = read_table(TABLE.encode(), camp_david)
    found = sort_events(json.dumps([event, event]).encode(), make_marker(camp_david), table=table, own="USA")
    ((content, _), *_) = next(iter(found.contents.values()))
    assert json.loads(content) == event
    (out,) = export(camp_david, found)
    assert out["info"] == event["Event"]["info"]
