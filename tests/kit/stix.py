"""Bundles of STIX for tests: objects with any markings, and what a stock library says of what we write."""

import json
import uuid
from typing import Any

import stix2

from comity.exchange.marker import Marker, Wish
from comity.exchange.tlp import BY_ID
from comity.pact.model import Pact

__all__ = ["TLP_1", "TLP_2", "bundle", "check_by_library", "make_marker", "make_object", "make_statement"]

LINEAGE = "ab" * 32
TLP_1 = {"clear": "613f2e26-407d-48c7-9eca-b8e91df99dc9", "green": "34098fce-860f-48ae-8e50-ebd3cc5e41da",
         "amber": "f88d31f6-486f-44da-b317-01333bde0b82", "red": "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}  # fmt: skip
TLP_2 = {"clear": "94868c89-83c2-464b-929b-a1a8aa3c8487", "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
         "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
         "red": "e828b379-4e03-4974-9ac4-e53a884c97c1"}  # fmt: skip
assert {f"marking-definition--{id_}" for id_ in (*TLP_1.values(), *TLP_2.values())} <= set(BY_ID)


def make_object(name: str = "one", *marked: str, kind: str = "campaign", **fields: Any) -> dict[str, Any]:
    """Return an object whose id is drawn from its name, under markings named by UUID."""
    refs = {"object_marking_refs": [f"marking-definition--{one}" for one in marked]} if marked else {}
    dates = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}
    id_ = f"{kind}--{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
    return {"type": kind, "spec_version": "2.1", "id": id_, **dates, "name": name, **refs, **fields}


def make_statement(text: str, name: str = "s", **fields: Any) -> dict[str, Any]:
    """Return a marking object with a statement."""
    id_ = f"marking-definition--{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
    return {"type": "marking-definition", "spec_version": "2.1", "id": id_, "created": "2026-01-01T00:00:00.000Z",
            "definition_type": "statement", "definition": {"statement": text}, **fields}  # fmt: skip


def bundle(*objects: dict[str, Any]) -> bytes:
    """Return a bundle."""
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid.UUID(int=4)}", "objects": objects}).encode()


def make_marker(
    pact: Pact,
    *,
    topics: tuple[str, ...] = ("cyber",),
    party: str = "USA",
    realm: str = "real",
    level: str = "",
    caveats: tuple[str, ...] = (),
) -> Marker:
    """Return the marker of an import."""
    wish = Wish(topics, level, caveats)
    return Marker(pact, party=party, lineage=LINEAGE, realm=realm, wish=wish)


def check_by_library(raw: bytes) -> list[dict[str, Any]]:
    """Return the objects of a bundle that the OASIS library takes, which checks every property."""
    read = stix2.parse(raw, allow_custom=False)
    assert read["type"] == "bundle"
    assert len({(one["id"], str(one.get("modified"))) for one in read.get("objects", [])}) == len(read["objects"])
    objects: list[dict[str, Any]] = json.loads(raw)["objects"]
    return objects
