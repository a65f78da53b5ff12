"""A draft for several recipients at a node's desk: torn, shown as each recipient will get it, sent (R42)."""

from comity.api.form import simplify
from comity.api.items import find_handled, find_uploads, make_portion, show_portion
from comity.api.shape import Composing
from comity.api.views.items import Composed, DraftPortion, VersionShown, WithheldPortion
from comity.base.instants import Instant
from comity.node.composing import Composer, Draft
from comity.node.items import Items
from comity.node.node import Node
from comity.node.powers import ACTING, check_may
from comity.pact.offices import Act
from comity.procedure.tearline import Tear, Version

__all__ = ["compose", "preview_draft"]


async def compose(node: Node, items: Items, composing: Composing) -> Composed:
    """Tear a draft into items and give them, or only show who would get what; with what is withheld from whom."""
    if composing.preview:
        return preview_draft(node, items, composing)
    composer, draft = Composer(node, items), _make_draft(node, items, composing)
    for name in ACTING.get():
        check_may(node, name, Act.RELEASE)  # before the node says of itself that the items are of one draft
    sent, torn = await composer.send(draft, at=node.now(), plan=bytes.fromhex(composing.plan))
    rows: list[VersionShown] = [
        {"item": one.item.hex(), "awaits": one.awaits, **_show(node, composer, draft, one.version)} for one in sent
    ]
    return {"plan": composer.find_plan(torn).hex(), "items": rows, "withheld": _show_withheld(torn)}


def preview_draft(node: Node, items: Items, composing: Composing) -> Composed:
    """Tear a draft and show who would get what if it were sent now."""
    composer, draft = Composer(node, items), _make_draft(node, items, composing)
    torn = composer.tear(draft, at=node.now())
    rows = [_show(node, composer, draft, version) for version in torn.versions]
    return {"plan": composer.find_plan(torn).hex(), "items": rows, "withheld": _show_withheld(torn)}


def _make_draft(node: Node, items: Items, composing: Composing) -> Draft:
    portions = tuple(make_portion(node, items, form) for form in composing.portions)
    ends, uploads = tuple(map(Instant, composing.expires_at)), find_uploads(items, composing.portions)
    return Draft(portions, tuple(composing.to), ends, uploads)


def _show(node: Node, composer: Composer, draft: Draft, version: Version) -> VersionShown:
    """Return one item of a draft as its recipients read it; `of` is the number in the draft, which they do not see."""
    banner = composer.find_banner(draft, version)
    portions: list[DraftPortion] = []
    for number, of in enumerate(version.portions, start=1):
        portion = draft.portions[of - 1]
        handled_by = {to: find_handled(node, portion.marking, by=to) for to in version.recipients}
        portions.append({"number": number, "of": of, **show_portion(node, portion), "handled_by": handled_by})
    handled = {to: find_handled(node, banner, by=to) for to in version.recipients}
    return {"to": list(version.recipients), "marking": simplify(banner), "handled_as": handled, "portions": portions}


def _show_withheld(torn: Tear) -> list[WithheldPortion]:
    return [{"party": one.party, "of": one.portion, "decision": simplify(one.decision)} for one in torn.withheld]
