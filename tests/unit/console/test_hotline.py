"""The page *Hotline*: what is said, and each receipt as a fact of its own; what is signed from it (ADR 0061)."""

import html
import re

import pytest

from comity.base.instants import parse_instant
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read
from kit.hotline import (
    LINE,
    arrives,
    confirm,
    find_cell,
    find_last,
    read_row,
    say,
    send,
    sign,
    sign_in,
    wait,
)
from kit.stage import words

PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"


def test_a_phrase_is_filled_shown_in_three_languages_and_sent(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Pick, fill the gaps: before it is signed all versions are shown, and Japan reads its own first."""
    picked = usa.get(f"/hotline/phrases/{LINE}")
    assert f'href="/hotline/phrases/{LINE}/policy.phrase.launch-detected"' in picked.text
    assert "‹時刻1›に発射を探知" in picked.text
    shown, answer = sign(
        usa, f"/hotline/phrases/{LINE}/policy.phrase.launch-detected", f"/hotline/phrase/{LINE}",
        at_1="180824Z DEC 26", number_1="1", precedence="flash",
    )  # fmt: skip
    for sentence in (
        "Launch detected at 180824Z DEC 26: 1 objects",
        "180824Z DEC 26に発射を探知: 1発",
        "180824Z DEC 26 발사 탐지",
    ):
        assert sentence in shown
    assert answer.headers["location"].startswith(f"/hotline/on/{LINE}?signed=")
    id_ = arrives(apis, answer, "JPN", "KOR")
    row = read_row(jpn, id_)
    assert "FLASH" in row
    assert "180824Z DEC 26に発射を探知" in row
    assert find_last(apis, "USA")["sent"]["entry"]["filled"]["numbers"] == [1]


@pytest.mark.parametrize("changed", [{"at_1": ""}, {"number_1": ""}, {"number_1": "x"}, {"at_1": "soon"}])
def test_a_gap_left_open_or_filled_with_words_signs_nothing(usa: Browser, changed: dict[str, str]) -> None:
    """What is missing or no instant is said with its code."""
    page = usa.get(f"/hotline/phrases/{LINE}/policy.phrase.launch-detected")
    filled = {"at_1": "0824Z", "number_1": "1", **changed}
    answer = usa.submit(page, f"/hotline/phrase/{LINE}", **filled)
    assert answer.status_code == 400
    assert "digest" not in find_forms(answer.text).get(f"/hotline/phrase/{LINE}", {})


def test_a_free_message_goes_under_its_marking_to_whom_it_is_addressed(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Marking and languages are shown before it is signed; it reaches those who were ticked and nobody else."""
    shown, answer = sign(
        usa, f"/hotline/write/{LINE}", f"/hotline/message/{LINE}", precedence="immediate", text_en="Track lost.",
        text_ja="航跡を失探。", marked="USA-U", topic=["public-message"], to=["JPN"],
    )  # fmt: skip
    assert "UNCLASSIFIED" in shown
    assert "航跡を失探。" in shown
    assert "who will see it JPN" in shown
    id_ = arrives(apis, answer, "JPN")
    assert "to JPN alone" in read_row(usa, id_)
    assert "航跡を失探。" in read_row(jpn, id_)
    korea = sign_in(Browser(apis, "KOR"))
    assert id_[:16] not in korea.get("/hotline").text
    hidden, never = (korea.get(f"/hotline/back/{one}") for one in (id_, "00" * 32))
    assert hidden.status_code == never.status_code == 404
    assert read(hidden).replace(id_[:16], "") == read(never).replace("0" * 16, "")


def test_a_marking_that_lets_nothing_out_is_refused_with_its_clause(usa: Browser) -> None:
    """The funnel decides as it does for the API, and says why."""
    page = usa.get(f"/hotline/write/{LINE}")
    shown = usa.submit(page, f"/hotline/message/{LINE}", text_en="Secret.", marked="USA-TS", topic=["public-message"])
    refused = usa.submit(shown, f"/hotline/message/{LINE}")
    assert refused.status_code == 403
    assert "release.withheld" in refused.text


def test_receipts_are_separate_facts(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Delivered, read, acknowledged by whom in what role, read back: each stands when it was signed, and not before."""
    id_ = send(apis, "USA", "Two vessels.", precedence="flash")
    wait(apis, lambda: bool(find_cell(apis, id_, "JPN")["is_delivered"]))
    assert "proved — not yet —" in read_row(usa, id_)
    arrives(apis, confirm(jpn, f"/hotline/read/{id_}"), "USA")
    assert "proved jpn-operator" in read_row(usa, id_)
    assert "not yet" in read_row(usa, id_).partition("KOR")[0]
    arrives(apis, confirm(jpn, f"/acknowledge/{id_}"), "USA")
    assert "Watch officer · jpn-operator" in read_row(usa, id_)
    _, answer = sign(jpn, f"/hotline/back/{id_}", f"/hotline/read-back/{id_}", text_en="Two vessel.",
                      marked="JPN-OPEN", topic=["public-message"])  # fmt: skip
    arrives(apis, answer, "USA")
    assert "the read-back differs" in read_row(usa, id_)
    _, answer = sign(jpn, f"/hotline/back/{id_}", f"/hotline/read-back/{id_}", text_en="Two vessels.",
                      marked="JPN-OPEN", topic=["public-message"])  # fmt: skip
    arrives(apis, answer, "USA")
    assert "the read-back matches" in read_row(usa, id_)
    assert "the read-back" not in read_row(usa, id_).partition("KOR")[2]


def test_a_phrase_is_read_back_as_a_phrase(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Its gaps are asked for, empty of what was sent, and compared."""
    filled = {"phrase": "policy.phrase.stand-by", "parties": [], "instants": [parse_instant("2026-12-18T09:00Z")],
              "numbers": []}  # fmt: skip
    id_ = say(apis, "USA", "PhraseSent", channel=LINE, level="watch", precedence="routine", consultation=[],
               answers=[], filled=filled)  # fmt: skip
    shown, answer = sign(jpn, f"/hotline/back/{id_}", f"/hotline/read-back/{id_}", at_1="180900Z DEC 26")
    assert "180900Z DEC 26까지" in shown
    arrives(apis, answer, "USA")
    assert "the read-back matches" in read_row(usa, id_)


def test_a_translation_is_marked_as_one(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """It stands beside the sender's words with whose it is, and never among them."""
    id_ = send(apis, "USA", "One aircraft.")
    _, answer = sign(jpn, f"/hotline/translate/{id_}", f"/hotline/translation/{id_}", text_ja="航空機1機。",
                      marked="JPN-OPEN", topic=["public-message"])  # fmt: skip
    arrives(apis, answer, "USA")
    page = usa.get("/hotline").text
    row = page[page.index(f'id="m-{id_[:16]}"') :]
    assert re.search(r'class="aside translation">.*?TRANSLATION.*?jpn-operator.*?航空機1機。', row, re.DOTALL)
    assert "航空機1機。" not in row[: row.index("aside translation")]


def test_a_wrong_flash_is_corrected_and_never_erased(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Both readings stand beside each other at every reader; a withdrawal leaves the words, marked."""
    id_ = send(apis, "USA", "Three objects.", precedence="flash")
    page = usa.get(f"/hotline/correct/{id_}")
    assert find_forms(page.text)[f"/hotline/correction/{id_}"]["text_en"] == "Three objects."
    shown, answer = sign(usa, f"/hotline/correct/{id_}", f"/hotline/correction/{id_}", text_en="One object.")
    assert "It will read One object." in shown
    arrives(apis, answer, "JPN")
    row = read_row(jpn, id_)
    assert row.index("One object.") < row.index("At first it was sent as:") < row.index("Three objects.")
    assert "FLASH" in row
    _, answer = sign(usa, f"/hotline/withdraw/{id_}", f"/hotline/withdrawal/{id_}", reason="mistake")
    arrives(apis, answer, "JPN")
    row = read_row(jpn, id_)
    assert "withdrawn by its sender" in row
    assert "One object." in row
    assert f"/acknowledge/{id_}" not in jpn.get("/hotline").text


def test_a_phrase_is_corrected_by_its_gaps(apis: Apis, usa: Browser) -> None:
    """The phrase stays; what fills it is offered as it was and put right."""
    at = parse_instant("2026-12-18T08:24Z")
    filled = {"phrase": "policy.phrase.launch-detected", "parties": [], "instants": [at], "numbers": [7]}
    id_ = say(apis, "USA", "PhraseSent", channel=LINE, level="watch", precedence="flash", consultation=[], answers=[],
               filled=filled)  # fmt: skip
    form = find_forms(usa.get(f"/hotline/correct/{id_}").text)[f"/hotline/correction/{id_}"]
    assert (form["at_1"], form["number_1"], form["precedence"]) == ("180824Z DEC 26", "7", "flash")
    _, answer = sign(usa, f"/hotline/correct/{id_}", f"/hotline/correction/{id_}", number_1="1")
    arrives(apis, answer, "JPN")
    row = read_row(usa, id_)
    assert row.index("180824Z DEC 26: 1 objects") < row.index("180824Z DEC 26: 7 objects")


def test_nobody_corrects_or_withdraws_anothers_word(apis: Apis, jpn: Browser) -> None:
    """No button leads there, and the act itself refuses."""
    id_ = send(apis, "USA", "Ours.")
    assert f"/hotline/correct/{id_}" not in jpn.get("/hotline").text
    assert jpn.get(f"/hotline/withdrawal/{id_}?reason=mistake").status_code == 404
    assert jpn.get(f"/hotline/correction/{id_}?reason=mistake&text_en=x&marked=JPN-OPEN").status_code == 404


def test_an_answer_names_what_it_answers(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """The form shows the message, and the answer leads to it."""
    id_ = send(apis, "USA", "Is your line good?")
    page = jpn.get(f"/hotline/write/{LINE}?answers={id_}")
    assert "Is your line good?" in read(page)
    _, answer = sign(jpn, f"/hotline/write/{LINE}?answers={id_}", f"/hotline/message/{LINE}", text_en="It is.",
                      marked="JPN-OPEN", topic=["public-message"])  # fmt: skip
    own = arrives(apis, answer, "USA")
    shown = usa.get("/hotline").text
    assert f'href="#m-{id_[:16]}"' in shown[shown.index(f'id="m-{own[:16]}"') :].partition("</li>")[0]


def test_what_others_say_comes_out_as_text(apis: Apis) -> None:
    """In a message, a translation and every form that shows it, in each language."""
    id_ = send(apis, "JPN", PAYLOAD)
    say(apis, "KOR", "MessageTranslated", message=id_, role="watch-officer", officer="k",
         body={**words("KOR", ""), "translations": [{"language": "ko", "text": PAYLOAD}]})  # fmt: skip
    for language in ("en", "ja", "ko"):
        browser = sign_in(Browser(apis, language=language))
        for path in ("/hotline", f"/hotline/back/{id_}", f"/hotline/translate/{id_}",
                     f"/hotline/write/{LINE}?answers={id_}", f"/hotline/on/{LINE}"):  # fmt: skip
            page = browser.get(path)
            assert page.status_code == 200
            assert find_inline(page.text) == []
            assert PAYLOAD in html.unescape(page.text)
            assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page.text.replace("{{ 7*7 }}", "")))


def test_the_piece_is_empty_while_nothing_differs(apis: Apis, usa: Browser) -> None:
    """It renews itself by the same path, on whatever channel."""
    for path in ("/hotline", f"/hotline/on/{LINE}"):
        at = html.unescape(re.findall(r'hx-get="(/hotline/now[^"]*)"', usa.get(path).text)[0])
        assert usa.get(at).status_code in (200, 204)
    id_ = send(apis, "JPN", "Something new.")
    assert id_[:16] in usa.get(at).text
