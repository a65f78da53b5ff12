"""The verifier's third file reckons an after-action report anew from a bundle alone, and comes to the same figures."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

import exercise
import verify
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.exercise.report import format_report
from comity.exercise.write_msel import format_msel
from comity.journal.bundle import BundleHead, write_bundle
from kit.after_action import Exercised
from kit.loop import Loop
from kit.verifier_opinion import find_verifier_pins


@pytest.fixture(scope="module")
def played() -> Exercised:
    """An exercise under real keys."""
    return Exercised(Loop(suite=ProductionSuite(), ceremony=ProductionCeremony()))


def _judge(played: Exercised, party: str) -> verify.Record:
    loop = played.loop
    secrets = loop.machines[party].setup.receiving_secrets
    pins = find_verifier_pins(loop.pins, secrets=secrets)
    head = BundleHead(1, loop.pins.lineage, loop.pins.realm, party, loop.now)
    raw = write_bundle(loop.suite, head, pacts=(), pages=_list_pages(played, party))
    return verify.Record(pins, verify.read_bundle(raw)["page"])


def _list_pages(played: Exercised, party: str) -> list[bytes]:
    loop = played.loop
    return [raw for pages in loop.stored.values() for raw in pages if party in verify.read_page(raw).audience]


@pytest.mark.parametrize("party", ["JPN", "KOR", "USA"])
def test_every_figure_of_the_report_is_reckoned_anew_and_equal(played: Exercised, party: str) -> None:
    """Clock, breakout, times, expected acts, objectives, ratings; of each party's own record."""
    msel = tomllib.loads(format_msel(played.msel))
    assert exercise.compare(_judge(played, party), msel, format_report(played.report())) == []


def test_a_figure_that_was_changed_is_named(played: Exercised) -> None:
    """Whoever makes a time shorter, an outcome better or a rating milder is found out."""
    msel, record = tomllib.loads(format_msel(played.msel)), _judge(played, "KOR")
    raw = format_report(played.report()).decode()
    for told, other, name in (
        ('"outcome":"late"', '"outcome":"in-time"', "came"),
        ('"median_ms":300000', '"median_ms":1', "typical"),
        ('"rating":"unable"', '"rating":"performed"', "observations"),
        ('"type":"BreakoutDeclared"', '"type":"ExercisePaused"', "moments"),
    ):
        assert told in raw
        assert name in exercise.compare(record, msel, raw.replace(told, other).encode()), name
    spaced = json.dumps(json.loads(raw), ensure_ascii=False, sort_keys=True).encode()
    assert exercise.compare(record, msel, spaced) == ["form"]


def test_it_imports_no_comity() -> None:
    """The standard library, and the verifier beside it."""
    source = (Path(exercise.__file__)).read_text("utf-8")
    lines = [line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert set(lines) - sys.stdlib_module_names == {"verify"}
