"""The versions of the pact in a realm's folder: `pact.toml`, which the party began with, and `versions/DIGEST.toml`.

A file that lies here and names this party is accepted: the node says so in its genesis journal at its next start, and
only then (docs/spec/procedure.md, P34). So a file is put here by `accept_version` alone, after every check.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import Digest, Party, Realm
from comity.crypto.suite import Suite
from comity.journal.statement import RootKeys
from comity.journal.trust import PinnedRoot, Pins
from comity.node.home import write_private
from comity.pact.findings import PactRefused
from comity.pact.lineage import Lineage, Version, check_amendment
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = [
    "PACT_FILE", "VERSIONS_FOLDER", "HeldVersion", "find_pins_of", "find_waiting", "keep_version", "place",
    "read_versions",
]  # fmt: skip

PACT_FILE: Final = "pact.toml"
VERSIONS_FOLDER: Final = "versions"


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A version with the bytes of its file."""

    raw: bytes
    version: Version

    @classmethod
    def read(cls, raw: bytes, suite: Suite) -> "HeldVersion":
        """Read a pact file.

        Raises:
            PactRefused: it has findings.
        """
        return cls(raw, Version(parse_pact(raw), pact_digest(raw, suite)))


def read_versions(path: Path, suite: Suite) -> tuple[HeldVersion, ...]:
    """Return every version in a realm's folder, first the one that its party began with; none before it accepted."""
    if not (path / PACT_FILE).exists():
        return ()
    files = [path / PACT_FILE, *sorted((path / VERSIONS_FOLDER).glob("*.toml"))]
    return tuple(HeldVersion.read(file.read_bytes(), suite) for file in files)


def find_waiting(path: Path, held: Collection[Digest], suite: Suite) -> tuple[HeldVersion, ...]:
    """Return the versions in a realm's folder that a node which runs does not hold: it takes them when it starts."""
    known = {digest.hex() for digest in held}
    files = [file for file in sorted((path / VERSIONS_FOLDER).glob("*.toml")) if file.stem not in known]
    return tuple(HeldVersion.read(file.read_bytes(), suite) for file in files)


def keep_version(path: Path, held: HeldVersion) -> None:
    """Put a version into a realm's folder."""
    write_private(path / VERSIONS_FOLDER / f"{held.version.digest.hex()}.toml", held.raw)


def place(given: HeldVersion, held: Iterable[HeldVersion], *, realm: Realm, is_rival_wanted: bool) -> Lineage:
    """Return the line of versions with one more at its place, or raise.

    Raises:
        UsageError: `pact.accepted-other` where it is of another pact; `pact.version-missing` where the version that it
            amends is not here; `pact.rival` where another amendment of that version is here already.
        PactRefused: it does not fit the version that it amends.
    """
    line = Lineage((*(one.version for one in held), given.version))
    before = {one.version.digest: one.version for one in held}
    first = min(before.values(), key=lambda version: version.order, default=given.version)
    lineage = pact_lineage(first.pact, first.digest)
    if pact_lineage(given.version.pact, given.version.digest) != lineage:
        raise UsageError("pact.accepted-other", realm=realm)
    if line.first.number != 1 or line.find(given.version.digest) is None:
        previous = before.get(bytes.fromhex(given.version.pact.identity.previous or ""))  # type: ignore[call-overload]
        findings = check_amendment(previous, given.version) if previous is not None else ()
        if findings:
            raise PactRefused(findings)
        raise UsageError("pact.version-missing", version=given.version.number - 1)
    if line.find_rivals(given.version) and not is_rival_wanted:
        raise UsageError("pact.rival", rival=line.find_rivals(given.version)[0].digest.hex())
    return line


def find_pins_of(line: Lineage, *, realm: Realm) -> Pins:
    """Return what all versions that fit pin for one realm; a root pinned once stays (J32).

    Raises:
        UsageError: `pact.no-roots` for a profile.
    """
    roots: dict[Party, PinnedRoot] = {}
    for version in line.placed:
        if set(version.pact.roots) != set(version.audience):
            raise UsageError("pact.no-roots")
        for party, root in sorted(version.pact.roots.items()):
            keys = RootKeys(bytes.fromhex(root.ed25519), bytes.fromhex(root.mldsa65))
            roots.setdefault(party, PinnedRoot(keys, bytes.fromhex(root.next_root_digest)))
    lineage = pact_lineage(line.first.pact, line.first.digest)
    return Pins(lineage, realm, dict(sorted(roots.items())), frozenset(line.digests))
