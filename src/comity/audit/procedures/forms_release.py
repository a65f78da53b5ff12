"""Agreements' states and items: the entries of R12, R23, R24 and R38."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Clause, Entry, Marking, Party, Signature, ascends
from comity.base.limits import (
    ATTACHED_SIZE_BYTES_MAX,
    AUDIENCE_COUNT_MAX,
    BLOB_SIZE_BYTES_MAX,
    CONSENT_COUNT_MAX,
    DISCLOSED_SIZE_BYTES_MAX,
    ITEM_PORTION_COUNT_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from comity.base.names import Bytes32

__all__ = [
    "AgreementStateStated",
    "Basis",
    "ConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "EntryDisclosed",
    "ItemGiven",
    "ItemPassedOn",
    "ItemShared",
    "ItemsLinked",
    "PassOnReported",
    "PassOnRequested",
    "PassedOn",
    "RecallAnswered",
    "RecallRequested",
    "Restriction",
    "SignedConsent",
]

Restriction = Literal["in-force", "notice-suspended", "notice-given", "suspended", "ended"]


class AgreementStateStated(Entry, frozen=True):
    """R12."""

    binds: ClassVar[bool] = True
    agreement: Clause
    state: Restriction
    effective_at: At
    reason: Literal[
        "notice", "notice-suspended", "notice-withdrawn", "term-ended", "breach-alleged", "national-decision",
        "resumed", "unstated",
    ]  # fmt: skip
    notice_ends_at: Annotated[tuple[At, ...], Meta(max_length=1)]


class Basis(Shape, frozen=True):
    """R23."""

    party: Party
    clause: Clause
    level: Annotated[str, Meta(max_length=48)]


class SignedConsent(Shape, frozen=True):
    """R25: the consent's bytes and the originator's signature."""

    consent: bytes
    signature: Signature


class ItemShared(Entry, frozen=True):
    """R23."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    markings: Annotated[tuple[Marking, ...], Meta(min_length=1, max_length=ITEM_PORTION_COUNT_MAX + 1)]
    blob: Bytes32
    size_bytes: Annotated[int, Meta(ge=1, le=BLOB_SIZE_BYTES_MAX)]
    commitment: Bytes32
    bases: Annotated[tuple[Basis, ...], Meta(min_length=1, max_length=AUDIENCE_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(basis.party for basis in self.bases)


class PassedOn(ItemShared, frozen=True):
    """R23."""

    consents: Annotated[tuple[SignedConsent, ...], Meta(max_length=CONSENT_COUNT_MAX)]


class ItemGiven(ItemShared, frozen=True):
    """R38."""

    expires_at: Annotated[tuple[At, ...], Meta(max_length=1)]
    attached_size_bytes: Annotated[int, Meta(ge=0, le=ATTACHED_SIZE_BYTES_MAX)]


class ItemPassedOn(ItemGiven, frozen=True):
    """R38."""

    consents: Annotated[tuple[SignedConsent, ...], Meta(max_length=CONSENT_COUNT_MAX)]


class ItemsLinked(Entry, frozen=True):
    """R43."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    items: Annotated[tuple[Bytes32, ...], Meta(min_length=2, max_length=ITEM_PORTION_COUNT_MAX)]

    def is_sound(self) -> bool:
        return ascends(self.items)


class PassOnRequested(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    wanted_until_at: At


class ConsentGiven(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    signed: SignedConsent


class ConsentRefused(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    reason: Literal["source", "recipient", "not-now", "another-version", "unstated"]


class ConsentWithdrawn(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party


class PassOnReported(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    recipient: Party
    passed_on_at: At


class RecallRequested(Entry, frozen=True):
    """R24."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    reason: Literal["shared-by-mistake", "wrong-marking", "compromised", "superseded", "unstated"]
    answer_by_at: At


class RecallAnswered(Entry, frozen=True):
    """R24, R27."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    item: Bytes32
    request: Bytes32
    outcome: Literal["destroyed", "kept-under-national-law", "destroyed-but-passed-on", "declined"]


class EntryDisclosed(Entry, frozen=True):
    """R28."""

    binds: ClassVar[bool] = True
    is_procedural: ClassVar[bool] = False
    disclosure: Annotated[bytes, Meta(min_length=1, max_length=DISCLOSED_SIZE_BYTES_MAX)]
    certificates: Annotated[tuple[Annotated[bytes, Meta(max_length=STATEMENT_SIZE_BYTES_MAX)], ...], Meta(max_length=1)]
