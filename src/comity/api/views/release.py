"""What may go to whom, as the API shows it: previews, the agreement graph, what would change, chains and proofs."""

from typing import Annotated, NotRequired, TypedDict

from comity.api.views.basic import At, Clause, Id, Party, one_of
from comity.pact.agreement import AgreementState, Binding, Direction, ThirdParty
from comity.pact.release import Leg
from comity.procedure.proof import Claim
from comity.procedure.recalls import CopyState

__all__ = [
    "AgreementShown",
    "Answer",
    "BarrierShown",
    "ChainShown",
    "ChangeShown",
    "CounterShown",
    "Crossed",
    "Graph",
    "LevelShown",
    "MarkingInFull",
    "MarkingTried",
    "OutlookShown",
    "PassageShown",
    "Previewed",
    "ProofBarrier",
    "ProofShown",
    "Proved",
    "Refusal",
    "RouteShown",
    "StandingShown",
    "StepShown",
    "Supposed",
    "SupposedHere",
    "WayShown",
    "WaysShown",
]

_STATES = one_of(AgreementState, more=("not-begun",))


class LevelShown(TypedDict):
    """A level with its own words; one that the pact does not have stands alone."""

    level: str
    scheme: Party
    local: str
    romanised: str
    language: str


class MarkingInFull(LevelShown):
    """A marking with its level's own words."""

    originator: Party
    topics: list[str]
    caveats: list[str]


class Refusal(TypedDict):
    """Whose consent is lacking (`of`), or why it is withheld."""

    answer: Annotated[str, one_of(more=("needs-consent", "withheld"))]
    clause: Clause
    of: NotRequired[Party]
    reason: NotRequired[str]
    hub: NotRequired[Party]


class StepShown(TypedDict):
    """One step of a chain, and who must consent to it."""

    giver: Party
    receiver: Party
    clause: Clause
    rests_on: list[Clause]
    handled_as: str | None
    consents_of: list[Party]


class ChainShown(TypedDict):
    """A way from hand to hand."""

    path: list[Party]
    consent_count: int
    steps: list[StepShown]


class BarrierShown(Refusal):
    """What stops one party from giving further."""

    giver: Party


class ProofBarrier(Refusal):
    """What stops one step of every chain."""

    giver: Party
    receiver: Party


class MarkingTried(TypedDict):
    """A marking with which something gets there."""

    level: str
    topics: list[str]
    caveats: list[str]


class CounterShown(TypedDict):
    """A chain that breaks a statement, or the highest that gets there."""

    marking: MarkingTried
    chain: ChainShown


class ProofShown(TypedDict):
    """One statement about how far information gets, with what proves it or the chain against it."""

    claim: Annotated[str, one_of(Claim)]
    clause: str
    originator: Party
    recipient: Party
    topics: list[str]
    is_every_topic: bool
    above_rank: int | None
    above_levels: list[str]
    with_consents: bool
    without: list[Party]
    holder: Party | None
    is_proved: bool
    states_visited: int
    decision_count: int
    barriers: list[ProofBarrier]
    highest: CounterShown | None
    counter_example: CounterShown | None


class Proved(TypedDict):
    """Every statement about the version in force."""

    pact: Id
    is_proved: bool
    statements: list[ProofShown]


class Answer(TypedDict):
    """What the funnel answers for one party, in full."""

    answer: Annotated[str, one_of(more=("permit", "needs-consent", "withheld"))]
    clause: Clause
    rests_on: NotRequired[list[Clause]]
    path: NotRequired[list[Party]]
    handled_as: NotRequired[LevelShown | None]
    of: NotRequired[Party]
    reason: NotRequired[str]
    hub: NotRequired[Party]


class OutlookShown(Answer):
    """What one party would be told now, and how it could come to see it by others."""

    party: Party
    is_holder: bool
    chain: ChainShown | None
    barriers: list[BarrierShown]


class Previewed(TypedDict):
    """What each party would be told if it were given now, and who could come to see it by any chain."""

    holder: Party
    at: At
    known_holders: list[Party]
    markings: list[MarkingInFull]
    by_party: list[OutlookShown]


class StandingShown(TypedDict):
    """The state of an agreement, of each cell too, and whether it is contested."""

    state: Annotated[str, _STATES]
    is_operative: bool
    is_contested: bool
    notice_ends_at: At | None
    cells: dict[Party, Annotated[str, _STATES]]


class Titles(TypedDict):
    """A title in three languages."""

    en: str
    ja: str
    ko: str


class AgreementShown(StandingShown):
    """An agreement of the pact, and how it stands."""

    agreement: Clause
    title: Titles
    parties: list[Party]
    legal_basis: str
    binding: Annotated[str, one_of(Binding)]
    is_voluntary: bool
    direction: Annotated[str, one_of(Direction)]
    third_party: Annotated[str, one_of(ThirdParty)]


class RouteShown(TypedDict):
    """A way from one party to another, directly or by a hub, and up to which level it leads."""

    giver: Party
    receiver: Party
    path: Annotated[str, one_of(more=("direct", "hub"))]
    leg: Annotated[str, one_of(Leg)]
    hub: Party
    topics: list[str]
    ceiling_rank: int
    ceiling_level: LevelShown | None
    clauses: list[Clause]
    third_party: Annotated[str, one_of(ThirdParty)]
    is_open: bool
    states: dict[Clause, Annotated[str, _STATES]]


class Graph(TypedDict):
    """The agreement graph as one party sees it."""

    party: Party
    at: At
    agreements: list[AgreementShown]
    routes: list[RouteShown]


class WayShown(TypedDict):
    """Up to which level something passes, and by which chain."""

    level: LevelShown
    rank: int
    chain: ChainShown


class WaysShown(TypedDict):
    """What passes directly, what by others, and why no more."""

    direct: WayShown | None
    by_others: WayShown | None
    refusal: Refusal | None
    stopped_from: LevelShown | None


class PassageShown(WaysShown):
    """What may pass between two parties on some topics."""

    giver: Party
    receiver: Party
    topics: list[str]


class ChangeShown(TypedDict):
    """What passes otherwise between two parties."""

    giver: Party
    receiver: Party
    topics: list[str]
    is_closing: bool
    before: WaysShown
    after: WaysShown


class Supposed(TypedDict):
    """What passes otherwise if an agreement is in another state."""

    agreement: Clause
    at: At
    before: StandingShown
    after: StandingShown
    changes: list[ChangeShown]


class Crossed(TypedDict):
    """A copy that was given under the agreement, or by a way that it protects."""

    item: Id
    giver: Party
    recipient: Party
    given_at: At
    clause: Clause
    handled_as: str
    originator: Party
    level: str
    topics: list[str]
    state: Annotated[str, one_of(CopyState)]


class SupposedHere(Supposed):
    """The same, and what has crossed under it already."""

    crossed: list[Crossed]
