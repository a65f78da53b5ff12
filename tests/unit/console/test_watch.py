"""The page *Watch*: what needs somebody, and one key to answer it (ADR 0056)."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.base.names import Digest
from comity.console import watch
from comity.machine.waiting import find_calls, find_messages
from comity.pact.duty import DutyKind
from comity.procedure.call import Acknowledged
from comity.procedure.duty import Duty, DutyVerdict
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageAcknowledged
from comity.procedure.officer import ActedBy
from comity.procedure.registry import encode_entry
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline
from kit.officers import have_officers
from kit.stage import CALL, make_message

PAYLOADS = (
    '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "\"'><svg/onload=alert(3)>{{ 7*7 }}{% raw %}",
    "javascript:alert(4) &lt;b&gt; ${1} `x`",
)


PHRASE: dict[str, object] = {
    "type": "PhraseSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash", "consultation": [],
    "answers": [], "filled": {"phrase": "policy.phrase.line-check", "parties": [], "instants": [], "numbers": []},
}  # fmt: skip


@pytest.fixture
def officer(apis: Apis) -> Iterator[str]:
    """The token of an officer of the USA."""
    with have_officers(apis.nodes["USA"], {"usa-w": ("auditor", "watch-officer")}) as tokens:
        yield tokens["usa-w"]


def _find(apis: Apis, type_: type[Entry], **fields: object) -> list[Any]:
    """Return what the USA has stated of a type about something."""
    rows: list[Any] = [row for row in apis.nodes["USA"].machine.statements.find(type_) if row.author == "USA"]
    return [row for row in rows if all(getattr(row.entry, name) == value for name, value in fields.items())]


def _state(apis: Apis, statement: dict[str, object], to: tuple[str, ...] = ("JPN", "KOR", "USA")) -> str:
    (id_,) = apis.state(statement, party="JPN", to=to)
    apis.reaches(id_, "USA")
    return id_


def test_a_standard_phrase_waits_in_the_readers_words(apis: Apis, browser: Browser) -> None:
    """A FLASH of no marking is a FLASH: its sentence in each language, and signing takes it off the page."""
    id_ = _state(apis, PHRASE)
    (sentence,) = (row["words"]["en"] for row in apis.get("/v1/messages") if row["id"] == id_)
    shown = browser.get("/").text
    assert f'href="/acknowledge/{id_}"' in shown
    assert sentence in html.unescape(shown)
    assert browser.submit(browser.get(f"/acknowledge/{id_}"), f"/acknowledge/{id_}").status_code == 303
    assert _find(apis, MessageAcknowledged, message=bytes.fromhex(id_))
    assert f'href="/acknowledge/{id_}"' not in browser.get("/").text


def test_what_does_not_stand_on_the_watch_stands_on_a_sheet(
    apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch shows the most urgent and says how many more; sheet after sheet, each stands once."""
    ids = [_state(apis, PHRASE) for _ in range(3)]
    monkeypatch.setattr(watch, "ALERT_COUNT_MAX", 2)
    _state(apis, CALL)  # the page is made anew for what came
    shown = browser.get("/").text
    count = len(find_watch_alerts(apis))
    assert len(re.findall('id="ack-', shown)) == 2
    assert 'href="/watch/waiting?sheet=2"' in shown
    assert f"and {count - 2} more" in shown
    found: list[str] = []
    for sheet in range(1, -(-count // 2) + 1):
        found += re.findall(r'id="ack-([0-9a-f]{16})"', browser.get(f"/watch/waiting?sheet={sheet}").text)
    assert len(found) == len(set(found)) == count
    assert {id_[:16] for id_ in ids} <= set(found)
    last = re.findall(r'id="ack-([0-9a-f]{16})"', browser.get("/watch/waiting?sheet=99999").text)
    assert last == found[-len(last) :]
    for id_ in ids:
        browser.submit(browser.get(f"/acknowledge/{id_}"), f"/acknowledge/{id_}")


def test_an_overdue_line_test_says_of_which_line(apis: Apis, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leads to that line, and is no alarm: a pattern of misses is shown with the lines."""
    duty = Duty(
        "duty.line-test.hotline.nsc", DutyKind.LINE_TEST, "KOR", Digest(bytes(32)), apis.nodes["USA"].now(),
        DutyVerdict.OVERDUE, None, False, None, "hotline.nsc", "policy.line-test",
    )  # fmt: skip
    monkeypatch.setattr(Desk, "judge_duties", lambda *_, **__: [duty])
    id_ = _state(apis, PHRASE)  # the page is made anew for what came
    overdue = browser.get("/").text.partition('aria-labelledby="overdue"')[2].partition("</section>")[0]
    assert '<a class="target" href="/hotline/on/hotline.nsc">NSC line</a>' in overdue
    assert 'class="side warn-text"' in overdue
    browser.submit(browser.get(f"/acknowledge/{id_}"), f"/acknowledge/{id_}")


def find_watch_alerts(apis: Apis) -> list[object]:
    """Everything that waits for an answer from the USA."""
    machine, now = apis.nodes["USA"].machine, apis.nodes["USA"].now()
    open_ = [(state, own) for state, own in find_messages(machine) if own is not None and own.acknowledged is None]
    return [*find_calls(machine, now), *open_]


def test_a_call_is_answered_from_the_watch(apis: Apis, browser: Browser) -> None:
    """It stands first, the confirmation says what is signed and who sees it, and signing takes it off the page."""
    id_ = _state(apis, CALL)
    shown = browser.get("/").text
    assert f'href="/acknowledge/{id_}"' in shown
    page = browser.get(f"/acknowledge/{id_}")
    for word in ("Acknowledged", id_, "usa-operator", "watch-officer", "JPN, KOR"):
        assert word in page.text
    answer = browser.submit(page, f"/acknowledge/{id_}")
    assert answer.status_code == 303, answer.text
    after = browser.get(answer.headers["location"]).text
    assert "Stated and stored" in after
    assert f"/acknowledge/{id_}" not in after
    (stated,) = _find(apis, Acknowledged, consultation=bytes.fromhex(id_))
    assert (stated.entry.role, stated.entry.officer) == ("watch-officer", "usa-operator")


def test_what_was_confirmed_is_stated_once(apis: Apis, browser: Browser) -> None:
    """A form sent twice, by two clicks or a slow line, is one statement."""
    id_ = _state(apis, CALL)
    page = browser.get(f"/acknowledge/{id_}")
    first, second = (browser.submit(page, f"/acknowledge/{id_}") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(_find(apis, Acknowledged, consultation=bytes.fromhex(id_))) == 1


def test_only_what_was_shown_is_signed(apis: Apis, browser: Browser) -> None:
    """A form with another digest, or another role than the one shown, signs nothing."""
    id_ = _state(apis, CALL)
    page = browser.get(f"/acknowledge/{id_}")
    for changed in ({"digest": "0" * 64}, {"digest": ""}, {"role": "principal"}):
        assert browser.submit(page, f"/acknowledge/{id_}", **changed).status_code == 409
    assert _find(apis, Acknowledged, consultation=bytes.fromhex(id_)) == []


def test_the_officer_of_the_session_acts(apis: Apis, officer: str) -> None:
    """On the record stands who signed in, in the role that the pact asks for before any other of his."""
    browser = Browser(apis)
    browser.sign_in(officer)
    id_ = _state(apis, make_message("JPN", "Please confirm."))
    page = browser.get(f"/acknowledge/{id_}")
    assert 'name="role" value="auditor"' in page.text
    assert browser.submit(page, f"/acknowledge/{id_}").status_code == 303
    (stated,) = _find(apis, MessageAcknowledged, message=bytes.fromhex(id_))
    assert (stated.entry.role, stated.entry.officer) == ("watch-officer", "usa-w")
    acted = [row.entry for row in _find(apis, ActedBy) if row.page_digest == stated.page_digest]
    assert [one.officers[0].officer for one in acted] == ["usa-w"]


def test_a_refusal_is_said_with_its_code(apis: Apis, officer: str) -> None:
    """Whoever may not is told so, and in front of the page where a script asked."""
    browser = Browser(apis)
    browser.sign_in(officer)
    id_ = _state(apis, CALL)
    page = browser.get(f"/acknowledge/{id_}?role=auditor")
    answer = browser.submit(page, f"/acknowledge/{id_}")
    assert answer.status_code == 403
    assert "officer.other-name" in answer.text
    asked = browser.get("/acknowledge/00", headers={"HX-Request": "true"})
    assert (asked.status_code, asked.headers["hx-retarget"]) == (400, "#confirm")
    assert "<html" not in asked.text


def test_nothing_is_sent_while_nothing_changes(apis: Apis, browser: Browser) -> None:
    """The page asks every two seconds; an answer has a body only where it differs from what the browser has."""
    path = html.unescape(re.findall(r'hx-get="(/watch/now[^"]*)"', browser.get("/").text)[0])
    assert browser.get(path).status_code == 204
    id_ = _state(apis, CALL)
    changed = browser.get(path)
    assert changed.status_code == 200
    assert id_ in changed.text


def test_flash_stands_before_calls_and_they_before_the_rest(apis: Apis, browser: Browser) -> None:
    """By urgency first, whatever came when."""
    routine = _state(apis, make_message("JPN", "Routine.", "routine"))
    call = _state(apis, CALL)
    flash = _state(apis, make_message("JPN", "Flash."))
    shown = browser.get("/").text
    assert shown.index(f'"/acknowledge/{flash}') < shown.index(f'"/acknowledge/{call}')
    assert shown.index(f'"/acknowledge/{call}') < shown.index(f'"/acknowledge/{routine}')


def test_what_was_corrected_reads_as_it_stands(apis: Apis, browser: Browser) -> None:
    """A wrong FLASH is never erased: the watch shows what it says now beside what it said, which is struck through."""
    id_ = _state(apis, make_message("JPN", "Wrong text."))
    mended = encode_entry(parse_form(make_message("JPN", "Right text."))).hex()
    _state(apis, {"type": "EntryCorrected", "entry": id_, "replacement": mended, "reason": "mistake"})
    shown = browser.get("/").text
    struck = re.findall(r"<del[^>]*>Wrong text\.</del>", shown)
    assert len(struck) == shown.count("Wrong text.") > 0
    assert re.search(r"<ins[^>]*>Right text\.</ins>", shown)
    assert "corrected" in shown
    _state(apis, {"type": "EntryWithdrawn", "entry": id_, "reason": "mistake"})
    assert f"/acknowledge/{id_}" not in browser.get("/").text


def test_what_another_party_wrote_stays_text(apis: Apis, browser: Browser) -> None:
    """Whatever stands in a text field of the record comes out as text, on each page and in each language."""
    ids = [_state(apis, make_message("JPN", payload, "priority")) for payload in PAYLOADS]
    for language in ("en", "ja", "ko"):
        browser.submit(browser.get("/"), "/preferences", language=language, back="/")
        pages = [browser.get("/").text, browser.get("/watch/now").text]
        pages += [browser.get(f"/acknowledge/{id_}").text for id_ in ids]
        for page in pages:
            assert find_inline(page) == []
        assert all(html.escape(payload) in pages[0].replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
                   for payload in PAYLOADS)  # fmt: skip


def test_a_statement_to_others_shows_nowhere(apis: Apis) -> None:
    """What two parties say to each other leaves no row and no count at a third; asking for its id tells nothing."""
    browser = Browser(apis, "KOR")
    browser.sign_in()
    before = re.findall(r'class="count">(\d+)<', browser.get("/").text)
    id_ = _state(apis, make_message("JPN", "Between two."), to=("JPN", "USA"))
    assert re.findall(r'class="count">(\d+)<', browser.get("/").text) == before
    hidden, never = browser.get(f"/acknowledge/{id_}"), browser.get(f"/acknowledge/{'00' * 32}")
    assert hidden.status_code == never.status_code
    assert _blur(hidden.text, id_) == _blur(never.text, "00" * 32)


def _blur(text: str, id_: str) -> str:
    """Leave out of a page what was asked for, and what time it is."""
    return re.sub(r"<time.*?</time>|last heard [^<]*|value=\"[^\"]*\"", "", text.replace(id_, "").replace(id_[:16], ""))


@pytest.mark.parametrize("path", ["/", "/shortcuts", "/sign-in", "/prove", "/nowhere"])
@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_every_page_is_in_the_readers_language(apis: Apis, path: str, language: str) -> None:
    """No field is left open, and every form carries its token."""
    browser = Browser(apis, language=language)
    if path != "/sign-in":
        browser.sign_in()
    page = browser.get(path)
    assert f'<html lang="{language}"' in page.text
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page.text))
    assert all("form" in fields for fields in find_forms(page.text).values())
