"""Lists of injects as the console finds them: those that ship, those that were agreed on here, drafts that are sound.

A list is read under the pact in force and named by its digest; read once, it is kept: the same digest is the same list.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import msgspec

from comity.base.errors import UsageError
from comity.exercise.check_msel import MselRefused, parse_msel
from comity.exercise.draft import Flaw, judge_draft
from comity.exercise.lists import LIST_PACKAGE, LIST_SUFFIX, LISTS, PACT_OF
from comity.exercise.msel import Msel
from comity.exercise.write_msel import digest_msel, format_msel
from comity.node.msel_shelf import MselShelf
from comity.node.node import Node

__all__ = ["Lists", "find_mark"]

READ_COUNT_MAX: Final = 32
JUDGED_COUNT_MAX: Final = 128
Judged = tuple[Msel | None, tuple[Flaw, ...]]


class Lists:
    """The lists at one node."""

    def __init__(self, node: Node, shelf: MselShelf) -> None:
        self._node = node
        self.shelf = shelf
        self._pact = node.machine.pact
        self._read: dict[bytes, Msel] = {}
        self._judged: dict[bytes, Judged] = {}
        self._shipped: dict[bytes, tuple[str, Msel]] | None = None

    def find(self, digest: bytes) -> Msel | None:
        """Return the list of a digest: one that was kept here, or one that ships."""
        self._look_at_pact()
        if digest not in self._read:
            raw = self.shelf.find(digest)
            if raw is None:
                _, msel = self._read_shipped().get(digest, ("", None))
                return msel
            self._note(raw)
        return self._read.get(digest)

    def judge(self, tree: Mapping[str, Any]) -> Judged:
        """Return a draft as a list, None while anything is wrong with it, and all that is."""
        self._look_at_pact()
        mark = find_mark(tree)
        if mark not in self._judged:
            if len(self._judged) >= JUDGED_COUNT_MAX:
                self._judged.clear()
            self._judged[mark] = judge_draft(tree, self._pact)
        return self._judged[mark]

    def _look_at_pact(self) -> None:
        """Judge everything anew where another version of the pact is in force."""
        if self._pact is not self._node.machine.pact:
            self._pact = self._node.machine.pact
            self._read.clear()
            self._judged.clear()
            self._shipped = None

    def _note(self, raw: bytes) -> None:
        try:
            msel = parse_msel(raw, self._pact)
        except MselRefused:
            return  # it was sound under the pact of another day
        if len(self._read) >= READ_COUNT_MAX:
            self._read.clear()
        self._read[digest_msel(msel)] = msel

    def _read_shipped(self) -> Mapping[bytes, tuple[str, Msel]]:
        """Return the lists that ship and are sound under the pact in force, with their names; read once.

        The page of an exercise whose list is not at this node asks for them every few seconds.
        """
        self._look_at_pact()
        if self._shipped is None:
            found = {}
            for name in LISTS:
                with contextlib.suppress(MselRefused):  # written for another pact
                    msel = parse_msel((files(LIST_PACKAGE) / (name + LIST_SUFFIX)).read_bytes(), self._pact)
                    found[digest_msel(msel)] = (name, msel)
            self._shipped = found
        return self._shipped

    def list_shipped(self) -> tuple[str, ...]:
        """Return the names of the lists that ship and were written for this node's pact."""
        profile = self._node.machine.pact.identity.id
        return tuple(name for name, pact in PACT_OF.items() if pact == profile)

    def list_sound(self) -> Mapping[str, Msel]:
        """Return what can be proposed, by name: drafts first, each of which stands in the place of one that ships."""
        found = {}
        for name in self.shelf.list_drafts():
            msel, _ = self.judge(self.shelf.get_draft(name))
            if msel is not None:
                found[name] = msel
        for name, msel in self._read_shipped().values():
            found.setdefault(name, msel)
        return found

    def get(self, name: str) -> Msel:
        """Return a list that can be proposed.

        Raises:
            UsageError: `msel.no-draft`.
        """
        found = self.list_sound().get(name)
        if found is None:
            raise UsageError("msel.no-draft", name=name[:48])
        return found

    def keep(self, msel: Msel) -> None:
        """Keep a list as it was proposed or signed."""
        self.shelf.keep(digest_msel(msel), format_msel(msel).encode())

    def draft_from(self, msel: Msel, name: str) -> None:
        """Keep a list as a draft that can be changed."""
        self.shelf.put_draft(name, make_tree(msel))


def find_mark(tree: Mapping[str, Any]) -> bytes:
    """Return what names a draft as it is now."""
    return hashlib.sha256(msgspec.json.encode(tree)).digest()


def make_tree(msel: Msel) -> dict[str, Any]:
    """Return a list as a draft holds it: only what says something."""
    tree: dict[str, Any] = _prune(msgspec.to_builtins(msel))
    return tree


def _prune(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _prune(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, "", [], {}) and (name, one) != _ALWAYS}
    return [_prune(one) for one in value] if isinstance(value, list | tuple) else value


_ALWAYS: Final = ("only_if", "always")
