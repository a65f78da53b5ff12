"""The verifier's third file reckons an after-action report anew from a bundle alone, and comes to the same figures."""

import json
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import exercise
import verify
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.exercise.lists import LIST_PACKAGE, LIST_SUFFIX, LISTS
from comity.exercise.report import format_report
from comity.exercise.write_msel import format_msel
from comity.journal.bundle import BundleHead, write_bundle
from comity.procedure import exercise as on_record
from comity.procedure import observation, role_play
from comity.procedure.act import ACTS
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
        ('"state":"fired"', '"state":"skipped"', "fates"),
        ('"fired_ms":-1', '"fired_ms":5', "fates"),
        ('"status":"ended"', '"status":"running"', "status"),
        ('"opens_at":0', '"opens_at":1', "opens_at"),
        ('"time_ms":14580000', '"time_ms":1', "observations"),
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


def test_what_may_be_expected_is_told_by_the_same_types_as_in_comity() -> None:
    """Every act of P42 but for entries of the play itself (E24); so every act of each list that ships."""
    play = {*on_record.ENTRIES, *observation.ENTRIES, *role_play.ENTRIES}
    told: dict[str, set[str]] = {}
    for type_, act in ACTS.items():
        if type_ not in play:
            told.setdefault(act.value, set()).add(type_.__name__)
    assert {act: set(types.split()) for act, types in exercise.ACTS.items()} == told
    for name in LISTS:
        msel = tomllib.loads((files(LIST_PACKAGE) / (name + LIST_SUFFIX)).read_text("utf-8"))
        assert {inject["act"] for inject in msel["inject"] if "act" in inject} <= set(exercise.ACTS), name


def test_an_exercise_that_never_began_or_is_not_there_is_answered_in_words(
    played: Exercised, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what `main` says in one line, not by a trace."""
    said, msel = exercise.list_said(_judge(played, "KOR")), tomllib.loads(format_msel(played.msel))
    record: Any = None
    monkeypatch.setattr(exercise, "list_said", lambda _: [row for row in said if row.type != "ExerciseStarted"])
    with pytest.raises(ValueError, match="has not begun"):
        exercise.reckon(record, msel, played.exercise)
    with pytest.raises(ValueError, match="not on this record"):
        exercise.reckon(record, msel, b"\x00" * 32)


def test_no_time_is_less_than_nothing_where_a_clock_was_behind() -> None:
    """As the report has it (E45)."""
    page = SimpleNamespace(audience=("JPN", "KOR"))
    rows: list[Any] = [
        SimpleNamespace(id=id_, type=type_, fields=fields, party=party, at=at, good=True, page=page)
        for id_, type_, fields, party, at in (
            (b"b", "Acknowledged", [b"a"], "KOR", 19), (b"a", "ConsultationCalled", ["C1"], "JPN", 20),
        )
    ]  # fmt: skip
    play: Any = SimpleNamespace(spans=[(10, 0, True)], over=False, audience=page.audience, read=lambda at: at - 10)
    assert [(row["party"], row["after_ms"]) for row in exercise.list_taken(play, rows)] == [("KOR", 0)]
