"""One consultation, from a report to who knew what when, by three officers at three consoles in three languages.

It is the walk of `docs/guide/first-consultation.md`: everything that the guide names is looked for on the pages, so
that the two cannot drift apart. Between its steps is what an officer meets on another day: the alarm, a capital that
gives no instructions yet, a passage in brackets, a second version.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from comity.audit import Version, audit, read_bundle
from comity.base.instants import HOUR_MS, MINUTE_MS, Instant, format_dtg, parse_instant
from comity.base.names import Party
from comity.cli.audit import is_clean
from comity.cli.demo.stage import OVERRIDES
from comity.node.officers import OfficerBook
from comity.node.realm_record import find_pins_for_audit
from kit.at_console import AtConsole
from kit.browsing import open_browser, sign_in, watch
from kit.ear import arm, expect_tone, open_ear, wait_until
from kit.floor import Floor
from kit.guide import Guide
from kit.nodes import PARTIES, REALM, SUITE, Nodes, accept_all, make_homes

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

Officers = Mapping[Party, AtConsole]
LANGUAGES = {"JPN": ("ja", "ja-JP"), "KOR": ("ko", "ko-KR"), "USA": ("en", "en-US")}
LEFT_OUT = frozenset({"Decline the call", "unconfirmed", "agreed", "not proved"})
"""What the guide speaks of and the case does not come to: a call that is declined, a party that was cut off, a
moment of which nobody can say what another knew."""
FIRST = {
    "en": "The three parties consulted at once.",
    "ja": "三者は直ちに協議した。",
    "ko": "세 당사자는 즉시 협의하였다.",
}
SECOND = {
    "en": "The three parties consulted within the hour.",
    "ja": "三者は一時間以内に協議した。",
    "ko": "세 당사자는 한 시간 안에 협의하였다.",
}


@pytest.fixture
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Three floors of this test's own, under the demo's policy: their clocks will be put forward."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")), has_offices=True, overrides=OVERRIDES)
    with Floor(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


@pytest.fixture
def guide() -> Guide:
    """The guide, from the report to who knew what when; how the demo is started and ended is no browser's."""
    return Guide(2, 9, left_out=LEFT_OUT)


@pytest.fixture
def officers(chromium: Browser, floor: Floor, guide: Guide) -> Iterator[Officers]:
    """A watch officer of each party, with a token, at a console in the party's language; nothing goes wrong at any."""
    seen, contexts = [], []
    found: dict[Party, AtConsole] = {}
    for party in PARTIES:
        language, locale = LANGUAGES[party]
        node, name = floor.nodes[party], f"duty-{party[0].lower()}"
        node.officers = OfficerBook()
        token = node.officers.add(name, ("watch-officer",), at=Instant(node.now() - 1))
        contexts.append(open_browser(chromium, floor.origins[party], locale=locale))
        open_ear(contexts[-1])
        seen.append(watch(contexts[-1]))
        sign_in(seen[-1].page, token)
        arm(seen[-1].page)
        found[party] = AtConsole(seen[-1].page, language=language, guide=guide)
    yield found
    for party in PARTIES:
        floor.nodes[party].officers = OfficerBook()
    for watched, context in zip(seen, contexts, strict=True):
        watched.check()
        context.close()


def test_a_consultation_goes_from_a_report_to_who_knew_what_when(
    officers: Officers, floor: Floor, guide: Guide, tmp_path: Path
) -> None:
    """The guide's steps in its order and its words; then all three hold the same pages, and an audit finds nothing."""
    _report_and_call(officers)
    for party in ("JPN", "USA"):
        _acknowledge(officers[party])
    _take_positions(officers)
    text = _put_a_text(officers)
    _agree_by_silence(officers, floor, text)
    _match_a_measure(officers)
    for officer in officers.values():
        _open_talk(officer)
        officer.press("State our conclusion")
        officer.choose("What we hold to be the result", "response matched")
        officer.show()
        officer.sign()
    for officer in officers.values():
        officer.go("/consultations")
        officer.sees("concluded", "section:has(#closed)")
    _look_back(officers["JPN"])
    assert guide.left == set(), "the guide names what the pages have not"
    _hold_the_same(officers)
    _audit(officers, floor, tmp_path)


def _open_talk(officer: AtConsole) -> None:
    officer.go("/")
    officer.press_key("C")
    officer.page.locator("section:has(#open) .what a").first.click()
    expect(officer.page.locator(".talk #positions")).to_be_visible()


def _report_and_call(officers: Officers) -> None:
    """Seoul reports, which sounds nowhere, and calls, which sounds at the two others and not at its own console."""
    seoul = officers["KOR"]
    seoul.press_key("C")
    expect(seoul.page.locator("h1")).to_have_text(seoul.named("Consultations"))
    seoul.press("Report a threat")
    seoul.choose("What it is", "missile launch")
    expect(seoul.page.get_by_text(seoul.named("English"), exact=True).first).to_be_visible()
    seoul.write("What was seen", en="PLAYED. Launch detected, toward the east.")
    seoul.tick("What it is about", "DPRK nuclear and missile threats", "북한 핵·미사일 위협")
    seoul.show()
    seoul.sign(says=["PLAYED. Launch detected, toward the east.", "duty-k", "JPN, USA"])
    for officer in officers.values():
        officer.press_key("C")
        officer.sees("Threats reported, no call on them yet")
        officer.sees("PLAYED. Launch detected, toward the east.")
        expect_tone(officer.page, "")
    for party in ("JPN", "USA"):
        officers[party].press_key("W")
    seoul.press("Call for consultation on it")
    seoul.choose("At the level of", "advisers")
    seoul.show()
    seoul.sign()
    for party in ("JPN", "USA"):
        expect_tone(officers[party].page, "call")
    wait_until(officers["JPN"].page, "hear().loud > 0.05")
    expect_tone(seoul.page, "")
    expect(seoul.page.locator(".talk #positions")).to_be_visible()  # the page of what was called opens
    seoul.press_key("C")
    seoul.sees("Open", "section:has(#open) h2")


def _acknowledge(officer: AtConsole) -> None:
    """One key shows what it says, another signs it; then nothing sounds."""
    officer.sees("Waits for an answer from here", "#alerts")
    expect(officer.page.locator(".alerts li")).to_have_count(1)
    officer.press_key("A")
    officer.sign(by_key=True)
    expect(officer.page.locator(".alerts li")).to_have_count(0)
    expect_tone(officer.page, "")


def _take_positions(officers: Officers) -> None:
    """Tokyo has no instructions, and says by when it will have; the others see it, and then where each stands."""
    tokyo = officers["JPN"]
    _open_talk(tokyo)
    tokyo.press("State a position")
    tokyo.choose("Position", "no instructions")
    tokyo.show()
    tokyo.sign()
    tokyo.press("Instructions awaited")
    expected = _moment(tokyo, HOUR_MS)
    tokyo.type("By when they are expected", expected)
    tokyo.show()
    tokyo.sign(says=[expected])
    for party, position in (("USA", "supports"), ("KOR", "supports with a reserve"), ("JPN", "supports")):
        officer = officers[party]
        _open_talk(officer)
        if party != "JPN":
            expect(officer.page.locator("article:has(#column-JPN)")).to_contain_text(expected)
        officer.press("State a position")
        officer.choose("Position", position)
        officer.show()
        officer.sign()
        expect(officer.page.locator(f"article:has(#column-{party})")).to_contain_text(officer.named(position))
        officer.sees("Explain a position")
    expect(tokyo.page.locator("article:has(#column-JPN)")).not_to_contain_text(expected)


def _moment(officer: AtConsole, after_ms: int) -> str:
    """Return a moment in the form in which the clock at the foot of the page shows it."""
    clock = officer.page.locator("#now-z")
    at = int(clock.get_attribute("data-ms") or 0)
    assert re.fullmatch(r"\d{6}Z [A-Z]{3} \d\d", clock.inner_text().strip())
    return format_dtg(Instant(at + after_ms))


def _put_a_text(officers: Officers) -> str:
    """Washington puts a version in three languages, Seoul puts words of it in brackets, Washington puts another."""
    washington, seoul = officers["USA"], officers["KOR"]
    _open_talk(washington)
    washington.press("Open a text")
    washington.show()
    washington.sign()
    washington.sees("joint statement", ".panel.text h2")
    washington.page.locator(".panel.text h2 a").click()
    path = "/texts/" + washington.page.url.rpartition("/texts/")[2]
    _put_a_version(washington, FIRST)
    seoul.go(path)
    seoul.press("Put in brackets")
    seoul.write("The words, as they stand in the version", ko="즉시", en="at once")
    seoul.show()
    seoul.sign(says=["[at once]", "[즉시]"])
    expect(washington.page.locator("mark.bracketed", has_text="[at once]").first).to_be_visible()
    _put_a_version(washington, SECOND)
    tokyo = officers["JPN"]
    tokyo.go(path)
    for language, text in SECOND.items():
        expect(tokyo.page.locator(f".tongues .said[lang={language}]").first).to_have_text(text)
    expect(tokyo.page.locator("section:has(#redline) ins").first).to_be_visible()
    return path


def _put_a_version(officer: AtConsole, words: Mapping[str, str]) -> None:
    officer.press("Put a version")
    officer.write("The whole wording", **words)
    officer.show()
    officer.sign(says=words.values())


def _agree_by_silence(officers: Officers, floor: Floor, path: str) -> None:
    """Silence is asked for and seen to run by all, who had the version; S-time passes, and each calls it adopted."""
    washington = officers["USA"]
    washington.press("Open silence")
    until = _moment(washington, 30 * MINUTE_MS)
    washington.type("S-time", until)
    washington.show()
    washington.sign(says=[until])
    for officer in officers.values():
        officer.go(path)
        expect(officer.page.locator(".silence.runs .stime")).to_contain_text(until)
        answers = officer.page.locator(".answers tbody tr")
        expect(answers).to_have_count(3)
        expect(answers.locator("td:last-child .warn-text")).to_have_count(0)
    # To S-time and not over it: a node whose clock leapt over it does not say that its party was silent (P19).
    floor.nodes.ahead_ms += parse_instant(until) - floor.nodes["USA"].now()
    for officer in officers.values():
        officer.sees("adopted", "h1")


def _match_a_measure(officers: Officers) -> None:
    """Washington offers, Tokyo accepts, and Seoul sees both."""
    washington, tokyo, seoul = (officers[party] for party in ("USA", "JPN", "KOR"))
    _open_talk(washington)
    washington.press("Offer a measure")
    washington.tick("Coordinated with", "Japan")
    washington.type("Who does it: the id of a unit or office", "patrol-1")
    washington.write("What is done", en="PLAYED. Maritime patrol.")
    washington.show()
    washington.sign(says=["patrol-1"])
    _open_talk(tokyo)
    tokyo.sees("Measures and actions in time")
    tokyo.sees("offered", "#act-1")
    tokyo.do("Accept")
    _open_talk(seoul)
    for officer in officers.values():
        officer.sees("accepted", "#act-1 .tag.good")


def _look_back(officer: AtConsole) -> None:
    """Who had what by now, and by the change before."""
    officer.press_key("E")
    expect(officer.page.locator("h1")).to_have_text(officer.named("Record"))
    officer.press("Who knew what when")
    officer.sees("had it", "table.knowledge")
    officer.page.locator(".moments a", has_text=officer.named("change before")).click()
    expect(officer.page).to_have_url(re.compile(r"/record/knowledge\?.*at="))


def _hold_the_same(officers: Officers) -> None:
    """The record of each party shows the same heads of what all three read, and no finding."""
    found: list[dict[str, str]] = []
    for _ in range(120):
        found = [_read_heads(officer) for officer in officers.values()]
        if found[0] == found[1] == found[2]:
            break
        officers["USA"].page.wait_for_timeout(500)
    assert len(found[0]) >= len(PARTIES)
    assert found[0] == found[1] == found[2]
    for officer in officers.values():
        expect(officer.page.locator("section:has(#findings) .count")).to_have_text("0")


def _read_heads(officer: AtConsole) -> dict[str, str]:
    officer.go("/record/journals")
    rows = officer.page.locator("table.journals tbody tr").filter(has_text=", ".join(PARTIES))
    return dict(rows.evaluate_all("rows => rows.map(row => [row.id, row.cells[3].innerText])"))


def _audit(officers: Officers, floor: Floor, folder: Path) -> None:
    """What each officer saves as a bundle is judged apart from the nodes, opened with the keys of all three."""
    secrets = [key for held in floor.nodes.accepted.values() for key in held.secrets.receiving]
    records = []
    for party, officer in officers.items():
        with officer.page.expect_download() as saved:
            officer.page.locator("a[href='/record/bundle']").click()
        saved.value.save_as(folder / party)
        records.append(read_bundle((folder / party).read_bytes(), SUITE, secrets))
    pact = floor.nodes.accepted["USA"]
    pins = find_pins_for_audit(pact.pact_raw, (), realm=REALM, suite=SUITE)
    report = audit(records, pins, SUITE, versions=[Version(bytes(pact.digest), pact.pact)])
    assert is_clean(report), [(one.code, one.severity) for one in report.findings]
