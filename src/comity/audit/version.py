"""The versions of the pact at hand: which of them fit, and on what each is believed (P33, J32, J35).

Rules
- A line begins with the version whose digest is the lineage. Where that one is not at hand it begins with the earliest
  that leads to one the reader knows, else with the earliest at all: it is taken as it is.
- Every other version fits what it amends, or takes part in nothing.
- Where the bytes of a version came from proves nothing (J35). It is believed because the reader knows its digest;
  because a version that is believed names it; or because all whom it takes have signed for it under roots that are
  believed already. Else it is worth what its bearer is, and the report says so.
"""

import enum
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from comity.audit.record import Pins, Record, RootKeys
from comity.base.names import Audience, Party
from comity.crypto.suite import Suite
from comity.pact.findings import PactRefused
from comity.pact.model import Pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = ["Anchor", "Line", "Version", "VersionShown", "find_versions", "grow_pins", "show_versions"]


class Version(NamedTuple):
    """One version of the pact, with the digest of its file."""

    digest: bytes
    pact: Pact

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self.pact.identity.version

    @property
    def audience(self) -> Audience:
        """All its parties."""
        return self.pact.audience

    @property
    def previous(self) -> bytes:
        """The digest of the version that it amends, empty for the first."""
        return bytes.fromhex(self.pact.identity.previous or "")


class Anchor(enum.Enum):
    """Why a version is believed (J35), the strongest first."""

    KNOWN = "known"
    """The reader of the audit knows its digest."""
    NAMED = "named"
    """A version that is believed names its digest, as the one that it amends or as the first."""
    SIGNED = "signed"
    """All who had to accept it did, in pages of the record, under roots that are believed."""
    CARRIED = "carried"
    """Nothing but the record that brought it."""


@dataclass(frozen=True, slots=True)
class VersionShown:
    """What is said of one version at hand. `accepted_by` are those whose acceptance counts on all that the record has.

    `is_in_force` is said of the whole record; a page is judged by its own cut (P36).
    """

    digest: bytes
    number: int
    parties: Audience
    anchor: Anchor
    fits: bool
    is_in_force: bool = False
    accepted_by: Audience = ()


class Line:
    """The versions at hand, in line."""

    def __init__(
        self, versions: Iterable[Version], lineage: bytes, *, known: Collection[bytes] = (), is_alone: bool = False
    ) -> None:
        """Set up from versions of one pact, at least one; `known` are the digests that the reader knows.

        With `is_alone` everything is judged under the one version given, whatever a page names.
        """
        self.known = frozenset(known)
        self.all = tuple(sorted({one.digest: one for one in versions}.values(), key=_order))
        self.held = frozenset(() if is_alone else (one.digest for one in self.all))
        """Digests of all versions at hand, whether or not they fit: pages under others are not read (P37)."""
        assert self.all, "a line has a first version"
        self._lineage = lineage
        self._by_digest = {one.digest: one for one in self.all}
        self.first = self._find_first()
        self.fitting = tuple(self._string())
        """Those that fit, each after the one that it amends, by number and digest."""
        self._fitting = {one.digest: one for one in self.fitting}

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.fitting) == 1

    def find(self, digest: bytes) -> Version | None:
        """Return a version that fits."""
        return self._fitting.get(digest)

    def find_before(self, version: Version) -> Version | None:
        """Return what a version that fits amends; None for the first."""
        return None if version is self.first else self._fitting[version.previous]

    def list_back(self, version: Version) -> Iterator[Version]:
        """Yield a version that fits and all before it, down to the first."""
        step: Version | None = version
        while step is not None:
            yield step
            step = self.find_before(step)

    def find_signers(self, version: Version) -> Audience:
        """Return the signing audience of a version (P34): its parties and those of the version before."""
        before = self.find_before(version)
        return tuple(sorted({*version.audience, *(before.audience if before is not None else ())}))

    def _find_first(self) -> Version:
        if self._lineage in self._by_digest:
            return self._by_digest[self._lineage]
        trusted = [one for one in self.all if one.digest in self.known]
        step = min(trusted or self.all, key=_order)
        while step.previous in self._by_digest and self._by_digest[step.previous].number < step.number:
            step = self._by_digest[step.previous]
        return step

    def _string(self) -> Iterator[Version]:
        placed: dict[bytes, Version] = {}
        for version in sorted(self.all, key=_order):
            before = placed.get(version.previous)
            if version is self.first or (before is not None and self._does_fit(version, before)):
                placed[version.digest] = version
                yield version

    def _does_fit(self, version: Version, before: Version) -> bool:
        """P33: one number on, the same line and id, rules that do not go back, roots that stay, one way at a time."""
        new, old = version.pact.identity, before.pact.identity
        mine, theirs = set(version.audience), set(before.audience)
        return (
            new.version == old.version + 1
            and new.lineage == self._lineage.hex()
            and new.id == old.id
            and new.rules >= old.rules
            and (mine <= theirs or theirs <= mine)
            and all(version.pact.roots.get(party) == before.pact.roots.get(party) for party in mine & theirs)
        )


def _order(version: Version) -> tuple[int, bytes]:
    return version.number, version.digest


def find_versions(
    records: Iterable[Record], lineage: bytes, suite: Suite, given: Iterable[Version] = ()
) -> tuple[Version, ...]:
    """Return those given, and every version of the pact that records hold and that can be read, by number."""
    found = {one.digest: one for one in given}
    for raw in sorted({raw for record in records for raw in record.pacts}):
        digest = pact_digest(raw, suite)
        if digest in found:
            continue
        try:
            pact = parse_pact(raw)
        except PactRefused:
            continue
        if pact_lineage(pact, digest) == lineage:
            found[digest] = Version(digest, pact)
    return tuple(sorted(found.values(), key=_order))


def grow_pins(pins: Pins, line: Line | None) -> Pins:
    """Return pins with the roots of all versions that fit; a root pinned once stays (J32). Without a line no more."""
    if line is None:
        return pins
    roots: dict[Party, RootKeys] = dict(pins.parties)
    for version in line.fitting:
        for party, root in version.pact.roots.items():
            if party in version.audience:
                keys = RootKeys(*map(bytes.fromhex, (root.ed25519, root.mldsa65, root.next_root_digest)))
                roots.setdefault(party, keys)
    return Pins(pins.lineage, pins.realm, dict(sorted(roots.items())), line.held)


def show_versions(
    line: Line, in_force: Collection[Version], list_accepting: Callable[[Version], Audience]
) -> tuple[VersionShown, ...]:
    """Return what is said of every version at hand, those that do not fit included, by number and digest."""
    anchors = _find_anchors(line, in_force)
    return tuple(
        VersionShown(
            version.digest,
            version.number,
            version.audience,
            anchors.get(version.digest, Anchor.CARRIED),
            fits=line.find(version.digest) is not None,
            is_in_force=version in in_force,
            accepted_by=list_accepting(version) if line.find(version.digest) is not None else (),
        )
        for version in sorted(line.all, key=_order)
    )


def _find_anchors(line: Line, in_force: Collection[Version]) -> dict[bytes, Anchor]:
    """Return on what each version is believed: backwards by what later ones name, then forwards by signatures."""
    anchors = dict.fromkeys(line.known & line.held, Anchor.KNOWN)
    for version in reversed(line.fitting):
        if version.digest in anchors:
            for earlier in line.list_back(version):
                anchors.setdefault(earlier.digest, Anchor.NAMED)
    for version in line.fitting:
        before = line.find_before(version)
        if before is not None and before.digest in anchors and version in in_force:
            anchors.setdefault(version.digest, Anchor.SIGNED)
    return anchors
