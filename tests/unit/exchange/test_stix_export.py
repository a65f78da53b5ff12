"""STIX out: the label that the pact gives back, the marking in full, play marked as play; and since when."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.exchange.given import GivenLog
from comity.exchange.own_marking import OWN_EXTENSION
from comity.exchange.sorting import PORTION_SIZE_BYTES_MAX
from comity.exchange.stix_import import STIX_MEDIA, sort_bundle
from comity.exchange.stix_write import StixWriter, write_export
from comity.pact.model import Pact
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from kit.stix import LINEAGE, TLP_2, bundle, check_by_library, make_marker, make_object

EXERCISE = "exercise/freedom-edge"
OBSERVED = {"type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
            "value": "198.51.100.3"}  # fmt: skip


def export(pact: Pact, *objects: dict[str, Any], realm: str = "real", receiver: str = "JPN", **wish: Any) -> bytes:
    """Return what a receiver gets of an import of the USA."""
    found = sort_bundle(bundle(*objects), make_marker(pact, realm=realm, **wish))
    assert found.refused == []
    writer = StixWriter(pact, lineage=LINEAGE, realm=realm, receiver=receiver)
    return write_export(writer.write(portion for batch in found.list_batches() for portion in batch.portions))


def find(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the objects of a kind."""
    return [one for one in objects if one["type"] == kind]


@pytest.mark.parametrize("label", TLP_2)
def test_a_bundle_that_goes_out_is_sound_and_labelled(camp_david: Pact, label: str) -> None:
    """The OASIS library takes it, and every object refers to the label's marking object, which is there."""
    objects = check_by_library(export(camp_david, make_object("x", TLP_2[label]), OBSERVED, level="USA-U"))
    marking = next(one for one in objects if one["id"] == f"marking-definition--{TLP_2[label]}")
    assert marking["name"] == f"TLP:{label.upper()}"
    (campaign,) = find(objects, "campaign")
    assert marking["id"] in campaign["object_marking_refs"]
    held = {one["id"] for one in objects}
    assert all(held.issuperset(one.get("object_marking_refs", [])) for one in objects)
    (observed,) = find(objects, "ipv4-addr")
    assert f"marking-definition--{TLP_2['clear']}" in observed["object_marking_refs"]


def test_the_marking_stands_there_in_full_and_as_the_receiver_handles_it(camp_david: Pact) -> None:
    """In one line for people, in parts for programs; the level's own name in the receiver's script."""
    objects = check_by_library(export(camp_david, make_object("x", TLP_2["amber"]), topics=("cyber", "economic")))
    (own,) = (one for one in objects if OWN_EXTENSION in one.get("extensions", {}))
    assert own["definition"]["statement"] == (
        "USA-CUI // cyber, economic // ORCON; originator USA; JPN: 注意 (Chui, JPN-CHUI)"
    )
    assert own["extensions"][OWN_EXTENSION] == {
        "extension_type": "property-extension", "lineage": LINEAGE, "realm": "real", "originator": "USA",
        "scheme": "USA", "level": "USA-CUI", "topics": ["cyber", "economic"], "caveats": ["ORCON"],
        "handled_by": "JPN", "handled_as": "JPN-CHUI", "handled_as_local": "注意", "handled_as_romanised": "Chui",
        "handled_as_language": "ja",
    }  # fmt: skip
    own_reading = check_by_library(export(camp_david, make_object("x", TLP_2["amber"]), receiver="USA"))
    (own,) = (one for one in own_reading if OWN_EXTENSION in one.get("extensions", {}))
    assert own["definition"]["statement"] == "USA-CUI // cyber // ORCON; originator USA"


def test_play_is_marked_in_every_object(camp_david: Pact) -> None:
    """A statement on each, first word of its name and line; a label on each that may have one (law 5)."""
    objects = check_by_library(
        export(camp_david, make_object("x", TLP_2["green"], labels=["apt"]), OBSERVED, realm=EXERCISE, level="USA-U")
    )
    own = {one["id"]: one for one in objects if OWN_EXTENSION in one.get("extensions", {})}
    for one in own.values():
        assert one["name"].startswith("EXERCISE ")
        assert one["definition"]["statement"].startswith("EXERCISE EXERCISE EXERCISE; ")
    for one in objects:
        if one["type"] != "marking-definition":
            assert set(own) & set(one["object_marking_refs"]), one
    assert find(objects, "campaign")[0]["labels"] == ["apt", "exercise"]
    real = check_by_library(export(camp_david, make_object("x", TLP_2["green"], labels=["apt"])))
    assert find(real, "campaign")[0]["labels"] == ["apt"]
    assert b"EXERCISE" not in export(camp_david, make_object("x", TLP_2["green"]))


def test_what_has_no_label_is_not_written(camp_david: Pact) -> None:
    """SECRET has none, and what holds something else is no STIX; nothing tells that it was there."""
    assert export(camp_david, make_object("x"), level="USA-S") == write_export([])
    text = Portion(Marking("USA", "USA", "USA-U", ("cyber",), ()), "text/plain", "en", b"hello")
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="JPN")
    assert writer.write([text]) == []


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b"\xff", b'{"objects":[{"type":"campaign","labels":3}]}'])
def test_what_another_party_wrote_badly_is_left_out(camp_david: Pact, content: bytes) -> None:
    """A portion is another party's bytes: its faults stop nobody's feed."""
    marking = Marking("JPN", "JPN", "JPN-OPEN", ("cyber",), ())
    bad, good = (Portion(marking, STIX_MEDIA, "", one) for one in (content, bundle(make_object("x"))))
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="KOR")
    assert [one.kind for one in writer.write([bad, good])].count("campaign") == 1


def test_what_an_object_holds_stays_byte_for_byte(camp_david: Pact) -> None:
    """Numbers, escapes and order; only its markings grow."""
    raw = bundle(make_object("x", TLP_2["green"])).replace(b'"name"', b'"x_n": 1.50e+01, "x_s": "\\u65e5\\/", "name"')
    found = sort_bundle(raw, make_marker(camp_david))
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="JPN")
    (*_, written) = writer.write(portion for batch in found.list_batches() for portion in batch.portions)
    assert b'"x_n":1.50e+01,"x_s":"\\u65e5\\/","name"' in written.raw


def test_one_object_under_two_markings_bears_both(camp_david: Pact) -> None:
    """Imported twice, mildly and strictly: whoever may have both reads the stricter one too."""
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="USA")
    objects = []
    for label in ("clear", "red"):
        found = sort_bundle(bundle(make_object("x", TLP_2[label])), make_marker(camp_david))
        objects += writer.write(portion for batch in found.list_batches() for portion in batch.portions)
    read = check_by_library(write_export(objects))
    (one,) = find(read, "campaign")
    assert {f"marking-definition--{TLP_2[label]}" for label in ("clear", "red")} < set(one["object_marking_refs"])


def test_dates_are_those_of_coming_into_view(tmp_path: Path) -> None:
    """Each object has its own; what comes later comes after all that was there, whatever the clock says."""
    path = tmp_path / "exchange.db"
    log = GivenLog(path)
    a, b, c = (bytes([number]) * 32 for number in range(3))
    first = log.note("soc", {a: 10}, now_us=1_000)  # type: ignore[dict-item]
    assert first == {a: 1_000}
    assert log.note("soc", {a: 10, b: 5}, now_us=900) == {a: 1_000, b: 1_010}  # type: ignore[dict-item]
    assert log.note("other", {b: 5}, now_us=900) == {b: 900}  # type: ignore[dict-item]
    log.close()
    again = GivenLog(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert again.note("soc", {b: 5}, now_us=2_000) == {b: 1_010}  # type: ignore[dict-item]
    # What left the view and came back, and what holds more by now, is new.
    assert again.note("soc", {a: 10, b: 6, c: 0}, now_us=2_000) == {a: 2_000, b: 2_010, c: 2_016}  # type: ignore[dict-item]
    again.forget("soc")
    assert again.note("soc", {b: 6}, now_us=1) == {b: 1}  # type: ignore[dict-item]


def test_a_damaged_memory_is_begun_anew(tmp_path: Path) -> None:
    """It is no record: everybody sees once more what they may have."""
    path = tmp_path / "exchange.db"
    path.write_bytes(b"no database" * 1_000)
    assert GivenLog(path).note("soc", {bytes(32): 1}, now_us=7) == {bytes(32): 7}  # type: ignore[dict-item]


def test_a_portion_is_a_bundle_that_anybody_can_read(camp_david: Pact) -> None:
    """Also without this program: media type and bytes are those of STIX."""
    found = sort_bundle(bundle(make_object("x", TLP_2["green"])), make_marker(camp_david))
    (batch,) = found.list_batches()
    assert len(batch.portions[0].content) < PORTION_SIZE_BYTES_MAX
    check_by_library(batch.portions[0].content)
    assert msgspec.json.decode(batch.portions[0].content)["id"].startswith("bundle--")
