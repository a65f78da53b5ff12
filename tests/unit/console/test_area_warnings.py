"""Warning one's own people from the console, and the officer's word on what rules ask for (W17, W55 to W57, W82)."""

import re
from collections.abc import Iterator

import pytest

from comity.exchange.cap_read import find_references, parse_alert
from comity.procedure.detected import WORD_COUNT_MAX, DraftDiscarded
from comity.procedure.public_warning import PublicWarned
from kit.api import Apis
from kit.console import Browser, find_inline, strip_tags
from kit.hotline import sign_in
from kit.warned import AREA, draft, report, take_back


@pytest.fixture
def tokyo(apis: Apis, jpn: Browser) -> Iterator[tuple[Browser, str]]:
    """Japan's console, and a report of its node that puts Tokyo at risk; taken back afterwards."""
    tokyo.number += 1  # type: ignore[attr-defined]
    id_ = report(apis, track=100 + tokyo.number)  # type: ignore[attr-defined]
    yield jpn, id_
    take_back(apis, id_)


tokyo.number = 0  # type: ignore[attr-defined]


def _issue(browser: Browser, id_: str) -> str:
    """Look at what is proposed, issue it, and return what was shown."""
    path = f"/warning/public/{id_}/issue"
    page = browser.get(f"{path}?area={AREA}")
    assert page.status_code == 200, page.text
    assert browser.submit(page, path).status_code == 303
    return page.text


def _read_files(browser: Browser, id_: str) -> list[bytes]:
    """Return the files of what was issued from a report, as the page of all has them."""
    rows = browser.get("/warning/public").text.split("<li data-row>")
    (row,) = [one for one in rows if f"/record/{id_}" in one]
    return [browser.get(path).content for path in re.findall(r'href="(/warning/public/[0-9a-f]{64}/file)"', row)]


def test_what_is_shown_is_what_goes_out(apis: Apis, tokyo: tuple[Browser, str]) -> None:
    """On Watch and on Warning it is proposed; the confirmation has every text of the file that is there afterwards."""
    browser, id_ = tokyo
    link = f"/warning/public/{id_}/issue?area={AREA}"
    assert link in browser.get("/").text
    assert link in browser.get("/warning").text
    before = len(apis.nodes["JPN"].machine.statements.find(PublicWarned))
    shown = strip_tags(_issue(browser, id_))
    assert len(apis.nodes["JPN"].machine.statements.find(PublicWarned)) == before + 1
    page = browser.get("/warning/public").text
    assert link not in page
    assert find_inline(page) == []
    (raw,) = _read_files(browser, id_)
    alert = parse_alert(raw)
    assert alert.status == "Exercise"
    assert [block.language for block in alert.blocks] == ["ja", "en"]
    for block in alert.blocks:
        for text in (block.headline, block.description, block.instruction, block.event, block.severity, block.expires,
                     block.areas[0].polygons[0]):  # fmt: skip
            assert text in shown, text
    assert "EXERCISE EXERCISE EXERCISE" in shown
    assert "in force" in strip_tags(browser.get("/warning").text)


def test_what_was_warned_of_and_taken_back_is_cancelled(apis: Apis, jpn: Browser) -> None:
    """The cancel is proposed in its place, says to what it refers, and has no text; then the warning is over."""
    id_ = report(apis, track=77)
    _issue(jpn, id_)
    (first,) = map(parse_alert, _read_files(jpn, id_))
    take_back(apis, id_)
    shown = strip_tags(_issue(jpn, id_))
    assert "It refers to 1 messages before it" in shown
    page = jpn.get("/warning/public").text
    assert f"/record/{id_}" in page.partition('id="over"')[2]
    (_, cancel) = map(parse_alert, _read_files(jpn, id_))
    assert first.identifier in cancel.references
    assert cancel.message_type == "Cancel"
    assert cancel.blocks == ()
    assert len(find_references(cancel)) == 1


def test_nobody_elses_people_are_warned(tokyo: tuple[Browser, str], usa: Browser) -> None:
    """At the USA nothing is proposed of it, and asking for it says so; an area that is no own one neither."""
    browser, id_ = tokyo
    assert f"/warning/public/{id_}/issue" not in usa.get("/").text
    refused = usa.get(f"/warning/public/{id_}/issue")
    assert "warning.nothing-proposed" in refused.text
    assert "comity warning" not in strip_tags(refused.text)
    assert "warning.nothing-proposed" in browser.get(f"/warning/public/{id_}/issue?area=policy.area.korea").text
    assert browser.get(f"/warning/public/{id_}/file").status_code == 404


def test_a_draft_is_discarded_in_words_that_stay(apis: Apis, jpn: Browser) -> None:
    """Reason and words are signed as they were typed, at the moment of asking, and stand on the page of all."""
    id_ = draft(apis, track=55)
    assert f'href="/drafts/{id_}"' in jpn.get("/").text
    path = f"/drafts/{id_}/discard"
    words = "Our own test flight <b>7</b>, announced."
    page = jpn.submit(jpn.get(f"/drafts/{id_}"), path, reason="known", words=words)
    other = jpn.submit(jpn.get(f"/drafts/{id_}"), path, reason="other")
    assert jpn.submit(page, path).status_code == 303
    (entry,) = [row.entry for row in apis.nodes["JPN"].machine.statements.find(DraftDiscarded)]
    assert isinstance(entry, DraftDiscarded)
    assert (entry.reason.value, entry.words) == ("known", words)
    assert f'href="/drafts/{id_}"' not in jpn.get("/").text
    for text in (jpn.get("/drafts").text, jpn.get(f"/drafts/{id_}").text):
        assert "Our own test flight &lt;b&gt;7&lt;/b&gt;, announced." in text
        assert "Discarded: it is reported already" in text
    assert jpn.submit(page, path).status_code == 303, "a second press of it is the same word"
    assert "warning.draft-closed" in jpn.submit(other, path).text
    assert len(apis.nodes["JPN"].machine.statements.find(DraftDiscarded)) == 1
    (row,) = [one for one in apis.get("/v1/warning/drafts?all=true", party="JPN") if one["id"] == id_]
    assert row["discarded"]["words"] == words


def test_a_draft_wants_a_reason_and_few_words(apis: Apis, jpn: Browser) -> None:
    """Without a reason, with one of no list, or with more than fits, nothing is shown to be signed."""
    id_ = draft(apis, track=56)
    page, path = jpn.get(f"/drafts/{id_}"), f"/drafts/{id_}/discard"
    assert "console.field-missing" in jpn.submit(page, path, words="x").text
    assert "console.field-malformed" in jpn.submit(page, path, reason="whim").text
    assert "console.field-malformed" in jpn.submit(page, path, reason="known", words="x" * (WORD_COUNT_MAX + 1)).text
    assert "warning.no-draft" in jpn.get(f"/drafts/{'0' * 64}").text


@pytest.mark.parametrize(("language", "word"), [("ja", "住民への警報"), ("ko", "주민 경보")])
def test_the_pages_are_in_the_readers_language(
    apis: Apis, tokyo: tuple[Browser, str], language: str, word: str
) -> None:
    """Around the texts of the area, which keep their own languages."""
    _, id_ = tokyo
    browser = sign_in(Browser(apis, "JPN", language=language))
    page = browser.get(f"/warning/public/{id_}/issue").text
    assert 'lang="ja"' in page
    assert 'lang="en"' in page
    shown = browser.get("/warning/public").text
    assert word in shown
    assert "Proposed now" not in shown
    assert "What was drafted" not in browser.get("/drafts").text
