"""Reports that rules of the pact asked for: all of them, what became of each, and the officer's word on one (W17).

What is discarded stays where everybody of this party can read it: the reason, the officer's own words, when.
"""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.drafts import Discarding, get_open_draft, list_drafts, make_discard, make_report, show_draft
from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.forms import list_terms, read_one_of
from comity.console.pages import Pages
from comity.console.signing import Deed, Proposal
from comity.console.visit import Visit
from comity.pact.offices import Act
from comity.procedure.detected import WORD_COUNT_MAX, DiscardReason

__all__ = ["make_drafts"]

SHOWN_COUNT_MAX: Final = 200
"""Drafts on the page, the latest; the record has each."""


def make_drafts(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the pages, and the acts of reporting a draft and of discarding it."""

    def find_words() -> dict[str, Any]:
        return {
            "words_of": lambda words: words.get(get_language()) or words["en"],
            "reason_of": lambda reason: say_term(DiscardReason(reason)),
        }

    @get("/drafts")
    async def drafts(request: Request[Any, Any, Any]) -> Response[Any]:
        rows = list_drafts(desk, is_open=False)
        return pages.render(
            request, "drafts.html", drafts=rows[:SHOWN_COUNT_MAX], left_out_count=max(0, len(rows) - SHOWN_COUNT_MAX),
            **find_words(),
        )  # fmt: skip

    @get("/drafts/{draft:str}")
    async def draft(request: Request[Any, Any, Any], draft: FromPath[str]) -> Response[Any]:
        return pages.render(
            request, "draft.html", draft=show_draft(desk, draft), reasons=list_terms(DiscardReason),
            word_count_max=WORD_COUNT_MAX, **find_words(),
        )  # fmt: skip

    return [drafts, draft, *make_deciding(acts, desk)]


def make_deciding(acts: Acts, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the acts of reporting a draft and of discarding it."""

    def report(_: Visit, fields: Fields, __: str) -> Proposal:
        audience, entry = make_report(desk, fields.place["draft"])
        return Proposal(audience, (entry,))

    def discard(_: Visit, fields: Fields, __: str) -> Deed:
        reason = DiscardReason(read_one_of(fields, "reason", list_terms(DiscardReason)))
        words = fields.find("words")
        if len(words) > WORD_COUNT_MAX:
            raise UsageError("console.field-malformed", field="words")
        audience = (desk.node.machine.party,)
        entry = make_discard(desk, fields.place["draft"], Discarding(reason, words))

        async def do(key: str) -> tuple[Digest, ...]:
            held = show_draft(desk, fields.place["draft"])["discarded"]
            if held is None or held["at"] != entry.discarded_at:  # else it is a second press of this very act
                get_open_draft(desk.node.machine, fields.place["draft"])
            return await desk.node.say(audience, (entry,), key=key)

        digest = Proposal(audience, (entry,)).digest
        return Deed("", do, does=say("Sign and send"), named=digest, entries=(entry,), audience=audience, is_kept=True)

    return [
        *acts.make("/drafts/{draft:str}/report", report, speaks_as=Act.REPORT),
        *acts.make("/drafts/{draft:str}/discard", discard, speaks_as=Act.REPORT),
    ]
