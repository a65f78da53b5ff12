"""Items on the way between nodes under test: given and asked for over the API, as a person does it."""

from typing import Any

from comity.base.instants import HOUR_MS
from comity.base.names import Party
from comity.procedure.sharing import Giving
from kit.api import Apis
from kit.patience import until

__all__ = ["ask_for", "ask_to_know", "call", "give", "mark", "wait_for_files"]


def mark(level: str, *topics: str, caveats: tuple[str, ...] = ()) -> dict[str, Any]:
    """A marking in the giver's own scheme."""
    return {"level": level, "topics": list(topics or ("dprk-missile",)), "caveats": list(caveats)}


def give(
    apis: Apis,
    party: Party,
    *portions: dict[str, Any],
    to: tuple[Party, ...],
    level: str = "",
    token: str = "",
    **more: Any,
) -> str:
    """Give an item, and wait until it can be opened by those to whom it went; return its id."""
    chosen = level or {"JPN": "JPN-HI", "KOR": "KOR-III", "USA": "USA-C"}[party]
    rows = portions or ({"text": "Track 7 bears north.", "language": "en"},)
    body = {"to": list(to), "portions": [{"marking": mark(chosen), **row} for row in rows], **more}
    item: str = call(apis, party, "/v1/items", body, token=token)["item"]
    for reader in to:
        apis.wait_for_item(item, reader)
    return item


def wait_for_files(apis: Apis, item: str, party: Party) -> None:
    """Wait until every chunk of an item's attachments is at a party."""
    node = apis.nodes[party]

    def are_here() -> bool:
        given = (row.entry for row in node.shelf.find_givings())
        rows = [
            node.attachments.find_progress(one) for one in given if isinstance(one, Giving) and one.item.hex() == item
        ]
        return bool(rows) and all(row.total and row.here == row.total for row in rows)

    apis.run(until(are_here))


def ask_for(apis: Apis, party: Party, item: str, recipient: Party, *, originator: Party) -> str:
    """Ask an item's originator to let a recipient have it; wait until that is there."""
    at = apis.nodes[party].now()
    (id_,) = apis.state(
        {"type": "PassOnRequested", "item": item, "recipient": recipient, "wanted_until_at": at + 24 * HOUR_MS},
        party=party, to=(party, originator),
    )  # fmt: skip
    apis.reaches(id_, originator)
    return id_


def ask_to_know(apis: Apis, party: Party, text: str, *, to: tuple[Party, ...]) -> str:
    """Ask others for information; wait until they have the question."""
    level = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}[party]
    marking = {"originator": party, "scheme": party, "level": level, "topics": ["public-message"], "caveats": []}
    (id_,) = apis.state(
        {"type": "InformationRequested", "topic": "dprk-missile", "level": level,
         "answer_by_at": apis.nodes[party].now() + 12 * HOUR_MS,
         "text": {"marking": marking, "translations": [{"language": "en", "text": text}]}},
        party=party, to=(party, *to),
    )  # fmt: skip
    for reader in to:
        apis.reaches(id_, reader)
    return id_


def call(apis: Apis, party: Party, path: str, body: dict[str, Any], *, token: str = "") -> Any:
    """Do an act over the API, which must be done."""
    given = {"token": token} if token else {}
    response = apis.call("POST", path, party=party, json=body, **given)
    assert response.status_code in (200, 201), response.text
    return response.json()
