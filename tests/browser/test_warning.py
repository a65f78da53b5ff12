"""The map of the warning picture: what it shows, by hand and keys, of now and of the past; each party sees its own."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.browsing import find_violations, open_browser, sign_in, watch
from kit.floor import Floor
from kit.picture_stage import PictureStage
from kit.scene import make_scene

pytestmark = pytest.mark.server

TERM = "policy.track.air-jpn-kor"
SENSOR = "J/FPS-5"


@pytest.fixture(scope="module")
def staged(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Japan's and Korea's consoles, each with the picture of what it is told; the scene stands still."""
    at = floor.nodes["JPN"].now()
    scene, folder = make_scene(floor.nodes["JPN"].machine.pact, at), tmp_path_factory.mktemp("pictures")
    with (
        PictureStage(floor, "JPN", scene, Path(folder / "J"), stands_at=at),
        PictureStage(floor, "KOR", scene, Path(folder / "K"), stands_at=at),
    ):
        yield floor
    for desk in floor.desks.values():
        desk.folder = None


def _open_map(page: Page, path: str = "/warning") -> None:
    page.goto(path)
    page.locator("#map[data-laid][data-ends]").wait_for()


def _read_count(page: Page) -> int:
    return int(page.locator("#map").get_attribute("data-count") or 0)


def test_the_map_shows_what_the_table_says(chromium: Browser, staged: Floor) -> None:
    """In Japanese, on a narrow dark screen: all of it, by keys; what is pressed is described; the past is marked; and
    nothing is asked of another host.
    """
    context = open_browser(chromium, staged.origins["JPN"], locale="ja-JP", reduced_motion="reduce")
    watched = watch(context)
    page, hosts = watched.page, set[str]()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    sign_in(page)
    _open_map(page)
    marks = page.locator("[data-row]").count() - page.locator("[data-row]", has_text="推定なし").count()
    marks += page.locator("tr.report").count()
    assert _read_count(page) == marks > 60
    expect(page.locator(".watermark")).to_contain_text("演習")
    box = page.locator("input[data-layer=class][value='policy.track.surface']")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#map")).not_to_have_attribute("data-count", str(marks))
    page.keyboard.press("Space")
    expect(page.locator("#map")).to_have_attribute("data-count", str(marks))
    page.locator("[data-choose]").first.press("Enter")
    name = page.locator("[data-choose]").first.inner_text()
    expect(page.locator("#picked h3")).to_have_text(name)
    assert find_violations(page) == []
    page.locator("#minutes").press("ArrowLeft")
    expect(page.locator("#map")).to_have_attribute("data-when", "past")
    expect(page.locator(".past-strip")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("過去")
    page.locator(".past-strip [data-now]").click()
    expect(page.locator("#map")).to_have_attribute("data-when", "now")
    assert hosts == {urlsplit(staged.origins["JPN"]).netloc}
    watched.check()
    context.close()


def test_two_parties_see_two_pictures(chromium: Browser, staged: Floor) -> None:
    """What Japan tells Korea of aircraft is coarse, late and without its sensor: whatever Korea's page is given holds
    neither the place nor the sensor, and says under which clause.
    """
    given: dict[str, str] = {}
    places: dict[str, set[str]] = {}
    for party in ("JPN", "KOR"):
        context = open_browser(chromium, staged.origins[party], locale="en-US", reduced_motion="reduce")
        watched = watch(context)
        page = watched.page
        sign_in(page)
        _open_map(page, "/warning?class=policy.track.air&party=JPN")
        given[party] = page.content()
        places[party] = set(re.findall(r"\d+\.\d{3}° N \d+\.\d{3}° E", given[party]))
        assert _read_count(page) > 60
        watched.check()
        context.close()
    assert SENSOR in given["JPN"]
    assert SENSOR not in given["KOR"]
    assert f"<code>{TERM}</code>" in given["KOR"]
    assert f"<code>{TERM}</code>" not in given["JPN"]
    assert places["JPN"]
    assert places["JPN"].isdisjoint(places["KOR"])
