"""The page *Handover*: drafted from what is open, signed by who leaves and by the relief; what changed since."""

import re
from collections.abc import Iterator

import httpx
import pytest

from comity.procedure.shift import ShiftHandedOver
from kit.api import Apis
from kit.console import Browser, find_inline, read, strip_tags
from kit.officers import have_officers
from kit.stage import CALL, make_message


@pytest.fixture
def officers(apis: Apis) -> Iterator[dict[str, Browser]]:
    """Two watch officers of the USA, each at a console of his own."""
    with have_officers(apis.nodes["USA"], {"usa-a": ("watch-officer",), "usa-b": ("watch-officer",)}) as tokens:
        browsers = {name: Browser(apis) for name in tokens}
        for name, token in tokens.items():
            browsers[name].sign_in(token)
        yield browsers


def _panel(browser: Browser, id_: str) -> str:
    """Return what one panel of the page says."""
    text = browser.get("/handover").text
    return strip_tags(text[text.index(f'id="{id_}"') :].partition("</section>")[0])


def _state(apis: Apis, statement: dict[str, object]) -> str:
    (id_,) = apis.state(statement, party="JPN", to=("JPN", "KOR", "USA"))
    apis.reaches(id_, "USA")
    return id_


def _hand_over(browser: Browser, note: str = "") -> str:
    """Hand the watch over; return the id of what was signed."""
    page = browser.get("/handover/write")
    shown = browser.submit(page, "/handover/sign", text_en=note, topic=["public-message"])
    assert shown.status_code == 200, shown.text
    answer = browser.submit(shown, "/handover/sign")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/handover?signed=")
    return answer.headers["location"].partition("signed=")[2]


def _take(browser: Browser, shift: str) -> httpx.Response:
    page = browser.get(f"/handover/take/{shift}")
    shown = browser.submit(page, f"/handover/relieve/{shift}")
    return shown if shown.status_code != 200 else browser.submit(shown, f"/handover/relieve/{shift}")


def _find_shift(apis: Apis, beginning: str) -> str:
    rows = apis.nodes["USA"].machine.statements.find(ShiftHandedOver)
    return next(row.id.hex() for row in rows if row.id.hex().startswith(beginning))


def test_the_draft_says_what_is_open_and_leads_to_it(apis: Apis, officers: dict[str, Browser]) -> None:
    """Calls, messages, clocks: in sentences, with the page where each is looked at."""
    call, message = _state(apis, CALL), _state(apis, make_message("JPN", "Launch."))
    browser = officers["usa-a"]
    page = browser.get("/handover")
    assert find_inline(page.text) == []
    assert f'href="/consultations/{call}"' in page.text
    assert f'href="/hotline/on/hotline.nsc#m-{message[:16]}"' in page.text
    assert "JPN called for consultation" in _panel(browser, "open-calls")
    assert "acknowledgement still open" in _panel(browser, "own-clocks")


def test_a_watch_is_handed_over_and_taken_by_another(apis: Apis, officers: dict[str, Browser]) -> None:
    """Both sign the same things; the page says who has the watch, and the note stays with it."""
    first, second = officers["usa-a"], officers["usa-b"]
    message = _state(apis, make_message("JPN", "Before the change."))
    shift = _find_shift(apis, _hand_over(first, "The line to Seoul was bad at six."))
    stated = next(row for row in apis.nodes["USA"].machine.statements.find(ShiftHandedOver) if row.id.hex() == shift)
    assert isinstance(stated.entry, ShiftHandedOver)
    assert bytes.fromhex(message) in stated.entry.messages
    assert (stated.entry.officer, stated.audience) == ("usa-a", ("USA",))
    assert "The watch waits for its relief" in read(second.get("/handover"))
    assert "The line to Seoul was bad at six." in _panel(second, "has")
    refused = _take(first, shift)
    assert refused.status_code == 400
    assert "shift.own-relief" in refused.text
    assert _take(second, shift).status_code == 303
    assert "usa-b, Watch officer, since" in _panel(second, "has")
    assert re.search(r"usa-a , Watch officer → usa-b , Watch officer", _panel(second, "history"))
    assert second.get(f"/handover/relieve/{shift}").status_code == 404


def test_what_changed_since_the_last_handover_is_said(apis: Apis, officers: dict[str, Browser]) -> None:
    """What came is new, what was answered is over; what stays is neither."""
    browser = officers["usa-a"]
    stays = _state(apis, make_message("JPN", "It stays."))
    ends = _state(apis, make_message("JPN", "It is answered."))
    _hand_over(browser)
    comes = _state(apis, make_message("JPN", "It comes."))
    assert browser.submit(browser.get(f"/acknowledge/{ends}"), f"/acknowledge/{ends}").status_code == 303
    open_, over = _panel(browser, "open-messages"), _panel(browser, "over")
    assert re.search(rf"new {comes[:16]}", open_)
    assert re.search(rf"(?<!new ){stays[:16]}", open_)
    assert ends[:16] not in open_
    assert ends[:16] in over
    assert stays[:16] not in over


def test_what_was_shown_is_what_is_signed(apis: Apis, officers: dict[str, Browser]) -> None:
    """A message that comes between draft and signature is in the next handover, and not slipped into this one."""
    browser = officers["usa-a"]
    shown = browser.submit(browser.get("/handover/write"), "/handover/sign")
    late = _state(apis, make_message("JPN", "Late."))
    answer = browser.submit(shown, "/handover/sign")
    assert answer.status_code == 303, answer.text
    shift = _find_shift(apis, answer.headers["location"].partition("signed=")[2])
    rows = apis.nodes["USA"].machine.statements.find(ShiftHandedOver)
    (entry,) = [row.entry for row in rows if row.id.hex() == shift]
    assert isinstance(entry, ShiftHandedOver)
    assert bytes.fromhex(late) not in entry.messages
    assert late[:16] in _panel(browser, "open-messages")


def test_nobody_else_sees_who_is_on_watch(apis: Apis, officers: dict[str, Browser]) -> None:
    """It stays in the party's own journal: no other console has a trace of it."""
    id_ = _hand_over(officers["usa-a"], "Ours alone.")
    japan = Browser(apis, "JPN")
    japan.sign_in()
    text = japan.get("/handover").text
    assert id_ not in text
    assert "Ours alone." not in text
    assert japan.get(f"/handover/relieve/{_find_shift(apis, id_)}").status_code == 404


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_the_page_speaks_the_readers_language(apis: Apis, language: str) -> None:
    """No field is left open."""
    browser = Browser(apis, language=language)
    browser.sign_in()
    for path in ("/handover", "/handover/write"):
        page = browser.get(path).text
        assert f'<html lang="{language}"' in page
        assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page))
