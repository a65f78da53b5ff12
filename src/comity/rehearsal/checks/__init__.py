"""Checkers that stand outside: one file for each thing that must hold, whatever went wrong.

They look at durable bytes, at effects as they are carried out and at what machines show; never at why the code
believes itself right. Read `check` first. Each has a canary (`rehearsal.canary`) that makes it fire.
"""

from collections.abc import Mapping
from typing import Final

from comity.rehearsal.checks.acted import ActedRightly
from comity.rehearsal.checks.alarmed import Alarmed
from comity.rehearsal.checks.check import Check, Trial, Violation
from comity.rehearsal.checks.disowned import ThiefDisowned
from comity.rehearsal.checks.gone import GoneIsGone
from comity.rehearsal.checks.held import HeldRightly
from comity.rehearsal.checks.no_leak import NoLeak
from comity.rehearsal.checks.nothing_lost import NothingLost
from comity.rehearsal.checks.one_history import OneHistory
from comity.rehearsal.checks.realm import RealmApart
from comity.rehearsal.checks.receipts_end import ReceiptsEnd
from comity.rehearsal.checks.same_start import SameStart
from comity.rehearsal.checks.same_verdict import SameVerdict
from comity.rehearsal.checks.silence import SilenceProved
from comity.rehearsal.checks.stored_before_sent import StoredBeforeSent

__all__ = ["CHECKS", "SAYS", "Check", "Trial", "Violation", "make_checks"]

CHECKS: Final[tuple[type[Check], ...]] = (
    OneHistory,
    NoLeak,
    NothingLost,
    SameVerdict,
    SameStart,
    SilenceProved,
    StoredBeforeSent,
    ReceiptsEnd,
    RealmApart,
    ThiefDisowned,
    ActedRightly,
    HeldRightly,
    GoneIsGone,
    Alarmed,
)

SAYS: Final[Mapping[str, str]] = {
    "one-history": "no party's node wrote two pages with one number, and no stored page changed",
    "no-leak": "nothing of an audience came to a party outside it",
    "nothing-lost": "everything that was answered as stored is with every reader",
    "same-verdict": "nodes with the same pages show the same record, and the audit finds no fault",
    "same-start": "a node that starts from its snapshot is the same as one that starts from its bytes",
    "silence": "no silence was counted without proof that the text was there in time",
    "stored-before-sent": "nothing was sent, answered or signed for before it was stored",
    "receipts-end": "once nobody speaks, nobody writes",
    "nothing-shows": "what others see is the same to the byte, whatever two parties say to each other besides",
    "disowned": "once a stolen key is replaced, nothing of the thief counts anywhere",
    "acted": "whoever acted for a party had the power to, by the pact, and nobody else was let",
    "alarmed": "nodes called about what nobody had answered, and told nobody else of it",
    "held": "nobody held an item or a portion of one that no clause and no consent let it have",
    "gone": "what was certified as destroyed was gone, blob and key, and stayed gone",
    "realm": "nothing of another realm was stored or sent",
}
"""What it means that a checker found nothing: English message ids by checker."""


def make_checks(trial: Trial) -> tuple[Check, ...]:
    """Return one of each checker, for one run."""
    return tuple(check(trial) for check in CHECKS)
