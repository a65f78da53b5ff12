"""Items at a node's desk: what was given, one item opened, sharing, passing on, consenting; as JSON values."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from comity.api.form import parse_id, simplify
from comity.api.shape import PortionForm, PortionMarking, Sharing
from comity.api.views.basic import Decided, Handled
from comity.api.views.items import GivingShown, ItemShown, PortionRow, Shared, Sibling
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.node.items import Items
from comity.node.node import Node
from comity.node.reads import Wanted
from comity.node.uploads import Upload
from comity.pact.foreign import Vocabulary, find_row
from comity.pact.release import find_level
from comity.procedure.assessment import Assessment
from comity.procedure.attachment import decode_attachment
from comity.procedure.entry import Marking
from comity.procedure.expiry import is_expired
from comity.procedure.item import Item, Portion, PortionKind
from comity.procedure.linked import ItemsLinked, find_linked
from comity.procedure.sharing import Giving, ItemGiven, ItemPassedOn
from comity.procedure.stated import Stated

__all__ = [
    "find_handled",
    "find_uploads",
    "list_items",
    "make_portion",
    "read_held",
    "read_item",
    "share",
    "show_giving",
    "show_portion",
]

T = TypeVar("T")


class GivenRow(NamedTuple):
    """What identifies a giving in its list, and the giving."""

    at: Instant
    item: str
    given_by: Party
    audience: list[Party]
    stated: Stated


def list_items(
    node: Node, *, cut: Callable[[Sequence[GivenRow]], Sequence[GivenRow]] = lambda rows: rows
) -> list[GivingShown]:
    """Return every giving of an item that this party can read, and whether the item can be opened here.

    Of them the rows that `cut` says.
    """
    rows = [
        GivenRow(one.written_at, one.entry.item.hex(), one.author, list(one.audience), one)
        for one in node.shelf.find_givings() if isinstance(one.entry, Giving)
    ]  # fmt: skip
    return [show_giving(node, row.stated) for row in cut(rows)]


def show_giving(node: Node, stated: Stated) -> GivingShown:
    """Return one of them."""
    entry = stated.entry
    assert isinstance(entry, Giving)
    return {"item": entry.item.hex(), "given_by": stated.author, "audience": list(stated.audience),
            "at": stated.written_at, "is_here": node.shelf.has(entry.blob),
            "attachments": simplify(node.attachments.find_progress(entry)),
            "expires_at": list(entry.expires_at) if isinstance(entry, ItemGiven | ItemPassedOn) else [],
            "markings": simplify(entry.markings), "bases": simplify(entry.bases)}  # fmt: skip


async def read_item(node: Node, items: Items, item: str) -> ItemShown:
    """Return one item, opened and verified; each portion with its own marking and how it is handled here.

    Raises:
        OutageError: `item.read-unrecorded`.
    """
    digest = parse_id(item)
    read, _ = items.open(digest)
    await items.reads.record([Wanted(digest, read.head.marking)])
    return _show_item(node, digest, read)


async def read_held(node: Node, items: Items, giving: Giving) -> ItemShown:
    """Return an item that waits for a second officer, as whoever approves it has to read it; recorded as any reading.

    Raises:
        UsageError: `item.not-here`.
        OutageError: `item.read-unrecorded`.
    """
    read, digest = node.attachments.opener.open_giving(giving).item, Digest(giving.item)
    await items.reads.record([Wanted(digest, read.head.marking)])
    return _show_item(node, digest, read)


def _show_item(node: Node, digest: Digest, read: Item) -> ItemShown:
    head = read.head
    return {"item": digest.hex(), "originator": head.originator, "made_at": head.made_at,
            "marking": simplify(head.marking), "handled_as": find_handled(node, head.marking),
            "portion_count": head.portion_count, "expires_at": list(head.expires_at),
            "is_expired": is_expired(head.expires_at, as_of=node.now()),
            "portions": [{"number": number, **show_portion(node, portion)} for number, portion in read.portions],
            "linked": _find_linked(node, digest)}  # fmt: skip


def show_portion(node: Node, portion: Portion) -> PortionRow:
    """Return a portion as its reader sees it. An attachment has a name and a size and no text."""
    sure = portion.assessment
    attached = decode_attachment(portion.content) if portion.kind is PortionKind.ATTACHMENT else None
    return {"kind": portion.kind.value, "marking": simplify(portion.marking),
            "handled_as": find_handled(node, portion.marking), "media": portion.media, "language": portion.language,
            "text": portion.content.decode("utf-8", "replace") if attached is None else "",
            "attachment": None if attached is None else {"name": attached.name, "size_bytes": attached.size_bytes},
            "likelihood": simplify(next(iter(sure.likelihood), "")),
            "confidence": simplify(next(iter(sure.confidence), "")),
            "reliability": simplify(next(iter(sure.reliability), "")),
            "credibility": simplify(next(iter(sure.credibility), 0))}  # fmt: skip


def find_handled(node: Node, marking: Marking, *, by: Party = "") -> Handled:
    """Return as which level a party, else ours, handles a marking, as that party writes it; None without one (R7)."""
    machine = node.machine
    level_id = machine.funnel.terms.equivalents.get((marking.level, by or machine.party))
    found = find_level(machine.pact, level_id or "")
    if found is None:
        return None
    level = found[1]
    return {"level": level.id, "local": level.local, "romanised": level.romanised, "language": level.language}


def _find_linked(node: Node, item: Digest) -> list[Sibling]:
    """Return the items that we made of the same draft, and to whom each was given; none of another party's."""
    linked = find_linked(item, node.machine.statements.find(ItemsLinked))
    return [
        {"item": one.hex(), "audience": list(stated.audience)}
        for one in linked if one != item
        for stated in node.shelf.find_givings()
        if isinstance(stated.entry, Giving) and stated.entry.item == one and stated.author == node.machine.party
    ]  # fmt: skip


async def share(node: Node, items: Items, sharing: Sharing) -> Shared | Decided:
    """Share an item, or only preview the decisions."""
    party = node.machine.party
    audience = tuple(sorted({*sharing.to, party}))
    portions = tuple(make_portion(node, items, form) for form in sharing.portions)
    ends = tuple(map(Instant, sharing.expires_at))
    if sharing.preview:
        found: Decided = simplify(items.preview(portions, audience=audience, at=node.now(), expires_at=ends))
        return found
    uploads = find_uploads(items, sharing.portions)
    read = items.uploads.reader_of(uploads)
    try:
        digest = await items.share(portions, audience=audience, at=node.now(), expires_at=ends, read=read)
    except UsageError as error:
        if error.code == "approval.awaited":  # what waits for a second officer was sealed anew
            items.uploads.drop_all(uploads)
        raise
    items.uploads.drop_all(uploads)
    return {"item": digest.hex()}


def find_uploads(items: Items, forms: Iterable[PortionForm]) -> tuple[Upload, ...]:
    """Return the files that these portions attach.

    Raises:
        UsageError: `attachment.unknown`.
    """
    named = [parse_id(form.attachment) for form in forms if form.kind == PortionKind.ATTACHMENT.value]
    return tuple(items.uploads.get(id_) for id_ in named)


def make_portion(node: Node, items: Items, form: PortionForm) -> Portion:
    """Return the portion that a form describes, marked in the own scheme.

    Raises:
        UsageError: `item.label`, `attachment.unknown`.
    """
    marking = _read_marking(node, form.marking)
    sure = Assessment(_some(form.likelihood), _some(form.confidence), _some(form.reliability), _some(form.credibility))
    if form.kind == PortionKind.ATTACHMENT.value:
        content = encode(items.uploads.get(parse_id(form.attachment)).attachment)
        return Portion(marking, form.media or "application/octet-stream", "", content, PortionKind.ATTACHMENT, sure)
    return Portion(marking, "text/plain", form.language, form.text.encode(), PortionKind(form.kind), sure)


def _read_marking(node: Node, form: PortionMarking) -> Marking:
    """Return the marking of a form; a label of TLP 2.0 is what the pact says that this party handles it as."""
    party, level, caveats = node.machine.party, form.level, {*form.caveats}
    if form.tlp:
        row = find_row(node.machine.pact.foreign, Vocabulary.TLP_2, form.tlp.lower(), party)
        if row is None or form.level:
            raise UsageError("item.label", label=form.tlp)
        level, caveats = row.level, {*caveats, *row.caveats}
    return Marking(party, party, level, tuple(sorted({*form.topics})), tuple(sorted(caveats)))


def _some(value: T | None) -> tuple[T] | tuple[()]:
    return () if value is None else (value,)
