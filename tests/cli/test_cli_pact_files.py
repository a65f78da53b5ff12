"""`comity pact check | show | profiles`: what docs/guide/pact.md promises."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.api.clause_words import LABELS, format_span
from comity.api.words import choose_language
from comity.cli.clause_sheet import print_clause
from comity.cli.pact_source import read_pact_file
from comity.pact.model import walk_rules
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILES
from comity.pact.terms import Rule, Unspecified
from kit.command import Json, Run


def _damage(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = read_pact_file().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "pact.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_that_ships_is_sound(name: str, comity: Run) -> None:
    """Exit status 0, its parties and its digest."""
    status, out, _ = comity("pact", "check", name)
    assert status == 0
    assert "is sound" in out
    assert "digest" in out


def test_every_finding_is_named_with_line_clause_and_message(tmp_path: Path, comity: Run, comity_json: Json) -> None:
    """Two faults in one file give two findings, in its order, and exit status 1."""
    path = _damage(tmp_path, ('topics = ["dprk-missile"]', 'topics = ["weather"]'), ('hub = "USA"', 'hub = "CHE"'))
    status, out, _ = comity("pact", "check", path)
    assert status == 1
    lines = [line for line in out.splitlines() if line.startswith(str(path))]
    assert len(lines) == 2
    assert "tisa-2014 (agreement[1].topics[1]): topic weather is not defined in this file [pact.reference]" in lines[0]
    assert "tisa-2014 (agreement[1].hub): party CHE is not defined in this file [pact.reference]" in lines[1]
    text = path.read_text().splitlines()
    for line, wrong in zip(lines, ("weather", "CHE"), strict=True):
        assert wrong in text[int(line.removeprefix(f"{path}:").split(":")[0]) - 1]
    status, checked = comity_json("pact", "check", path)
    assert status == 1
    assert checked["is_sound"] is False
    assert [finding["clause"] for finding in checked["findings"]] == ["tisa-2014", "tisa-2014"]
    assert set(checked["findings"][0]) == {"line", "clause", "key", "code", "arguments", "says"}


def test_findings_are_said_in_the_readers_language(tmp_path: Path, comity: Run) -> None:
    """The message and the arguments that are words are translated; what the file says is quoted as it is."""
    path = _damage(tmp_path, ('hub = "USA"', 'hub = "CHE"'))
    choose_language("ja")
    out = comity("pact", "check", path)[1]
    assert "当事者 CHE はこのファイルで定義されていません" in out


def test_what_a_file_says_is_never_translated(tmp_path: Path, comity: Run) -> None:
    """A value that happens to be a message id of ours is still the file's own word."""
    path = _damage(tmp_path, ('cadence = "yearly"', 'cadence = "meeting"'))
    choose_language("ko")
    assert "meeting" in comity("pact", "check", path)[1]


def test_a_pact_is_shown_whole(comity: Run) -> None:
    """Parties, commitments, agreements with states and routes, levels, the duty to consult, and policy apart."""
    status, out, _ = comity("pact", "show")
    assert status == 0
    for shown in ("Republic of Korea", "C24", "jpn-kor-gsomia", "notice suspended since 2019-11-22, contested",
                  "by way of the hub USA", "KOR-DAEOEBI 대외비", "ceiling.jpn-kor", "consult.clock"):  # fmt: skip
        assert shown in out, shown
    agreed, policy = out.split("Policy: added by the deployment")
    assert "policy.silence" in policy
    assert "policy.silence" not in agreed


def test_one_clause_is_shown_with_its_source(comity: Run, comity_json: Json) -> None:
    """By its id alone, as the guide says; with the text of each source."""
    status, out, _ = comity("pact", "show", "C2")
    assert status == 0
    assert "how often: yearly" in out
    assert "source [7]: gino.khan.kr" in out
    assert comity("pact", "show", "camp-david", "C2")[1] == out
    status, clause = comity_json("pact", "show", "C2")
    assert (clause["clause"]["id"], set(clause["sources"])) == ("C2", {"7", "8"})


def test_a_policy_clause_says_that_it_is_one(comity: Run) -> None:
    """What the deployment adds cannot be mistaken for what was agreed."""
    assert "in no text of the parties" in comity("pact", "show", "policy.acknowledge")[1]
    assert "in no text of the parties" not in comity("pact", "show", "C1")[1]


@pytest.mark.parametrize("name", PROFILES)
def test_every_clause_of_a_profile_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No clause has a value that the sheet cannot put into words."""
    pact = parse_pact(read_pact_file(name))
    for _, rule in walk_rules(pact):
        print_clause(pact, rule)
        out = capsys.readouterr().out
        assert out.startswith(rule.id)
        assert "=" not in out.split("source [")[0]


def test_every_field_of_every_kind_of_clause_has_a_label() -> None:
    """The labels are held against the model, and none is left over."""
    placed = {"id", "text", "note", "title", "sources", "confidence"}
    fields: set[str] = set()
    kinds = [Rule]
    for kind in kinds:
        kinds += kind.__subclasses__()
        holds_rules = {
            field.name
            for field in msgspec.structs.fields(kind)
            if Unspecified not in (inner := _types_in(field.type)) and any(map(_is_rule, inner))
        }
        fields |= set(kind.__struct_fields__) - placed - holds_rules
    assert fields == set(LABELS)


def _is_rule(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Rule)


def _types_in(annotation: Any) -> list[Any]:
    inner = [part for argument in getattr(annotation, "__args__", ()) for part in _types_in(argument)]
    return [annotation, *inner]


def test_names_are_shown_in_the_readers_language(comity: Run) -> None:
    """Titles and parties' names as the pact gives them; heads and enums as the catalogue does."""
    choose_language("ko")
    out = comity("pact", "show")[1]
    assert "대한민국" in out
    assert "정상회의" in out
    choose_language("ja")
    out = comity("pact", "show", "jpn-kor-gsomia")[1]
    assert "日韓秘密軍事情報保護協定" in out
    assert "毎年" in out


def test_a_pact_as_json_has_everything_that_the_file_has(comity_json: Json) -> None:
    """Every key and value of the TOML stands at the same place; the routes that follow stand beside it."""
    status, shown = comity_json("pact", "show", "harbour-aid")
    assert status == 0
    _check_within(tomllib.loads(read_pact_file("harbour-aid").decode()), shown["pact"])
    assert shown["digest"] == shown["lineage"]
    assert shown["routes"]


def _check_within(given: Any, shown: Any) -> None:
    if isinstance(given, dict):
        for key in given:
            _check_within(given[key], shown[key])
    elif isinstance(given, list):
        for inner, beside in zip(given, shown, strict=True):
            _check_within(inner, beside)
    else:
        assert shown == (given.isoformat() if isinstance(given, dt.date) else given)


def test_profiles_are_listed(comity_json: Json) -> None:
    """Name, title and parties of each."""
    status, listed = comity_json("pact", "profiles")
    assert status == 0
    assert [row["name"] for row in listed] == list(PROFILES)
    assert listed[1]["parties"] == ["PORT-A", "PORT-B", "PORT-C", "PORT-D"]


@pytest.mark.parametrize(
    ("span_ms", "said"), [(900_000, "15 min"), (86_400_000, "1 d"), (5_000, "5 s"), (1_500, "1500 ms"), (0, "0 ms")]
)
def test_spans_are_said_in_their_largest_whole_unit(span_ms: int, said: str) -> None:
    """Milliseconds are for files, not for people."""
    assert format_span(span_ms) == said


def test_prove_ends_with_proofs(comity: Run) -> None:
    """`--prove` on the default profile prints every statement with what bounds it, and ends with all of them proved."""
    status, out, _ = comity("pact", "check", "--prove", "camp-david")
    assert status == 0
    assert "stopped by: KOR: jpn-kor-gsomia (the level is above the ceiling)" in out
    assert "All 25 statements are proved" in out


def test_prove_shows_the_chain_that_breaks_a_promise(tmp_path: Path, comity: Run, comity_json: Json) -> None:
    """A pact with one clause loosened breaks its promise: each step with its clause and whose consent, status 1."""
    topics = '"cyber", "defence"]\nceiling_rank = 20'
    path = _damage(tmp_path, (topics, topics.replace("]", ', "economic"]')))
    status, out, _ = comity("pact", "check", "--prove", path)
    assert status == 1
    assert "KOR → JPN under jpn-kor-gsomia, as JPN-CHUI" in out
    status, found = comity_json("pact", "check", "--prove", path)
    assert status == 1
    broken = [row for row in found["statements"] if not row["is_proved"]]
    assert [row["counter_example"]["chain"]["path"] for row in broken] == [["KOR", "JPN"]]
