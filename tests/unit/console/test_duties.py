"""The page *Duties and calendar*: what is owed by whom, meetings with their evidence, the month (P31, P79, X42)."""

import datetime as dt
import re
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from comity.base.instants import DAY_MS, Instant, format_dtg
from comity.console.duties import find_day, find_month, read_month
from kit.api import Apis
from kit.console import Browser, find_inline, read, strip_tags
from kit.hotline import arrives, say, sign, sign_in
from kit.stage import CALL

CALLED: dict[str, Any] = {name: value for name, value in CALL.items() if name != "type"}
DIGEST = "ab" * 32


def _panel(page: httpx.Response, id_: str) -> str:
    """Return what one panel of the page says."""
    text = page.text[page.text.index(f'id="{id_}"') :].partition("</section>")[0]
    return strip_tags(text)


def _hold(apis: Apis, browser: Browser, *, days_ago: int = 1, **changed: str) -> str:
    """State a meeting by the form; return its id."""
    began = Instant(apis.nodes["USA"].now() - days_ago * DAY_MS)
    given = {"commitment": "C4", "body": "DM", "level": "ministers", "began": format_dtg(began),
             "ended": format_dtg(Instant(began + DAY_MS // 24)), **changed}  # fmt: skip
    shown, answer = sign(browser, "/duties/meeting", "/duties/held", **given)
    assert "Defence ministers" in shown
    return arrives(apis, answer, "JPN", "KOR")


def test_what_is_owed_stands_by_verdict_party_and_clause(apis: Apis, usa: Browser) -> None:
    """A call makes duties of others; met once it is acknowledged, and each leads to what it answers."""
    call = say(apis, "USA", "ConsultationCalled", **CALLED)
    page = usa.get("/duties")
    assert find_inline(page.text) == []
    assert f'href="/consultations/{call}"' in page.text
    assert "JPN acknowledgement" in _panel(page, "is-open")
    assert "1 still open" in _panel(page, "by-clause")
    say(apis, "JPN", "Acknowledged", consultation=call, role="watch-officer", officer="duty-j")
    page = usa.get("/duties/of/JPN")
    assert "JPN acknowledgement" in _panel(page, "is-met")
    assert "KOR acknowledgement" not in _panel(page, "is-open")
    assert "KOR acknowledgement" in _panel(usa.get("/duties"), "is-open")
    assert usa.get("/duties/of/XYZ").status_code == 404


def test_a_meeting_is_stated_confirmed_and_shown(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """One states it, each other says for itself whether it was there, and a document is named with its digest."""
    id_ = _hold(apis, usa)
    assert "stated by one party Defence ministers meet" in _panel(jpn.get("/duties"), "meetings")
    _, answer = sign(jpn, f"/duties/meeting/{id_}/attendance", f"/duties/attendance/{id_}", attendance="attended")
    arrives(apis, answer, "USA")
    _, answer = sign(
        jpn, f"/duties/meeting/{id_}/evidence", f"/duties/evidence/{id_}", form_of="communique", sha256=DIGEST.upper(),
        text_ja="外務省のウェブサイト", marked="JPN-OPEN", topic=["public-message"],
    )  # fmt: skip
    arrives(apis, answer, "USA")
    said = _panel(usa.get("/duties"), "meetings")
    assert "JPN attended jpn-operator" in said
    assert "KOR has not said" in said
    assert (
        f"communiqué JPN · JPN · 秘密でない情報 (Himitsu de nai joho) · Public messages and statements · {DIGEST[:16]}"
        in said
    )
    say(apis, "KOR", "MeetingAttended", meeting=id_, attendance="attended", role="director", officer="dir-k")
    page = usa.get("/duties")
    assert "confirmed Defence ministers meet" in _panel(page, "meetings")
    assert re.search(r"Defence ministers meet yearly Defence ministers · C4 \d{6}Z", _panel(page, "promised"))


def test_a_meeting_that_moved_is_corrected_and_one_that_was_none_withdrawn(apis: Apis, usa: Browser) -> None:
    """The form has what was stated; the confirmation says what it will read; nothing is erased."""
    id_ = _hold(apis, usa, days_ago=3, medium="video")
    shown, answer = sign(usa, f"/duties/meeting/{id_}/correct", f"/duties/moved/{id_}", began="010900Z NOV 26",
                         ended="011100Z NOV 26")  # fmt: skip
    assert "It will read Defence ministers meet · ministers · video 010900Z NOV 26 – 011100Z NOV 26" in shown
    arrives(apis, answer, "JPN")
    assert "010900Z NOV 26 – 011100Z NOV 26" in _panel(usa.get("/duties"), "meetings")
    _, answer = sign(usa, f"/hotline/withdraw/{id_}", f"/hotline/withdrawal/{id_}", reason="mistake")
    arrives(apis, answer, "JPN")
    assert "withdrawn Defence ministers meet 010900Z NOV 26" in _panel(usa.get("/duties"), "meetings")


@pytest.mark.parametrize(
    "changed", [{"ended": "010000Z JAN 20"}, {"to": []}, {"began": ""}, {"commitment": "no clause!"}]
)
def test_a_meeting_that_cannot_be_is_not_stated(usa: Browser, changed: dict[str, object]) -> None:
    """It ends after it began, with somebody, under a clause."""
    page = usa.get("/duties/meeting")
    assert usa.submit(page, "/duties/held", **changed).status_code == 400


def test_nobody_corrects_anothers_meeting(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """No button leads there, and the act itself refuses."""
    id_ = _hold(apis, usa, days_ago=2)
    assert f"/duties/meeting/{id_}/correct" not in jpn.get("/duties").text
    given = "commitment=C4&level=watch&medium=video&began=0900Z&ended=1000Z&to=USA"
    assert jpn.get(f"/duties/moved/{id_}?{given}").status_code == 404


def test_the_month_shows_what_the_calendar_has(apis: Apis, usa: Browser) -> None:
    """The same dates, by the day of this party's own clock, as cells and as a list; and the file to subscribe to."""
    id_ = _hold(apis, usa, days_ago=0)
    page = usa.get("/duties")
    assert "Defence ministers meet: meeting of JPN, KOR, USA [C4]" in _panel(page, "month")
    assert "Defence ministers meet: meeting of JPN, KOR, USA [C4]" in _panel(page, "listed")
    file = usa.get("/duties/calendar.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    events = {str(event["uid"]): event for event in Calendar.from_ical(file.content).walk("VEVENT")}
    assert any(uid.startswith(f"held-{id_[:32]}") for uid in events)
    assert all("EXERCISE" in str(event["summary"]) for event in events.values())


def test_months_are_led_to_within_reach(apis: Apis, usa: Browser) -> None:
    """Weeks from Monday on; what is no month, or out of reach, is the present one."""
    desk = apis.desks["USA"]
    today = find_day(desk, desk.node.now())
    month = find_month(desk, read_month(desk, f"{today:%Y-%m}"), language="en")
    assert all(len(week) == 7 and week[0].day.weekday() == 0 for week in month.weeks)
    assert sum(day.is_today for week in month.weeks for day in week) == 1
    following = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    assert month.after == f"{following:%Y-%m}"
    assert read_month(desk, month.after) == following
    for text in ("", "2026-13", "1999-01", "nonsense", "9999-12"):
        assert read_month(desk, text) == today.replace(day=1)
    assert usa.get(f"/duties/month/{month.after}").status_code == 200


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_the_page_speaks_the_readers_language(apis: Apis, language: str) -> None:
    """Names are those of the pact, days those of the language, and no field is left open."""
    browser = sign_in(Browser(apis, language=language))
    page = browser.get("/duties")
    assert {"ja": "防衛相会合", "ko": "국방장관회의"}[language] in page.text
    assert {"ja": "月", "ko": "월"}[language] in _panel(page, "month")
    assert "Duties" not in read(page)
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page.text))


def test_a_meeting_of_others_shows_nowhere(apis: Apis) -> None:
    """What two state to each other is in no list, count or calendar of the third."""
    korea = sign_in(Browser(apis, "KOR"))
    before = re.findall(r'class="count">(\d+)<', korea.get("/duties").text)
    now = apis.nodes["USA"].now()
    fields = {"commitment": "C3", "body": [], "level": "ministers", "medium": "video", "began_at": now - DAY_MS,
              "ended_at": now, "attended": ["JPN", "USA"], "consultation": []}  # fmt: skip
    id_ = say(apis, "USA", "MeetingHeld", to=("JPN", "USA"), **fields)
    assert re.findall(r'class="count">(\d+)<', korea.get("/duties").text) == before
    assert id_[:32] not in korea.get("/duties/calendar.ics").text
    assert korea.get(f"/duties/meeting/{id_}/attendance").status_code == 404
