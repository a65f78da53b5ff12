"""Statements about items: given, asked for, consented to, passed on, recalled (docs/spec/release.md, R23 to R27, R38).

Rules
- A chain names an item by digest, its markings, the blob by id and size, and a commitment to the blob's key. Text and
  key travel outside the chains.
- Who passes an item on makes a new blob under a new key, encloses the consent, and cites nothing that the recipient
  may not read: no page, no entry id, no number.
- What cites an item may go to those who were given it and to its originator, and to nobody else. So a refusal or a
  recall is never stopped by an agreement that has since ended.
- An item of format 1 is given by `ItemShared` and `PassedOn`, one of format 2 by `ItemGiven` and `ItemPassedOn`.
- None of these is corrected or withdrawn, for the item is out: a mistake has an entry of its own.
"""

import enum
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.limits import (
    ATTACHED_SIZE_BYTES_MAX,
    AUDIENCE_COUNT_MAX,
    BLOB_SIZE_BYTES_MAX,
    CONSENT_COUNT_MAX,
    ITEM_PORTION_COUNT_MAX,
)
from comity.base.names import Bytes32
from comity.procedure.consent import SignedConsent
from comity.procedure.entry import Entry, EntryId, InstantField, Marking
from comity.procedure.fields import ClauseField, PartyField, check_ascending
from comity.procedure.verdict import AudienceDecision, Permit

__all__ = [
    "CITING",
    "ENTRIES",
    "GIVING",
    "PASSING",
    "Basis",
    "ConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "Giving",
    "ItemGiven",
    "ItemPassedOn",
    "ItemShared",
    "PassOnReported",
    "PassOnRequested",
    "PassedOn",
    "RecallAnswered",
    "RecallOutcome",
    "RecallReason",
    "RecallRequested",
    "RefusalReason",
    "make_bases",
]

Markings = Annotated[tuple[Marking, ...], msgspec.Meta(min_length=1, max_length=ITEM_PORTION_COUNT_MAX + 1)]
AttachedSize = Annotated[int, msgspec.Meta(ge=0, le=ATTACHED_SIZE_BYTES_MAX)]
Consents = Annotated[tuple[SignedConsent, ...], msgspec.Meta(max_length=CONSENT_COUNT_MAX)]
BlobSize = Annotated[int, msgspec.Meta(ge=1, le=BLOB_SIZE_BYTES_MAX)]


class Basis(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """For one recipient: the clause relied on, and the level of its own scheme beside the original marking."""

    party: PartyField
    clause: ClauseField
    level: Annotated[str, msgspec.Meta(max_length=48)]


Bases = Annotated[tuple[Basis, ...], msgspec.Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]


class RefusalReason(enum.StrEnum):
    """Why consent is refused; a party need not say."""

    SOURCE = "source"
    RECIPIENT = "recipient"
    NOT_NOW = "not-now"
    ANOTHER_VERSION = "another-version"
    UNSTATED = "unstated"


class RecallReason(enum.StrEnum):
    """Why an item is asked back."""

    SHARED_BY_MISTAKE = "shared-by-mistake"
    WRONG_MARKING = "wrong-marking"
    COMPROMISED = "compromised"
    SUPERSEDED = "superseded"
    UNSTATED = "unstated"


class RecallOutcome(enum.StrEnum):
    """What became of the copies; the asker can ask, and only the holder can answer."""

    DESTROYED = "destroyed"
    KEPT_UNDER_NATIONAL_LAW = "kept-under-national-law"
    DESTROYED_BUT_PASSED_ON = "destroyed-but-passed-on"
    DECLINED = "declined"


class _OfItem(Entry, frozen=True, tag=False):
    binding: ClassVar[bool] = True
    item: Bytes32


class Giving(_OfItem, frozen=True, tag=False):
    """An item gets an audience.

    `markings` are the banner, then each different marking of its portions; `bases` one per recipient, ascending.
    """

    markings: Markings
    blob: Bytes32
    blob_size_bytes: BlobSize
    key_commitment: Bytes32
    bases: Bases

    def __post_init__(self) -> None:
        check_ascending(tuple(basis.party for basis in self.bases))


class ItemShared(Giving, frozen=True, tag=True):
    """The originator gave the item to this audience."""


class PassedOn(Giving, frozen=True, tag=True):
    """A holder gave another party's item to this audience, with the consents that let it."""

    consents: Consents


class _GivingOfFormat2(Giving, frozen=True, tag=False):
    """`expires_at` is that of the item's head; `attached_size_bytes` the size of all its attachments together."""

    expires_at: Annotated[tuple[InstantField, ...], msgspec.Meta(max_length=1)]
    attached_size_bytes: AttachedSize


class ItemGiven(_GivingOfFormat2, frozen=True, tag=True):
    """The originator gave an item of format 2 to this audience."""


class ItemPassedOn(_GivingOfFormat2, frozen=True, tag=True):
    """A holder gave another party's item of format 2 to this audience, with the consents that let it."""

    consents: Consents


class PassOnRequested(_OfItem, frozen=True, tag=True):
    """A holder asks the originator to let `recipient` have the item."""

    recipient: PartyField
    wanted_until_at: InstantField


class ConsentGiven(_OfItem, frozen=True, tag=True):
    """The originator consents; the consent stands by itself and may leave this journal."""

    consent: SignedConsent


class ConsentRefused(_OfItem, frozen=True, tag=True):
    """The originator does not let `recipient` have the item. Not answering is no consent either."""

    recipient: PartyField
    reason: RefusalReason


class ConsentWithdrawn(_OfItem, frozen=True, tag=True):
    """From here on the holder may not use earlier consents for `recipient`; what was passed on stays so."""

    recipient: PartyField


class PassOnReported(_OfItem, frozen=True, tag=True):
    """A holder tells the originator that `recipient` has been given the item."""

    recipient: PartyField
    passed_on_at: InstantField


class RecallRequested(_OfItem, frozen=True, tag=True):
    """The originator asks every holder in this audience to give the item up, and to answer by `answer_by_at`."""

    reason: RecallReason
    answer_by_at: InstantField


class RecallAnswered(_OfItem, frozen=True, tag=True):
    """A holder says what became of its copies. `request` is the entry that asked."""

    request: EntryId
    outcome: RecallOutcome


GIVING: Final = (ItemShared, PassedOn, ItemGiven, ItemPassedOn)
"""Entries by which an item gets an audience: decided by the item's own markings."""

PASSING: Final = (PassedOn, ItemPassedOn)
"""Those by which another than the originator gives it: they enclose consents."""

CITING: Final = (
    PassOnRequested,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    PassOnReported,
    RecallRequested,
    RecallAnswered,
)
"""Entries that name an item which their audience knows already."""

ENTRIES: Final[tuple[type[Entry], ...]] = (*GIVING, *CITING)


def make_bases(decided: AudienceDecision) -> tuple[Basis, ...]:
    """Return what a giving states of its recipients, from a decision that permits it for an item.

    It is the author's claim, kept as evidence; a reader protects the item by its own decision.
    """
    assert decided.is_permitted
    bases = []
    for party, permit in decided.by_party:
        assert isinstance(permit, Permit)
        assert permit.handled_as is not None, "an item has a marking, so its permit has a level"
        bases.append(Basis(party, permit.clause, permit.handled_as.level))
    return tuple(bases)
