"""Meetings owed, as the consoles, the calendar and the API show them (P85 to P88)."""

import datetime as dt
from typing import Any

import pytest
from icalendar import Calendar

from comity.base.instants import Instant, format_dtg, parse_instant
from comity.console.promises import group_owed
from comity.console.watch import find_watch
from comity.machine.meetings import judge_meetings_owed
from comity.procedure.duty import DutyVerdict
from kit.api import Apis
from kit.console import Browser, strip_tags
from kit.hotline import say, sign_in

YEAR = dt.datetime.now(dt.UTC).year
"""The year in which the nodes of the tests live: their clocks are real."""


def _after(years: int) -> Instant:
    """February of a later year: the year before has ended, and so has the time to state its meeting."""
    return parse_instant(f"{YEAR + years}-02-15")


def _owed(apis: Apis, commitment: str, as_of: Instant) -> dict[tuple[str, str], Any]:
    """What is owed under a commitment, by party and the month in which it is due."""
    rows = apis.get(f"/v1/meetings?as_of={as_of}")["commitments"]
    cells = next(row["owed"] for row in rows if row["commitment"] == commitment)
    return {(cell["party"], format_dtg(Instant(cell["due_at"]))[-6:]): cell for cell in cells}


def _meet(apis: Apis, commitment: str, *, began: Instant) -> str:
    return say(apis, "USA", "MeetingHeld", commitment=commitment, body=[], level="ministers", medium="video",
               began_at=began, ended_at=began + 1, attended=["JPN", "KOR", "USA"], consultation=[])  # fmt: skip


def test_it_is_judged_for_any_instant_over_the_api(apis: Apis) -> None:
    """Open, met by one's own word, and overdue for whoever has not said so when the time is over."""
    began = Instant(apis.nodes["USA"].now() - 1000)
    due = f"JAN {(YEAR + 1) % 100:02}"
    assert _owed(apis, "C7", began)["JPN", due]["verdict"] == "open"
    id_ = _meet(apis, "C7", began=began)
    say(apis, "KOR", "MeetingAttended", meeting=id_, attendance="attended", role="watch-officer", officer="kor-w")
    found = _owed(apis, "C7", _after(1))
    assert {party: found[party, due]["verdict"] for party in ("JPN", "KOR", "USA")} == {
        "JPN": "overdue", "KOR": "met", "USA": "met",
    }  # fmt: skip
    assert found["USA", due]["met_by"] == id_
    assert {cell["policy"] for cell in found.values()} == {"policy.meetings"}
    assert apis.call("GET", "/v1/meetings?as_of=-1").status_code == 400


def test_the_duties_page_says_of_each_year_who_has_said_so(apis: Apis, usa: Browser) -> None:
    """By commitment, with by when; words on meetings are counted, and no row of the clause table."""
    _meet(apis, "C5", began=Instant(apis.nodes["USA"].now() - 1000))
    page = usa.get("/duties").text
    panel = strip_tags(page[page.index('id="promised"') :].partition("</section>")[0])
    assert "Commerce and industry ministers meet" in panel
    own = panel[panel.index("Commerce and industry ministers meet") :][:400]
    assert "USA met" in own
    assert "JPN still open" in own
    grid = strip_tags(page[page.index('id="by-clause"') :].partition("</section>")[0])
    assert "word that a meeting was held" not in grid
    of_party = usa.get("/duties/of/JPN").text
    panel = strip_tags(of_party[of_party.index('id="promised"') :].partition("</section>")[0])
    assert "JPN still open" in panel
    assert "USA met" not in panel


def test_one_clock_is_one_row_with_every_party_that_owes(apis: Apis) -> None:
    """Six commitments of three parties are six rows, not eighteen; what is far off is left out where that is asked."""
    machine = apis.nodes["USA"].machine
    duties = judge_meetings_owed(machine, _after(2))
    late = group_owed(duties, DutyVerdict.OVERDUE)
    assert [(row.clause, row.parties) for row in late] == [
        (clause, ("JPN", "KOR", "USA")) for clause in ("C2", "C3", "C4", "C5", "C7", "C8")
    ]
    assert group_owed(duties, DutyVerdict.OPEN, until=_after(2)) == ()
    assert len(group_owed(duties, DutyVerdict.OPEN)) == 6


def test_the_watch_names_what_is_overdue_and_keeps_its_calm(
    apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that is owed for months is no reason for alarm; its row has its own party first."""
    node, desk = apis.nodes["USA"], apis.desks["USA"]
    duties = list(judge_meetings_owed(node.machine, _after(2)))
    monkeypatch.setattr(desk, "judge_duties", lambda **_: iter(duties))
    watch = find_watch(desk)
    assert [row.clause for row in watch.meetings] == ["C2", "C3", "C4", "C5", "C7", "C8"]
    assert watch.overdue == ()
    panel = browser.get("/").text.partition('id="overdue"')[2].partition("</section>")[0]
    assert "USA, JPN, KOR word that a meeting was held Leaders meet (C2)" in strip_tags(panel)


def test_the_calendar_says_it_at_the_end_of_the_year(apis: Apis) -> None:
    """One event for a commitment and year, under the identity that it had; who is another party's sees the same."""
    _meet(apis, "C8", began=Instant(apis.nodes["USA"].now() - 1000))
    events = Calendar.from_ical(apis.call("GET", "/v1/calendar?lang=en").content).walk("VEVENT")
    found = [str(row["summary"]) for row in events if str(row["uid"]).startswith("pact-C8-")]
    assert any("(met: USA; still open: JPN, KOR)" in summary for summary in found), found
    assert not any(str(row["uid"]).startswith("duty-meeting-held") for row in events)


@pytest.mark.parametrize(("language", "words"), [("ja", "会合を開いたとの表明"), ("ko", "회의를 열었다는 표명")])
def test_it_is_said_in_the_readers_language(
    apis: Apis, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row of the watch, with the commitment's own title."""
    desk = apis.desks["USA"]
    duties = list(judge_meetings_owed(apis.nodes["USA"].machine, _after(2)))
    monkeypatch.setattr(desk, "judge_duties", lambda **_: iter(duties))
    page = sign_in(Browser(apis, language=language)).get("/").text
    panel = page.partition('id="overdue"')[2].partition("</section>")[0]
    assert words in panel
    assert {"ja": "首脳会合", "ko": "정상회의"}[language] in panel
