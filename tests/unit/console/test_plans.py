"""The pages *Plans*: opened, put, accepted, activated, held against measures, ended: each act by its form."""

import re

import pytest

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from comity.console.spans import format_span, parse_span
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read_found
from kit.hotline import act, sign_in
from kit.talk import Play

PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"
LINES = {
    "instrument1": "patrol",
    "by1": "JPN",
    "on1": "strait",
    "after1": "2h",
    "for1": "3d",
    "instrument2": "exercise",
}
WORDS = {"level": "USA-U", "text_en": "If it is launched: patrol, then drill.", "text_ja": "発射時は哨戒、次いで演習。"}


@pytest.fixture
def usa(apis: Apis) -> Browser:
    """A browser at the console of the USA, signed in."""
    return sign_in(Browser(apis, "USA"))


def _put(apis: Apis, browser: Browser, name: str) -> str:
    plan = act(apis, browser, "/plans", "/plans/open", name=name, kind="missile-launch")
    act(apis, browser, f"/plans/{plan}", f"/plans/{plan}/propose", **LINES, **WORDS, topics="dprk-missile")
    return plan


def test_a_plan_from_its_opening_to_its_end(apis: Apis, usa: Browser) -> None:
    """Each party does its part on its own page; gaps show as soon as it is activated, and go as acts meet them."""
    plan = _put(apis, usa, "launch-1")
    path, others = f"/plans/{plan}", [sign_in(Browser(apis, party)) for party in ("JPN", "KOR")]
    text = read_found(others[0].get(path))
    for shown in ("launch-1 draft", "Version 1", "patrol Japan strait 2h 3d", "any party — at once 1d",
                  "patrol, then drill.", "哨戒", "Japan … no answer yet"):  # fmt: skip
        assert shown in text, shown
    assert "waits for us" in read_found(others[0].get("/plans"))
    assert "waits for us" not in read_found(usa.get("/plans"))
    for other in others:
        act(apis, other, path, f"{path}/accept")
    assert "launch-1 in force" in read_found(usa.get(path))
    assert "version 1 in force" in read_found(others[1].get("/plans"))
    play = Play(apis)
    call = play.call("KOR")
    act(apis, others[0], path, f"{path}/activate", consultation=call, begins_at="2026-11-27T02:00")
    text = read_found(usa.get(path))
    assert "Activated by Japan stands" in text
    assert text.count("nothing meets it") == 2
    assert "gaps: 2" in read_found(usa.get("/plans"))
    act(apis, others[0], path, f"{path}/stand-down")
    assert "ended" in read_found(usa.get(path))
    assert "gaps:" not in read_found(usa.get("/plans"))
    act(apis, usa, path, f"{path}/retire")
    assert "launch-1 retired" in read_found(others[1].get(path))
    assert not [action for action in find_forms(usa.get(path).text) if action.startswith(path)]


def test_a_version_is_declined_and_put_anew(apis: Apis, usa: Browser) -> None:
    """The form holds the last version; what is put is the next one, and the answer to the last stays with that."""
    plan = _put(apis, usa, "launch-2")
    path, kor = f"/plans/{plan}", sign_in(Browser(apis, "KOR"))
    act(apis, kor, path, f"{path}/decline", reason="not-able")
    assert "South Korea ✗ declined" in read_found(usa.get(path))
    form = find_forms(usa.get(path).text)[f"{path}/propose"]
    assert (form["id1"], form["instrument1"], form["by1"], form["on1"], form["after1"], form["for1"]) == (
        "p1", "patrol", "JPN", "strait", "2h", "3d",
    )  # fmt: skip
    assert form["text_ja"] == WORDS["text_ja"]
    assert form["level"] == "USA-U"
    act(apis, usa, path, f"{path}/propose", for1="90min")
    text = read_found(kor.get(path))
    assert text.index("Version 2") < text.index("90min") < text.index("Version 1") < text.index("declined")


def test_what_will_be_signed_is_shown_first(usa: Browser) -> None:
    """In words, with who will see it; nothing is stated before."""
    shown = usa.submit(usa.get("/plans"), "/plans/open", name="not-yet", kind="cyber-incident")
    text = read_found(shown)
    assert "opened the plan not-yet: cyber incident" in text
    assert "Japan" in text or "JPN" in text
    assert "not-yet" not in read_found(usa.get("/plans"))


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("open", {"name": "", "kind": "cyber-incident"}, "console.field-missing"),
        ("open", {"name": "x y", "kind": "cyber-incident"}, "statement.malformed-form"),
        ("{plan}/propose", {**WORDS}, "console.field-missing"),
        ("{plan}/propose", {"instrument1": "patrol", "level": "USA-U"}, "console.field-missing"),
        ("{plan}/propose", {**WORDS, "instrument1": "patrol", "after1": "soon"}, "console.field-malformed"),
        ("{plan}/propose", {**WORDS, "instrument1": "patrol", "by1": "XXX"}, "console.field-malformed"),
        ("{plan}/activate", {"version": "00", "consultation": "00", "begins_at": "x"}, "console.field-malformed"),
        ("00/retire", {}, "api.malformed"),
        (f"{'00' * 32}/retire", {}, "cli.no-such-object"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(apis: Apis, usa: Browser, path: str, fields: dict[str, str], code: str) -> None:
    """With a code, before anything is shown to be signed."""
    plans = apis.get("/v1/plans")
    plan = plans[0]["id"] if plans else _put(apis, usa, "for-refusals")
    form = find_forms(usa.get("/plans").text)["/plans/open"]["form"]
    answer = usa.post(f"/plans/{path.format(plan=plan)}", {"form": form, **fields})
    assert 400 <= answer.status_code < 500
    assert code in answer.text


def test_what_another_party_wrote_stays_text(apis: Apis, usa: Browser) -> None:
    """On the page of a plan, and in the form that puts its next version."""
    plan = act(apis, usa, "/plans", "/plans/open", name="payload", kind="missile-launch")
    path = f"/plans/{plan}"
    act(apis, usa, path, f"{path}/propose", instrument1="patrol", level="USA-U", text_en=PAYLOAD, topics="dprk-missile")
    for browser in (usa, sign_in(Browser(apis, "JPN"))):
        for language in ("en", "ja", "ko"):
            browser.submit(browser.get("/plans"), "/preferences", language=language, back="/plans")
            for page in ("/plans", path):
                answer = browser.get(page)
                assert find_inline(answer.text) == []
                assert f'<html lang="{language}"' in answer.text
                assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text))


def test_spans_are_read_as_they_are_written() -> None:
    """In whole units; what is no span is refused."""
    for span_ms in (30 * SECOND_MS, 90 * MINUTE_MS, 2 * HOUR_MS, 3 * DAY_MS):
        assert parse_span(format_span(span_ms), field="for") == span_ms
    assert parse_span(" 2 H ", field="for") == 2 * HOUR_MS
    assert parse_span("", field="for") == 0
    for text in ("2", "h", "-1h", "2h3", "1.5h", "9999999d"):
        with pytest.raises(UsageError, match=r"console\.field-malformed"):
            parse_span(text, field="for")
