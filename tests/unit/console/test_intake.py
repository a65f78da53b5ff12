"""Files brought in by upload, and deposits decided, under *Came in*: shown before anything is stored (X13, X54)."""

import json
import re
import uuid
from typing import Any

import httpx
import pytest

from comity.console import intake_pages
from comity.exchange.consumer import Adding, Consumer, Format
from comity.exchange.stix_read import read_bundle
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read, read_found
from kit.hotline import sign_in
from kit.officers import have_officers
from kit.stix import TLP_2, bundle, make_object
from unit.exchange.test_cap_read import make_usual

PREVIEW = "/release/imports/preview"
OPEN: dict[str, Any] = {"topic": ["cyber"], "to": ["JPN"]}


def _upload(browser: Browser, raw: bytes, *, name: str = "feed.json", **fields: Any) -> httpx.Response:
    """Send the form with a file, as a browser does."""
    form = find_forms(browser.get("/release/imports/new").text)[PREVIEW]
    typed = {key: value for key, value in {**form, **fields}.items() if key != "file"}
    return browser.post(PREVIEW, typed, files={"file": (name, raw)})


def _follow(browser: Browser, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"])


def _confirm(browser: Browser, shown: httpx.Response) -> httpx.Response:
    (path,) = [path for path in find_forms(shown.text) if "/take" in path or "/refuse" in path]
    return browser.submit(shown, path)


def _find(apis: Apis, name: str, party: str = "USA") -> list[dict[str, Any]]:
    return [row for row in apis.get("/v1/imports", party=party) if row["item"].startswith(name)]


def test_a_file_is_shown_by_marking_before_it_is_stored_and_given(apis: Apis, usa: Browser) -> None:
    """What comes in under which marking, for whom; what is refused with its code; then the items stand in the list."""
    page = usa.get("/release/imports/new")
    assert find_inline(page.text) == []
    before = {row["item"] for row in apis.get("/v1/imports")}
    raw = bundle(make_object("shown first", TLP_2["green"]), make_object("bare"), {"type": "x"})
    shown = _follow(usa, _upload(usa, raw, **OPEN))
    text = read(shown)
    assert find_inline(shown.text) == []
    assert "Bring this file in" in text
    assert "JPN" in text
    assert "Refused, and not stored" in text
    assert "feed.json" in text
    assert {row["item"] for row in apis.get("/v1/imports")} == before
    answer = _confirm(usa, shown)
    assert answer.status_code == 303, answer.text
    (row,) = [row for row in apis.get("/v1/imports") if row["item"] not in before]
    assert row["to"] == ["JPN"]
    assert row["item"][:12] in usa.get("/release/imports").text
    again = _follow(usa, _upload(usa, raw, **OPEN))
    assert "here already" in read(again)


def test_a_warning_is_taken_in_as_its_own_bytes(apis: Apis, usa: Browser) -> None:
    """CAP and JMA by one choice: what it is about stands above its marking."""
    raw = make_usual(more="<headline>Flood &lt;b&gt;here</headline>").replace(b"Actual", b"Exercise")
    raw = re.sub(rb"<identifier>[^<]*", b"<identifier>" + str(uuid.uuid4()).encode(), raw)
    given = {"format": "alert", "level": "USA-U", "topic": ["public-message"], "to": ["KOR"]}
    shown = _follow(usa, _upload(usa, raw, name="flood.xml", **given))
    assert "Flood <b>here" in read(shown)
    assert "<b>here" not in shown.text
    assert _confirm(usa, shown).status_code == 303
    assert any(row["format"] == "cap" and row["to"] == ["KOR"] for row in apis.get("/v1/imports"))


@pytest.mark.parametrize(
    ("raw", "fields", "code"),
    [
        (b"not json", OPEN, "stix."),
        (b"[" * 100_000, OPEN, "stix."),
        (b"<a/>", {**OPEN, "format": "alert", "level": "USA-U"}, "cap."),
        (b"{}", {**OPEN, "format": "nonsense"}, "console.field-malformed"),
        (b"{}", {**OPEN, "to": ["XYZ"]}, "console.field-malformed"),
        (bundle(make_object("wish", TLP_2["green"])), {"topic": ["nonsense"]}, "exchange.wish"),
    ],
    ids=["not-json", "deep", "no-alert", "format", "party", "topic"],
)
def test_what_cannot_be_read_is_refused_with_its_code(
    usa: Browser, raw: bytes, fields: dict[str, Any], code: str
) -> None:
    """And nothing waits anywhere."""
    answer = _upload(usa, raw, **fields)
    assert answer.status_code >= 400
    assert code in answer.text


def test_a_file_of_which_nothing_can_be_stored_says_why(usa: Browser) -> None:
    """Object by object, with no button to press."""
    shown = _follow(usa, _upload(usa, bundle({"type": "x"}, make_object("unmarked")), topic=["cyber"]))
    assert "Nothing of it can be stored" in read(shown)
    assert "exchange." in shown.text
    assert not [path for path in find_forms(shown.text) if "/take" in path]


def test_a_file_is_bounded_and_only_its_session_and_its_page_bring_it(
    apis: Apis, usa: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte too many, another origin, no token of the form, another session: each is refused."""
    raw = bundle(make_object("bounded", TLP_2["green"]))
    shown = _follow(usa, _upload(usa, raw, **OPEN))
    path = next(path for path in find_forms(shown.text) if "/take/" in path)
    other = Browser(apis, like=usa)
    other.sign_in()
    assert "console.form-expired" in other.get(path).text
    files = {"file": ("feed.json", raw)}
    assert "console.form-expired" in usa.post(PREVIEW, {**OPEN, "format": "stix"}, files=files).text
    form = find_forms(usa.get("/release/imports/new").text)[PREVIEW]
    elsewhere = usa.post(PREVIEW, {**form, **OPEN}, files=files, headers={"Origin": "http://elsewhere.example"})
    assert "console.wrong-origin" in elsewhere.text
    monkeypatch.setattr(intake_pages, "UPLOAD_SIZE_BYTES_MAX", len(raw) - 1)
    large = _upload(usa, raw, **OPEN)
    assert (large.status_code, "console.upload-large" in large.text) == (413, True)
    whole = _upload(usa, b"x" * (intake_pages.BODY_SIZE_BYTES_MAX + 1), **OPEN)
    assert "bytes.too-large" in whole.text


def _deposit(apis: Apis, *objects: dict[str, Any], to: tuple[str, ...] = ("JPN",)) -> str:
    """Let a system put something in that waits; return its id."""
    adding = Adding(to=to, topics=("cyber",))
    consumer = Consumer(name=f"w-{uuid.uuid4().hex[:8]}", party="USA", kept="", formats=(Format.TAXII,), adding=adding,
                        added_at=1)  # fmt: skip
    raw = json.dumps({"objects": list(objects)}).encode()
    found, _ = read_bundle(raw)
    return apis.intakes["USA"].receptions.deposits.put(consumer, adding, raw, object_count=len(found)).id


def test_a_deposit_is_looked_at_and_taken(apis: Apis, usa: Browser) -> None:
    """With what would become of each object; it is saved as it came; once it is taken it waits no more."""
    id_ = _deposit(apis, make_object("deposited", TLP_2["green"]), make_object("bare"))
    assert f"/release/deposits/{id_}" in usa.get("/release/imports").text
    page = usa.get(f"/release/deposits/{id_}")
    assert find_inline(page.text) == []
    text = read_found(page)
    assert "What would become of it" in text
    assert "exchange." in page.text
    saved = usa.get(f"/release/deposits/{id_}/as-it-came")
    assert "deposited" in saved.text
    assert saved.headers["content-disposition"].startswith("attachment")
    assert _confirm(usa, usa.get(f"/release/deposits/{id_}/take")).status_code == 303
    assert f"/release/deposits/{id_}" not in usa.get("/release/imports").text
    assert "deposit.closed" in usa.get(f"/release/deposits/{id_}").text


def test_a_deposit_is_refused_and_nothing_of_it_is_kept(apis: Apis, usa: Browser) -> None:
    """Confirmed as any act; the item list is as it was."""
    before = {row["item"] for row in apis.get("/v1/imports")}
    id_ = _deposit(apis, make_object("refused", TLP_2["green"]))
    assert _confirm(usa, usa.get(f"/release/deposits/{id_}/refuse")).status_code == 303
    (row,) = [row for row in apis.get("/v1/deposits") if row["id"] == id_]
    assert row["state"] == "refused"
    assert {row["item"] for row in apis.get("/v1/imports")} == before


def test_who_may_not_release_neither_looks_nor_brings(apis_with_offices: Apis) -> None:
    """As over the API, where the pact has offices: a watch officer looks at no deposit and brings no file."""
    apis, usa = apis_with_offices, Browser(apis_with_offices)
    id_ = _deposit(apis, make_object("held back", TLP_2["green"]))
    roles = {"usa-w": ("watch-officer",), "usa-r": ("release-officer",), "usa-d": ("director",)}
    with have_officers(apis.nodes["USA"], roles) as tokens:
        watch = Browser(apis, like=usa)
        watch.sign_in(tokens["usa-w"])
        for path in (f"/release/deposits/{id_}", f"/release/deposits/{id_}/as-it-came",
                     f"/release/deposits/{id_}/refuse"):  # fmt: skip
            refused = watch.get(path)
            assert (refused.status_code, "officer.wrong-role" in refused.text) == (403, True), path
        refused = _upload(watch, bundle(make_object("not mine", TLP_2["green"])), **OPEN)
        assert "officer.wrong-role" in refused.text


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_bringing_in_speaks_the_readers_language(apis: Apis, language: str) -> None:
    """Form, preview and list."""
    browser = sign_in(Browser(apis, language=language))
    id_ = _deposit(apis, make_object("in words", TLP_2["green"]))
    for path in ("/release/imports/new", f"/release/deposits/{id_}", "/release/imports"):
        text = read_found(browser.get(path))
        assert not re.search(r"\b(file|offered|would|nobody|Bring|level of)\b", text), path
        assert not re.search(r"\{[a-z_]+\}", text)
