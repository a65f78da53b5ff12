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
from typing import Final

from comity.api.words import say
from comity.cli.rehearse_log import RehearsalLog
from comity.cli.terminal import ERR, is_json
from comity.rehearsal.outcome import RARE, Outcome, find_absent, total
from comity.rehearsal.rehearse import rehearse_many

__all__ = ["Many", "run_many"]

RARE_AMONG: Final = 1000
"""Among so many seeds what is rare occurs too."""
TELL_EVERY_S: Final = 15.0
"""Between two lines of progress where there is no terminal; on one, the line is written over each second."""
NAMED_COUNT_MAX: Final = 5
"""Seeds that were not clean, named in a line of progress."""


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


def run_many(profile: bytes, seeds: range, *, pact: str, workers: int, log: Path | None) -> Many:
    """Run each seed, tell how it goes, write the log, and return what it came to; `pact` is what the log calls it.

    Raises:
        PactRefused, UsageError: as `rehearse_many`.
    """
    if log is None:
        return _run(profile, seeds, workers, pact, RehearsalLog(None))
    with log.open("w", encoding="utf-8") as sheet:
        return _run(profile, seeds, workers, pact, RehearsalLog(sheet))


def _run(profile: bytes, seeds: range, workers: int, pact: str, log: RehearsalLog) -> Many:
    many, counts, digests, began_s = Many(), Counter[str](total(())), hashlib.sha256(), time.monotonic()
    log.begin(pact, profile, seeds)
    for outcome in _show_progress(rehearse_many(profile, seeds, workers=workers), len(seeds), many):
        many.run_count += 1
        counts.update(outcome.counts)
        counts["pages"] += outcome.page_count
        counts["events"] += outcome.event_count
        digests.update(bytes.fromhex(outcome.digest))
        if not outcome.is_clean:
            many.faulty.append(outcome)
            log.note(outcome)
    many.counts = {name: counts[name] for name in sorted(counts)}
    many.digest = digests.hexdigest()
    took_s, count = time.monotonic() - began_s, len(many.faulty)
    log.end(
        many.counts,
        many.absent,
        result=f"{len(seeds)} runs, {f'{count} not clean' if count else 'all clean'}",
        digest=many.digest,
        took=f"{took_s:.0f} s, {workers} workers",
    )
    return many


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
                count=_name_seeds(many.faulty),
            )
            ERR.print(line, end="\r" if sys.stderr.isatty() else "\n", highlight=False)


def _name_seeds(faulty: list[Outcome]) -> str:
    """How many, and the first of them, so that who waits can look into them at once."""
    named = ", ".join(str(outcome.seed) for outcome in faulty[:NAMED_COUNT_MAX])
    return f"{len(faulty)} ({named})" if faulty else "0"
