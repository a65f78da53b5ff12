"""Which line of a TOML file each key and list element stands on.

`tomllib` tells values but not lines, and a finding without its line is no use to the person who wrote the file. This
is a scanner of structure only: it finds keys and skips values, and it trusts nothing.

Rules
- For any text it returns; where the text is not TOML it stops and keeps what it found (tomllib then says why).
- On every text that tomllib accepts, the paths found are exactly those of the tree that tomllib builds (a property
  test holds it to that).
- It measures depth *before* tomllib recurses into the same text.

Source: TOML 1.0.0, sections Keys, Table, Array of Tables, Inline Table.
"""

import bisect
import contextlib
import re
import tomllib
from typing import Final

from comity.base.limits import PACT_DEPTH_MAX

__all__ = ["KeyPath", "LineIndex", "index_lines"]

KeyPath = tuple[str | int, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BASIC: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL: Final = re.compile(r"'[^'\n]*'")
_LONG_BASIC: Final = re.compile(r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}')
_LONG_LITERAL: Final = re.compile(r"'''(?:[^']|'(?!''))*'{3,5}")
_BARE_VALUE: Final = re.compile(r"[^,\]}#\n]+")
_BLANK: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")


class LineIndex:
    """Lines by key path, numbered from 1."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.too_deep_line: int | None = None
        """The first line that nests deeper than a pact may; such a text must not reach tomllib."""

    def find_line(self, path: KeyPath) -> int:
        """Return the line of `path`, or of the nearest table or list that holds it, or 1."""
        while path:
            if (line := self.lines.get(path)) is not None:
                return line
            path = path[:-1]
        return 1


class _StuckError(Exception):
    """The text is not TOML from here on."""


class _Scanner:
    """Walks the text once; every step moves forward or stops."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.newlines = [match.start() for match in re.finditer("\n", self.text)]
        self.index = LineIndex()
        self.table: KeyPath = ()
        self.last_element: dict[KeyPath, int] = {}

    def scan(self) -> None:
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self._take("[["):
                self._open_element()
            elif self._take("["):
                self._open_table()
            else:
                self._read_assignment(self.table)
            self._skip(_BLANK)

    def _open_table(self) -> None:
        start = self.at
        parts = self._read_key()
        self._expect("]")
        self.table = self._resolve(parts[:-1], start)
        self.table = self._descend(self.table, parts[-1:], start)

    def _open_element(self) -> None:
        start = self.at
        parts = self._read_key()
        self._expect("]]")
        above = self._resolve(parts[:-1], start)
        listed = self._descend(above, parts[-1:], start)
        number = self.last_element.get(listed, -1) + 1
        self.last_element[listed] = number
        self.table = self._descend(listed, (number,), start)

    def _resolve(self, parts: KeyPath, start: int) -> KeyPath:
        """Follow a header's parts, entering the last element of each array of tables on the way."""
        path: KeyPath = ()
        for part in parts:
            path = self._descend(path, (part,), start)
            if path in self.last_element:
                path = (*path, self.last_element[path])
        return path

    def _descend(self, path: KeyPath, parts: KeyPath, start: int) -> KeyPath:
        line = bisect.bisect_left(self.newlines, start) + 1
        for part in parts:
            path = (*path, part)
            if len(path) > PACT_DEPTH_MAX:
                self.index.too_deep_line = line
                raise _StuckError
            self.index.lines.setdefault(path, line)
        return path

    def _read_assignment(self, table: KeyPath) -> None:
        start = self.at
        path = self._descend(table, self._read_key(), start)
        self._expect("=")
        self._skip(_SPACE)
        self._read_value(path)

    def _read_value(self, path: KeyPath) -> None:
        if self._take("["):
            self._read_array(path)
        elif self._take("{"):
            self._read_inline_table(path)
        else:
            for pattern in (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL, _BARE_VALUE):
                if self._skip(pattern):
                    return
            raise _StuckError

    def _read_array(self, path: KeyPath) -> None:
        number = 0
        self._skip(_BLANK)
        while not self._take("]"):
            self._read_value(self._descend(path, (number,), self.at))
            number += 1
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("]")
                return
            self._skip(_BLANK)

    def _read_inline_table(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        while not self._take("}"):
            self._read_assignment(path)
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("}")
                return
            self._skip(_BLANK)

    def _read_key(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self.at
            if self._skip(_BARE_KEY):
                parts.append(self.text[start : self.at])
            elif self._skip(_BASIC) or self._skip(_LITERAL):
                parts.append(_read_quoted(self.text[start : self.at]))
            else:
                raise _StuckError
            self._skip(_SPACE)
            if not self._take("."):
                return tuple(parts)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.at)
        if match is None:
            return False
        moved = match.end() > self.at
        self.at = match.end()
        return moved

    def _take(self, token: str) -> bool:
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _StuckError


def _read_quoted(token: str) -> str:
    """Let tomllib resolve the escapes of a quoted key, so that there is one opinion about them."""
    try:
        return str(tomllib.loads(f"k = {token}")["k"])
    except ValueError as error:
        raise _StuckError from error


def index_lines(text: str) -> LineIndex:
    """Find the line of every key and list element in `text`; for what is not TOML, of those before the fault.

    Never raises. Work and result grow with the length of the text, depth is bounded by `PACT_DEPTH_MAX`.
    """
    scanner = _Scanner(text)
    with contextlib.suppress(_StuckError):
        scanner.scan()
    return scanner.index
