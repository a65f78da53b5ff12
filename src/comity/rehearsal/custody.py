"""What a node does with items that were given to its party: asks for their blobs, opens them, keeps some apart.

As the live node does (docs/spec/release.md, R17 to R22, R50, R53), from its machine's record and its cabinet alone.
"""

from collections.abc import Iterator

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.journal.header import Feed
from comity.journal.keypage import find_key_id
from comity.procedure.attachment import Packing, decode_packing
from comity.procedure.banner import check_item
from comity.procedure.blob import (
    BlobContext,
    KeyWrap,
    find_blob_id,
    find_key_commitment,
    open_blob,
    open_wrap,
    seal_blob,
    wrap_info,
)
from comity.procedure.expiry import decide_giving
from comity.procedure.item import Item, open_rendition
from comity.procedure.quarantine import QuarantineReleased
from comity.procedure.recall import ItemDestroyed
from comity.procedure.release import find_audience_fault
from comity.procedure.sharing import GIVING, Giving, ItemGiven, ItemPassedOn
from comity.procedure.stated import Stated
from comity.procedure.verdict import Decision, Permit, Subject
from comity.rehearsal.cabinet import Kept
from comity.rehearsal.standin import StandInCeremony
from comity.rehearsal.station import Station

__all__ = [
    "answer",
    "decide_now",
    "find_certified",
    "find_objection",
    "get_giving",
    "is_released",
    "list_givings",
    "list_wanted",
    "open_giving",
    "seal",
]


def get_giving(row: Stated) -> Giving:
    """Return the entry of a statement that gives an item."""
    assert isinstance(row.entry, Giving)
    return row.entry


def list_givings(station: Station, item: bytes | None = None) -> tuple[Stated, ...]:
    """Return the statements that this party can read by which an item, or any, was given."""
    rows = station.machine.statements.find(*GIVING)
    return tuple(row for row in rows if item is None or get_giving(row).item == item)


def find_certified(station: Station) -> frozenset[Digest]:
    """Return the blobs of which this party has certified that its copy is gone (R45)."""
    told = station.machine.statements.find(ItemDestroyed)
    own = (row.entry for row in told if row.author == station.party and isinstance(row.entry, ItemDestroyed))
    return frozenset(Digest(blob) for entry in own for blob in entry.blobs)


def list_wanted(station: Station) -> Iterator[tuple[Party, Digest]]:
    """Yield whom to ask for each blob that is not here and is not gone: who gave it, or those to whom it went."""
    certified = find_certified(station)
    for row in list_givings(station):
        blob = Digest(get_giving(row).blob)
        if station.cabinet.find(blob, station.party) is None and blob not in certified | station.cabinet.gone:
            holders = row.audience if row.author == station.party else (row.author,)
            yield from ((holder, blob) for holder in holders if holder != station.party)


def answer(station: Station, blob: Digest, reader: Party) -> Kept | None:
    """Return a blob with its wrap for a reader to whom this party gave it, or who gave it to this party; else None."""
    about = [row for row in list_givings(station) if get_giving(row).blob == blob]
    is_given = any(row.author == station.party and reader in row.audience for row in about)
    is_giver = {row.author for row in about} == {reader}
    if not (is_given or is_giver) or blob in find_certified(station):
        return None
    return station.cabinet.find(blob, reader)


def seal(
    station: Station, item: Digest, content: bytes, audience: tuple[Party, ...], ceremony: StandInCeremony
) -> tuple[Digest, int, Digest]:
    """Seal a rendition under a new key for these readers, and keep it; return blob id, size and key commitment."""
    machine, suite = station.machine, station.setup.suite
    context = BlobContext(machine.setup.pins.lineage, machine.setup.pins.realm, item)
    key = ceremony.random(32)
    blob = seal_blob(suite, content, context=context, key=key, salt=ceremony.random(32))
    blob_id = find_blob_id(suite, blob)
    commitment = find_key_commitment(suite, blob=blob_id, key=key)
    wraps = {}
    for party in audience:
        certificate = machine.ledger.trust.find_newest(party)
        public = None if certificate is None else certificate.receiving_key
        if public is not None:
            info = wrap_info(context, blob=blob_id, commitment=commitment, party=party)
            wrapped = ceremony.wrap(public=public, plaintext=key, info=info)
            wraps[party] = encode(KeyWrap(1, blob_id, party, find_key_id(suite, public), wrapped))
    station.keep(blob_id, Kept(blob, wraps))
    return blob_id, len(blob), commitment


def open_giving(station: Station, row: Stated) -> tuple[Item, bytes] | None:
    """Return the item that a statement gave, verified, and its rendition; None where it is not to be opened here."""
    entry, machine, suite = get_giving(row), station.machine, station.setup.suite
    blob_id = Digest(entry.blob)
    kept = station.cabinet.find(blob_id, station.party)
    own = machine.pen.make_id(Feed.RECORD, row.audience)
    if kept is None or blob_id in find_certified(station):
        return None
    if machine.reckoning.is_reckoning and machine.reckoning.is_closed(own):
        return None  # a certificate of its destruction may be there (R50)
    if find_objection(station, row)[1] is not None and not is_released(station, row):
        return None
    pins = machine.setup.pins
    context = BlobContext(pins.lineage, pins.realm, Digest(entry.item))
    for secret in station.setup.receiving_secrets:
        try:
            key = open_wrap(
                suite, kept.wraps[station.party], context=context, secret=secret, party=station.party,
                commitment=entry.key_commitment,
            )  # fmt: skip
        except RemoteError:
            continue
        content = open_blob(suite, kept.blob, context=context, key=key, blob_id=blob_id)
        packing = decode_packing(content) if isinstance(entry, ItemGiven | ItemPassedOn) else Packing(content)
        keys_of = machine.ledger.trust.find_node_keys
        item = open_rendition(suite, packing.rendition, digest=entry.item, keys_of=keys_of)
        terms = machine.funnel.terms
        check_item(item, terms=terms, lineage=pins.lineage, realm=pins.realm, markings=entry.markings)
        station.cabinet.opened[blob_id] = packing.rendition
        return item, packing.rendition
    return None


def find_objection(station: Station, row: Stated) -> tuple[bool, Decision | None]:
    """Return whether a giving can be judged yet, and what speaks against it: then it is in quarantine (R53)."""
    if row.author == station.party:
        return True, None
    flags = station.machine.flags.find_of(row)
    if flags is None:
        found = decide_now(station, row)
        return False, None if isinstance(found, Permit) else found
    return True, next((flag.decision for flag in flags if flag.party in (station.party, row.author)), None)


def is_released(station: Station, row: Stated) -> bool:
    """Tell whether this party's officers let a giving out of quarantine."""
    return any(
        (found.author, found.entry.entry) == (station.party, row.id)
        for found in station.machine.statements.find(QuarantineReleased)
        if isinstance(found.entry, QuarantineReleased)
    )


def decide_now(station: Station, row: Stated) -> Decision:
    """Return what its giver would be told if it gave the item to this party now."""
    entry, machine = get_giving(row), station.machine
    fault = find_audience_fault(row.audience, holder=row.author)
    subject, ends = Subject(entry.markings, Digest(entry.item)), getattr(entry, "expires_at", ())
    ground = machine.funnel.find_ground(station.now(), audience=row.audience)
    return fault or decide_giving(subject, expires_at=ends, holder=row.author, to=station.party, ground=ground)
