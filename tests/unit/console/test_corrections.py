"""Any statement of ours that does not bind is put right by a form, and both readings are shown everywhere (P3, P4)."""

import html
import re
from typing import Any

import pytest

from comity.api.form import STATEMENT_FORMS
from comity.base.instants import Instant, format_dtg
from comity.console.rewriting import may_rewrite
from comity.console.statement_acts import OWN_FORMS, find_mending_path
from comity.procedure.act import ACTS
from comity.procedure.correction import EntryCorrected, EntryWithdrawn
from comity.procedure.registry import ENTRY_TYPES
from kit.api import Apis
from kit.console import Browser, read, strip_tags
from kit.hotline import arrives, say, send, sign, sign_in
from kit.stage import CALL, words

CALLED: dict[str, Any] = {name: value for name, value in CALL.items() if name != "type"}
AT = 1_790_000_123_456
"""An instant that no date-time group has: with seconds and milliseconds."""


def _report(apis: Apis, text: str, *, party: str = "USA", **changed: Any) -> str:
    fields = {"kind": "missile-launch", "occurred_at": AT, "threatened": ["JPN"],
              "sources": [{"kind": "own-sensor", "reliability": "B", "credibility": 2}],
              "narrative": words(party, text)}  # fmt: skip
    return say(apis, party, "ThreatReported", **{**fields, **changed})


def _find_entry(apis: Apis, id_: str, party: str = "JPN") -> Any:
    """Return how a statement reads at another party's node."""
    rows = [row for row in apis.get("/v1/threats", party=party) if row["id"] == id_]
    return rows[0]["entry"]


def _correct(apis: Apis, browser: Browser, id_: str, **fields: Any) -> str:
    """Correct by the form what is typed otherwise; return what was shown before it was signed."""
    shown, answer = sign(browser, f"/record/{id_}/correct", f"/record/{id_}/correction", **fields)
    arrives(apis, answer, "JPN", "KOR")
    return shown


def test_a_report_is_corrected_field_by_field_and_what_is_left_stays_exactly(apis: Apis, usa: Browser) -> None:
    """The confirmation shows what was and what will be; the milliseconds that no field shows are not lost."""
    id_ = _report(apis, "Two missiles")
    shown = _correct(apis, usa, id_, **{"as.kind": "air-incident", "text-en": "One missile", "reason": "mistake"})
    assert "What changes" in shown
    assert re.search(r"at first: USA · UNCLASSIFIED.* Two missiles corrected to: USA .* One missile", shown)
    entry = _find_entry(apis, id_)
    assert (entry["kind"], entry["occurred_at"], entry["threatened"]) == ("air-incident", AT, ["JPN"])
    assert entry["sources"] == [{"kind": "own-sensor", "reliability": "B", "credibility": 2}]
    assert [row["text"] for row in entry["narrative"]["translations"]] == ["One missile"]
    form = usa.get(f"/record/{id_}/correct").text
    assert "One missile" in form
    assert "Two missiles" not in form


def test_every_kind_of_field_can_be_put_right(apis: Apis, usa: Browser) -> None:
    """Parties by ticks, a moment as a date-time group, a choice within a list, topics; the caveats stay."""
    marked: dict[str, Any] = words("USA", "As seen")
    marked["marking"] = {**marked["marking"], "caveats": ["ORCON"]}
    id_ = _report(apis, "", narrative=marked)
    later = Instant(AT + 3_600_000)
    _correct(apis, usa, id_, **{"as.threatened": ["JPN", "KOR"], "as.occurred_at": format_dtg(later),
                                "as.sources.0.reliability": "C", "topics": ["public-message", "cyber"]})  # fmt: skip
    entry = _find_entry(apis, id_)
    assert entry["threatened"] == ["JPN", "KOR"]
    assert entry["occurred_at"] == later - later % 60_000
    assert entry["sources"][0]["reliability"] == "C"
    assert entry["narrative"]["marking"]["topics"] == ["cyber", "public-message"]
    assert entry["narrative"]["marking"]["caveats"] == ["ORCON"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "console.nothing-changed"),
        ({"as.kind": "nonsense"}, "console.field-malformed"),
        ({"as.occurred_at": "yesterday"}, "console.field-malformed"),
        ({"text-en": " "}, "console.field-missing"),
        ({"level": "JPN-HI"}, "console.field-malformed"),
        ({"topics": ["nonsense"]}, "console.field-malformed"),
        ({"as.threatened": ["XYZ"]}, "console.field-malformed"),
    ],
    ids=["nothing", "kind", "moment", "words", "level", "topic", "party"],
)
def test_what_does_not_fit_is_refused(apis: Apis, usa: Browser, fields: dict[str, Any], code: str) -> None:
    """With its code, and nothing is signed."""
    id_ = _report(apis, "Refused")
    refused = usa.submit(usa.get(f"/record/{id_}/correct"), f"/record/{id_}/correction", **fields)
    assert refused.status_code >= 400
    assert code in refused.text
    assert _find_entry(apis, id_)["narrative"]["translations"][0]["text"] == "Refused"


def test_nobody_corrects_what_is_not_its_own_or_binds(apis: Apis, usa: Browser) -> None:
    """No button leads there, and the form itself is not found; what was taken back is not put right any more."""
    foreign = _report(apis, "Japan's own", party="JPN")
    call = say(apis, "USA", "ConsultationCalled", **CALLED)
    bound = say(apis, "USA", "ConclusionStated", consultation=call, outcome="no-action")
    gone = _report(apis, "Gone")
    say(apis, "USA", "EntryWithdrawn", entry=gone, reason="mistake")
    for id_ in (foreign, bound, gone):
        page = usa.get(f"/record/{id_}").text
        assert f"/record/{id_}/correct" not in page
        assert f"/statements/{id_}/write/withdraw" not in page
        assert usa.get(f"/record/{id_}/correct").status_code == 404
    assert "<del>" in usa.get(f"/record/{gone}").text
    assert f"/record/{call}/correct" in usa.get(f"/record/{call}").text


def test_both_readings_stand_wherever_it_is_shown(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """On the record, its own page, the list of consultations, the consultation and its timeline; to every party."""
    id_ = _report(apis, "Nine ships")
    call = say(apis, "USA", "ConsultationCalled", **{**CALLED, "threats": [id_]})
    _correct(apis, usa, id_, **{"text-en": "Six ships"})
    _correct(apis, usa, call, **{"as.level": "ministers"})
    for page in (f"/record?object={id_}", f"/record/{id_}", f"/consultations/{call}"):
        text = jpn.get(page).text
        assert re.search(r"<del[^>]*>Nine ships</del>", text), page
        assert re.search(r"<ins[^>]*>Six ships</ins>", text), page
    timeline = jpn.get(f"/consultations/{call}").text
    assert re.search(r"<ins[^>]*>ministers</ins>", timeline)


def test_a_text_that_is_struck_through_keeps_its_marking(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Beside both readings, changed or not: what is struck through counts for the sheet that the page is printed on."""
    id_ = send(apis, "USA", "Marked words", precedence="flash")
    fields = {"precedence": "flash", "level": "watch", "text_en": "Other words", "reason": "mistake"}
    _, answer = sign(usa, f"/hotline/correct/{id_}", f"/hotline/correction/{id_}", **fields)
    arrives(apis, answer, "JPN")
    listed = re.findall(r'<dl class="changes">(.*?)</dl>', jpn.get("/alarm").text, re.DOTALL)
    (changes,) = {part for part in listed if "Marked words" in part}
    was, _, now = changes.partition('<p class="now">')
    for part, text in ((was, "Marked words"), (now, "Other words")):
        assert text in part
        assert re.search(r'data-rank="0" data-of="USA" data-level="UNCLASSIFIED"', part)
    say(apis, "JPN", "MessageAcknowledged", message=id_, role="watch-officer", officer="jpn-w")


def test_a_correction_is_undone_and_the_first_reading_stands_again(apis: Apis, usa: Browser) -> None:
    """The page of the correction offers it, once; then nothing is struck through any more."""
    id_ = _report(apis, "First words")
    _correct(apis, usa, id_, **{"text-en": "Second words"})
    machine = apis.nodes["USA"].machine
    correction = next(row.id.hex() for row in machine.statements.find(EntryCorrected)
                      if isinstance(row.entry, EntryCorrected) and row.entry.entry.hex() == id_)  # fmt: skip
    page = usa.get(f"/record/{correction}").text
    assert "Undo this correction" in page
    form = f"/statements/{correction}/write/withdraw"
    _, answer = sign(usa, form, f"/statements/{correction}/withdraw", reason="mistake")
    arrives(apis, answer, "JPN")
    assert _find_entry(apis, id_)["narrative"]["translations"][0]["text"] == "First words"
    assert "<del" not in usa.get(f"/record/{id_}").text
    assert "Undo this correction" not in usa.get(f"/record/{correction}").text


def test_an_alarm_that_was_corrected_says_so_and_what_changed(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """A wrong FLASH: quiet, named as corrected, with what it read at first, on the alarm's page and the watch."""
    id_ = send(apis, "USA", "Launch seen", precedence="flash")
    assert "Launch seen" in jpn.get("/").text
    fields = {"precedence": "flash", "level": "watch", "text_en": "No launch: a test", "reason": "mistake"}
    _, answer = sign(usa, f"/hotline/correct/{id_}", f"/hotline/correction/{id_}", **fields)
    arrives(apis, answer, "JPN")
    for page in ("/", "/alarm"):
        text = jpn.get(page).text
        assert re.search(r"<del[^>]*>Launch seen</del>", text), page
        assert re.search(r"<ins[^>]*>No launch: a test</ins>", text), page
        assert "corrected" in strip_tags(text)
    say(apis, "JPN", "MessageAcknowledged", message=id_, role="watch-officer", officer="jpn-w")


def test_a_logged_call_is_put_right_in_the_role_of_whoever_does_it(apis: Apis, usa: Browser) -> None:
    """The codes may be mistyped; the log then names who corrected it, or a reader would find another officer (P43)."""
    logged: dict[str, Any] = {
        "channel": "hotline.nsc", "level": "watch", "parties": ["JPN"], "began_at": AT, "ended_at": AT + 60_000,
        "check": "proved", "challenge": ["K7"], "reply": ["M2"], "consultation": [], "role": "watch-officer",
        "officer": "usa-operator",
    }  # fmt: skip
    id_ = say(apis, "USA", "VoiceCallLogged", **logged)
    row = usa.get("/hotline").text
    assert f"/record/{id_}/correct" in row
    _correct(apis, usa, id_, **{"as.challenge": "K9", "role": "watch-officer"})
    (found,) = (call for call in apis.get("/v1/voice-calls", party="JPN") if call["id"] == id_)
    entry = found["logged"]["entry"]
    assert (entry["challenge"], entry["reply"], entry["began_at"]) == (["K9"], ["M2"], AT)
    assert not [one for one in apis.nodes["JPN"].machine.offices.all if bytes(one.stated.id).hex() == id_]
    assert re.search(r"<del[^>]*>K7</del>", sign_in(Browser(apis, "JPN")).get("/hotline").text)


def test_every_type_that_may_be_corrected_has_a_form_or_nothing_to_put_right() -> None:
    """What has none says that something was done or took something back: it is taken back itself, with a reason."""
    bare = {type_.__name__ for type_ in ENTRY_TYPES if type_ in ACTS and not type_.binding
            and type_ not in (EntryCorrected, EntryWithdrawn, *OWN_FORMS) and not may_rewrite(type_)}  # fmt: skip
    assert bare == {"AcknowledgementWithdrawn", "MessageRead", "NationalActionEnded"}
    assert set(STATEMENT_FORMS) > bare


def _say_role(apis: Apis, type_: str, **fields: Any) -> str:
    return say(apis, "USA", type_, role="watch-officer", officer="usa-operator", **fields)


def _correct_role(apis: Apis, browser: Browser, id_: str, role: str) -> None:
    form, path = browser.get(f"/record/{id_}/correct"), f"/record/{id_}/correction"
    assert "The role is what can be put right" in form.text
    shown = browser.submit(form, path, reason="mistake", role=role)
    assert shown.status_code == 200, shown.text
    arrives(apis, browser.submit(shown, path, role=role), "JPN", "KOR")


def test_an_acknowledgement_in_the_wrong_role_is_put_right_in_its_place(apis: Apis, usa: Browser) -> None:
    """Of a call, of a message: its instant stays, and every party reads the role that it was."""
    call = say(apis, "JPN", "ConsultationCalled", **CALLED)
    acknowledged = _say_role(apis, "Acknowledged", consultation=call)
    _correct_role(apis, usa, acknowledged, "director")
    (row,) = [row for row in apis.get("/v1/timeline", party="JPN") if row["id"] == acknowledged]
    assert (row["arguments"]["role"], row["first"]) == ("director", {"role": "watch-officer"})
    message = send(apis, "JPN", "Read this")
    _correct_role(apis, usa, _say_role(apis, "MessageAcknowledged", message=message), "director")
    (found,) = [one for one in apis.get("/v1/messages", party="JPN") if one["id"] == message]
    (cell,) = [cell for cell in found["cells"] if cell["party"] == "USA"]
    assert cell["acknowledged"]["entry"]["role"] == "director"
    assert re.search(r"<del[^>]*>[^<]*watch", usa.get(f"/record/{acknowledged}").text, re.IGNORECASE)


def test_nobody_puts_right_in_which_role_another_officer_acted(apis: Apis, usa: Browser) -> None:
    """The form says what to do instead; the same role again is no correction."""
    message = send(apis, "JPN", "Read that")
    other = say(apis, "USA", "MessageAcknowledged", message=message, role="watch-officer", officer="somebody-else")
    refused = usa.get(f"/record/{other}/correct")
    assert (refused.status_code, "console.other-officer" in refused.text) == (403, True)
    own = _say_role(apis, "MessageAcknowledged", message=message)
    form, path = usa.get(f"/record/{own}/correct"), f"/record/{own}/correction"
    assert "console.nothing-changed" in usa.submit(form, path, reason="mistake", role="watch-officer").text


def test_a_phrase_that_was_read_back_wrong_is_corrected_by_its_gaps(apis: Apis, usa: Browser) -> None:
    """What is left stays to the millisecond, so that it matches; the first reading stands struck through."""
    filled = {"phrase": "policy.phrase.launch-detected", "parties": [], "instants": [AT], "numbers": [2]}
    line: dict[str, Any] = {"channel": "hotline.nsc", "level": "watch", "precedence": "routine"}
    line |= {"consultation": [], "answers": []}
    message = say(apis, "JPN", "PhraseSent", **line, filled=filled)
    back = say(apis, "USA", "PhraseReadBack", message=message, filled={**filled, "numbers": [3]})
    assert f"/hotline/correct-back/{back}" in usa.get(f"/record/{back}").text
    form, act = f"/hotline/correct-back/{back}", f"/hotline/back-correction/{back}"
    assert "console.nothing-changed" in usa.submit(usa.get(form), act).text
    _, answer = sign(usa, form, act, number_1="2", reason="mistake")
    arrives(apis, answer, "JPN")
    (found,) = [one for one in apis.get("/v1/messages", party="JPN") if one["id"] == message]
    (cell,) = [cell for cell in found["cells"] if cell["party"] == "USA"]
    assert cell["read_back"] == "matches"
    assert re.search(r"<del[^>]*>[^<]*\b3\b", usa.get(f"/record/{back}").text)
    assert sign_in(Browser(apis, "JPN")).get(form).status_code == 404


def test_a_bare_fact_is_taken_back_with_a_reason_and_the_form_says_what_then_counts(apis: Apis, usa: Browser) -> None:
    """A reading, a withdrawal of an acknowledgement: the record shows what stands again."""
    message = send(apis, "JPN", "Look at this")
    reading = say(apis, "USA", "MessageRead", message=message, officer="usa-operator")
    assert f'href="/record/{reading}"' in usa.get("/hotline").text
    page = usa.get(f"/record/{reading}").text
    assert f"/record/{reading}/correct" not in page
    form = f"/statements/{reading}/write/withdraw"
    assert form in page
    assert "stands as not read by us" in usa.get(form).text
    _, answer = sign(usa, form, f"/statements/{reading}/withdraw", reason="mistake")
    arrives(apis, answer, "JPN")
    (found,) = [one for one in apis.get("/v1/messages", party="JPN") if one["id"] == message]
    assert [cell["read"] for cell in found["cells"] if cell["party"] == "USA"] == [None]
    call = say(apis, "JPN", "ConsultationCalled", **CALLED)
    acknowledged = _say_role(apis, "Acknowledged", consultation=call)
    undone = say(apis, "USA", "AcknowledgementWithdrawn", consultation=call, acknowledgement=acknowledged)
    assert "stands again" in usa.get(f"/statements/{undone}/write/withdraw").text
    say(apis, "USA", "Acknowledged", consultation=call, role="watch-officer", officer="usa-operator")


def test_a_correction_stands_in_the_handover_and_the_palette_too(apis: Apis, usa: Browser) -> None:
    """Both readings: what a call says now, and what it said at first."""
    call = say(apis, "JPN", "ConsultationCalled", **{**CALLED, "level": "watch"})
    japan = sign_in(Browser(apis, "JPN"))
    _correct(apis, japan, call, **{"as.level": "ministers"})
    text = usa.get("/handover").text
    row = text[text.index(f"<code>{call[:16]}") :].partition("</li>")[0]
    assert re.search(r"<ins[^>]*>ministers</ins>", row)
    found = strip_tags(usa.get("/palette?q=" + call[:12]).text)
    assert "at the level of ministers (corrected; at first: JPN called" in found
    say(apis, "USA", "Acknowledged", consultation=call, role="watch-officer", officer="usa-operator")


def test_planted_markup_stays_text_in_both_readings(apis: Apis, usa: Browser) -> None:
    """What was and what is are anybody's words."""
    id_ = _report(apis, "<b>was</b>")
    _correct(apis, usa, id_, **{"text-en": "<img src=x onerror=alert(1)>"})
    text = usa.get(f"/record/{id_}").text
    assert "<b>was" not in text
    assert "<img" not in text
    assert "<b>was</b>" in html.unescape(text)


@pytest.mark.parametrize(("language", "word"), [("ja", "訂正"), ("ko", "정정")])
def test_the_form_speaks_the_readers_language(apis: Apis, language: str, word: str) -> None:
    """Heading, fields and reasons."""
    id_ = _report(apis, "In words")
    browser = sign_in(Browser(apis, language=language))
    page = browser.get(f"/record/{id_}/correct")
    assert word in page.text
    assert "Correct" not in read(page)
    assert find_mending_path(apis.nodes["USA"].machine.record.find_statement(bytes.fromhex(id_))) != ""  # type: ignore[arg-type]
