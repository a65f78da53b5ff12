"""Files of neighbouring systems: whatever comes in by an import."""

import json
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qsl

from comity.exchange.marker import Marker, Wish
from comity.exchange.misp_import import sort_events
from comity.exchange.misp_table import Distribution, Group, MispTable, Organisation, read_table
from comity.exchange.misp_write import list_manifest, write_events
from comity.exchange.own_marking import OWN_EXTENSION
from comity.exchange.stix_import import sort_bundle
from comity.exchange.stix_write import OutObject, StixWriter, write_export
from comity.exchange.taxii import Catalogue, Dated, read_query
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from fuzz.change import change_blindly, change_json, change_text
from fuzz.door import Door

__all__ = ["DOORS"]


@cache
def _find_pact() -> Pact:
    return parse_pact((files("comity.pact") / "profiles" / "camp-david.toml").read_bytes())


def _make_marker() -> Marker:
    wish = Wish(("cyber",), "USA-CUI")
    return Marker(_find_pact(), party="USA", lineage="ab" * 32, realm="exercise/fuzz", wish=wish)


def _import_stix(raw: bytes) -> None:
    """Every object comes in or is refused, and what came in goes out."""
    found = sort_bundle(raw, _make_marker())
    for batch in found.list_batches():
        _write(batch.portions)


def _read_portion(raw: bytes) -> None:
    """Another party's portion: what is not sound in it is left out."""
    marking = Marking("JPN", "JPN", "JPN-OPEN", ("cyber",), ())
    _write((Portion(marking, "application/stix+json;version=2.1", "", raw),))


def _write(portions: tuple[Portion, ...]) -> None:
    writer = StixWriter(_find_pact(), lineage="ab" * 32, realm="exercise/fuzz", receiver="KOR")
    json.loads(write_export(writer.write(portions)))


def _find_bundles() -> list[bytes]:
    green, terms = "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "11111111-1111-4111-8111-111111111111"
    dates = {"spec_version": "2.1", "created": "2026-01-01T00:00:00.000Z"}
    marking = {"type": "marking-definition", "id": f"marking-definition--{terms}", **dates,
               "definition_type": "statement", "definition": {"statement": "tlp:amber+strict"}}  # fmt: skip
    refs = [f"marking-definition--{one}" for one in (green, terms)]
    campaign = {"type": "campaign", "id": f"campaign--{terms}", **dates, "name": "x", "labels": ["apt"],
                "object_marking_refs": refs, "extensions": {OWN_EXTENSION: {"level": "USA-U"}},
                "granular_markings": [{"marking_ref": refs[0], "selectors": ["name"]}]}  # fmt: skip
    observed = {"type": "ipv4-addr", "id": f"ipv4-addr--{terms}", "value": "198.51.100.3"}
    whole = {"type": "bundle", "id": f"bundle--{terms}", "objects": [marking, campaign, observed]}
    return [json.dumps(one).encode() for one in (whole, campaign, {"objects": [observed]})]


_GROUP = "10000000-0000-4000-8000-000000000001"
_TABLE = MispTable((Organisation(_GROUP, "JPN"),), (Group(_GROUP, ("JPN", "USA")),), (Distribution(1, ("JPN",)),))


def _import_misp(raw: bytes) -> None:
    """Every event comes in or is refused, and what came in goes out for one organisation."""
    found = sort_events(raw, _make_marker(), table=_TABLE, own="USA")
    writer = StixWriter(_find_pact(), lineage="ab" * 32, realm="exercise/fuzz", receiver="JPN")
    portions = [(b"", portion) for batch in found.list_batches() for portion in batch.portions]
    events = write_events(portions, writer)
    json.loads(list_manifest(events))
    assert all("SharingGroup" not in event.fields and event.fields["distribution"] == "0" for event in events)


def _find_events() -> list[bytes]:
    group = {"uuid": _GROUP, "active": True, "SharingGroupOrg": [{"Organisation": {"uuid": _GROUP}}]}
    event = {"uuid": _GROUP, "info": "x", "distribution": "4", "SharingGroup": group, "Tag": [{"name": "tlp:green"}],
             "Attribute": [{"distribution": "5", "value": "v"}],
             "Object": [{"Attribute": [{"distribution": 0}]}]}  # fmt: skip
    return [json.dumps(one).encode() for one in ({"Event": event}, [event, {**event, "distribution": "1"}])]


def _ask(raw: bytes) -> None:
    """A client's query, and what a view of a few objects answers."""
    asked = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    query = read_query(asked)
    made = [
        OutObject(f"campaign--{at % 3}", f"2026-01-0{at}T00:00:00Z", "campaign", "2.1", b"{}") for at in range(1, 8)
    ]
    rows = [Dated(at, one) for at, one in enumerate(made, 1)]
    page = Catalogue(rows).select(query)
    assert len(page.rows) <= query.limit
    assert all(row.added_us > query.after_us for row in page.rows)


def _find_tables() -> list[bytes]:
    rows = f'[[organisation]]\nuuid = "{_GROUP}"\nparty = "JPN"\n[[group]]\nuuid = "{_GROUP}"\nparties = ["JPN"]\n'
    return [rows.encode(), (rows + '[[distribution]]\nvalue = 1\nparties = ["JPN", "USA"]\n').encode()]


def _find_queries() -> list[bytes]:
    return [b"limit=3&next=2", b"added_after=1970-01-01T00:00:00.000003Z", b"match[id]=campaign--1,campaign--2",
            b"match[version]=all,first,2026-01-03T00:00:00Z&match[type]=campaign&match[spec_version]=2.1"]  # fmt: skip


DOORS = (
    Door("misp-event", _import_misp, _find_events, change_json),
    Door("misp-table", lambda raw: read_table(raw, _find_pact()), _find_tables, change_text),
    Door("taxii-query", _ask, _find_queries, change_blindly),
    Door("stix-bundle", _import_stix, _find_bundles, change_json),
    Door("stix-portion", _read_portion, _find_bundles, change_json),
)
