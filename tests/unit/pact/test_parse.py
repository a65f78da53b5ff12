"""From bytes to a pact: every outcome is a pact or findings."""

import hashlib
import importlib.resources
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.base.catalogue import CODES
from comity.base.limits import PACT_FINDING_COUNT_MAX, PACT_SIZE_BYTES_MAX
from comity.crypto.production import ProductionSuite
from comity.pact.findings import MESSAGES, PactRefused
from comity.pact.model import Pact, walk_rules
from comity.pact.parse import check_pact, pact_digest, pact_lineage, parse_pact

HOSTILE = [
    b"",
    b"\xff",
    b"\xef\xbb\xbfa = 1",
    b"a = " + b"9" * 5000,
    b"a = 2023-02-31",
    b"a = " + b"[" * 100_000,
    b"a = 1\ra = 2",
    b'a = "\\ud800"',
    b"a = nan\nb = inf\n[pact]\nformat = nan\nadopted = 1979-05-27T07:32:00Z",
    b"pact = 1\nparty = {}\nroot = []\npolicy = []\nconsultation = 3\ntopic = [[]]",
    b"[consultation]\nexit = {}\nforum = { body = {} }\nclock = { within_ms = [] }",
    b'[pact]\ntitle = { en = "\xe2\x80\xae" }\nid = "\\u0000"',
]


def _check(raw: bytes) -> None:
    findings = check_pact(raw)
    for finding in findings:
        assert finding.line >= 1
        assert finding.code in CODES
        assert finding.message.format(**finding.arguments)
    if not findings:
        parse_pact(raw)
        return
    with pytest.raises(PactRefused) as refused:
        parse_pact(raw)
    assert refused.value.findings == findings


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_refused_with_findings(raw: bytes) -> None:
    """Each of the bytes that broke something elsewhere gives findings with line and code."""
    assert check_pact(raw)
    _check(raw)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b"\x00")
def test_any_bytes_give_a_pact_or_findings(raw: bytes) -> None:
    """No bytes raise anything but `PactRefused`."""
    _check(raw)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_pact_gives_a_pact_or_findings(harbour_raw: bytes, data: st.DataObject) -> None:
    """A profile with a piece cut, doubled or overwritten anywhere is a pact or refused, never an exception."""
    start = data.draw(st.integers(0, len(harbour_raw)))
    end = data.draw(st.integers(start, min(len(harbour_raw), start + 400)))
    middle = data.draw(st.sampled_from([b"", b"\n", b"\xff", b"[]", b"{}", b"-1", b'"x"', b"1.5", b"true"]))
    again = harbour_raw[start:end] * data.draw(st.integers(0, 2))
    _check(harbour_raw[:start] + middle + again + harbour_raw[end:])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_value_in_any_place_gives_a_pact_or_findings(harbour_raw: bytes, data: st.DataObject) -> None:
    """The value of any one-line key can be of any type; only findings follow."""
    lines = harbour_raw.decode().split("\n")
    places = [number for number, line in enumerate(lines) if " = " in line and not line.startswith((" ", "#"))]
    number = data.draw(st.sampled_from(places))
    value = data.draw(
        st.sampled_from(["0", "-1", "1e9", "''", "'x'", "[]", "{}", "[{}]", "[[]]", "2025-01-01", "true"])
    )
    lines[number] = lines[number].split(" = ")[0] + " = " + value
    _check("\n".join(lines).encode())


def test_size_is_bounded_before_reading() -> None:
    """A file one byte over the limit is refused for its size alone."""
    (finding,) = check_pact(b"#" * (PACT_SIZE_BYTES_MAX + 1))
    assert finding.code == "pact.too-large"


def test_a_flood_of_faults_is_cut() -> None:
    """However many faults a file has, only so many are listed."""
    raw = "".join(f"unknown{number} = 1\n" for number in range(3000)).encode()
    assert len(check_pact(raw)) == PACT_FINDING_COUNT_MAX


def test_all_findings_come_at_once_in_file_order(harbour_raw: bytes) -> None:
    """Three independent faults of shape are all named, each on its own line."""
    raw = harbour_raw.replace(b"version = 1", b'version = "1"').replace(b'cadence = "yearly"', b'cadence = "often"')
    raw = raw.replace(b"miss_count_finding = 2", b"misses = 2")
    findings = check_pact(raw)
    assert [finding.code for finding in findings] == [
        "pact.type",
        "pact.value",
        "pact.key-missing",
        "pact.key-unknown",
    ]
    lines = raw.decode().split("\n")
    assert "version" in lines[findings[0].line - 1]
    assert findings[1].clause == "H2"
    assert "cadence" in lines[findings[1].line - 1]
    assert findings[3].key == "policy.line_test.misses"


def test_every_finding_has_a_code_and_a_message() -> None:
    """Each code that the checks can note is in the catalogue and has a message id; no message is left over."""
    pact = importlib.resources.files("comity.pact")
    texts = [entry.read_text("utf-8") for entry in pact.iterdir() if entry.name.endswith(".py")]
    others = (
        ("comity.procedure", "public_record"),
        ("comity.exercise", "check_msel"),
        ("comity.exchange", "msel_xlsx"),
        ("comity.rehearsal.scenario", "read"),
    )
    for room, file in others:
        texts.append((importlib.resources.files(room) / f"{file}.py").read_text("utf-8"))
    noted = set(re.findall(r'"((?:pact|record|msel|scenario)\.[a-z-]+)"(?!:)', "".join(texts)))
    refused = {"pact.refused", "pact.override", "record.refused", "msel.refused", "msel.sheet", "msel.sheet-large",
               "scenario.refused"}  # fmt: skip
    assert noted - refused == set(MESSAGES)
    assert noted <= set(CODES)


def test_the_digest_is_of_the_exact_bytes(camp_david_raw: bytes, camp_david: Pact) -> None:
    """The digest is plain SHA-256 of the file, and the lineage of a first version is that digest."""
    digest = pact_digest(camp_david_raw, ProductionSuite())
    assert digest == hashlib.sha256(camp_david_raw).digest()
    assert pact_digest(camp_david_raw + b"#", ProductionSuite()) != digest
    assert pact_lineage(camp_david, digest) == digest


def test_an_amendment_names_its_line(harbour_raw: bytes) -> None:
    """A later version carries the lineage of the first, whatever its own digest."""
    digests = f'version = 3\nprevious = "{"11" * 32}"\nlineage = "{"22" * 32}"'.encode()
    raw = harbour_raw.replace(b"version = 1", digests)
    own = pact_digest(raw, ProductionSuite())
    assert pact_lineage(parse_pact(raw), own) == bytes.fromhex("22" * 32)


def test_every_rule_is_found_by_its_clause_id(camp_david: Pact) -> None:
    """`find_clause` finds each rule of the file, and nothing that is not there."""
    rules = [rule for _, rule in walk_rules(camp_david)]
    assert len(rules) > 100
    assert all(camp_david.find_clause(rule.id) is rule for rule in rules)
    assert camp_david.find_clause("C25") is None
