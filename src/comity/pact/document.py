"""From raw bytes to a struct of ours: the one door for the TOML files that Comity reads (pacts, public records).

For any bytes the outcome is a struct or findings; nothing else is raised. Size and depth are bounded before tomllib
sees the text.
"""

import re
import tomllib
from typing import Any, Final, TypeVar

import msgspec

from comity.base.limits import PACT_DEPTH_MAX, PACT_SIZE_BYTES_MAX
from comity.pact.findings import Findings
from comity.pact.lines import LineIndex, index_lines
from comity.pact.shape import NOTHING, read_shape

__all__ = ["read_document"]

Shape = TypeVar("Shape", bound=msgspec.Struct)
_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


def read_document(raw: bytes, wanted: type[Shape]) -> tuple[Shape | None, Findings]:
    """Read `raw` as TOML 1.0 into `wanted`; on any fault the struct is None and the findings say what and where."""
    if len(raw) > PACT_SIZE_BYTES_MAX:
        findings = Findings(LineIndex(), None)
        findings.add((), "pact.too-large", size_bytes=len(raw), size_bytes_max=PACT_SIZE_BYTES_MAX)
        return None, findings
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, _note_at(raw.count(b"\n", 0, error.start) + 1, "pact.not-text", offset=error.start)
    index = index_lines(text)
    if index.too_deep_line is not None:
        return None, _note_at(index.too_deep_line, "pact.too-deep", depth_max=PACT_DEPTH_MAX)
    tree = _load(text)
    if isinstance(tree, Findings):
        return None, tree
    findings = Findings(index, tree)
    value = read_shape(wanted, tree, (), findings)
    assert value is not NOTHING or findings.list(), "a shape was refused without a finding"
    return (None if findings.list() else value), findings


def _load(text: str) -> dict[str, Any] | Findings:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        if at := _LINE.search(said):
            return _note_at(int(at[1]), "pact.syntax", reason=said[: at.start()])
        return _note_at(text.count("\n") + 1, "pact.syntax", reason=said.removesuffix(" (at end of document)"))
    except (ValueError, RecursionError) as error:
        # Outside tomllib's own error: an integer of too many digits, a date that no calendar has.
        return _note_at(1, "pact.syntax", reason=type(error).__name__)


def _note_at(line: int, code: str, **arguments: str | int) -> Findings:
    index = LineIndex()
    index.lines[("",)] = line
    findings = Findings(index, None)
    findings.add(("",), code, **arguments)
    return findings
