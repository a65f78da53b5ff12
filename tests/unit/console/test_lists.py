"""The pages *Lists of injects*: a list written row by row, checked with every change, carried in and out (E27, E31)."""

import io
from typing import Any

import openpyxl
import pytest

from comity.exercise.check_msel import parse_msel
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read, read_found, strip_tags
from kit.officers import have_officers

PATH = "/exercises/lists"
ROW = {"number": "1", "at": "0:10", "from": "control", "to": ["JPN"], "method": "voice", "text-en": "A launch."}


def fill(browser: Browser, page: str, action: str, **fields: Any) -> str:
    """Fill a form of a page and send it; return where it leads."""
    answer = browser.submit(browser.get(page), action, **fields)
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["location"]
    return place.partition("?")[0]


def hand_in(browser: Browser, page: str, action: str, name: str, raw: bytes) -> Any:
    """Send a file by a form of a page."""
    form = find_forms(browser.get(page).text)[action]["form"]
    return browser.post(action, {"form": form}, files={"file": (name, raw)})


def test_a_list_is_written_and_proposed(usa: Browser) -> None:
    """From nothing: rows are checked, moved, changed, taken out; once nothing is wrong it is proposed."""
    one = fill(usa, PATH, "/exercises/new-list", name="spring", title="Spring drill")
    assert one == f"{PATH}/spring"
    assert "the key inject is missing" in read_found(usa.get(one))
    row = f"{one}/inject/new"
    seen = find_forms(usa.get(row).text)[row]
    checked = usa.post(f"{row}/check", {**seen, **ROW, "at": "7", "number": "x"})
    text = strip_tags(checked.text)
    assert "Number" in text
    assert "Exercise time" in text
    fill(usa, row, row, **{**ROW, "at": "7"})
    assert "Exercise time: 7 is not permitted" in read_found(usa.get(one))
    assert usa.get(f"{one}/as-toml").status_code == 409
    fill(usa, f"{one}/inject/0", f"{one}/inject/0", at="0:20")
    assert "ready" in read_found(usa.get(one))
    late = {**ROW, "number": "2", "at": "0:05", "act": "report", "by": ["KOR"], "within": "0:05"}
    fill(usa, row, row, **late)
    assert "this time lies before that of an inject above it" in read_found(usa.get(one))
    fill(usa, one, f"{one}/inject/1/move", to="up")
    assert "ready" in read_found(usa.get(one))
    fill(usa, row, row, **{**ROW, "number": "2.1", "at": "0:06", "after": "2", "only_if": "missed"})
    fill(usa, f"{one}/objective/new", f"{one}/objective/new", id="alert", **{"title-en": "Alert", "title-ko": "경보"},
         domains="air, sea", **{"task1-id": "ack", "task1-en": "Acknowledge"})  # fmt: skip
    red = {"id": "red", "kind": "red", "title-en": "Adversary", "plays": "PRK; press"}
    fill(usa, f"{one}/cell/new", f"{one}/cell/new", **red)
    fill(usa, f"{one}/inject/0", f"{one}/inject/0", objective=["alert"])
    text = read_found(usa.get(one))
    for shown in ("Spring drill ready", "2.1", "after 2: ", "Acknowledge", "air, sea", "PRK; press", "· KOR · 0:05"):
        assert shown in text, shown
    assert "Spring drill" in usa.get("/exercises").text
    asked = usa.submit(usa.get("/exercises"), "/exercises/propose", list="spring")
    assert "proposed the exercise spring" in read_found(asked)
    fill(usa, one, f"{one}/inject/2/remove")
    assert "2.1" not in read_found(usa.get(one))
    assert fill(usa, one, f"{one}/discard") == PATH
    assert usa.get(one).status_code == 400


def test_what_goes_out_comes_in_as_the_same_list(apis: Apis, usa: Browser) -> None:
    """One that ships, copied: as TOML and as a spreadsheet it is the list that it was."""
    one = fill(usa, PATH, "/exercises/copy-list", list="lost-line")
    toml, sheet = usa.get(f"{one}/as-toml"), usa.get(f"{one}/as-xlsx")
    assert openpyxl.load_workbook(io.BytesIO(sheet.content)).sheetnames == ["MSEL", "Objectives", "Cells", "Exercise"]
    pact = apis.nodes["USA"].machine.pact
    for name, raw in (("a.toml", toml.content), ("a.xlsx", sheet.content)):
        answer = hand_in(usa, PATH, "/exercises/bring-list", name, raw)
        assert answer.status_code == 303, answer.text
        again = usa.get(answer.headers["location"].partition("?")[0] + "/as-toml")
        assert parse_msel(again.content, pact) == parse_msel(toml.content, pact)


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [("bad.toml", b'id = "x"\n[[inject]]\nnumber = "y"\n', "inject[1]"), ("zip.xlsx", b"PK\x03\x04rest", "no sheet"),
     ("bin.toml", b"\xff\xfe", "not UTF-8")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(usa: Browser, name: str, raw: bytes, says: str) -> None:
    """Whatever a file is; nothing of it is taken."""
    before = read(usa.get(PATH))
    answer = hand_in(usa, PATH, "/exercises/bring-list", name, raw)
    assert answer.status_code == 422
    assert says in strip_tags(answer.text)
    assert read(usa.get(PATH)) == before


def test_a_draft_changed_meanwhile_is_not_written_over(usa: Browser) -> None:
    """The form of what was looked at before is refused, as are rows and tables that there are not."""
    one = fill(usa, PATH, "/exercises/new-list", name="race")
    row = f"{one}/cell/new"
    old, before = usa.get(row), usa.get(one)
    fill(usa, row, row, id="red", kind="red", **{"title-en": "Red"})
    assert usa.submit(old, row, id="green", kind="green").status_code == 400
    assert usa.submit(before, f"{one}/discard").status_code == 400
    for path in (f"{one}/cell/9", f"{one}/cell/x", f"{one}/title/new", f"{one}/title/0", f"{PATH}/none"):
        assert usa.get(path).status_code == 400, path
    assert usa.submit(usa.get(PATH), "/exercises/new-list", name="race").status_code == 409


def test_lists_are_for_control(apis: Apis, usa: Browser) -> None:
    """An officer of another role reads none of it and changes nothing."""
    one = fill(usa, PATH, "/exercises/new-list", name="secret")
    with have_officers(apis.nodes["USA"], {"usa-p": ("watch-officer",)}) as tokens:
        player = Browser(apis, like=usa)
        player.sign_in(tokens["usa-p"])
        form = find_forms(player.get("/exercises").text)["/lock"]["form"]
        for path in (PATH, one, f"{one}/inject/new", f"{one}/as-toml", f"{one}/as-xlsx"):
            answer = player.get(path)
            assert answer.status_code == 403, path
            assert "for whoever controls an exercise" in strip_tags(answer.text)
        deeds = ("head", "discard", "cell/0", "cell/0/move", "cell/0/remove", "cell/new/check")
        begins = ("/exercises/new-list", "/exercises/copy-list", "/exercises/bring-list")
        for path in (*begins, *(f"{one}/{deed}" for deed in deeds)):
            assert player.post(path, {"form": form, "name": "x"}).status_code == 403, path
        assert player.post("/exercises/propose", {"form": form, "list": "lost-line"}).status_code == 403


def test_nothing_in_the_pages_is_of_a_stranger(usa: Browser) -> None:
    """What was typed into a list stays text on every page; no script, no style, no foreign address."""
    payload = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"
    one = fill(usa, PATH, "/exercises/new-list", name="odd", title=payload)
    row = f"{one}/inject/new"
    fill(usa, row, row, **{**ROW, "number": payload, "from": payload, "text-en": payload, "domain": payload})
    for path in (PATH, one, row, f"{one}/inject/0", f"{one}/cell/0", f"{one}/objective/new"):
        page = usa.get(path)
        assert page.status_code == 200
        assert find_inline(page.text) == [], path
        assert "{{ 7*7 }}" in page.text or path not in (one, f"{one}/inject/0")
