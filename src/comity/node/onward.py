"""Requests to pass an item on: refusing one with its clause, the hub's own decision, and passing on (R51, R52)."""

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.machine.funnel import refuse_unless_permitted
from comity.machine.machine import Machine
from comity.node.destruction import Deciders
from comity.node.items import Items
from comity.node.node import Node
from comity.pact.agreement import Path
from comity.procedure.onward import (
    OF_ONWARD,
    OnwardRequest,
    PassOnDeclined,
    PassOnGranted,
    RefusalGroundStated,
    fold_onward,
)
from comity.procedure.own import own_order
from comity.procedure.release import decide
from comity.procedure.sharing import GIVING, ConsentRefused, Giving, RefusalReason
from comity.procedure.verdict import AudienceDecision, Decision, Permit, Subject

__all__ = ["OnwardRelease", "list_onward"]


def list_onward(machine: Machine, *, as_of: Instant) -> tuple[OnwardRequest, ...]:
    """Return the requests that this party made, answers or hears of, one row each."""
    return fold_onward(
        machine.statements.find(*OF_ONWARD),
        check=machine.funnel.check_old_consent,
        valid_ms_max=machine.funnel.terms.pact.policy.consent.valid_ms_max,
        as_of=as_of,
    )


class OnwardRelease:
    """The requests of one node."""

    def __init__(self, node: Node, items: Items) -> None:
        self._node = node
        self._machine: Machine = node.machine
        self._items = items

    async def consent(
        self, item: Digest, *, holder: Party, recipient: Party, expires_at: Instant
    ) -> tuple[Digest, ...]:
        """Consent, as the originator.

        Raises:
            UsageError: `item.not-here`, `item.not-originator`; as the funnel refuses (R4).
        """
        self._check_originator(item)
        at = self._node.now()
        return await self._items.consent(item, holder=holder, recipient=recipient, at=at, expires_at=expires_at)

    async def refuse(
        self, item: Digest, *, holder: Party, recipient: Party, clause: str, reason: RefusalReason
    ) -> tuple[Digest, ...]:
        """Refuse, as the originator, under a clause of the pact; without one, under that by which the funnel decides.

        Raises:
            UsageError: `item.not-here`, `item.not-originator`, `item.no-request`, `release.no-such-clause`.
        """
        self._check_originator(item)
        self._check_request(item, holder, recipient)
        clause = self._find_clause(clause, self.decide_for(item, holder, recipient))
        entries = (ConsentRefused(item, recipient, reason), RefusalGroundStated(item, recipient, clause, reason))
        return await self._node.say(tuple(sorted((self._machine.party, holder))), entries)

    async def grant(self, item: Digest, *, recipient: Party, by: Deciders) -> tuple[Digest, ...]:
        """Decide, as the holder, that an item is passed on; its originator is told.

        Raises:
            UsageError: `item.not-here`; `release.needs-consent`, `release.withheld` where it could not be.
        """
        decision = self.decide_for(item, self._machine.party, recipient)
        refuse_unless_permitted(AudienceDecision(((recipient, decision),)))
        return await self._tell(item, PassOnGranted(item, recipient, by.role, by.officers))

    async def decline(
        self, item: Digest, *, recipient: Party, clause: str, reason: RefusalReason, by: Deciders
    ) -> tuple[Digest, ...]:
        """Decide, as the holder, that an item is not passed on, whatever its originator consents to.

        Raises:
            UsageError: `item.not-here`, `item.no-request`, `release.no-such-clause`.
        """
        me = self._machine.party
        clause = self._find_clause(clause, self.decide_for(item, me, recipient))
        self._check_request(item, me, recipient)
        return await self._tell(item, PassOnDeclined(item, recipient, clause, reason, by.role, by.officers))

    async def pass_on(self, item: Digest, *, to: Party) -> tuple[Digest, ...]:
        """Pass an item on; by way of this party as a hub only after its own officer's grant.

        Raises:
            UsageError: `item.not-granted`; as `Items.pass_on`.
        """
        decision = self.decide_for(item, self._machine.party, to)
        if isinstance(decision, Permit) and self.needs_grant(item, to=to):
            raise UsageError("item.not-granted", to=to, clause=decision.clause)
        return await self._items.pass_on(item, to=to, at=self._node.now())

    def needs_grant(self, item: Digest, *, to: Party) -> bool:
        """Tell whether an item goes to `to` by way of this party as the hub, whose own officer has not granted it.

        Raises:
            UsageError: `item.not-here`.
        """
        clause = self.decide_for(item, self._machine.party, to).clause
        agreement = self._machine.pact.find_agreement(clause)
        is_by_hub = agreement is not None and agreement.path is Path.HUB and agreement.hub == self._machine.party
        return is_by_hub and not self._is_granted(item, to)

    def _is_granted(self, item: Digest, to: Party) -> bool:
        """Tell whether the own last decision on this way is to pass it on."""
        own = [
            row
            for row in self._machine.statements.find(PassOnGranted, PassOnDeclined)
            if isinstance(row.entry, PassOnGranted | PassOnDeclined)
            and (row.author, row.entry.item, row.entry.recipient) == (self._machine.party, item, to)
        ]
        last = max(own, key=own_order, default=None)
        return last is not None and isinstance(last.entry, PassOnGranted)

    async def _tell(self, item: Digest, entry: PassOnGranted | PassOnDeclined) -> tuple[Digest, ...]:
        originator = self._get_giving(item).markings[0].originator
        return await self._node.say(tuple(sorted({self._machine.party, originator})), (entry,))

    def _check_originator(self, item: Digest) -> None:
        if self._get_giving(item).markings[0].originator != self._machine.party:
            raise UsageError("item.not-originator")

    def _check_request(self, item: Digest, holder: Party, recipient: Party) -> None:
        rows = list_onward(self._machine, as_of=self._node.now())
        if not any((row.item, row.holder, row.recipient) == (item, holder, recipient) for row in rows):
            raise UsageError("item.no-request", holder=holder, recipient=recipient)

    def _find_clause(self, clause: str, decision: Decision) -> str:
        if clause and self._machine.pact.find_clause(clause) is None:
            raise UsageError("release.no-such-clause", clause=clause)
        return clause or decision.clause

    def decide_for(self, item: Digest, holder: Party, to: Party) -> Decision:
        """Return what the funnel answers for a held item now, if `holder` gave it to `to`.

        Raises:
            UsageError: `item.not-here`.
        """
        audience = tuple(sorted({holder, to}))
        ground = self._machine.funnel.find_ground(self._node.now(), audience=audience)
        return decide(Subject(self._get_giving(item).markings, item), holder=holder, to=to, ground=ground)

    def _get_giving(self, item: Digest) -> Giving:
        for row in self._machine.statements.find(*GIVING):
            if isinstance(row.entry, Giving) and row.entry.item == item:
                return row.entry
        raise UsageError("item.not-here")
