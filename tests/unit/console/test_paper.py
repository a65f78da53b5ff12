"""The highest marking on a page, and that every page has it in its place."""

import re

import pytest

from comity.api.titles import PactTitles, Titles
from comity.console.marks import format_mark, write_level
from comity.console.paper import PLACE, put_banner
from comity.procedure.entry import Marking
from kit.api import Apis
from kit.console import Browser
from kit.talk import Play, marked


def _banner(page: str) -> list[str]:
    found = re.findall(r'<p class="[^"]*banner-line"[^>]*>(.*?)</p>', page)
    assert len(found) == 2, "at the head and at the foot"
    assert found[0] == found[1]
    return re.findall(r"<b>(.*?)</b>", found[0]) or [found[0]]


def _fill(titles: Titles, *markings: Marking) -> list[str]:
    marks = "".join(format_mark(titles, marking).__html__() for marking in markings)
    page = put_banner(f'<p class="banner-line">{PLACE}</p>{marks}<p class="banner-line">{PLACE}</p>')
    return _banner(page)


@pytest.fixture
def titles(apis: Apis) -> PactTitles:
    """What the pact calls its levels, and how high they are."""
    return PactTitles(apis.nodes["USA"].machine)


def test_each_originators_highest_level_stands_there_with_all_its_caveats(titles: PactTitles) -> None:
    """The highest first, and none in the words of another's scheme."""
    low = Marking("USA", "USA", "USA-U", ("cyber",), ("ORCON",))
    high = Marking("USA", "USA", "USA-S", (), ("REL TO JPN, KOR",))
    other = Marking("JPN", "JPN", "JPN-HI", ("cyber",), ())
    assert _fill(titles) == ["Nothing on this page is marked"]
    assert _fill(titles, low) == ["USA · UNCLASSIFIED · ORCON"]
    assert _fill(titles, other, low) == ["JPN · 秘 (Hi)", "USA · UNCLASSIFIED · ORCON"]
    assert _fill(titles, low, other, high) == ["USA · SECRET · ORCON · REL TO JPN, KOR", "JPN · 秘 (Hi)"]


def test_a_level_that_no_pact_has_stands_above_all(titles: PactTitles) -> None:
    """What is not known is not thought low."""
    known, unknown = Marking("USA", "USA", "USA-TS", (), ()), Marking("KOR", "KOR", 'KOR-"><i>', (), ())
    assert _fill(titles, known, unknown) == ["KOR · KOR-&#34;&gt;&lt;i&gt;", "USA · TOP SECRET"]


def test_a_marking_keeps_what_it_is_wherever_it_is_written(titles: PactTitles) -> None:
    """Under the name of a field as well, and without its caveats in the words."""
    marking = Marking("USA", "USA", "USA-S", ("cyber",), ("ORCON",))
    for written in (format_mark(titles, marking), write_level(titles, marking)):
        assert 'data-of="USA" data-level="SECRET" data-caveats="ORCON"' in written.say_after("words: ").__html__()
        assert ">words: USA · SECRET" in written.say_after("words: ").__html__()


def test_every_page_has_it(usa: Browser, play: Play) -> None:
    """Of what stands in a piece that renews itself as well; and no text can write one."""
    forged = '<i data-rank="1000" data-of="XXX" data-level="FORGED" data-caveats="">'
    call = play.call("KOR")
    position = play.say("JPN", "PositionStated", consultation=call, subject=call, position="support", confirm_by_at=0)
    assert _banner(usa.get(f"/consultations/{call}").text) == ["Nothing on this page is marked"]
    play.say("JPN", "PositionExplained", consultation=call, position=position, text=marked("JPN", en=forged))
    page = usa.get(f"/consultations/{call}").text
    (banner,) = _banner(page)
    assert banner.startswith("JPN · ")
    assert "FORGED" in page
    assert _banner(usa.get("/shortcuts").text) == ["Nothing on this page is marked"]


def test_a_sheet_says_who_printed_it_and_when(apis: Apis, usa: Browser) -> None:
    """Or that nobody had signed in."""
    page = usa.get("/shortcuts").text
    assert re.search(r"printed by .*<time data-shown>\d{6}Z [A-Z]{3} \d\d</time>", page)
    fresh = Browser(apis).get("/sign-in").text
    assert "nobody signed in" in fresh
    assert _banner(fresh) == ["Nothing on this page is marked"]
