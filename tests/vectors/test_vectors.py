"""Every vector, replayed against the journal room; and that vectors are only ever added."""

import re
from pathlib import Path

import pytest

from comity.base.catalogue import CODES
from kit.vector import CASES, COMMON, FOLDER, Json, digest_of, read_json, replay, replay_file

COMMON_CONTENT = read_json(COMMON)
PATHS = sorted(CASES.glob("*.json"))
CODE = re.compile(r"\b[a-z]+\.[a-z-]+\b")

STANDING = {
    "012-fork": {"good"},
    "013-disputed": {"good", "disputed"},
    "014-closure": {"good", "disowned"},
    "015-no-closure": {"good", "disowned"},
}
"""What these cases are there to show; without it a replay would only agree with itself."""


def _replay(case: Json) -> Json:
    return replay(case, COMMON_CONTENT) if case["kind"] == "pages" else replay_file(case, COMMON_CONTENT)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_vector_has_its_outcome(path: Path) -> None:
    """Verdict, code, what it frees, what it reads, and what holds at the end."""
    case = read_json(path)
    assert _replay(case) == case
    if path.stem in STANDING:
        assert set(case["after"]["standing"].values()) == STANDING[path.stem]


def test_vectors_are_only_ever_added() -> None:
    """Every file on the list is here as it was; every file here is on the list."""
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {str(path.relative_to(FOLDER)): digest_of(path.read_bytes()).hex() for path in [COMMON, *PATHS]}
    assert found == listed


def test_a_vector_is_small_and_numbered_once() -> None:
    """Under 100 kB, with a number of its own, one line of words each."""
    numbers = [path.stem[:3] for path in PATHS]
    assert len(set(numbers)) == len(numbers)
    for path in PATHS:
        case = read_json(path)
        assert path.stat().st_size < 100_000, path.name
        assert re.fullmatch(r"\d{3}-[a-z0-9-]+", path.stem)
        assert 5 < len(case["shows"]) < 160
        assert re.search(r"\b[JSW]\d", case["clause"])


def _codes_of(case: Json) -> set[str]:
    outcomes = [
        str(value)
        for step in case.get("steps", [])
        for name, value in step.items()
        if name in ("verdict", "key") or (name == "reads" and isinstance(value, str))
    ]
    return set(CODE.findall(" ".join([*outcomes, case.get("code", "")])))


def test_the_page_of_vectors_lists_the_codes_that_occur() -> None:
    """No more and no fewer, and each is in the catalogue."""
    occurring = set().union(*(_codes_of(read_json(path)) for path in PATHS))
    text = (FOLDER / "README.md").read_text(encoding="utf-8").split("## Codes")[1].split("## Adding")[0]
    assert set(re.findall(r"`([a-z]+\.[a-z-]+)`", text)) == occurring
    assert occurring <= set(CODES)


def test_every_code_of_the_specification_has_a_vector() -> None:
    """All that journal.md and sealing.md name, but for findings, and for what is said of an entry by itself.

    What is found of a page's version of the pact (J31, J33) rests on the pact's files, which no vector of pages has.
    """
    spec = FOLDER.parent / "docs" / "spec"
    text = "".join((spec / name).read_text(encoding="utf-8") for name in ("journal.md", "sealing.md"))
    named = {code for code in re.findall(r"`([a-z]+\.[a-z-]+)`", text) if code in CODES}
    occurring = set().union(*(_codes_of(read_json(path)) for path in PATHS))
    assert len(named) > 20
    findings = {"page.seen", "page.branch-limit", "pact.other-version", "pact.party-left"}
    assert named - occurring == {*findings, "entry.malformed"}
