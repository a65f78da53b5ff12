"""Which findings of the audit are what somebody's crime, or a clock, must come to; whatever else it finds is a fault.

The audit is right to tell of them. Each is excused by whose page it is about, and by what a page of that kind can bring
about; never by the run having a liar or a thief in it:

- A liar's journal may hold whatever its true key can sign. Not what an honest door refuses when it comes, and so never
  stores: bytes without form, another body, realm or pact, a root statement that no root signed.
- A robbed party's journal, of the stolen key, from the thief's first page in it on.
- An honest party's journal, where the only witness against it is a page that no honest node wrote.
- A page that waits for a certificate, or did when it was stored, was verified by nobody: anybody may have made it.
- A clock that was wrong; what a node had lost, and so could not name.
"""

import itertools
from collections.abc import Mapping
from typing import Final

from comity.audit import Finding, Severity
from comity.base.instants import SECOND_MS
from comity.machine.statements import Cut
from comity.procedure.agreement import AgreementStateStated
from comity.rehearsal.checks.check import Trial

__all__ = ["is_excused"]

HARMLESS: Final = frozenset({"clock.backwards", "clock.behind-heads", "checkpoint.forgets", "silence.clock-doubt"})
"""Doubts that are no faults here: clocks that are off; and a checkpoint whose vector was signed a moment before its
page was built, which so names pages that the vector does not."""
CLOCK_AHEAD_MS: Final = 10 * SECOND_MS
"""Farther than the clocks of a run without a wrong one stand apart."""

_RIVALS: Final = frozenset({"page.forked", "fork.witnessed", "page.disputed", "page.branch-limit"})
_MISSING: Final = frozenset({"page.dropped", "tail.lost", "tail.missing", "holder.behind", "page.gap", "page.previous"})
"""Pages that are named, or that a page follows, and that some have or nobody does."""
_WAITED: Final = frozenset({"page.kind", "page.opening", "page.checkpoint", "page.signature", "page.stranger"})
"""What a page turns out to be that was stored while it waited for one before it, or for a certificate."""
_UNVERIFIED: Final = frozenset({"page.stranger", "page.signature"})
"""What is said of a page that was stored without a certificate: before one came, and after, if another made it."""
UNPERMITTED: Final = "release.unpermitted"
_INSIDE: Final = frozenset(
    {
        "entry.malformed", "page.not-opened", "page.entries-root", "key.commitment", "key.not-unwrapped",
        "key.reader-left-out", UNPERMITTED, "entry.cites-hidden", "officer.uncovered",
    }
)  # fmt: skip
"""What stands in a page, under its seal."""
CUT_SHORT: Final = "release.cut-short"
NO_GROUND: Final = "quarantine.no-ground"
_NAMES: Final = frozenset({"page.seen", "seen.backwards"})
OF_LIARS: Final = _RIVALS | _MISSING | _WAITED | _INSIDE | _NAMES | {CUT_SHORT, NO_GROUND}
OF_THIEVES: Final = _RIVALS | _MISSING | _NAMES | {"page.disowned", "officer.uncovered"}
"""A thief here writes well-made pages: there are two histories, until the new key disowns one. He has no officers."""
BY_WITNESS: Final = frozenset({"fork.witnessed", "page.dropped", "tail.lost", "tail.missing", "holder.behind"})
"""What rests on a name that somebody gave."""


def is_excused(trial: Trial, finding: Finding) -> bool:
    """Tell whether a finding is no fault in this run."""
    if finding.severity is Severity.NOTE or finding.code in HARMLESS:
        return True
    return (
        _is_by_liar(trial, finding)
        or _is_by_thief(trial, finding)
        or _is_by_false_witness(trial, finding)
        or _is_unverified(trial, finding)
        or _could_not_be_named(trial, finding)
        or _is_aged(trial, finding)
        or _is_mixed_up(trial, finding)
        or _is_on_disowned_ground(trial, finding)
    )


def _is_by_liar(trial: Trial, finding: Finding) -> bool:
    return finding.journal is not None and finding.journal.author in trial.liars and finding.code in OF_LIARS


def _is_by_thief(trial: Trial, finding: Finding) -> bool:
    """The stolen key is that of the first incarnation; before the thief's first page in a journal nothing is his."""
    crimes, journal = trial.crimes, finding.journal
    if journal is None or journal.author != crimes.robbed or journal.incarnation or finding.code not in OF_THIEVES:
        return False
    first = _find_first_forged(trial).get((journal.feed, journal.audience))
    # A run of missing pages ends where his begin, or among them: some of them came to nobody.
    last = finding.arguments.get("last", finding.number)
    return first is not None and (not isinstance(last, int) or last >= first)


def _find_first_forged(trial: Trial) -> Mapping[tuple[str, tuple[str, ...]], int]:
    """Return, by feed and audience, the number of the thief's first page that anybody honest has."""
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    for party in trial.honest:
        for reading in trial.read_disk(party):
            if reading.digest in trial.crimes.forged:
                key = (reading.header.journal.feed, reading.header.journal.audience)
                first[key] = min(reading.header.number, first.get(key, reading.header.number))
    return first


def _is_by_false_witness(trial: Trial, finding: Finding) -> bool:
    witness = finding.witness
    return finding.code in BY_WITNESS and witness is not None and not trial.was_written(witness.digest)


def _is_unverified(trial: Trial, finding: Finding) -> bool:
    """Honest pages must not wait: of what is told of by its first number, at least that one is nobody's."""
    journal = finding.journal
    if finding.code not in _UNVERIFIED or journal is None or finding.holder is None:
        return False
    about = (journal.feed, journal.author, journal.audience, journal.incarnation, finding.number)
    return any(
        (*reading.header.journal[2:], reading.header.number) == about and not trial.is_honest(reading)
        for reading in trial.read_disk(finding.holder)
    )


def _could_not_be_named(trial: Trial, finding: Finding) -> bool:
    """What a node had lost it could not name: that is what this doubt asks about."""
    if finding.code not in ("seen.backwards", CUT_SHORT) or finding.journal is None:
        return False
    disk = trial.find_disk(finding.journal.author)
    return bool(disk.aside) or disk.is_restored


def _is_mixed_up(trial: Trial, finding: Finding) -> bool:
    """Tell whether another wrote under an author's key, or its clock was set back: its order is all that R57 has."""
    if finding.code != CUT_SHORT or finding.journal is None:
        return False
    author = finding.journal.author
    if author == trial.crimes.robbed and finding.journal.incarnation == 0:
        return True
    at = [page.header.written_at for page in trial.find_disk(author).pages if page.header.journal.author == author]
    return any(later < before for before, later in itertools.pairwise(at))


def _is_on_disowned_ground(trial: Trial, finding: Finding) -> bool:
    """Tell whether a robbed party's word that an agreement runs was disowned with the thief's pages, or is disputed.

    From then on it was never a ground (R15), whoever relied on it in good faith before.
    """
    if finding.code not in (NO_GROUND, UNPERMITTED) or not trial.crimes.robbed:
        return False
    return any(
        row.author == trial.crimes.robbed and not row.counts
        for party in trial.honest
        for row in trial.stations[party].machine.statements.find(AgreementStateStated)
    )


def _is_aged(trial: Trial, finding: Finding) -> bool:
    """Tell whether a basis ran out only by another's clock, far ahead in the author's cut, as R10 has it judged.

    The author decided by its own clock (R1), and at that instant it was right.
    """
    if finding.code not in (UNPERMITTED, NO_GROUND) or finding.journal is None:
        return False
    about = (finding.journal.author, finding.journal.audience, finding.journal.incarnation, finding.number)
    return any(
        (row.author, row.audience, row.incarnation, row.page) == about
        and isinstance(row.cut, Cut)
        and row.cut.latest_at > row.written_at + CLOCK_AHEAD_MS
        for party in trial.honest
        for row in trial.stations[party].machine.statements.all
    )
