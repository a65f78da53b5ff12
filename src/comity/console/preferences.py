"""What a browser remembers of its reader's wishes: language and theme; no script is needed, and no account."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from comity.api.words import LANGUAGES
from comity.console.gate import ANYBODY, Gate
from comity.console.pages import Pages
from comity.console.visit import KEPT_S, THEMES, get_visit, is_local_path

__all__ = ["make_preferences"]


def make_preferences(pages: Pages, gate: Gate) -> list[HTTPRouteHandler]:
    """Return the route that takes a wish and leads back to the page that it was made on."""

    @post("/preferences", opt={"access": ANYBODY}, status_code=303)
    async def prefer(request: Request[Any, Any, Any]) -> Response[Any]:
        wished, origin = await request.form(), get_visit(request).origin
        cookies = tuple(
            gate.cookies.make(what, str(wished.get(what)), origin, age_s=KEPT_S)
            for what, known in (("language", LANGUAGES), ("theme", THEMES))
            if wished.get(what) in known
        )
        back = str(wished.get("back", "/"))
        return pages.lead(back if is_local_path(back) else "/", cookies=cookies)

    return [prefer]
