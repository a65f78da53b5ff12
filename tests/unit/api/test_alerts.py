"""Alerts at a node: taken in with a marking, kept byte for byte, given out as the funnel permits, acknowledged."""

import base64
from typing import Any

import pytest

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.exchange.cap_read import find_references, parse_alert
from comity.node.opening import Opened, Opener
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.sharing import Giving
from kit.api import TOKEN, Apis
from kit.cap_schema import find_faults
from kit.patience import until
from unit.exchange.test_cap_read import make_usual
from unit.exchange.test_jma import USUAL

EXERCISE = make_usual(more="<headline>Tsunami — 津波</headline>").replace(b"Actual", b"Exercise")


def _take(apis: Apis, raw: bytes, *, party: str = "JPN", **given: Any) -> Any:
    return apis.call("POST", "/v1/alerts", party=party, json={"alert": base64.b64encode(raw).decode(), **given})


def _threat(level: str, *topics: str, kind: str = "other") -> dict[str, object]:
    marking = {"originator": "USA", "scheme": "USA", "level": level, "topics": list(topics), "caveats": []}
    text = {"marking": marking, "translations": [{"language": "en", "text": f"seen at {level}"}]}
    return {"type": "ThreatReported", "kind": kind, "occurred_at": 1_702_855_440_000, "threatened": [],
            "sources": [], "narrative": text}  # fmt: skip


def test_an_alert_is_kept_as_it_came_and_passed_on_as_marked(apis: Apis) -> None:
    """Marked by the pact's row, shared with one party; both hold the very bytes; the third is told of nothing."""
    taken = _take(apis, EXERCISE, to=["USA"])
    assert taken.status_code == 201, taken.text
    assert taken.json()["marking"]["level"] == "JPN-OPEN"
    item = taken.json()["item"]
    blob = _find_blob(apis, item, "JPN")
    apis.run(until(lambda: apis.nodes["USA"].store.has_blob(blob)))
    assert item in {row["id"] for row in _list(apis, "USA")}
    for party in ("JPN", "USA"):
        found = apis.call("GET", f"/v1/alerts/{item}", party=party)
        assert (found.content, found.headers["content-type"]) == (EXERCISE, "application/cap+xml")
    assert apis.call("GET", f"/v1/alerts/{item}", party="KOR").json()["code"] == "cap.no-alert"
    assert item not in {row["id"] for row in _list(apis, "KOR")}


def _list(apis: Apis, party: str, *, reader: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = apis.get(f"/v1/alerts?for={reader}", party=party)
    return rows


def test_without_a_reader_it_stays_with_oneself(apis: Apis) -> None:
    """No audience is nobody else: the own node alone keeps it, and no page of it is anywhere else."""
    item = _take(apis, EXERCISE, party="KOR").json()["item"]
    assert item in {row["id"] for row in _list(apis, "KOR")}
    assert apis.nodes["KOR"].store.has_blob(_find_blob(apis, item, "KOR"))
    stated = [row for row in apis.nodes["KOR"].machine.statements.all if getattr(row.entry, "item", b"").hex() == item]
    assert [row.audience for row in stated] == [("KOR",)]
    for party in ("JPN", "USA"):
        assert item not in {row["id"] for row in _list(apis, party)}


def _find_blob(apis: Apis, item: str, party: str) -> Digest:
    givings = apis.nodes[party].shelf.find_givings()
    return next(Digest(row.entry.blob) for row in givings if row.entry.item.hex() == item)  # type: ignore[attr-defined]


def test_the_wrong_realm_is_refused_and_nothing_is_kept(apis: Apis) -> None:
    """An Actual alert in an exercise; also what is malformed, an attack, and no Base64."""
    before = len(apis.nodes["JPN"].shelf.find_givings())
    for raw, code in (
        (make_usual(), "cap.other-realm"),
        (make_usual().replace(b"Actual", b"Draft"), "cap.other-realm"),
        (EXERCISE.replace(b"Public", b"Nobody"), "cap.malformed"),
        (b"<!DOCTYPE alert>" + EXERCISE, "xml.doctype"),
        (EXERCISE.replace(b"<scope>Public</scope>", b"<scope>Restricted</scope><restriction>us</restriction>"),
         "cap.no-mapping"),
    ):  # fmt: skip
        assert _take(apis, raw).json()["code"] == code
    bad = apis.call("POST", "/v1/alerts", party="JPN", json={"alert": "!"})
    assert bad.json()["code"] == "api.malformed"
    assert len(apis.nodes["JPN"].shelf.find_givings()) == before


def test_a_preview_keeps_nothing_and_says_what_sending_would(apis: Apis) -> None:
    """A marking that may not go is withheld in the preview and at the act, by the same clause."""
    given: dict[str, Any] = {"to": ["KOR"], "level": "JPN-HI", "topics": ["public-message"]}
    before = len(apis.nodes["JPN"].shelf.find_givings())
    shown = _take(apis, EXERCISE, preview=True, **given).json()
    ((party, decision),) = shown["decided"]["by_party"]
    refused = _take(apis, EXERCISE, **given).json()
    assert (party, refused["code"]) == ("KOR", "release.withheld")
    assert refused["details"]["clause"] == decision["clause"]
    assert len(apis.nodes["JPN"].shelf.find_givings()) == before


def test_an_alert_is_acknowledged_by_what_came_in(apis: Apis) -> None:
    """The acknowledgement names sender, identifier and time of what it answers, and is itself valid."""
    item = _take(apis, EXERCISE, party="USA").json()["item"]
    raw = apis.call("GET", f"/v1/alerts/{item}/acknowledgement").content
    assert find_faults(raw) == []
    assert find_references(parse_alert(raw)) == (("s@example.test", "a-1", "2026-11-26T10:00:00-00:00"),)
    assert apis.call("GET", f"/v1/alerts/{'00' * 32}/acknowledgement").json()["code"] == "cap.no-alert"


def test_a_reader_gets_what_the_funnel_permits_it_and_hears_of_nothing_else(apis: Apis) -> None:
    """Open goes out as public; what is above what KOR may have is in no list and no document, also by its id."""
    (open_id,) = apis.state(_threat("USA-U", "public-message"))
    (secret_id,) = apis.state(_threat("USA-TS", "dprk-missile"), to=("USA",))
    own = {row["id"] for row in _list(apis, "USA")}
    assert {open_id, secret_id} <= own
    shown = {row["id"]: row for row in _list(apis, "USA", reader="KOR")}
    assert (open_id in shown, secret_id in shown) == (True, False)
    assert shown[open_id]["scope"] == "Public"
    raw = apis.call("GET", f"/v1/alerts/{open_id}?for=KOR").content
    assert find_faults(raw) == []
    assert parse_alert(raw).status == "Exercise"
    hidden = apis.call("GET", f"/v1/alerts/{secret_id}?for=KOR")
    nothing = apis.call("GET", f"/v1/alerts/{'11' * 32}?for=KOR")
    assert hidden.json()["code"] == nothing.json()["code"] == "cap.no-alert"
    assert b"TS" not in hidden.content
    mine = parse_alert(apis.call("GET", f"/v1/alerts/{secret_id}").content)
    assert (mine.scope, mine.restriction) == ("Restricted", "USA USA-TS; dprk-missile")


def test_a_reader_who_may_not_have_the_first_version_hears_of_no_first_version(apis: Apis) -> None:
    """A correction that lowers the level is its first message to KOR; to the author itself it is an update."""
    (first,) = apis.state(_threat("USA-TS", "dprk-missile"), to=("USA",))
    stated = apis.nodes["USA"].machine.record.find_statement(bytes.fromhex(first))
    assert stated is not None
    open_threat = apis.state(_threat("USA-U", "public-message", kind="disaster"), to=("USA",))
    other = apis.nodes["USA"].machine.record.find_statement(bytes.fromhex(open_threat[0]))
    assert other is not None
    (second,) = apis.state({"type": "EntryCorrected", "entry": first, "replacement": encode(other.entry).hex(),
                            "reason": "mistake"}, to=("USA",))  # fmt: skip
    to_kor = parse_alert(apis.call("GET", f"/v1/alerts/{second}?for=KOR").content)
    to_usa = parse_alert(apis.call("GET", f"/v1/alerts/{second}").content)
    assert (to_kor.message_type, to_kor.references) == ("Alert", "")
    assert (to_usa.message_type, len(find_references(to_usa))) == ("Update", 1)
    (third,) = apis.state({"type": "EntryWithdrawn", "entry": first, "reason": "mistake"}, to=("USA",))
    last = parse_alert(apis.call("GET", f"/v1/alerts/{third}?for=KOR").content)
    assert (last.message_type, last.blocks, len(find_references(last))) == ("Cancel", (), 1)


def test_a_telegram_is_taken_like_an_alert(apis: Apis) -> None:
    """A drill goes into an exercise, byte for byte, and is listed; a real one is refused; none is acknowledged."""
    drill = USUAL.replace("通常", "訓練").encode()
    item = _take(apis, drill).json()["item"]
    (row,) = [row for row in _list(apis, "JPN") if row["id"] == item]
    assert (row["status"], row["languages"], row["headlines"]) == ("Exercise", ["ja"], ["発表しました。"])
    found = apis.call("GET", f"/v1/alerts/{item}", party="JPN")
    assert (found.content, found.headers["content-type"]) == (drill, "application/vnd.jma.jmx+xml")
    assert _take(apis, USUAL.encode()).json()["code"] == "cap.other-realm"
    assert apis.call("GET", f"/v1/alerts/{item}/acknowledgement", party="JPN").json()["code"] == "cap.no-alert"


def test_what_another_party_wrote_for_another_realm_goes_out_to_nobody(apis: Apis) -> None:
    """Its own software put an Actual alert into an exercise: it is an item, and no alert, for officer and system."""
    marking = Marking("JPN", "JPN", "JPN-OPEN", ("public-message",), ())
    portions = [Portion(marking, "application/cap+xml", "", make_usual())]
    node = apis.nodes["JPN"]
    item = apis.run(apis.nodes.items("JPN").share(portions, audience=("JPN", "USA"), at=node.now())).hex()
    apis.wait_for_item(item, "USA")
    token = apis.add_consumer("sirens-usa", formats=["cap"], level="USA-CUI", topics=["public-message"])
    for path, asking in (("/v1/alerts", TOKEN), ("/feeds/alerts", token)):
        assert item not in {row["id"] for row in apis.call("GET", path, token=asking).json()}
        assert apis.call("GET", f"{path}/{item}", token=asking).json()["code"] == "cap.no-alert"
    assert apis.call("GET", f"/v1/alerts/{item}/acknowledgement").json()["code"] == "cap.no-alert"
    assert apis.get(f"/v1/items/{item}")["item"] == item


def test_nothing_is_opened_for_whom_it_is_not_and_nothing_twice(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll of another party's system reads no item that it may not have; what was read once is not opened again."""
    item = _take(
        apis, EXERCISE, party="USA", to=["JPN"], level="USA-CUI", topics=["defence"], caveats=["REL TO JPN, USA"]
    )
    digest = item.json()["item"]
    opened: list[str] = []
    real = Opener.open_giving

    def count(self: Opener, entry: Giving) -> Opened:
        opened.append(entry.item.hex())
        return real(self, entry)

    monkeypatch.setattr(Opener, "open_giving", count)
    tokens = {party: apis.add_consumer(f"sirens-{party.lower()}-two", reading_for=party, formats=["cap"])
              for party in ("JPN", "KOR")}  # fmt: skip
    for party, is_shown in (("KOR", False), ("JPN", True), ("JPN", True)):
        listed = {row["id"] for row in apis.call("GET", "/feeds/alerts", token=tokens[party]).json()}
        assert (digest in listed, opened.count(digest)) == (is_shown, int(is_shown))


def test_what_is_not_utf8_is_kept_for_machines(apis: Apis) -> None:
    """An alert in another encoding comes in by its own bytes, as an object; its words are read, its bytes go out."""
    raw = make_usual(more="<headline>Séisme</headline>").replace(b"Actual", b"Exercise")
    raw = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + raw.decode().encode("iso-8859-1")
    taken = _take(apis, raw, to=["USA"])
    assert taken.status_code == 201, taken.text
    assert taken.json()["alert"]["headlines"] == ["Séisme"]
    item = taken.json()["item"]
    assert apis.get(f"/v1/items/{item}", party="JPN")["portions"][0]["kind"] == "object"
    assert apis.call("GET", f"/v1/alerts/{item}", party="JPN").content == raw


def test_a_list_has_the_latest_and_goes_back_by_number(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time they were sent; what a list knows is not opened again, whatever its length."""
    for number in range(3):
        _take(apis, EXERCISE.replace(b"a-1", b"page-%d" % number), party="KOR")
    whole = [row["id"] for row in _list(apis, "KOR")]
    monkeypatch.setattr(Opener, "open_giving", None)
    for query, expected in (("limit=2", whole[-2:]), ("limit=2&before=2", whole[-4:-2]), ("before=1", whole[:-1])):
        first = apis.call("GET", f"/v1/alerts?{query}", party="KOR")
        assert [row["id"] for row in first.json()] == expected
    pages = [apis.call("GET", "/v1/alerts?limit=2", party="KOR")]
    while "next" in pages[-1].links:
        pages.append(apis.call("GET", pages[-1].links["next"]["url"], party="KOR"))
    assert [row["id"] for page in reversed(pages) for row in page.json()] == whole
    assert apis.get(f"/v1/alerts?before={len(whole)}", party="KOR") == []
    assert apis.call("GET", "/v1/alerts?before=-1", party="KOR").status_code == 400


def test_what_a_list_keeps_is_bounded(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by size; what was let go is read once more."""
    for number in range(3):
        _take(apis, EXERCISE.replace(b"a-1", b"kept-%d" % number), party="KOR")
    alerts = apis.desks["KOR"].alerts
    whole = [row["id"] for row in _list(apis, "KOR")]
    for name, limit in (("LISTED_COUNT_MAX", 2), ("LISTED_SIZE_MAX", 700)):
        with monkeypatch.context() as patched:
            patched.setattr(f"comity.api.held_alerts.{name}", limit)
            alerts._listed.clear()
            alerts._listed_size = 0
            assert [row["id"] for row in _list(apis, "KOR")] == whole
            assert len(alerts._listed) <= 2
            assert alerts._listed_size == sum(row.size for rows in alerts._listed.values() for row in rows)
