"""Photographs every page of the console, in each language and both themes, into `docs/screenshots`: `make screenshots`
(`make screenshots ONLY="watch hotline"` for some pages).

Three nodes run in this process in an exercise realm; what they say is invented, and says so. Which pages there are,
and what they show, stands in one table (`kit.floor_pages`).
"""

import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

from comity.base.instants import Instant
from comity.node.officers import OfficerBook
from kit.browsing import CHROMIUM, open_browser, sign_in
from kit.floor import Floor
from kit.floor_pages import PAGES, PARTY, PLAYED, FloorPage, make_all
from kit.nodes import Nodes, accept_all, make_homes
from kit.picture_stage import PictureStage
from kit.scene import make_scene

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "screenshots"
LANGUAGES: Final = ("en", "ja", "ko")
THEMES: Final = ("light", "dark")
SUFFIX: Final = ".webp"
GREY_COUNT: Final = 16
"""Grounds, lines and letters; the edges of letters are the nearest of these."""
BRIGHT_COUNT: Final = 14
"""What has a colour, however small, as a lamp has."""
BRIGHT_LEAST: Final = 60
"""From which distance between its channels on a colour is none of the greys."""
SOUNDS: Final = "--autoplay-policy=no-user-gesture-required"
"""As an officer's browser is set: each page is armed from its start."""
SCREEN: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
OFFICER: Final = "duty-j"
ROLES: Final = ("watch-officer", "director", "release-officer", "administrator", "exercise-controller")
"""Whoever is photographed may do all that the pages offer."""
ON_PHONE: Final = {"watch": "phone", "warning": "warning-phone"}
"""Pages that are photographed as on a phone, too, and what those pictures are called."""
DRAWN_MS: Final = 3_000
"""Until a map is drawn, in other colours too; it tells nobody when it is."""
UNSEEN: Final = frozenset({"no-page", "acknowledge", "prove"})
"""Pages that show nothing that others do not show."""


def photograph(folder: Path, only: Sequence[str] = ()) -> int:
    """Write every picture, or those of some pages, by name; return how many there are."""
    for old in () if only else folder.glob("*-??-*.*"):
        old.unlink()
    with TemporaryDirectory(prefix="comity-floor-") as place, sync_playwright() as playwright:
        accepted = accept_all(make_homes(Path(place) / "homes"), has_offices=True)
        with Floor(Nodes(accepted, Path(place) / "stores")) as floor:
            ids = make_all(floor, PLAYED["en"])
            token, at = _appoint(floor), floor.nodes[PARTY].now()
            scene = make_scene(floor.nodes[PARTY].machine.pact, at)
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[SOUNDS])
            with PictureStage(floor, PARTY, scene, Path(place) / "picture", stands_at=at):
                for language in LANGUAGES:
                    context = open_browser(browser, floor.origins[PARTY], locale=language, viewport=SCREEN)
                    _photograph(context, folder, ids, language=language, token=token, only=only)
            browser.close()
    return len(list(folder.glob(f"*{SUFFIX}")))


def _appoint(floor: Floor) -> str:
    """Let an officer sit at the console that is photographed; return the token."""
    node = floor.nodes[PARTY]
    node.officers = OfficerBook()
    return node.officers.add(OFFICER, ROLES, at=Instant(node.now() - 1))


def _photograph(
    context: BrowserContext, folder: Path, ids: Mapping[str, str], *, language: str, token: str, only: Sequence[str]
) -> None:
    page = context.new_page()
    for shown in sorted(PAGES, key=lambda one: not one.is_entrance):
        if shown.name in UNSEEN or (only and shown.name not in only):
            continue
        if not shown.is_entrance and not _is_signed_in(context):
            sign_in(page, token)
            _keep_both(page, folder, f"arming-{language}")
            _arm(page)
        _open(page, shown, ids)
        _keep_both(page, folder, f"{shown.name}-{language}")
        if shown.name in ON_PHONE:
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            _open(page, shown, ids)
            page.evaluate("document.querySelector('#map')?.scrollIntoView()")
            _keep_both(page, folder, f"{ON_PHONE[shown.name]}-{language}")
            page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    context.close()


def _arm(page: Page) -> None:
    """Arm the alarm and hear it, as whoever goes on watch does: from here on no strip asks for it."""
    page.locator("[data-arm]").click()
    page.locator("[data-heard]").click()
    page.locator("#guard").wait_for(state="hidden")


def _is_signed_in(context: BrowserContext) -> bool:
    return any("session" in cookie["name"] for cookie in context.cookies())


def _open(page: Page, shown: FloorPage, ids: Mapping[str, str]) -> None:
    page.goto(shown.path(ids))
    page.locator("html[data-guard='armed'], html:not(:has(#guard))").wait_for(state="attached")
    if shown.name == "warning":
        page.locator("#map[data-laid][data-ends]").wait_for()
    if shown.click is not None:
        page.locator(shown.click(ids)).click()
        page.locator("#confirm[open] [data-first]").wait_for()


def _keep_both(page: Page, folder: Path, name: str) -> None:
    themes: Any = THEMES
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        if page.locator("#map").count():
            page.wait_for_timeout(DRAWN_MS)
        _keep(page, folder / f"{name}-{theme}{SUFFIX}")


def _keep(page: Page, path: Path) -> None:
    is_map = page.locator("#map").count() > 0
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_map:  # of too many colours for a palette
        picture.save(path, quality=80, method=6)
        return
    few = picture.quantize(palette=_find_palette(picture), dither=Image.Dither.NONE)
    few.convert("RGB").save(path, lossless=True, method=6)


def _find_palette(picture: Image.Image) -> Image.Image:
    """Return the colours that a picture is written with: the most frequent greys, and the most frequent others."""
    counted: Any = picture.getcolors(picture.width * picture.height)
    colours = [colour for _, colour in sorted(counted, reverse=True)]
    bright = [colour for colour in colours if max(colour) - min(colour) >= BRIGHT_LEAST]
    grey = [colour for colour in colours if max(colour) - min(colour) < BRIGHT_LEAST]
    values = [value for colour in grey[:GREY_COUNT] + bright[:BRIGHT_COUNT] for value in colour]
    palette = Image.new("P", (1, 1))
    palette.putpalette(values + values[:3] * (256 - len(values) // 3))
    return palette


if __name__ == "__main__":
    print(f"{photograph(FOLDER, sys.argv[1:])} pictures")
