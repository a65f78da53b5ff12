"""Items and what became of their copies, as the API shows them."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, Clause, Decision, Handled, Id, MarkingShown, Party, one_of
from comity.procedure.item import PortionKind
from comity.procedure.onward import OnwardState
from comity.procedure.recall import CopiesMade, Onward
from comity.procedure.recalls import CopyState, RecallFault
from comity.procedure.sharing import RecallReason

__all__ = [
    "Arriving",
    "ArrivingItem",
    "Attached",
    "Composed",
    "CopyShown",
    "DraftPortion",
    "GivingShown",
    "Held",
    "ItemShown",
    "OnwardRequestShown",
    "PortionRow",
    "PortionShown",
    "RecallFaultShown",
    "RecallShown",
    "Recalls",
    "Shared",
    "Sibling",
    "VersionShown",
    "WithheldPortion",
]


class BasisShown(TypedDict):
    """The clause on which one recipient was given an item, and as which level of its own it handles it."""

    party: Party
    clause: Clause
    level: str


class ProgressShown(TypedDict):
    """How much of an item's attachments has come: pieces here, pieces in all, bytes in all, bytes here."""

    here: int
    total: int
    size_bytes: int
    here_bytes: int


class GivingShown(TypedDict):
    """A giving of an item that this party can read."""

    item: Id
    given_by: Party
    audience: list[Party]
    at: At
    is_here: bool
    attachments: ProgressShown
    expires_at: list[At]
    markings: list[MarkingShown]
    bases: list[BasisShown]


class ArrivingItem(TypedDict):
    """An item whose attachments are not all here."""

    item: Id
    given_by: Party
    here_bytes: int
    size_bytes: int


class Arriving(TypedDict):
    """The items whose attachments are on their way."""

    arriving: list[ArrivingItem]


class AttachmentShown(TypedDict):
    """The name and size of a file in a portion."""

    name: str
    size_bytes: int


class PortionRow(TypedDict):
    """A portion as its reader sees it; what was not assessed is empty, and 0."""

    kind: Annotated[str, one_of(PortionKind)]
    marking: MarkingShown
    handled_as: Handled
    media: str
    language: str
    text: str
    attachment: AttachmentShown | None
    likelihood: str
    confidence: str
    reliability: str
    credibility: int


class PortionShown(PortionRow):
    """A portion of an opened item, by its number from 1."""

    number: int


class Sibling(TypedDict):
    """Another item that was made of the same draft, and to whom it was given."""

    item: Id
    audience: list[Party]


class ItemShown(TypedDict):
    """An item, opened and verified."""

    item: Id
    originator: Party
    made_at: At
    marking: MarkingShown
    handled_as: Handled
    portion_count: int
    expires_at: list[At]
    is_expired: bool
    portions: list[PortionShown]
    linked: list[Sibling]


class Shared(TypedDict):
    """The item that was made and given."""

    item: Id


class DraftPortion(PortionShown):
    """A portion of an item of a draft; `of` is its number in the draft, which recipients do not see."""

    of: int
    handled_by: dict[Party, Handled]


class _Torn(TypedDict):
    to: list[Party]
    marking: MarkingShown
    handled_as: dict[Party, Handled]
    portions: list[DraftPortion]


class VersionShown(_Torn, total=False):
    """One item of a draft as its recipients read it; once sent, its digest, and the act that it waits for, if any."""

    item: Id
    awaits: str


class WithheldPortion(TypedDict):
    """A portion that a recipient does not get, and why."""

    party: Party
    of: int
    decision: Decision


class Composed(TypedDict):
    """A draft, torn; `plan` is what sending is asked with, so that what was seen is what is sent."""

    plan: Id
    items: list[VersionShown]
    withheld: list[WithheldPortion]


class Attached(TypedDict):
    """A file that was handed in."""

    attachment: Id
    name: str
    size_bytes: int


class CopyShown(TypedDict):
    """Who holds a copy, on which basis, through whose hands it came, and how it stands."""

    item: Id
    holder: Party
    giver: Party
    giving: Id
    since: At
    path: list[Party]
    clause: Clause
    handled_as: str
    expires_at: At | None
    is_reported: bool
    state: Annotated[str, one_of(CopyState)]
    recall: Id | None
    answer_by_at: At | None
    certificate: Id | None
    destroyed_at: At | None


class ReportedFate(TypedDict):
    """What one party further on answered, as was reported."""

    party: Party
    fate: str


class RecallShown(TypedDict):
    """A recall, for one party that it asks."""

    id: Id
    item: Id
    asked_by: Party
    party: Party
    audience: list[Party]
    asked_at: At
    answer_by_at: At
    reason: Annotated[str, one_of(RecallReason)]
    state: Annotated[str, one_of(CopyState)]
    answered_at: At | None
    copies: Annotated[str, one_of(CopiesMade)]
    onward: Annotated[str, one_of(Onward)]
    certificate: Id | None
    reports: list[ReportedFate]


class RecallFaultShown(TypedDict):
    """A statement about recalls that counts for nothing, and why."""

    entry: Id
    fault: Annotated[str, one_of(RecallFault)]


class Recalls(TypedDict):
    """Every recall, and what counts for nothing."""

    recalls: list[RecallShown]
    faults: list[RecallFaultShown]


class OnwardRequestShown(TypedDict):
    """Who asks to pass which item on to whom, until when, and what came of it."""

    item: Id
    originator: Party
    holder: Party
    recipient: Party
    request: Id
    asked_at: At
    wanted_until_at: At
    state: Annotated[str, one_of(OnwardState)]
    expires_at: At | None
    clause: str
    reason: str


class Held(TypedDict):
    """A giving in quarantine, or let out of it."""

    giving: Id
    item: Id
    given_by: Party
    at: At
    clause: Clause
    reason: str
    is_judged: bool
    reported_by: Id | None
    released_by: Id | None
