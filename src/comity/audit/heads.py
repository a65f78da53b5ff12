"""What accepted pages say of one another: heads seen, confirmations, audience breaches, clocks (J12, J13, J19).

Each head of each accepted page is looked at once. A head is never proof that its author knew no more.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from comity.audit.chain import Journal
from comity.audit.digest import hash_labelled
from comity.audit.finding import Finding, make_finding
from comity.audit.form import FEEDS, Head, JournalId
from comity.audit.pool import Sheet
from comity.base.encoding import encode
from comity.base.limits import AUDIT_SKEW_MS
from comity.base.names import Party
from comity.crypto.suite import Suite

__all__ = ["Confirmation", "Heads", "name_unknown"]


class Confirmation(NamedTuple):
    """The last page of a journal that one reader's signed heads name, and that reader's own clock when it did."""

    reader: Party
    number: int | None
    confirmed_at: int | None


class Heads:
    """Gathers all heads of all accepted pages."""

    def __init__(self, journals: Mapping[bytes, Journal]) -> None:
        self._journals = journals
        self._accepted = {
            sheet.digest: sheet
            for journal in journals.values()
            for sheets in journal.by_number.values()
            for sheet in sheets
        }
        self.highest: dict[tuple[bytes, Party], tuple[int, Sheet]] = {}
        """Per journal and naming party: the highest number named, and the page that named it first."""
        self.named_by_others: set[bytes] = set()
        """Accepted pages that an accepted page of another author names (J16)."""
        self._confirmed: dict[tuple[bytes, Party], tuple[int, int]] = {}
        self._may_name: dict[tuple[bytes, bytes], bool] = {}
        self._odd: dict[tuple[object, ...], tuple[Finding, int]] = {}
        for sheet in self._accepted.values():
            self._take_page(sheet)

    @property
    def findings(self) -> list[Finding]:
        """One finding for each odd thing of each journal, with how often it came."""
        return [
            dataclasses.replace(found, arguments={**found.arguments, "count": count})
            for found, count in self._odd.values()
        ]

    def confirmation(self, journal: Journal, reader: Party) -> Confirmation:
        """Return how far a reader has confirmed a journal."""
        number, at = self._confirmed.get((journal.digest, reader), (None, None))
        return Confirmation(reader, number, at)

    def _take_page(self, sheet: Sheet) -> None:
        for head in sheet.header.seen:
            self._take(sheet, head)
        if sheet.checkpoint is not None:
            for head in sheet.checkpoint[1].seen:
                self._take(sheet, head)

    def _take(self, sheet: Sheet, head: Head) -> None:
        journal_digest, number, digest = head
        author = sheet.header.journal.author
        held = self.highest.get((journal_digest, author))
        if held is None or _is_later(number, sheet, held[0], held[1].header.written_at):
            self.highest[journal_digest, author] = (number, sheet)
        target = self._journals.get(journal_digest)
        if target is None:
            return
        if not self._may_be_named(sheet, target):
            self._note("page.seen", sheet, target.digest, {"names": target.id, "number_named": number})
        named = self._accepted.get(digest)
        if named is None or (named.journal_digest, named.header.number) != (journal_digest, number):
            if number in target.by_number:
                self._note_rival(sheet, target, head)
            elif author != target.id.author:  # not here, but its reader signed for it (J15)
                self._confirm(sheet, journal_digest, number)
            return
        if author != target.id.author:
            self.named_by_others.add(digest)
            self._confirm(sheet, journal_digest, number)
        behind_ms = named.header.written_at - sheet.header.written_at
        if behind_ms > AUDIT_SKEW_MS:
            self._note("clock.behind-heads", sheet, target.digest, {"names": target.id, "behind_ms": behind_ms})

    def _confirm(self, sheet: Sheet, journal_digest: bytes, number: int) -> None:
        key = (journal_digest, sheet.header.journal.author)
        known = self._confirmed.get(key)
        if known is None or _is_later(number, sheet, *known):
            self._confirmed[key] = (number, sheet.header.written_at)

    def _may_be_named(self, sheet: Sheet, target: Journal) -> bool:
        key = (sheet.journal_digest, target.digest)
        if key not in self._may_name:
            self._may_name[key] = set(sheet.header.journal.audience) <= set(target.id.audience)
        return self._may_name[key]

    def _note(self, code: str, sheet: Sheet, about: bytes, arguments: Mapping[str, object]) -> None:
        key = (code, sheet.journal_digest, about)
        found, count = self._odd.get(key, (None, 0))
        if found is None:
            header = sheet.header
            found = Finding(code, journal=header.journal, number=header.number, arguments=arguments)
        self._odd[key] = (found, count + 1)

    def _note_rival(self, sheet: Sheet, target: Journal, head: Head) -> None:
        """A head that names another page than the one accepted here: its author was shown something else (J16)."""
        _, number, digest = head
        key = ("fork.witnessed", target.digest, number, digest)
        found, count = self._odd.get(key, (None, 0))
        if found is None:
            found = make_finding(
                "fork.witnessed", journal=target.id, number=number, witness=sheet.witness, digest=digest
            )
        self._odd[key] = (found, count + 1)


def _is_later(number: int, sheet: Sheet, known: int, known_at: int) -> bool:
    """Prefer the higher number; of the same number, the earlier clock."""
    return number > known or (number == known and sheet.header.written_at < known_at)


_TRIES: Final = 4
"""The highest incarnation that is tried when an unknown journal digest is to be given a name."""


def name_unknown(digests: Iterable[bytes], sheets: Iterable[Sheet], suite: Suite) -> dict[bytes, JournalId]:
    """Find the names of journals of which only the digest is known, by trying those that these pages make likely.

    A reader who lost a whole journal is told *which* and not only that there was one. Tried are the audiences and
    authors of accepted pages in every feed; what stays unknown stays a digest. Refused pages give a name only to their
    own journal: strangers' audiences must not cost time.
    """
    wanted = set(digests)
    named: dict[bytes, JournalId] = {}
    ids: dict[bytes, JournalId] = {}
    for sheet in sheets:
        if sheet.code is None:
            ids[sheet.journal_digest] = sheet.header.journal
        if sheet.journal_digest in wanted:
            named[sheet.journal_digest] = sheet.header.journal
    if len(named) == len(wanted):
        return named
    incarnations = range(min(max((id_.incarnation for id_ in ids.values()), default=0) + 1, _TRIES) + 1)
    for lineage, realm, audience in sorted({(id_.lineage, id_.realm, id_.audience) for id_ in ids.values()}):
        for author, feed, incarnation in itertools.product(audience, FEEDS, incarnations):
            id_ = JournalId(lineage, realm, feed, author, audience, incarnation)
            digest = hash_labelled(suite, "journal", encode(id_))
            if digest in wanted:
                named[digest] = id_
    return named
