"""A bundle carries what no link does: by hand from one node to another, through the same door as any page."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import ComityError
from comity.base.instants import Instant
from comity.cli.asking import Client
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.production import ProductionSuite
from comity.journal.bundle import BundleHead, read_bundle, write_bundle
from comity.node.realm_record import read_realm_record
from kit.patience import wait
from kit.stage import WITHOUT_FEED, Teller, lay_cables

pytestmark = pytest.mark.server

SUITE = ProductionSuite()


def test_with_the_link_cut_and_japan_down_a_bundle_carries_what_usa_said(stage: Stage) -> None:
    """To all and to KOR alone; and nothing of USA's to JPN alone stays with KOR."""
    teller = Teller(stage)
    with lay_cables(stage, "USA", "KOR") as cables, stage.running():
        before = teller.insist("USA")
        wait(lambda: teller.is_at("KOR", before))
        for cable in cables:
            cable.set_cut(is_cut=True)
        stage.kill("JPN")
        to_all, to_kor, to_jpn = teller.insist("USA"), teller.insist("USA", "KOR"), teller.insist("USA", "JPN")
        with contextlib.closing(stage.connect("USA")) as usa, contextlib.closing(stage.connect("KOR")) as kor:
            bundle = usa.get_bytes("/v1/bundle")
            assert not any(map(kor.find_row, (to_all, to_kor)))
            taken = kor.post_bytes("/v1/bundle", bundle)
            assert taken["new_count"] > 0
            assert all(map(kor.find_row, (to_all, to_kor)))
            assert kor.find_row(to_jpn) is None
            again = kor.post_bytes("/v1/bundle", bundle)
            assert again["new_count"] == 0
            _refuse_the_wrong_ones(kor, bundle)
            assert kor.get("/v1/status")["stopped_by"] == ""
        hidden = [page for page in read_bundle(bundle, SUITE).pages if page not in _pages_of(stage, "KOR")]
        assert hidden, "KOR's copy is not all that USA has"


def _pages_of(stage: Stage, party: str) -> set[bytes]:
    return set(read_realm_record(stage.realm_path(party)).pages)


def _refuse_the_wrong_ones(client: Client, bundle: bytes) -> None:
    """A bundle of another realm, or of another pact, is refused whole, with its own code."""
    head = read_bundle(bundle, SUITE).head
    others: list[tuple[str, dict[str, Any]]] = [
        ("bundle.other-realm-here", {"realm": "real"}),
        ("bundle.other-pact-here", {"lineage": bytes(32)}),
    ]
    for code, change in others:
        fields = {"lineage": head.lineage, "realm": head.realm, **change}
        other = BundleHead(1, fields["lineage"], fields["realm"], head.holder, Instant(head.written_at))
        raw = write_bundle(SUITE, other, pacts=(), pages=read_bundle(bundle, SUITE).pages)
        with pytest.raises(ComityError) as caught:
            client.post_bytes("/v1/bundle", raw)
        assert caught.value.code == code


def test_a_bundle_with_pages_of_strangers_is_taken_page_by_page(stage: Stage, tmp_path: Path) -> None:
    """Good pages in it are kept, garbage between them is refused and kept as evidence, and the node goes on."""
    other = Stage(tmp_path / "others", options=WITHOUT_FEED)
    other.build()
    with other.running() as clients:
        strangers = read_bundle(clients["USA"].get_bytes("/v1/bundle"), SUITE).pages
    teller = Teller(stage)
    with stage.running() as clients:
        bundle = read_bundle(clients["USA"].get_bytes("/v1/bundle"), SUITE)
        pages = [page for pair in zip(bundle.pages, strangers, strict=False) for page in (*pair, pair[0][:-1], b"")]
        raw = write_bundle(SUITE, bundle.head, pacts=(), pages=pages)
        before = clients["KOR"].get("/v1/status")
        taken = clients["KOR"].post_bytes("/v1/bundle", raw)
        assert taken["page_count"] == len(pages)
        after = clients["KOR"].get("/v1/status")
        codes = {alarm["details"]["code"] for alarm in after["alarms"] if alarm["code"] == "alarm.page-refused"}
        assert {"page.other-lineage", "page.malformed"} <= codes
        assert len(after["alarms"]) > len(before["alarms"])
        assert after["realm"] == REALM
        last = teller.insist("USA")
        wait(lambda: teller.is_at("KOR", last))
