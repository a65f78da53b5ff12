"""What a console alarms of, as the node says it: on every page, locked or not, and of nothing that was answered."""

import html
import re
from collections.abc import Iterator

import pytest

from comity.api.form import parse_form
from comity.machine.waiting import AlertKind
from comity.procedure.registry import encode_entry
from kit.api import Apis
from kit.calming import answer, calm
from kit.console import Browser, find_inline
from kit.stage import CALL, make_message, words


def _message(precedence: str = "flash", text: str = "Launch detected.") -> dict[str, object]:
    return make_message("JPN", text, precedence)


@pytest.fixture
def browser(apis: Apis) -> Iterator[Browser]:
    """A browser at the console of the USA, signed in, where nothing waits for an answer."""
    calm(apis, "USA")
    found = Browser(apis)
    found.sign_in()
    yield found
    calm(apis, "USA")


def _state(apis: Apis, statement: dict[str, object]) -> str:
    (id_,) = apis.state(statement, party="JPN")
    apis.reaches(id_, "USA")
    return id_


def _find_tone(text: str) -> str:
    found = re.search(r'id="alarm" data-tone="([a-z]*)"', text)
    assert found is not None, "every page of a session has the piece"
    return found[1]


def _ask(browser: Browser) -> str:
    return html.unescape(browser.get("/alarm/now").text)


@pytest.mark.parametrize(("statement", "tone"), [(_message(), "flash"), (CALL, "call")])
def test_it_alarms_until_it_is_answered(apis: Apis, browser: Browser, statement: dict[str, object], tone: str) -> None:
    """A FLASH and a call, on whatever page; an acknowledgement from here ends it."""
    assert _find_tone(browser.get("/shortcuts").text) == ""
    id_ = _state(apis, statement)
    for path in ("/", "/shortcuts", "/alarm"):
        shown = browser.get(path).text
        assert _find_tone(shown) == tone
        assert f'href="/acknowledge/{id_}"' in shown
        assert "EXERCISE ALARM" in shown
        assert find_inline(shown) == []
    answer(apis, id_, AlertKind.CALL if tone == "call" else AlertKind.MESSAGE)
    assert _find_tone(_ask(browser)) == ""


def test_nothing_is_sent_where_nothing_differs(apis: Apis, browser: Browser) -> None:
    """The piece names what the browser has; it comes anew with the next alert."""
    found = re.search(r'hx-get="(/alarm/now\?seen=[0-9a-f]+)"', browser.get("/").text)
    assert found is not None
    assert browser.get(found[1]).status_code == 204
    _state(apis, _message())
    assert browser.get(found[1]).status_code == 200


def test_a_locked_console_alarms_and_tells_nothing(apis: Apis, browser: Browser) -> None:
    """Who sent what stands on no page of a console that is locked, and there is none to answer it with."""
    id_ = _state(apis, _message(text="Not for whoever passes by."))
    browser.submit(browser.get("/"), "/lock")
    for path in ("/alarm/now", "/prove"):
        shown = browser.get(path).text
        assert _find_tone(shown) == "flash"
        assert "Unlock this console" in shown
        assert id_ not in shown
        assert "passes by" not in shown
        assert "JPN" not in shown


def test_nobody_who_is_not_signed_in_hears_of_it(apis: Apis, browser: Browser) -> None:
    """Neither the piece nor the entrance says whether anything waits."""
    _state(apis, _message())
    stranger = Browser(apis, like=browser)
    assert stranger.get("/alarm/now").status_code == 303
    assert 'id="alarm"' not in stranger.get("/sign-in").text


@pytest.mark.parametrize(
    ("change", "says"), [("corrected", "corrected what it sent"), ("withdrawn", "took back what it sent")]
)
def test_a_wrong_flash_is_quiet_and_stays_visible(apis: Apis, browser: Browser, change: str, says: str) -> None:
    """A correction and a withdrawal end the alarm, and the page says what happened; nothing is erased."""
    id_ = _state(apis, _message())
    assert _find_tone(_ask(browser)) == "flash"
    correction: dict[str, object] = {"type": "EntryWithdrawn", "entry": id_, "reason": "mistake"}
    if change == "corrected":
        put = parse_form(_message(text="A drill of our own; no launch."))
        correction = {"type": "EntryCorrected", "entry": id_, "reason": "mistake",
                      "replacement": encode_entry(put).hex()}  # fmt: skip
    _state(apis, correction)
    shown = _ask(browser)
    assert _find_tone(shown) == ""
    assert says in shown


def test_an_immediate_message_is_a_notice_and_no_alarm(apis: Apis, browser: Browser) -> None:
    """It is named, so that it is heard once; what is lower is not."""
    _state(apis, _message("priority"))
    assert 'data-notice=""' in _ask(browser)
    id_ = _state(apis, _message("immediate"))
    assert f'data-notice="{id_[:16]}"' in _ask(browser)
    assert _find_tone(_ask(browser)) == ""


def test_an_own_flash_alarms_nobody_here(apis: Apis, browser: Browser) -> None:
    """Whoever sends it is awake."""
    body = {"body": words("USA", "Launch detected.")}
    apis.state({**_message(), **body}, party="USA")
    assert _find_tone(_ask(browser)) == ""
