"""The stream of a console: what happens, while the session is open; and one view for all consoles (ADR 0061)."""

import asyncio
import html
import json
import re
from typing import Any

import pytest

from comity.api.events import bulletin
from comity.api.events.bulletin import LISTENER_COUNT_OF_SESSION_MAX
from comity.base.instants import MINUTE_MS
from comity.console import stream, watch_pages
from comity.console.alarm import AlarmNow
from comity.console.session import IDLE_LOCK_S, Sessions
from comity.console.stream import STREAM_PATH
from comity.console.watch import find_watch
from kit.api import Apis
from kit.calming import answer, calm
from kit.console import Browser, Clock
from kit.patience import until
from kit.stage import CALL, make_message


@pytest.fixture
def browser(apis: Apis, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser at the console of the USA, signed in, at a node whose heart beats fast."""
    monkeypatch.setattr(bulletin, "HEARTBEAT_S", 0.05)
    found = Browser(apis, sessions=Sessions(clock=clock))
    found.sign_in()
    return found


def _call(apis: Apis) -> str:
    (id_,) = apis.state(CALL, party="JPN")
    apis.reaches(id_, "USA")
    return id_


def _find_events(text: str) -> list[str]:
    return re.findall(r"^event: (\S+)", text, re.MULTILINE)


def test_a_console_hears_what_happens_until_it_locks(apis: Apis, browser: Browser, clock: Clock) -> None:
    """What is stated is heard, with where it stands; a session that locks hears that it ended, and nothing more."""
    listening = apis.run(_begin(browser.open(STREAM_PATH)))
    id_ = _call(apis)
    apis.run(asyncio.sleep(0.2))
    clock.now_s += IDLE_LOCK_S
    heard: Any = apis.run(_end(listening))
    assert heard.headers["content-type"].startswith("text/event-stream")
    events = _find_events(heard.text)
    assert events[0] == "begun"
    assert "stated" in events
    assert id_ in heard.text
    assert events[-1] == "ended"
    assert "api.no-access" in heard.text


async def _begin(request: Any) -> Any:
    return asyncio.get_running_loop().create_task(request)


async def _end(listening: Any) -> Any:
    return await listening


def test_nobody_else_hears_anything(apis: Apis, browser: Browser) -> None:
    """Whoever has not signed in gets an answer that ends the asking, and no page."""
    refused = Browser(apis, like=browser).get(STREAM_PATH)
    assert (refused.status_code, refused.text) == (401, "")


def test_what_alarms_comes_with_the_stream(apis: Apis, browser: Browser) -> None:
    """The whole piece, as it is asked for: at the beginning, before the statement that it is about, and once."""
    calm(apis, "USA")
    listening = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(_all_heard(apis))
    quiet, flash = (_send(apis, precedence) for precedence in ("routine", "flash"))
    apis.run(_all_heard(apis))
    page, asked = browser.get("/").text, browser.get("/alarm/now")
    calm(apis, "USA")
    apis.run(_all_heard(apis))
    text = apis.run(_end_by_locking(browser, listening)).text
    pieces = _find_pieces(text)
    tones = [re.findall(r'data-tone="([a-z]*)"', piece["piece"])[0] for piece in pieces]
    assert (tones[0], tones[-1]) == ("", "")
    assert "flash" in tones
    assert asked.text in [piece["piece"] for piece in pieces]
    marks = [piece["mark"] for piece in pieces]
    assert [mark for mark, before in zip(marks, ["", *marks], strict=False) if mark == before] == []
    assert text.index(f"/acknowledge/{flash}") < text.index(f'"id":"{flash}"')
    assert f"/acknowledge/{quiet}" not in text
    assert {(piece["language"], piece["state"]) for piece in pieces} == {("en", "open")}
    assert f'data-visit="{pieces[0]["visit"]}"' in page


def test_a_locked_console_hears_that_something_alarms_and_no_more(apis: Apis, browser: Browser) -> None:
    """Neither what it is nor of whom, nor how much was stated; once it is unlocked another stream says the rest."""
    calm(apis, "USA")
    browser.submit(browser.get("/"), "/lock")
    listening = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(_all_heard(apis))
    flash = _send(apis, "flash")
    apis.run(_all_heard(apis))
    for session in browser.sessions._sessions.values():
        session.is_locked = False
    text = apis.run(_end(listening)).text
    answer(apis, flash)
    assert set(_find_events(text)) <= {"begun", "alarms", "pace", "heartbeat", "ended"}
    assert _find_events(text)[-1] == "ended"
    assert 'data-tone="flash"' in html.unescape("".join(piece["piece"] for piece in _find_pieces(text)))
    assert {piece["state"] for piece in _find_pieces(text)} == {"locked"}
    assert flash not in text
    assert "JPN" not in text
    assert "\nid:" not in text
    assert '"missed_count":0' in text


def test_whoever_locked_meanwhile_is_told_of_no_alarm(apis: Apis, browser: Browser, clock: Clock) -> None:
    """What comes between the locking and the end of the stream stands in no piece of it."""
    calm(apis, "USA")
    listening = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(_all_heard(apis))
    clock.now_s += IDLE_LOCK_S
    flash = _send(apis, "flash")
    text = apis.run(_end(listening)).text
    answer(apis, flash)
    assert f"/acknowledge/{flash}" not in text
    assert _find_events(text)[-1] == "ended"


def test_the_alarm_is_made_once_for_all_consoles(apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many hear it or ask for it, it is filled once in each language for each change."""
    made: list[tuple[object, ...]] = []
    real = AlarmNow.find_mark

    def count(now: AlarmNow, *about: object) -> str:
        made.append((now, *about))
        return real(now, *about)

    monkeypatch.setattr(AlarmNow, "find_mark", count)
    browsers = [Browser(apis, like=browser, language=language) for language in ("en", "ja", "ko") for _ in range(3)]
    for one in browsers:
        one.sign_in()
    flash = _send(apis, "flash")
    texts = [one.get(path).text for one in browsers for path in ("/alarm/now", "/", "/shortcuts", "/alarm/now")]
    answer(apis, flash)
    assert all(f"/acknowledge/{flash}" in text for text in texts)
    assert len(made) == len(set(map(repr, made)))


def test_the_more_listen_the_less_often_each_asks(
    apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is told at the beginning, and again with a heartbeat once others came or went."""
    monkeypatch.setattr(stream, "PIECES_PER_S", 2)
    paced: list[object] = []
    real = stream._write

    def write(name: str, **fields: object) -> bytes:
        paced.append(fields.get("renew_ms"))
        return real(name, **fields)

    monkeypatch.setattr(stream, "_write", write)
    first = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(_all_heard(apis))
    second = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(_all_heard(apis, 2))
    apis.run(until(lambda: paced.count(1_000) == 2))
    text = apis.run(_end_by_locking(browser, first)).text
    apis.run(_end(second))
    assert re.findall(r'"renew_ms":(\d+)', text)[:2] == ["500", "1000"]


def _send(apis: Apis, precedence: str) -> str:
    (id_,) = apis.state(make_message("JPN", "Launch detected.", precedence), party="JPN")
    apis.reaches(id_, "USA")
    return id_


async def _all_heard(apis: Apis, count: int = 1) -> None:
    """Wait until whoever listens has heard all that there is."""
    bulletin_ = apis.desks["USA"].bulletin

    def is_so() -> bool:
        rows = list(bulletin_._listeners)
        new = bulletin_._order._statements.list_from(bulletin_._order._index, 1)
        return (
            len(rows) == count
            and not new
            and all(row.given_count < 0 and not row.queue and row.position == bulletin_._order.end for row in rows)
        )

    await until(is_so)


def _find_pieces(text: str) -> list[dict[str, str]]:
    return [json.loads(data) for data in re.findall(r"^event: alarms\ndata: (.*)$", text, re.MULTILINE)]


async def _lock(browser: Browser) -> None:
    for session in browser.sessions._sessions.values():
        session.is_locked = True


def _end_by_locking(browser: Browser, listening: Any) -> Any:
    async def end() -> Any:
        await _lock(browser)
        return await listening

    return end()


def test_one_session_has_so_many_streams(apis: Apis, browser: Browser, clock: Clock) -> None:
    """One more is refused, and others are not; those that ended count no more."""
    other = Browser(apis, like=browser)
    other.sign_in()
    listening = [apis.run(_begin(browser.open(STREAM_PATH))) for _ in range(LISTENER_COUNT_OF_SESSION_MAX)]
    apis.wait(lambda: apis.desks["USA"].bulletin.listener_count == LISTENER_COUNT_OF_SESSION_MAX)
    refused = browser.get(STREAM_PATH)
    assert (refused.status_code, "as many streams already" in refused.text) == (409, True)
    one = apis.run(_begin(other.open(STREAM_PATH)))
    clock.now_s += IDLE_LOCK_S
    for each in (*listening, one):
        assert apis.run(_end(each)).status_code == 200
    again = Browser(apis, like=browser)
    again.sign_in()
    assert apis.run(_end(apis.run(_begin(_lock_soon(again))))).status_code == 200


async def _lock_soon(browser: Browser) -> Any:
    listening = asyncio.get_running_loop().create_task(browser.open(STREAM_PATH))
    await asyncio.sleep(0.1)
    for session in browser.sessions._sessions.values():
        session.is_locked = True
    return await listening


def test_listening_keeps_nobody_awake(apis: Apis, browser: Browser, clock: Clock) -> None:
    """A console that only listens locks as one that does nothing."""
    clock.now_s += IDLE_LOCK_S - 1
    listening = apis.run(_begin(browser.open(STREAM_PATH)))
    apis.run(asyncio.sleep(0.1))
    clock.now_s += 1
    assert _find_events(apis.run(_end(listening)).text)[-1] == "ended"


def test_a_view_is_found_once_for_all_consoles(apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, in whatever language; and anew once something was stated."""
    found: list[int] = []

    def count(desk: Any) -> Any:
        found.append(1)
        return find_watch(desk)

    monkeypatch.setattr(watch_pages, "find_watch", count)
    browsers = [Browser(apis, like=browser, language=language) for language in ("en", "ja", "ko") for _ in range(4)]
    for one in browsers:
        one.sign_in()
    node, pages = apis.nodes["USA"], [""]
    for _ in range(100):  # until a node that says things of its own has said nothing meanwhile, and no minute ended
        changed, minute = node.changed, node.now() // MINUTE_MS
        found.clear()
        pages = [one.get("/watch/now").text for one in browsers]
        if (node.changed, node.now() // MINUTE_MS) == (changed, minute):
            break
    assert len(found) <= 1
    assert "待" in "".join(pages)
    id_ = _call(apis)
    assert all(id_ in one.get("/watch/now").text for one in browsers)
