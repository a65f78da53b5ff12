"""What a pact promises about its own releases: statements that are checked against the rest of the file.

`comity pact check --prove` searches every chain of releases that the file's agreements leave open. A promise says how
far one party's information may ever get; a file that breaks its own promise has a counter-example, with its path.
"""

from typing import Annotated

from msgspec import Meta

from comity.pact.terms import ClauseId, Id, PartyId, SourcedRule

__all__ = ["ReleasePromise"]


class ReleasePromise(SourcedRule, frozen=True, kw_only=True):
    """Nothing of the originator's above that level, on these topics, can reach the recipient by any chain (R32)."""

    originator: PartyId
    recipient: PartyId
    above: Id | None = None
    """A level of the originator's scheme; without one nothing at all may reach the recipient."""
    topics: Annotated[tuple[Id, ...], Meta(max_length=256)] = ()
    """Which topics it is about; without any, all of them."""
    with_consents: bool
    """True = even if every consent is given that can be; false = as long as the originator consents to nothing."""
    without: Annotated[tuple[ClauseId, ...], Meta(max_length=64)] = ()
    """Agreements that are out of force; all others are taken to be in force."""
