"""Who acts for a party, kept at a running node: officers, tokens, codes, shifts, delegations.

The API and the console do it by these functions, so that both refuse the same and both leave the same trace; the
command line keeps the same files without a node. Who may is checked by whoever calls them. What is drawn is returned
and kept nowhere.
"""

from comity.api.desk import Desk
from comity.api.views.officers import DelegatedShown, DrawnCode, DrawnToken, OfficerShown, Roll, Roster, ShiftShown
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.node.administered import note_administered
from comity.node.node import Node
from comity.node.officers import Delegated, Officer, Shift
from comity.node.passkeys import CODE_MS, PasskeyBook
from comity.node.powers import ACTING, check_may
from comity.node.roster import check_role, delegate, hand_over, put_on_duty
from comity.pact.offices import Act, Offices

__all__ = ["Appointing", "check_keeper", "get_offices"]


def check_keeper(node: Node) -> None:
    """Return if whoever acts in this request may keep officers and rosters; the realm's own token may.

    Raises:
        UsageError: `officer.wrong-role`, with the clause.
    """
    for name in ACTING.get():
        check_may(node, name, Act.ADMINISTER)


def get_offices(node: Node) -> Offices:
    """Return what the pact in force says of officers.

    Raises:
        UsageError: `officer.no-offices`.
    """
    offices = node.machine.pact.offices
    if offices is None:
        raise UsageError("officer.no-offices")
    return offices


class Appointing:
    """The officers of one node, as whoever may keep them does."""

    def __init__(self, desk: Desk, passkeys: PasskeyBook) -> None:
        self._node = desk.node
        self.passkeys = passkeys

    def list_officers(self) -> Roll:
        """Return every officer and every delegation, without what tokens are compared with."""
        at, book = self._node.now(), self._node.officers.read()
        return {
            "officers": [self._show(officer, at) for officer in book.officers],
            "delegated": [_show_delegated(row) for row in book.delegated if row.until_at > at],
        }

    def list_shifts(self) -> Roster:
        """Return the shifts from now on, the first to begin first."""
        at = self._node.now()
        rows = (row for row in self._node.officers.read().shifts if row.ends_at > at)
        ordered = sorted(rows, key=lambda row: (row.starts_at, row.role, row.officer, row.ends_at))
        return {"shifts": [_show_shift(row, at) for row in ordered]}

    def add(self, name: str, roles: tuple[str, ...], *, until_at: int = 0) -> DrawnToken:
        """Add an officer with roles of the pact; return the token, which is shown this once.

        Raises:
            UsageError: `officer.no-offices`, `officer.no-role`, `officer.malformed`, `officer.exists`.
        """
        node = self._node
        self.check_new(name, roles, until_at=until_at)
        token = node.officers.add(name, roles, at=node.now(), until_at=until_at)
        self._note("officer.add", name)
        return {"name": name, "token": token}

    def check_new(self, name: str, roles: tuple[str, ...], *, until_at: int = 0) -> None:
        """Return if an officer could be added so, as far as that can be told beforehand.

        Raises:
            UsageError: as `add`.
        """
        node, offices = self._node, get_offices(self._node)
        for role in roles:
            check_role(offices, role)
        if node.officers.read().find(name) is not None:
            raise UsageError("officer.exists", name=name[:48])
        if until_at and until_at <= node.now():
            raise UsageError("officer.malformed", why="the end lies before now")

    def renew(self, name: str) -> DrawnToken:
        """Draw an officer's token anew; the old one ends. Return it, this once.

        Raises:
            UsageError: `officer.unknown`, also of one who acts no more.
        """
        self.get_valid(name)
        token = self._node.officers.renew(name)
        self._note("officer.token", name)
        return {"name": name, "token": token}

    def draw_code(self, name: str) -> DrawnCode:
        """Draw the code with which an officer makes a passkey; return it, this once.

        Raises:
            UsageError: `officer.unknown`, also of one who acts no more.
        """
        self.get_valid(name)
        at = self._node.now()
        code = self.passkeys.draw_code(name, at=at)
        self._note("officer.code", name)
        return {"name": name, "code": code, "until_at": at + CODE_MS}

    def revoke(self, name: str) -> None:
        """End an officer's power: token, sessions, shifts to come, delegations.

        Raises:
            UsageError: `officer.unknown`.
        """
        self._node.officers.revoke(name, at=self._node.now())
        self._note("officer.revoke", name)

    def remove_passkeys(self, name: str, beginning: str) -> int:
        """Take an officer's passkeys away whose id begins so; return how many.

        Raises:
            UsageError: `officer.unknown`.
        """
        self._node.officers.read().get(name)
        count = self.passkeys.remove(name, beginning)
        self._note("officer.passkey", name)
        return count

    def put_on_duty(self, shift: Shift) -> ShiftShown:
        """Put an officer on duty in a role; as `roster.put_on_duty`."""
        at = self._node.now()
        row = put_on_duty(self._node.officers, get_offices(self._node), shift, at=at)
        self._note("shift.set", row.officer)
        return _show_shift(row, at)

    def hand_over(self, *, officer: str, to: str, role: str) -> ShiftShown:
        """End the shift that runs, and let another officer serve the rest of it; as `roster.hand_over`."""
        at = self._node.now()
        row = hand_over(self._node.officers, officer=officer, to=to, role=role, at=at)
        self._note("shift.hand-over", officer)
        return _show_shift(row, at)

    def delegate(self, wish: Delegated) -> DelegatedShown:
        """Hand an act of one officer's role to another, for a time; as `roster.delegate`."""
        row = delegate(self._node.officers, get_offices(self._node), wish, at=self._node.now())
        self._note("delegate", row.giver)
        return _show_delegated(row)

    def get_valid(self, name: str) -> Officer:
        """Return an officer who may act now.

        Raises:
            UsageError: `officer.unknown`.
        """
        officer = self._node.officers.read().get(name)
        if not officer.is_valid(self._node.now()):
            raise UsageError("officer.unknown", name=name[:48])
        return officer

    def _note(self, act: str, about: str) -> None:
        note_administered(self._node.machine.party, act, about)

    def _show(self, officer: Officer, at: Instant) -> OfficerShown:
        keys = self.passkeys.read().find_all(officer.name)
        return {
            "name": officer.name,
            "roles": list(officer.roles),
            "from_at": officer.from_at,
            "until_at": officer.until_at,
            "revoked_at": officer.revoked_at,
            "is_valid": officer.is_valid(at),
            "passkeys": [{"id": row.passkey.credential, "made_at": row.made_at} for row in keys],
        }


def _show_shift(row: Shift, at: Instant) -> ShiftShown:
    is_now = row.starts_at <= at < row.ends_at
    return {"officer": row.officer, "role": row.role, "starts_at": row.starts_at, "ends_at": row.ends_at,
            "is_now": is_now}  # fmt: skip


def _show_delegated(row: Delegated) -> DelegatedShown:
    return {"giver": row.giver, "taker": row.taker, "role": row.role, "act": row.act.value, "until_at": row.until_at}
