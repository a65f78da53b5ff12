"""The audit and the verifier say of every vector what it says itself, judged as a whole."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity.audit import Record
from comity.audit import read_bundle as read_as_audit
from comity.base.errors import RemoteError
from fuzz.vectors import SUITE, find_pins, find_secrets, read_common
from kit.second_opinion import find_audit_opinion, find_differences
from kit.verifier_opinion import find_verifier_opinion, find_verifier_pins, judge

CASES = sorted((Path(__file__).parents[2] / "vectors" / "cases").glob("*.json"))
FOR_A_READER = "refused page.other-audience"
"""Whom a page is meant for is asked of one holder; of the page itself it says nothing."""


def _read(kind: str) -> list[Any]:
    cases = [(path.stem, json.loads(path.read_text("utf-8"))) for path in CASES]
    return [pytest.param(case, id=name) for name, case in cases if case["kind"].endswith(kind)]


def _bytes(value: Any) -> bytes:
    return bytes(value["zeros"]) if isinstance(value, dict) else bytes.fromhex(value)


def _find_final(case: dict[str, Any]) -> dict[bytes, str]:
    """What became of each page in the end: its verdict, or the one that a later step freed it to."""
    pages: list[bytes] = []
    final: dict[bytes, str] = {}
    for step in case["steps"]:
        pages.append(_bytes(step["page"]) if "page" in step else b"")
        if "page" in step and step["verdict"] != "duplicate":
            final[pages[-1]] = step["verdict"]
        final |= {pages[int(index)]: verdict for index, verdict in step.get("frees", {}).items()}
    return final


@pytest.mark.parametrize("case", _read("pages"))
def test_of_a_set_of_pages_all_say_the_same(case: dict[str, Any]) -> None:
    """Code, standing, entries, and which pages are not believed."""
    final = _find_final(case)
    genesis = [bytes.fromhex(read_common()["genesis"][party]) for party in case["genesis"]]
    statements = tuple(_bytes(step["statement"]) for step in case["steps"] if "statement" in step)
    pins = find_pins()
    record = Record("JPN", pins.lineage, pins.realm, (*genesis, *final), (), statements, (), find_secrets())
    theirs = find_audit_opinion(record, pins, SimpleNamespace(suite=SUITE))  # type: ignore[arg-type]
    theirs.confirmed = {}
    ours = find_verifier_opinion(judge(record.pages, find_verifier_pins(pins, secrets=find_secrets()), statements))
    assert find_differences(ours, theirs) == []
    for raw, verdict in final.items():
        if verdict != FOR_A_READER:
            assert ours.codes[raw] == verdict.removeprefix("accepted").removeprefix("held ").removeprefix("refused ")
    standing = case["after"]["standing"]
    assert {digest: ours.standing[bytes.fromhex(digest)] for digest in standing} == standing


@pytest.mark.parametrize("case", _read("bundle"))
def test_the_audit_reads_a_bundle_as_the_vector_says(case: dict[str, Any]) -> None:
    """Plain, and sealed to the reader: its pages, or its code."""
    raw, code, pages = bytes.fromhex(case[case["kind"]]), "", list[str]()
    try:
        pages = [page.hex() for page in read_as_audit(raw, SUITE, find_secrets()).pages]
    except RemoteError as error:
        code = error.code
    if case["kind"] == "sealed-bundle":
        # The audit reads envelope and bundle in one; to a vector any bytes in the envelope will do.
        assert code == case["code"] or (code, case["gives"]) == ("bundle.malformed", [""])
    else:
        assert (code, pages) == (case["code"], case["gives"])
