"""Every act on a consultation, its texts and measures, from the page: its form, the confirmation, the statement."""

import html
import re
from typing import Any

import httpx
import pytest

from comity.base.instants import HOUR_MS, Instant, format_dtg
from kit.api import Apis
from kit.console import Browser, find_forms
from kit.nodes import PARTIES
from kit.talk import FIRST, SECOND, Play, marked

WORDS = {f"text-{language}": text for language, text in SECOND.items()}


def _press(browser: Browser, page: str, path: str, **typed: Any) -> httpx.Response:
    """Do an act as an officer does: find it on the page, fill its form, look at what will be signed, sign."""
    shown = browser.get(page)
    assert f'="{html.escape(path)}"' in shown.text, f"{path} is not offered on {page}"
    if "/write/" in path:
        shown = browser.get(path)
        assert shown.status_code == 200, shown.text
        path = path.partition("?")[0].replace("/write", "")
    confirmation = browser.submit(shown, path, **typed)
    assert confirmation.status_code == 200, confirmation.text
    assert "This will be signed" in confirmation.text, confirmation.text
    return browser.submit(confirmation, path)


def _do(browser: Browser, page: str, path: str, **typed: Any) -> None:
    """Do an act, which must be stated; it leads back to the page."""
    assert _find_way(browser, page, path, **typed).startswith(f"{page}?signed=")


def _find_way(browser: Browser, page: str, path: str, **typed: Any) -> str:
    """Do an act, which must be stated; return where it leads."""
    answer = _press(browser, page, path, **typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _last(apis: Apis, type_: str) -> dict[str, Any]:
    """Return the entry of a type that the USA stated last."""
    rows = [row for row in apis.nodes["USA"].machine.statements.all if type(row.entry).__name__ == type_]
    own = [row for row in rows if row.author == "USA"]
    assert own, f"no {type_} was stated"
    last = max(own, key=lambda row: (row.written_at, row.page, row.index))
    return {"id": last.id.hex(), "audience": last.audience, **{name: getattr(last.entry, name)
                                                              for name in last.entry.__struct_fields__}}  # fmt: skip


def _hours(play: Play, hours: int) -> str:
    return format_dtg(Instant(play.now() + hours * HOUR_MS))


def test_a_threat_is_reported_and_called_on(apis: Apis, browser: Browser) -> None:
    """The report's words under their marking to whom was ticked; the call names the report that its link was at, and
    leads to the consultation that it began. Where no topic was ticked it is the one that fits the kind.
    """
    _do(browser, "/consultations", "/consultations/new/write/threat", kind="cyber-incident", threatened=["KOR"],
        **{"text-en": "A registry is down.", "text-ja": "", "text-ko": ""})  # fmt: skip
    threat = _last(apis, "ThreatReported")
    assert (threat["kind"], threat["threatened"], threat["audience"]) == ("cyber-incident", ("KOR",), PARTIES)
    (version,) = threat["narrative"].translations
    assert (version.language, version.text) == ("en", "A registry is down.")
    assert threat["narrative"].marking.topics == ("cyber",)
    link = f"/consultations/new/write/call?threats={threat['id']}&kind=cyber-incident"
    way = _find_way(browser, "/consultations", link, level="working", threatened=["KOR"])
    call = _last(apis, "ConsultationCalled")
    assert way == f"/consultations/{call['id']}?signed={call['id'][:16]}"
    assert browser.get(way).status_code == 200
    assert (call["kind"], call["level"], call["commitment"]) == ("cyber-incident", "working", "C1")
    assert [id_.hex() for id_ in call["threats"]] == [threat["id"]]


def test_who_is_told_is_who_was_ticked(apis: Apis, browser: Browser, play: Play) -> None:
    """A call to one party is for that party; the others know nothing of it."""
    _find_way(browser, "/consultations", "/consultations/new/write/call", kind="other", to=["JPN"])
    assert _last(apis, "ConsultationCalled")["audience"] == ("JPN", "USA")
    del play


@pytest.mark.parametrize(
    ("act", "type_", "typed"),
    [
        ("position", "PositionStated", {"position": "object"}),
        ("convene", "ConsultationConvened", {"medium": "video", "level": "ministers"}),
        ("text", "TextOpened", {"kind": "press-line", "languages": ["en", "ko"]}),
        ("conclude", "ConclusionStated", {"outcome": "no-action"}),
        ("decline", "CallDeclined", {"reason": "not-affected"}),
    ],
)
def test_acts_on_a_consultation(browser: Browser, play: Play, act: str, type_: str, typed: dict[str, Any]) -> None:
    """Each says what its form brought, of this consultation, to its audience."""
    call = play.call("KOR")
    _do(browser, f"/consultations/{call}", f"/consultations/{call}/write/{act}", **typed)
    last = _last(play.apis, type_)
    assert {name: list(value) if isinstance(value := last[name], tuple) else value for name in typed} == typed
    cited = last["consultation"]
    assert (cited if isinstance(cited, bytes) else cited[0]).hex() == call


def test_a_position_ad_referendum_and_its_words(apis: Apis, browser: Browser, play: Play) -> None:
    """It needs the day by which the capital confirms; the words are of the position that was chosen."""
    call = play.call("KOR")
    page, path = f"/consultations/{call}", f"/consultations/{call}/write/position"
    refused = browser.submit(browser.get(path), path.replace("/write", ""), position="accept-ad-referendum")
    assert refused.status_code == 400
    assert "console.field-missing" in refused.text
    _do(browser, page, path, position="accept-ad-referendum", confirm_by_at=_hours(play, 24))
    stated = _last(apis, "PositionStated")
    assert stated["confirm_by_at"] > play.now() + 22 * HOUR_MS
    _do(browser, page, f"{page}/write/explain", **{"text-en": "The second sentence.", "text-ja": "", "text-ko": ""})
    assert _last(apis, "PositionExplained")["position"].hex() == stated["id"]
    assert "The second sentence." in browser.get(page).text


def test_instructions_are_awaited_until_they_come(apis: Apis, browser: Browser, play: Play) -> None:
    """With when they are expected, on the page and in what is due; past it in red; a position ends it (P82)."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    _do(browser, page, f"{page}/write/await", expected_at=_hours(play, 2))
    assert _last(apis, "InstructionsAwaited")["subject"].hex() == call
    shown = browser.get(page).text
    assert "instructions expected by" in shown
    assert "United States: awaits instructions from its capital" in shown
    play.say("USA", "InstructionsAwaited", consultation=call, subject=call, expected_at=play.now() - 1)
    assert "instructions were expected by" in browser.get(page).text
    (row,) = (row for row in apis.get("/v1/consultations") if row["id"] == call)
    assert [one["party"] for one in row["awaited"]] == ["USA"]
    _do(browser, page, f"{page}/write/position", position="support")
    assert "instructions" not in browser.get(page).text.partition('class="columns"')[2].partition("</section>")[0]


def test_an_acknowledgement_is_given_and_taken_back(apis: Apis, browser: Browser, play: Play) -> None:
    """Either by a button; once given, the call is not to be declined."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    shown = browser.get(page)
    assert f'href="/acknowledge/{call}"' in shown.text
    confirmation = browser.get(f"/acknowledge/{call}", headers={"Referer": f"{browser.origin}{page}"})
    assert browser.submit(confirmation, f"/acknowledge/{call}").headers["location"].startswith(page)
    assert f"{page}/write/decline" not in browser.get(page).text
    _do(browser, page, f"{page}/unacknowledge")
    taken = _last(apis, "AcknowledgementWithdrawn")
    assert taken["acknowledgement"].hex() == _last(apis, "Acknowledged")["id"]


def test_our_call_is_withdrawn_by_us_alone(apis: Apis, browser: Browser, play: Play) -> None:
    """The act is on the page of who called, and on no other's."""
    theirs, ours = play.call("KOR"), play.call("USA")
    assert f"/consultations/{theirs}/write/withdraw" not in browser.get(f"/consultations/{theirs}").text
    _do(browser, f"/consultations/{ours}", f"/consultations/{ours}/write/withdraw", reason="mistake")
    assert _last(apis, "EntryWithdrawn")["entry"].hex() == ours
    page = browser.get(f"/consultations/{ours}").text
    assert "withdrawn" in page
    assert "/write/" not in page.partition("<main")[2]


def test_an_own_word_that_does_not_bind_is_taken_back(apis: Apis, browser: Browser, play: Play) -> None:
    """From the timeline, with the reason; neither what binds nor another's word is offered, or taken."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    stated = play.say("USA", "PositionStated", consultation=call, subject=call, position="object", confirm_by_at=0)
    concluded = play.say("USA", "ConclusionStated", consultation=call, outcome="no-action")
    shown = browser.get(page).text
    for other in (call, concluded):
        assert f"/statements/{other}" not in shown
        assert browser.get(f"/statements/{other}/write/withdraw").status_code == 404
    _do(browser, page, f"/statements/{stated}/write/withdraw", reason="mistake")
    assert _last(apis, "EntryWithdrawn")["entry"].hex() == stated
    assert f"/statements/{stated}" not in browser.get(page).text


def test_a_text_from_its_first_version_to_its_adoption(apis: Apis, browser: Browser, play: Play) -> None:
    """A version in all languages, silence, another's break, a second version that follows, consent."""
    call = play.call("KOR")
    _do(browser, f"/consultations/{call}", f"/consultations/{call}/write/text")
    text = _last(apis, "TextOpened")["id"]
    page = f"/texts/{text}"
    short = {"text-en": "Only English.", "text-ja": "", "text-ko": ""}
    refused = browser.submit(browser.get(f"{page}/write/propose"), f"{page}/propose", **short)
    assert "console.field-missing" in refused.text
    _do(browser, page, f"{page}/write/propose", **{f"text-{one}": words for one, words in FIRST.items()})
    _do(browser, page, f"{page}/write/silence", until_at=_hours(play, 3))
    asked = _last(apis, "SilenceProposed")
    assert asked["version"].hex() == play.version(text)
    assert f"{page}/write/silence" not in browser.get(page).text
    _do(browser, page, f"{page}/write/extend", until_at=_hours(play, 6))
    assert _last(apis, "SilenceExtended")["from_at"] == asked["until_at"]
    play.apis.reaches(asked["id"], "JPN")
    play.say("JPN", "SilenceBroken", text=text, version=play.version(text), reason="objection", role="watch-officer",
             officer="jpn-w")  # fmt: skip
    _do(browser, page, f"{page}/write/propose", **WORDS)
    assert [id_.hex() for id_ in _last(apis, "TextVersionProposed")["follows"]] == [asked["version"].hex()]
    _do(browser, page, f"{page}/agree")
    agreed = _last(apis, "TextAgreed")
    assert (agreed["version"].hex(), agreed["officer"]) == (play.version(text), "usa-operator")
    assert f'"{page}/agree"' not in browser.get(page).text


def test_holding_lifting_and_breaking(apis: Apis, browser: Browser, play: Play) -> None:
    """On another party's text: who holds may lift, and may break; the reason is on the record."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST, party="KOR")
    page = f"/texts/{text}"
    assert f'"{page}/hold"' not in browser.get(page).text
    play.say("KOR", "SilenceProposed", text=text, version=version, until_at=play.now() + 3 * HOUR_MS, notice_ms=0)
    _do(browser, page, f"{page}/hold")
    assert _last(apis, "SilenceHeld")["version"].hex() == version
    _do(browser, page, f"{page}/lift")
    assert _last(apis, "HoldLifted")["version"].hex() == version
    _do(browser, page, f"{page}/write/break", reason="no-instructions")
    assert _last(apis, "SilenceBroken")["reason"] == "no-instructions"
    assert "no instructions" in browser.get(f"/consultations/{call}").text


def test_an_answer_to_a_version_that_was_replaced_is_refused(browser: Browser, play: Play) -> None:
    """What was confirmed was of the version on the table then; nothing is signed of another."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST, party="KOR")
    path = f"/texts/{text}/agree"
    confirmation = browser.submit(browser.get(f"/texts/{text}"), path)
    play.say("KOR", "TextVersionProposed", text=text, follows=[version], body=marked("KOR", **SECOND))
    answer = browser.submit(confirmation, path)
    assert answer.status_code == 409
    assert "console.changed-meanwhile" in answer.text


def test_brackets_and_their_words(apis: Apis, browser: Browser, play: Play) -> None:
    """By the words as they stand, once in the version; words for it; lifted by who put it."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST, party="KOR")
    page = f"/texts/{text}"
    path = f"{page}/write/bracket"
    for wrong in ("we", "no such words"):
        refused = browser.submit(browser.get(path), path.replace("/write", ""), **{"passage-en": wrong})
        assert "text.no-such-passage" in refused.text
    words = {"passage-en": "condemn", "passage-ja": "非難する"}
    shown = browser.submit(browser.get(path), path.replace("/write", ""), **words).text
    assert "[condemn]" in shown
    assert "[非難する]" in shown
    _do(browser, page, path, **words)
    put = _last(apis, "PassageBracketed")
    assert put["version"].hex() == version
    assert [(one.language, FIRST[one.language][one.first : one.end]) for one in put["passages"]] == [
        ("en", "condemn"), ("ja", "非難する")
    ]  # fmt: skip
    regret = {"text-en": "regret", "text-ja": "", "text-ko": ""}
    _do(browser, page, f"{page}/write/word", **regret)
    assert _last(apis, "PassageWorded")["bracket"].hex() == put["id"]
    _do(browser, page, f"{page}/write/unbracket")
    assert _last(apis, "BracketLifted")["bracket"].hex() == put["id"]
    assert f"{page}/write/unbracket" not in browser.get(page).text


def test_the_pen_goes_from_hand_to_hand(apis: Apis, browser: Browser, play: Play) -> None:
    """Given by form, taken by a button; who does not hold it amends."""
    call = play.call("KOR")
    text, _ = play.text(call, FIRST)
    page = f"/texts/{text}"
    _do(browser, page, f"{page}/write/give-pen", party="JPN")
    handed = _last(apis, "PenHandedOver")
    assert handed["to"] == "JPN"
    apis.reaches(handed["id"], "JPN")
    play.say("JPN", "PenTakenOver", text=text, handed_over=handed["id"])
    assert f"{page}/write/propose" not in browser.get(page).text
    _do(browser, page, f"{page}/write/amend", **WORDS)
    assert _last(apis, "TextAmendmentProposed")["version"].hex() == play.version(text)
    given = play.say("JPN", "PenHandedOver", text=text, to="USA")
    _do(browser, page, f"{page}/take-pen")
    assert _last(apis, "PenTakenOver")["handed_over"].hex() == given
    _do(browser, page, f"{page}/withdraw")
    assert _last(apis, "TextWithdrawn")["text"].hex() == text


def test_a_measure_from_its_offer_to_its_end(apis: Apis, browser: Browser, play: Play) -> None:
    """Terms as typed; amended with what no field holds kept; under way, delivered, withdrawn."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    typed = {"actor": "task-group-1", "circle": "38.5, 135, 60", "with": ["JPN"], "text-en": "A patrol.", "text-ja": "",
             "text-ko": "", "caveat-text-en": "No boarding.", "caveat-text-ja": "", "caveat-text-ko": ""}  # fmt: skip
    _do(browser, page, f"{page}/write/measure", **typed)
    offered = _last(apis, "MeasureOffered")
    terms = offered["terms"]
    assert (terms.actor, terms.areas[0].radius_m, offered["coordinated_with"]) == ("task-group-1", 60_000, ("JPN",))
    assert terms.caveats[0].translations[0].text == "No boarding."
    measure = f"/measures/{offered['id']}"
    _do(browser, page, f"{measure}/write/amend", instrument="surveillance")
    amended = _last(apis, "MeasureAmended")["terms"]
    assert amended.instrument == "surveillance"
    assert (amended.areas, amended.actor, amended.caveats) == (terms.areas, terms.actor, terms.caveats)
    for act, type_ in (("start", "MeasureStarted"), ("deliver", "MeasureDelivered")):
        _do(browser, page, f"{measure}/{act}")
        assert _last(apis, type_)["measure"].hex() == offered["id"]
    assert measure not in browser.get(page).text


def test_a_measure_of_another_is_accepted_or_declined(apis: Apis, browser: Browser, play: Play) -> None:
    """The terms that stand, by whom it is coordinated with."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    offered = play.offer("JPN", call, play.terms("JPN"), "USA")
    other = play.offer("JPN", call, play.terms("JPN"))
    assert f"/measures/{other}/accept" not in browser.get(page).text
    _do(browser, page, f"/measures/{offered}/accept")
    assert _last(apis, "MeasureAccepted")["terms"].hex() == offered
    _do(browser, page, f"/measures/{offered}/write/decline", reason="collides")
    assert _last(apis, "MeasureDeclined")["reason"] == "collides"


def test_our_own_action_is_told_and_ended(apis: Apis, browser: Browser, play: Play) -> None:
    """Nobody's leave is asked."""
    call = play.call("KOR")
    page = f"/consultations/{call}"
    typed = {"actor": "command-1", "stage": "intended", "text-en": "Readiness raised.", "text-ja": "", "text-ko": ""}
    _do(browser, page, f"{page}/write/action", **typed)
    told = _last(apis, "NationalActionStated")
    assert told["stage"] == "intended"
    _do(browser, page, f"/measures/{told['id']}/end")
    assert _last(apis, "NationalActionEnded")["action"].hex() == told["id"]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/consultations/{call}/position", {"position": "nonsense"}),
        ("/consultations/{call}/position", {"subject": "00" * 32}),
        ("/consultations/{call}/convene", {"starts_at": "tomorrow"}),
        ("/consultations/{call}/measure", {"actor": "a b"}),
        ("/consultations/{call}/measure", {"circle": "1,2"}),
        ("/consultations/{call}/measure", {"circle": "nan,inf,1e400"}),
        ("/consultations/{call}/measure", {"level": "JPN-OPEN"}),
        ("/consultations/{call}/measure", {"topics": ["no-topic"]}),
        ("/consultations/{call}/measure", {"depends_on": ["00" * 32]}),
        ("/consultations/new/call", {"to": ["XXX"]}),
    ],
)
def test_what_no_form_of_ours_brings_is_refused(browser: Browser, play: Play, path: str, typed: dict[str, Any]) -> None:
    """With what is wrong, and nothing is signed."""
    call = play.call("KOR")
    path = path.format(call=call)
    head, _, name = path.rpartition("/")
    form = find_forms(browser.get(f"{head}/write/{name}").text)[path]
    filled = {"actor": "unit-1", "text-en": "Words."}
    answer = browser.post(path, form | filled | typed)
    assert answer.status_code in (400, 422), answer.text
    assert "This will be signed" not in answer.text


@pytest.mark.parametrize(
    "path", ["/consultations/{id}/write/position", "/texts/{id}/write/break", "/measures/{id}/accept"]
)
def test_no_act_is_on_what_is_not_here(browser: Browser, path: str) -> None:
    """Whatever is asked for: the same as for an id that never was."""
    answer = browser.get(path.format(id="00" * 32))
    assert answer.status_code == 404
    assert re.search("cli.no-such-object|console.no-page", answer.text)
