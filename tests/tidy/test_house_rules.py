"""The rules of this house that no linter knows, each with its reason.

A rule that hurts is changed here, in the open.
"""

import ast
import importlib
import pkgutil
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import comity.procedure
from comity.base.catalogue import CODES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "comity"
SOURCES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in [*SOURCES, *TESTS]}

LONG_FILES = {
    "base/catalogue.py": "one table: every code in one place, a few lines each",
    "base/limits.py": "one table: every bound in one place, each with its reason",
}
FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 60

EMPTY_WORDS = {"manager", "handler", "helper", "util", "utils", "common", "misc", "data", "info", "process"}
NAMES_OF_OTHERS = {
    "info": "the parameter of HKDF and HPKE (RFC 5869, RFC 9180)",
    "find_wrap_info": "the same",
    "wrap_info": "the same",
    "data": "the body argument of a Litestar handler, which the library finds by this name",
    "process": "a child process of the operating system",
    "data_type": "what a cell of a sheet holds, as openpyxl calls it",
    "_process": "the same",
    "route_handlers": "a parameter of Litestar",
    "exception_handlers": "a parameter of Litestar",
    "exception_handler": "a parameter of Litestar",
}
READERS = {
    "cli/files.py": "the one reader, with a limit each time",
    "cli/attaching.py": "a file is handed in piece by piece, after its size was looked at",
    "cli/pact_source.py": "profiles and records that ship",
    "cli/exercise.py": "lists that ship",
    "cli/programming.py": "the programme that ships",
    "cli/rehearse_log.py": "the sources that ship",
    "cli/rehearse_scenario.py": "scenarios that ship",
    "cli/demo/stage.py": "the cards that the demo made a moment ago",
}
PERMITTED_SKIPS = {
    "tests/browser/conftest.py": "a host without Chromium cannot drive one; `make browser` installs it",
    "tests/packaging/test_systemd.py": "a host without systemd cannot verify unit files; the rest of the test runs",
    "tests/unit/exchange/test_cap_make.py": "alerts of others are test data that the project does not ship",
    "tests/unit/exchange/test_cap_read.py": "the same",
    "tests/unit/exchange/test_areas_at_risk.py": "telegrams of others are test data that the project does not ship",
    "tests/unit/exchange/test_cot.py": "the same",
    "tests/unit/exchange/test_jma.py": "the same",
    "tests/unit/exchange/test_xml_door.py": "the same; the attacks written here run everywhere",
    "tests/unit/sensors/test_ais.py": "the recording is test data that the project does not ship (COMITY_TEST_DATA)",
    "tests/unit/warning/test_launches.py": "the table as it came is test data; the one that ships is read everywhere",
    "tests/cli/test_launch_fact.py": "the launch table is test data that the project does not ship (COMITY_TEST_DATA)",
    "tests/integration/outbox/test_full_disk.py": "a small file system needs the right to mount one",
    "tests/integration/outbox/test_server_child.py": "a child that dies with its parent is the Linux kernel's doing",
    "tests/unit/exchange/test_given_files.py": "bundles and events that the project does not ship (COMITY_TEST_DATA)",
    "tests/unit/pact/test_zone.py": "a host without time-zone tables has nothing to compare with",
}


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE if path.is_relative_to(SOURCE) else ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_a_package_says_what_lives_here_and_what_it_may_import() -> None:
    """Whoever opens a folder reads where the arrows go; import-linter checks that it is true."""
    packages = {path: ast.get_docstring(TREES[path]) or "" for path in SOURCES if path.name == "__init__.py"}
    mute = [_name(path) for path, text in packages.items() if len(text) < 20]
    rooms = [path for path in packages if path.parent.parent == SOURCE]
    assert len(rooms) > 10
    boundless = [_name(path) for path in rooms if not re.search(r"[Mm]ay import|[Ii]mports", packages[path])]
    assert (mute, boundless) == ([], [])


def test_a_module_opens_with_what_it_decides() -> None:
    """A sentence at least, and not the file's name in other words."""
    mute = [_name(path) for path in SOURCES if len((ast.get_docstring(TREES[path]) or "").split()) < 5]
    assert mute == []


def test_a_file_is_short() -> None:
    """What separates a pleasure from a chore is the longest file. Longer than this, it is two files."""
    counts = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: n for name, n in counts.items() if n > FILE_LINES_MAX and name not in LONG_FILES} == {}


def test_a_function_fits_on_a_screen() -> None:
    """Its docstring included. Branching belongs in the parent, the rest in pure leaves."""
    long = {
        f"{_name(path)}: {node.name}": length
        for path, tree in TREES.items()
        for node in _functions(tree)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_commands_read_files_in_one_place() -> None:
    """A file that somebody names may be a disk image, or without an end: it is read up to a limit (`cli.files`)."""
    found = {
        _name(path)
        for path in SOURCES
        if path.is_relative_to(SOURCE / "cli")
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("read_bytes", "read_text")
        or (node.func.attr == "open" and any(isinstance(of, ast.Constant) and "r" in str(of.value) for of in node.args))
    }
    assert found == set(READERS)


def _names(tree: ast.AST) -> Iterator[str]:
    """Names that this file gives: of modules, classes, functions, arguments, variables and fields."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr


def test_no_name_says_nothing() -> None:
    """A "manager" of "data" can hold anything, and will. Say what it is, in the words of the glossary."""
    empty = []
    for path in SOURCES:
        stem = path.parent.name if path.name == "__init__.py" else path.stem
        for name in {stem, *_names(TREES[path])} - set(NAMES_OF_OTHERS):
            words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
            if EMPTY_WORDS & {word.lower() for word in words}:
                empty.append(f"{_name(path)}: {name}")
    assert sorted(empty) == []


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


COMMENTS = {path: list(_comments(path)) for path in TREES}


def test_no_banner_comments() -> None:
    """A file that needs banners is two files."""
    banners = {
        f"{_name(path)}:{line}": text
        for path, comments in COMMENTS.items()
        for line, text in comments
        if re.search(r"[-=*#_─═]{4}", text)
    }
    assert banners == {}


def test_nothing_is_left_for_later() -> None:
    """A stub is not done, and a note to oneself is read by nobody: write the gap where its user meets it."""
    notes = {
        f"{_name(path)}:{line}": text
        for path, comments in COMMENTS.items()
        for line, text in comments
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    }
    stubs = [
        f"{_name(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)
    ]
    assert (notes, stubs) == ({}, [])


def _raised_codes(tree: ast.AST) -> Iterator[str]:
    """Codes given as literals to the three families of errors."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            is_error = node.func.id in ("UsageError", "RemoteError", "OutageError")
            if is_error and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_an_error_that_is_raised_is_in_the_catalogue() -> None:
    """`comity explain CODE` must know it; a code outside the catalogue would stop the program where it is raised."""
    raised = {(code, _name(path)) for path in SOURCES for code in _raised_codes(TREES[path])}
    assert len(raised) > 50
    assert {(code, name) for code, name in raised if code not in CODES} == set()


def test_a_code_of_the_catalogue_is_raised_somewhere() -> None:
    """A row that nothing raises explains what can't happen, and hides that a check is missing."""
    literals = {
        node.value
        for path in SOURCES
        if path.name != "catalogue.py"
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {code for code in CODES if code not in literals} == set()


WRITTEN = [
    path
    for pattern in ("*.md", "Makefile", "*.toml", "docs/**/*.md", "src/**/*", "tests/**/*", "vectors/*.md", ".ci/*")
    for path in ROOT.glob(pattern)
    if path.is_file() and path.suffix in (".md", ".toml", ".py", ".po", ".html", ".css", ".js", ".sh", "")
]
FOREIGN = re.compile(r"\b[c]laude|\b[a]nthropic|\b[s]andbox\b|/[w]ork/|bash[_]jobs", re.IGNORECASE)
"""Written so that this list does not find itself."""


def test_nothing_tells_of_the_tools_it_was_written_with() -> None:
    """The project stands by itself: no machine's paths, no tool's name in it."""
    assert len(WRITTEN) > 100
    texts = {path: path.read_text(encoding="utf-8") for path in WRITTEN}
    assert {_name(path): match[0] for path, text in texts.items() if (match := FOREIGN.search(text))} == {}


def test_every_test_states_the_fact_that_it_shows() -> None:
    """A failing test is read by someone who did not write it."""
    mute = [
        f"{_name(path)}: {node.name}"
        for path in TESTS
        for node in _functions(TREES[path])
        if node.name.startswith("test_") and len((ast.get_docstring(node) or "").split()) < 3
    ]
    assert mute == []


def test_no_test_is_skipped_quietly() -> None:
    """What fails is mended, not marked; the few skips there are stand above, each with its reason."""
    skipping = {
        _name(path)
        for path in TESTS
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail", "importorskip")
    }
    assert skipping == set(PERMITTED_SKIPS) & skipping


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is not None:
        for part in get_args(annotation):
            yield from _parts(part)


def _entry_types() -> list[type[Any]]:
    """Every type of entry, after all modules that may define one were loaded."""
    for module in pkgutil.walk_packages(comity.procedure.__path__, "comity.procedure."):
        importlib.import_module(module.name)
    pending, found = [importlib.import_module("comity.procedure.entry").Entry], []
    while pending:
        subclasses = pending.pop().__subclasses__()
        found += subclasses
        pending += subclasses
    return sorted(found, key=lambda type_: type_.__qualname__)


def test_no_entry_holds_a_float_or_nothing() -> None:
    """J1: a float has many forms and languages differ on it; "nothing" is a value of its own that has a name."""
    types = _entry_types()
    assert len(types) > 10
    wrong = [
        f"{type_.__name__}.{name}"
        for type_ in types
        for name, annotation in get_type_hints(type_, include_extras=True).items()
        if {float, type(None)} & {part for part in _parts(annotation) if isinstance(part, type)}
    ]
    assert wrong == []
