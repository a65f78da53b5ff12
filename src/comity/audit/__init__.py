"""An independent second opinion on a record: chains, seals, heads, forks, who holds what, and what the parties did.

Lives here: everything that `comity audit` says. Written from docs/spec alone; it may import `base`, `crypto` and the
pact model, never `journal`, `procedure` or `machine`, so that one mistake cannot hide in both. Pure: bytes in, `Report`
out. Read `judge` first, then `finding` (what can be found), `pool` and `chain`, then `opinion` and `procedures`.
"""

from comity.audit.bundle import read_bundle
from comity.audit.finding import Finding, Severity, Witness
from comity.audit.judge import audit
from comity.audit.opinion import judge_procedures
from comity.audit.procedures.judge import Procedures
from comity.audit.record import EpochKey, Pins, Record, RootKeys
from comity.audit.report import Coverage, Report, Row, Verdict
from comity.audit.version import Anchor, Version, VersionShown

__all__ = [
    "Anchor",
    "Coverage",
    "EpochKey",
    "Finding",
    "Pins",
    "Procedures",
    "Record",
    "Report",
    "RootKeys",
    "Row",
    "Severity",
    "Verdict",
    "Version",
    "VersionShown",
    "Witness",
    "audit",
    "judge_procedures",
    "read_bundle",
]
