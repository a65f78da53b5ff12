"""Looking after a node: its officers, what is wrong, bundles and drops in and out, a copy of the store."""

from collections.abc import Sequence
from typing import Any

from comity.api.views.exchange import DroppedIn, DroppedOut, Named, TakenBundle
from comity.api.views.officers import (
    DelegatedShown,
    DrawnCode,
    DrawnToken,
    PasskeysRemoved,
    Roll,
    Roster,
    ShiftShown,
)
from comity.api.views.standing import Doctor, Rebuilt, StoreCopy
from comity.api.views.upkeep import CalloutTried, ContactsShown, NodeShown
from comity.client.connection import Connection

__all__ = ["Upkeep"]


class Upkeep(Connection):
    """What an administrator does."""

    def list_officers(self) -> Roll:
        """Who acts for this party, and what was delegated."""
        return self.ask(Roll, "/v1/officers")

    def add_officer(self, name: str, roles: Sequence[str], *, until_at: int = 0) -> DrawnToken:
        """Add an officer with roles of the pact; the token is in the answer, this once."""
        return self.do(DrawnToken, "/v1/officers", {"name": name, "roles": list(roles), "until_at": until_at})

    def renew_token(self, name: str) -> DrawnToken:
        """Draw an officer's token anew; the old one ends."""
        return self.do(DrawnToken, f"/v1/officers/{name}/token")

    def draw_code(self, name: str) -> DrawnCode:
        """Draw the code with which an officer makes a passkey at the console."""
        return self.do(DrawnCode, f"/v1/officers/{name}/code")

    def revoke_officer(self, name: str) -> Named:
        """End an officer's power: token, sessions, shifts to come, delegations."""
        return self.do(Named, f"/v1/officers/{name}/revoke")

    def remove_passkeys(self, name: str, beginning: str) -> PasskeysRemoved:
        """Take an officer's passkeys away whose id begins so."""
        found: PasskeysRemoved = self.delete(f"/v1/officers/{name}/passkeys/{beginning}")
        return found

    def show_roster(self) -> Roster:
        """Who is on duty when, from now on."""
        return self.ask(Roster, "/v1/roster")

    def put_on_duty(self, officer: str, role: str, *, starts_at: int, ends_at: int) -> ShiftShown:
        """Put an officer on duty in a role."""
        body = {"officer": officer, "role": role, "starts_at": starts_at, "ends_at": ends_at}
        return self.do(ShiftShown, "/v1/roster", body)

    def hand_shift_over(self, officer: str, role: str, *, to: str) -> ShiftShown:
        """End the shift that runs, and let another officer serve the rest of it."""
        return self.do(ShiftShown, "/v1/roster/hand-over", {"officer": officer, "to": to, "role": role})

    def delegate(self, giver: str, taker: str, *, role: str, act: str, until_at: int) -> DelegatedShown:
        """Hand an act of one officer's role to another, for a time."""
        body = {"giver": giver, "taker": taker, "role": role, "act": act, "until_at": until_at}
        return self.do(DelegatedShown, "/v1/delegations", body)

    def show_node(self) -> NodeShown:
        """What the node runs on: versions, disk, store, backup, keys and epochs."""
        return self.ask(NodeShown, "/v1/node")

    def show_contacts(self) -> ContactsShown:
        """The party's own contacts for its call-down card, and what of them does not fit."""
        return self.ask(ContactsShown, "/v1/contacts")

    def try_callout(self, callout: str) -> CalloutTried:
        """Try a call-out of alarm.toml: it says that it is a test."""
        return self.do(CalloutTried, "/v1/alarms/test", {"callout": callout})

    def show_doctor(self) -> Doctor:
        """What is wrong with this node, each finding with a code."""
        return self.ask(Doctor, "/v1/doctor")

    def rebuild_streams(self) -> Rebuilt:
        """Rebuild from the store what the outbox lost."""
        return self.do(Rebuilt, "/v1/doctor/streams")

    def copy_store(self) -> StoreCopy:
        """Copy the store, as it is at one instant, into a file beside it."""
        return self.do(StoreCopy, "/v1/store/copy")

    def read_bundle(self) -> bytes:
        """The whole record as a bundle file; `stream("/v1/bundle")` yields it as it comes."""
        return self.get_bytes("/v1/bundle")

    def take_bundle(self, raw: bytes) -> TakenBundle:
        """Take the pages of a bundle file."""
        found: TakenBundle = self.post_bytes("/v1/bundle", raw)
        return found

    def drop_out(self, to: str, *, number: int = 0) -> tuple[bytes, int, str, bool]:
        """The next part of a drop for a party: its bytes, its number, how far it reaches, whether more may follow."""
        return self.post_for_part("/v1/drop/out", {"to": to, "number": number})

    def post_for_part(self, path: str, body: Any) -> tuple[bytes, int, str, bool]:
        """As `drop_out`, by path."""
        response = self.post_for_response(path, body)
        given = response.headers
        return response.content, int(given["x-drop-number"]), given["x-drop-reached"], given["x-drop-more"] == "1"

    def note_dropped(self, to: str, *, number: int, reached: str) -> DroppedOut:
        """Say that a part lies on the stick, so that the next goes on after it."""
        return self.do(DroppedOut, "/v1/drop/written", {"to": to, "number": number, "reached": reached})

    def take_drop(self, raw: bytes) -> DroppedIn:
        """Take a part of a drop."""
        found: DroppedIn = self.post_bytes("/v1/drop/in", raw)
        return found
