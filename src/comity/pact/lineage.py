"""The versions of one pact: which follows which, and which of the files held may stand in the line at all.

Rules (docs/spec/procedure.md, P33)
- A version names the digest of the one before it and of the first; its number is one higher. What does not fit its
  predecessor is kept and never in force.
- An amendment adds parties or removes some, never both: so whoever reads the journals of the wider circle can see
  every signature that the change needs.
- A root that an earlier version pins stays; a party changes it by a succession, which needs nobody's leave.

Pure and total over the set of files: the same files give the same line, in whatever order they came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from comity.base.names import Audience, Digest, Party
from comity.pact.findings import Finding
from comity.pact.model import Pact

__all__ = ["Lineage", "Version", "check_amendment"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a pact, with the digest of its file."""

    pact: Pact
    digest: Digest

    @property
    def number(self) -> int:
        """Its place in the line, from 1."""
        return self.pact.identity.version

    @property
    def audience(self) -> Audience:
        """All its parties."""
        return self.pact.audience

    @property
    def order(self) -> tuple[int, Digest]:
        """The order in which versions are looked at; rivals stand by their digests."""
        return (self.number, self.digest)


class Lineage:
    """The versions held, each after the one that it names. The earliest is taken as it is; others must fit."""

    def __init__(self, versions: Iterable[Version]) -> None:
        held = sorted({version.digest: version for version in versions}.values(), key=lambda version: version.order)
        assert held, "a line has a first version"
        self.all: Final = tuple(held)
        """Every version held, by number and digest."""
        self.first: Final = held[0]
        self._placed: dict[Digest, Version] = {self.first.digest: self.first}
        for version in held[1:]:
            before = self._placed.get(_find_previous(version))
            if before is not None and not check_amendment(before, version):
                self._placed[version.digest] = version
        self.placed: Final = tuple(self._placed.values())
        """The versions that fit, by number and digest."""

    @cached_property
    def digests(self) -> frozenset[Digest]:
        """The digests of all versions held, whether or not they fit."""
        return frozenset(version.digest for version in self.all)

    @cached_property
    def parties(self) -> Audience:
        """Everybody who ever was a party, by the versions that fit."""
        return tuple(sorted({party for version in self.placed for party in version.audience}))

    def find(self, digest: bytes) -> Version | None:
        """Return the version with this digest, if it is held and fits."""
        return self._placed.get(Digest(digest))

    def find_before(self, version: Version) -> Version | None:
        """Return the version that this one amends; None for the first."""
        return None if version.digest == self.first.digest else self._placed[_find_previous(version)]

    def find_added(self, version: Version) -> frozenset[Party]:
        """Return the parties that join by this version."""
        before = self.find_before(version)
        return frozenset() if before is None else frozenset(version.audience) - frozenset(before.audience)

    def find_removed(self, version: Version) -> frozenset[Party]:
        """Return the parties that this version leaves out."""
        before = self.find_before(version)
        return frozenset() if before is None else frozenset(before.audience) - frozenset(version.audience)

    def find_signing_audience(self, version: Version) -> Audience:
        """Return to whom a version is accepted: the wider of its own circle and that of the version before (P34)."""
        before = self.find_before(version)
        return version.audience if before is None else tuple(sorted({*version.audience, *before.audience}))

    def find_rivals(self, version: Version) -> tuple[Version, ...]:
        """Return the other amendments of the version that this one amends."""
        before = self.find_before(version)
        return tuple(
            other
            for other in self.placed
            if before is not None and other.digest != version.digest and self.find_before(other) == before
        )

    def is_descended(self, version: Version, *, of: Version) -> bool:
        """Tell whether one version is another, or an amendment of it over any number of steps."""
        step: Version | None = version
        while step is not None and step.number > of.number:
            step = self.find_before(step)
        return step == of


def _find_previous(version: Version) -> Digest:
    return Digest(bytes.fromhex(version.pact.identity.previous or ""))


def check_amendment(before: Version, after: Version) -> tuple[Finding, ...]:
    """Return why `after` cannot amend `before`; each file by itself has been checked already."""
    old, new = before.pact.identity, after.pact.identity
    lineage = old.lineage or before.digest.hex()
    found: list[Finding] = []

    def note(key: str, *, why: str) -> None:
        found.append(Finding(1, "", key, "pact.amendment", {"key": key, "why": why}))

    if new.previous != before.digest.hex():
        note("previous", why="it does not name the version before")
    if new.lineage != lineage:
        note("lineage", why="it does not name the first version")
    if new.version != old.version + 1:
        note("version", why="its number is not the next one")
    if new.id != old.id:
        note("id", why="a pact keeps its id")
    if new.rules < old.rules:
        note("rules", why="the rules never go back")
    parties, parties_before = set(after.audience), set(before.audience)
    if parties - parties_before and parties_before - parties:
        note("party", why="parties are added or removed, never both at once")
    roots, roots_before = after.pact.roots, before.pact.roots
    for party in sorted(parties & parties_before):
        if roots.get(party) != roots_before.get(party):
            note(f"root.{party}", why="a root stays as it was pinned")
    return tuple(found)
