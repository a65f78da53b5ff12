"""What a node has checked and opened of its stored pages, kept beside its disk, so that a start need not do it again.

As the live node's (docs/adr/0016): pages are only added, in the order of the store; a page that the machine had not
accepted or opened, and an own one that was not out, stay as bytes; what follows another store than the present one, or
was kept under other keys or by another version, is not used. Nothing is sealed here: who could write it in a rehearsal?
"""

from dataclasses import dataclass, field

import msgspec

from comity.base.errors import RemoteError
from comity.base.names import Digest
from comity.journal.header import Kind, Page
from comity.machine.input import LostPage
from comity.machine.machine import Machine
from comity.machine.vouched import Vouched
from comity.rehearsal.disk import Disk

__all__ = ["Snapshot", "Start"]

Row = Vouched | bytes


@dataclass(slots=True)
class Snapshot:
    """One node's. `bound` is what it depends on besides the pages: keys, and which entries are known."""

    rows: list[Row] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    bound: object = None

    def keep(self, machine: Machine, disk: Disk) -> None:
        """Add what is new on the disk; begin anew where the disk is not what it was."""
        if not self.is_of(machine, disk):
            self.rows.clear()
            self.digests.clear()
            self.bound = _bind(machine)
        for page in disk.pages[len(self.rows) :]:
            self.rows.append(self.make_row(machine, page, is_out=page.digest in disk.out))
            self.digests.append(page.digest)

    def is_of(self, machine: Machine, disk: Disk) -> bool:
        """Tell whether it was kept by such a machine, over pages that are still there in their order."""
        held = [page.digest for page in disk.pages[: len(self.digests)]]
        return self.bound == _bind(machine) and held == self.digests

    def make_row(self, machine: Machine, page: Page, *, is_out: bool) -> Row:
        """Return what is kept of one page."""
        placed = machine.ledger.find_page(page.digest)
        is_own = page.header.journal.author == machine.party
        if placed is None or (is_own and not is_out):
            return page.raw
        bare = msgspec.structs.replace(page, raw=b"", header_raw=b"", signature=b"")
        if not page.header.kind.has_entries:
            return Vouched(bare, None)
        try:
            opened = machine.keyring.open(page, commitment=placed.epochs.find(page.header.epoch))
        except RemoteError:
            return page.raw
        return Vouched(msgspec.structs.replace(bare, body=b"") if page.header.kind is Kind.ENTRIES else bare, opened)


def _bind(machine: Machine) -> object:
    return machine.setup.secrets.incarnation, machine.setup.receiving_secrets, machine.statements.decode


@dataclass(frozen=True, slots=True)
class Start:
    """What a node starts from: `vouched` are the first of its `pages`, from a snapshot, if there is one."""

    pages: tuple[Page, ...]
    vouched: tuple[Row, ...]
    unpublished: tuple[Digest, ...]
    lost: tuple[LostPage, ...]
    may_be_old: bool

    def restore(self, machine: Machine, *, is_from_bytes: bool = False) -> None:
        """Fold all of it into a new machine; `is_from_bytes`: as if there were no snapshot."""
        vouched = () if is_from_bytes else self.vouched
        machine.restore(
            [page.raw for page in self.pages[len(vouched) :]],
            unpublished=self.unpublished,
            lost=self.lost,
            vouched=vouched,
            may_be_old=self.may_be_old,
        )
