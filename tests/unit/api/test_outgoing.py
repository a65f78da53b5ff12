"""What goes to no consumer any more: asked back, or expired; and who had it stands on the own record."""

import base64
from typing import Any

import pytest

from comity.base.errors import OutageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.exchange.stix_import import STIX_MEDIA
from comity.exchange.taxii import TAXII_MEDIA
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind
from comity.procedure.reading import ItemRead, find_reads
from comity.procedure.sharing import RecallReason, RecallRequested
from kit.api import Apis
from kit.patience import until
from kit.stix import TLP_2, bundle, make_object
from unit.exchange.test_cap_read import make_usual

ALERT = make_usual(more="<headline>Tsunami</headline>").replace(b"Actual", b"Exercise")
EVENT = (
    b'{"Event":{"uuid":"20000000-0000-4000-8000-000000000007","info":"recalled","distribution":"0",'
    b'"Tag":[{"name":"tlp:amber"}],"Attribute":[]}}'
)


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for a record of who reads secrets."""
    return apis_with_offices


def _poll(apis: Apis, token: str, path: str, **params: str) -> Any:
    return apis.call("GET", path, token=token, headers={"Accept": TAXII_MEDIA}, params=params or None)


def _find_objects(apis: Apis, token: str) -> str:
    (one,) = _poll(apis, token, "/taxii2/comity/collections/").json()["collections"]
    return f"/taxii2/comity/collections/{one['id']}/objects/"


def _import(apis: Apis, name: str, *, party: str = "USA", label: str = "clear", **asked: Any) -> str:
    asked = {"to": [], "topic": ["cyber"], **asked}
    raw = bundle(make_object(name, TLP_2[label]))
    found = apis.call("POST", "/v1/import/stix", party=party, content=raw, params=asked).json()
    (row,) = found["items"]
    item: str = row["item"]
    return item


def _recall(apis: Apis, item: str, *, party: str) -> list[str]:
    asked = {"item": item, "reason": "compromised", "answer_by_at": 10**13}
    found = apis.call("POST", "/v1/recalls", party=party, json=asked)
    assert found.status_code == 201, found.text
    ids: list[str] = found.json()["ids"]
    return ids


def _names(found: Any) -> set[str]:
    return {one["name"] for one in found.json().get("objects", []) if one["type"] == "campaign"}


def _add(apis: Apis, name: str, *formats: str, reading_for: str = "USA") -> str:
    own: dict[str, Any] = {"level": "USA-C", "topics": ["cyber", "public-message"]} if reading_for == "USA" else {}
    return apis.add_consumer(name, reading_for=reading_for, formats=list(formats), **own)


def test_what_is_asked_back_goes_to_nobody_from_then_on(apis: Apis) -> None:
    """Recalled by its originator: gone from the views of the holder's own system and of every other, not destroyed."""
    item, other = (_import(apis, name, party="JPN", to=["USA", "KOR"]) for name in ("asked-back", "staying"))
    for one in (item, other):
        apis.wait_for_item(one, "USA")
    tokens = [_add(apis, f"back-{party.lower()}", "taxii", reading_for=party) for party in ("USA", "JPN")]
    for token in tokens:
        assert _names(_poll(apis, token, _find_objects(apis, token))) >= {"asked-back", "staying"}
    for id_ in _recall(apis, item, party="JPN"):
        apis.reaches(id_, "USA")
    one = make_object("asked-back")["id"]
    for token in tokens:
        path = _find_objects(apis, token)
        names = _names(_poll(apis, token, path))
        assert ("asked-back" in names, "staying" in names) == (False, True)
        gone, never = (
            _poll(apis, token, f"{path}{id_}/") for id_ in (one, f"campaign--{'0' * 8}-0000-4000-8000-{'0' * 12}")
        )
        assert (gone.status_code, gone.content) == (404, never.content)
    assert apis.get(f"/v1/items/{item}")["portions"] != []
    exported = apis.call("GET", "/v1/export/stix/back-usa")
    assert b"asked-back" not in exported.content


def test_of_what_was_asked_back_only_what_was_given_after_it_goes_out(apis: Apis) -> None:
    """An own item; its originator's systems get it no more either, until it is given to the same audience again."""
    item = _import(apis, "given-again", to=["JPN"])
    token = _add(apis, "again-usa", "taxii")
    path = _find_objects(apis, token)
    assert "given-again" in _names(_poll(apis, token, path))
    _recall(apis, item, party="USA")
    assert "given-again" not in _names(_poll(apis, token, path))
    node = apis.nodes["USA"]
    (giving,) = [one for one in node.shelf.find_givings() if one.entry.item.hex() == item]  # type: ignore[attr-defined]
    apis.run(node.say(giving.audience, (giving.entry,)))
    assert "given-again" in _names(_poll(apis, token, path))


def test_a_stranger_to_an_item_asks_nothing_back(apis: Apis) -> None:
    """A recall by who neither made nor gave it counts for nothing (R47)."""
    item = _import(apis, "not-korean", party="JPN", to=["USA", "KOR"])
    apis.wait_for_item(item, "USA")
    apis.wait_for_item(item, "KOR")
    token = _add(apis, "stranger-usa", "taxii")
    path = _find_objects(apis, token)
    (giving,) = [one for one in apis.nodes["JPN"].shelf.find_givings() if one.entry.item.hex() == item]  # type: ignore[attr-defined]
    wrong = RecallRequested(giving.entry.item, RecallReason.COMPROMISED, 10**13)  # type: ignore[attr-defined]
    (id_,) = apis.run(apis.nodes["KOR"].say(("KOR", "USA"), (wrong,)))
    apis.reaches(id_.hex(), "USA")
    assert "not-korean" in _names(_poll(apis, token, path))


def test_warnings_and_events_go_the_same_way(apis: Apis) -> None:
    """Feeds of alerts and of MISP, and an officer's preview for another party; the officer himself still sees it."""
    taken = apis.call("POST", "/v1/alerts", json={"alert": base64.b64encode(ALERT).decode(), "to": ["JPN"]}).json()
    (event,) = apis.call("POST", "/v1/import/misp", content=EVENT, params={"to": ["JPN"], "topic": ["cyber"]}).json()[
        "items"
    ]
    token = _add(apis, "sirens", "cap", "misp")

    def look() -> tuple[bool, int, bool, bool]:
        alert = taken["item"]
        return (
            alert in {row["id"] for row in _poll(apis, token, "/feeds/alerts").json()},
            _poll(apis, token, f"/feeds/alerts/{alert}").status_code,
            "20000000-0000-4000-8000-000000000007" in _poll(apis, token, "/feeds/misp/manifest.json").json(),
            alert in {row["id"] for row in apis.get("/v1/alerts?for=JPN")},
        )

    assert look() == (True, 200, True, True)
    for item in (taken["item"], event["item"]):
        _recall(apis, item, party="USA")
    assert look() == (False, 404, False, False)
    assert taken["item"] in {row["id"] for row in apis.get("/v1/alerts")}


def test_what_has_expired_goes_to_nobody(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """To no system of the own party either, in no format; from its end on."""
    node, desk = apis.nodes["USA"], apis.desks["USA"]
    at = node.now()
    ends = Instant(at + HOUR_MS)
    marking = Marking("USA", "USA", "USA-U", ("cyber",), ())
    alert = Marking("USA", "USA", "USA-U", ("public-message",), ())
    portions = ((Portion(marking, STIX_MEDIA, "", bundle(make_object("ending")), PortionKind.OBJECT),),
                (Portion(alert, "application/cap+xml", "", ALERT),))  # fmt: skip
    items = [apis.run(desk.items.share(some, audience=("USA",), at=at, expires_at=(ends,))).hex() for some in portions]
    token = _add(apis, "ending-usa", "taxii", "cap")
    path = _find_objects(apis, token)

    def look() -> tuple[bool, bool]:
        listed = {row["id"] for row in _poll(apis, token, "/feeds/alerts").json()}
        return "ending" in _names(_poll(apis, token, path)), items[1] in listed

    assert look() == (True, True)
    monkeypatch.setattr(node, "now", lambda: ends)
    assert look() == (False, False)


def _reads(apis: Apis, reader: str) -> list[str]:
    found = find_reads(apis.nodes["USA"].machine.statements.find(ItemRead))
    return [read.item.hex() for _, read in found if read.reader == reader]


def test_what_a_system_is_given_is_on_the_own_record(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is above the pact's rank, once in a day, whichever page or list it stands in; and only what was given."""
    secret, plain = _import(apis, "noted", label="red"), _import(apis, "open")
    token = _add(apis, "noted-usa", "taxii")
    path, node = _find_objects(apis, token), apis.nodes["USA"]
    assert _poll(apis, token, path, **{"match[id]": make_object("open")["id"]}).status_code == 200
    assert _reads(apis, "noted-usa") == []
    for one in (path, path.replace("objects", "manifest"), path, f"{path}{make_object('noted')['id']}/"):
        assert _poll(apis, token, one).status_code == 200
    assert _reads(apis, "noted-usa").count(secret) == 1
    assert plain not in _reads(apis, "noted-usa")
    now = node.now
    start = now() - now() % DAY_MS
    for at, count in ((start + DAY_MS, 2), (start + DAY_MS + 5 * HOUR_MS, 2), (start + 2 * DAY_MS, 3)):
        monkeypatch.setattr(node, "now", lambda at=at: Instant(at))
        assert _poll(apis, token, path).status_code == 200
        assert _reads(apis, "noted-usa").count(secret) == count
    kinds = {
        read.kind.value for _, read in find_reads(node.machine.statements.find(ItemRead)) if read.reader == "noted-usa"
    }
    assert kinds == {"consumer"}
    shown = apis.get(f"/v1/reads?item={secret}")
    assert {(row["reader"], row["kind"], row["role"]) for row in shown["reads"]} == {("noted-usa", "consumer", "")}


def test_what_cannot_be_noted_is_not_given(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it, in any format: the code says that it may work later."""
    _import(apis, "unnoted", label="red")
    body = {"alert": base64.b64encode(ALERT).decode(), "level": "USA-C", "topics": ["public-message"]}
    alert = apis.call("POST", "/v1/alerts", json=body).json()["item"]
    apis.call(
        "POST",
        "/v1/import/misp",
        content=EVENT.replace(b"amber", b"red").replace(b"007", b"008"),
        params={"topic": ["cyber"]},
    )
    token = _add(apis, "unnoted-usa", "taxii", "cap", "misp")
    path, node = _find_objects(apis, token), apis.nodes["USA"]

    async def refuse(*_: object, **__: object) -> None:
        raise OutageError("store.full")

    one = "/feeds/misp/20000000-0000-4000-8000-000000000008.json"
    paths = (path, path.replace("objects", "manifest"), "/feeds/alerts", f"/feeds/alerts/{alert}",
             "/feeds/misp/manifest.json", one)  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(node, "say", refuse)
        for one in paths:
            refused = _poll(apis, token, one)
            assert refused.status_code == 503, one
            assert "item.read-unrecorded" in refused.text
            assert not any(word in refused.text for word in ('unnoted"', "Tsunami", "recalled"))
    for one in paths:
        assert _poll(apis, token, one).status_code == 200
    apis.run(until(lambda: alert in _reads(apis, "unnoted-usa")))
