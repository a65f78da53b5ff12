"""What stands on every sheet that a page is printed on: the highest marking of what the page shows (docs/adr/0070).

Rules
- It is read from the page as it was filled, where each marking tells what it is (`comity.console.marks`): a text that
  is shown with its marking cannot be left out.
- Each originator's highest level stands there in its own words, the highest first, with every caveat of that
  originator's. None is rewritten into the scheme of another.
- A browser in which a piece of the page renewed itself reads the page anew before it prints (`web/src/printing.ts`).
"""

import re
from typing import Final

from markupsafe import Markup

from comity.api.words import say
from comity.base.names import Party

__all__ = ["PLACE", "put_banner"]

PLACE: Final = Markup("<!--banner-->")
"""Where a page has it; no text of anybody's can write that."""
_TOLD: Final = re.compile(r'data-rank="(\d+)" data-of="([^"]*)" data-level="([^"]*)" data-caveats="([^"]*)"')


def put_banner(page: str) -> str:
    """Return a page with the highest marking of what it shows in its place."""
    return page.replace(PLACE, find_banner(page))


def find_banner(page: str) -> str:
    """Return that marking, as the page may have it: its words were escaped when the page was filled."""
    highest: dict[Party, tuple[int, str]] = {}
    caveats: dict[Party, dict[str, None]] = {}
    for rank, of, level, narrowed in _TOLD.findall(page):
        highest[of] = max(highest.get(of, (-1, "")), (int(rank), level))
        caveats.setdefault(of, {}).update(dict.fromkeys(filter(None, narrowed.split("|"))))
    order = sorted(highest, key=lambda of: (-highest[of][0], of))
    rows = (" · ".join((of, highest[of][1], *caveats[of])) for of in order)
    return "<b>" + "</b><b>".join(rows) + "</b>" if order else str(Markup.escape(say("Nothing on this page is marked")))
