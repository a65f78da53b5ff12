"""The call-down card as a page to print: one sheet of A4 for each language."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup

from comity.api.desk import Desk
from comity.api.words import LANGUAGES, speak_in
from comity.base.errors import UsageError
from comity.console.card import find_card
from comity.console.pages import Pages
from comity.console.visit import get_visit
from comity.node.contacts import Contacts, ContactsFile

__all__ = ["make_card"]

CARD_PATH: Final = "/card"


def make_card(pages: Pages, desk: Desk, file: ContactsFile) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def show(request: Request[Any, Any, Any], languages: tuple[str, ...]) -> Response[Any]:
        held, fault = _read(file)
        sheets = [(language, _fill(pages, desk, request, held, language)) for language in languages]
        speak_in(get_visit(request).language)
        return pages.render(
            request, "card.html", sheets=sheets, fault=fault, file=file.path, has_contacts=bool(held.contacts),
            is_one=len(languages) == 1,
        )  # fmt: skip

    @get(CARD_PATH)
    async def card(request: Request[Any, Any, Any]) -> Response[Any]:
        return show(request, LANGUAGES)

    @get("/card/{language:str}")
    async def card_in(request: Request[Any, Any, Any], language: FromPath[str]) -> Response[Any]:
        return show(request, (language,) if language in LANGUAGES else LANGUAGES)

    return [card, card_in]


def _read(file: ContactsFile) -> tuple[Contacts, str]:
    """Return what the file has; a file that cannot be read is said on the page, and the card is printed without it."""
    try:
        return file.read(), ""
    except UsageError as error:
        return Contacts(), str(error.details.get("why", error.code))


def _fill(pages: Pages, desk: Desk, request: Request[Any, Any, Any], held: Contacts, language: str) -> Markup:
    speak_in(language)
    return pages.fill(request, "card_sheet.html", card=find_card(desk, pages.titles, held), language=language)
