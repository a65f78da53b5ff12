"""The log of voice calls: when parties spoke, and whether each had proof that it was the other.

Rules (docs/spec/procedure.md, P73)
- Whoever placed or took a call logs it; each other party says whether its own notes agree. What was said is not here.
- Challenge and reply are the codes that were spoken, written down after the call; they are used once.
- Two accounts that differ are shown side by side. Neither is corrected by the other, and nobody is called wrong.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.names import Party
from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import (
    ClauseField,
    IdField,
    Level,
    OptionalCitation,
    Parties,
    check_ascending,
    check_window,
)
from comity.procedure.own import by_author
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "VoiceAccount",
    "VoiceCallConfirmed",
    "VoiceCallLogged",
    "VoiceCell",
    "VoiceCheck",
    "VoiceState",
    "fold_voice",
]

Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,8}\Z")]
OptionalCode = Annotated[tuple[Code, ...], msgspec.Meta(max_length=1)]
"""What was spoken as a challenge or a reply: no room for words."""


class VoiceCheck(enum.StrEnum):
    """Whether the other end proved who it was, in the words of whoever logs it."""

    PROVED = "proved"
    FAILED = "failed"
    NOT_ASKED = "not-asked"


class VoiceAccount(enum.StrEnum):
    """How a party's account of a call stands to the log."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NONE = "none"


class _OfVoice(Entry, frozen=True):
    """What the entries of a voice call share; not a type of its own."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("voice", "call")


class VoiceCallLogged(_OfVoice, frozen=True):
    """Its author spoke with `parties` on the voice of `channel`."""

    belongs_to: ClassVar[tuple[str, str]] = ("voice", "")
    channel: ClauseField
    level: Level
    parties: Parties
    began_at: InstantField
    ended_at: InstantField
    check: VoiceCheck
    challenge: OptionalCode
    reply: OptionalCode
    consultation: OptionalCitation
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_window(starts_at=self.began_at, ends_at=self.ended_at)
        check_ascending(self.parties)
        if not self.parties:
            raise ValueError("a call is with somebody")
        _check_codes(self.check, self.challenge, self.reply)


class VoiceCallConfirmed(_OfVoice, frozen=True):
    """Its author's own account of the same call, by what it wrote down itself."""

    call: EntryId
    check: VoiceCheck
    challenge: OptionalCode
    reply: OptionalCode
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        _check_codes(self.check, self.challenge, self.reply)


def _check_codes(check: VoiceCheck, challenge: tuple[str, ...], reply: tuple[str, ...]) -> None:
    """A reply answers a challenge, what was asked had one, and what was proved had a reply."""
    if bool(challenge) is (check is VoiceCheck.NOT_ASKED) or (reply and not challenge):
        raise ValueError("a challenge exactly where one was asked")
    if check is VoiceCheck.PROVED and not reply:
        raise ValueError("nothing is proved without a reply")


ENTRIES: tuple[type[Entry], ...] = (VoiceCallLogged, VoiceCallConfirmed)


@dataclass(frozen=True, slots=True)
class VoiceCell:
    """One party that the call was with: its last account, and whether that agrees with the log."""

    party: Party
    account: VoiceAccount
    stated: Stated | None


@dataclass(frozen=True, slots=True)
class VoiceState:
    """A call as it was logged and as it stands now, with a cell for each other party that took part."""

    scope: Scope
    logged: Settled | None
    cells: tuple[VoiceCell, ...]


def fold_voice(scope: Scope, statements: Iterable[Stated], policy: Policy) -> VoiceState:
    """Fold one call with its accounts."""
    del policy
    settled = settle(statements)
    logged = next((row for row in settled if row.stated.id == scope.ref), None)
    entry = None if logged is None else logged.stated.entry
    if logged is None or not isinstance(entry, VoiceCallLogged):
        return VoiceState(scope, None, ())
    own = by_author(row.stated for row in settled if row.withdrawn_by is None and row.stated.counts)
    parties = [party for party in entry.parties if party in scope.audience and party != logged.stated.author]
    return VoiceState(scope, logged, tuple(_fold_cell(party, own.get(party, ()), entry) for party in parties))


def _fold_cell(party: Party, own: Iterable[Stated], logged: VoiceCallLogged) -> VoiceCell:
    last = None
    account = VoiceAccount.NONE
    for row in own:
        if isinstance(row.entry, VoiceCallConfirmed):
            said = (row.entry.check, row.entry.challenge, row.entry.reply)
            is_same = said == (logged.check, logged.challenge, logged.reply)
            last, account = row, VoiceAccount.AGREES if is_same else VoiceAccount.DIFFERS
    return VoiceCell(party, account, last)
