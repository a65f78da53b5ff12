"""What the API says over a store that the disk damaged while the node was stopped: answers and codes, never a fault."""

from comity.journal.header import parse_page
from kit.api import Apis
from kit.damage import flip
from kit.nodes import PARTIES, SUITE
from kit.patience import until
from kit.stage import CALL


def test_while_the_genesis_is_not_whole_a_statement_is_told_to_come_again(apis: Apis) -> None:
    """503, and the same request is taken later: an outage, whichever room below finds it out."""
    nodes = apis.nodes
    read = [parse_page(raw, SUITE) for raw in nodes["USA"].store.read_all()]
    page = next(page for page in read if (page.header.journal.feed, page.header.journal.author) == ("genesis", "JPN"))
    apis.run(nodes.stop("USA"))
    assert flip(nodes.accepted["USA"].path / "store.db", page.signature) == 1
    for other in ("JPN", "KOR"):
        nodes.set_cut("USA", other, is_cut=True)
    apis.start("USA")
    body = {"to": list(PARTIES), "statements": [CALL], "key": "k"}
    for refused in (apis.call("POST", "/v1/statements", json=body), apis.call("GET", "/v1/health/ready")):
        assert (refused.status_code, refused.json()["code"]) == (503, "store.refilling")
    for other in ("JPN", "KOR"):
        nodes.set_cut("USA", other, is_cut=False)
    apis.run(until(lambda: nodes["USA"].store.count_damage() == (1, 0)))
    assert apis.call("POST", "/v1/statements", json=body).status_code == 201
