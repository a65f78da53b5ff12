"""How an alert from a public-warning system is marked when it comes in, and what may go out as public.

The Common Alerting Protocol has three scopes and free words for who may have a restricted alert; a pact has levels,
topics and caveats. A row says which is which. No row: what comes so is refused, never given a marking that somebody
guessed (docs/spec/exchange.md, X33).
"""

import enum
from typing import Annotated

from msgspec import Meta

from comity.pact.terms import Note, PartyId, Refs, Rule, Text

__all__ = ["WarningRule", "WarningScope"]


class WarningScope(enum.Enum):
    """The scopes of the Common Alerting Protocol."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"


class WarningRule(Rule, frozen=True, kw_only=True):
    """One row. `levels` names one level of each party that takes such alerts in, of its own scheme."""

    scope: WarningScope
    restriction: Note = ""
    """For `restricted`: the exact words of the alert's own restriction."""
    address: Note = ""
    """For `private`: one addressee, in exactly these words; an alert to several needs a row for each."""
    party: PartyId | None = None
    """For `private`: the party that is reached at this address."""
    levels: Refs
    topics: Refs
    caveats: Annotated[tuple[Text, ...], Meta(max_length=16)] = ()
