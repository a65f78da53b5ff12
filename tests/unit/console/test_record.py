"""The page *Record*: looking through it, one entry whole, who knew what when, journals and heads (ADR 0062)."""

import html
import re
from typing import Any

import httpx
import pytest

from comity.api.form import parse_form
from comity.console.moments import format_moment
from comity.journal.bundle import read_bundle
from comity.procedure.reading import ItemRead, ReaderKind
from comity.procedure.registry import encode_entry
from kit.api import Apis
from kit.console import Browser, find_inline, read_found
from kit.nodes import SUITE
from kit.talk import Play, marked, play_talk

PAYLOAD = "\"'><svg/onload=alert(3)><script>alert(1)</script>{{ 7*7 }}"
WORDS = "弾道ミサイルの発射を確認した。"


@pytest.fixture(scope="module")
def ids(apis: Apis) -> dict[str, str]:
    """A consultation, a message in Japanese and one with a payload in it: the same for every test of this file."""
    found = play_talk(apis)
    for name, text in (("message", WORDS), ("payload", PAYLOAD), ("wrong", "Wrong words.")):
        found[name] = _message(apis, text)
    return found


def _message(apis: Apis, text: str, to: tuple[str, ...] = ("JPN", "KOR", "USA")) -> str:
    statement: dict[str, object] = {
        "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "routine",
        "consultation": [], "answers": [], "body": marked("JPN", ja=text),
    }  # fmt: skip
    (id_,) = apis.state(statement, party="JPN", to=to)
    apis.reaches(id_, "USA")
    return id_


def _rows(answer: httpx.Response) -> list[str]:
    """Return the ids of the statements that a page lists."""
    assert answer.status_code == 200, answer.text
    listed = answer.text.partition('class="statements"')[2] or answer.text.partition("<tbody>")[2]
    return re.findall(r'href="/record/([0-9a-f]{64})"', listed)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"q": "ミサイルの発射"}, "message"),
        ({"q": "ﾐｻｲﾙの発射"}, "message"),
        ({"q": "consultation missile"}, "call"),
        ({"q": "弾道", "party": "JPN", "type": "MessageSent", "to": "JPN KOR USA"}, "message"),
        ({"type": "ConsultationCalled"}, "call"),
    ],
)
def test_what_is_looked_for_is_found(browser: Browser, ids: dict[str, str], query: dict[str, str], wanted: str) -> None:
    """In the words of a text, in what a code is called, by party, type and audience; and nothing else is."""
    assert ids[wanted] in _rows(browser.get("/record", params=query))
    assert _rows(browser.get("/record", params={**query, "q": f"{query.get('q', '')} nowhere-said"})) == []
    assert _rows(browser.get("/record", params={**query, "until": "2020-01-01T00:00"})) == []


def test_an_object_shows_what_was_opened_under_it(browser: Browser, ids: dict[str, str]) -> None:
    """Of a consultation its texts and measures too; of a text what was said of that alone."""
    whole = set(_rows(browser.get(f"/record?object={ids['call']}&nodes=1")))
    assert {ids[name] for name in ("call", "threat", "text", "bracket", "patrol", "drill")} <= whole
    assert ids["message"] not in whole
    of_text = set(_rows(browser.get(f"/record?object={ids['text']}&nodes=1")))
    assert ids["text"] in of_text < whole
    for nothing in ("zz", "00" * 32, "0"):
        assert _rows(browser.get(f"/record?object={nothing}")) == []


def test_what_nodes_say_is_shown_on_demand(browser: Browser, ids: dict[str, str]) -> None:
    """Receipts of texts, tests of lines, who acted: only where one asks for it, or for their type."""
    del ids
    quiet, all_ = browser.get("/record").text, browser.get("/record?nodes=1").text
    assert "named the officers of what follows" not in quiet.partition('class="statements"')[2]
    assert "named the officers of what follows" in all_.partition('class="statements"')[2]
    assert len(_rows(browser.get("/record?type=ActedBy"))) > 3


def test_an_entry_is_shown_whole(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """Words, marking, fields, page, signature, place, who signed for it since when; what names it and what it names."""
    (row,) = (one for one in apis.nodes["USA"].machine.statements.all if one.id.hex() == ids["message"])
    page = apis.nodes["USA"].machine.ledger.find_page(row.page_digest)
    assert page is not None
    text = read_found(browser.get(f"/record/{ids['message']}"))
    for shown in (WORDS, "秘密でない情報 (Himitsu de nai joho)", ids["message"], row.page_digest.hex(),
                  page.header.previous.hex(), f"page {row.page}, entry {row.index}", "United States ✓ had it",
                  "Japan ● said it"):  # fmt: skip
        assert shown in text, shown
    signature = re.findall(r"<code>([0-9a-f]{128})</code>", browser.get(f"/record/{ids['message']}").text)
    raws = apis.nodes["JPN"].store.read_range(row.journal, first=row.page, last=row.page, reader="JPN")
    assert bytes.fromhex(signature[0]) in next(iter(raws))
    call = browser.get(f"/record/{ids['call']}").text
    assert f'href="/record/{ids["threat"]}"' in call.partition('id="cited"')[2]
    assert f'href="/record/{ids["first"]}"' in call.partition('id="citing"')[2]


def test_what_was_corrected_is_shown_as_it_reads_and_as_it_read(
    browser: Browser, apis: Apis, ids: dict[str, str]
) -> None:
    """Nothing is erased: both stand there, and by what."""
    statement = {
        "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "routine",
        "consultation": [], "answers": [], "body": marked("JPN", ja="Right words."),
    }  # fmt: skip
    mended = encode_entry(parse_form(statement)).hex()
    correction: dict[str, object] = {
        "type": "EntryCorrected",
        "entry": ids["wrong"],
        "replacement": mended,
        "reason": "mistake",
    }
    (id_,) = apis.state(correction, party="JPN")
    apis.reaches(id_, "USA")
    answer = browser.get(f"/record/{ids['wrong']}")
    words, rest = answer.text.partition('id="facts"')[::2]
    assert ("Right words." in words, "Wrong words." in words) == (True, False)
    assert "Wrong words." in rest
    assert f'href="/record/{id_}"' in words
    assert ids["wrong"] in _rows(browser.get("/record?q=wrong+words"))
    assert id_ in _rows(browser.get("/record?q=right+words"))


def _known(browser: Browser, apis: Apis, id_: str, at: int) -> list[str]:
    """Return what the table says of each party and one statement at a moment, the statement itself left out."""
    answer = browser.get(f"/record/knowledge?q={id_}&nodes=1&at={format_moment(at)}")
    assert answer.status_code == 200
    cells = re.findall(r'<span class="knowing[^"]*">([^<]*)</span>', answer.text)
    assert len(cells) in (0, len(apis.nodes.accepted)), cells
    return [cell.split(" ", 1)[1] for cell in cells]


def test_who_knew_what_when(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """Before it was said nobody; then its author; each other party from the second of its own signature on."""
    machine = apis.nodes["USA"].machine
    stated = machine.record.find_statement(bytes.fromhex(ids["message"]))
    assert stated is not None
    assert _known(browser, apis, ids["message"], stated.written_at - 2_000) == []
    now = apis.nodes["USA"].now()
    assert _known(browser, apis, ids["message"], now) == ["said it", "had it", "had it"]
    proofs = [
        page.header.written_at for book in machine.ledger.books() if book.id.author == "KOR" for page in book.pages()
        if any(head.journal == stated.journal and head.number >= stated.page for head in page.header.seen)
    ]  # fmt: skip
    shown = re.findall(r"since ([0-9-]+ [0-9:]+Z)", browser.get(f"/record/knowledge?q={ids['message']}&nodes=1").text)
    assert format_moment(min(proofs)).replace("T", " ") + "Z" == shown[0]


def test_not_told_is_another_thing_than_not_proved(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """What two parties say to each other the third was not told; who has not signed is not said to have had it."""
    del ids
    id_ = _message(apis, "Between two.", to=("JPN", "USA"))
    assert _known(browser, apis, id_, apis.nodes["USA"].now()) in (
        ["said it", "not told", "had it"], ["said it", "not told", "not proved"],
    )  # fmt: skip


def test_a_statement_to_others_shows_nowhere(apis: Apis, ids: dict[str, str]) -> None:
    """No row, no count, no audience to choose, no journal; asking for its id tells nothing."""
    del ids
    browser = Browser(apis, "KOR")
    browser.sign_in()
    paths = ("/record", "/record/journals", "/record?q=between", "/record/knowledge?at=2020-01-01T00:00&nodes=1")
    before = [_blur(browser.get(path).text) for path in paths]
    id_ = _message(apis, "Between two.", to=("JPN", "USA"))
    assert [_blur(browser.get(path).text) for path in paths[2:]] == before[2:]
    assert "JPN, USA<" not in browser.get("/record").text + browser.get("/record/journals").text
    hidden, never = browser.get(f"/record/{id_}"), browser.get(f"/record/{'00' * 32}")
    assert hidden.status_code == never.status_code == 404
    assert _blur(hidden.text.replace(id_[:16], "")) == _blur(never.text.replace("0" * 16, ""))
    assert _rows(browser.get(f"/record?before={id_}")) == _rows(browser.get("/record?before=" + "00" * 32))


def _blur(text: str) -> str:
    return re.sub(r"<time.*?</time>|last heard [^<]*|value=\"[^\"]*\"|max=\"\d+\"", "", text)


def test_journals_say_who_signed_for_which_head(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """Every journal held, its last page with its digest, how far each reader signed; of one kept alone, that it is."""
    del ids
    node = apis.nodes["USA"]
    before = ""
    for number in range(2):
        read = ItemRead(bytes([9]) * 32, (number + 1,), ReaderKind.OFFICER, "usa-1", ("watch-officer",), node.now())
        apis.run(node.say(("USA",), (read,)))
        text = browser.get("/record/journals").text
        (own,) = (book for book in node.machine.ledger.books() if book.id.audience == ("USA",))
        row = text.partition(f'id="j{own.digest.hex()[:16]}"')[2].partition("</tr>")[0]
        assert "ours alone" in row
        assert before in ("", row)  # how long it is would say how much was read
        before = row
    for book in node.machine.ledger.books():
        (tip,) = book.find_tips()
        row = text.partition(f'id="j{book.digest.hex()[:16]}"')[2].partition("</tr>")[0]
        assert (tip.digest.hex()[:16] in row) is (book is not own)
        assert all(f"<strong>{party}</strong>" in row for party in book.id.audience if party != book.id.author)
    assert "nothing missing" in text


def test_the_record_is_a_file(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """The bundle that the API gives, as a download."""
    del ids
    answer = browser.get("/record/bundle")
    assert answer.headers["content-disposition"].startswith('attachment; filename="USA-')
    bundle = read_bundle(answer.content, SUITE)
    assert bundle.head.realm == apis.nodes["USA"].machine.setup.pins.realm
    assert len(bundle.pages) > 10


def test_what_another_party_wrote_stays_text(browser: Browser, ids: dict[str, str]) -> None:
    """On every page of the record, in each language; and so does what one types into it."""
    paths = ("/record", "/record/knowledge", f"/record/{ids['payload']}")
    for language in ("en", "ja", "ko"):
        browser.submit(browser.get("/"), "/preferences", language=language, back="/")
        for path in paths:
            answer = browser.get(path)
            assert find_inline(answer.text) == [], path
            assert f'<html lang="{language}"' in answer.text
            assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text)), path
        shown = browser.get("/record?q=onload").text.replace("&#34;", '"').replace("&#39;", "'")
        assert html.escape(PAYLOAD, quote=False) in shown
    typed: dict[str, Any] = {"q": PAYLOAD, "object": PAYLOAD, "from": PAYLOAD[:20], "type": PAYLOAD, "to": PAYLOAD}
    for path in ("/record", "/record/knowledge"):
        assert find_inline(browser.get(path, params=typed).text) == []


@pytest.mark.parametrize(
    "query", ["q=" + "x" * 300, "before=" + "0" * 65, "at=" + "9" * 65, "minute=" + "9" * 60, "party=%00"]
)
def test_what_is_typed_is_bounded(browser: Browser, ids: dict[str, str], query: str) -> None:
    """Nothing that one types is a fault of the node's."""
    del ids
    for path in ("/record", "/record/knowledge"):
        assert browser.get(f"{path}?{query}").status_code in (200, 400)


def test_paging_goes_through_all_of_it(browser: Browser, apis: Apis, ids: dict[str, str]) -> None:
    """Older, older, and every statement of people was there once."""
    del ids
    for number in range(50):
        Play(apis).apis.state(
            {"type": "ThreatReported", "kind": "missile-launch", "occurred_at": number, "threatened": [], "sources": [],
             "narrative": marked("USA", en=f"Number {number}.")}, party="USA",
        )  # fmt: skip
    seen: list[str] = []
    path = "/record?party=USA"
    while path:
        answer = browser.get(path)
        seen += _rows(answer)
        older = re.findall(r'rel="next" href="([^"]*)"', answer.text)
        path = html.unescape(older[0]) if older else ""
    own = [row.id.hex() for row in apis.nodes["USA"].machine.statements.all if row.author == "USA"]
    assert len(seen) == len(set(seen)) > 50
    assert set(seen) <= set(own)
