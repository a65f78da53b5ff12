"""What somebody tries who is at the door and has no key, or had one (ADR 0057, 0061; docs/threat-model.md)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.api import officer_door
from comity.base.instants import Instant
from comity.console.session import Sessions
from comity.console.session_book import SessionBook
from comity.console.stream import STREAM_PATH
from kit.api import TOKEN, Apis
from kit.console import Browser, find_forms
from kit.officers import have_officers
from kit.stage import CALL


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """An administrator and a watch officer of the USA, with their tokens; gone after the test."""
    with have_officers(apis.nodes["USA"], {"usa-adm": ("administrator",), "usa-w": ("watch-officer",)}) as found:
        yield found


@pytest.fixture
def stranger(apis: Apis, browser: Browser) -> Browser:
    """A browser at the same console in which nobody has signed in."""
    found = Browser(apis, like=browser)
    found.get("/sign-in")
    return found


class _Body:
    """A body that goes on for as long as somebody reads it, and notes how much of it was read."""

    def __init__(self, piece: bytes, count: int) -> None:
        self.piece, self.count, self.read_count = piece, count, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.count):
            self.read_count += 1
            yield self.piece


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_file_that_nobody_may_hand_in_is_not_read(stranger: Browser, form: str) -> None:
    """Where a file comes as a stream its form is no field of it: nothing is taken into memory, or laid on the disk."""
    body = _Body(b"a&" * 32_768, 64)
    answer = stranger.post("/release/attachments?name=x", {}, headers={"Content-Type": form}, content=body)
    assert answer.status_code == 403
    assert "console.form-expired" in answer.text
    assert body.read_count <= 1


@pytest.mark.parametrize("shown", ["http://[", "http://[::1", "//[", "x" * 5_000])
def test_a_script_that_says_nonsense_of_its_page_is_led_to_the_entrance(stranger: Browser, shown: str) -> None:
    """What a browser says of the page it is on is no address: nothing breaks, and nobody is led back to it."""
    answer = stranger.get("/watch/now", headers={"HX-Request": "true", "HX-Current-URL": shown})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize("charset", ["no-such", "zlib", "idna", "rot13", "utf-16"])
def test_a_form_in_letters_of_its_own_is_refused(browser: Browser, charset: str) -> None:
    """A form says nothing of how it is to be read but what a browser says."""
    token = find_forms(browser.get("/").text)["/lock"]["form"]
    part = f'--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n\xff'
    answer = browser.post(
        "/release/new", {}, content=part.encode("latin-1") + b"\r\n--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b", "X-Comity-Form": token},
    )  # fmt: skip
    assert (answer.status_code, "console.malformed" in answer.text) == (400, True)


def test_strangers_at_the_door_keep_nobody_out(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often somebody without a session tries a passkey, whoever holds the realm's own token goes on."""
    monkeypatch.setattr(officer_door, "REQUEST_COUNT_MAX", 8)
    inside = Browser(apis)
    inside.sign_in()
    stranger = Browser(apis, like=inside)
    fields = find_forms(stranger.get("/sign-in").text)["/passkey"] | {"answer": "{}"}
    codes = {stranger.post("/passkey", fields).status_code for _ in range(12)}
    assert codes == {403}
    assert inside.get("/").status_code == 200


def test_a_session_that_an_administrator_ended_stays_ended(apis: Apis, tokens: dict[str, str], tmp_path: Path) -> None:
    """Also where the node starts anew right afterwards."""
    path = tmp_path / "sessions.json"
    office = Browser(apis, sessions=Sessions(SessionBook(path)))
    office.sign_in(tokens["usa-adm"])
    stolen = Browser(apis, like=office)
    stolen.sign_in(tokens["usa-w"])
    (mark,) = (seat.mark for seat in office.sessions.list() if seat.officer == "usa-w")
    page = office.submit(office.get("/administration/officers"), "/administration/end", seat=mark)
    assert office.submit(page, "/administration/end").status_code == 303
    again = Browser(apis, sessions=Sessions(SessionBook(path)))
    again.cookies.update(stolen.cookies)
    assert again.get("/").headers["location"].startswith("/sign-in")


async def _listen(browser: Browser) -> Any:
    return asyncio.get_running_loop().create_task(browser.open(STREAM_PATH))


async def _end(listening: Any) -> Any:
    return await listening


@pytest.mark.parametrize("how", ["revoked", "renewed", "locked", "ended"])
def test_whoever_may_not_listen_any_more_hears_no_further_event(
    apis: Apis, browser: Browser, tokens: dict[str, str], how: str
) -> None:
    """Not one, though it was stated before the stream's next heartbeat."""
    book, one = apis.nodes["USA"].officers, Browser(apis, like=browser)
    one.sign_in(tokens["usa-w"])
    listening = apis.run(_listen(one))
    (before,) = apis.state(CALL, party="JPN")
    apis.reaches(before, "USA")
    apis.run(asyncio.sleep(0.2))
    if how == "revoked":
        book.revoke("usa-w", at=Instant(apis.nodes["USA"].now()))
    elif how == "renewed":
        book.renew("usa-w")
    else:
        one.submit(one.get("/"), "/lock" if how == "locked" else "/sign-out")
    (after,) = apis.state(CALL, party="JPN")
    apis.reaches(after, "USA")
    answer = apis.run(_end(listening))
    assert before in answer.text
    assert after not in answer.text
    assert "api.no-access" in answer.text


def test_the_wrong_token_of_the_realm_is_no_token(stranger: Browser) -> None:
    """Nor is one that begins or ends as it does."""
    for wrong in (TOKEN[:-1], TOKEN + "0", "", TOKEN.upper()):
        assert stranger.sign_in(wrong).status_code == 403
