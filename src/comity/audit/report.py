"""What an audit answers with: findings, a row for each journal, what was covered, and one verdict.

Everything is codes, names, numbers and instants; `wording` makes English of it, the outer layers translate.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from comity.audit.archive import AnchorSaid, ArchiveRow, KeptPage
from comity.audit.claims import RawBlock
from comity.audit.finding import Finding
from comity.audit.form import JournalId
from comity.audit.heads import Confirmation
from comity.audit.procedures.judge import Procedures
from comity.audit.tracks.ledger import TracksRow
from comity.audit.tracks.told import Basis
from comity.audit.version import VersionShown
from comity.base.names import Party

__all__ = ["Coverage", "Report", "Row", "Unconfirmed", "Verdict", "VerdictCode"]


@dataclass(frozen=True, slots=True)
class Row:
    """One journal. `agreed_number` is the last page that all that should hold it hold, `agreed_at` its author's clock.

    `held_by` names, for every holder that should have the journal, the last page that it has. `last_number` is the
    last page that any record has: beyond it there is no witness.
    """

    journal: JournalId
    page_count: int
    last_number: int | None
    last_at: int | None
    agreed_number: int | None
    agreed_at: int | None
    held_by: tuple[tuple[str, int | None], ...]
    confirmations: tuple[Confirmation, ...]
    opened_page_count: int
    sealed_page_count: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was judged: chains of all pages, seals only where a key was given.

    `opened_page_count` and `sealed_page_count` are of pages of kind 2; open genesis pages need no key, and their
    entries are counted too.
    """

    page_count: int
    accepted_page_count: int
    opened_page_count: int
    sealed_page_count: int
    entry_count: int
    entry_counts: Mapping[str, int]
    journals_without_keys: tuple[JournalId, ...]

    @property
    def is_chains_only(self) -> bool:
        """Tell whether no sealed page was opened although there are some."""
        return self.sealed_page_count > 0 and self.opened_page_count == 0


class VerdictCode(enum.Enum):
    """What the one sentence says; of several that hold, the first in this order is given."""

    NOTHING = "verdict.nothing"
    """No page could be accepted."""
    DISAGREEMENT = "verdict.disagreement"
    """A page was lost, altered, or forked: `finding` is the first one."""
    BREACH = "verdict.breach"
    """The records agree, but somebody broke a rule."""
    INCOMPLETE = "verdict.incomplete"
    """Pages are missing that may be on their way."""
    UNWITNESSED = "verdict.unwitnessed"
    """One record only: whole in itself, and nothing to compare it with."""
    UNCONFIRMED = "verdict.unconfirmed"
    """All records agree; some reader's signed word does not reach the end."""
    AGREED = "verdict.agreed"


class Unconfirmed(NamedTuple):
    """A reader whose signed heads do not reach the last page that asks for a receipt.

    `confirmed_at` is the reader's own clock at its last confirmation in that journal, None if it never gave one.
    """

    party: Party
    confirmed_at: int | None
    journal: JournalId
    number: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence's worth. `agreed_at` is the clock of the last page before anything is in doubt, None if none is."""

    code: VerdictCode
    holders: tuple[str, ...]
    agreed_at: int | None = None
    finding: Finding | None = None
    breach_count: int = 0
    unconfirmed: tuple[Unconfirmed, ...] = ()
    unwitnessed: tuple[JournalId, int] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    coverage: Coverage
    procedures: Procedures | None = None
    """What the opened entries come to; None where no key opened any, or no pact is at hand to judge them by."""
    versions: tuple[VersionShown, ...] = ()
    """The versions of the pact at hand, and on what each is believed (J35); none where no pact is at hand."""
    archive: tuple[ArchiveRow, ...] = ()
    """What was kept of the warning feed, and how much of it is anchored in the record (W32)."""
    anchors: tuple[AnchorSaid, ...] = ()
    """Every anchor of the warning feed that the records hold."""
    kept: tuple[KeptPage, ...] = ()
    """Every page that was kept of it, and the first anchor that covers it."""
    tracks: tuple[TracksRow, ...] = ()
    """What its blocks tell, by journal, class and terms (W71)."""
    blocks: tuple[RawBlock, ...] = ()
    """Every block that counts, as it came."""
    basis: Basis | None = None
    """By what the feed was judged; None where nothing was opened."""
