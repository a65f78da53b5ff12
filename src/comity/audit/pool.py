"""Every distinct page of all records, once, with who stored it and where.

Rules
- A page is its bytes. Records that hold the same bytes share one `Sheet`, so that three homes cost one judgement.
- Bytes whose header can be read are a `Sheet`, even if refused: the header says which page they claim to be. Other
  bytes are `Unread`; they can be named only by their place in their holder's record.
"""

from dataclasses import dataclass, field

from comity.audit.body import (
    CheckpointBody,
    CheckpointStatement,
    KeyBody,
    decode_checkpoint,
    decode_checkpoint_statement,
    decode_key_body,
)
from comity.audit.digest import hash_labelled
from comity.audit.finding import Finding, Witness, make_finding
from comity.audit.form import (
    CHECKPOINT,
    GENESIS,
    KEYS,
    Header,
    JournalId,
    decode_header,
    decode_page,
    is_journal_id,
    is_sound,
    keeps_its_kind,
)
from comity.audit.record import Record
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, PAGE_SIZE_BYTES_MAX
from comity.crypto.suite import Suite

__all__ = ["Pool", "Sheet", "Unread"]


@dataclass(slots=True, eq=False)
class Sheet:
    """One page whose header was read. `code` is why it is refused or held; None while nothing speaks against it.

    `late_code` is what a later step of J11 than the first will find.
    """

    header: Header
    signed: bytes
    signature: bytes
    body: bytes
    digest: bytes
    journal_digest: bytes
    code: str | None = None
    is_held: bool = False
    late_code: str | None = None
    key_body: KeyBody | None = None
    checkpoint: tuple[CheckpointBody, CheckpointStatement] | None = None
    commitment: bytes | None = None
    index_by_holder: dict[str, int] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Tell whether no later page or statement can make it acceptable."""
        return self.code is not None and not self.is_held

    @property
    def witness(self) -> Witness:
        """Name this page as a witness."""
        header = self.header
        return Witness(header.journal, header.number, self.digest, header.written_at)


@dataclass(slots=True, eq=False)
class Unread:
    """Bytes in which no header could be read."""

    code: str
    digest: bytes
    index_by_holder: dict[str, int] = field(default_factory=dict)


class Pool:
    """Reads pages; `sheets` and `unread` are in order of first reading."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._empty_root = suite.hash(b"")
        self._known: dict[bytes, Sheet | Unread] = {}
        self._journal_digests: dict[JournalId, bytes | None] = {}
        self.findings: list[Finding] = []

    def add(self, record: Record) -> None:
        """Read the pages of one record. Bytes stored twice in it are a note, not two pages."""
        duplicates: list[int] = []
        seen_here: set[bytes] = set()
        for index, raw in enumerate(record.pages):
            entry = self._known.get(raw)
            if entry is None:
                entry = self._known[raw] = self._read(raw)
            if raw in seen_here:
                duplicates.append(index)
            seen_here.add(raw)
            entry.index_by_holder.setdefault(record.holder, index)
        if duplicates:
            self.findings.append(
                make_finding("page.duplicate", holder=record.holder, index=duplicates[0], count=len(duplicates))
            )

    @property
    def sheets(self) -> list[Sheet]:
        """Pages whose header was read."""
        return [entry for entry in self._known.values() if isinstance(entry, Sheet)]

    @property
    def unread(self) -> list[Unread]:
        """Bytes without a readable header."""
        return [entry for entry in self._known.values() if isinstance(entry, Unread)]

    def journal_digest_of(self, journal: JournalId) -> bytes | None:
        """Return the journal digest (J4), or None if the names in the id do not have their forms."""
        if journal not in self._journal_digests:
            digest = hash_labelled(self._suite, "journal", encode(journal)) if is_journal_id(journal) else None
            self._journal_digests[journal] = digest
        return self._journal_digests[journal]

    def _read(self, raw: bytes) -> Sheet | Unread:
        if len(raw) > BULK_PAGE_SIZE_BYTES_MAX:
            return Unread("bytes.too-large", self._suite.hash(raw))
        try:
            page = decode_page(raw)
            header = decode_header(page.header)
        except RemoteError as error:
            return Unread(error.code, self._suite.hash(raw))
        journal_digest = self.journal_digest_of(header.journal)
        if journal_digest is None:
            return Unread("page.malformed", self._suite.hash(raw))
        digest = hash_labelled(self._suite, "page", page.header)
        sheet = Sheet(header, page.header, page.signature, page.body, digest, journal_digest)
        sheet.code = self._check_form(sheet, size_bytes=len(raw))
        return sheet

    def _check_form(self, sheet: Sheet, *, size_bytes: int) -> str | None:
        """Judge J11 step 1 and decode the bodies that are not sealed; return the code against it or None."""
        header = sheet.header
        if not is_sound(header, journal_digest=sheet.journal_digest):
            return "page.malformed"
        if header.journal.feed in (GENESIS, "record") and size_bytes > PAGE_SIZE_BYTES_MAX:
            return "bytes.too-large"
        if not keeps_its_kind(header, body=sheet.body, empty_root=self._empty_root):
            return "page.kind"
        if hash_labelled(self._suite, "body", sheet.body) != header.body_digest:
            return "page.body-digest"
        self._decode_body(sheet)
        return None

    def _decode_body(self, sheet: Sheet) -> None:
        """Decode a body that is not sealed. What S9 and J13 say of it is step 7: it waits in `late_code`."""
        header = sheet.header
        try:
            if header.kind == KEYS:
                sheet.key_body = decode_key_body(sheet.body, epoch=header.epoch)
            elif header.kind == CHECKPOINT:
                body = decode_checkpoint(sheet.body)
                statement = decode_checkpoint_statement(body.statement, journal_digest=sheet.journal_digest)
                sheet.checkpoint = (body, statement)
        except RemoteError as error:
            sheet.late_code = error.code
