"""The warning picture as a table: what stands in it, what is asked for, the past, and what it led to."""

import base64
import re
from typing import Any

import pytest

from comity.api.desk import Desk
from comity.base.errors import OutageError
from comity.console import warning_pages
from comity.console.warning_rows import Asked, format_distance, format_place, lay_table, read_asked
from comity.console.warning_setting import find_symbol
from kit.api import Apis
from kit.console import Browser, find_inline, strip_tags
from kit.hotline import sign_in
from kit.talk import Play, marked
from unit.exchange.test_areas_at_risk import make_telegram

MINUTE_MS = 60_000
SHIPS, MISSILES = "policy.track.surface", "policy.track.ballistic"
TERM = "policy.track.surface-jpn-kor"


def _place(**given: object) -> dict[str, Any]:
    place = {"latitude": 39.5, "longitude": 127.25, "altitude_m": None, "sigma_m": 500.0, "speed_m_s": 6.0,
             "course_deg": 359.9, "kind": "", "confidence": 0, "is_coasted": False,
             "is_deception_suspected": False}  # fmt: skip
    return {**place, **given}


def _member(name: str, **given: object) -> dict[str, Any]:
    member = {"name": name, "author": name[:3], "standing": "live", "at": 1_795_000_000_000, "number": 1,
              "received_at": 0, "continues": "", "clause": "", "coarsen_m": 0, "delay_ms": 0,
              "sensor": "", "place": _place(), "ends": []}  # fmt: skip
    return {**member, **given}


def _object(*members: dict[str, Any], **given: object) -> dict[str, Any]:
    row = {"name": members[0]["name"], "class_": SHIPS, "standing": "live", "count": 1, "conflicts": [],
           "estimate": _place(), "members": list(members)}  # fmt: skip
    return {**row, **given}


def _end(what: str, axis_m: float) -> dict[str, Any]:
    return {"what": what, "at": 1_795_000_300_000, "sigma_at_ms": 5_000, "latitude": 40.0, "longitude": 135.0,
            "semi_major_m": axis_m, "semi_minor_m": axis_m, "bearing_deg": 0.0}  # fmt: skip


PICTURE = {
    "at": 1_795_000_001_000, "digest": "", "object_count": 4, "left_out_count": 0,
    "objects": [
        _object(_member("JPN-0042", clause=TERM, coarsen_m=2_000, delay_ms=60_000),
                _member("KOR-0007", sensor="coast")),
        _object(_member("KOR-0100", ends=[_end("impact", 9_000)]), _member("USA-0100", ends=[_end("impact", 4_000)]),
                class_=MISSILES, estimate=_place(kind="srbm", confidence=70, altitude_m=41_000.0)),
        _object(_member("JPN-0201"), _member("JPN-0202"), class_=MISSILES, count=2, estimate=None),
        _object(_member("JPN-0300", standing="stale"), _member("KOR-0300"), standing="stale", conflicts=["place"],
                estimate=None),
    ],
    "delays": [{"author": "KOR", "latest_ms": 1_200, "median_ms": 1_500, "longest_ms": 61_000, "late_count": 3}],
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the warning process was asked; it answers with the picture above."""
    wishes: list[dict[str, Any]] = []

    async def ask(_: Desk, at: int | None = None) -> Any:
        wishes.append({"at": at})
        return PICTURE

    monkeypatch.setattr(warning_pages, "find_picture", ask)
    return wishes


def _read_names(text: str) -> list[str]:
    return re.findall(r'data-choose="([^"]+)"', text)


def test_the_table_says_all_of_an_object(browser: Browser, asked: list[dict[str, Any]]) -> None:
    """Who reports it, told how and under which clause; how sure; what contradicts itself with each report below it."""
    text = browser.get("/warning").text
    says = re.sub(r"\s+", " ", strip_tags(text))
    assert _read_names(text) == ["JPN-0201", "KOR-0100", "JPN-0042", "JPN-0300"]
    for wanted in (TERM, "on a grid of 2.0 km", "60 s late", "salvo: 2 unresolved", "conflict of place", "JPN-0202",
                   "short-range ballistic missile", "within 1.2 km, 95 in 100", "41 km", "coast", "61.0 s",
                   "000° 6 m/s"):  # fmt: skip
        assert wanted in says, wanted
    assert find_inline(text) == []
    assert asked[0]["at"] is None


@pytest.mark.parametrize(("query", "names"), [
    ("class=policy.track.ballistic", {"KOR-0100", "JPN-0201"}),
    ("party=USA", {"KOR-0100"}),
    (f"clause={TERM}", {"JPN-0042"}),
    ("clause=full&party=JPN", {"JPN-0201", "JPN-0300"}),
    ("class=nothing", set()),
])  # fmt: skip
def test_the_table_shows_what_is_asked_for(
    browser: Browser, asked: list[dict[str, Any]], query: str, names: set[str]
) -> None:
    """By class, by who reports it, by the clause under which it is told; the piece asks for the same anew."""
    assert asked == []
    text = browser.get(f"/warning?{query}").text
    assert set(_read_names(text)) == names
    path = re.search(r'hx-get="(/warning/now[^"]*)"', text)
    assert path is not None
    assert browser.get(path[1].replace("&amp;", "&")).status_code == 204


def test_order_and_sheets_are_those_asked_for() -> None:
    """What contradicts itself first; by name; and never more than a sheet of it."""
    by = {
        sort: [row["name"] for row in lay_table(PICTURE, Asked(sort=sort)).rows]
        for sort in ("class", "name", "reports")
    }
    assert by["class"] == ["JPN-0201", "KOR-0100", "JPN-0042", "JPN-0300"]
    assert by["name"] == sorted(by["class"])
    assert by["reports"][:2] == ["JPN-0300", "JPN-0201"]
    many = {**PICTURE, "objects": [_object(_member(f"JPN-{number:04}")) for number in range(250)]}
    table = lay_table(many, Asked(sheet=9))
    assert (table.sheet, table.sheet_count, len(table.rows)) == (3, 3, 50)


def test_the_past_is_said_to_be_the_past(browser: Browser, apis: Apis, asked: list[dict[str, Any]]) -> None:
    """A moment of the last day is shown as such; one that is older, ahead or no moment is not."""
    now = apis.nodes["USA"].now()
    at = (now - 30 * MINUTE_MS) // 1_000 * 1_000
    text = browser.get(f"/warning?at={at}").text
    assert asked[-1]["at"] == at
    assert "This is how it stood" in text
    assert 'data-when="past"' in text
    assert browser.get("/warning?minutes=-30").status_code == 200
    assert abs(asked[-1]["at"] - at) < 5 * MINUTE_MS
    for old in (now - 49 * 60 * MINUTE_MS, now + MINUTE_MS):
        browser.get(f"/warning?at={old}")
        assert asked[-1]["at"] is None
    assert read_asked({"at": "-1", "sheet": "0", "minutes": "5"}, now) == Asked()


def test_without_a_warning_process_the_page_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """No table and no fault: what is the matter, and what to do."""

    async def refuse(_: Desk, at: int | None = None) -> Any:
        raise OutageError("warning.not-running", at=at or 0)

    monkeypatch.setattr(warning_pages, "find_picture", refuse)
    answer = browser.get("/warning")
    assert answer.status_code == 200
    assert "data-objects" not in answer.text


@pytest.mark.parametrize(("language", "word"), [("ja", "一斉発射"), ("ko", "일제사격")])
def test_the_table_is_in_the_readers_language(
    apis: Apis, asked: list[dict[str, Any]], language: str, word: str
) -> None:
    """Words, kinds and classes; names of tracks and clauses are the same everywhere."""
    assert asked == []
    text = sign_in(Browser(apis, "JPN", language=language)).get("/warning").text
    assert word in text
    assert TERM in text


def test_the_map_is_given_the_smallest_estimate(browser: Browser, asked: list[dict[str, Any]]) -> None:
    """Of reports that are one object one impact is drawn; a class comes with its symbol, which takes nobody's side."""
    assert asked == []
    ends = browser.get("/warning/ends").json()
    assert [(end["name"], end["semi_major_m"]) for end in ends] == [("USA-0100", 4_000)]
    setting = browser.get("/warning/setting").json()
    codes = {kind["code"] for row in setting["classes"] for kind in row["kinds"]}
    assert codes
    assert all(re.fullmatch(r"SU[APSG]P[A-Z-]{11}", code) for code in codes)
    assert {area["what"] for area in setting["areas"]} >= {"pact"}


def test_a_threat_that_names_a_track_leads_both_ways(
    browser: Browser, play: Play, apis: Apis, asked: list[dict[str, Any]]
) -> None:
    """From the object to the consultation that it led to, and from there to the object at that time."""
    source = {"kind": "own-sensor", "reliability": "B", "credibility": 2}
    threat = play.say("KOR", "ThreatReported", kind="missile-launch", occurred_at=play.now(), threatened=["KOR"],
                      sources=[source], narrative=marked("KOR", en="Object KOR-0100, not XKOR-0042."))  # fmt: skip
    call = play.call("KOR", threats=[threat], threatened=["KOR"])
    apis.reaches(call, "USA")
    card = browser.get("/warning/object/KOR-0100").text
    assert f"/consultations/{call}" in card
    assert f"/record/{threat}" in card
    assert f"/consultations/{call}" not in browser.get("/warning/object/JPN-0042").text
    back = re.search(r'class="to-warning" href="([^"]+)"', browser.get(f"/consultations/{call}").text)
    assert back is not None
    assert "track=KOR-0100" in back[1]
    assert "&amp;at=" in back[1]
    assert 'data-track="KOR-0100' in browser.get(back[1].replace("&amp;", "&")).text
    assert asked


def test_nobody_without_a_session_gets_anything(apis: Apis) -> None:
    """Neither the page nor an estimate."""
    stranger = Browser(apis)
    assert stranger.get("/warning").status_code in (302, 303)
    assert stranger.get("/warning/ends").status_code in (302, 303)


def test_numbers_are_written_as_they_are_worth() -> None:
    """Metres below a kilometre, one figure behind the point below ten; a place with its hemispheres."""
    assert [format_distance(value) for value in (850, 1_240, 41_000)] == ["850 m", "1.2 km", "41 km"]
    assert format_place(-39.5, -127.25) == "39.500° S 127.250° W"


def test_symbols_follow_the_types_of_cursor_on_target(apis: Apis) -> None:
    """One table says both: the place of a kind's type, affiliation unknown, fifteen letters."""
    row = apis.nodes["USA"].machine.pact.find_track_class(MISSILES)
    assert row is not None
    assert find_symbol(row, 0) == "SUAPWMSS-------"
    assert find_symbol(row, 0xFFFF) == "SUAPWM---------"


def test_areas_at_risk_of_a_tsunami_stand_beside_the_map(
    apis: Apis, asked: list[dict[str, Any]], browser: Browser
) -> None:
    """By telegrams that this party may have, the gravest first; to another they are nothing; the past is another."""
    assert asked == []
    raw = make_telegram("06:00", ("320", "62"), ("321", "52"))
    body = {"alert": base64.b64encode(raw).decode(), "level": "USA-U", "topics": ["humanitarian"]}
    taken = apis.call("POST", "/v1/alerts", json=body)
    assert taken.status_code == 201, taken.text
    rows = apis.get("/v1/warning/areas")
    assert [(row["code"], row["grade"], row["geometry"]) for row in rows] == [
        ("321", "major-warning", None), ("320", "advisory", None),
    ]  # fmt: skip
    assert rows[0]["item"] == taken.json()["item"]
    assert apis.get(f"/v1/warning/areas?at={rows[0]['reported_at'] - 1}") == []
    assert apis.get("/v1/warning/areas", party="KOR") == []
    text = browser.get("/warning").text
    assert 'data-at-risk="2"' in text
    assert "major tsunami warning" in text
    assert "321区" in text
    assert find_inline(text) == []
    assert "津波" in sign_in(Browser(apis, language="ja")).get("/warning").text
    assert 'id="at-risk"' not in sign_in(Browser(apis, "KOR")).get("/warning").text
