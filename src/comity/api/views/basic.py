"""What the shapes of answers share: ids, instants, markings, decisions."""

import enum
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from comity.pact.terms import Confidence
from comity.procedure.verdict import Reason

__all__ = [
    "At",
    "Clause",
    "Code",
    "Decided",
    "Decision",
    "Done",
    "EntryForm",
    "Handled",
    "HandledLevel",
    "Hex",
    "Id",
    "Ids",
    "MarkingShown",
    "OwnLevel",
    "Party",
    "TermsShown",
    "one_of",
]


def one_of(*enums: type[enum.Enum], more: tuple[str, ...] = ()) -> msgspec.Meta:
    """Return the description of a word that is the value of one of these enums, or one of `more`."""
    values = [member.value for one in enums for member in one]
    return msgspec.Meta(extra_json_schema={"enum": [*values, *more]})


Hex = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2})*$")]
Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="an id or digest in hexadecimal")]
At = Annotated[int, msgspec.Meta(description="an instant, in milliseconds since 1970, UTC")]
Party = Annotated[str, msgspec.Meta(description="a party of the pact, by its short name")]
Clause = Annotated[str, msgspec.Meta(description="a clause of the pact, by its id")]
Code = Annotated[str, msgspec.Meta(description="a code; `comity explain CODE` says what it means")]
EntryForm = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/Entry"})]
"""What was stated, told apart by `type`."""
TermsShown = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/TermsForm"})]
"""The terms of a measure or of a national action."""


class Ids(TypedDict):
    """The ids of what was stated, in order; it is stored."""

    ids: list[Id]


class Done(TypedDict):
    """It is done; there is nothing more to tell."""


class MarkingShown(TypedDict):
    """A marking, in its originator's own scheme."""

    originator: Party
    scheme: Party
    level: str
    topics: list[str]
    caveats: list[str]


class HandledAs(TypedDict):
    """As which level of its own scheme a recipient handles it."""

    scheme: Party
    level: str


class HandledLevel(TypedDict):
    """A level as the party that handles it so writes it: in its own script and in Latin letters."""

    level: str
    local: str
    romanised: str
    language: str


Handled = HandledLevel | None


class OwnLevel(TypedDict):
    """A level of a party's own scheme, as the pact names it."""

    id: str
    rank: int
    local: str
    romanised: str
    language: str
    confidence: Annotated[str, one_of(Confidence)]
    unmatched: bool
    note: str


class Decision(TypedDict):
    """What the release funnel answers for one party. A permit has a `path`, a withholding a `reason`, else `of`."""

    clause: Clause
    path: NotRequired[list[Party]]
    handled_as: NotRequired[HandledAs | None]
    rests_on: NotRequired[list[Clause]]
    of: NotRequired[Party]
    reason: NotRequired[Annotated[str, one_of(Reason)]]
    hub: NotRequired[Party]


class Decided(TypedDict):
    """A preview: what each party would be told, and what is wrong with the audience, if anything is."""

    by_party: list[tuple[Party, Decision]]
    audience_fault: Decision | None
