"""Everything that an audit can find, one row a code, each with the clause that it rests on.

Rows are only added; a code never changes its meaning. Where docs/spec names a code for refused or held bytes, the
finding bears the same code. A code says what was found; wording is in `wording`, and docs/guide/audit.md explains
each to a person (a test keeps the three together).

- BREACH: proof that bytes, a holder or an author broke a rule.
- DOUBT: something is not here or looks odd, and may be innocent: on its way, a wrong clock, a missing certificate.
- NOTE: what could not be judged, or does no harm.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from comity.audit.form import JournalId

__all__ = ["KINDS", "Finding", "Kind", "Severity", "Witness", "make_finding"]


class Severity(enum.Enum):
    """How much a finding weighs."""

    BREACH = "breach"
    DOUBT = "doubt"
    NOTE = "note"


class Kind(NamedTuple):
    """One row. `ends_agreement`: from that page on, the records are not known to be the same."""

    code: str
    severity: Severity
    clause: str
    ends_agreement: bool = False


def _breach(code: str, clause: str, *, ends_agreement: bool = False) -> Kind:
    return Kind(code, Severity.BREACH, clause, ends_agreement)


def _doubt(code: str, clause: str, *, ends_agreement: bool = False) -> Kind:
    return Kind(code, Severity.DOUBT, clause, ends_agreement)


def _note(code: str, clause: str) -> Kind:
    return Kind(code, Severity.NOTE, clause)


_ROWS: Final = (
    # Stored bytes that are refused.
    _breach("bytes.too-large", "J6", ends_agreement=True),
    _breach("bytes.not-canonical", "J1", ends_agreement=True),
    _breach("page.malformed", "J6, J7, J12", ends_agreement=True),
    _doubt("page.format-unknown", "J7", ends_agreement=True),
    _breach("page.kind", "J9", ends_agreement=True),
    _breach("page.other-lineage", "J11.2"),
    _breach("page.other-realm", "J11.2"),
    _breach("page.other-audience", "J11.2"),
    _breach("page.unknown-party", "J11.2, J32"),
    _breach("page.body-digest", "J11.1", ends_agreement=True),
    _breach("page.opening", "J14", ends_agreement=True),
    _breach("page.signature", "J8", ends_agreement=True),
    _breach("page.checkpoint", "J13", ends_agreement=True),
    # Stored pages that wait for something.
    _doubt("page.stranger", "J11.4", ends_agreement=True),
    _doubt("page.gap", "J11.8", ends_agreement=True),
    _breach("page.previous", "J11.8", ends_agreement=True),
    # Root statements.
    _breach("statement.malformed", "S10"),
    _breach("statement.unknown-root", "S10, S11"),
    _breach("statement.signature", "S10"),
    _doubt("statement.other-pact", "S10"),
    _breach("statement.equivocates", "S11"),
    # Keys and seals.
    _breach("key.commitment", "S9"),
    _breach("key.not-unwrapped", "S9"),
    _doubt("key.reader-left-out", "S9"),
    _breach("page.not-opened", "S5"),
    _breach("page.entries-root", "S6"),
    _breach("entry.malformed", "J10"),
    _note("seal.no-key", "S5"),
    # One author's word against itself.
    _breach("page.forked", "J16", ends_agreement=True),
    _breach("fork.witnessed", "J16", ends_agreement=True),
    _breach("page.branch-limit", "J11"),
    _doubt("page.disputed", "J16"),
    _doubt("page.disowned", "J17"),
    _breach("page.seen", "J12"),
    _doubt("seen.backwards", "J12"),
    _doubt("checkpoint.forgets", "J13"),
    _doubt("clock.backwards", "J7"),
    _doubt("clock.behind-heads", "J7"),
    # One holder against the others.
    _breach("page.dropped", "J19", ends_agreement=True),
    _breach("tail.lost", "J19", ends_agreement=True),
    _doubt("tail.missing", "J19", ends_agreement=True),
    _doubt("holder.behind", "J19", ends_agreement=True),
    _doubt("page.bytes-differ", "J8"),
    _note("page.duplicate", "J11"),
    _note("tail.no-witness", "J19"),
    # Procedures.
    _doubt("silence.clock-doubt", "P20"),
    _note("line.missed", "P30"),
    _breach("release.unpermitted", "R10"),
    _doubt("release.cut-short", "R57"),
    _breach("entry.cites-hidden", "P5"),
    _breach("disclosure.malformed", "S7, R28"),
    _breach("disclosure.signature", "S7, R28"),
    _breach("disclosure.entries-root", "S7, R28"),
    _breach("disclosure.other-pact", "R28"),
    _breach("disclosure.not-to-all", "J34, R28"),
    _note("recall.not-originator", "R47"),
    _note("recall.not-giver", "R47"),
    _note("recall.no-request", "R48"),
    _note("recall.other-item", "R48"),
    _doubt("recall.no-certificate", "R48"),
    _note("recall.not-reported", "R49"),
    _doubt("recall.other-copy", "R45, R59"),
    _doubt("quarantine.no-ground", "R53"),
    # Officers.
    _breach("officer.uncovered", "P43"),
    _breach("officer.wrong-role", "P43"),
    _breach("officer.not-deputy", "P43"),
    _breach("officer.not-delegated", "P43"),
    _breach("officer.too-few", "P44"),
    _breach("officer.other-name", "P43"),
    # The life of the pact.
    _doubt("pact.other-version", "J31, J33"),
    _breach("pact.party-left", "J33"),
    # What was kept of the warning feed.
    _breach("warning.anchor-differs", "W32"),
    _breach("warning.anchored-twice", "W32"),
    _breach("warning.anchor-disowned", "W76"),
    _breach("warning.not-by-rule", "W18"),
    _note("warning.not-anchored", "W32"),
    _note("warning.gap", "W32"),
    # What its blocks tell.
    _breach("warning.malformed", "W1"),
    _breach("warning.instant", "W3"),
    _breach("warning.position", "W3"),
    _breach("warning.flags", "W3"),
    _breach("warning.altitude", "W3, W7"),
    _breach("warning.speed", "W3, W7"),
    _breach("warning.uncertainty", "W3, W4"),
    _breach("warning.kind", "W3, W7"),
    _breach("warning.sensor", "W1, W3"),
    _breach("warning.estimate", "W4"),
    _breach("warning.class", "W8"),
    _breach("warning.unpermitted", "W20"),
    _breach("warning.other-terms", "W21"),
    _breach("warning.off-grid", "W23"),
    _breach("warning.told-otherwise", "W72"),
    _doubt("warning.told-early", "W23"),
    _note("warning.not-judged", "W71"),
    # The record as a whole.
    _breach("record.other-lineage", "J20"),
    _breach("record.other-realm", "J20"),
    _note("holder.not-party", "J20"),
    _note("pact.not-held", "J7, P37"),
    _note("pact.not-fitting", "P33"),
)

_INNOCENT_WHILE_HELD: Final = frozenset({"page.unknown-party"})
"""Breaches only where the page is refused: one that is held waits for a version of the pact."""

KINDS: Final[Mapping[str, Kind]] = {row.code: row for row in _ROWS}
assert len(KINDS) == len(_ROWS), "two rows share a code"


class Witness(NamedTuple):
    """A page, accepted or at least signed, that proves the point: whose, which, and what its author's clock said."""

    journal: JournalId
    number: int
    digest: bytes
    written_at: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `holder` is None where the author, not a holder, is at fault; `number` is the first page."""

    code: str
    holder: str | None = None
    journal: JournalId | None = None
    number: int | None = None
    witness: Witness | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)
    is_held: bool = False
    """Whether the page that it is about waits, and is not refused."""

    @property
    def kind(self) -> Kind:
        """The row of this code."""
        return KINDS[self.code]

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        is_innocent = self.is_held and self.code in _INNOCENT_WHILE_HELD
        return Severity.DOUBT if is_innocent else self.kind.severity


def make_finding(
    code: str,
    *,
    holder: str | None = None,
    journal: JournalId | None = None,
    number: int | None = None,
    witness: Witness | None = None,
    is_held: bool = False,
    **arguments: object,
) -> Finding:
    """Make a finding; a code that is not in the list is a bug of ours."""
    assert code in KINDS, f"finding {code!r} is not in the list"
    return Finding(code, holder, journal, number, witness, arguments, is_held)
