"""Journals with their heads, who signed for which of them, and what was found: forks, faults, what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.journal.branch import Book
from comity.journal.header import Feed
from comity.machine.machine import Machine

__all__ = ["Finding", "Journal", "Signed", "list_findings", "list_journals"]


@dataclass(frozen=True, slots=True)
class Signed:
    """How far one reader signed for a journal. `number` -1: nothing; `at` is its own clock."""

    party: Party
    number: int
    at: Instant
    behind: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One journal: whose, to whom, how long, its heads by number and digest, and who signed for it.

    `is_kept_alone`: nobody else reads it. How long it is says how often something secret was read here, which is for
    whoever may look at that: then count and heads are none.
    """

    digest: str
    author: Party
    audience: Audience
    feed: Feed
    incarnation: int
    count: int
    heads: tuple[tuple[int, str, Instant], ...]
    signed: tuple[Signed, ...]
    is_kept_alone: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: a code of the catalogue, or a word of this page; whose; and where it shows."""

    code: str
    party: Party
    about: str
    detail: str = ""


def list_journals(machine: Machine) -> tuple[Journal, ...]:
    """Return every journal that is held, by author, the widest audience first."""
    found = (_show(machine, book) for book in machine.ledger.books())
    return tuple(
        sorted(found, key=lambda row: (row.author, -len(row.audience), row.audience, row.feed, row.incarnation))
    )


def _show(machine: Machine, book: Book) -> Journal:
    journal, count = book.id, len(book.by_number)
    confirmed = machine.ledger.witnesses.find_confirmed(book.digest)
    signed = []
    for party in journal.audience:
        if party == journal.author:
            continue
        number, witness = confirmed.get(party, (-1, None))
        at = Instant(0 if witness is None else witness.header.written_at)
        signed.append(Signed(party, number, at, max(0, _find_last_owed(book) - number)))
    tips = book.find_named_tips()
    heads = tuple((tip.header.number, tip.digest.hex(), Instant(tip.header.written_at)) for tip in tips)
    is_kept_alone = journal.audience == (journal.author,)
    if is_kept_alone:
        count, heads = 0, ()
    return Journal(book.digest.hex(), journal.author, journal.audience, journal.feed, journal.incarnation, count, heads,
                   tuple(signed), is_kept_alone)  # fmt: skip


def _find_last_owed(book: Book) -> int:
    """Return the number of the last page for which readers owe a signature; receipts and checkpoints are none."""
    return max((tip.news_number for tip in book.find_named_tips()), default=-1)


def list_findings(machine: Machine) -> tuple[Finding, ...]:
    """Return what the pages held show of faults: they are kept as evidence, and nothing is unsaid by them."""
    return (*_list_forks(machine), *_list_faults(machine))


def _list_forks(machine: Machine) -> Iterator[Finding]:
    for book in machine.ledger.books():
        if book.is_forked:
            number = next(number for number, rivals in enumerate(book.by_number) if len(rivals) > 1)
            rivals = ", ".join(page.digest.hex()[:16] for page in book.by_number[number])
            yield Finding("journal.forked", book.id.author, book.digest.hex(), f"{number}: {rivals}")


def _list_faults(machine: Machine) -> Iterator[Finding]:
    for fault in machine.statements.faults:
        placed = machine.ledger.find_page(fault.page)
        yield Finding(fault.code, placed.header.journal.author if placed is not None else "", fault.page.hex())
    for row in machine.versions.find_misjudged():
        yield Finding(row.code, row.author, row.entry.hex())
    for one in machine.offices.all:
        yield Finding(one.fault.code, one.stated.author, one.stated.id.hex(), one.fault.clause)
    for hole in machine.refill.find_holes():
        yield Finding("page.gap", "", hole.journal.hex(), f"{hole.first}–{hole.last}")
    for author, journal, epoch in machine.statements.list_unopened_epochs():
        yield Finding("page.no-key", author, journal.hex(), str(epoch))
