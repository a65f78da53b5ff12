"""Planned meetings on *Duties and calendar*: planned, answered, moved, called off, held as planned (P89 to P95)."""

import re
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from comity.base.instants import DAY_MS, HOUR_MS, Instant, format_dtg
from kit.api import Apis
from kit.console import Browser, read, strip_tags
from kit.hotline import arrives, say, sign, sign_in


def _row(browser: Browser, id_: str) -> str:
    """Return what the page says of one planned meeting."""
    found = re.search(rf'<li class="message[^"]*" id="p-{id_[:16]}".*?\n</li>', browser.get("/duties").text, re.DOTALL)
    assert found is not None, f"{id_[:16]} is on the page"
    return strip_tags(found[0])


def _moments(apis: Apis, *, days: int) -> dict[str, str]:
    starts = Instant(apis.nodes["USA"].now() + days * DAY_MS)
    return {"starts": format_dtg(starts), "ends": format_dtg(Instant(starts + HOUR_MS))}


def _plan(apis: Apis, browser: Browser, *, days: int = 9, **changed: Any) -> str:
    given = {"commitment": "C4", "body": "DM", "level": "ministers", "place": "Camp-David", "host": "USA",
             **_moments(apis, days=days), **changed}  # fmt: skip
    _, answer = sign(browser, "/duties/planned", "/duties/plan", **given)
    return arrives(apis, answer, "JPN", "KOR")


def _setting(**changed: object) -> dict[str, object]:
    plain = {"starts_at": 1, "ends_at": 2, "medium": "video", "host": [], "place": [], "agenda": []}
    return {**plain, **changed}


def _state(apis: Apis, party: str, *, to: tuple[str, ...] = ("JPN", "KOR", "USA"), **setting: object) -> str:
    """Have a party plan a meeting by the API."""
    invited = [one for one in to if one != party]
    fields = {"commitment": "C4", "body": [], "level": "ministers", "invited": invited, "consultation": [],
              "setting": _setting(**setting)}  # fmt: skip
    return say(apis, party, "MeetingPlanned", to=to, **fields)


def test_a_meeting_is_planned_and_each_invited_party_answers(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """With what it is to speak of; the others answer for themselves, and one proposes another time."""
    call = say(apis, "USA", "ConsultationCalled", commitment="C1", level="watch", kind="other", threats=[],
               threatened=["JPN"])  # fmt: skip
    assert f'value="{call}"' in usa.get("/duties/planned").text
    id_ = _plan(apis, usa, agenda=[call])
    said = _row(jpn, id_)
    assert "planned Defence ministers meet" in said
    assert "ministers · in person · Defence ministers · Camp-David · host: United States C4" in said
    assert "USA called for consultation" in said
    assert "JPN has not said" in said
    shown, answer = sign(jpn, f"/duties/planned/{id_}/answer", f"/duties/answer/{id_}", answer="will-attend")
    assert "will attend" in shown
    arrives(apis, answer, "USA")
    korea = sign_in(Browser(apis, "KOR"))
    _, answer = sign(korea, f"/duties/planned/{id_}/answer", f"/duties/answer/{id_}", answer="other-time",
                     starts="010900Z DEC 26", ends="011100Z DEC 26")  # fmt: skip
    arrives(apis, answer, "USA")
    said = _row(usa, id_)
    assert "JPN will attend jpn-operator" in said
    assert "KOR proposes another time 010900Z DEC 26 – 011100Z DEC 26" in said


def test_it_is_moved_by_who_planned_it_and_an_answer_is_to_one_setting(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Who had answered answers anew, and a form that was open meanwhile signs nothing."""
    id_ = _plan(apis, usa, to=["JPN"])
    _, answer = sign(jpn, f"/duties/planned/{id_}/answer", f"/duties/answer/{id_}", answer="will-attend")
    arrives(apis, answer, "USA")
    assert "all will attend" in _row(usa, id_)
    form = jpn.get(f"/duties/planned/{id_}/answer")
    _, answer = sign(usa, f"/duties/planned/{id_}/move", f"/duties/move/{id_}", **_moments(apis, days=11))
    arrives(apis, answer, "JPN")
    assert jpn.submit(form, f"/duties/answer/{id_}", answer="cannot-attend").status_code == 409
    said = _row(jpn, id_)
    assert ("moved" in said, "At first:" in said, "JPN has not said" in said) == (True, True, True)
    assert jpn.get(f"/duties/planned/{id_}/move").status_code == 200
    given = "&".join(f"{name}={value}" for name, value in _moments(apis, days=12).items())
    assert jpn.get(f"/duties/move/{id_}?medium=video&{given}").status_code == 404


def test_it_is_called_off_with_a_reason_and_stands_in_the_calendar_as_cancelled(apis: Apis, usa: Browser) -> None:
    """Under the identity that it had: no reader's calendar keeps it."""
    id_ = _plan(apis, usa)
    assert _event(usa, id_)["status"] == "CONFIRMED"
    _, answer = sign(usa, f"/duties/planned/{id_}/call-off", f"/duties/call-off/{id_}", reason="no-instructions")
    arrives(apis, answer, "JPN")
    said = _row(usa, id_)
    assert "called off Defence ministers meet" in said
    assert "Called off: no instructions" in said
    assert "Call off" not in said
    event = _event(usa, id_)
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
    assert usa.submit(usa.get(f"/duties/planned/{id_}/call-off"), f"/duties/call-off/{id_}").status_code == 404


def _event(browser: Browser, id_: str) -> Any:
    file = browser.get("/duties/calendar.ics")
    events = {str(event["uid"]): event for event in Calendar.from_ical(file.content).walk("VEVENT")}
    return next(event for uid, event in events.items() if uid.startswith(f"planned-{id_[:32]}"))


def test_a_planned_meeting_that_was_held_is_one_date_and_one_meeting(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """The form has what was planned; what was stated is a meeting as any other, and leads back."""
    now = apis.nodes["USA"].now()
    id_ = _state(apis, "JPN", starts_at=now - 2 * HOUR_MS, ends_at=now - HOUR_MS)
    assert "its time is over" in _row(usa, id_)
    _, answer = sign(usa, f"/duties/planned/{id_}/held", f"/duties/held-as-planned/{id_}")
    held = arrives(apis, answer, "JPN", "KOR")
    assert "held Defence ministers meet" in _row(jpn, id_)
    page = jpn.get("/duties")
    assert f'href="#g-{held[:16]}"' in page.text
    assert f'id="g-{held[:16]}"' in page.text
    file = jpn.get("/duties/calendar.ics").text
    assert (f"planned-{id_[:32]}" in file, f"held-{held[:32]}" in file) == (True, False)
    shown, answer = sign(usa, f"/duties/meeting/{held}/correct", f"/duties/moved/{held}", level="leaders")
    assert "It will read Defence ministers meet · leaders" in shown
    arrives(apis, answer, "JPN")
    assert "held Defence ministers meet" in _row(jpn, id_)


@pytest.mark.parametrize(
    "changed", [{"ends": "010000Z JAN 20"}, {"to": []}, {"starts": ""}, {"place": "no prose here"}, {"host": "XYZ"}]
)
def test_a_plan_that_cannot_be_is_not_stated(apis: Apis, usa: Browser, changed: dict[str, object]) -> None:
    """It ends after it starts, with somebody, at a place by its name."""
    page = usa.get("/duties/planned")
    given = {**_moments(apis, days=4), **changed}
    assert usa.submit(page, "/duties/plan", **given).status_code == 400


def test_a_time_is_asked_for_where_another_is_proposed(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """And what was typed for it is not sent with another answer."""
    id_ = _plan(apis, usa)
    form = jpn.get(f"/duties/planned/{id_}/answer")
    assert jpn.submit(form, f"/duties/answer/{id_}", answer="other-time").status_code == 400
    shown = jpn.submit(form, f"/duties/answer/{id_}", answer="cannot-attend", starts="010900Z DEC 26")
    assert shown.status_code == 200
    assert "010900Z" not in read(shown)


def test_what_two_plan_shows_nowhere_at_the_third(apis: Apis, usa: Browser) -> None:
    """In no list, count or calendar, and no path of it answers."""
    korea = sign_in(Browser(apis, "KOR"))
    now = apis.nodes["USA"].now()
    before = _count(korea.get("/duties"))
    id_ = _state(apis, "USA", to=("JPN", "USA"), starts_at=now + DAY_MS, ends_at=now + DAY_MS + HOUR_MS)
    assert id_[:16] in usa.get("/duties").text
    assert _count(korea.get("/duties")) == before
    assert id_[:32] not in korea.get("/duties/calendar.ics").text
    assert korea.get(f"/duties/planned/{id_}/answer").status_code == 404
    assert id_ not in {row["id"] for row in apis.get("/v1/meetings", party="KOR")["planned"]}


def _count(page: httpx.Response) -> str:
    found = re.search(r'id="planned">[^<]*</h2><span class="count">(\d+)<', page.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_planned_meetings_speak_the_readers_language(apis: Apis, usa: Browser, language: str) -> None:
    """Panel, row and forms."""
    id_ = _plan(apis, usa)
    browser = sign_in(Browser(apis, "JPN", language=language))
    assert {"ja": "予定された会合", "ko": "예정된 회의"}[language] in browser.get("/duties").text
    assert not re.search(r"[a-z]{4,} [a-z]{3,}", _row(browser, id_).replace("Camp-David", ""))
    for path in ("/duties/planned", f"/duties/planned/{id_}/answer", f"/duties/planned/{id_}/held"):
        assert not re.search(r"\b(invited|another|moves|until|Each)\b", read(browser.get(path)))
