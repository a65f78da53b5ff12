"""Items at a node's desk: what was given, one item opened, sharing, passing on, consenting; as JSON values."""

from typing import Any

from comity.api.form import parse_id, simplify
from comity.api.shape import Consenting, PassingOn, PortionForm, Sharing
from comity.base.instants import Instant
from comity.base.names import Party
from comity.node.items import Items
from comity.node.node import Node
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.sharing import Giving

__all__ = ["consent", "list_items", "pass_on", "read_item", "share"]

View = dict[str, Any]


def list_items(node: Node) -> list[View]:
    """Return every giving of an item that this party can read, and whether the item can be opened here."""
    rows = []
    for stated in node.shelf.find_givings():
        entry = stated.entry
        assert isinstance(entry, Giving)
        rows.append({"item": entry.item.hex(), "given_by": stated.author, "audience": list(stated.audience),
                     "at": stated.written_at, "is_here": node.shelf.find_own(entry.blob) is not None,
                     "markings": simplify(entry.markings), "bases": simplify(entry.bases)})  # fmt: skip
    return rows


def read_item(items: Items, item: str) -> View:
    """Return one item, opened and verified; each portion with its own marking."""
    read, _ = items.open(parse_id(item))
    portions = [
        {"number": number, "marking": simplify(portion.marking), "language": portion.language,
         "text": portion.content.decode("utf-8", "replace")}
        for number, portion in read.portions
    ]  # fmt: skip
    return {"item": item, "originator": read.head.originator, "made_at": read.head.made_at,
            "marking": simplify(read.head.marking), "portions": portions}  # fmt: skip


async def share(node: Node, items: Items, sharing: Sharing) -> View:
    """Share an item, or only preview the decisions."""
    party = node.machine.party
    audience = tuple(sorted({*sharing.to, party}))
    portions = tuple(_make_portion(party, form) for form in sharing.portions)
    if sharing.preview:
        found = simplify(items.preview(portions, audience=audience, at=node.now()))
        assert isinstance(found, dict)
        return found
    digest = await items.share(portions, audience=audience, at=node.now())
    return {"item": digest.hex()}


async def pass_on(node: Node, items: Items, passing: PassingOn) -> View:
    """Pass another party's item on."""
    ids = await items.pass_on(parse_id(passing.item), to=passing.to, at=node.now())
    return {"ids": [id_.hex() for id_ in ids]}


async def consent(node: Node, items: Items, consenting: Consenting) -> View:
    """Consent to a passing-on."""
    ids = await items.consent(
        parse_id(consenting.item),
        holder=consenting.holder,
        recipient=consenting.recipient,
        at=node.now(),
        expires_at=Instant(consenting.expires_at),
    )
    return {"ids": [id_.hex() for id_ in ids]}


def _make_portion(party: Party, form: PortionForm) -> Portion:
    marking = Marking(
        party, party, form.marking.level, tuple(sorted(form.marking.topics)), tuple(sorted(form.marking.caveats))
    )
    return Portion(marking, "text/plain", form.language, form.text.encode())
