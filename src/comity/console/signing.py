"""Saying something from a page: what exactly will be signed, who will see it, and then the word itself.

Every act of the console goes this way. A page *proposes* entries to an audience; the confirmation shows them as they
will stand on the record, with their digest; the form brings the digest back, and only what was shown is stated. What
needs a second officer waits under the same digest, as it does for the API.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.row_words import say_row
from comity.api.titles import Titles
from comity.base.errors import UsageError
from comity.base.names import Audience, Party
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.visit import Visit, get_visit
from comity.journal.header import Feed
from comity.machine.funnel import decode_known
from comity.node.approvals import find_digest
from comity.node.operator import name_operator
from comity.pact.offices import Act
from comity.procedure.act import find_act
from comity.procedure.call import ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.timeline import find_code, read_arguments

__all__ = ["Proposal", "confirm", "find_name", "sign"]

PRESSING: Final = frozenset({Act.RELEASE})
"""Acts that want a fresh proof of who acts; calls at leaders' level do too."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a page would state, to whom, and where its form goes."""

    audience: Audience
    entries: tuple[Entry, ...]
    path: str

    @property
    def digest(self) -> str:
        """The digest of exactly this, the same that a second officer is shown."""
        return find_digest(self.audience, self.entries, Feed.RECORD)


def confirm(
    pages: Pages, desk: Desk, request: Request[Any, Any, Any], proposal: Proposal, **fields: Any
) -> Response[Any]:
    """Show what will be signed and who will see it."""
    rows = [_show(entry, desk.node.machine.party, pages.titles) for entry in proposal.entries]
    others = [party for party in proposal.audience if party != desk.node.machine.party]
    return pages.render(
        request, "confirm.html", proposal=proposal, rows=rows, others=others, key=secrets.token_hex(16),
        name=find_name(get_visit(request), desk.node.machine.party), **{"roles": (), "role": "", **fields},
    )  # fmt: skip


async def sign(
    pages: Pages, desk: Desk, sessions: Sessions, request: Request[Any, Any, Any], proposal: Proposal
) -> Response[Any]:
    """State what was confirmed, and lead back to the watch.

    Raises:
        UsageError: `console.changed-meanwhile`, `console.prove-again`; as `Node.say`.
    """
    form, session = await request.form(), get_visit(request).session
    assert session is not None, "the gate wants one"
    if not hmac.compare_digest(str(form.get("digest", "")).encode(), proposal.digest.encode()):
        raise UsageError("console.changed-meanwhile")
    if _is_pressing(proposal.entries) and not sessions.is_fresh(session):
        raise UsageError("console.prove-again")
    ids = await desk.node.say(proposal.audience, proposal.entries, key=str(form.get("key", ""))[:64])
    return pages.lead(f"/?signed={ids[0].hex()[:16]}")


def find_name(visit: Visit, party: Party) -> str:
    """Return the pseudonym under which this session acts on the record."""
    return visit.officer or name_operator(party)


def _is_pressing(entries: tuple[Entry, ...]) -> bool:
    return any(
        find_act(entry, decode_known) in PRESSING
        or (isinstance(entry, ConsultationCalled) and entry.level is Level.LEADERS)
        for entry in entries
    )


def _show(entry: Entry, party: Party, titles: Titles) -> dict[str, Any]:
    """Return one entry as a sentence, and field by field as it will stand on the record."""
    fields = simplify(entry)
    assert isinstance(fields, dict), "an entry has fields"
    arguments = {"party": party, **read_arguments(entry)}
    return {
        "says": say_row({"code": find_code(entry), "arguments": arguments, "party": party}, titles),
        "type": type(entry).__name__,
        "fields": {name: value for name, value in fields.items() if name != "type"},
    }
