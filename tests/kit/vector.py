"""Vectors: reading `vectors/`, and replaying a case against the journal room (vectors/README.md has the format)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.production import ProductionSuite
from comity.journal.bundle import read_bundle, unseal_bundle
from comity.journal.card import find_fingerprint, parse_card
from comity.journal.disclosure import check_disclosure
from comity.journal.header import Kind, Page
from comity.journal.keyring import Keyring
from comity.journal.ledger import Judgement, Ledger, Verdict
from comity.journal.statement import RootKeys
from comity.journal.trust import PinnedRoot, Pins, Trust
from comity.warning.rows import Block, read_block

__all__ = [
    "CASES", "COMMON", "FOLDER", "Replay", "Step", "digest_of", "read_json", "replay", "replay_file", "show_block",
]  # fmt: skip

FOLDER = Path(__file__).parents[2] / "vectors"
CASES = FOLDER / "cases"
COMMON = FOLDER / "common.json"
SUITE = ProductionSuite()

Json = dict[str, Any]


def read_bytes(value: str | Json) -> bytes:
    """Read a hexadecimal string, or `{"zeros": n}`."""
    return bytes.fromhex(value) if isinstance(value, str) else bytes(value["zeros"])


def read_pins(common: Json) -> Pins:
    """Read lineage, realm and pinned roots."""
    roots = {
        name: PinnedRoot(
            RootKeys(bytes.fromhex(row["ed25519"]), bytes.fromhex(row["mldsa65"])), bytes.fromhex(row["next_root"])
        )
        for name, row in common["parties"].items()
    }
    return Pins(bytes.fromhex(common["lineage"]), common["realm"], roots)


@dataclass
class Step:
    """What became of one page: verdict and code, what it set free, what it said."""

    raw: bytes
    verdict: str = ""
    frees: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    reads: list[str] | str | None = None


class Replay:
    """The reader of the vectors: pinned roots, its secrets, the genesis pages that a case begins with."""

    def __init__(self, common: Json, genesis: list[Party]) -> None:
        self.ledger = Ledger(Trust(read_pins(common), SUITE), reader=common["reader"]["party"], suite=SUITE)
        secrets = tuple(bytes.fromhex(secret) for secret in common["reader"]["receiving_secrets"])
        self.keyring = Keyring(common["reader"]["party"], secrets, SUITE)
        self.steps: list[Step] = []
        for name in genesis:
            judged = self.ledger.accept(bytes.fromhex(common["genesis"][name]))
            assert judged[0].verdict is Verdict.ACCEPTED

    def give(self, raw: bytes) -> Step:
        """Hand a page to the reader."""
        step = Step(raw)
        self.steps.append(step)
        first, *freed = self.ledger.accept(raw)
        step.verdict = _name(first)
        self._note(step, first)
        self._free(step, freed)
        return step

    def learn(self, statement: bytes) -> Step:
        """Hand over a root statement by itself; its verdict is `believed` or a code."""
        step = Step(statement, verdict="believed")
        self.steps.append(step)
        try:
            self._free(step, self.ledger.learn((statement,)))
        except RemoteError as error:
            step.verdict = error.code
        return step

    def _free(self, by: Step, freed: Iterable[Judgement]) -> None:
        for judgement in freed:
            index = next(i for i, known in enumerate(self.steps) if known.raw == judgement.raw)
            by.frees[str(index)] = _name(judgement)
            self._note(self.steps[index], judgement)

    def _note(self, step: Step, judgement: Judgement) -> None:
        page = judgement.page
        if judgement.verdict is Verdict.ACCEPTED and page is not None:
            if page.header.kind is Kind.KEYS:
                step.key = self._learn_key(page)
            if page.header.kind.has_entries:
                step.reads = self._read(page)

    def _learn_key(self, page: Page) -> str:
        try:
            return "learned" if self.keyring.learn(page) else "nothing new"
        except RemoteError as error:
            return error.code

    def _read(self, page: Page) -> list[str] | str:
        try:
            return [entry.hex() for entry in self.keyring.open(page).entries]
        except RemoteError as error:
            return error.code

    def find_after(self) -> Json:
        """Return what holds when all pages are in: standing of each accepted page given, held, missing."""
        standing = {}
        for step in self.steps:
            judged = self.ledger.accept(step.raw)[0]
            placed = self.ledger.find_page(judged.page.digest) if judged.page else None
            if placed is not None:
                standing[placed.digest.hex()] = self.ledger.find_standing(placed).value
        return {
            "standing": standing,
            "held": {page.digest.hex(): code for page, code in self.ledger.held()},
            "missing": [
                {
                    "journal": row.head.journal.hex(),
                    "number": row.head.number,
                    "page": row.head.page.hex(),
                    "witness": row.witness.digest.hex(),
                }
                for row in self.ledger.find_missing()
            ],
        }


def replay(case: Json, common: Json) -> Json:
    """Replay a case of pages; return it with the outcomes found in place of those expected."""
    run = Replay(common, case["genesis"])
    for row in case["steps"]:
        if "statement" in row:
            run.learn(read_bytes(row["statement"]))
        else:
            run.give(read_bytes(row["page"]))
    steps = [_write_step(row, found) for row, found in zip(case["steps"], run.steps, strict=True)]
    return {**case, "steps": steps, "after": run.find_after()}


def _name(judgement: Judgement) -> str:
    return f"{judgement.verdict.value} {judgement.code}".strip()


def _write_step(row: Json, found: Step) -> Json:
    what = "statement" if "statement" in row else "page"
    step: Json = {what: row[what], "verdict": found.verdict}
    if found.frees:
        step["frees"] = found.frees
    if found.key is not None:
        step["key"] = found.key
    if found.reads is not None:
        step["reads"] = found.reads
    return step


def replay_file(case: Json, common: Json) -> Json:
    """Replay a case of one disclosure, bundle, card or block; return it with the outcome found."""
    raw = bytes.fromhex(case[case["kind"]])
    secret = bytes.fromhex(common["reader"]["receiving_secrets"][0])
    found: Json = {"code": "", "gives": []}
    try:
        if case["kind"] == "disclosure":
            keys = tuple(bytes.fromhex(key) for key in case["node_keys"])
            found["gives"] = [check_disclosure(raw, node_keys=keys, suite=SUITE)[1].hex()]
        elif case["kind"] == "block":
            found["gives"] = show_block(read_block(raw))
            found["sha256"] = digest_of(raw).hex()
        elif case["kind"] == "card":
            found["gives"] = [find_fingerprint(parse_card(raw, SUITE).root, SUITE).hex()]
        elif case["kind"] == "sealed-bundle":
            found["gives"] = [unseal_bundle(raw, secret=secret, suite=SUITE).hex()]
        else:
            found["gives"] = [page.hex() for page in read_bundle(raw, SUITE).pages]
    except RemoteError as error:
        found["code"] = error.code
    return {**case, **found}


def show_block(block: Block) -> list[Any]:
    """Return a block of the warning feed as vectors show it: class, how it is told less, sensors, rows, estimates."""
    of = block.coarsening
    told = [] if of is None else [of.clause, of.coarsen_m, of.delay_ms]
    rows, estimates = ([list(row) for row in part.tolist()] for part in (block.rows, block.estimates))
    return [block.class_, told, list(block.sensors), rows, estimates]


def read_json(path: Path) -> Json:
    """Read one file of vectors."""
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    return content


def digest_of(raw: bytes) -> Digest:
    """Return the digest under which a file of vectors stands in the list."""
    return Digest(SUITE.hash(raw))
