"""What is wrong with a file, where, and in which words.

A finding has a line, the clause and the key it concerns, a code of the catalogue, and a message id with arguments:
this room never formats prose. The arguments `why`, `wanted`, `found` (of a type) and `what` are fixed message ids of
their own. Values are quoted only in part, so that a hostile file can't flood a screen.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from comity.base.errors import UsageError
from comity.base.limits import PACT_FINDING_COUNT_MAX
from comity.pact.lines import KeyPath, LineIndex

__all__ = ["MESSAGES", "FileRefused", "Finding", "Findings", "PactRefused", "RecordRefused", "format_key", "note_twice"]

MESSAGES: Final[Mapping[str, str]] = {
    "pact.too-large": "the file has {size_bytes} bytes; at most {size_bytes_max} are read",
    "pact.not-text": "byte {offset} is not UTF-8",
    "pact.syntax": "this is not TOML: {reason}",
    "pact.too-deep": "nested deeper than {depth_max} levels",
    "pact.key-unknown": "there is no key {key} here",
    "pact.key-missing": "the key {key} is missing",
    "pact.type": "expected {wanted}, found {found}",
    "pact.value": "{found} is not permitted; permitted: {permitted}",
    "pact.size": "{size} is more than the limit of {size_max}",
    "pact.text-control": "the text holds the character {character}, which can hide words",
    "pact.empty": "this must not be empty",
    "pact.id-duplicate": "{id} is already used on line {line}",
    "pact.reference": "{what} {id} is not defined in this file",
    "pact.hub": "the hub {hub}: {why}",
    "pact.ceiling": "rank {rank} is not in the scheme of {party}",
    "pact.equivalence": "level {level}: {why}",
    "pact.foreign": "label {label}: {why}",
    "pact.zone": "time-zone rules: {why}",
    "pact.policy": "{key} must not exceed {other}",
    "pact.state-history": "the state since {since} does not follow the one before it",
    "pact.promise": "the promise: {why}",
    "pact.notice-end": "the end of the notice: {why}",
    "pact.version": "{key}: {why}",
    "pact.root": "root of {party}: {why}",
    "pact.amendment": "{key}: {why}",
    "pact.indicator": "early warning: {why}",
    "pact.warning": "public warnings: {why}",
    "pact.track": "tracks: {why}",
    "pact.warning-area": "warning areas: {why}",
    "pact.phrase": "standard phrases: {why}",
    "record.dates": "the fact {id}: {why}",
    "msel.row": "the list: {why}",
    "msel.cell": "the cell: {why}",
    "scenario.row": "the scenario: {why}",
    "scenario.pace": "no row says how long anybody takes at any hour to do this: {act}",
    "record.other-pact": "this record is of the pact {found}, not of {wanted}",
}
"""English message ids by code; fields in braces are named in `Finding.arguments`."""

_QUOTED_SIZE_MAX: Final = 60


class Finding(NamedTuple):
    """One thing that is wrong. Sorted, findings stand in the order of the file."""

    line: int
    clause: str
    """Id of the nearest rule or row that holds the fault, or empty."""
    key: str
    """Key path, as in `agreement[1].hub`; elements are numbered from 1, for people."""
    code: str
    arguments: Mapping[str, str | int]

    @property
    def message(self) -> str:
        """The message id to translate; its fields are the arguments."""
        return MESSAGES[self.code]


class FileRefused(UsageError):  # noqa: N818 -- named as the past-tense fact it is
    """A file can't be taken as what it should be. Carries every finding, in the order of the file."""

    def __init__(self, code: str, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        super().__init__(code, finding_count=len(findings), line=first.line, first=first.code)
        self.findings = findings


class PactRefused(FileRefused):
    """The file can't be taken as a pact."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("pact.refused", findings)


class RecordRefused(FileRefused):
    """The file can't be taken as a public record."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("record.refused", findings)


class Findings:
    """Gathers findings over one file; past the limit it only counts, so that a flood stays cheap."""

    def __init__(self, index: LineIndex, tree: object) -> None:
        self._index = index
        self._tree = tree
        self._found: list[Finding] = []

    def add(self, path: KeyPath, code: str, **arguments: str | int) -> None:
        """Note that what stands at `path` is wrong."""
        if len(self._found) >= PACT_FINDING_COUNT_MAX:
            return
        clipped = {name: _clip(value) for name, value in arguments.items()}
        line = self._index.find_line(path)
        self._found.append(Finding(line, _clip_text(self._find_id(path)), format_key(path), code, clipped))

    def find_line(self, path: KeyPath) -> int:
        """Return the line of `path`."""
        return self._index.find_line(path)

    def list(self) -> tuple[Finding, ...]:
        """Return what was found, in the order of the file."""
        return tuple(sorted(self._found, key=lambda finding: (finding.line, finding.key, finding.code)))

    def _find_id(self, path: KeyPath) -> str:
        node, found = self._tree, ""
        for step in (*path, None):
            if isinstance(node, dict):
                if isinstance(id_ := node.get("id"), str):
                    found = id_
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                break
        return found


def note_twice(findings: Findings, table: KeyPath, ids: Iterable[str], code: str, *, key: str = "id") -> None:
    """Note each row of a table that has the id of a row above it; `key` is what the id is called there."""
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ in seen:
            findings.add((*table, index, key), code, why="an id stands twice")
        seen.add(id_)


def format_key(path: KeyPath) -> str:
    """Write a key path for people: `agreement[1].clause[2].text`, elements numbered from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{_clip_text(step)}"
    return text.removeprefix(".")


def _clip(value: str | int) -> str | int:
    return value if isinstance(value, int) and abs(value) < 2**63 else _clip_text(str(value))


def _clip_text(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:200])
    return shown if len(shown) <= _QUOTED_SIZE_MAX else shown[: _QUOTED_SIZE_MAX - 1] + "…"
