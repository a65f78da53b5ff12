"""The chapters of the case on information: what goes directly, what by the hub, what takes two, what is asked back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from comity.api.row_words import say_officers
from comity.api.terms import say_term
from comity.base.errors import ComityError
from comity.base.names import Party
from comity.cli.demo.floor import DIRECTOR, RELEASE, WATCH, name_officer
from comity.cli.demo.script import watermark

if TYPE_CHECKING:
    from comity.cli.demo.case import Case, Statement

__all__ = ["ask_back", "share_by_hub", "share_by_two", "share_direct"]

HERE_WITHIN_S: Final = 15.0
KNOWN_WITHIN_S: Final = 5.0
MINUTES_10_MS: Final = 600_000


def share_direct(case: "Case") -> None:
    """Preview an item, have a watch officer refused who would give it, and give it."""
    show = case.show
    show.chapter("4  Information moves only as far as an agreement in force permits")
    show.remark("Japan has an item at 秘 (Hi) on the missile. What would each party be told?")
    portion = _make_portion("JPN-HI", (), "Estimated apogee over 6,000 km, distance about 1,000 km.")
    preview = case.look("JPN").post("/v1/items", {"to": ["KOR", "USA"], "portions": [portion], "preview": True})
    _show_decisions(case, "JPN", preview)
    try:
        case.act("JPN", WATCH).post("/v1/items", {"to": ["KOR"], "portions": [portion]})
    except ComityError as error:
        _show_refusal(case, "JPN", name_officer("JPN", WATCH), error)
    show.remark("A watch officer releases nothing: the pact says who may, and his own node refuses it.")
    item = case.act("JPN", RELEASE).post("/v1/items", {"to": ["KOR"], "portions": [portion]})["item"]
    _await_item(case, "KOR", item)
    show.line("JPN", f"→ KOR  {item[:12]}", aside=f"jpn-kor-gsomia → KOR-III  ({_name_actors(case, 'JPN', item)})")


def share_by_two(case: "Case") -> None:
    """Give what is of the highest grade: that takes a second officer."""
    portion = _make_portion("USA-TS", (), "Signature of the second stage.")
    digest, item = "", ""
    try:
        case.act("USA", RELEASE).post("/v1/items", {"to": ["JPN"], "portions": [portion]})
    except ComityError as error:
        digest = str(error.details.get("digest", ""))
        case.show.line(
            "USA", f"… JPN  {name_officer('USA', RELEASE)}", aside=f"{error.code}: {error.details.get('clause')}"
        )
    case.act("USA", DIRECTOR).post(f"/v1/approvals/{digest}/give", {})
    item = next(row["item"] for row in case.look("USA").get("/v1/items") if row["markings"][0]["level"] == "USA-TS")
    _await_item(case, "JPN", item)
    case.show.line("USA", f"→ JPN  {item[:12]}", aside=f"usa-jpn-2007  ({_name_actors(case, 'USA', item)})")
    case.show.remark("The highest grade takes two officers: one gives, the other sees the same bytes and approves.")


def share_by_hub(case: "Case") -> str:
    """Share an item by way of the hub, with its originator's consent and the hub's grant; return the item."""
    show = case.show
    show.chapter("5  By hub: the 2014 arrangement, with the originator's detached consent")
    portion = _make_portion("JPN-GOKUHI", ("ONLY UNDER tisa-2014",), "Radar track from first detection to splash.")
    preview = case.look("JPN").post("/v1/items", {"to": ["KOR", "USA"], "portions": [portion], "preview": True})
    _show_decisions(case, "JPN", preview)
    item = str(case.act("JPN", RELEASE).post("/v1/items", {"to": ["USA"], "portions": [portion]})["item"])
    _await_item(case, "USA", item)
    show.line("JPN", f"→ USA  {item[:12]}", aside=f"tisa-2014  ({_name_actors(case, 'JPN', item)})")
    hub = case.act("USA", RELEASE)
    try:
        hub.post("/v1/items/pass-on", {"item": item, "to": "KOR"})
    except ComityError as error:
        _show_refusal(case, "USA", f"→ KOR  {item[:12]}", error)
    until_at = case.now() + MINUTES_10_MS
    hub.state(("JPN",), {"type": "PassOnRequested", "item": item, "recipient": "KOR", "wanted_until_at": until_at})
    show.line("USA", f"? JPN  {item[:12]} → KOR", aside=name_officer("USA", RELEASE))
    case.wait(lambda: _knows(case, "JPN", "pass-on-requested"), seconds=KNOWN_WITHIN_S)
    consent = {"item": item, "holder": "USA", "recipient": "KOR", "expires_at": until_at}
    case.act("JPN", RELEASE).post("/v1/items/consent", consent)
    show.line("JPN", f"✓ USA  {item[:12]} → KOR", aside=name_officer("JPN", RELEASE))
    case.wait(lambda: _knows(case, "USA", "consent-given"), seconds=KNOWN_WITHIN_S)
    hub.post("/v1/items/grant", {"item": item, "recipient": "KOR", **_name_by("USA")})
    hub.post("/v1/items/pass-on", {"item": item, "to": "KOR"})
    _await_item(case, "KOR", item)
    read = case.look("KOR").get(f"/v1/items/{item}")
    show.line("USA", f"→ KOR  {item[:12]}", aside=f"{read['marking']['level']} · JPN  ({name_officer('USA', RELEASE)})")
    show.remark("Korea reads Japan's item, with Japan's own marking and signature; not one page of Japan's to the USA.")
    return item


def ask_back(case: "Case", item: str) -> None:
    """Have the originator ask the item back, and everybody who holds it destroy it, certify that, and answer."""
    show, by_at = case.show, case.now() + MINUTES_10_MS
    show.chapter("9  Asked back: destroyed where it lay, and certified")
    body = {"item": item, "reason": "superseded", "answer_by_at": by_at}
    case.act("JPN", RELEASE).post("/v1/recalls", body)
    show.line("JPN", f"↩ USA  {item[:12]}", aside=name_officer("JPN", RELEASE))
    request = _await_recall(case, "USA", item)
    case.act("USA", RELEASE).post("/v1/recalls/pass-on", {"request": request, "answer_by_at": by_at})
    show.line("USA", f"↩ KOR  {item[:12]}", aside=name_officer("USA", RELEASE))
    for party, asked in (("KOR", _await_recall(case, "KOR", item)), ("USA", request)):
        fate = {"request": asked, "fate": "destroyed", "copies": "none-made", **_name_by(party)}
        case.act(party, RELEASE).post("/v1/recalls/answer", fate)
        show.line(party, f"{item[:12]}  {say_term('destroyed')}", aside=name_officer(party, RELEASE))
        try:
            case.look(party).get(f"/v1/items/{item}")
        except ComityError as error:
            _show_refusal(case, party, item[:12], error, style="green")
    case.act("USA", RELEASE).post("/v1/recalls/report", {"request": request})
    case.wait(lambda: _is_told(case, item), seconds=KNOWN_WITHIN_S)
    for copy in case.look("JPN").get("/v1/copies"):
        if copy["item"] == item and copy["holder"] != "JPN":
            certificate = copy["certificate"]
            show.line(
                "JPN", f"{copy['holder']}  {say_term(copy['state'])}", aside=certificate[:12] if certificate else ""
            )
    show.remark(
        "Blob and key are gone from both stores, each signed for. "
        "Korea signed to the hub, so Japan has the hub's word for it."
    )


def _make_portion(level: str, caveats: tuple[str, ...], text: str) -> "Statement":
    marking = {"level": level, "topics": ["dprk-missile"], "caveats": list(caveats)}
    return {"marking": marking, "text": watermark("en", text), "language": "en"}


def _show_decisions(case: "Case", party: Party, preview: Mapping[str, Any]) -> None:
    for to, decision in preview["by_party"]:
        handled = decision.get("handled_as")
        answer = handled["level"] if handled else say_term(decision.get("reason") or decision.get("of"))
        hub = f" (hub {decision['hub']})" if decision.get("hub") else ""
        mark = "✓" if handled else "✗"
        case.show.line(party, f"{mark} {to}  {answer}{hub}", aside=decision["clause"])


def _show_refusal(case: "Case", party: Party, what: str, error: ComityError, *, style: str = "red") -> None:
    clause = error.details.get("clause")
    case.show.line(party, f"{what}  ✗", aside=f"{error.code}: {clause}" if clause else error.code, style=style)


def _name_by(party: Party) -> dict[str, object]:
    return {"role": RELEASE, "officers": [name_officer(party, RELEASE)]}


def _name_actors(case: "Case", party: Party, item: str) -> str:
    """Return the officers of a party who gave an item, as the record names them."""
    client = case.look(party)
    given_at = next(row["at"] for row in client.get("/v1/items") if (row["item"], row["given_by"]) == (item, party))
    rows = client.get("/v1/timeline", limit=1000)
    return say_officers(
        next(
            row["acted_by"]
            for row in rows
            if (row["code"], row["party"], row["at"]) == ("timeline.item-shared", party, given_at)
        ),
        client.titles,
    )


def _await_item(case: "Case", party: Party, item: str) -> None:
    def is_here() -> bool:
        return any(row["item"] == item and row["is_here"] for row in case.look(party).get("/v1/items"))

    assert case.wait(is_here, seconds=HERE_WITHIN_S), "an item that was given arrives"


def _await_recall(case: "Case", party: Party, item: str) -> str:
    found: list[str] = []

    def is_here() -> bool:
        rows = case.look(party).get("/v1/recalls")["recalls"]
        found[:] = [row["id"] for row in rows if (row["item"], row["party"]) == (item, party)]
        return bool(found)

    assert case.wait(is_here, seconds=HERE_WITHIN_S), "a recall arrives"
    return found[0]


def _is_told(case: "Case", item: str) -> bool:
    """Tell whether the originator has the hub's answer, and its report of the other's."""
    rows = case.look("JPN").get("/v1/recalls")["recalls"]
    return all(row["answered_at"] is not None and row["reports"] for row in rows if row["item"] == item)


def _knows(case: "Case", party: Party, what: str) -> bool:
    return any(row["code"] == f"timeline.{what}" for row in case.look(party).get("/v1/timeline"))
