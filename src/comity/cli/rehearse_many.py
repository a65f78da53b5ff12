"""Many rehearsals in one go: progress while they run, a short log of them, and what they came to together.

A seed that fails is kept and told, and stops nothing. What is printed while they run goes to standard error.
"""

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from comity import __version__
from comity.api.words import say
from comity.cli.terminal import ERR, is_json
from comity.rehearsal.outcome import RARE, Outcome, find_absent, total
from comity.rehearsal.rehearse import rehearse_many

__all__ = ["Many", "run_many"]

RARE_AMONG: Final = 1000
"""Among so many seeds what is rare occurs too."""
TELL_EVERY_S: Final = 15.0
"""Between two lines of progress where there is no terminal; on one, the line is written over each second."""


@dataclass(slots=True)
class Many:
    """What many runs came to. `digest` is SHA-256 over their digests, in the order of the seeds."""

    counts: Mapping[str, int] = field(default_factory=dict)
    run_count: int = 0
    faulty: list[Outcome] = field(default_factory=list)
    digest: str = ""

    @property
    def absent(self) -> tuple[str, ...]:
        """The faults and outcomes that never occurred; of rare ones only if enough seeds were run to have them."""
        rare = [name for name in RARE if not self.counts.get(name)] if self.run_count >= RARE_AMONG else []
        return (*find_absent(self.counts), *rare)


def run_many(profile: bytes, seeds: range, *, workers: int, log: Path | None) -> Many:
    """Run each seed, tell how it goes, write the log, and return what it came to.

    Raises:
        PactRefused, UsageError: as `rehearse_many`.
    """
    if log is None:
        return _run(profile, seeds, workers, None)
    with log.open("w", encoding="utf-8") as sheet:
        return _run(profile, seeds, workers, sheet)


def _run(profile: bytes, seeds: range, workers: int, sheet: IO[str] | None) -> Many:
    many, counts, digests, began_s = Many(), Counter[str](total(())), hashlib.sha256(), time.monotonic()
    _write(sheet, f"comity {__version__}, pact {hashlib.sha256(profile).hexdigest()[:16]}")
    _write(sheet, f"seeds {seeds.start} to {seeds.stop - 1}, {workers} workers")
    runs = rehearse_many(profile, seeds, workers=workers)
    for outcome in _show_progress(runs, len(seeds), many):
        many.run_count += 1
        counts.update(outcome.counts)
        counts["pages"] += outcome.page_count
        counts["events"] += outcome.event_count
        digests.update(bytes.fromhex(outcome.digest))
        if not outcome.is_clean:
            many.faulty.append(outcome)
            for line in _list_faults(outcome):
                _write(sheet, line)
    many.counts = {name: counts[name] for name in sorted(counts)}
    many.digest = digests.hexdigest()
    took_s = time.monotonic() - began_s
    _write(sheet, f"{len(seeds)} runs in {took_s:.0f} s, {len(many.faulty)} not clean, digest of digests {many.digest}")
    _write(sheet, f"never occurred: {', '.join(many.absent) or 'nothing, every fault and outcome occurred'}")
    for name, count in many.counts.items():
        _write(sheet, f"{name} {count}")
    return many


def _list_faults(outcome: Outcome) -> Iterator[str]:
    for violation in outcome.violations:
        told = " ".join(f"{name}={value}" for name, value in violation.arguments.items())
        yield f"seed {outcome.seed}: {violation.code} {violation.party} {told}".rstrip()
    for stuck in outcome.stuck:
        audience = "+".join(stuck.audience)
        yield f"seed {outcome.seed}: stuck {stuck.party} {stuck.what} {stuck.of} {audience} {stuck.number}".rstrip()


def _write(sheet: IO[str] | None, line: str) -> None:
    if sheet is not None:
        sheet.write(line + "\n")
        sheet.flush()


def _show_progress(runs: Iterator[Outcome], total_count: int, many: Many) -> Iterator[Outcome]:
    """Pass the outcomes on; tell on standard error how many are done, how fast, how long it will take, what failed."""
    began_s = told_s = time.monotonic()
    every_s = 1.0 if sys.stderr.isatty() else TELL_EVERY_S
    for done, outcome in enumerate(runs, start=1):
        yield outcome
        now_s = time.monotonic()
        if not is_json() and (now_s - told_s >= every_s):
            told_s = now_s
            rate = done / (now_s - began_s)
            line = say(
                "{done} of {total} runs, {rate} a second, {remaining} s to go, not clean: {count}",
                done=done,
                total=total_count,
                rate=f"{rate:.1f}",
                remaining=round((total_count - done) / rate),
                count=len(many.faulty),
            )
            ERR.print(line, end="\r" if sys.stderr.isatty() else "\n", highlight=False)
