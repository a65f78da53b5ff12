"""Every message id that a person can be shown, and where it comes from; run as a program it lists what is missing.

    .venv/bin/python tests/tidy/message_ids.py          missing, unused and mismatched rows of each language
    .venv/bin/python tests/tidy/message_ids.py --write  the same, then write the files anew: an empty row
                                                        for each that is missing, none for what is unused

Most ids are literals given to the functions in `_SPOKEN`; they are read from the source, so that nobody has to keep a
list. The others stand in tables (error codes, findings, timeline rows, labels, enums), which are imported.
"""

import ast
import functools
import string
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

SOURCE: Final = Path(__file__).parents[2] / "src" / "comity"
LOCALE: Final = SOURCE / "api" / "locale"
LANGUAGES: Final = ("ja", "ko")

_SPOKEN: Final[Mapping[str, tuple[int, ...]]] = {
    "say": (0,),
    "say_in": (1,),
    "print_line": (0,),
    "print_warning": (0,),
    "print_heading": (0,),
    "print_table": (0,),
    "progress": (0,),
    "Phrase": (0,),
    "chapter": (0,),
    "remark": (0,),
    "panel": (0,),
    "span_option": (2,),
}
"""Functions whose arguments at these places are message ids; a tuple of literals counts as several."""

_SPOKEN_KEYWORDS: Final = frozenset({"help", "title"})
"""Keyword arguments that are message ids wherever they are literals."""

_FINDING_WORDS: Final = frozenset({"why", "what"})
"""Keywords, names and keys in the pact's checks whose literals are words of a finding (`pact.findings`)."""

_ROOMS: Final = ("api", "cli", "console", "audit")
_CHECKS: Final = (
    *(
        f"pact/{name}.py"
        for name in (
            "check_area",
            "check_foreign",
            "check_indicator",
            "check_levels",
            "check_marking",
            "check_phrase",
            "check_promise",
            "check_references",
            "check_terms",
            "check_track",
            "check_warning",
            "draft",
            "document",
            "lineage",
            "amend",
        )
    ),
    "procedure/public_record.py",
    "exercise/check_msel.py",
    "exercise/programme.py",
    "exchange/msel_xlsx.py",
    "rehearsal/scenario/read.py",
)


@functools.cache
def find_messages() -> Mapping[str, str]:
    """Return every message id with the place that it was first found in."""
    found: dict[str, str] = {}
    for path in sorted(path for room in _ROOMS for path in (SOURCE / room).rglob("*.py")):
        for message in _read_spoken(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(message, path.relative_to(SOURCE).as_posix())
    for path in sorted((SOURCE / "console" / "templates").glob("*.html")):
        for message in _read_template(path.read_text(encoding="utf-8")):
            found.setdefault(message, path.relative_to(SOURCE).as_posix())
    for name in _CHECKS:
        for message in _read_finding_words(ast.parse((SOURCE / name).read_text(encoding="utf-8"))):
            found.setdefault(message, name)
    for place, message in _read_tables():
        found.setdefault(message, place)
    return {message: place for message, place in found.items() if _has_words(message)}


def _has_words(message: str) -> bool:
    """Tell whether something is left to translate beside the fields: words, or the stops of a sentence."""
    texts = "".join(text for text, *_ in string.Formatter().parse(message))
    return any(character.isalpha() for character in texts) or "." in texts


def _read_spoken(tree: ast.Module) -> Iterator[str]:
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            named = _read_named(scope)
            for node in ast.walk(scope):
                if isinstance(node, ast.Call):
                    yield from _read_call(node, named)


def _read_template(text: str) -> Iterator[str]:
    """Yield what a page's template says; there a message is a literal, always."""
    for call in Environment(autoescape=True).parse(text).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("say", "say_in"):
            argument = call.args[_SPOKEN[call.node.name][0]]
            assert isinstance(argument, nodes.Const | nodes.Getattr), f"a message is a literal: {argument}"
            if isinstance(argument, nodes.Const):
                yield str(argument.value)


def _read_named(scope: ast.AST) -> dict[str, list[str]]:
    """Return the names to which a scope assigns literals: `word = "yes" if … else "no"`, said later."""
    named: dict[str, list[str]] = {}
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        for node in ast.walk(scope):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() | ast.IfExp() as value):
                    named.setdefault(name, []).extend(_read_literals(value))
    return named


def _read_call(node: ast.Call, named: Mapping[str, list[str]]) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for place in _SPOKEN.get(name, ()):
        if place < len(node.args):
            argument = node.args[place]
            yield from named.get(argument.id, ()) if isinstance(argument, ast.Name) else _read_literals(argument)
    if name in _SPOKEN or name in ("act", "view", "command", "group", "option"):
        for keyword in node.keywords:
            if keyword.arg in _SPOKEN_KEYWORDS:
                yield from _read_literals(keyword.value)


def _read_literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text) if text:
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _read_literals(body)
            yield from _read_literals(orelse)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _read_literals(element)


def _read_finding_words(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=str() as name, value=value) if name in _FINDING_WORDS:
                yield from _read_literals(value)
            case ast.keyword(arg="permitted", value=ast.Constant(value=str() as text)) if " " in text:
                yield text
            case ast.Assign(targets=[ast.Name(id="why")], value=value):
                yield from _read_literals(value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in _FINDING_WORDS:
                        yield from _read_literals(value)


def _read_tables() -> Iterator[tuple[str, str]]:
    from comity.api import clause_words
    from comity.api.field_words import FIELD_WORDS
    from comity.api.terms import iterate_terms
    from comity.audit import wording
    from comity.base.catalogue import CODES
    from comity.cli import rehearse_words
    from comity.console.remedies import REMEDIES
    from comity.pact import findings, shape
    from comity.procedure import timeline

    for row in CODES.values():
        yield "base/catalogue.py", row.says
        yield "base/catalogue.py", row.hint
    yield from (("console/remedies.py", message) for message in REMEDIES.values())
    yield from (("api/terms.py", message) for message in iterate_terms())
    yield from (("api/field_words.py", message) for message in FIELD_WORDS.values())
    yield from (("audit/wording.py", message) for message in wording.FINDING_MESSAGES.values())
    yield from (("audit/wording.py", message) for message in wording._VERDICTS.values())
    yield from (("procedure/timeline.py", message) for message in timeline.SAYS.values())
    yield from (("api/clause_words.py", message) for message in clause_words.LABELS.values())
    yield from (("api/clause_words.py", message) for _, message in clause_words.SPANS)
    yield from (("pact/findings.py", message) for message in findings.MESSAGES.values())
    yield from (("pact/shape.py", message) for message in shape._TYPE_NAMES.values())
    words = {**rehearse_words.FIGURES, **rehearse_words.STAGES, **rehearse_words.REASONS}
    yield from (("cli/rehearse_words.py", message) for message in words.values())
    # What a dangling reference names: rows of tables in `check_references` and `public_record`.
    for what in ("party", "topic", "body", "source", "scheme", "level", "clause", "commitment", "fact"):
        yield "pact/check_references.py", what


def read_translated(language: str) -> dict[str, str]:
    """Return the rows of a language's PO file, those without a translation too."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return {str(row.id): str(row.string) for row in read_po(file, locale=language) if row.id}


def find_fields(message: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def find_missing(language: str) -> dict[str, str]:
    """Return the ids without a translation, with where they come from."""
    rows = read_translated(language)
    return {message: place for message, place in find_messages().items() if not rows.get(message)}


def find_unused(language: str) -> list[str]:
    """Return the rows that nothing says any more."""
    messages = find_messages()
    return [message for message in read_translated(language) if message not in messages]


def find_mismatched(language: str) -> list[str]:
    """Return the ids whose translation has other fields, so that a fact would be lost or a brace left over."""
    rows = read_translated(language).items()
    return [message for message, translated in rows if translated and find_fields(message) != find_fields(translated)]


def write_catalogue(language: str, translated: Mapping[str, str]) -> None:
    """Write a PO file: one row for each message id, in the order of where they are said."""
    places = find_messages()
    catalogue = Catalog(locale=language)
    for message in sorted(places, key=lambda message: places[message]):
        catalogue.add(message, translated.get(message, ""))
    with (LOCALE / f"{language}.po").open("wb") as file:
        file.write(_HEADER.format(language=language).encode())
        write_po(file, catalogue, width=120, omit_header=True)


_HEADER: Final = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def main() -> int:
    """List what is wrong; exit status 1 if anything is."""
    faults = 0
    for language in LANGUAGES:
        rows = [
            *(f"missing    {place}: {message}" for message, place in find_missing(language).items()),
            *(f"unused     {message}" for message in find_unused(language)),
            *(f"mismatched {message}" for message in find_mismatched(language)),
        ]
        print("\n".join(f"{language} {row}" for row in rows))
        faults += len(rows)
        if "--write" in sys.argv:
            write_catalogue(language, read_translated(language))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
