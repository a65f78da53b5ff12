"""What a page would have signed or done: proposals and deeds, each with the digest under which it is confirmed.

A *proposal* is statements to an audience, shown field by field as they will stand on the record. A *deed* is anything
else that an officer asks the node to do: sealing an item for others, approving, locking. `acts` shows either, takes the
digest back, and only then does it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.names import Audience, Digest, Party
from comity.console.visit import Visit
from comity.journal.header import Feed
from comity.machine.funnel import decode_known
from comity.node.approvals import find_digest
from comity.node.operator import name_operator
from comity.pact.offices import Act
from comity.procedure.act import find_act
from comity.procedure.call import ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.registry import decode_entry, encode_entry

__all__ = ["Deed", "Proposal", "ShownOnce", "find_name", "is_pressing", "propose"]

PRESSING: Final = frozenset({Act.RELEASE})
"""Acts that want a fresh proof of who acts; calls at leaders' level do too."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a page would state, and to whom.

    `is_kept`: it holds what cannot be found twice alike (an instant, something drawn), so it waits in the session's
    memory for its second press. `template` shows more above the statements, filled with `shown`. `opens` is the page of
    what the first statement begins, with `{id}` where its id stands; else the browser is led back to where it was.
    """

    audience: Audience
    entries: tuple[Entry, ...]
    opens: str = ""
    is_kept: bool = False
    template: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if decode_entry(encode_entry(entry)) != entry:
                raise UsageError("console.malformed")

    @property
    def digest(self) -> str:
        """The digest of exactly this, the same that a second officer is shown."""
        return find_digest(self.audience, self.entries, Feed.RECORD)

    def find_page(self, ids: tuple[Digest, ...]) -> str:
        """Return the page of what was begun by it, empty where it begins nothing."""
        return self.opens.replace("{id}", ids[0].hex()) if ids else ""

    @property
    def size(self) -> int:
        """What it takes in memory, roughly."""
        return sum(len(encode_entry(entry)) for entry in self.entries) + 1_024


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """A secret that a deed drew: a token, a code. It is shown on one page, once, and kept nowhere.

    `says` is what it is, `advice` what to do with it, in the reader's language.
    """

    says: str
    secret: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What a page would have the node do that is not simply a statement.

    `says` is a sentence in the reader's language, `facts` what an officer has to know, in order; with `basis` the
    digest is of that instead, the same in every language. `do` gets a key under which it is done once; what it
    returns are the ids of what was stated by it, if anything was, or a secret that it drew.
    """

    says: str
    do: Callable[[str], Awaitable[tuple[Digest, ...] | ShownOnce]]
    facts: tuple[tuple[str, str], ...] = ()
    basis: bytes = b""
    does: str = ""
    """What the button says. `named`: a digest that it has already; `entries`: what comes to be stated by it."""
    named: str = ""
    entries: tuple[Entry, ...] = ()
    audience: Audience = ()
    is_pressing: bool = False
    is_kept: bool = False
    template: str = ""
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of what it rests on, else of what was shown."""
        if self.named:
            return self.named
        facts = [[self.says], *([name, value] for name, value in self.facts)] if not self.basis else []
        return hashlib.sha256(encode(["deed", list(self.audience), facts, self.basis])).hexdigest()

    @property
    def size(self) -> int:
        """What it takes in memory, roughly."""
        return len(self.basis) + 4 * sum(len(name) + len(value) for name, value in self.facts) + 1_024


def propose(desk: Desk, *forms: Mapping[str, object], to: tuple[Party, ...] = (), **given: Any) -> Proposal:
    """Return the proposal of statements in the form that the API takes; to all parties where none are named.

    Raises:
        UsageError: as `parse_form`.
    """
    machine = desk.node.machine
    audience = tuple(sorted({*(to or machine.parties), machine.party}))
    return Proposal(audience, tuple(parse_form(form) for form in forms), **given)


def find_name(visit: Visit, party: Party) -> str:
    """Return the pseudonym under which this session acts on the record."""
    return visit.officer or name_operator(party)


def is_pressing(proposal: Proposal | Deed) -> bool:
    """Tell whether an act wants a proof of who acts that is no older than some minutes."""
    if isinstance(proposal, Deed):
        return proposal.is_pressing
    return any(
        find_act(entry, decode_known) in PRESSING
        or (isinstance(entry, ConsultationCalled) and entry.level is Level.LEADERS)
        for entry in proposal.entries
    )
