"""What an administrator looks after at a node, as the API shows it: versions, disk, keys, call-outs, contacts."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, Hex, Party, one_of
from comity.journal.header import Feed
from comity.node.contacts import Unfit

__all__ = [
    "CalloutTried",
    "ContactFaultShown",
    "ContactShown",
    "ContactsShown",
    "EpochShown",
    "KeyShown",
    "NodeShown",
]


class KeyShown(TypedDict):
    """Keys of a party that its root certified: since when, and whether they are in use or were replaced."""

    party: Party
    incarnation: int
    node_key: Hex
    issued_at: At
    is_in_use: bool


class EpochShown(TypedDict):
    """The epoch key of an own journal; `epoch` 0: nothing was said in it yet. `waiting_count` words wait for a page."""

    feed: Annotated[str, one_of(Feed)]
    audience: list[Party]
    epoch: int
    begun_at: At
    is_wrapping: bool
    waiting_count: int


class NodeShown(TypedDict):
    """What a node runs on. Sizes are -1, ages and instants 0, where there is nothing to tell them from."""

    version: str
    layout: int
    store_format: str
    pact_version: int
    disk_free_bytes: int
    store_size_bytes: int
    snapshot_age_s: int
    backed_up_at: At
    held_count: int
    unopened_count: int
    unpublished_count: int
    is_superseded: bool
    keys: list[KeyShown]
    epochs: list[EpochShown]


class CalloutTried(TypedDict):
    """A call-out that was tried; `why` it failed, or nothing."""

    callout: str
    is_sent: bool
    why: str


class ContactShown(TypedDict):
    """One way to reach somebody."""

    party: str
    reach: str
    office: str
    channel: str
    note: str


class ContactFaultShown(TypedDict):
    """What of the file no card prints, or that others may read it; `row` of contacts from 1, 0: none of them."""

    why: Annotated[str, one_of(Unfit)]
    row: int
    what: str


class ContactsShown(TypedDict):
    """The party's own contacts for its call-down card; `without`: other parties of whom the card has nothing."""

    is_there: bool
    contacts: list[ContactShown]
    challenge: dict[str, str]
    faults: list[ContactFaultShown]
    without: list[Party]
