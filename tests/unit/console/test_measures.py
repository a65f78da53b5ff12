"""Measures on a consultation's page: the chart, the table that says the same, collisions, needs, caveats and gaps."""

import html
import re
from typing import Any

from comity.base.instants import HOUR_MS
from kit.console import Browser, find_inline, strip_tags
from kit.talk import Play, marked

PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"
SEA = {"shape": "circle", "places": [{"north_udeg": 128_500_000, "east_udeg": 315_000_000}], "radius_m": 60_000}


def _section(browser: Browser, call: str) -> str:
    page = browser.get(f"/consultations/{call}")
    assert page.status_code == 200
    return page.text.partition('aria-labelledby="measures"')[2].partition("</section>")[0]


def _offer_two(play: Play, call: str, **changed: Any) -> tuple[str, str]:
    patrol = play.offer("USA", call, play.terms("USA", areas=[SEA], target=["task-group-1"]), "JPN")
    drill = play.offer("JPN", call, play.terms("JPN", "exercise", hours=(6, 9), areas=[SEA], **changed), "USA")
    return patrol, drill


def test_a_collision_is_marked_in_chart_and_words(browser: Browser, play: Play) -> None:
    """Two in one place at one time: hatched in the chart, named with both numbers, linked from both rows."""
    call = play.call("KOR")
    _offer_two(play, call)
    section = _section(browser, call)
    assert section.count('class="overlap"') == 2
    assert "1 · United States · patrol · offered ⚠1" in strip_tags(section)
    assert "⚠1 same place and time 1 × 2" in strip_tags(section)
    assert section.count('href="#collision-1"') == 2
    assert "38.50°N 135.00°E · 60.0 km round it" in strip_tags(section)
    assert find_inline(section) == []


def test_moving_one_takes_the_collision_away(browser: Browser, play: Play) -> None:
    """The terms that stand are drawn; and they have to be accepted anew."""
    call = play.call("KOR")
    patrol, drill = _offer_two(play, call)
    play.say("USA", "MeasureAccepted", measure=drill, terms=drill)
    assert "United States: accepted" in strip_tags(_section(browser, call))
    play.say("JPN", "MeasureAmended", measure=drill, terms=play.terms("JPN", "exercise", hours=(14, 17), areas=[SEA]))
    section = strip_tags(_section(browser, call))
    assert "same place and time" not in section
    assert "United States: not answered" in section
    assert patrol


def test_needs_and_caveats_are_told(browser: Browser, play: Play) -> None:
    """An act that begins before what it needs; a limit on what is pledged, with its marking."""
    call = play.call("KOR")
    base = play.offer("USA", call, play.terms("USA", hours=(10, 12)))
    play.offer("KOR", call, play.terms("KOR", "surveillance", hours=(2, 4), depends_on=[base],
                                       caveats=[marked("KOR", en="No data passes on.")]))  # fmt: skip
    section = _section(browser, call)
    assert 'class="need later"' in section
    assert "⚠1 dependency not met" in strip_tags(section)
    assert re.search(r"2 begins later", strip_tags(section))
    assert "† caveat KOR" in strip_tags(section)
    assert "No data passes on." in section


def test_what_fell_stays_in_the_table_alone(browser: Browser, play: Play) -> None:
    """Declined with its reason, withdrawn, ended: no bar, but a row; own right is told as such."""
    call = play.call("KOR")
    offered = play.offer("USA", call, play.terms("USA"), "JPN")
    play.say("JPN", "MeasureDeclined", measure=offered, terms=offered, reason="collides")
    own = play.say("KOR", "NationalActionStated", consultation=[call], stage="under-way",
                   terms=play.terms("KOR", "missile-defence", hours=(0, 6)))  # fmt: skip
    section = _section(browser, call)
    assert section.count('class="bar-label"') == 1
    assert 'class="bar under-way own-right"' in section
    assert "missile defence in its own right" in strip_tags(section)
    assert "Japan: declined Japan: it collides with another measure" in strip_tags(section)
    play.say("KOR", "NationalActionEnded", action=own)
    section = _section(browser, call)
    assert "<svg" not in section
    assert section.count('class="fallen"') == 2
    assert "ended" in strip_tags(section)


def test_a_gap_of_a_plan_is_drawn_and_said(browser: Browser, play: Play) -> None:
    """Where an activated plan wants what nobody does."""
    call = play.call("KOR")
    line = {"id": "watch-the-sea", "instrument": "patrol", "by": [], "target": [], "after_ms": 0, "for_ms": 6 * HOUR_MS}
    plan = play.say("USA", "PlanOpened", name="launch-east", kind="missile-launch")
    version = play.say("USA", "PlanVersionProposed", plan=plan, body=marked("USA", en="The plan."), lines=[line])
    for party in ("JPN", "KOR"):
        play.say(party, "PlanAccepted", plan=plan, version=version)
    play.say("USA", "PlanActivated", plan=plan, version=version, consultation=call, begins_at=play.now())
    section = _section(browser, call)
    assert 'class="bar gap"' in section
    assert "Nothing meets line watch-the-sea of the plan launch-east patrol" in strip_tags(section)
    play.offer("USA", call, play.terms("USA", hours=(1, 3)))
    assert "Nothing meets" not in strip_tags(_section(browser, call))


def test_what_parties_write_is_text_in_the_chart_too(browser: Browser, play: Play) -> None:
    """Nothing that anybody stated becomes markup."""
    call = play.call("KOR")
    terms = play.terms("KOR", description=marked("KOR", en=PAYLOAD), caveats=[marked("KOR", en=PAYLOAD)])
    play.offer("KOR", call, terms)
    section = _section(browser, call)
    assert find_inline(section) == []
    assert html.unescape(section).count(PAYLOAD) == 2
