"""How much of an attachment is here, in a node's status: bytes of bytes, of what its party may open, no other."""

from typing import Any

import pytest

from comity.base.errors import UsageError
from comity.base.limits import ATTACHMENT_CHUNK_SIZE_BYTES
from comity.base.names import Digest, Party
from comity.node import attachments
from kit.api import Apis
from kit.patience import until

CONTENT = b"chart " * 180_000
MARKING = {"level": "JPN-GOKUHI", "topics": ["dprk-missile"], "caveats": []}


def _share(apis: Apis) -> str:
    given = apis.call("POST", "/v1/attachments", party="JPN", params={"name": "chart.bin"}, content=CONTENT).json()
    attached = {"marking": MARKING, "kind": "attachment", "attachment": given["attachment"]}
    said = {"marking": MARKING, "language": "en", "text": "see the chart"}
    shared = apis.call("POST", "/v1/items", party="JPN", json={"to": ["USA"], "portions": [said, attached]})
    assert shared.status_code == 201, shared.text
    return str(shared.json()["item"])


def _list(apis: Apis, party: Party) -> Any:
    return apis.get("/v1/status", party=party)["arriving"]


def test_status_tells_bytes_of_bytes_of_what_is_on_its_way(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its reader, until all of it is here; not at its giver, and nothing at who was not given it."""
    post, left = apis.nodes.posts["USA"], [2]
    fetch = post.fetch_blob

    async def fetch_some(giver: Party, blob_id: Digest) -> Any:
        left[0] -= 1
        return await fetch(giver, blob_id) if left[0] >= 0 else None

    monkeypatch.setattr(post, "fetch_blob", fetch_some)
    item = _share(apis)
    row = {"item": item, "given_by": "JPN", "here_bytes": ATTACHMENT_CHUNK_SIZE_BYTES, "size_bytes": len(CONTENT)}
    apis.run(until(lambda: left[0] < 0))
    assert _list(apis, "USA") == [row]
    assert (_list(apis, "JPN"), _list(apis, "KOR")) == ([], [])
    with monkeypatch.context() as kept_apart:
        kept_apart.setattr(attachments, "find_refusal", lambda *_: UsageError("item.quarantined"))
        assert _list(apis, "USA") == []
    monkeypatch.undo()
    apis.run(until(lambda: not list(apis.nodes["USA"].attachments.find_arriving())))
    assert _list(apis, "USA") == []
    (found,) = apis.get("/v1/items", party="USA")
    assert found["attachments"]["here_bytes"] == len(CONTENT)
