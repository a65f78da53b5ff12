"""An independent second opinion on a record: chains, seals, heads, forks, and who holds and confirmed what.

Lives here: everything that `comity audit` says. Written from docs/spec/journal.md and docs/spec/sealing.md alone; it
may import `base`, `crypto` and the pact model, never `journal`, `procedure` or `machine`, so that one mistake cannot
hide in both. Pure: bytes in, `Report` out. Read `judge` first, then `finding` (what can be found), `pool` and `chain`.
"""

from comity.audit.bundle import read_bundle
from comity.audit.finding import Finding, Severity, Witness
from comity.audit.judge import audit
from comity.audit.record import EpochKey, Pins, Record, RootKeys
from comity.audit.report import Coverage, Report, Row, Verdict

__all__ = [
    "Coverage",
    "EpochKey",
    "Finding",
    "Pins",
    "Record",
    "Report",
    "RootKeys",
    "Row",
    "Severity",
    "Verdict",
    "Witness",
    "audit",
    "read_bundle",
]
