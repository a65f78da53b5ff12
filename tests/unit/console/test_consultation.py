"""The pages *Consultations*: what is open and waits for whom, and one consultation side by side and in order."""

import html
import re

import pytest

from comity.base.instants import HOUR_MS
from kit.api import Apis
from kit.console import Browser, find_inline, read_found
from kit.talk import Play, marked, play_talk

PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture(scope="module")
def ids(apis: Apis) -> dict[str, str]:
    """A consultation in the middle of its course, the same for every test of this file."""
    return play_talk(apis)


def _read(browser: Browser, path: str) -> str:
    """Return what a page says, without its tags."""
    return read_found(browser.get(path))


def test_the_list_says_what_each_waits_for(browser: Browser, ids: dict[str, str]) -> None:
    """From whom, by which clause, by when; and which of it is ours."""
    answer = browser.get("/consultations")
    assert f'href="/consultations/{ids["call"]}"' in answer.text
    text = _read(browser, "/consultations")
    assert "missile launch convened waits for us called by South Korea Consult (C1) advisers" in text
    assert "Japan: to acknowledge the call policy.acknowledge" in text
    assert "South Korea: holds; counts as broken if it is not lifted policy.silence" in text
    assert "Japan, United States: silence runs, not yet consented ours" in text
    assert "United States: to answer a measure that was offered ours no time set" in text


def test_open_ones_stand_before_closed_ones(browser: Browser, play: Play) -> None:
    """One that all have concluded is closed, waits for nothing, and is under its own heading."""
    call = play.call("JPN", kind="nuclear-test")
    for party in ("JPN", "KOR"):
        play.say(party, "ConclusionStated", consultation=call, outcome="views-exchanged")
    opened = browser.get("/consultations").text.partition('id="closed"')
    assert call in opened[0]
    assert "United States: to state a conclusion" in _read(browser, "/consultations")
    play.say("USA", "ConclusionStated", consultation=call, outcome="views-exchanged")
    opened = browser.get("/consultations").text.partition('id="closed"')
    assert call not in opened[0]
    assert call in opened[2]
    text = _read(browser, f"/consultations/{call}")
    assert "Closed: no clock runs" in text
    assert text.count("concluded views exchanged") == 3


def test_a_threat_waits_for_a_call(browser: Browser, play: Play) -> None:
    """A report that nobody has called on is shown with its words; once it is called on it moves there."""
    threat = play.say("KOR", "ThreatReported", kind="cyber-incident", occurred_at=play.now() - HOUR_MS,
                      threatened=["KOR"], sources=[], narrative=marked("KOR", en="A mail server is down."))  # fmt: skip
    assert "cyber incident reported by South Korea" in _read(browser, "/consultations")
    call = play.call("KOR", kind="cyber-incident", threats=[threat])
    assert "A mail server is down." not in _read(browser, "/consultations")
    assert "A mail server is down." in _read(browser, f"/consultations/{call}")


def test_positions_stand_side_by_side(browser: Browser, ids: dict[str, str]) -> None:
    """A column for each party, the own first: what it did about the call, where it stands, in which words."""
    page = browser.get(f"/consultations/{ids['call']}").text
    columns = re.findall(
        r"<article.*?</article>", page.partition('class="columns"')[2].partition("</section>")[0], re.DOTALL
    )
    usa, jpn, kor = (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", column)) for column in columns)
    assert "United States USA we acknowledged Watch officer · duty-u" in usa
    assert "supports" in usa.partition("earlier: 1")[0]
    assert "awaiting instructions" in usa.partition("earlier: 1")[2]
    assert "not acknowledged" in jpn
    assert "Position reserved awaiting instructions" in jpn
    assert "called the parties" in kor
    assert "supports with a reserve" in kor
    assert "But for the second sentence." in kor
    assert '<p lang="ko" class="said">둘째 문장은 유보한다.</p>' in columns[2]


def test_an_acceptance_ad_referendum_waits_for_the_capital(browser: Browser, play: Play) -> None:
    """With the instant by which it confirms; past it, it is shown as unconfirmed and as overdue."""
    call = play.call("KOR", kind="air-incident")
    for party, confirm_by_at in (("JPN", play.now() + HOUR_MS), ("KOR", play.now() - 1)):
        play.say(party, "PositionStated", consultation=call, subject=call, position="accept-ad-referendum",
                 confirm_by_at=confirm_by_at)  # fmt: skip
    text = _read(browser, f"/consultations/{call}")
    assert "the capital confirms by" in text
    assert "unconfirmed: the capital was to confirm by" in text
    assert "South Korea: the capital is to confirm what was accepted ad referendum OVERDUE" in text
    assert "Japan: the capital is to confirm what was accepted ad referendum OVERDUE" not in text


def test_the_timeline_says_who_said_what_when(browser: Browser, ids: dict[str, str]) -> None:
    """In words, the latest first, with the officers, on our clock and on the speaker's; nodes' own words in a row."""
    text = _read(browser, f"/consultations/{ids['call']}")
    timeline = text.partition("Timeline")[2]
    said = ("JPN offered a measure", "KOR holds", "USA asked for silence", "KOR bracketed a passage",
            "KOR explained its position", "KOR called for consultation", "JPN reported a threat")  # fmt: skip
    places = [timeline.index(one) for one in said]
    assert places == sorted(places)
    assert "duty-k, Watch officer" in timeline
    assert re.search(r"\d{6}Z \w{3} \d\d \d{4}-\d\d-\d\d \d\d:\d\d E[SD]T \d{4}-\d\d-\d\d \d\d:\d\d JST", timeline)
    assert "said by nodes by themselves" in timeline
    assert "We strongly condemn" in timeline


def test_a_long_timeline_has_a_page_of_its_own(browser: Browser, play: Play) -> None:
    """The consultation's page shows the latest and says how many there are; nothing is left out there."""
    call = play.call("KOR", kind="disaster")
    for _ in range(32):
        for position in ("support", "no-instructions"):
            (id_,) = play.apis.state(
                {"type": "PositionStated", "consultation": call, "subject": call, "position": position,
                 "confirm_by_at": 0}
            )  # fmt: skip
    play.apis.reaches(id_, "USA")
    first = f'id="e-{call[:16]}"'
    page = browser.get(f"/consultations/{call}").text
    assert first not in page
    assert f'href="/consultations/{call}/timeline"' in page
    assert first in browser.get(f"/consultations/{call}/timeline").text


def test_what_was_corrected_or_withdrawn_says_so(browser: Browser, play: Play) -> None:
    """It stays in the timeline."""
    call = play.call("KOR", kind="space-incident")
    stated = play.say("JPN", "PositionStated", consultation=call, subject=call, position="object", confirm_by_at=0)
    play.say("JPN", "EntryWithdrawn", entry=stated, reason="mistake")
    text = _read(browser, f"/consultations/{call}")
    assert "JPN stated its position: objects withdrawn" in text
    assert "Japan JPN delivered not acknowledged No position stated" in text


def test_what_others_say_comes_out_as_text(browser: Browser, play: Play) -> None:
    """Whatever it looks like, on the list, on the page and in the timeline, in each language."""
    threat = play.say("JPN", "ThreatReported", kind="other", occurred_at=play.now(), threatened=[], sources=[],
                      narrative=marked("JPN", en=PAYLOAD))  # fmt: skip
    listed = browser.get("/consultations")
    call = play.call("JPN", kind="other", threats=[threat])
    pages = [listed, *(browser.get(f"/consultations/{call}{more}") for more in ("", "/timeline", "/now"))]
    for page in pages:
        assert find_inline(page.text) == []
        assert html.escape(PAYLOAD) in page.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_what_two_say_shows_nowhere_at_the_third(apis: Apis, ids: dict[str, str]) -> None:
    """No row, no count, no title; and its id is answered like one that never was."""
    korea = Browser(apis, "KOR")
    korea.sign_in()
    before = re.findall(r'class="count">(\d+)<', korea.get("/consultations").text)
    fields = {"commitment": "C1", "level": "watch", "kind": "economic-pressure", "threats": [], "threatened": []}
    (id_,) = apis.state({"type": "ConsultationCalled", **fields}, party="JPN", to=("JPN", "USA"))
    apis.reaches(id_, "USA")
    assert re.findall(r'class="count">(\d+)<', korea.get("/consultations").text) == before
    hidden, never = (korea.get(f"/consultations/{one}") for one in (id_, "00" * 32))
    assert (hidden.status_code, never.status_code) == (404, 404)
    mains = [page.text.partition("<main")[2].partition("</main>")[0] for page in (hidden, never)]
    assert mains[0].replace(id_[:16], "") == mains[1].replace("0" * 16, "")
    assert ids["call"] in korea.get("/consultations").text


@pytest.mark.parametrize("path", ["/consultations", "/consultations/{call}", "/consultations/{call}/timeline"])
@pytest.mark.parametrize("language", ["ja", "ko"])
def test_each_page_speaks_the_readers_language(apis: Apis, ids: dict[str, str], path: str, language: str) -> None:
    """No field is left open, and names are those of the pact."""
    browser = Browser(apis, language=language)
    browser.sign_in()
    page = browser.get(path.format(**ids)).text
    assert f'<html lang="{language}"' in page
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page))
    if not path.endswith("timeline"):
        assert {"ja": "韓国", "ko": "한국"}[language] in page


def test_the_piece_says_nothing_twice(browser: Browser, ids: dict[str, str]) -> None:
    """What a page asks for anew is empty while nothing differs, and whole once something does."""
    page = browser.get(f"/consultations/{ids['call']}").text
    at = html.unescape(re.findall(r'hx-get="(/consultations/[^"]*/now[^"]*)"', page)[0])
    again = browser.get(at, headers={"HX-Request": "true"})
    assert again.status_code in (200, 204)
    fresh = html.unescape(re.findall(r'hx-get="(/consultations/[^"]*/now[^"]*)"', again.text or page)[0])
    assert browser.get(fresh, headers={"HX-Request": "true"}).status_code == 204
