"""Items: sharing, passing on, consenting, recalling, destroying, and what is known of every copy."""

from collections.abc import Iterable, Mapping

from comity.api.views.basic import Decided, Done, Ids
from comity.api.views.items import (
    Attached,
    Composed,
    CopyShown,
    GivingShown,
    Held,
    ItemShown,
    OnwardRequestShown,
    Recalls,
    Shared,
)
from comity.api.views.record import Readings
from comity.api.views.release import Graph, Previewed, SupposedHere
from comity.client.connection import Connection

__all__ = ["Items"]

Portions = Iterable[Mapping[str, object]]
"""Each with its `marking` (`level`, `topics`, `caveats`), `text` and `language`; the API's description has the rest."""


class Items(Connection):
    """Items, their release and their recall."""

    def list_items(self) -> list[GivingShown]:
        """Items given by or to this party."""
        return self.ask(list[GivingShown], "/v1/items")

    def show_item(self, item: str) -> ItemShown:
        """One item, opened and verified; that it was read is noted where the pact wants it."""
        return self.ask(ItemShown, f"/v1/items/{item}")

    def share(self, to: Iterable[str], portions: Portions, *, expires_at: int | None = None, key: str = "") -> str:
        """Make an item of these portions and share it; return its digest."""
        return self.do(Shared, "/v1/items", _make_sharing(to, portions, expires_at), key=key)["item"]

    def preview_share(self, to: Iterable[str], portions: Portions, *, expires_at: int | None = None) -> Decided:
        """Who would get it, and by which clause; nothing is shared."""
        return self.do(Decided, "/v1/items", _make_sharing(to, portions, expires_at, preview=True))

    def compose(
        self, to: Iterable[str], portions: Portions, *, expires_at: int | None = None, plan: str = "", key: str = ""
    ) -> Composed:
        """Tear a draft into items for several parties and share them; with the `plan` of a preview, only that."""
        body = {**_make_sharing(to, portions, expires_at), **({"plan": plan} if plan else {})}
        return self.do(Composed, "/v1/items/compose", body, key=key)

    def preview_composed(self, to: Iterable[str], portions: Portions, *, expires_at: int | None = None) -> Composed:
        """What each would get of a draft, and what is withheld from whom; nothing is shared."""
        return self.do(Composed, "/v1/items/compose", _make_sharing(to, portions, expires_at, preview=True))

    def attach(self, name: str, content: Iterable[bytes]) -> Attached:
        """Hand in a file, piece by piece, to be attached to an item."""
        found: Attached = self.post_file("/v1/attachments", content, name=name)
        return found

    def drop_attachment(self, attachment: str) -> Done:
        """Drop a file that was handed in."""
        found: Done = self.delete(f"/v1/attachments/{attachment}")
        return found

    def read_attachment(self, item: str, portion: int) -> bytes:
        """The attachment in a portion of an item, whole; `stream` yields it as it comes."""
        return self.get_bytes(f"/v1/items/{item}/attachments/{portion}")

    def pass_on(self, item: str, to: str, *, key: str = "") -> list[str]:
        """Pass another party's item on."""
        return self.do(Ids, "/v1/items/pass-on", {"item": item, "to": to}, key=key)["ids"]

    def consent(self, item: str, *, holder: str, recipient: str, expires_at: int, key: str = "") -> list[str]:
        """Consent to a passing-on of an own item, until an instant."""
        body = {"item": item, "holder": holder, "recipient": recipient, "expires_at": expires_at}
        return self.do(Ids, "/v1/items/consent", body, key=key)["ids"]

    def refuse(
        self, item: str, *, holder: str, recipient: str, reason: str, clause: str = "", key: str = ""
    ) -> list[str]:
        """Refuse a passing-on of an own item, with the clause."""
        body = {"item": item, "holder": holder, "recipient": recipient, "reason": reason, "clause": clause}
        return self.do(Ids, "/v1/items/refuse", body, key=key)["ids"]

    def grant(self, item: str, recipient: str, *, role: str = "", key: str = "") -> list[str]:
        """Decide, as the hub, that an item is passed on."""
        body = {"item": item, "recipient": recipient, "role": role}
        return self.do(Ids, "/v1/items/grant", body, key=key)["ids"]

    def decline(
        self, item: str, recipient: str, *, reason: str, clause: str = "", role: str = "", key: str = ""
    ) -> list[str]:
        """Decide, as the hub, that an item is not passed on."""
        body = {"item": item, "recipient": recipient, "reason": reason, "clause": clause, "role": role}
        return self.do(Ids, "/v1/items/decline", body, key=key)["ids"]

    def destroy(self, item: str, *, role: str = "", key: str = "") -> list[str]:
        """Destroy every copy of an item that is here, and certify it."""
        return self.do(Ids, "/v1/items/destroy", {"item": item, "role": role}, key=key)["ids"]

    def list_copies(self) -> list[CopyShown]:
        """Who holds which copy of an item, on which basis, and how it stands now."""
        return self.ask(list[CopyShown], "/v1/copies")

    def list_requests(self) -> list[OnwardRequestShown]:
        """Who asks to pass which item on to whom, until when, and what came of it."""
        return self.ask(list[OnwardRequestShown], "/v1/requests")

    def show_recalls(self) -> Recalls:
        """Who asked whom to give an item up, and what was answered, judged now."""
        return self.ask(Recalls, "/v1/recalls")

    def recall(self, item: str, *, reason: str, answer_by_at: int, to: Iterable[str] = (), key: str = "") -> list[str]:
        """Ask an own item back from all to whom it was given; `to` adds holders known by report alone."""
        body = {"item": item, "reason": reason, "answer_by_at": answer_by_at, "to": list(to)}
        return self.do(Ids, "/v1/recalls", body, key=key)["ids"]

    def pass_recall_on(self, request: str, *, answer_by_at: int = 0, key: str = "") -> list[str]:
        """Pass a recall on to those to whom the item was given; 0: by the same time."""
        return self.do(Ids, "/v1/recalls/pass-on", {"request": request, "answer_by_at": answer_by_at}, key=key)["ids"]

    def answer_recall(self, request: str, *, fate: str, copies: str, role: str = "", key: str = "") -> list[str]:
        """Answer a recall; *destroyed* by destroying."""
        body = {"request": request, "fate": fate, "copies": copies, "role": role}
        return self.do(Ids, "/v1/recalls/answer", body, key=key)["ids"]

    def report_recall(self, request: str, *, key: str = "") -> list[str]:
        """Report what those answered to whom the item was given."""
        return self.do(Ids, "/v1/recalls/report", {"request": request}, key=key)["ids"]

    def list_quarantine(self) -> list[Held]:
        """What came outside any agreement, by which clause, and what became of it."""
        return self.ask(list[Held], "/v1/quarantine")

    def release_from_quarantine(self, giving: str, *, role: str = "", key: str = "") -> list[str]:
        """Let an item out of quarantine on a ground that has come."""
        return self.do(Ids, "/v1/quarantine/release", {"giving": giving, "role": role}, key=key)["ids"]

    def show_reads(self, *, item: str = "", before: int = 0) -> Readings:
        """Who read which item, the latest first; for whoever may inspect."""
        return self.ask(Readings, "/v1/reads", item=item, before=before)

    def preview_release(
        self, *, item: str = "", level: str = "", topics: Iterable[str] = (), caveats: Iterable[str] = ()
    ) -> Previewed:
        """What each party would be told of an item, or of a marking of our own, and who could come to see it."""
        body = {"item": item, "level": level, "topics": list(topics), "caveats": list(caveats)}
        return self.do(Previewed, "/v1/release/preview", body)

    def show_graph(self, *, party: str = "") -> Graph:
        """The agreements and routes of a party as they stand, ours if none is named."""
        return self.ask(Graph, "/v1/release/graph", party=party)

    def suppose(
        self, agreement: str, state: str, *, at: int | None = None, notice_ends_at: int | None = None
    ) -> SupposedHere:
        """What would pass if an agreement were in another state."""
        body = {"agreement": agreement, "state": state, "at": at, "notice_ends_at": notice_ends_at}
        return self.do(SupposedHere, "/v1/release/what-if", body)


def _make_sharing(
    to: Iterable[str], portions: Portions, expires_at: int | None, *, preview: bool = False
) -> dict[str, object]:
    ends = [] if expires_at is None else [expires_at]
    return {"to": list(to), "portions": list(portions), "expires_at": ends, "preview": preview}
