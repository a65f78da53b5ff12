"""The one way from a page to the record: shown, confirmed, and nothing signed but what was shown (ADR 0061)."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from comity.api.field_words import FIELD_WORDS
from comity.api.form import BY_NODE
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.console import app
from comity.console.acts import Acts
from comity.console.fields import ROW_COUNT_MAX, TEXT_SIZE_MAX, Fields
from comity.console.keeping import COUNT_OF_ONE_MAX, KEPT_S, Keeping
from comity.console.session import FRESH_S, IDLE_LOCK_S, Sessions
from comity.console.signing import Deed, Proposal, propose
from comity.console.visit import Visit
from comity.console.watch_pages import make_watch
from comity.node.officers import OfficerBook
from comity.pact.offices import Act
from comity.procedure.hotline import MessageSent
from comity.procedure.public_warning import PublicWarned
from comity.procedure.registry import ENTRY_TYPES
from kit.api import TOKEN, Apis
from kit.console import Browser, Clock, find_forms, find_inline
from kit.stage import CALL, words

TEXT = "First line.\r\n  <b>Second</b> line, \"quoted\" & 'so'.\r\n第三行"


class Desk:
    """What the acts of these tests do."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.drawn = itertools.count()


@pytest.fixture
def tried() -> Desk:
    """What was done by the acts of a test."""
    return Desk()


@pytest.fixture
def browser(apis: Apis, clock: Clock, tried: Desk, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser at the console of the USA, signed in, with some acts more than there are."""
    monkeypatch.setattr(
        app, "make_watch", lambda pages, desk, acts: [*make_watch(pages, desk, acts), *_make(acts, desk, tried)]
    )
    found = Browser(apis, sessions=Sessions(clock=clock))
    found.sign_in()
    return found


def _make(acts: Acts, desk: Any, tried: Desk) -> list[Any]:
    def send(_visit: Visit, fields: Fields, _role: str) -> Proposal:
        body: dict[str, Any] = words("USA", fields.get("text"))
        body["marking"]["topics"] = sorted(fields.list("topic"))
        statement = {"type": "MessageSent", "channel": fields.place["channel"], "level": "watch",
                     "precedence": "routine", "consultation": [], "answers": [], "body": body}  # fmt: skip
        return propose(desk, statement)

    def draw(_visit: Visit, _fields: Fields, _role: str) -> Proposal:
        text = f"drawn {next(tried.drawn)}"
        statement = {"type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "routine",
                     "consultation": [], "answers": [], "body": words("USA", text)}  # fmt: skip
        return propose(desk, statement, is_kept=True)

    def call(_visit: Visit, fields: Fields, _role: str) -> Proposal:
        return propose(desk, CALL | {"level": "leaders", "kind": fields.get("kind")})

    def press(visit: Visit, fields: Fields, role: str) -> Deed:
        return replace(do(visit, fields, role), is_pressing=True)

    def do(_visit: Visit, fields: Fields, role: str) -> Deed:
        async def note(_key: str) -> tuple[Digest, ...]:
            tried.done.append(f"{fields.get('what')} {role}")
            return ()

        return Deed("Something is done", note, (("what", fields.get("what")),))

    return [
        *acts.make("/try/send/{channel:str}", send),
        *acts.make("/try/draw", draw),
        *acts.make("/try/call", call),
        *acts.make("/try/press", press),
        *acts.make("/try/do", do, speaks_as=Act.CONCLUDE),
    ]


def _form(browser: Browser) -> dict[str, str]:
    token: str = find_forms(browser.get("/").text)["/lock"]["form"]
    return {"form": token}


def _sent(apis: Apis, text: str) -> list[Any]:
    rows: list[Any] = list(apis.nodes["USA"].machine.statements.find(MessageSent))
    return [row for row in rows if row.author == "USA" and row.entry.body.translations[0].text == text]


def test_what_was_typed_is_shown_and_then_signed(apis: Apis, browser: Browser) -> None:
    """Lines, marks of quotation, repeated fields: through the confirmation and on to the record, letter for letter."""
    path = "/try/send/hotline.nsc"
    typed = {"text": TEXT, "topic": ["public-message", "dprk-missile"], "back": "/shortcuts"}
    page = browser.post(path, _form(browser) | typed)
    assert page.status_code == 200
    assert "&lt;b&gt;Second&lt;/b&gt; line" in page.text
    assert find_inline(page.text) == []
    answer = browser.submit(page, path)
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/shortcuts\?signed=[0-9a-f]{16}", answer.headers["location"])
    (stated,) = _sent(apis, TEXT.replace("\r\n", "\n"))
    assert stated.entry.body.marking.topics == ("dprk-missile", "public-message")
    assert "Stated and stored" in browser.get(answer.headers["location"]).text


def test_nothing_else_than_what_was_shown_is_signed(apis: Apis, browser: Browser) -> None:
    """A field that was changed after the confirmation changes the digest: nothing is stated."""
    path = "/try/send/hotline.nsc"
    page = browser.post(path, _form(browser) | {"text": "As shown", "topic": "public-message"})
    for changed in ({"text": "Otherwise"}, {"topic": ["dprk-missile"]}, {"digest": "0" * 64}, {"digest": ""}):
        assert browser.submit(page, path, **changed).status_code == 409
    assert _sent(apis, "As shown") == _sent(apis, "Otherwise") == []


def test_the_way_back_leads_nowhere_else(browser: Browser) -> None:
    """To the page that the form names, or that it was sent from; never out of the house, nor to what was kept."""
    path, typed = "/try/do", _form(browser) | {"what": "x"}

    def find_back(given: dict[str, str], **headers: str) -> Any:
        return find_forms(browser.post(path, typed | given, headers=headers).text)[path]["back"]

    assert find_back({"back": "/shortcuts"}) == "/shortcuts"
    assert find_back({}, Referer=f"{browser.origin}/shortcuts?x=1") == "/shortcuts"
    assert find_back({}, **{"HX-Request": "true", "HX-Current-URL": f"{browser.origin}/shortcuts"}) == "/shortcuts"
    for back in ("//evil.test", "https://evil.test/", "/\\evil", "/resume/x"):
        assert find_back({"back": back}) == "/"
    assert find_back({}, Referer="https://evil.test/shortcuts") == "/"


def test_what_is_drawn_is_kept_for_the_second_press(apis: Apis, browser: Browser) -> None:
    """What would be found otherwise is signed as it was shown; by the session that was shown it, and by no other."""
    page = browser.post("/try/draw", _form(browser))
    browser.post("/try/draw", _form(browser))
    other = Browser(apis, like=browser)
    other.sign_in()
    stolen = find_forms(page.text)["/try/draw"] | _form(other)
    assert other.post("/try/draw", stolen).status_code == 409
    assert browser.submit(page, "/try/draw").status_code == 303
    shown = re.findall(r"drawn \d+", page.text)[0]
    assert len(_sent(apis, shown)) == 1


def test_a_proof_comes_back_to_the_confirmation(browser: Browser, clock: Clock, tried: Desk) -> None:
    """Where the last proof is old the way leads round it, and what was typed is there after it."""
    clock.now_s += FRESH_S
    call = browser.post("/try/call", _form(browser) | {"kind": "missile-launch"})
    assert "/try/call" not in find_forms(call.text)
    page = browser.post("/try/press", _form(browser) | {"what": "pressing", "back": "/shortcuts"})
    assert "/try/press" not in find_forms(page.text)
    (to,) = re.findall(r'href="(/prove\?next=[^"]+)"', page.text)
    proved = browser.submit(browser.get(to), "/prove", token=TOKEN)
    again = browser.get(proved.headers["location"])
    assert tried.done == []
    clock.now_s += FRESH_S
    scripted = browser.post("/try/press", find_forms(again.text)["/try/press"], headers={"HX-Request": "true"})
    assert (scripted.status_code, "console.prove-again" in scripted.text) == (403, True)
    late = browser.submit(again, "/try/press")
    assert late.headers["location"].startswith("/prove?next=/resume/")
    proved = browser.submit(browser.get(late.headers["location"]), "/prove", token=TOKEN)
    done = browser.submit(browser.get(proved.headers["location"]), "/try/press")
    assert (done.headers["location"], tried.done) == ("/shortcuts?done=1", ["pressing "])


@pytest.mark.parametrize("is_script", [False, True])
def test_a_console_that_locked_loses_nothing(apis: Apis, browser: Browser, clock: Clock, is_script: bool) -> None:
    """What was typed while it locked is shown after the proof; to this session alone."""
    form = _form(browser) | {"text": f"Typed before {is_script}", "topic": "public-message"}
    clock.now_s += IDLE_LOCK_S
    headers = {"HX-Request": "true"} if is_script else {}
    locked = browser.post("/try/send/hotline.nsc", form, headers=headers)
    assert "Typed before" not in locked.text
    to = locked.headers["hx-redirect" if is_script else "location"]
    proved = browser.submit(browser.get(to), "/prove", token=TOKEN)
    other = Browser(apis, like=browser)
    other.sign_in()
    assert other.get(proved.headers["location"]).status_code == 403
    page = browser.get(proved.headers["location"])
    assert browser.submit(page, "/try/send/hotline.nsc").status_code == 303
    assert len(_sent(apis, f"Typed before {is_script}")) == 1


def test_a_deed_is_done_on_the_second_press(browser: Browser, tried: Desk) -> None:
    """What is no statement goes the same way, in a role if one is asked for."""
    page = browser.post("/try/do", _form(browser) | {"what": "this"})
    assert "Something is done" in page.text
    assert tried.done == []
    assert browser.submit(page, "/try/do", what="that").status_code == 409
    answer = browser.submit(page, "/try/do")
    assert answer.headers["location"] == "/?done=1"
    assert "Done." in browser.get("/?done=1").text
    assert [row.partition(" ")[0] for row in tried.done] == ["this"]


def test_the_role_is_one_that_the_officer_holds(apis: Apis, browser: Browser, tried: Desk) -> None:
    """Whatever a form names: what the officer holds, the one that the pact asks for first."""
    node = apis.nodes["USA"]
    book = OfficerBook()
    token = book.add("usa-p", ("auditor", "principal"), at=Instant(node.now() - 1))
    node.officers = book
    try:
        other = Browser(apis, like=browser)
        other.sign_in(token)
        page = other.post("/try/do", _form(other) | {"what": "this", "role": "watch-officer"})
        assert find_forms(page.text)["/try/do"]["role"] == "principal"
        other.submit(page, "/try/do")
        assert tried.done == ["this principal"]
    finally:
        node.officers = OfficerBook()


def test_too_much_is_refused(browser: Browser) -> None:
    """So many fields, so long a text; and what must be filled in is."""
    path, form = "/try/send/hotline.nsc", _form(browser)
    assert browser.post(path, form | {"x": ["y"] * ROW_COUNT_MAX}).status_code == 400
    assert browser.post(path, form | {"text": "x" * (TEXT_SIZE_MAX + 1)}).status_code == 400
    assert browser.post(path, form | {"y" * 65: ""}).status_code == 400
    missing = browser.post(path, form | {"text": " "})
    assert missing.status_code == 400
    assert "console.field-missing" in missing.text


def test_the_reader_reads_words_and_not_codes(apis: Apis, browser: Browser) -> None:
    """Titles of the pact in the reader's language stand first; type and codes stand there too."""
    other = Browser(apis, like=browser, language="ja")
    other.sign_in()
    page = other.post("/try/send/hotline.nsc", _form(other) | {"text": TEXT, "topic": "public-message"}).text
    for word in ("NSC回線", "対外発信", "緊急度", "hotline.nsc", "MessageSent"):
        assert word in page


def test_every_field_has_its_words() -> None:
    """Of every statement that an officer may make, or has the node make; and nothing is named that is in none."""
    made = (type_ for type_ in ENTRY_TYPES if type_.__name__ not in BY_NODE or type_ is PublicWarned)
    names = {name for type_ in made for name in _walk(type_)}
    assert names == set(FIELD_WORDS)


def _walk(type_: Any) -> Iterator[str]:
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        for field in msgspec.structs.fields(type_):
            yield field.name
            yield from _walk(field.type)
    for argument in getattr(type_, "__args__", ()):
        yield from _walk(argument)


def test_a_session_keeps_so_much_for_so_long() -> None:
    """The oldest gives way, of one session and of all; nobody finds what another session kept."""
    clock = Clock()
    keeping = Keeping(clock=clock, size_max=1_000)
    for number in range(COUNT_OF_ONE_MAX + 1):
        keeping.keep("one", str(number), number, size=1)
    assert (keeping.find("one", "0"), keeping.find("one", "1"), keeping.find("two", "1")) == (None, 1, None)
    keeping.keep("two", "large", "large", size=1_000 - COUNT_OF_ONE_MAX + 1)
    assert (keeping.find("one", "1"), keeping.find("one", "2")) == (None, 2)
    clock.now_s += KEPT_S
    assert keeping.find("two", "large") is None
    keeping.keep("two", "next", "next", size=1_000)
    assert keeping.find("two", "next") == "next"


def test_a_session_keeps_so_many_bytes() -> None:
    """Its own oldest gives way; what others kept stays, and the newest is kept whatever it takes."""
    keeping = Keeping(clock=Clock(), size_max=10_000, size_of_one_max=100)
    keeping.keep("two", "theirs", "theirs", size=90)
    for name, size in (("a", 40), ("b", 40), ("c", 40)):
        keeping.keep("one", name, name, size=size)
    assert [keeping.find("one", name) for name in "abc"] == [None, "b", "c"]
    keeping.keep("one", "large", "large", size=500)
    assert [keeping.find("one", name) for name in ("b", "c", "large")] == [None, None, "large"]
    assert keeping.find("two", "theirs") == "theirs"


def test_a_number_is_a_number() -> None:
    """Nothing else is read as one."""
    fields = Fields((("a", "12"), ("b", "-1"), ("c", "\u0661"), ("d", "9" * 16)))
    assert (fields.find_number("a"), fields.find_number("z", 7)) == (12, 7)
    for name in "bcd":
        with pytest.raises(UsageError, match="field-malformed"):
            fields.find_number(name)
