"""Opens what the given keys open, and checks it against what was signed (S4 to S7, S9).

Rules
- A key counts only if an accepted key page commits to it (S4): keys are kept by commitment, which binds journal and
  epoch, so that a disclosed key cannot be tried on the wrong page.
- AES-GCM does not commit to its key; an opened text is believed only if it gives the entries root (S6).
- No key is no fault: it is said how much was judged by chains alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from comity.audit.body import KeyBody, decode_entries
from comity.audit.chain import Journal
from comity.audit.claims import Claims
from comity.audit.digest import derive_page_key, hash_labelled, label, leaves_of_entries, root_of_leaves, u64
from comity.audit.finding import Finding, make_finding
from comity.audit.form import ENTRIES, OPEN
from comity.audit.pool import Sheet
from comity.audit.record import Record
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.names import Party
from comity.crypto.suite import KEY_SIZE, Suite

__all__ = ["Seals"]

_WRAP = label("epoch-key")
_SEAL = label("page-seal")


class Seals:
    """Opens pages. `opened` and `sealed` count pages of kind 2 by journal digest; genesis needs no key."""

    def __init__(self, suite: Suite, claims: Claims) -> None:
        self._suite = suite
        self.claims = claims
        self._keys: dict[bytes, bytes] = {}
        self._wrapped_to: defaultdict[bytes, set[Party]] = defaultdict(set)
        self._parts: defaultdict[bytes, set[int]] = defaultdict(set)
        self.findings: list[Finding] = []
        self.opened: defaultdict[bytes, int] = defaultdict(int)
        self.sealed: defaultdict[bytes, int] = defaultdict(int)
        self.first_sealed: dict[bytes, int] = {}
        self.entry_count = 0

    def gather_keys(self, records: Iterable[Record], journals: Mapping[bytes, Journal]) -> None:
        """Learn epoch keys from disclosures and from wraps that a given receiving secret opens."""
        key_pages = [
            sheet
            for journal in journals.values()
            for sheets in journal.by_number.values()
            for sheet in sheets
            if sheet.key_body is not None
        ]
        committed = {sheet.key_body.commitment for sheet in key_pages if sheet.key_body is not None}
        own: dict[bytes, tuple[str, bytes]] = {}
        for record in records:
            for secret in record.receiving_secrets:
                public = self._suite.public_of_receiving(secret)
                own[hash_labelled(self._suite, "receiving-key", public)] = (record.holder, secret)
            self._take_disclosed(record, journals, committed)
        for sheet in key_pages:
            self._take_key_page(sheet, own)
        for journal in journals.values():
            self._check_readers(journal)

    def _commitment(self, journal_digest: bytes, epoch: int, key: bytes) -> bytes:
        return hash_labelled(self._suite, "epoch-key", journal_digest + u64(epoch) + key)

    def _take_disclosed(self, record: Record, journals: Mapping[bytes, Journal], committed: set[bytes]) -> None:
        for journal_digest, epoch, key in record.epoch_keys:
            commitment = self._commitment(journal_digest, epoch, key)
            if commitment in committed:
                self._keys[commitment] = key
            elif (journal := journals.get(journal_digest)) is not None:
                self.findings.append(
                    make_finding("key.commitment", holder=record.holder, journal=journal.id, epoch=epoch)
                )

    def _take_key_page(self, sheet: Sheet, own: Mapping[bytes, tuple[str, bytes]]) -> None:
        body = sheet.key_body
        assert body is not None
        self._parts[body.commitment].add(body.part)
        for party, key_id, wrapped in body.wraps:
            self._wrapped_to[body.commitment].add(party)
            if key_id in own:
                self._unwrap(sheet, body, party, wrapped, own[key_id])

    def _unwrap(self, sheet: Sheet, body: KeyBody, party: Party, wrapped: bytes, own: tuple[str, bytes]) -> None:
        holder, secret = own
        header = sheet.header
        info = _WRAP + encode((header.journal, body.epoch, body.commitment, party))
        key = self._suite.unwrap(secret=secret, sealed=wrapped, info=info)
        if key is not None and self._commitment(sheet.journal_digest, body.epoch, key) == body.commitment:
            self._keys[body.commitment] = key
            return
        code = "key.not-unwrapped" if key is None or len(key) != KEY_SIZE else "key.commitment"
        self.findings.append(
            make_finding(code, journal=header.journal, number=header.number, reader=holder, epoch=body.epoch)
        )

    def _check_readers(self, journal: Journal) -> None:
        """Find readers to whom a complete set of key pages wraps nothing (S9)."""
        told: set[bytes] = set()
        for number in sorted(journal.by_number):
            for sheet in journal.by_number[number]:
                body = sheet.key_body
                if body is None or body.commitment in told or len(self._parts[body.commitment]) < body.parts:
                    continue
                told.add(body.commitment)
                left_out = set(journal.id.audience) - self._wrapped_to[body.commitment] - {journal.id.author}
                if left_out:
                    self.findings.append(
                        make_finding(
                            "key.reader-left-out",
                            journal=journal.id,
                            number=number,
                            epoch=body.epoch,
                            readers=tuple(sorted(left_out)),
                        )
                    )

    def open_journal(self, journal: Journal, tick: Callable[[], None]) -> None:
        """Open every page of a journal whose key is known, check it, and show its entries to the claims."""
        for number in sorted(journal.by_number):
            for sheet in journal.by_number[number]:
                tick()
                if sheet.header.kind in (OPEN, ENTRIES):
                    self._open_page(sheet)

    def _open_page(self, sheet: Sheet) -> None:
        header = sheet.header
        page_key, plain = header.salt, sheet.body
        if header.kind == ENTRIES:
            epoch_key = self._keys.get(sheet.commitment or b"")
            if epoch_key is None:
                self.sealed[sheet.journal_digest] += 1
                self.first_sealed.setdefault(sheet.journal_digest, header.number)
                return
            page_key = derive_page_key(
                self._suite,
                epoch_key=epoch_key,
                salt=header.salt,
                journal_digest=sheet.journal_digest,
                number=header.number,
                epoch=header.epoch,
            )
            aad = _SEAL + encode((header.journal, header.number))
            opened = self._suite.open(key=page_key, sealed=sheet.body, aad=aad)
            if opened is None:
                self._blame("page.not-opened", sheet)
                return
            plain = opened
        opened_to = self._check_root(sheet, page_key, plain)
        if opened_to is None:
            self._blame("page.entries-root", sheet)
            return
        entries, leaves = opened_to
        if header.kind == ENTRIES:
            self.opened[sheet.journal_digest] += 1
        self.entry_count += len(entries)
        self.claims.take(sheet, entries, leaves)

    def _check_root(self, sheet: Sheet, page_key: bytes, plain: bytes) -> tuple[list[bytes], list[bytes]] | None:
        """Return the entries and their leaves, if they give the root that was signed."""
        try:
            entries = decode_entries(plain, count=sheet.header.entry_count)
        except RemoteError:
            return None
        leaves = leaves_of_entries(self._suite, page_key=page_key, entries=entries)
        return (entries, leaves) if root_of_leaves(self._suite, leaves) == sheet.header.entries_root else None

    def _blame(self, code: str, sheet: Sheet) -> None:
        header = sheet.header
        holders: Sequence[str] = tuple(sorted(sheet.index_by_holder))
        self.findings.append(make_finding(code, journal=header.journal, number=header.number, held_by=holders))
