"""What a real node exports is judged by the verifier: the pact of a home, its certificates, receipts, seals."""

from collections import Counter
from pathlib import Path

import verify
from kit.api import Apis
from kit.nodes import AllAccepted, Nodes
from kit.stage import CALL


def test_the_bundle_of_a_node_stands_and_with_a_page_less_it_does_not(accepted: AllAccepted, tmp_path: Path) -> None:
    """Three nodes, a call that all have: every page stands. Without one that a head names: it is missing."""
    with Apis(Nodes(accepted, tmp_path / "stores")) as apis:
        (id_,) = apis.state(CALL)
        apis.reaches(id_, "JPN", "KOR")
        apis.settle("USA")
        raw = apis.call("GET", "/v1/bundle").content
        pact = apis.nodes.accepted["USA"].pact_raw
    record = verify.judge(raw, pact, {})
    assert set(record.verdicts.values()) == {"accepted"}
    assert set(Counter(code for code, _ in record.find())) <= {"page.no-key", "page.missing"}
    pages = verify.read_bundle(raw)["page"]
    named = {digest for page in record.accepted.values() for _, _, digest in page.heads}
    lost = next(page for page in record.accepted.values() if page.digest in named and page.number > 0)
    less = verify.Record(record.pins, [page for page in pages if page != lost.raw])
    assert lost.digest in {digest for _, _, digest in less.missing}
