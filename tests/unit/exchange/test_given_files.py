"""Files that nobody here wrote: each imports, or is refused with a code."""

import json
import os
from pathlib import Path

import pytest

from comity.base.catalogue import CODES
from comity.base.errors import RemoteError
from comity.exchange.misp_import import sort_events
from comity.exchange.misp_table import Distribution, MispTable
from comity.exchange.misp_write import write_events
from comity.exchange.stix_import import sort_bundle
from comity.exchange.stix_read import read_bundle
from comity.exchange.stix_write import StixWriter, write_export
from comity.pact.model import Pact
from kit.stix import LINEAGE, make_marker

DATA = Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"NO TEST DATA at {DATA}: set COMITY_TEST_DATA")
SOUND = {"apt1": 76, "poisonivy": 155, "infrastructure": 10, "ics_apt38": 4, "ics_lazarus_group": 6,
         "indicator-for-c2-ip-address": 1, "indicator-to-campaign-relationship": 3, "indicators-for-C2-with-COA": 8,
         "malicious-email-indicator-with-attachment": 6}  # fmt: skip


@needs_data
def test_every_bundle_imports_whole_or_is_refused_with_a_code(camp_david: Pact) -> None:
    """Reports of the OASIS examples and of ATT&CK: every object, with its own bytes, and out again."""
    files = sorted((DATA / "stix").rglob("*.json"))
    assert len(files) >= 10
    for path in files:
        raw = path.read_bytes()
        found = sort_bundle(raw, make_marker(camp_david, level="USA-CUI"))
        count = sum(count for contents in found.contents.values() for _, count in contents)
        assert {row.code for row in found.refused} <= set(CODES)
        if path.stem in SOUND:
            assert (count, found.refused) == (SOUND[path.stem], []), path.name
        for contents in found.contents.values():
            for content, _ in contents:
                assert all(one.raw in raw for one in read_bundle(content)[0]), path.name
        writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="KOR")
        out = write_export(writer.write(portion for batch in found.list_batches() for portion in batch.portions))
        assert len([one for one in json.loads(out)["objects"] if one["type"] != "marking-definition"]) == count


@needs_data
def test_a_marking_that_nobody_has_refuses_its_object(camp_david: Pact) -> None:
    """The interoperability sample bears TLP:RED and another marking that is not in it."""
    raw = (DATA / "stix" / "interop-objectmarking-test.json").read_bytes()
    found = sort_bundle(raw, make_marker(camp_david, level="USA-CUI"))
    assert [row.code for row in found.refused] == ["exchange.marking-missing"]
    assert found.contents == {}


@needs_data
def test_files_of_other_kinds_are_refused_with_a_code(camp_david: Pact) -> None:
    """Every other file of the test data, handed in as STIX: none brings anything down."""
    for path in sorted(path for path in DATA.rglob("*") if path.is_file() and "stix" not in path.parts):
        try:
            found = sort_bundle(path.read_bytes(), make_marker(camp_david, level="USA-CUI"))
        except RemoteError:  # whose code is in the catalogue, or it could not have been raised
            continue
        assert found.contents == {}, path.name
        assert found.refused, path.name


@needs_data
def test_every_event_of_misp_imports_or_is_refused_with_a_code(camp_david: Pact) -> None:
    """One for the own organisation imports whole; one for a community, and groups alone, do not without a table."""
    codes = {}
    for path in sorted((DATA / "misp").glob("*.json")):
        found = sort_events(path.read_bytes(), make_marker(camp_david, level="USA-U"), table=MispTable(), own="USA")
        codes[path.stem] = [row.code for row in found.refused]
        if not found.refused:
            ((content, _),) = next(iter(found.contents.values()))
            assert content == path.read_bytes().strip()
    assert codes == {"misp_event": [], "japanese_test": ["misp.distribution"],
                     "sharing_groups": ["misp.event-malformed"] * 2}  # fmt: skip


@needs_data
def test_japanese_text_is_kept(camp_david: Pact) -> None:
    """With a row for its community the event comes in byte for byte, and goes out with the same words."""
    raw = (DATA / "misp" / "japanese_test.json").read_bytes()
    table = MispTable(distribution=(Distribution(1, ("JPN", "USA")),))
    found = sort_events(raw, make_marker(camp_david, level="USA-U"), table=table, own="USA")
    ((content, _),) = next(iter(found.contents.values()))
    assert content == raw.strip()
    writer = StixWriter(camp_david, lineage=LINEAGE, realm="real", receiver="JPN")
    (event,) = write_events(((b"", portion) for batch in found.list_batches() for portion in batch.portions), writer)
    before = json.loads(raw)["Event"]
    assert event.fields["info"] == before["info"]
    assert [one["value"] for one in event.fields["Attribute"]] == [one["value"] for one in before["Attribute"]]
    assert event.fields["Tag"][: len(before["Tag"])] == before["Tag"]
