"""Laws of exchange: for any bytes an answer, and no marking is lost on the way out and in."""

import importlib.resources
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.base.catalogue import CODES
from comity.base.errors import RemoteError
from comity.exchange.stix_import import sort_bundle
from comity.exchange.stix_write import StixWriter, write_export
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE, PROFILE_SUFFIX
from comity.procedure.entry import Marking
from kit.stix import LINEAGE, TLP_1, TLP_2, bundle, make_marker, make_object, make_statement

PACT: Pact = parse_pact((importlib.resources.files(PROFILE_PACKAGE) / ("camp-david" + PROFILE_SUFFIX)).read_bytes())
RANKS = {level.id: level.rank for scheme in PACT.schemes for level in scheme.levels}
TOPICS = [topic.id for topic in PACT.topics]
STATEMENTS = [make_statement(text, text) for text in ("Copyright", "tlp:amber+strict", "TLP:GREEN", "tlp:pink")]
IDS = [*TLP_1.values(), *TLP_2.values(), *(one["id"].partition("--")[2] for one in STATEMENTS)]

words = st.lists(
    st.sampled_from(["ORCON", "NATIONAL EYES ONLY", "REL TO JPN, USA", "ONLY UNDER tisa-2014"]), unique=True
)


@st.composite
def imports(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    """Draw a bundle with any markings, and what an officer says of it."""
    objects = [make_object(f"n{number}", *draw(st.lists(st.sampled_from(IDS), max_size=3)))
               for number in range(draw(st.integers(1, 4)))]  # fmt: skip
    wish = {
        "party": draw(st.sampled_from(["JPN", "KOR", "USA"])),
        "topics": tuple(sorted(draw(st.sets(st.sampled_from(TOPICS), min_size=1, max_size=3)))),
        "caveats": tuple(sorted(draw(words))),
    }
    levels = next(scheme.levels for scheme in PACT.schemes if scheme.party == wish["party"])
    wish["level"] = draw(st.sampled_from(["", *(level.id for level in levels)]))
    return bundle(*STATEMENTS, *objects), wish


def list_marked(raw: bytes, **wish: Any) -> dict[str, Marking]:
    """Import a bundle; return the marking of each campaign in it that came in."""
    found = sort_bundle(raw, make_marker(PACT, **wish))
    return {
        one["id"]: marking
        for marking, contents in found.contents.items()
        for content, _ in contents
        for one in json.loads(content)["objects"]
        if one["type"] == "campaign"
    }


@given(imports())
def test_no_marking_is_lost_on_the_way_out_and_in(drawn: tuple[bytes, dict[str, Any]]) -> None:
    """Imported, exported, imported again with the least an officer can say: level, topics and caveats are no fewer."""
    raw, wish = drawn
    before = list_marked(raw, **wish)
    party = wish["party"]
    found = sort_bundle(raw, make_marker(PACT, **wish))
    writer = StixWriter(PACT, lineage=LINEAGE, realm="real", receiver=party)
    out = write_export(writer.write(portion for batch in found.list_batches() for portion in batch.portions))
    after = list_marked(out, party=party, topics=("cyber",))
    assert set(after) <= set(before)
    for id_, marking in after.items():
        assert RANKS[marking.level] >= RANKS[before[id_].level]
        assert set(marking.topics) >= set(before[id_].topics)
        assert set(marking.caveats) >= set(before[id_].caveats)
    # What does not come back has no label: SECRET, or a caveat that no row of this party has.
    unlabelled = {"USA-S", "USA-TS", "JPN-GOKUHI", "JPN-TOKUTEI", "JPN-KIMITSU", "KOR-II", "KOR-I"}
    assert all(before[id_].level in unlabelled for id_ in set(before) - set(after))


@given(imports())
def test_every_object_comes_in_or_is_refused_with_a_code(drawn: tuple[bytes, dict[str, Any]]) -> None:
    """Nothing is dropped without a word, and every code can be explained."""
    raw, wish = drawn
    found = sort_bundle(raw, make_marker(PACT, **wish))
    objects = {one["id"] for one in json.loads(raw)["objects"]}
    came = {one["id"] for contents in found.contents.values() for content, _ in contents
            for one in json.loads(content)["objects"]}  # fmt: skip
    assert came | {row.id for row in found.refused} == objects
    assert {row.code for row in found.refused} <= set(CODES)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(["type", "id", "spec_version", "created", "object_marking_refs", "granular_markings", "labels",
                        "definition_type", "definition", "extensions", "name"])  # fmt: skip
objects = st.dictionaries(keys, json_values, max_size=6).map(
    lambda changed: {**make_object("x", TLP_2["green"]), **changed}
)
bundles = st.lists(objects | json_values, max_size=4).map(
    lambda rows: json.dumps({"type": "bundle", "objects": rows}).encode()
)


@given(st.binary(max_size=200) | bundles)
def test_any_bytes_come_to_objects_or_to_a_code(raw: bytes) -> None:
    """A stranger's file: sorted, or refused, never anything else."""
    marker = make_marker(PACT, level="USA-CUI")
    try:
        found = sort_bundle(raw, marker)
    except RemoteError:  # whose code is in the catalogue, or it could not have been raised
        return
    assert {row.code for row in found.refused} <= set(CODES)
    writer = StixWriter(PACT, lineage=LINEAGE, realm="exercise/x", receiver="JPN")
    write_export(writer.write(portion for batch in found.list_batches() for portion in batch.portions))
