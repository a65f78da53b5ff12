"""What is done under *Release*: each act is shown, confirmed, done through the API's own function, and once."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import UsageError
from comity.console.once import Once
from comity.journal.header import Feed
from comity.machine.input import Ticked
from comity.node.attachments import read_nothing
from comity.procedure.entry import Entry, Marking
from comity.procedure.inquiry import GivenInAnswer, InformationAnswered, InformationRequestClosed, InformationRequested
from comity.procedure.item import Portion
from comity.procedure.onward import PassOnDeclined, PassOnGranted, RefusalGroundStated
from comity.procedure.recall import ItemDestroyed, RecallPassedOn, RecallReplied, RecallReported
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    ConsentRefused,
    ItemGiven,
    ItemShared,
    PassedOn,
    PassOnRequested,
    RecallRequested,
)
from comity.procedure.spillage import SpillageConcluded, SpillageReported
from kit.api import Apis
from kit.console import Browser
from kit.giving import ask_for, ask_to_know, give, mark
from kit.officers import have_officers
from kit.pressing import ask, press, press_twice

HUB = ("ONLY UNDER tisa-2014",)


@pytest.fixture
def browsers(apis: Apis) -> dict[str, Browser]:
    """A browser at each party's console, signed in."""
    found = {party: Browser(apis, party) for party in ("JPN", "KOR", "USA")}
    for browser in found.values():
        browser.sign_in()
    return found


@pytest.fixture
def officers(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of the USA, with their tokens; gone after the test."""
    roles = {"usa-fdo": ("release-officer",), "usa-dir": ("director",), "usa-watch": ("watch-officer",)}
    with have_officers(apis.nodes["USA"], roles) as found:
        yield found


def _find(apis: Apis, party: str, type_: type[Entry], **fields: object) -> list[Any]:
    """Return what a party has stated of a type about something."""
    rows: list[Any] = [row for row in apis.nodes[party].machine.statements.find(type_) if row.author == party]
    return [row for row in rows if all(getattr(row.entry, name) == value for name, value in fields.items())]


def _done(answer: httpx.Response) -> None:
    assert answer.status_code == 303, answer.text


def _reach(apis: Apis, rows: list[Any], party: str) -> None:
    apis.reaches(rows[-1].id.hex(), party)


def _draft(**fields: Any) -> dict[str, Any]:
    return {"portions": "1", "to": ["JPN"], "kind-1": "text", "level-1": "USA-C", "topics-1": "dprk-missile",
            "language-1": "en", "text-1": "Two vehicles left.", **fields}  # fmt: skip


def test_what_is_confirmed_is_given_once(apis: Apis, browsers: dict[str, Browser]) -> None:
    """The confirmation shows each rendition; two clicks give one item, and its reader opens what was shown."""
    usa = browsers["USA"]
    shown = ask(usa, "/release/send", **_draft(**{"text-1": "Once <b>only</b>."}))
    assert "Once &lt;b&gt;only&lt;/b&gt;." in shown.text
    before = len(_find(apis, "USA", ItemShared))
    first, second = press_twice(usa, "/release/send", **_draft(**{"text-1": "Once <b>only</b>."}))
    _done(first)
    assert first.headers["location"] == second.headers["location"]
    given = _find(apis, "USA", ItemShared)
    assert len(given) == before + 1
    item = given[-1].entry.item.hex()
    apis.wait_for_item(item, "JPN")
    assert "Once &lt;b&gt;only&lt;/b&gt;." in browsers["JPN"].get(f"/release/items/{item}/open").text


def test_a_draft_for_two_is_torn_and_the_other_learns_nothing(apis: Apis, browsers: dict[str, Browser]) -> None:
    """Below the tear line is another item; in what Korea holds there is no sign of the portion for Japan."""
    fields = _draft(to=["JPN", "KOR"], portions="2", **{
        "kind-2": "text", "level-2": "USA-C", "topics-2": "dprk-missile", "language-2": "en",
        "listed-2": ["JPN"], "text-2": "For Japan alone."})  # fmt: skip
    shown = ask(browsers["USA"], "/release/send", **fields).text
    assert "tear line: another item" in shown
    _done(press(browsers["USA"], "/release/send", **fields))
    japan, korea = (
        next(row for row in reversed(_find(apis, "USA", ItemShared)) if party in row.audience)
        for party in ("JPN", "KOR")
    )
    assert japan.entry.item != korea.entry.item
    item = korea.entry.item.hex()
    apis.wait_for_item(item, "KOR")
    page = browsers["KOR"].get(f"/release/items/{item}/open").text
    assert "Two vehicles left." in page
    assert "For Japan alone." not in page
    assert japan.entry.item.hex()[:12] not in browsers["KOR"].get("/release").text


def test_a_changed_draft_is_not_sent(apis: Apis, browsers: dict[str, Browser]) -> None:
    """The digest is of every word, mark and reader: a form with another one gives nothing."""
    usa = browsers["USA"]
    shown = ask(usa, "/release/send", **_draft())
    before = len(_find(apis, "USA", ItemShared))
    for changed in ({"text-1": "Another."}, {"level-1": "USA-U"}, {"to": ["KOR"]}, {"confidence-1": "high"}):
        assert usa.submit(shown, "/release/send", **changed).status_code == 409
    assert len(_find(apis, "USA", ItemShared)) == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": []}, "console.field-missing"),
        ({"text-1": ""}, "console.field-missing"),
        ({"level-1": ""}, "item.portion-marking"),
        ({"level-1": "JPN-HI"}, "item.portion-marking"),
        ({"topics-1": "none-such"}, "release.withheld"),
        ({"national-1": "1"}, "release.withheld"),
        ({"expires": "2001-01-01T00:00"}, "release.withheld"),
        ({"expires": "soon"}, "console.field-malformed"),
        ({"portions": "25"}, "console.field-malformed"),
        ({"likelihood-1": "surely"}, "console.field-malformed"),
        ({"credibility-1": "one"}, "console.field-malformed"),
        ({"kind-1": "attachment", "attachment-1": "00" * 32}, "attachment.unknown"),
    ],
)
def test_a_draft_that_cannot_go_says_why(browsers: dict[str, Browser], changed: dict[str, Any], code: str) -> None:
    """In the preview as in the act: the same code, and nothing of an echo that is not escaped."""
    draft = _draft(**changed)
    assert code in ask(browsers["USA"], "/release/send", **draft).text
    token = {"form": "", **draft}
    page = ask(browsers["USA"], "/release/new/preview", **draft)
    assert page.status_code in (200, 400, 422), token
    assert code in page.text or "choose who is to have it" in page.text or "Nobody would get" in page.text


def test_an_officer_who_may_not_release_is_told_so(apis: Apis, officers: dict[str, str]) -> None:
    """And nothing is given, nor left behind."""
    browser = Browser(apis)
    browser.sign_in(officers["usa-watch"])
    before = len(_find(apis, "USA", ItemShared))
    answer = press(browser, "/release/send", **_draft())
    assert answer.status_code == 403
    assert "officer.wrong-role" in answer.text
    assert len(_find(apis, "USA", ItemShared)) == before


def test_a_release_of_the_highest_grade_waits_for_a_second_officer(apis: Apis, officers: dict[str, str]) -> None:
    """It waits once; the second officer reads what is released, on the record, before approving."""
    browser = Browser(apis)
    browser.sign_in(officers["usa-fdo"])
    text = "The highest grade."
    first, second = press_twice(browser, "/release/send", **_draft(**{"level-1": "USA-TS", "text-1": text}))
    assert "approval" in first.text + first.headers.get("location", "")
    (held,) = apis.nodes["USA"].approvals.list(apis.nodes["USA"].now())
    assert second.status_code == first.status_code
    other = Browser(apis, like=browser)
    other.sign_in(officers["usa-dir"])
    assert f'href="/release/waiting/{held.digest}"' in other.get("/release").text
    assert text not in other.get(f"/release/waiting/{held.digest}").text
    assert text in other.get(f"/release/waiting/{held.digest}/open").text
    reads = apis.get("/v1/reads", party="USA")["reads"]
    assert ("usa-dir", held.entries[0].item.hex()) in {(row["reader"], row["item"]) for row in reads}  # type: ignore[attr-defined]
    assert _find(apis, "USA", ItemShared, item=held.entries[0].item) == []  # type: ignore[attr-defined]
    apis.nodes["USA"].approvals.drop(held.digest)


def test_a_file_goes_with_a_form_and_as_a_stream(apis: Apis, browsers: dict[str, Browser]) -> None:
    """By a form without script, and as a stream of its own with it; a name that could leave a folder is refused."""
    usa = browsers["USA"]
    token = ask(usa, "/release/new", **_draft()).text.partition('name="form" value="')[2][:64]
    fields = {"form": token, **_draft(**{"kind-1": "attachment", "text-1": ""})}
    page = usa.post("/release/new/attach/1", fields, files={"upload-1": ("chart.csv", b"a,b\n", "text/csv")})
    assert page.status_code == 200, page.text
    assert "chart.csv" in page.text
    handed = page.text.partition('name="attachment-1" value="')[2][:64]
    taken = usa.post("/release/attachments?name=b.bin", {}, headers={"X-Comity-Form": token})
    assert "attachment.size" in taken.text
    sent = _draft(**{"kind-1": "attachment", "text-1": "", "attachment-1": handed, "file-1": "chart.csv",
                     "media-1": "text/csv"})  # fmt: skip
    _done(press(usa, "/release/send", **sent))
    row = _find(apis, "USA", ItemGiven)[-1]
    assert row.entry.attached_size_bytes == 4
    bad = usa.post("/release/new/attach/1", fields, files={"upload-1": ("../x", b"a", "text/csv")})
    assert "attachment.name" in bad.text
    large = usa.post("/release/new/attach/1", fields, files={"upload-1": ("x", b"a" * 2**20, "text/csv")})
    assert "bytes.too-large" in large.text


def test_onward_release_by_the_hub_from_page_to_page(apis: Apis, browsers: dict[str, Browser]) -> None:
    """Asked for by the USA, consented to by Japan for one recipient and a time, granted as the hub, passed on, told."""
    item = give(apis, "JPN", {"text": "By the hub.", "marking": mark("JPN-HI", caveats=HUB)}, to=("USA",))
    path, raw = f"/release/items/{item}", bytes.fromhex(item)
    _done(press(browsers["USA"], f"{path}/ask", recipient="KOR", hours="24"))
    _reach(apis, _find(apis, "USA", PassOnRequested, item=raw), "JPN")
    page = browsers["JPN"].get(path).text
    assert f'action="{path}/consent"' in page
    shown = ask(browsers["JPN"], f"{path}/consent", holder="USA", recipient="KOR", hours="12")
    assert all(word in shown.text for word in (item, "good until", "USA", "KOR"))
    _done(browsers["JPN"].submit(shown, f"{path}/consent"))
    (given,) = _find(apis, "JPN", ConsentGiven, item=raw)
    assert given.audience == ("JPN", "USA")
    _reach(apis, [given], "USA")
    assert f'action="{path}/grant"' in browsers["USA"].get(path).text
    _done(press(browsers["USA"], f"{path}/grant", recipient="KOR"))
    assert _find(apis, "USA", PassOnGranted, item=raw)
    assert f'action="{path}/pass-on"' in browsers["USA"].get(path).text
    first, second = press_twice(browsers["USA"], f"{path}/pass-on", recipient="KOR")
    _done(first)
    _done(second)
    assert len(_find(apis, "USA", PassedOn, item=raw)) == 1
    apis.wait_for_item(item, "KOR")
    assert "By the hub." in browsers["KOR"].get(f"{path}/open").text


def test_a_refusal_names_its_clause(apis: Apis, browsers: dict[str, Browser]) -> None:
    """That of the release decision where the officer names none; a clause that is none is refused."""
    item = give(apis, "JPN", {"text": "Not on.", "marking": mark("JPN-HI", caveats=HUB)}, to=("USA",))
    path, raw = f"/release/items/{item}", bytes.fromhex(item)
    ask_for(apis, "USA", item, "KOR", originator="JPN")
    typed = {"holder": "USA", "recipient": "KOR", "reason": "source"}
    assert "release.no-such-clause" in ask(browsers["JPN"], f"{path}/refuse", **typed, clause="none").text
    _done(press(browsers["JPN"], f"{path}/refuse", **typed))
    assert _find(apis, "JPN", ConsentRefused, item=raw)
    (ground,) = _find(apis, "JPN", RefusalGroundStated, item=raw)
    assert ground.entry.clause == "tisa-2014"
    _reach(apis, [ground], "USA")
    assert "tisa-2014" in browsers["USA"].get(path).text
    _done(press(browsers["USA"], f"{path}/decline", recipient="KOR", reason="not-now"))
    assert _find(apis, "USA", PassOnDeclined, item=raw)


def test_a_recall_is_answered_further_and_reported(apis: Apis, browsers: dict[str, Browser]) -> None:
    """From the originator to its holder and on; destroyed is said by a certificate, and each sees what it may."""
    open_ = mark("JPN-OPEN", "public-message")
    item = give(apis, "JPN", {"text": "Taken back.", "marking": open_}, to=("USA",))
    path, raw = f"/release/items/{item}", bytes.fromhex(item)
    assert "release.needs-consent" in ask(browsers["USA"], f"{path}/pass-on", recipient="KOR").text
    _done(press(browsers["JPN"], f"{path}/consent", holder="USA", recipient="KOR", hours="2"))
    _reach(apis, _find(apis, "JPN", ConsentGiven, item=raw), "USA")
    _done(press(browsers["USA"], f"{path}/pass-on", recipient="KOR"))
    apis.wait_for_item(item, "KOR")
    shown = ask(browsers["JPN"], f"{path}/recall", reason="compromised", hours="72")
    assert "compromised" in shown.text
    _done(browsers["JPN"].submit(shown, f"{path}/recall"))
    (asked,) = _find(apis, "JPN", RecallRequested, item=raw)
    _reach(apis, [asked], "USA")
    recall = f"/release/recalls/{asked.id.hex()}"
    assert f'action="{recall}/answer"' in browsers["USA"].get(path).text
    _done(press(browsers["USA"], f"{recall}/further", hours="24"))
    (further,) = _find(apis, "USA", RecallPassedOn, item=raw)
    _reach(apis, [further], "KOR")
    kept = press(browsers["KOR"], f"/release/recalls/{further.id.hex()}/answer", fate="destroyed", copies="none-made")
    _done(kept)
    (reply,) = _find(apis, "KOR", RecallReplied, item=raw)
    assert reply.entry.certificate == (_find(apis, "KOR", ItemDestroyed, item=raw)[0].id,)
    _reach(apis, [reply], "USA")
    _done(press(browsers["USA"], f"{recall}/answer", fate="kept-under-national-law", copies="not-known"))
    _done(press(browsers["USA"], f"{recall}/report"))
    (told,) = _find(apis, "USA", RecallReported, item=raw)
    assert [row.party for row in told.entry.rows] == ["KOR"]
    assert "destroyed" in browsers["KOR"].get(path).text
    assert "Taken back." not in browsers["KOR"].get(f"{path}/open").text
    _reach(apis, [told], "JPN")
    assert "kept under national law" in browsers["JPN"].get(path).text


def test_a_copy_is_destroyed_and_certified(apis: Apis, browsers: dict[str, Browser]) -> None:
    """It is said what that means; afterwards its text is nowhere, and its giver is shown the certificate."""
    item = give(apis, "JPN", {"text": "Gone for good."}, to=("USA",))
    path = f"/release/items/{item}"
    assert "erased here, for good" in ask(browsers["USA"], f"{path}/destroy").text
    assert "Gone for good." in browsers["USA"].get(f"{path}/open").text
    _done(press(browsers["USA"], f"{path}/destroy"))
    (certificate,) = _find(apis, "USA", ItemDestroyed, item=bytes.fromhex(item))
    assert "Gone for good." not in browsers["USA"].get(f"{path}/open").text
    _reach(apis, [certificate], "JPN")
    assert certificate.id.hex()[:12] in browsers["JPN"].get(path).text


def test_a_loss_is_told_and_what_came_of_it(apis: Apis, browsers: dict[str, Browser]) -> None:
    """To the originator alone, in the role of who tells it."""
    item = give(apis, "JPN", to=("USA", "KOR"))
    path, raw = f"/release/items/{item}", bytes.fromhex(item)
    _done(press(browsers["USA"], f"{path}/spillage", kind="possible-loss", minutes="20"))
    (told,) = _find(apis, "USA", SpillageReported, item=raw)
    assert told.audience == ("JPN", "USA")
    conclude = f"/release/spillages/{told.id.hex()}/conclude"
    _done(press(browsers["USA"], conclude, result="no-loss-found", steps=["persons-instructed"]))
    assert _find(apis, "USA", SpillageConcluded, item=raw)
    _reach(apis, [told], "JPN")
    assert 'id="spillages"' in browsers["JPN"].get(path).text
    assert 'id="spillages"' not in browsers["KOR"].get(path).text


def test_a_request_for_information_is_asked_answered_and_closed(apis: Apis, browsers: dict[str, Browser]) -> None:
    """The answer goes to the asker alone; who was asked as well sees its own cell and no other."""
    typed = {"to": ["JPN", "KOR"], "topic": "dprk-missile", "level": "USA-U", "protect": "USA-S", "hours": "12",
             "language": "en", "text": "Any preparation since Monday?"}  # fmt: skip
    _done(press(browsers["USA"], "/release/inquiries/ask", **typed))
    asked = _find(apis, "USA", InformationRequested)[-1]
    path = f"/release/inquiries/{asked.id.hex()}"
    for party in ("JPN", "KOR"):
        _reach(apis, [asked], party)
    assert "Any preparation since Monday?" in browsers["KOR"].get("/release/inquiries").text
    item = give(apis, "JPN", to=("USA",))
    _done(press(browsers["JPN"], f"{path}/item", item=item[:16]))
    assert _find(apis, "JPN", GivenInAnswer, item=bytes.fromhex(item))
    _done(press(browsers["JPN"], f"{path}/answer", answer="given-in-part", reason="unstated"))
    (answered,) = _find(apis, "JPN", InformationAnswered, request=asked.id)
    assert answered.audience == ("JPN", "USA")
    _reach(apis, [answered], "USA")
    assert "given in part" in browsers["USA"].get("/release/inquiries").text
    cells = browsers["KOR"].get("/release/inquiries").text.partition(f"inquiry-{asked.id.hex()[:16]}")[2]
    assert "<strong>JPN</strong>" not in cells.partition("</section>")[0]
    _done(press(browsers["USA"], f"{path}/close"))
    assert _find(apis, "USA", InformationRequestClosed, request=asked.id)


async def _slip(apis: Apis) -> str:
    """Give Korea an item as a faulty node of Japan's would: sealed, signed and stated without a basis."""
    node, items, pair = apis.nodes["JPN"], apis.desks["JPN"].items, ("JPN", "KOR")
    marking = Marking("JPN", "JPN", "JPN-KIMITSU", ("dprk-missile",), ())
    made = items.make([Portion(marking, "text/plain", "en", b"not for you")], at=node.now())
    sealed = await items._seal(made, pair, read_nothing)
    node.shelf.keep(sealed.blob_id, sealed.blob, sealed.wraps)
    basis = (Basis("KOR", "jpn-kor-gsomia", "KOR-II"),)
    entry = ItemShared(made.digest, made.markings, sealed.blob_id, len(sealed.blob), sealed.commitment, basis)
    node.machine.pen.queue(Feed.RECORD, pair, [encode_entry(entry)], 0)
    node.give(Ticked(node.now(), node.draw_salt()))
    return made.digest.hex()


def test_what_came_without_a_ground_is_kept_apart(apis: Apis, browsers: dict[str, Browser]) -> None:
    """It is named with its clause and never opened; without a ground it stays, and it is destroyed unread."""
    korea, item = browsers["KOR"], apis.run(_slip(apis))
    apis.wait_for_item(item, "KOR")
    path = f"/release/items/{item}"
    shown = korea.get("/release").text
    assert "KEPT APART" in shown
    assert "jpn-kor-gsomia" in shown
    for page in (path, f"{path}/open"):
        assert "not for you" not in korea.get(page).text
    (held,) = (row for row in apis.get("/v1/quarantine", party="KOR") if row["item"] == item)
    refused = press(korea, f"/release/quarantine/{held['giving']}/release")
    assert "quarantine.no-ground" in refused.text
    _done(press(korea, f"{path}/destroy"))
    assert "KEPT APART" not in korea.get("/release").text
    assert "quarantine.none" in ask(browsers["USA"], f"/release/quarantine/{held['giving']}/release").text


def test_acts_about_what_is_not_here_tell_nothing(apis: Apis, browsers: dict[str, Browser]) -> None:
    """An item, a recall, a request between two others: to a third the same answer as to one that never was."""
    item = give(apis, "JPN", to=("USA",))
    never = "00" * 32
    asked = ask_to_know(apis, "JPN", "Do you know?", to=("USA",))
    paths = ("items/{}/ask", "items/{}/consent", "items/{}/destroy", "items/{}/recall", "items/{}/spillage",
             "items/{}/pass-on", "recalls/{}/answer", "quarantine/{}/release")  # fmt: skip
    typed = {"recipient": "USA", "holder": "USA", "reason": "unstated", "kind": "loss", "fate": "declined",
             "copies": "not-known"}  # fmt: skip
    for path in paths:
        hidden, none = (ask(browsers["KOR"], f"/release/{path.format(id_)}", **typed) for id_ in (item, never))
        assert hidden.status_code == none.status_code >= 400, path
    for id_ in (asked, never):
        answer = ask(browsers["KOR"], f"/release/inquiries/{id_}/answer", answer="declined", reason="unstated")
        assert "cli.no-such-object" in answer.text


def test_a_deed_is_done_once(apis: Apis) -> None:
    """What failed may be tried again; what was done, or waits for another officer, is not done twice."""
    tried: list[str] = []

    async def fail() -> tuple[Any, ...]:
        tried.append("fail")
        raise UsageError("item.not-here")

    async def wait() -> tuple[Any, ...]:
        tried.append("wait")
        raise UsageError("approval.awaited")

    async def play() -> None:
        once = Once()
        for work, key in ((fail, "a"), (fail, "a"), (wait, "b"), (wait, "b")):
            with pytest.raises(UsageError):
                await once.do(key, work)

    apis.run(play())
    assert tried == ["fail", "fail", "wait"]
