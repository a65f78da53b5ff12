"""Lists of injects at a node: drafts by name, and by digest each list that was agreed on here (E26, E27).

`injects` in the realm's folder, for its owner alone. Nothing of it is in a journal, and no other party ever sees it:
what players may not know yet stands in it (docs/adr/0089).

Rules
- A list that was proposed or signed here stays as it was then, whatever becomes of the draft that it came from.
- A draft is kept as it is typed, sound or not. Numbers and sizes are bounded.
- A file that can't be read is as one that is not there: a list is looked for by its digest, and checked against it.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.limits import PACT_SIZE_BYTES_MAX
from comity.node.durable import write_private

__all__ = ["DRAFT_COUNT_MAX", "LISTS_FOLDER", "LIST_COUNT_MAX", "MselShelf"]

LISTS_FOLDER: Final = "injects"
DRAFT_COUNT_MAX: Final = 64
LIST_COUNT_MAX: Final = 256
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}", re.ASCII)
_DRAFT, _LIST = ".draft.json", ".toml"


class MselShelf:
    """The folder of one realm; `folder` None: what is kept in memory alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, bytes] = {}

    def list_drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts, ascending."""
        names = (name.removesuffix(_DRAFT) for name in self._list_files(_DRAFT))
        return tuple(sorted(name for name in names if _NAME.fullmatch(name)))

    def get_draft(self, name: str) -> dict[str, Any]:
        """Return a draft as it was typed.

        Raises:
            UsageError: `msel.no-draft`.
        """
        raw = self._read(name + _DRAFT) if _NAME.fullmatch(name) else None
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            tree = msgspec.json.decode(raw or b"")
            if isinstance(tree, dict):
                return tree
        raise UsageError("msel.no-draft", name=name[:48])

    def put_draft(self, name: str, tree: Mapping[str, Any]) -> None:
        """Keep a draft, in the place of the one of this name.

        Raises:
            UsageError: `msel.drafts-full`, `console.field-malformed`.
        """
        if not _NAME.fullmatch(name):
            raise UsageError("console.field-malformed", field="id")
        raw = msgspec.json.encode(tree)
        drafts = self.list_drafts()
        if len(raw) > PACT_SIZE_BYTES_MAX or (name not in drafts and len(drafts) >= DRAFT_COUNT_MAX):
            raise UsageError("msel.drafts-full", count_max=DRAFT_COUNT_MAX, size_bytes_max=PACT_SIZE_BYTES_MAX)
        self._write(name + _DRAFT, raw)

    def remove_draft(self, name: str) -> None:
        """Keep a draft no longer.

        Raises:
            UsageError: `msel.no-draft`.
        """
        self.get_draft(name)
        self._held.pop(name + _DRAFT, None)
        if self._folder is not None:
            (self._folder / (name + _DRAFT)).unlink(missing_ok=True)

    def keep(self, digest: bytes, raw: bytes) -> None:
        """Keep a list as it was agreed on, under its digest.

        Raises:
            UsageError: `msel.drafts-full`.
        """
        name = digest.hex() + _LIST
        if self._read(name) is not None:
            return
        if sum(1 for _ in self._list_files(_LIST)) >= LIST_COUNT_MAX:
            raise UsageError("msel.drafts-full", count_max=LIST_COUNT_MAX, size_bytes_max=PACT_SIZE_BYTES_MAX)
        self._write(name, raw)

    def find(self, digest: bytes) -> bytes | None:
        """Return the list of a digest, as a TOML file."""
        return self._read(digest.hex() + _LIST)

    def _list_files(self, suffix: str) -> Iterator[str]:
        if self._folder is None:
            yield from (name for name in self._held if name.endswith(suffix))
        elif self._folder.is_dir():
            yield from (path.name for path in self._folder.iterdir() if path.name.endswith(suffix))

    def _read(self, name: str) -> bytes | None:
        if self._folder is None:
            return self._held.get(name)
        try:
            with (self._folder / name).open("rb") as file:
                raw = file.read(PACT_SIZE_BYTES_MAX + 1)
        except OSError:
            return None
        return raw if len(raw) <= PACT_SIZE_BYTES_MAX else None

    def _write(self, name: str, raw: bytes) -> None:
        if self._folder is None:
            self._held[name] = raw
            return
        write_private(self._folder / name, raw)
