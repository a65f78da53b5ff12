"""Photographs every page of the console, in each language and both themes, into `docs/screenshots`: `make screenshots`.

Three nodes run in this process in an exercise realm; what they say is invented, and says so. Which pages there are,
and what they show, stands in one table (`kit.floor_pages`).
"""

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from kit.browsing import CHROMIUM, open_browser, sign_in
from kit.floor import Floor
from kit.floor_pages import PAGES, PARTY, FloorPage, make_all
from kit.nodes import Nodes, accept_all, make_homes

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "screenshots"
LANGUAGES: Final = ("en", "ja", "ko")
THEMES: Final = ("light", "dark")
SCREEN: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}
TEXT: Final = "EXERCISE. Launch detected 2322Z, one object, east of the peninsula. Confirm your track."
UNSEEN: Final = frozenset({"no-page", "acknowledge", "prove"})
"""Pages that show nothing that others do not show."""


def photograph(folder: Path) -> int:
    """Write every picture; return how many."""
    with TemporaryDirectory(prefix="comity-floor-") as place, sync_playwright() as playwright:
        accepted = accept_all(make_homes(Path(place) / "homes"), has_offices=True)
        with Floor(Nodes(accepted, Path(place) / "stores")) as floor:
            ids = make_all(floor, TEXT)
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
            for language in LANGUAGES:
                _photograph(browser, floor.origins[PARTY], folder, ids, language=language)
            browser.close()
    return len(list(folder.glob("*.png")))


def _photograph(browser: Browser, origin: str, folder: Path, ids: Mapping[str, str], *, language: str) -> None:
    context = open_browser(browser, origin, locale=language, viewport=SCREEN)
    page = context.new_page()
    for shown in sorted(PAGES, key=lambda one: not one.is_entrance):
        if shown.name in UNSEEN:
            continue
        if not shown.is_entrance and not _is_signed_in(context):
            sign_in(page)
        _open(page, shown, ids)
        _keep_both(page, folder, f"{shown.name}-{language}")
        if shown.name == "watch":
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            _keep_both(page, folder, f"phone-{language}")
            page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    context.close()


def _is_signed_in(context: BrowserContext) -> bool:
    return any("session" in cookie["name"] for cookie in context.cookies())


def _open(page: Page, shown: FloorPage, ids: Mapping[str, str]) -> None:
    page.goto(shown.path(ids))
    if shown.click is not None:
        page.locator(shown.click(ids)).click()
        page.locator("#confirm[open] [data-first]").wait_for()


def _keep_both(page: Page, folder: Path, name: str) -> None:
    themes: Any = THEMES
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        _keep(page, folder / f"{name}-{theme}.png")


def _keep(page: Page, path: Path) -> None:
    picture = Image.open(io.BytesIO(page.screenshot()))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    print(f"{photograph(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)} pictures")
