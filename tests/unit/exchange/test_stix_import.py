"""STIX in: each object is marked before it is stored, what cannot be marked is refused, and nothing raises."""

import itertools
import json
from typing import Any

import pytest

from comity.base.errors import RemoteError, UsageError
from comity.exchange import stix_read
from comity.exchange.own_marking import OWN_EXTENSION
from comity.exchange.sorting import Sorted
from comity.exchange.stix_import import STIX_MEDIA, sort_bundle
from comity.exchange.tlp import EXTENSION, UnknownLabel, find_labels_in
from comity.pact.model import Pact
from kit.stix import LINEAGE, TLP_1, TLP_2, bundle, make_marker, make_object, make_statement

ROWS = {"clear": ("USA-U", ()), "green": ("USA-CUI", ()), "amber": ("USA-CUI", ("ORCON",)),
        "amber+strict": ("USA-CUI", ("NATIONAL EYES ONLY", "ORCON")),
        "red": ("USA-C", ("NATIONAL EYES ONLY", "ORCON"))}  # fmt: skip
START = '{"type":"campaign","id":"campaign--UUID","spec_version":"2.1"'
UNKNOWN = "00000000-0000-4000-8000-000000000001"


def take(pact: Pact, *objects: dict[str, Any], **wish: Any) -> Sorted:
    """Import objects as the USA."""
    return sort_bundle(bundle(*objects), make_marker(pact, **wish))


def find_only(found: Sorted) -> tuple[str, tuple[str, ...]]:
    """Return level and caveats of the one marking under which everything came in."""
    assert found.refused == []
    (marking,) = found.contents
    assert (marking.originator, marking.scheme, marking.topics) == ("USA", "USA", ("cyber",))
    return marking.level, marking.caveats


def find_codes(found: Sorted) -> list[str]:
    """Return why objects were refused."""
    return [row.code for row in found.refused]


def ref(definition: dict[str, Any]) -> str:
    """Return the UUID of a marking object."""
    return str(definition["id"]).partition("--")[2]


@pytest.mark.parametrize("label", ROWS)
def test_the_labels_of_tlp_2_are_read_by_their_ids(camp_david: Pact, label: str) -> None:
    """By the pact's table, whether or not the marking object came along."""
    assert find_only(take(camp_david, make_object("x", TLP_2[label]))) == ROWS[label]


@pytest.mark.parametrize("label", TLP_1)
def test_the_labels_of_tlp_1_are_read_by_their_ids(camp_david: Pact, label: str) -> None:
    """White is clear since; the others kept their names."""
    assert find_only(take(camp_david, make_object("x", TLP_1[label]))) == ROWS[label]


DIALECTS: list[dict[str, Any]] = [
    make_statement("", definition_type=None, definition=None, name="TLP:AMBER+STRICT",
                   extensions={EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "amber+strict"}}),
    make_statement("tlp:amber+strict"),
    make_statement("TLP:AMBER+STRICT"),
    make_statement("TLP: Amber + Strict"),
    make_statement("TLP AMBER STRICT"),
    make_statement("tlp_amber_strict"),
    make_statement("", definition_type="tlp", definition={"tlp": "amber+strict"}),
    make_statement("", definition_type="TLP", definition={"TLP": "TLP:AMBER+STRICT"}),
    make_statement("custom", x_opencti_definition_type="TLP", x_opencti_definition="TLP:AMBER+STRICT"),
    make_statement("custom", id="marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"),
    make_statement("For members only. TLP:AMBER+STRICT applies.", name="TLP"),
]  # fmt: skip


@pytest.mark.parametrize("definition", DIALECTS, ids=range(len(DIALECTS)))
def test_amber_strict_is_read_in_every_dialect(camp_david: Pact, definition: dict[str, Any]) -> None:
    """The extension, the platforms' own id and properties, and the statements that others write instead."""
    definition = {name: value for name, value in definition.items() if value is not None}
    found = take(camp_david, definition, make_object("x", ref(definition)))
    assert find_only(found) == ROWS["amber+strict"]


def test_a_label_among_an_objects_own_labels_counts(camp_david: Pact) -> None:
    """Tags that were carried over as labels are words of the source too."""
    assert find_only(take(camp_david, make_object("x", labels=["apt", "tlp:amber"]))) == ROWS["amber"]
    assert find_codes(take(camp_david, make_object("x", labels=["tlp:pink"]))) == ["exchange.marking-unknown"]


def test_of_several_labels_the_strictest_counts(camp_david: Pact) -> None:
    """However many an object bears, and if an id and its own object contradict one another."""
    assert find_only(take(camp_david, make_object("x", TLP_2["clear"], TLP_1["red"], TLP_2["green"]))) == ROWS["red"]
    liar = make_statement("TLP:RED", id=f"marking-definition--{TLP_2['clear']}")
    assert find_only(take(camp_david, liar, make_object("x", TLP_2["clear"]))) == ROWS["red"]


def test_a_part_under_a_marking_of_its_own_marks_the_whole(camp_david: Pact) -> None:
    """Granular markings: the object takes the strictest of them; one that names a language has none."""
    parts = [{"selectors": ["name"], "marking_ref": f"marking-definition--{TLP_2['red']}"},
             {"selectors": ["name"], "lang": "ja"}]  # fmt: skip
    assert find_only(take(camp_david, make_object("x", TLP_2["green"], granular_markings=parts))) == ROWS["red"]
    parts[0]["marking_ref"] = f"marking-definition--{UNKNOWN}"
    found = take(camp_david, make_object("x", TLP_2["green"], granular_markings=parts))
    assert find_codes(found) == ["exchange.marking-missing"]


def test_a_statement_alone_says_nothing_of_a_level(camp_david: Pact) -> None:
    """It is kept; what the object is marked with is the officer's to say."""
    terms = make_statement("Copyright 2026, all rights reserved")
    one = make_object("x", ref(terms))
    assert find_codes(take(camp_david, terms, one)) == ["exchange.no-marking"] * 2
    found = take(camp_david, terms, one, level="USA-CUI")
    assert find_only(found) == ("USA-CUI", ())
    ((content, count),) = next(iter(found.contents.values()))
    assert (count, json.loads(content)["objects"]) == (1, [terms, one])


@pytest.mark.parametrize(
    "definition",
    [
        make_statement("", definition_type="iep", definition={"tlp": "red"}),
        make_statement("", definition_type="tlp", definition={"tlp": "pink"}),
        make_statement("", definition_type="tlp", definition={"tlp": 3}),
        make_statement("TLP:PINK"),
        make_statement("", definition_type="x", extensions={EXTENSION: {"tlp_2_0": "ultraviolet"}}),
        make_statement("", definition_type="x", extensions={EXTENSION: ["red"]}),
        make_statement("", definition_type="x", extensions={"extension-definition--1": {}}),
        make_statement("", definition_type=None, definition=None),
        make_statement("", extensions={OWN_EXTENSION: {"level": "USA-U"}}),
        make_statement("", extensions={OWN_EXTENSION: "USA-U"}),
    ],
    ids=range(10),
)
def test_a_marking_that_cannot_be_read_is_never_a_mild_one(camp_david: Pact, definition: dict[str, Any]) -> None:
    """Another vocabulary, an unknown colour, a damaged extension: the object is refused, whatever the officer said."""
    found = take(camp_david, definition, make_object("x", ref(definition)), level="USA-U")
    assert "exchange.marking-unknown" in [row.code for row in found.refused if row.id.startswith("campaign")]


def test_a_label_without_a_row_is_refused(harbour: Pact) -> None:
    """The ports took no row for red: it has no default."""
    found = take(harbour, make_object("x", TLP_2["red"]), party="PORT-A", topics=("spill",))
    assert find_codes(found) == ["exchange.no-row"]


def test_what_the_officer_says_is_the_least(camp_david: Pact) -> None:
    """A higher level, more caveats, more topics: never less than the label's."""
    higher = take(camp_david, make_object("x", TLP_2["green"]), level="USA-S", caveats=("NOFORN",))
    assert find_only(higher) == ("USA-S", ("NOFORN",))
    lower = take(camp_david, make_object("x", TLP_2["red"]), level="USA-U")
    assert find_only(lower) == ROWS["red"]
    assert find_only(take(camp_david, make_object("x", TLP_2["green"]), level="USA-FOUO")) == ("USA-CUI", ())


@pytest.mark.parametrize(
    ("what", "wish"),
    [("topics", {"topics": ("weather",)}), ("level", {"level": "JPN-CHUI"}), ("level", {"level": "X"}),
     ("caveats", {"caveats": ("BURN",)}), ("caveats", {"caveats": ("REL TO FRA",)})],
)  # fmt: skip
def test_what_the_pact_does_not_know_is_no_wish(camp_david: Pact, what: str, wish: dict[str, Any]) -> None:
    """Refused before a byte is read."""
    with pytest.raises(UsageError) as caught:
        make_marker(camp_david, **wish)
    assert (caught.value.code, caught.value.details) == ("exchange.wish", {"what": what})


def own(**fields: Any) -> dict[str, Any]:
    """Return a marking object as this node writes it."""
    held = {"extension_type": "property-extension", "lineage": LINEAGE, "realm": "real", "originator": "USA",
            "scheme": "USA", "level": "USA-C", "topics": ["defence"], "caveats": ["ORCON"], **fields}  # fmt: skip
    return make_statement("USA-C", extensions={OWN_EXTENSION: held})


def test_our_own_marking_narrows_what_comes_back(camp_david: Pact) -> None:
    """Level, topics and caveats are all at least those it went out with."""
    found = take(camp_david, own(), make_object("x", ref(own()), TLP_2["clear"]))
    (marking,) = found.contents
    assert (marking.level, marking.topics, marking.caveats) == ("USA-C", ("cyber", "defence"), ("ORCON",))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"originator": "JPN", "scheme": "JPN", "level": "JPN-CHUI"}, "exchange.other-originator"),
        ({"scheme": "JPN"}, "exchange.other-originator"),
        ({"realm": "exercise/freedom-edge"}, "exchange.other-realm"),
        ({"lineage": "00" * 32}, "exchange.other-realm"),
        ({"level": "USA-X"}, "exchange.marking-unknown"),
        ({"topics": ["weather"]}, "exchange.marking-unknown"),
        ({"caveats": ["BURN"]}, "exchange.marking-unknown"),
    ],
)
def test_what_was_released_is_not_laundered_by_an_import(camp_david: Pact, fields: Any, code: str) -> None:
    """Another party's word is passed on with its consent and never imported; play never becomes real."""
    marking = own(**fields)
    found = take(camp_david, marking, make_object("x", ref(marking)), level="USA-U")
    assert find_codes(found)[-1] == code


def test_each_marking_has_contents_of_its_own(camp_david: Pact) -> None:
    """Two labels, two markings; the bytes of each object are those of the file."""
    raw = bundle(make_object("a", TLP_2["green"], description="日本語"), make_object("b", TLP_2["clear"]),
                 make_object("c", TLP_2["green"]))  # fmt: skip
    raw = raw.replace(b'"type": "campaign"', b'"type" :\n "campaign"')
    found = sort_bundle(raw, make_marker(camp_david))
    assert {marking.level: [count for _, count in rows] for marking, rows in found.contents.items()} == {
        "USA-CUI": [2], "USA-U": [1]}  # fmt: skip
    for contents in found.contents.values():
        for content, _ in contents:
            assert all(one.raw in raw for one in stix_read.read_bundle(content)[0])
    (batch, other) = found.list_batches()
    assert {portion.media for portion in (*batch.portions, *other.portions)} == {STIX_MEDIA}


def test_a_large_import_is_several_portions_and_items(camp_david: Pact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the limits of an item, in the order of the file, each object once."""
    monkeypatch.setattr("comity.exchange.stix_import.PORTION_SIZE_BYTES_MAX", 1_000)
    monkeypatch.setattr("comity.exchange.sorting.ITEM_CONTENT_SIZE_BYTES_MAX", 5_000)
    objects = [make_object(f"n{number}", TLP_2["green"]) for number in range(60)]
    batches = list(take(camp_david, *objects).list_batches())
    assert len(batches) > 3
    assert sum(batch.object_count for batch in batches) == 60
    assert all(sum(len(portion.content) for portion in batch.portions) <= 5_000 for batch in batches)
    read = [one for batch in batches for portion in batch.portions for one in json.loads(portion.content)["objects"]]
    assert read == objects


def test_circles_of_references_are_harmless(camp_david: Pact) -> None:
    """Objects that refer to one another, and marking objects that mark one another: each is read once."""
    one, other = make_statement("TLP:RED", "one"), make_statement("terms", "other")
    one["object_marking_refs"], other["object_marking_refs"] = [other["id"]], [one["id"], other["id"]]
    a = make_object("a", ref(other), created_by_ref=make_object("b")["id"])
    b = make_object("b", ref(other), created_by_ref=a["id"])
    found = take(camp_david, one, other, a, b)
    assert find_only(found) == ROWS["red"]
    ((_, count),) = next(iter(found.contents.values()))
    assert count == 2


def test_a_hundred_thousand_objects_are_answered_with_a_code(camp_david: Pact) -> None:
    """Too many at once: none is taken."""
    one = json.dumps(make_object("x", TLP_2["green"]))
    raw = f'{{"type":"bundle","id":"bundle--{UNKNOWN}","objects":[{",".join([one] * 100_000)}]}}'.encode()
    with pytest.raises(RemoteError) as caught:
        sort_bundle(raw, make_marker(camp_david))
    assert (caught.value.code, caught.value.details["count"]) == ("stix.too-many", 100_000)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "stix.malformed"),
        (b"[]", "stix.malformed"),
        (b'"bundle"', "stix.malformed"),
        (b'{"type":"bundle","objects":{}}', "stix.malformed"),
        (b"{}", "stix.malformed"),
        (b'{"type":"bundle","objects":[1', "stix.malformed"),
        (b'\xff{"type":"bundle"}', "stix.malformed"),
        (b'{"type":"bundle","objects":[' + b"[" * 200_000, "stix.malformed"),
        (b'{"type":"bundle","objects":[{}],"objects":[{}]}', "stix.malformed"),
        (b'{"type":"bundle","objects":[{}],"obj\\u0065cts":[{"a":1}]}', "stix.malformed"),
        (b'{"type":"bundle","objects":[{}],"objects":[]}', "stix.malformed"),
        (b'{"type":"bundle","spec_version":"2.0","objects":[]}', "stix.version"),
    ],
    ids=range(12),
)
def test_what_is_no_bundle_is_refused_whole(camp_david: Pact, raw: bytes, code: str) -> None:
    """One code for the whole; a second list of objects is not passed over."""
    with pytest.raises(RemoteError) as caught:
        sort_bundle(raw, make_marker(camp_david))
    assert caught.value.code == code


def test_a_bundle_has_a_size(camp_david: Pact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what its marking objects come to when they are kept with every object that needs them."""
    raw = bundle(make_object("x", TLP_2["green"]))
    monkeypatch.setattr(stix_read, "BUNDLE_SIZE_BYTES_MAX", len(raw) - 1)
    with pytest.raises(RemoteError) as caught:
        sort_bundle(raw, make_marker(camp_david))
    assert caught.value.code == "stix.too-large"
    monkeypatch.undo()
    monkeypatch.setattr("comity.exchange.stix_import.BUNDLE_SIZE_BYTES_MAX", 5_000)
    monkeypatch.setattr("comity.exchange.stix_import.PORTION_SIZE_BYTES_MAX", 1)
    terms = make_statement("x" * 900)
    with pytest.raises(RemoteError) as caught:
        take(camp_david, terms, *(make_object(f"n{n}", ref(terms), TLP_2["green"]) for n in range(12)))
    assert caught.value.code == "stix.too-large"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ('{"type":"campaign"}', "stix.object-malformed"),
        ("1", "stix.object-malformed"),
        ('{"type":"campaign","id":"campaign--1","spec_version":"2.1"}', "stix.object-malformed"),
        ('{"type":"tool","id":"campaign--UUID","spec_version":"2.1"}', "stix.object-malformed"),
        ('{"type":"bundle","id":"bundle--UUID","objects":[]}', "stix.object-malformed"),
        ('{"type":"campaign","id":"campaign--UUID","spec_version":"2.0"}', "stix.version"),
        ('{"type":"campaign","id":"campaign--UUID","created":"2026-01-01T00:00:00Z"}', "stix.version"),
        (START + ',"object_marking_refs":["a"],"object_marking_refs":[]}', "stix.duplicate-key"),
        (START + ',"object_marking_refs":["a"],"object\\u005fmarking_refs":[]}', "stix.duplicate-key"),
        (START + ',"definition_type":"tlp","definition":{"tlp":"red","tlp":"clear"}}', "stix.duplicate-key"),
        (START + ',"granular_markings":[{"marking_ref":"a","marking_ref":""}]}', "stix.duplicate-key"),
        (START + ',"pattern":"a","pattern":"b"}', "stix.duplicate-key"),
        (START + ',"x":' + "[" * 40 + "]" * 40 + "}", "stix.too-deep"),
        (START + ',"x":"' + "y" * 1_100_000 + '"}', "stix.object-too-large"),
        (START + ',"type":"campaign","x":' + "9" * 5_000 + "}", "stix.object-malformed"),
        (START + ',"labels":"tlp:red"}', "stix.object-malformed"),
    ],
    ids=range(16),
)  # fmt: skip
def test_an_object_that_is_none_is_refused_by_itself(camp_david: Pact, raw: str, code: str) -> None:
    """With its place in the file; those around it come in."""
    sound = json.dumps(make_object("x", TLP_2["green"]))
    objects = ",".join([sound, raw.replace("UUID", UNKNOWN), json.dumps(make_object("y", TLP_2["green"]))])
    found = sort_bundle(f'{{"type":"bundle","objects":[{objects}]}}'.encode(), make_marker(camp_david))
    assert [(row.index, row.code) for row in found.refused] == [(1, code)]
    assert [count for rows in found.contents.values() for _, count in rows] == [2]


def test_one_id_and_version_has_one_content(camp_david: Pact) -> None:
    """The same object twice is one; another content under its id is refused; a later version is another object."""
    one = make_object("x", TLP_2["green"])
    other = {**one, "description": "otherwise"}
    later = {**one, "modified": "2026-02-01T00:00:00.000Z"}
    found = take(camp_david, one, one, other, later)
    assert [(row.index, row.code) for row in found.refused] == [(2, "stix.conflict")]
    assert [count for rows in found.contents.values() for _, count in rows] == [2]


def test_deep_strings_are_not_depth(camp_david: Pact) -> None:
    """Brackets in a text nest nothing."""
    assert find_only(take(camp_david, make_object("x", TLP_2["green"], description='\\"' + "[{" * 50))) == ROWS["green"]


def test_an_object_needs_only_so_much_beside_it(camp_david: Pact) -> None:
    """Marking objects are kept with each that refers to them; a weight of them is refused."""
    terms = [make_statement("x" * 100_000, f"s{number}") for number in range(3)]
    found = take(camp_david, *terms, make_object("x", TLP_2["green"], *map(ref, terms)))
    assert "stix.object-too-large" in find_codes(found)


def test_a_crowd_of_marking_objects_is_walked_no_further(camp_david: Pact) -> None:
    """One that points to tens of thousands, known or not, as a whole or in parts."""
    many = [{"marking_ref": f"marking-definition--{number}", "selectors": ["x"]} for number in range(12_000)]
    terms = make_statement("x", granular_markings=many)
    assert find_codes(take(camp_david, terms, make_object("x", ref(terms)))) == ["stix.object-too-large"] * 2
    chain = [make_statement("x", f"s{number}") for number in range(300)]
    for one, after in itertools.pairwise(chain):
        one["object_marking_refs"] = [after["id"]]
    found = take(camp_david, *chain, make_object("x", TLP_2["green"], ref(chain[0])))
    assert find_codes(found)[-1] == "stix.object-too-large"


def test_both_spellings_of_one_label_count(camp_david: Pact) -> None:
    """A program may read either."""
    both = make_statement("", definition_type="tlp", definition={"tlp": "clear", "TLP": "red"})
    assert find_only(take(camp_david, both, make_object("x", ref(both)))) == ROWS["red"]


def test_one_object_by_itself_and_an_envelope_are_read_too(camp_david: Pact) -> None:
    """A file that is an object, and what TAXII sends."""
    one = make_object("x", TLP_2["green"])
    for raw in (json.dumps(one), json.dumps({"objects": [one]}), json.dumps({"more": False, "objects": [one]})):
        assert find_only(sort_bundle(raw.encode(), make_marker(camp_david))) == ROWS["green"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [("TLP:WHITE", {"clear"}), ("tlp = red", {"red"}), ("TLP-GREEN or TLP:RED", {"green", "red"}),
     ("the TLP rules apply", set()), ("tlp", set()), ("atlp:red", set())],
)  # fmt: skip
def test_labels_are_found_in_words(text: str, labels: set[str]) -> None:
    """Only where the text says TLP and a colour; a mention of the protocol is none."""
    assert find_labels_in(text) == labels


def test_a_long_text_is_read_once() -> None:
    """Nothing in it makes the reading go back over and over: this would take hours."""
    assert find_labels_in("tlp:amber" + " " * 1_000_000 + "or so") == {"amber"}
    assert find_labels_in("tlp:amber" + " " * 1_000_000 + "strict") == {"amber+strict"}


def test_a_colour_that_no_protocol_has_is_an_error() -> None:
    """After a colon it was meant as a label."""
    with pytest.raises(UnknownLabel):
        find_labels_in("TLP:MAUVE")
