"""Photographs every page of the console, in each language and both themes, into `docs/screenshots`: `make screenshots`.

Three nodes run in this process in an exercise realm; what they say is invented, and says so.
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from kit.api import TOKEN
from kit.floor import Floor
from kit.nodes import Nodes, accept_all, make_homes
from kit.stage import CALL

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "screenshots"
LANGUAGES: Final = ("en", "ja", "ko")
TEXTS: Final = {
    "en": "Launch detected 2322Z, one object, east of the peninsula. Confirm your track.",
    "ja": "2322Z 発射を探知。飛翔体1、半島東方。貴方の航跡を確認されたい。",
    "ko": "2322Z 발사 탐지. 비행체 1, 한반도 동쪽. 귀측 항적을 확인 바람.",
}


def photograph(folder: Path) -> int:
    """Write every picture; return how many."""
    with TemporaryDirectory(prefix="comity-floor-") as place, sync_playwright() as playwright:
        accepted = accept_all(make_homes(Path(place) / "homes"), has_offices=True)
        with Floor(Nodes(accepted, Path(place) / "stores")) as floor:
            call = _play(floor)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
            for language in LANGUAGES:
                for theme in ("light", "dark"):
                    _photograph(browser, floor, folder, language=language, theme=theme, call=call)
            browser.close()
    return len(list(folder.glob("*.png")))


def _play(floor: Floor) -> str:
    """Say what the pictures show, from two capitals to the third."""
    (call,) = floor.state(CALL, party="USA")
    translations = [{"language": language, "text": text} for language, text in TEXTS.items()]
    marking = {"originator": "KOR", "scheme": "KOR", "level": "KOR-OPEN", "topics": ["public-message"], "caveats": []}
    (flash,) = floor.state(
        {"type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash", "consultation": [],
         "answers": [], "body": {"marking": marking, "translations": translations}}, party="KOR",
    )  # fmt: skip
    floor.reaches(call, "JPN")
    floor.reaches(flash, "JPN")
    return call


def _photograph(browser: Browser, floor: Floor, folder: Path, *, language: str, theme: Any, call: str) -> None:
    context = browser.new_context(
        base_url=floor.origins["JPN"], locale=language, color_scheme=theme, viewport={"width": 1280, "height": 860}
    )
    page = context.new_page()

    def keep(name: str) -> None:
        _keep(page, folder / f"{name}-{language}-{theme}.png")

    page.goto("/sign-in")
    keep("sign-in")
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    keep("watch")
    page.locator(f"#ack-{call[:16]}").click()
    page.locator("#confirm[open] [data-first]").wait_for()
    keep("confirm")
    page.goto("/shortcuts")
    keep("keys")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    keep("phone")
    context.close()


def _keep(page: Page, path: Path) -> None:
    picture = Image.open(io.BytesIO(page.screenshot()))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    print(f"{photograph(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)} pictures")
