"""Replays the language-neutral cases of a folder of vectors with `verify.py`, as `vectors/README.md` says.

Beside the verifier and not in it: a record is no JSON, and the verifier should be read in an evening.
"""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import tracks
import verify
from verify import Record, attempt


def replay_all(folder: Path) -> bool:
    """Replay every case, print what disagrees, and tell whether anything does."""
    common = json.loads((folder / "common.json").read_text())
    pins = read_pins(common)
    cases = sorted((folder / "cases").glob("*.json"))
    wrong = [path.name for path in cases if not replay(json.loads(path.read_text()), pins, common["genesis"])]
    print(*wrong, f"{len(cases) - len(wrong)} of {len(cases)} vectors agree.", sep="\n")
    return bool(wrong)


def read_pins(common: dict[str, Any]) -> SimpleNamespace:
    """What the verifier takes as true, and the reader in whose place it judges."""
    keys = ("ed25519", "mldsa65", "next_root")
    roots = {party: tuple(bytes.fromhex(row[key]) for key in keys) for party, row in common["parties"].items()}
    return SimpleNamespace(
        lineage=bytes.fromhex(common["lineage"]),
        realm=common["realm"],
        roots=roots,
        reader=common["reader"]["party"],
        secrets=verify.read_secrets(common["reader"]["receiving_secrets"]),
    )


def replay(case: dict[str, Any], pins: SimpleNamespace, genesis: dict[str, str]) -> bool:
    """Tell whether the verifier says of a case what the case says."""
    if case["kind"] == "pages":
        return _replay_pages(case, pins, [bytes.fromhex(genesis[party]) for party in case["genesis"]])
    if case["kind"] == "block":
        raw = bytes.fromhex(case["block"])
        block, verdict = attempt(tracks.read_block, raw)
        found = (verdict[8:], tracks.show_block(block) if block else [], verify.sha(raw).hex())
        return found == (case["code"], case["gives"], case["sha256"])
    acts: dict[str, Callable[[bytes], list[bytes]]] = {
        "bundle": lambda raw: verify.read_bundle(raw)["page"],
        "sealed-bundle": lambda raw: [verify.unseal(raw, pins.secrets)],
        "card": lambda raw: [verify.check_card(raw)],
        "disclosure": lambda raw: [verify.check_disclosure(raw, [bytes.fromhex(key) for key in case["node_keys"]])],
    }
    gives, verdict = attempt(acts[case["kind"]], bytes.fromhex(case[case["kind"]]))
    return (verdict[8:], [value.hex() for value in gives or ()]) == (case["code"], case["gives"])


def _replay_pages(case: dict[str, Any], pins: SimpleNamespace, begun: list[bytes]) -> bool:
    """Judge the whole set afresh after each step: what a step freed is what is judged otherwise than before."""
    steps, pages, statements, right = case["steps"], list[bytes](), list[bytes](), True
    record = Record(pins, begun)
    for step in steps:
        raw, before = _read(step.get("page", step.get("statement"))), record.verdicts
        pages, statements = ([*pages, raw], statements) if "page" in step else ([*pages, b""], [*statements, raw])
        record = Record(pins, [*begun, *filter(None, pages)], statements)
        verdict = record.verdicts[raw] if "page" in step else _judge_statement(record, raw)
        now = {str(index): record.verdicts[page] for index, page in enumerate(pages) if page in before}
        frees = {index: verdict for index, verdict in now.items() if verdict != before[pages[int(index)]]}
        right &= ("duplicate" if raw in before else verdict, frees) == (step["verdict"], step.get("frees", {}))
    mine = [page for page in record.accepted.values() if page.raw in pages]
    for page, step in ((page, steps[pages.index(page.raw)]) for page in mine):
        if page.kind == verify.KEYS:
            right &= record.learn(page) == step["key"]
        if page.kind in (verify.OPEN, verify.ENTRIES):
            entries, verdict = attempt(record.open, page)
            right &= step["reads"] == (verdict[8:] or [entry.hex() for entry in entries])
    held = {raw: verdict[5:] for raw, verdict in record.verdicts.items() if verdict.startswith("held")}
    standing = {page.digest.hex(): record.standing[page.digest] for page in mine}
    missing = {(journal.hex(), number, page.hex()) for journal, number, page in record.missing}
    after = {
        "standing": standing,
        "held": {verify.read_page(raw).digest.hex(): code for raw, code in held.items()},
        "missing": sorted(missing),
    }
    named = sorted((row["journal"], row["number"], row["page"]) for row in case["after"]["missing"])
    return right and after == case["after"] | {"missing": named}


def _judge_statement(record: Record, raw: bytes) -> str:
    told, verdict = attempt(verify.read_statement, raw)
    return (verdict or attempt(record.check_statement, told)[1])[8:] or "believed"


def _read(value: Any) -> bytes:
    return bytes(value["zeros"]) if isinstance(value, dict) else bytes.fromhex(value)
