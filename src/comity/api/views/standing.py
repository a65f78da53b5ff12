"""How a node stands, as the API shows it: status, health, the doctor."""

from typing import Annotated, Any, TypedDict

from comity.api.views.basic import At, Clause, Code, Id, Party, one_of
from comity.api.views.items import Arriving
from comity.journal.header import Feed
from comity.machine.closed import ClosedWhy
from comity.node.doctor.finding import Weight
from comity.pact.offices import Act

__all__ = [
    "BeyondPower",
    "BeyondPowerRow",
    "DepositsWaiting",
    "DisclosedCount",
    "Doctor",
    "FindingShown",
    "Here",
    "Live",
    "PactVersionShown",
    "Ready",
    "Rebuilt",
    "Status",
    "StoreCopy",
    "StoreShown",
    "UnconfirmedShown",
    "VersionHeld",
    "Versions",
    "Waiting",
    "WithdrawalShown",
]


class PactVersionShown(TypedDict):
    """A version of the pact that is held."""

    number: int
    digest: Id
    parties: list[Party]
    is_in_force: bool
    is_current: bool
    waits_for: list[Party]
    rivals: list[Id]


class Misjudged(TypedDict):
    """A statement that its author judged by another version than the one that governs it."""

    entry: Id
    author: Party
    code: Code


class WithdrawalShown(TypedDict):
    """A notice to leave the pact that stands."""

    party: Party
    id: Id
    ends_at: At
    has_ended: bool


class VersionHeld(TypedDict):
    """A version that lies in the home and is taken at the next start."""

    number: int
    digest: Id


class Versions(TypedDict):
    """Every version of the pact, what others accepted that is not here, and the notices that stand."""

    version: int
    has_left: bool
    versions: list[PactVersionShown]
    versions_not_held: list[Id]
    misjudged: list[Misjudged]
    withdrawals: list[WithdrawalShown]


class BeyondPowerRow(TypedDict):
    """A statement whose officers may not have made it."""

    entry: Id
    author: Party
    at: At
    act: Annotated[str, one_of(Act)]
    code: Code
    clause: Clause


class BeyondPower(TypedDict):
    """Acts beyond anybody's power, of whatever party."""

    beyond_power: list[BeyondPowerRow]
    beyond_power_count: int


class DisclosedCount(TypedDict):
    """How many statements were disclosed to this party, and how many disclosures prove nothing, by code."""

    disclosed_count: int
    disclosures_not_proved: dict[Code, int]


class WaitingCount(TypedDict):
    """Calls and FLASH messages of others that wait for an answer from here."""

    call_count: int
    flash_count: int


class Waiting(TypedDict):
    """What waits for an officer of this party."""

    waiting: WaitingCount


class DepositsWaiting(TypedDict):
    """What systems put in and no officer has decided: deposits, the objects in them, and since when; 0: none."""

    count: int
    object_count: int
    since_at: At


class LinkShown(TypedDict):
    """Whether a party's node can be reached, and when it was last heard; 0: not yet."""

    party: Party
    is_up: bool
    heard_at: At


class StoreShown(TypedDict):
    """How the store is."""

    is_full: bool
    damaged_count: int
    lost_count: int


class Unopened(TypedDict):
    """An epoch whose key has not come."""

    author: Party
    journal: Id
    epoch: int


class Hole(TypedDict):
    """Pages that were lost and are asked for."""

    journal: Id
    first: int
    last: int


class UnconfirmedShown(TypedDict):
    """Own pages that a reader has not signed for, and whether a path leads to it."""

    audience: list[Party]
    feed: Annotated[str, one_of(Feed)]
    party: Party
    page_count: int
    path: Annotated[str, one_of(more=("waiting", "no-path"))]


class ClosedShown(TypedDict):
    """An own journal in which nothing is written just now, and why."""

    feed: Annotated[str, one_of(Feed)]
    audience: list[Party]
    why: Annotated[str, one_of(ClosedWhy)]
    waits_for: list[Party]


class AlarmShown(TypedDict):
    """Something that an officer has to know."""

    at: At
    code: Code
    details: dict[str, Any]


class Status(Versions, BeyondPower, DisclosedCount, Waiting, Arriving):
    """Who we are, how the links stand, what is stored, what is missing, what waits for a reader."""

    party: Party
    realm: str
    parties: list[Party]
    pact: Id
    versions_waiting: list[VersionHeld]
    deposits_waiting: DepositsWaiting
    accepted_by: list[Party]
    is_in_force: bool
    stopped_by: Code
    links: list[LinkShown]
    page_count: int
    store: StoreShown
    unopened_count: int
    unopened: list[Unopened]
    holes: list[Hole]
    unconfirmed: list[UnconfirmedShown]
    closed: list[ClosedShown]
    alarms: list[AlarmShown]


class Here(TypedDict):
    """The position of now in this node's own order of statements."""

    position: str


class Live(TypedDict):
    """That this program answers."""

    live: bool


class Ready(TypedDict):
    """That statements are taken now."""

    ready: bool


class StoreCopy(TypedDict):
    """A copy of the store, in a file beside it."""

    file: str
    size_bytes: int


class FindingShown(TypedDict):
    """One thing that the doctor found."""

    code: Code
    weight: Annotated[str, one_of(Weight)]
    details: dict[str, int | str]


class Doctor(TypedDict):
    """What is wrong with this node."""

    version: str
    layout: int
    store_format: str
    pact: Id
    pact_version: int
    findings: list[FindingShown]


class Rebuilt(TypedDict):
    """How many streams were rebuilt."""

    rebuilt_count: int
