"""Every page of the table on paper: realm and highest marking on each sheet, nothing over anything (ADR 0070)."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kit.browsing import open_browser, sign_in, watch
from kit.floor import Floor
from kit.floor_pages import PAGES, PARTY, FloorPage, make_all
from kit.paper import Printed, print_page

pytestmark = pytest.mark.server

TEXT = "発射を探知。飛翔体1、半島東方。"
BAND = "EXERCISEEXERCISEEXERCISE演習演習演習연습연습연습exercise/nodes"
NONE = "Nothingonthispageismarked"
MARKS = {"JPN": "JPN·秘密でない情報(Himitsudenaijoho)", "KOR": "KOR·평문(Pyeongmun)", "USA": "USA·UNCLASSIFIED"}
OWN_SHEETS = frozenset({"card", "item", "own-item"})
"""Pages of which a sheet of their own is printed."""
CLICKED = ("Signout", "Ctrl", "Showwhatwillbesigned", "Signandsend")


@pytest.fixture(scope="module")
def ids(floor: Floor) -> Mapping[str, str]:
    """What the pages show."""
    return make_all(floor, TEXT)


@pytest.fixture(scope="module")
def printing(chromium: Browser, floor: Floor) -> Iterator[Page]:
    """A page at the console of the party at which all pages are looked at, dark on the screen."""
    context: BrowserContext = open_browser(chromium, floor.origins[PARTY], locale="en-GB", color_scheme="dark")
    watched = watch(context)
    sign_in(watched.page)
    yield watched.page
    watched.check()
    context.close()


def _open(page: Page, shown: FloorPage, ids: Mapping[str, str]) -> Printed:
    page.goto(shown.path(ids))
    if shown.click is not None:
        page.locator(shown.click(ids)).click()
        page.locator("#confirm[open] [data-first]").wait_for()
    return print_page(page)


def _check_frame(name: str, printed: Printed) -> str:
    """Hold that head and foot stand on each sheet, by themselves and the same; return the marking in them."""
    markings = {lines[1].words for lines in printed.sheets.values()}
    assert len(markings) == 1, (name, markings)
    marking = markings.pop()
    for number, lines in printed.sheets.items():
        words = [line.words for line in lines]
        assert words[0] == BAND, (name, number, words[:3])
        assert words.count(marking) == 2, (name, number, words)
        foot = words.index(marking, 2)
        assert words[foot + 1].startswith("Comity·JPN·"), (name, number, words[foot:])
        assert re.search(r"\d{6}Z[A-Z]{3}\d\d$", words[foot + 1]), (name, number)
        assert words[foot + 2 :] == [f"{number}/{printed.count}"], (name, number)
        # Nothing else is as high as the head or as low as the foot.
        assert lines[2].height < lines[1].height - 8, (name, number, lines[:3])
        assert lines[foot - 1].height > lines[foot].height + 8, (name, number, lines[foot - 1 :])
    return marking


@pytest.mark.parametrize("half", [0, 1])
def test_every_sheet_bears_the_realm_and_the_highest_marking(printing: Page, ids: Mapping[str, str], half: int) -> None:
    """And its number, who printed it and when; nothing that can only be clicked is on it."""
    longest = 0
    for shown in PAGES[half::2]:
        if shown.name in OWN_SHEETS or shown.is_entrance:
            continue
        printed = _open(printing, shown, ids)
        marking = _check_frame(shown.name, printed)
        told = printing.evaluate("[...document.querySelectorAll('[data-rank]')].map(one => one.dataset.of)")
        assert (marking == NONE) is (told == []), shown.name
        assert all(f"{party}·" in marking for party in told), shown.name
        said = "".join(line.words for lines in printed.sheets.values() for line in lines)
        if shown.name != "keys":
            assert [word for word in CLICKED if word in said] == [], shown.name
        longest = max(longest, printed.count)
    assert longest > 2, "one of them is long"


def test_what_is_marked_higher_is_on_top(printing: Page, ids: Mapping[str, str]) -> None:
    """Of several originators all, each in its own words, the higher first."""
    pages = {shown.name: shown for shown in PAGES}
    marked = _check_frame("consultation", _open(printing, pages["consultation"], ids))
    assert marked == MARKS["JPN"] + MARKS["KOR"] + MARKS["USA"]
    assert _check_frame("keys", _open(printing, pages["keys"], ids)) == NONE
    # What a piece that renewed itself shows since counts as well.
    printing.evaluate(
        """document.querySelector("h1").insertAdjacentHTML("beforeend",
        '<i data-rank="90" data-of="USA" data-level="SECRET" data-caveats="ORCON|REL TO JPN">x</i>')"""
    )
    assert _check_frame("keys", print_page(printing)) == "USA·SECRET·ORCON·RELTOJPN"


def test_a_table_has_its_head_on_each_sheet(printing: Page, ids: Mapping[str, str]) -> None:
    """And no row of it is torn."""
    printed = _open(printing, next(shown for shown in PAGES if shown.name == "record-knowledge"), ids)
    assert printed.count > 1
    for number in range(1, min(printed.count, 3)):
        lines = printed.sheets[number]
        assert any(line.words.startswith("StatementJapanSouthKorea") for line in lines)
    printing.emulate_media(media="print")
    assert printing.evaluate("getComputedStyle(document.querySelector('.knowledge tbody tr')).breakInside") == "avoid"
    printing.emulate_media(media="null")


def test_an_item_has_its_own_head_and_no_other(printing: Page, ids: Mapping[str, str]) -> None:
    """Its banner says what it is about as well; what stands round it on the screen is not printed."""
    printed = _open(printing, next(shown for shown in PAGES if shown.name == "item"), ids)
    lines = printed.sheets[1]
    words = [line.words for line in lines]
    assert words[0] == BAND
    assert len([line for line in words if line.startswith("USACONFIDENTIAL")]) >= 2
    assert not any("Copies" in line for line in words)
    assert words[-1] == "1/1"
