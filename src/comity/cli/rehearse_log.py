"""The log of many rehearsals: a page that can be kept, of what was run, on which sources, and what it came to.

It grows as the seeds are run, so that what failed is there even if the run is stopped. It names no machine and no path.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import IO, Final

from comity import __version__
from comity.rehearsal.outcome import FAULTS, OUTCOMES, RARE, Outcome

__all__ = ["RehearsalLog", "find_sources_digest"]

SOURCE_SUFFIXES: Final = (".py", ".toml")
"""Of the package: its code, and the pacts that ship with it."""


def find_sources_digest() -> str:
    """Return SHA-256 over all sources of the package, in the order of their names, each with its name and its digest.

    Two runs with one digest ran the same code, wherever it was installed from.
    """
    total = hashlib.sha256()
    for name, raw in sorted(_list_sources(files("comity"), "comity")):
        total.update(f"{name} {hashlib.sha256(raw).hexdigest()}\n".encode())
    return total.hexdigest()


def _list_sources(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for child in folder.iterdir():
        if child.is_dir():
            yield from _list_sources(child, f"{name}/{child.name}")
        elif child.name.endswith(SOURCE_SUFFIXES):
            yield f"{name}/{child.name}", child.read_bytes()


class RehearsalLog:
    """One log, written to `sheet`, or nowhere if that is None: `begin`, `note` each seed that failed, `end`."""

    def __init__(self, sheet: IO[str] | None) -> None:
        self._sheet = sheet
        self._has_faults = False

    def begin(self, pact: str, profile: bytes, seeds: range) -> None:
        """Say what is run."""
        self._write(
            "# A rehearsal of many seeds",
            "",
            f"`comity rehearse {pact} --from {seeds.start} --seeds {len(seeds)}`; what it is, and what each of the",
            "names below stands for, is told in [rehearsing a pact](guide/rehearsal.md).",
            "",
            f"- version {__version__}, sources `{find_sources_digest()}`",
            f"- pact `{pact}`, profile `{hashlib.sha256(profile).hexdigest()}`",
            f"- seeds {seeds.start} to {seeds.stop - 1}",
            "",
            "## Seeds that were not clean",
            "",
        )

    def note(self, outcome: Outcome) -> None:
        """Write a line for each thing that was found in a seed, if anything was."""
        self._has_faults = self._has_faults or not outcome.is_clean
        self._write(*(f"- {line}" for line in _list_faults(outcome)))

    def end(self, counts: Mapping[str, int], absent: Iterable[str], *, result: str, digest: str, took: str) -> None:
        """Say what all of it came to."""
        named = {*FAULTS, *RARE, *OUTCOMES}
        self._write(
            *(() if self._has_faults else ("None.",)),
            "",
            "## What it came to",
            "",
            f"- **{result}**",
            f"- digest over the digests of all runs `{digest}`",
            f"- never occurred: {', '.join(absent) or 'nothing; every fault and every outcome did'}",
            f"- {took} (for information)",
            "",
            *_list_counts("fault", (*FAULTS, *RARE), counts),
            "",
            *_list_counts("outcome", OUTCOMES, counts),
            "",
            *_list_counts("also counted", sorted(counts.keys() - named), counts),
        )

    def _write(self, *lines: str) -> None:
        if self._sheet is not None:
            self._sheet.writelines(f"{line}\n" for line in lines)
            self._sheet.flush()


def _list_counts(title: str, names: Iterable[str], counts: Mapping[str, int]) -> Iterator[str]:
    yield f"| {title} | how often |"
    yield "| --- | ---: |"
    yield from (f"| {name} | {counts.get(name, 0):,} |" for name in names)


def _list_faults(outcome: Outcome) -> Iterator[str]:
    for violation in outcome.violations:
        told = " ".join(f"{name}={value}" for name, value in violation.arguments.items())
        yield f"seed {outcome.seed}: {violation.code} {violation.party} {told}".rstrip()
    for stuck in outcome.stuck:
        audience = "+".join(stuck.audience)
        yield f"seed {outcome.seed}: stuck {stuck.party} {stuck.what} {stuck.of} {audience} {stuck.number}".rstrip()
