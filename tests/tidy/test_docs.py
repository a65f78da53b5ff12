"""The documents agree with the code and with one another: links, names, lists, clauses, sections, rooms.

A reader follows a citation from code to clause and from a word to its class. Each test below names every place where
that would lead nowhere. Nothing here judges prose.
"""

import ast
import enum
import functools
import importlib
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("vectors/**/*.md"), *ROOT.glob("verifier/*.md")]
)
CODE = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("verifier/*.py")])

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAME = re.compile(r"`(comity(?:\.\w+)+)`")
CLAUSE = re.compile(r"\b[JSTPRWX][1-9]\d?\b")
DEFINED = re.compile(r"\*\*([JSTPRWX][1-9]\d?)\b")
ON_PAGE = re.compile(r"\b([a-z-]+\.md),\s+([JSTPRWX]\d+(?:(?:, | to | and )[JSTPRWX]\d+)*)")
ONLY_CLAUSES = re.compile(r"[JSTPRWX][1-9]\d?(\.\d+)?(, [JSTPRWX][1-9]\d?(\.\d+)?)*")
SECTION = re.compile(r"\bDESIGN(?:, section| section|) (\d+)")
DOCUMENT = re.compile(r"\bdocs(?:/[\w-]+)+(?:\.md)?")
LIST = re.compile(r"^### (.+)\n\n`([\w.]+)`.*\n\n((?:- .*\n)+)", re.MULTILINE)
LISTED = re.compile(r"^- `([\w-]+)`:", re.MULTILINE)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _find_linked(page: Path) -> Iterator[tuple[str, Path]]:
    for target in LINK.findall(page.read_text("utf-8")):
        path = target.partition("#")[0]
        if path and "://" not in path:
            yield target, (page.parent / path).resolve()


def _find_clauses() -> dict[str, set[str]]:
    """Each page of the specification and the clauses that it defines."""
    return {page.name: set(DEFINED.findall(page.read_text("utf-8"))) for page in (ROOT / "docs/spec").glob("*.md")}


@functools.cache
def _read_prose(path: Path) -> tuple[tuple[int, str], ...]:
    """Docstrings and comments with their lines, and strings that are nothing but clauses."""
    return tuple(_find_prose(path.read_text("utf-8")))


def _find_prose(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ONLY_CLAUSES.fullmatch(node.value):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _find_thing(dotted: str) -> object:
    """Import as much of the name as is a module, then take the rest from it; raise if there is no such thing."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError as error:
            if error.name is None or not dotted.startswith(error.name):
                raise
            continue
        for part in parts[size:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(dotted)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link in a document names a file or folder of the repository."""
    lost = [target for target, path in _find_linked(page) if not (path.exists() and path.is_relative_to(ROOT))]
    assert not lost, f"{_name(page)} links to what is not there: {lost}"


def test_no_page_is_an_orphan() -> None:
    """Every page under docs can be reached from docs/README.md by following links."""
    reached: set[Path] = set()
    waiting = [ROOT / "docs/README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            waiting += [path for _, path in _find_linked(page)]
    orphans = [_name(page) for page in PAGES if page.is_relative_to(ROOT / "docs") and page not in reached]
    assert not orphans, f"no page leads to {orphans}: name them in docs/README.md or in the page they belong to"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_names_in_documents_exist(page: Path) -> None:
    """Every `comity.…` that a document names, the glossary's classes above all, can be imported."""
    lost = []
    for dotted in sorted(set(NAME.findall(page.read_text("utf-8")))):
        try:
            _find_thing(dotted)
        except (AttributeError, ModuleNotFoundError) as error:
            lost.append(f"{dotted} ({error})")
    assert not lost, f"{_name(page)} names what the code does not have: {lost}"


def test_glossary_has_the_four_lists_as_the_code_has_them() -> None:
    """Positions, measure states, agreement states and receipt states stand in the glossary value by value."""
    found = LIST.findall((ROOT / "GLOSSARY.md").read_text("utf-8"))
    assert [title for title, _, _ in found] == ["Positions", "Measure states", "Agreement states", "Receipt states"]
    for title, dotted, rows in found:
        kind = _find_thing(dotted)
        assert isinstance(kind, type)
        assert issubclass(kind, enum.Enum)
        listed = LISTED.findall(rows)
        assert len(listed) == len(set(listed)), f"{title}: a value stands twice"
        assert set(listed) == {member.value for member in kind}, f"{title}: the glossary and {dotted} differ"


def test_a_clause_is_defined_once() -> None:
    """No clause number is defined on two pages of the specification, so a citation needs no page to be clear."""
    pages: dict[str, list[str]] = {}
    for page, clauses in _find_clauses().items():
        for clause in clauses:
            pages.setdefault(clause, []).append(page)
    twice = {clause: sorted(where) for clause, where in pages.items() if len(where) > 1}
    assert pages
    assert not twice, f"defined on more than one page: {twice}"


def test_clauses_cited_in_code_exist() -> None:
    """Every clause that code or a test cites is in docs/spec, and on the page that is named with it."""
    by_page = _find_clauses()
    known = set().union(*by_page.values())
    lost: list[str] = []
    count = 0
    for path in CODE:
        for line, prose in _read_prose(path):
            cited = CLAUSE.findall(prose)
            count += len(cited)
            lost += [f"{_name(path)}:{line} {clause}" for clause in cited if clause not in known]
            for page, clauses in ON_PAGE.findall(prose):
                missing = set(CLAUSE.findall(clauses)) - by_page.get(page, set())
                lost += [f"{_name(path)}:{line} {page} has no {clause}" for clause in sorted(missing)]
    assert count > 100, "the scan found next to no citations: it is broken"
    assert not lost, "cited, but not in docs/spec:\n" + "\n".join(sorted(set(lost)))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_clauses_cited_in_documents_exist(page: Path) -> None:
    """Every clause that a document cites is defined in docs/spec."""
    known = set().union(*_find_clauses().values())
    lost = sorted(set(CLAUSE.findall(page.read_text("utf-8"))) - known)
    assert not lost, f"{_name(page)} cites clauses that docs/spec does not define: {lost}"


def test_documents_cited_in_code_exist() -> None:
    """Every docs/… that code, a test or pyproject names is there; a decision may be named by its number alone."""
    lost = [
        f"{_name(path)}: {cited}"
        for path in [*CODE, ROOT / "pyproject.toml"]
        for cited in sorted(set(DOCUMENT.findall(path.read_text("utf-8"))))
        if not (ROOT / cited).exists() and not list(ROOT.glob(f"{cited}-*.md"))
    ]
    assert not lost, f"named, but not there: {lost}"


def test_sections_of_the_design_are_in_the_architecture() -> None:
    """Every section that a comment calls DESIGN is a numbered section of ARCHITECTURE.md."""
    sections = set(re.findall(r"^## (\d+)\. ", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE))
    lost = [
        f"{_name(path)}:{line} section {number}"
        for path in CODE
        if "DESIGN" in path.read_text("utf-8")
        for line, prose in _read_prose(path)
        for number in SECTION.findall(" ".join(prose.split()))
        if number not in sections
    ]
    assert not lost, f"cited, but not in ARCHITECTURE.md: {lost}"


def test_architecture_shows_the_rooms_that_there_are() -> None:
    """The picture of the house has every package under src/comity, in the order that the import contract enforces."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    enforced = [room.strip() for layer in layers for room in layer.split("|")]
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    drawn = text.partition("### The rooms")[2].split("```")[1]
    shown = [room for line in drawn.splitlines() for room in re.findall(r"(?:^|\|)\s+([a-z]+)\b", line)]
    there = {path.parent.name for path in (ROOT / "src/comity").glob("*/__init__.py")}
    assert shown == enforced
    assert set(shown) == there


def test_every_decision_is_listed_and_whole() -> None:
    """Each page of docs/adr is listed beside its title and has context, decision, consequences and what was weighed."""
    listed = (ROOT / "docs/adr/README.md").read_text("utf-8")
    pages = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers), "a number is given once"
    for page in pages:
        text = page.read_text("utf-8")
        number, _, title = text.splitlines()[0].removeprefix("# ").partition(" ")
        assert f"[{number}]({page.name}) | {title} |" in listed, f"{page.name} is not listed under its title"
        lacking = [part for part in ("Context", "Decision", "Consequences", "Weighed") if f"**{part}.**" not in text]
        assert not lacking, f"{page.name} lacks {lacking}"
