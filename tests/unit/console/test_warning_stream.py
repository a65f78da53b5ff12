"""The warning picture at the API and the console: relayed from the warning process, for who may look (W37, W39)."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.api.events.bulletin import LISTENER_COUNT_OF_SESSION_MAX
from comity.base.errors import UsageError
from comity.console.session import IDLE_LOCK_S, Sessions
from comity.node.feed.door_socket import Asked, DoorSocket, write_line
from kit.api import Apis
from kit.console import Browser, Clock

PICTURE = {"at": 5, "digest": "", "object_count": 0, "left_out_count": 0, "objects": [], "delays": []}
WHOLE = b"full"
"""No longer than what is looked at for a refusal: it comes in one piece, however slow the machine."""


class _Fake:
    """A warning process that has three frames a moment apart, one trail and one picture."""

    def __init__(self, folder: Path) -> None:
        verbs = {"frames": self._frames, "trails": self._trails, "picture": self._picture}
        self.socket = DoorSocket(folder, verbs)
        self.between = asyncio.Event()

    async def _frames(self, asked: Asked, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asked.at is not None:
            raise UsageError("warning.not-kept")
        writer.write(WHOLE)
        await writer.drain()
        await self.between.wait()
        writer.write(b"change")

    async def _trails(self, asked: Asked, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"trails of %d" % asked.minutes)

    async def _picture(self, asked: Asked, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(write_line(PICTURE if asked.at is None else {"code": "warning.not-kept"}))


@pytest.fixture
def fake(apis: Apis, tmp_path: Path) -> Iterator[_Fake]:
    """The warning process of the USA."""
    made = _Fake(tmp_path)
    desk = apis.desks["USA"]
    before, desk.folder = desk.folder, tmp_path
    apis.run(made.socket.start())
    yield made
    apis.run(made.socket.stop())
    desk.folder = before


@pytest.fixture
def browser(apis: Apis, clock: Clock) -> Browser:
    """A browser at the console of the USA, signed in."""
    found = Browser(apis, sessions=Sessions(clock=clock))
    found.sign_in()
    return found


async def _begin(request: Any) -> Any:
    return asyncio.get_running_loop().create_task(request)


async def _end(looking: Any, fake: _Fake) -> Any:
    fake.between.set()
    return await looking


def test_without_a_warning_process_there_is_no_picture(apis: Apis, browser: Browser) -> None:
    """The page and the program are told by a code that it does not run."""
    assert browser.get("/warning/frames").status_code == 503
    assert browser.get("/warning/trails").status_code == 503
    answer = apis.call("GET", "/v1/warning/picture")
    assert (answer.status_code, answer.json()["code"]) == (503, "warning.not-running")


def test_what_the_process_gives_goes_on_as_it_is(apis: Apis, browser: Browser, fake: _Fake) -> None:
    """Frames for as long as there are any, trails, rows; a refusal before the first byte is an error with its code."""
    looking = apis.run(_begin(browser.open("/warning/frames")))
    found = apis.run(_end(looking, fake))
    assert (found.status_code, found.content) == (200, WHOLE + b"change")
    assert found.headers["content-type"] == "application/octet-stream"
    assert browser.get("/warning/trails?minutes=30").content == b"trails of 30"
    assert browser.get("/warning/frames?at=7").status_code == 404
    assert json.loads(apis.call("GET", "/v1/warning/picture").content) == PICTURE
    answer = apis.call("GET", "/v1/warning/picture?at=7")
    assert (answer.status_code, answer.json()["code"]) == (404, "warning.not-kept")


def test_only_an_open_session_looks_and_each_has_so_many_places(
    apis: Apis, browser: Browser, fake: _Fake, clock: Clock
) -> None:
    """A stream ends with the next frame after the console locked; places are those of all streams of a session."""
    stranger = Browser(apis, like=browser)
    assert stranger.get("/warning/frames").status_code == 401
    assert stranger.get("/warning/trails").status_code == 303
    looking = [apis.run(_begin(browser.open("/warning/frames"))) for _ in range(LISTENER_COUNT_OF_SESSION_MAX)]
    bulletin = apis.desks["USA"].bulletin
    apis.wait(lambda: len(bulletin._places) == LISTENER_COUNT_OF_SESSION_MAX)
    assert browser.get("/warning/frames").status_code == 409
    clock.now_s += IDLE_LOCK_S
    assert {apis.run(_end(one, fake)).content for one in looking} == {WHOLE}
    assert browser.get("/warning/frames").status_code == 303
    assert bulletin._places == []
