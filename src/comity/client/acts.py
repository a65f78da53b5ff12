"""What an officer states, and what waits for a second one. Each act has a key of its own and is done once."""

from collections.abc import Iterable, Mapping

from comity.api.views.basic import Decided, Ids
from comity.api.views.record import AwaitingOfficer
from comity.client.connection import Connection

__all__ = ["Acts"]


class Acts(Connection):
    """Statements, disclosures and approvals."""

    def state(self, to: Iterable[str], *statements: Mapping[str, object], key: str = "") -> list[str]:
        """State entries to an audience, oneself included; return their ids once they are stored.

        Each statement is an object with its `type` and that type's fields, as the API's description lists them.
        """
        return self.do(Ids, "/v1/statements", {"to": list(to), "statements": list(statements)}, key=key)["ids"]

    def disclose(self, entry: str, to: Iterable[str], *, key: str = "") -> list[str]:
        """Disclose an earlier statement to others; return the ids of what says so."""
        return self.do(Ids, "/v1/disclosed", {"entry": entry, "to": list(to)}, key=key)["ids"]

    def preview_disclosure(self, entry: str, to: Iterable[str]) -> Decided:
        """Who would get an earlier statement, and by which clause; nothing is disclosed."""
        return self.do(Decided, "/v1/disclosed", {"entry": entry, "to": list(to), "preview": True})

    def list_approvals(self) -> list[AwaitingOfficer]:
        """What waits for a second officer, exactly as it would be stated."""
        return self.ask(list[AwaitingOfficer], "/v1/approvals")

    def approve(self, digest: str, *, key: str = "") -> list[str]:
        """Approve what waits: it is stated as shown; return its ids."""
        return self.do(Ids, f"/v1/approvals/{digest}/give", key=key)["ids"]

    def refuse_approval(self, digest: str, *, key: str = "") -> AwaitingOfficer:
        """Refuse what waits: it is not stated."""
        return self.do(AwaitingOfficer, f"/v1/approvals/{digest}/refuse", key=key)
