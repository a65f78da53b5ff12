"""Feeds for office and warning systems: each consumer gets what its party may have, and hears of nothing else."""

from typing import Any

from icalendar import Calendar

from kit.api import Apis
from kit.stage import CALL


def _add(apis: Apis, name: str, party: str, *formats: str, **ceiling: Any) -> str:
    body = {"name": name, "party": party, "formats": list(formats), **ceiling}
    found = apis.call("POST", "/v1/consumers", json=body)
    assert found.status_code == 201, found.text
    token: str = found.json()["token"]
    return token


def _read(apis: Apis, path: str, token: str | None = None) -> dict[str, Any]:
    found = apis.call("GET", path, **({} if token is None else {"token": token}))
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].startswith("text/calendar")
    calendar: Any = Calendar.from_ical(found.content)
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def _convene(apis: Apis, *to: str) -> tuple[str, str]:
    (call,) = apis.state(CALL, to=to)
    now = apis.nodes["USA"].now()
    entry: dict[str, object] = {"type": "ConsultationConvened", "consultation": call, "level": "watch",
                                "medium": "video", "starts_at": now + 3_600_000}  # fmt: skip
    (convened,) = apis.state(entry, to=to)
    return call, convened


def test_a_meeting_is_shown_to_those_who_were_told_of_it(apis: Apis) -> None:
    """KOR's system gets what was said to all, and of what was said to JPN alone no id, no duty, no line."""
    all_ = _convene(apis)
    pair = _convene(apis, "JPN")
    tokens = {party: _add(apis, f"office-{party.lower()}", party, "icalendar") for party in ("JPN", "KOR")}
    tokens["USA"] = _add(apis, "office-usa", "USA", "icalendar", level="USA-U", topics=["public-message"])
    officer = _read(apis, "/v1/calendar")
    shown = {party: _read(apis, "/feeds/calendar.ics", token) for party, token in tokens.items()}

    def find(events: dict[str, Any], convened: str) -> Any:
        return next((event for uid, event in events.items() if uid.startswith(f"meeting-{convened[:32]}")), None)

    assert find(officer, all_[1]) is not None
    assert find(officer, pair[1]) is not None
    assert {party: find(events, all_[1]) is not None for party, events in shown.items()} == dict.fromkeys(shown, True)
    assert {party: find(events, pair[1]) is not None for party, events in shown.items()} == {
        "JPN": True, "KOR": False, "USA": False}  # fmt: skip
    raw = apis.call("GET", "/feeds/calendar.ics", token=tokens["KOR"]).content
    assert [id_ for id_ in (*pair, pair[0][:16]) if id_.encode() in raw.replace(b"\r\n ", b"")] == []
    assert {uid.split("-")[2] for uid in shown["KOR"] if uid.startswith("duty-position")} == {"KOR"}
    assert {uid for uid in officer if uid.startswith("duty-acknowledgement-KOR")} != set()
    assert [uid for uid in shown["KOR"] if uid.startswith("pact-C2-")] != []
    meeting = find(shown["KOR"], all_[1])
    assert str(meeting["summary"]).startswith(
        "EXERCISE exercise/nodes: Consultation at the level of watch officers, by video"
    )
    assert "KST" in str(meeting["description"])


def test_a_meeting_taken_back_is_cancelled_under_the_same_uid(apis: Apis) -> None:
    """It stays in the calendar, so that a system that was away learns of it."""
    call, convened = _convene(apis)
    uid = next(uid for uid in _read(apis, "/v1/calendar") if uid.startswith(f"meeting-{convened[:32]}"))
    apis.state({"type": "EntryWithdrawn", "entry": convened, "reason": "superseded"})
    event = _read(apis, "/v1/calendar")[uid]
    assert (str(event["status"]), int(event["sequence"])) == ("CANCELLED", 1)
    declined: dict[str, object] = {"type": "CallDeclined", "consultation": call, "reason": "not-affected"}
    (id_,) = apis.state(declined, party="KOR")
    apis.reaches(id_, "USA")
    duty = next(event for uid, event in _read(apis, "/v1/calendar").items()
                if uid.startswith(f"duty-position-KOR-{call[:16]}"))  # fmt: skip
    assert str(duty["status"]) == "CANCELLED"


def test_a_preview_of_a_partys_calendar_is_what_its_system_gets(apis: Apis) -> None:
    """The officer's preview and the feed are one function."""
    _convene(apis, "JPN")
    token = _add(apis, "office-kor-two", "KOR", "icalendar")
    assert set(_read(apis, "/v1/calendar?for=KOR")) == set(_read(apis, "/feeds/calendar.ics", token))


def test_alerts_are_polled_within_the_ceilings(apis: Apis) -> None:
    """An own system has a level and topics: what is above is not there, by list or by id, nor is another format."""

    def threat(level: str, topic: str) -> str:
        marking = {"originator": "USA", "scheme": "USA", "level": level, "topics": [topic], "caveats": []}
        text = {"marking": marking, "translations": [{"language": "en", "text": "seen"}]}
        (id_,) = apis.state({"type": "ThreatReported", "kind": "other", "occurred_at": 1_702_855_440_000,
                             "threatened": [], "sources": [], "narrative": text}, to=("USA",))  # fmt: skip
        return id_

    low, high = threat("USA-U", "public-message"), threat("USA-S", "public-message")
    token = _add(apis, "sirens", "USA", "cap", level="USA-CUI", topics=["public-message"])
    listed = {row["id"] for row in apis.call("GET", "/feeds/alerts", token=token).json()}
    assert (low in listed, high in listed) == (True, False)
    assert apis.call("GET", f"/feeds/alerts/{low}", token=token).content.startswith(b"<?xml")
    hidden = apis.call("GET", f"/feeds/alerts/{high}", token=token)
    nothing = apis.call("GET", f"/feeds/alerts/{'22' * 32}", token=token)
    assert hidden.status_code == nothing.status_code == 404
    assert apis.call("GET", "/feeds/calendar.ics", token=token).status_code == 404
    assert apis.call("GET", "/feeds/calendar.ics", token="sirens.wrong").status_code == 401
    assert apis.call("GET", "/v1/alerts", token=token).status_code == 401


def test_areas_go_to_whom_their_terms_may_go(apis: Apis) -> None:
    """Own officer: all; KOR: what decide permits; an own map within its ceilings; each with its marking."""

    def act(level: str, topic: str) -> str:
        marking = {"originator": "USA", "scheme": "USA", "level": level, "topics": [topic], "caveats": []}
        now = apis.nodes["USA"].now()
        area = {
            "shape": "circle",
            "places": [{"north_udeg": 128_500_000, "east_udeg": 315_000_000}],
            "radius_m": 60_000,
        }
        terms = {"instrument": "patrol", "actor": "unit-1", "areas": [area], "starts_at": now, "ends_at": now + 1000,
                 "announce_at": 0, "target": [], "depends_on": [], "caveats": [],
                 "description": {"marking": marking, "translations": [{"language": "en", "text": "x"}]}}  # fmt: skip
        entry: dict[str, object] = {
            "type": "NationalActionStated",
            "consultation": [],
            "stage": "intended",
            "terms": terms,
        }
        (id_,) = apis.state(entry, to=("USA",))
        return id_[:32]

    low, high = act("USA-U", "public-message"), act("USA-TS", "dprk-missile")
    token = _add(apis, "map", "USA", "geojson", level="USA-CUI", topics=["public-message"])

    def list_ids(path: str, token: str | None = None) -> set[str]:
        found = apis.call("GET", path, **({} if token is None else {"token": token}))
        assert found.status_code == 200, found.text
        return {feature["id"].partition("-")[0] for feature in found.json()["features"]}

    assert {low, high} <= list_ids("/v1/areas")
    for ids in (list_ids("/v1/areas?for=KOR"), list_ids("/feeds/areas.geojson", token)):
        assert (low in ids, high in ids) == (True, False)
    features = apis.get("/v1/areas?for=KOR")["features"]
    shown = next(feature for feature in features if feature["id"].startswith(low))
    assert shown["geometry"] == {"type": "Point", "coordinates": [135.0, 38.5]}
    assert (shown["properties"]["marking"]["level"], shown["properties"]["handled_as"]) == ("USA-U", "KOR-OPEN")
    assert shown["properties"]["realm"] == "exercise/nodes"
