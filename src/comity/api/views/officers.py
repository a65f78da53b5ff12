"""Who acts for a party, and when: officers, shifts, delegations, as the API shows them to whoever may keep them."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, one_of
from comity.pact.offices import Act

__all__ = [
    "DelegatedShown",
    "DrawnCode",
    "DrawnToken",
    "OfficerShown",
    "PasskeyShown",
    "PasskeysRemoved",
    "Roll",
    "Roster",
    "ShiftShown",
]


class PasskeyShown(TypedDict):
    """A passkey, by the id that its authenticator gave it."""

    id: str
    made_at: At


class OfficerShown(TypedDict):
    """An officer; `until_at` and `revoked_at` 0: not at all. `is_valid`: may act now."""

    name: str
    roles: list[str]
    from_at: At
    until_at: At
    revoked_at: At
    is_valid: bool
    passkeys: list[PasskeyShown]


class DelegatedShown(TypedDict):
    """What one officer handed to another: one act of a role, until an instant."""

    giver: str
    taker: str
    role: str
    act: Annotated[str, one_of(Act)]
    until_at: At


class Roll(TypedDict):
    """Every officer, also those who act no more, and what was delegated."""

    officers: list[OfficerShown]
    delegated: list[DelegatedShown]


class ShiftShown(TypedDict):
    """An officer is on duty in a role, from an instant until before another."""

    officer: str
    role: str
    starts_at: At
    ends_at: At
    is_now: bool


class Roster(TypedDict):
    """Shifts from now on, the first to begin first."""

    shifts: list[ShiftShown]


class DrawnToken(TypedDict):
    """An officer's token, which is shown this once and kept nowhere."""

    name: str
    token: str


class DrawnCode(TypedDict):
    """The code with which an officer makes a passkey, shown this once; good once, until then."""

    name: str
    code: str
    until_at: At


class PasskeysRemoved(TypedDict):
    """How many passkeys were taken away."""

    name: str
    removed_count: int
