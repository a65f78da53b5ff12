"""What the builders of vectors stand on: the same parties with the same keys every time, on production cryptography.

Secrets and salts are drawn from a seed, so that a case can be added years later to the same genesis pages; ML-DSA-65
signatures and HPKE wraps draw their own randomness, so that pages are never made twice the same. That is why a case
once written is never written again.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from comity.base.names import Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.suite import HPKE_SECRET_SIZE
from kit.forgery import take_all
from kit.vector import Json
from kit.world import Member, World

__all__ = ["REALM", "WORDS", "Case", "Workshop", "file_case", "write_common"]

REALM = "exercise/vectors"
LINEAGE = hashlib.sha256(b"The pact of the vectors, first version.").digest()
WORDS = b"\x92\xa4Said\xa5words"


class SeededCeremony(ProductionCeremony):
    """Production cryptography whose keys and salts come from a seed."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self._count = 0

    def random(self, size: int, /) -> bytes:
        self._count += 1
        return hashlib.shake_256(self.seed + self._count.to_bytes(8, "big")).digest(size)

    def generate_receiving(self) -> bytes:
        return self.random(HPKE_SECRET_SIZE)


class Workshop:
    """Three parties who have met. JPN is the reader of every vector, USA the author of most."""

    def __init__(self, common: Json | None, *, seed: bytes) -> None:
        self.ceremony = SeededCeremony(b"comity vectors 1")
        self.world = World(realm=REALM, lineage=LINEAGE, suite=ProductionSuite(), ceremony=self.ceremony)
        self.jpn, self.kor, self.usa = self.world.parties.values()
        self.common = common or write_common(self.world)
        self.ceremony.seed = b"comity vectors 1 " + seed
        born = [bytes.fromhex(raw) for raw in self.common["genesis"].values()]
        for member in self.world.parties.values():
            assert take_all(member, born) == ["accepted"] * 3

    def say(self, *readers: Party, author: Member | None = None) -> list[bytes]:
        """Have USA (or another) say one thing to these readers; return key and entry pages."""
        member = author or self.usa
        return member.say(member.journal(*readers), WORDS)


def write_common(world: World) -> Json:
    """Write what all cases share. Run once: genesis pages hold signatures that cannot be made again."""
    genesis = {name: member.be_born() for name, member in world.parties.items()}
    reader = world.parties["JPN"]
    return {
        "format": 1,
        "lineage": world.lineage.hex(),
        "realm": world.realm,
        "parties": {
            name: {
                "ed25519": pinned.keys.ed25519.hex(),
                "mldsa65": pinned.keys.mldsa.hex(),
                "next_root": pinned.next_root.hex(),
            }
            for name, pinned in world.pins.roots.items()
        },
        "reader": {
            "party": "JPN",
            "receiving_secrets": [reader.secrets.receiving.hex(), reader.recovery.hex()],
        },
        "genesis": {name: raw.hex() for name, raw in genesis.items()},
    }


@dataclass
class Case:
    """One vector under way: pages in the order in which the reader gets them, each with the verdict that is due."""

    clause: str
    shows: str
    genesis: list[Party] = field(default_factory=lambda: ["JPN", "KOR", "USA"])
    steps: list[Json] = field(default_factory=list)

    def give(self, *raws: bytes | Json, verdict: str = "accepted", **outcome: Any) -> "Case":
        """Give pages, all with one verdict; `key`, `reads`, `frees` as vectors/README.md has them."""
        for raw in raws:
            self.steps.append({"page": raw if isinstance(raw, dict) else raw.hex(), "verdict": verdict, **outcome})
        return self

    def learn(self, statement: bytes, *, verdict: str = "believed", **outcome: Any) -> "Case":
        """Hand over a root statement by itself."""
        self.steps.append({"statement": statement.hex(), "verdict": verdict, **outcome})
        return self

    def write(self) -> Json:
        """Write the case without what is found only by replaying it."""
        return {
            "clause": self.clause,
            "shows": self.shows,
            "kind": "pages",
            "genesis": self.genesis,
            "steps": self.steps,
        }


def file_case(kind: str, raw: bytes, *, clause: str, shows: str, code: str = "", **more: Any) -> Json:
    """One disclosure, bundle or sealed bundle, with the code that is due."""
    return {"clause": clause, "shows": shows, "kind": kind, kind: raw.hex(), "code": code, "gives": [], **more}
