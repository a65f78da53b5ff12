"""Titles in the reader's language, for pages and terminals alike: one lookup over all versions of the pact held."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from comity.api.views.titles import TitleShown
from comity.api.words import get_language
from comity.base.names import Digest
from comity.pact.release import find_level
from comity.pact.titles import Titled, list_titles

if TYPE_CHECKING:  # a command asks a node, and has no machine of its own to load
    from comity.machine.machine import Machine

__all__ = ["PactTitles", "Titles", "show_titles"]

CITED: Final = frozenset({"agreement", "commitment"})
"""Kinds that a sentence cites with their id: what was promised is referred to by its clause."""
RANK_UNKNOWN: Final = 1_001
"""Above what any level of a pact may have."""


class Titles:
    """Titles by kind and id, each in the languages of the pact. Without rows everything is called by its id."""

    def __init__(self, rows: Iterable[TitleShown] = ()) -> None:
        self._titles = {(row["kind"], row["id"]): row["title"] for row in rows}

    def title_of(self, kind: str, id_: str) -> str:
        """Return what something is called in the reader's language: `title_of("role", "director")`.

        `kind` is a value of `Titled`: agreement, body, channel, commitment, exercise, indicator, level, party, rank,
        role, topic. What has no title in that language is called by its English one, what has none at all by its id:
        an id of another pact, or nobody's, may be given without asking first. Templates have it under this name. Where
        the clause counts show both: `cite("commitment", "C1")` is "Consult (C1)".
        """
        title = self._find().get((kind, str(id_)))
        if title is None:
            return str(id_)
        return {"ja": title["ja"], "ko": title["ko"]}.get(get_language()) or title["en"]

    def cite(self, kind: str, id_: str) -> str:
        """Return the title with the id in brackets; the id alone where it is all there is."""
        title = self.title_of(kind, id_)
        return title if title == id_ else f"{title} ({id_})"

    def rank_of(self, level: str) -> int:  # noqa: ARG002 -- titles alone know of no scale
        """Return how high a level is on the scale of the pact; one that is not known stands above every other."""
        return RANK_UNKNOWN

    def say_in_sentence(self, kind: str, id_: str) -> str:
        """Return the title as a sentence has it: cited where it is the clause that counts."""
        return self.cite(kind, id_) if kind in CITED else self.title_of(kind, id_)

    def _find(self) -> dict[tuple[str, str], dict[str, str]]:
        return self._titles  # type: ignore[return-value]  # a typed dictionary of three words is a mapping of words


class PactTitles(Titles):
    """The titles of what a machine holds, read anew when another version is held or in force."""

    def __init__(self, machine: "Machine") -> None:
        super().__init__()
        self._machine = machine
        self._read: tuple[Digest, int] | None = None

    def rank_of(self, level: str) -> int:
        """Return the highest rank that a version held gives it."""
        lineage = self._machine.versions
        found = (find_level(held.pact, level) for held in (lineage.current, *lineage.lineage.placed))
        return max((row[1].rank for row in found if row is not None), default=super().rank_of(level))

    def _find(self) -> dict[tuple[str, str], dict[str, str]]:
        versions = self._machine.versions
        now = (versions.current.digest, len(versions.lineage.placed))
        if self._read != now:
            self._titles = {(row["kind"], row["id"]): row["title"] for row in show_titles(self._machine)}
            self._read = now
        return super()._find()


def show_titles(machine: "Machine") -> list[TitleShown]:
    """Return every title of every version held; where versions differ, what the current one calls it, or the newest."""
    versions = machine.versions
    found: dict[tuple[Titled, str], TitleShown] = {}
    for version in (versions.current, *reversed(versions.lineage.placed)):
        for kind, id_, title in list_titles(version.pact):
            words = {"en": title.en, "ja": title.in_language("ja"), "ko": title.in_language("ko")}
            found.setdefault((kind, id_), {"kind": kind.value, "id": id_, "title": words})  # type: ignore[typeddict-item]
    return list(found.values())
