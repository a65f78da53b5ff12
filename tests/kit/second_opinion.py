"""The same pages judged twice, by `comity.journal` and by `comity.audit`, in one form that can be compared."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from comity.audit import Finding, Record, RootKeys
from comity.audit import Pins as AuditPins
from comity.audit.claims import Claims
from comity.audit.pool import Sheet, Unread
from comity.audit.procedures.cut import Cuts
from comity.audit.seal import Seals
from comity.audit.trace import Derived, derive
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Kind, Page, parse_page
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger, Verdict
from comity.journal.trust import Pins, Trust
from kit.world import World

__all__ = [
    "Opinion", "find_audit_opinion", "find_audit_pins", "find_differences", "find_ledger_opinion", "find_runs",
    "is_rival", "make_record", "new_ledger",
]  # fmt: skip


@dataclass
class Opinion:
    """What one implementation makes of a set of pages. Pages are named by digest, but for `codes`: by their bytes."""

    codes: dict[bytes, str] = field(default_factory=dict)
    """Empty for a page that was accepted; else why it waits or is refused. Without further bytes of accepted pages."""
    standing: dict[bytes, str] = field(default_factory=dict)
    confirmed: dict[tuple[bytes, Party], tuple[int, int]] = field(default_factory=dict)
    """Per journal and reader: the number confirmed, and since when."""
    cuts: dict[bytes, dict[bytes, int]] | None = None
    """What the author of each accepted page knew at least: journal and number (J12); None where nobody asked."""
    opened: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    unbelieved: set[tuple[str, bytes, int]] = field(default_factory=set)
    """Pages that opened to nothing or to something else: code, journal digest, number."""


def find_audit_pins(pins: Pins) -> AuditPins:
    """The same pins in the audit's own form."""
    roots = {party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root) for party, root in pins.roots.items()}
    return AuditPins(pins.lineage, pins.realm, roots)


def make_record(world: World, holder: str, pages: Sequence[bytes], secrets: Sequence[bytes] = ()) -> Record:
    """What one holder stored."""
    return Record(holder, world.lineage, world.realm, tuple(pages), receiving_secrets=tuple(secrets))


def find_ledger_opinion(ledger: Ledger, pages: Sequence[bytes], keyring: Keyring, world: World) -> Opinion:
    """Hand the pages to a new ledger one by one and ask it everything."""
    opinion, parsed, cuts = Opinion(), dict[Digest, Page](), dict[bytes, dict[bytes, int]]()
    for raw in pages:
        for judgement in ledger.accept(raw):
            if judgement.verdict is not Verdict.DUPLICATE:
                opinion.codes[judgement.raw] = judgement.code
            if judgement.verdict is Verdict.ACCEPTED and judgement.page is not None:
                parsed[judgement.page.digest] = judgement.page
    opinion.codes |= {page.raw: code for page, code in ledger.held()}
    opinion.codes = {raw: code for raw, code in opinion.codes.items() if not code or not _is_one_of(raw, parsed, world)}
    for book in ledger.books():
        for placed in book.pages():
            opinion.standing[placed.digest] = ledger.find_standing(placed).value
            cuts[placed.digest] = {bytes(journal): number for journal, number in ledger.find_cut(placed).items()}
        for party, (number, witness) in ledger.witnesses.find_confirmed(book.digest).items():
            if party in book.id.audience and party != book.id.author:
                opinion.confirmed[book.digest, party] = (number, witness.header.written_at)
    opinion.cuts = cuts
    _open_all(opinion, parsed, ledger, keyring)
    return opinion


def _is_one_of(raw: bytes, accepted: Collection[bytes], world: World) -> bool:
    """Whether these bytes are one of the accepted pages, whatever their signature (J8)."""
    try:
        return parse_page(raw, world.suite).digest in accepted
    except RemoteError:
        return False


def _open_all(opinion: Opinion, parsed: Mapping[Digest, Page], ledger: Ledger, keyring: Keyring) -> None:
    for page in parsed.values():
        if page.header.kind is Kind.KEYS:
            try:
                keyring.learn(page)
            except RemoteError:
                continue
    for digest, page in parsed.items():
        if not page.header.kind.has_entries:
            continue
        placed = ledger.find_page(digest)
        assert placed is not None
        try:
            opinion.opened[digest] = keyring.open(page, commitment=placed.epochs.find(page.header.epoch)).entries
        except RemoteError as error:
            if error.code != "page.no-key":
                opinion.unbelieved.add((error.code, page.journal, page.header.number))


class _Recorder(Claims):
    """Keeps what was opened."""

    def __init__(self, derived: Derived) -> None:
        super().__init__(derived.roots)
        self.opened: dict[bytes, tuple[bytes, ...]] = {}

    def take(self, sheet: Sheet, entries: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        self.opened[sheet.digest] = tuple(entries)
        super().take(sheet, entries, leaves)


def find_audit_opinion(record: Record, pins: Pins, world: World) -> Opinion:
    """Audit one record and bring what was derived into the same form."""
    derived = derive([record], find_audit_pins(pins), world.suite)
    opinion = Opinion()
    accepted = {sheet.digest for sheet in derived.sheets if sheet.code is None}
    entries: tuple[Sheet | Unread, ...] = (*derived.sheets, *derived.pool.unread)
    for entry in entries:
        for index in entry.index_by_holder.values():
            if entry.code != "page.signature" or entry.digest not in accepted:
                opinion.codes[record.pages[index]] = entry.code or ""
    cuts, opinion.cuts = Cuts(derived.journals), {}
    for digest, journal in derived.journals.items():
        for pages in journal.by_number.values():
            for sheet in pages:
                opinion.standing[sheet.digest] = _name_standing(sheet, derived)
                opinion.cuts[sheet.digest] = dict(cuts.list_reach(sheet.digest, sheet.header.number))
        for reader in journal.id.audience if journal.by_number else ():
            found = derived.heads.confirmation(journal, reader)
            if reader != journal.id.author and found.number is not None and found.confirmed_at is not None:
                opinion.confirmed[digest, reader] = (found.number, found.confirmed_at)
    recorder = _Recorder(derived)
    seals = Seals(world.suite, recorder)
    seals.gather_keys([record], derived.journals)
    for journal in derived.ordered:
        seals.open_journal(journal, lambda: None)
    opinion.opened = recorder.opened
    digests = {journal.id: digest for digest, journal in derived.journals.items()}
    for finding in seals.findings:
        if finding.code in ("page.not-opened", "page.entries-root"):
            assert finding.journal is not None
            assert finding.number is not None
            opinion.unbelieved.add((finding.code, digests[finding.journal], finding.number))
    return opinion


def _name_standing(sheet: Sheet, derived: Derived) -> str:
    if sheet.digest in derived.disowned:
        return "disowned"
    return "disputed" if sheet.digest in derived.disputed else "good"


def new_ledger(world: World, reader: Party | None) -> Ledger:
    """A ledger that holds nothing yet."""
    return Ledger(Trust(world.pins, world.suite), reader=reader, suite=world.suite)


def find_differences(ours: Opinion, theirs: Opinion) -> list[tuple[str, object, object, object]]:
    """Where the two differ: the part, what it is about, and what each says; empty if they agree."""
    found: list[tuple[str, object, object, object]] = []
    names = ["codes", "standing", "confirmed", "opened"]
    if ours.cuts is not None and theirs.cuts is not None:
        names.append("cuts")
    for name in names:
        left, right = getattr(ours, name), getattr(theirs, name)
        found += [
            (name, _shorten(key), left.get(key, "-"), right.get(key, "-"))
            for key in {**left, **right}
            if left.get(key, "-") != right.get(key, "-")
        ]
    found += [
        ("unbelieved", row, row in ours.unbelieved, row in theirs.unbelieved)
        for row in ours.unbelieved ^ theirs.unbelieved
    ]
    return found


def _shorten(key: object) -> object:
    """A page's bytes by what their header says, as far as it can be read."""
    if not isinstance(key, bytes) or len(key) == 32:
        return key.hex()[:16] if isinstance(key, bytes) else key
    try:
        header = msgspec.msgpack.decode(msgspec.msgpack.decode(key)[0])
        return (header[2], header[4][2:], header[5])
    except (msgspec.DecodeError, IndexError, TypeError, ValueError):
        return key[:16].hex()


def find_runs(findings: tuple[Finding, ...], suite: Suite) -> dict[bytes, list[tuple[range, Finding]]]:
    """The numbers that the audit says are not there, by journal digest."""
    found: dict[bytes, list[tuple[range, Finding]]] = {}
    for finding in findings:
        if finding.code not in ("page.dropped", "tail.lost", "tail.missing", "holder.behind"):
            continue
        journal = finding.arguments.get("journal_digest")
        if journal is None:
            assert finding.journal is not None
            journal = suite.hash(b"comity/1/journal\0" + encode(finding.journal))
        assert isinstance(journal, bytes)
        last = finding.arguments["last"]
        assert isinstance(last, int)
        assert finding.number is not None
        found.setdefault(journal, []).append((range(finding.number, last + 1), finding))
    return found


def is_rival(finding: Finding, number: int, page: bytes) -> bool:
    """Whether a finding says that a head names this page of this number and another one is here."""
    return (finding.code, finding.number, finding.arguments.get("digest")) == ("fork.witnessed", number, page)
