"""Disclosing an earlier statement to those who could not read it: found, proved, decided by the funnel, stated (R28).

Preview and statement ask the same function, as with any other entry.
"""

from dataclasses import dataclass

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import DISCLOSED_SIZE_BYTES_MAX
from comity.base.names import Audience, Digest
from comity.journal.disclosure import disclose
from comity.journal.header import Feed, JournalId, Page, parse_page
from comity.journal.statement import Certificate, parse_statement
from comity.machine.funnel import decode_known
from comity.machine.machine import Machine
from comity.node.node import Node
from comity.procedure.disclosed import EntryDisclosed
from comity.procedure.judgement import decide_entry
from comity.procedure.stated import Stated
from comity.procedure.verdict import AudienceDecision

__all__ = ["Disclosing"]


@dataclass(frozen=True, slots=True)
class Disclosing:
    """The disclosures of one node."""

    node: Node

    def preview(self, id_: Digest, *, audience: Audience, at: Instant) -> AudienceDecision:
        """Return what each party of the audience would be told if this statement were disclosed to it now.

        Raises:
            UsageError: as `disclose`, but for the funnel's answer.
        """
        machine = self.node.machine
        return decide_entry(
            self._make(id_),
            holder=machine.party,
            audience=audience,
            ground=machine.funnel.find_ground(at, audience=audience),
            stated=machine.statements.all,
            decode=decode_known,
        )

    async def disclose(self, id_: Digest, *, audience: Audience, key: str = "") -> tuple[Digest, ...]:
        """Disclose a statement to an audience; return the ids of what was stated.

        Raises:
            UsageError: `cli.no-such-object` where it is not here; `disclosure.of-few`, `disclosure.doubtful`,
                `disclosure.too-large`; as `Node.say`, `release.withheld` and `release.needs-consent` among them.
        """
        return await self.node.say(audience, (self._make(id_),), key=key)

    def _make(self, id_: Digest) -> EntryDisclosed:
        machine = self.node.machine
        stated = next((row for row in machine.statements.all if row.id == id_), None)
        if stated is None:
            raise UsageError("cli.no-such-object", beginning=id_.hex()[:16])
        if stated.audience not in machine.versions.circles:
            raise UsageError("disclosure.of-few")
        if not stated.counts:
            raise UsageError("disclosure.doubtful", standing=stated.standing.value)
        page = self._get_page(stated)
        epoch_key = machine.keyring.find_epoch_key(journal=page.journal, epoch=page.header.epoch) or b""
        raw = disclose(page, index=stated.index, epoch_key=epoch_key, suite=machine.setup.suite)
        if len(raw) > DISCLOSED_SIZE_BYTES_MAX:
            raise UsageError("disclosure.too-large", size_bytes=len(raw), size_bytes_max=DISCLOSED_SIZE_BYTES_MAX)
        return EntryDisclosed(raw, self._find_certificates(machine, stated))

    def _get_page(self, stated: Stated) -> Page:
        store, suite = self.node.store, self.node.machine.setup.suite
        rows = store.read_range(stated.journal, first=stated.page, last=stated.page, reader=self.node.machine.party)
        pages = (parse_page(raw, suite) for raw in rows)
        found = next((page for page in pages if page.digest == stated.page_digest), None)
        if found is None:  # set aside as damaged, and asked for again
            raise UsageError("cli.no-such-object", beginning=stated.id.hex()[:16])
        return found

    def _find_certificates(self, machine: Machine, stated: Stated) -> tuple[bytes, ...]:
        """Return the certificate of the key that signed a page, if that key was replaced: newcomers may not hold it."""
        newest = machine.ledger.trust.find_newest(stated.author)
        if newest is None or newest.incarnation == stated.incarnation:
            return ()
        for circle in machine.versions.circles:
            pins = machine.setup.pins
            genesis = JournalId(pins.lineage, pins.realm, Feed.GENESIS, stated.author, circle, stated.incarnation)
            digest = genesis.find_digest(machine.setup.suite)
            for raw in self.node.store.read_range(digest, first=0, last=0, reader=machine.party):
                opening = parse_page(raw, machine.setup.suite).header.opening
                certificates = (one for one in opening if isinstance(parse_statement(one).body, Certificate))
                return tuple(certificates)[:1]
        return ()
