"""The stream of a console: what happens, while the session is open; and one view for all consoles (ADR 0061)."""

import asyncio
import re
from typing import Any

import pytest

from comity.api.events import bulletin
from comity.base.instants import MINUTE_MS
from comity.console import watch_pages
from comity.console.session import IDLE_LOCK_S, Sessions
from comity.console.stream import STREAM_COUNT_OF_ONE_MAX, STREAM_PATH
from comity.console.watch import find_watch
from kit.api import Apis
from kit.console import Browser, Clock
from kit.stage import CALL


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
    answer: Any = apis.run(_end(listening))
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = _find_events(answer.text)
    assert events[0] == "begun"
    assert "stated" in events
    assert id_ in answer.text
    assert events[-1] == "ended"
    assert "api.no-access" in answer.text
    assert browser.get(STREAM_PATH).status_code == 401


async def _begin(request: Any) -> Any:
    return asyncio.get_running_loop().create_task(request)


async def _end(listening: Any) -> Any:
    return await listening


def test_nobody_else_hears_anything(apis: Apis, browser: Browser) -> None:
    """Whoever has not signed in, or has locked, gets an answer that ends the asking, and no page."""
    answer = Browser(apis, like=browser).get(STREAM_PATH)
    assert (answer.status_code, answer.text) == (401, "")
    browser.submit(browser.get("/"), "/lock")
    assert browser.get(STREAM_PATH).status_code == 401


def test_one_session_has_so_many_streams(apis: Apis, browser: Browser, clock: Clock) -> None:
    """One more is refused, and others are not; those that ended count no more."""
    other = Browser(apis, like=browser)
    other.sign_in()
    listening = [apis.run(_begin(browser.open(STREAM_PATH))) for _ in range(STREAM_COUNT_OF_ONE_MAX)]
    apis.run(asyncio.sleep(0.1))
    assert browser.get(STREAM_PATH).status_code == 503
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
