"""Seeds out of `vectors/`: pages, statements, bundles, disclosures, cards, good and bad, and the keys to judge them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from comity.crypto.production import ProductionSuite
from comity.journal.statement import RootKeys
from comity.journal.trust import PinnedRoot, Pins

__all__ = ["SUITE", "find_pins", "find_seeds", "read_common"]

SUITE = ProductionSuite()
FOLDER = Path(__file__).parents[1] / "vectors"


@cache
def read_common() -> dict[str, Any]:
    """What all cases share."""
    found: dict[str, Any] = json.loads((FOLDER / "common.json").read_text("utf-8"))
    return found


@cache
def find_seeds(kind: str) -> tuple[bytes, ...]:
    """All bytes of a kind in the cases: `page`, `statement`, `bundle`, `sealed-bundle`, `disclosure`, `card`."""
    found: dict[bytes, None] = {}
    for path in sorted((FOLDER / "cases").glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        for value in [case.get(kind), *(step.get(kind) for step in case.get("steps", ()))]:
            if isinstance(value, str):
                found[bytes.fromhex(value)] = None
    if kind == "page":
        found |= dict.fromkeys(bytes.fromhex(raw) for raw in read_common()["genesis"].values())
    return tuple(found)


def find_pins() -> Pins:
    """What the pact of the vectors pins."""
    common = read_common()
    roots = {
        party: PinnedRoot(
            RootKeys(bytes.fromhex(row["ed25519"]), bytes.fromhex(row["mldsa65"])), bytes.fromhex(row["next_root"])
        )
        for party, row in common["parties"].items()
    }
    return Pins(bytes.fromhex(common["lineage"]), common["realm"], roots)


def find_secrets() -> tuple[bytes, ...]:
    """The reader's receiving secrets."""
    return tuple(bytes.fromhex(secret) for secret in read_common()["reader"]["receiving_secrets"])
