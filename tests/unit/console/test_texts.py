"""The page of a text: silence with its reasons, languages in parallel, brackets, and the redline."""

import html
import re

import pytest

from comity.base.instants import HOUR_MS
from comity.console.texts import find_segments
from comity.procedure.stated import Stated
from comity.procedure.text import TextAdoptionSeen
from kit.api import Apis
from kit.console import Browser, find_inline, read_found, strip_tags
from kit.patience import until
from kit.talk import FIRST, SECOND, Play, marked, play_talk

OFFICER = {"role": "national-security-adviser", "officer": "jpn-n"}
PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture(scope="module")
def ids(apis: Apis) -> dict[str, str]:
    """A consultation in the middle of its course, the same for every test of this file."""
    return play_talk(apis)


def _read(browser: Browser, path: str) -> str:
    return read_found(browser.get(path))


def test_silence_says_who_answered_what_and_why(browser: Browser, play: Play) -> None:
    """S-time on every clock; a hold with its officer, a break with its reason, a consent with its role."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST)
    play.say("USA", "SilenceProposed", text=text, version=version, until_at=play.now() + 2 * HOUR_MS, notice_ms=0)
    named = {"text": text, "version": version}
    play.say("KOR", "SilenceHeld", **named, role="watch-officer", officer="kor-w")
    shown = _read(browser, f"/texts/{text}")
    assert re.search(r"S-time \d{6}Z \w{3} \d\d .{16} E[SD]T .{16} JST .{16} KST policy.silence", shown)
    assert "South Korea holds: needs time Watch officer · kor-w" in shown
    assert "Japan silent so far — " in shown
    play.say("JPN", "SilenceBroken", **named, reason="amendment", role="watch-officer", officer="jpn-w")
    shown = _read(browser, f"/texts/{text}")
    assert "joint statement silence broken" in shown
    assert "Japan silence broken amendment · Watch officer · jpn-w" in shown
    waits = _read(browser, f"/consultations/{call}")
    assert "United States: silence was broken, the pen's next move ours policy.silence" in waits


def test_silence_that_cannot_count_says_so(browser: Browser, ids: dict[str, str]) -> None:
    """Whoever had the version later than the pact's window before S-time has to answer by an officer."""
    shown = _read(browser, f"/texts/{ids['text']}")
    assert "later than that, silence is no consent: an officer answers" in shown
    assert "Japan silent so far its silence cannot count: an officer has to agree" in shown


def test_an_adopted_text_says_so(browser: Browser, play: Play) -> None:
    """Once every party has agreed, with the officers who did."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST)
    for party in ("JPN", "KOR", "USA"):
        play.say(party, "TextAgreed", text=text, version=version, role="exercise-controller", officer="o-1")
    statements = play.apis.nodes["USA"].machine.statements
    play.apis.run(until(lambda: any(_is_of(row, text) for row in statements.find(TextAdoptionSeen))))
    assert "Adopted by every party; seen by" in _read(browser, f"/texts/{text}")
    assert _read(browser, f"/texts/{text}").count("agreed by an officer") == 3


def _is_of(stated: Stated, text: str) -> bool:
    return isinstance(stated.entry, TextAdoptionSeen) and stated.entry.text.hex() == text


def test_languages_stand_in_parallel_with_what_is_bracketed(browser: Browser, ids: dict[str, str]) -> None:
    """Each language in a column of its own, the reader's first; a bracket in signs, with who and what instead."""
    page = browser.get(f"/texts/{ids['text']}").text
    on_the_table = page.partition('id="wording"')[2].partition('id="redline"')[0]
    assert re.findall(r'<p class="said" lang="(\w\w)">', on_the_table)[:3] == ["en", "ja", "ko"]
    assert "launch of [18 December] 1 . We will respond" in strip_tags(on_the_table)
    shown = strip_tags(on_the_table)
    assert "South Korea" in shown.partition("In brackets: not agreed yet")[2]
    assert "Japan would put: JPN · " in shown
    assert "this morning" in shown
    japanese = Browser(browser._apis, language="ja")
    japanese.sign_in()
    page = japanese.get(f"/texts/{ids['text']}").text.partition('id="wording"')[2]
    assert re.findall(r'<p class="said" lang="(\w\w)">', page)[:3] == ["ja", "en", "ko"]


def test_a_lifted_bracket_is_gone(browser: Browser, play: Play) -> None:
    """From the words and from the list; the timeline has both statements."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST)
    bracket = play.say("KOR", "PassageBracketed", text=text, version=version,
                       passages=[{"language": "en", "first": 0, "end": 2}])  # fmt: skip
    assert "[We] 1 condemn" in _read(browser, f"/texts/{text}")
    play.say("KOR", "BracketLifted", text=text, bracket=bracket)
    assert "[We]" not in _read(browser, f"/texts/{text}")
    assert "KOR lifted a bracket" in _read(browser, f"/consultations/{call}")


@pytest.mark.parametrize(
    ("spans", "cut"),
    [
        ([], [("abcdef", ())]),
        ([(1, 1, 3)], [("a", ()), ("bc", (1,)), ("def", ())]),
        ([(1, 0, 4), (2, 2, 6)], [("ab", (1,)), ("cd", (1, 2)), ("ef", (2,))]),
        ([(1, 0, 6), (2, 1, 2)], [("a", (1,)), ("b", (1, 2)), ("cdef", (1,))]),
    ],
)
def test_brackets_may_lie_across_each_other(
    spans: list[tuple[int, int, int]], cut: list[tuple[str, tuple[int, ...]]]
) -> None:
    """Every character stands once, with all the brackets that it is in."""
    assert [(one.text, one.brackets) for one in find_segments("abcdef", spans)] == cut


def test_the_redline_is_between_any_two_versions(browser: Browser, play: Play) -> None:
    """The last two unless one asks; signs and words besides colour; the same version twice is the same."""
    call = play.call("KOR")
    text, _ = play.text(call, FIRST, SECOND, {**SECOND, "en": SECOND["en"] + " We remain united."})
    found = _redline(browser, f"/texts/{text}")
    assert "[put in: + We remain united.]" in found
    assert "strongly" in found
    assert "[put in: + strongly]" not in found
    found = _redline(browser, f"/texts/{text}?old=1&new=2")
    assert "[put in: + strongly]" in found
    assert "[taken out: −今回][put in: +12月18日]の発射を[put in: +強く]非難する。" in found
    assert "[taken out: − 이번][put in: + 12월 18일의] 발사를[put in: + 강력히]" in found
    assert "[put in" not in _redline(browser, f"/texts/{text}?old=2&new=2")
    assert "[put in: + strongly]" in _redline(browser, f"/texts/{text}?old=1&new=99")


def _redline(browser: Browser, path: str) -> str:
    page = browser.get(path).text.partition('id="redline"')[2].partition("</section>")[0]
    words = page.partition('class="columns')[2]
    signed = re.sub(r"<(?:ins|del)>", "[", words)
    signed = re.sub(r"</(?:ins|del)>", "]", signed)
    return html.unescape(re.sub(r"<[^>]+>", "", signed))


def test_the_pen_and_its_way_are_shown(browser: Browser, play: Play) -> None:
    """Who holds it; while it is handed over and not taken it rests, and that waits for its taker."""
    call = play.call("KOR")
    text, _ = play.text(call, FIRST)
    assert "pen: United States" in _read(browser, f"/consultations/{call}")
    handed = play.say("USA", "PenHandedOver", text=text, to="JPN")
    shown = _read(browser, f"/consultations/{call}")
    assert "the pen rests: handed to Japan, not taken yet" in shown
    assert "Japan: to take the pen that was handed over" in shown
    play.say("JPN", "PenTakenOver", text=text, handed_over=handed)
    assert "pen: Japan" in _read(browser, f"/texts/{text}")


def test_amendments_stand_beside_the_versions(browser: Browser, play: Play) -> None:
    """With whose they are."""
    call = play.call("KOR")
    text, version = play.text(call, FIRST)
    play.say("JPN", "TextAmendmentProposed", text=text, version=version, body=marked("JPN", en=PAYLOAD))
    page = browser.get(f"/texts/{text}")
    assert find_inline(page.text) == []
    assert PAYLOAD in html.unescape(page.text.partition('id="amendments"')[2])


@pytest.mark.parametrize("id_", ["00" * 32, "zz", "{call}"])
def test_what_is_no_text_has_no_page(browser: Browser, ids: dict[str, str], id_: str) -> None:
    """Neither an id of nothing, nor one of something else."""
    assert browser.get(f"/texts/{id_.format(**ids)}").status_code in (404, 422, 400)


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_the_page_speaks_the_readers_language(apis: Apis, ids: dict[str, str], language: str) -> None:
    """No field is left open."""
    browser = Browser(apis, language=language)
    browser.sign_in()
    page = browser.get(f"/texts/{ids['text']}").text
    assert f'<html lang="{language}"' in page
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page))


def test_a_countdown_is_no_part_of_it(browser: Browser, ids: dict[str, str]) -> None:
    """The piece differs only where something was said or a time has passed: it is not sent anew each second."""
    page = browser.get(f"/texts/{ids['text']}").text
    at = html.unescape(re.findall(r'hx-get="(/texts/[^"]*/now[^"]*)"', page)[0])
    assert browser.get(at, headers={"HX-Request": "true"}).status_code == 204
