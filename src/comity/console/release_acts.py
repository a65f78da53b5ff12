"""The acts under *Release*: each its own path, proposed, confirmed and done in the one way (`acts`).

What is given is confirmed as it will be read: the renditions themselves, with the plan that holds sending to them.
"""

from litestar.handlers import HTTPRouteHandler

from comity.api.composing import compose
from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.words import say
from comity.base.names import Digest
from comity.console.acts import Acts, Propose
from comity.console.compose import find_basis
from comity.console.compose_pages import find_preview, find_preview_fields
from comity.console.draft import make_composing, read_draft
from comity.console.fields import Fields
from comity.console.once import Once
from comity.console.pages import Pages
from comity.console.release_deeds import Deeds
from comity.console.release_said import Said
from comity.console.signing import Deed
from comity.console.visit import Visit
from comity.pact.offices import Act

__all__ = ["make_release_acts"]


def make_release_acts(acts: Acts, pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""
    once = Once()
    deeds, said, item = Deeds(desk, pages.titles, once), Said(desk), "/release/items/{item:str}"
    recalls, asked = "/release/recalls/{recall:str}", "/release/inquiries/{inquiry:str}"
    return [
        *acts.make("/release/send", _make_send(pages, desk, once)),
        *acts.make(f"{item}/ask", said.ask_for),
        *acts.make(f"{item}/consent", deeds.consent),
        *acts.make(f"{item}/refuse", deeds.refuse),
        *acts.make(f"{item}/grant", deeds.grant, speaks_as=Act.CONSENT),
        *acts.make(f"{item}/decline", deeds.decline, speaks_as=Act.CONSENT),
        *acts.make(f"{item}/pass-on", deeds.pass_on),
        *acts.make(f"{item}/recall", deeds.recall),
        *acts.make(f"{item}/destroy", deeds.destroy, speaks_as=Act.RECALL),
        *acts.make(f"{item}/spillage", said.report_spillage, speaks_as=Act.REPORT),
        *acts.make("/release/spillages/{report:str}/conclude", said.conclude_spillage, speaks_as=Act.REPORT),
        *acts.make(f"{recalls}/answer", deeds.answer, speaks_as=Act.RECALL),
        *acts.make(f"{recalls}/further", deeds.recall_further),
        *acts.make(f"{recalls}/report", deeds.report),
        *acts.make("/release/quarantine/{giving:str}/release", deeds.let_out, speaks_as=Act.RELEASE),
        *acts.make("/release/inquiries/ask", said.ask_to_know),
        *acts.make(f"{asked}/answer", said.answer),
        *acts.make(f"{asked}/item", said.name_item),
        *acts.make(f"{asked}/close", said.close),
    ]


def _make_send(pages: Pages, desk: Desk, once: Once) -> Propose:
    """Return what proposes to send a draft."""

    def propose(_visit: Visit, fields: Fields, _role: str) -> Deed:
        draft = read_draft(fields)
        seen = find_preview(desk, draft)
        basis = find_basis(draft, seen)

        async def work() -> tuple[Digest, ...]:
            composing = make_composing(draft, preview=False, plan=seen.plan)
            sent = await compose(desk.node, desk.items, composing)
            return tuple(parse_id(row["item"]) for row in sent["items"])

        readers = {party for rendition in seen.renditions for party in rendition.version["to"]}
        return Deed(
            says=say("Give this to {parties}", parties=", ".join(sorted(readers))),
            do=lambda key: once.do(key, work),
            basis=basis,
            audience=tuple(sorted({*readers, desk.node.machine.party})),
            is_pressing=True,
            template="release_send.html",
            shown=find_preview_fields(desk, pages.titles, draft, seen),
        )

    return propose
