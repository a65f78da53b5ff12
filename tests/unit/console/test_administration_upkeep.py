"""Administration besides officers: the node, its keys, systems that poll, call-outs, contacts."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.node.alarm.plan import ALARM_FILE, PlanBook
from comity.node.contacts import CONTACTS_FILE, ContactsFile
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read_found
from kit.officers import have_officers

PATH = "/administration"
PAGES = [PATH, *(f"{PATH}/{name}" for name in ("systems", "alarm", "contacts", "keys"))]
PLAN = """
quiet = {{ from = "22:00", until = "06:00" }}
[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]
[[callout]]
name = "pager"
kind = "command"
argv = ["{script}"]
[[callout]]
name = "sms"
kind = "webhook"
url = "http://127.0.0.1:9/send?key=unshown"
secret_file = "sms.secret"
timeout_s = 5
"""
CONTACTS = """
[[contact]]
party = "KOR"
office = "watch-officer"
channel = "hotline.nsc"
reach = "+00 0 000 0000"
[[contact]]
party = "ROK"
reach = "+00 1"
[challenge]
en = "By the blue list."
fr = "Par la liste bleue."
"""


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """An administrator and an auditor of the USA."""
    with have_officers(apis.nodes["USA"], {"usa-a": ("administrator",), "usa-v": ("auditor",)}) as found:
        yield found


@pytest.fixture
def keeper(apis: Apis, tokens: dict[str, str], tmp_path: Path) -> Browser:
    """The administrator's browser, signed in."""
    browser = Browser(apis, contacts=ContactsFile(tmp_path / CONTACTS_FILE))
    browser.sign_in(tokens["usa-a"])
    return browser


@pytest.fixture
def plan(apis: Apis, tmp_path: Path) -> Iterator[Path]:
    """A plan of call-outs: a pager that notes what it hears, a gateway that is not there; gone after the test."""
    script = tmp_path / "page"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen('told', 'w').write(sys.stdin.read())\n")
    script.chmod(0o700)
    (tmp_path / ALARM_FILE).write_text(PLAN.format(script=script))
    node = apis.nodes["USA"]
    node.alarm_plan = PlanBook(tmp_path)
    yield tmp_path
    node.alarm_plan = PlanBook()


def _act(browser: Browser, page: str, name: str, /, **fields: object) -> httpx.Response:
    """Fill a form of a page, confirm what is shown; return the last answer."""
    shown = browser.post(f"{PATH}/{name}", find_forms(browser.get(f"{PATH}/{page}").text)[f"{PATH}/{name}"] | fields)
    return browser.submit(shown, f"{PATH}/{name}") if shown.status_code == 200 else shown


def test_every_officer_sees_how_the_node_stands(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """Versions, store, lines, keys of every party and epochs of our own journals; systems and call-outs he does not."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-v"])
    text = read_found(other.get(PATH))
    for words in ("program", "own pages not in the outbox yet", "none from this home", "comity backup FILE"):
        assert words in text
    keys = read_found(other.get(f"{PATH}/keys"))
    certificate = apis.nodes["USA"].machine.ledger.trust.find_newest("KOR")
    assert certificate is not None
    assert certificate.node_key.hex()[:16] in keys
    assert "comity key replace" in keys
    own = apis.call("GET", "/v1/node").json()["epochs"]
    assert any(row["epoch"] for row in own)
    assert "JPN, KOR, USA" in keys
    for page in ("systems", "alarm"):
        assert find_forms(other.get(f"{PATH}/{page}").text).keys().isdisjoint({f"{PATH}/systems/add", f"{PATH}/test"})


def test_a_system_is_let_in_and_its_token_shown_once(apis: Apis, keeper: Browser) -> None:
    """It polls with that token until it is removed; what does not fit the pact is refused, and nothing is kept."""
    wish: dict[str, object] = {"name": "own-taxii", "party": "JPN", "format": ["taxii", "cap"]}
    answer = _act(keeper, "systems", "systems/add", **wish)
    page = keeper.get(answer.headers["location"])
    (token,) = re.findall(r'<p class="secret"[^>]*><code>([^<]+)</code>', page.text)
    assert keeper.get(answer.headers["location"]).status_code == 410
    assert apis.call("GET", "/taxii2/", token=token).status_code == 200
    listed = read_found(keeper.get(f"{PATH}/systems"))
    assert "own-taxii" in listed
    assert "TAXII 2.1 (STIX) · CAP 1.2" in listed or "CAP 1.2 · TAXII 2.1 (STIX)" in listed
    assert token not in keeper.get(f"{PATH}/systems").text
    assert "consumer.exists" in _act(keeper, "systems", "systems/add", **wish).text
    assert _act(keeper, "systems", "systems/remove", name="own-taxii").status_code == 303
    assert apis.call("GET", "/taxii2/", token=token).status_code == 401
    ours = {"name": "own-misp", "party": "USA", "format": "misp"}
    assert "consumer.malformed" in _act(keeper, "systems", "systems/add", **ours).text
    assert "console.field-missing" in _act(keeper, "systems", "systems/add", **(ours | {"format": ""})).text
    assert apis.registers["USA"].find("own-misp") is None


def test_a_system_of_ours_may_report_tracks(apis: Apis, keeper: Browser) -> None:
    """Of the classes that are ticked, with what its silence means; half a row, or errors alone, are refused."""
    wish = {"name": "boats", "party": "USA", "format": ["cot"], "level": "USA-CUI", "topics": ["maritime"],
            "report_class": ["policy.track.surface"], "report_ce": "50", "report_speed": "1.5",
            "report_silent": "USA-CUI", "report_word-1": "SECRET", "report_level-1": "USA-S"}  # fmt: skip
    shown = read_found(keeper.post(f"{PATH}/systems/add", _fill(keeper) | wish))
    assert "Ships" in shown
    assert "access SECRET means" in shown
    assert _act(keeper, "systems", "systems/add", **wish).status_code == 303
    held = apis.registers["USA"].find("boats")
    assert held is not None
    reporting = held.reporting
    assert reporting is not None
    assert (reporting.classes, reporting.ce_m, reporting.le_m, reporting.speed_m_s) == (
        ("policy.track.surface",), 50.0, None, 1.5,
    )  # fmt: skip
    assert [(one.word, one.level) for one in reporting.levels] == [("", "USA-CUI"), ("SECRET", "USA-S")]
    assert _act(keeper, "systems", "systems/remove", name="boats").status_code == 303
    faults: tuple[dict[str, object], ...] = (
        {"report_ce": "1e3"},
        {"report_ce": "0"},
        {"report_class": []},
        {"report_level-1": ""},
    )
    for broken in faults:
        assert _act(keeper, "systems", "systems/add", **{**wish, **broken}).status_code in (400, 422), broken
    assert "consumer.malformed" in _act(keeper, "systems", "systems/add", **{**wish, "format": ["cap"]}).text


def _fill(browser: Browser) -> dict[str, str]:
    return find_forms(browser.get(f"{PATH}/systems").text)[f"{PATH}/systems/add"]


def test_a_call_out_is_tried(keeper: Browser, plan: Path) -> None:
    """The program hears that it is a test; what fails says why; where it goes is shown, and no secret."""
    page = keeper.get(f"{PATH}/alarm")
    text = read_found(page)
    assert "sms: sms.secret is not there" in text
    assert "22:00 – 06:00" in text
    assert "http://127.0.0.1:9/send" in text
    assert "unshown" not in page.text
    assert _act(keeper, "alarm", "test", callout="pager").status_code == 303
    assert '"kind":"test"' in (plan / "told").read_text()
    failed = _act(keeper, "alarm", "test", callout="sms")
    assert failed.status_code == 503
    assert "callout.failed" in failed.text
    assert "callout.unknown" in _act(keeper, "alarm", "test", callout="nobody").text


def test_a_plan_that_cannot_be_followed_is_said(keeper: Browser, plan: Path) -> None:
    """With what is wrong in it; what it said before goes on."""
    read_found(keeper.get(f"{PATH}/alarm"))
    (plan / ALARM_FILE).write_text("step = 7")
    text = read_found(keeper.get(f"{PATH}/alarm"))
    assert "the node goes by what it said before" in text
    assert "pager" in text


def test_contacts_are_shown_with_what_no_card_would_print(keeper: Browser, tmp_path: Path) -> None:
    """A party that is none, a language of no card, a file that others may read, a party with nobody to reach."""
    file = tmp_path / CONTACTS_FILE
    file.write_text(CONTACTS)
    file.chmod(0o644)
    text = read_found(keeper.get(f"{PATH}/contacts"))
    for words in ("Contact 2: ROK is no party", "no card is in the language fr", "may read contacts.toml",
                  "+00 0 000 0000", "By the blue list.", "Nobody to reach: Japan"):  # fmt: skip
        assert words in text, words
    file.write_text("contact = [")
    assert "the card is printed without it" in read_found(keeper.get(f"{PATH}/contacts"))
    file.unlink()
    assert "the card has empty lines" in read_found(keeper.get(f"{PATH}/contacts"))


@pytest.mark.usefixtures("plan")
def test_nobody_else_tries_or_lets_in(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """An auditor who sends the administrator's forms is refused."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-v"])
    own = find_forms(other.get("/").text)["/lock"]["form"]
    for page, name, fields in (
        ("alarm", "test", {"callout": "pager"}),
        ("systems", "systems/add", {"name": "x", "party": "JPN", "format": "cap"}),
    ):
        form = find_forms(keeper.get(f"{PATH}/{page}").text)[f"{PATH}/{name}"] | fields | {"form": own}
        assert "officer.wrong-role" in other.post(f"{PATH}/{name}", form).text
    assert "officer.wrong-role" in other.post(f"{PATH}/rebuild", {"form": own}).text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("plan")
def test_it_is_read_in_each_language(keeper: Browser, page: str) -> None:
    """No field is left open, nothing inline."""
    for language in ("en", "ja", "ko"):
        keeper.submit(keeper.get(page), "/preferences", language=language, back=page)
        answer = keeper.get(page)
        assert f'<html lang="{language}"' in answer.text
        assert find_inline(answer.text) == []
        assert not re.search(r"\{[a-z_]+\}", re.sub(r'(content|pattern)="[^"]*"', "", answer.text))
