"""`comity drop` as a person types it: out to a stick, in from it, where no link reaches."""

import errno
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.api import dropping
from comity.base.encoding import encode
from comity.base.limits import ATTACHMENT_CHUNK_SIZE_BYTES
from comity.base.names import Digest
from comity.crypto.production import ProductionSuite
from comity.exchange.drop import DropHeader, format_part, read_part
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind
from kit.api import Apis
from kit.command import Json, Run
from kit.nodes import AllAccepted, Nodes
from kit.stage import CALL

pytestmark = pytest.mark.usefixtures("at_home")

PORTION = {"marking": {"level": "JPN-OPEN", "topics": ["public-message"]}, "text": "carried by hand", "language": "en"}


@pytest.fixture
def apis(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """The APIs of three running nodes; no link joins KOR to anybody."""
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        opened.nodes.set_cut("JPN", "KOR", is_cut=True)
        opened.nodes.set_cut("USA", "KOR", is_cut=True)
        yield opened


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_party_without_a_link_gets_statements_and_items(
    apis: Apis, tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """Written in numbers, taken once, moved aside; the item opens there; a second stick goes on after the first."""
    (call,) = apis.state(CALL, party="JPN")
    shared = apis.call("POST", "/v1/items", party="JPN", json={"to": ["KOR"], "portions": [PORTION]})
    item = shared.json()["item"]
    assert not apis.nodes.knows("KOR", bytes.fromhex(call))
    status, written = comity_json("drop", "out", tmp_path, "--to", "kor", "--home", "JPN")
    assert (status, written["files"]) == (0, ["comity-exercise-nodes-JPN-KOR-000001.drop"])
    raw = (tmp_path / written["files"][0]).read_bytes()
    assert b"carried by hand" not in raw
    status, taken = comity_json("drop", "in", tmp_path, "--home", "KOR")
    assert status == 0
    (row,) = taken["files"]
    assert (row["is_known"], row["is_waiting"], row["blob_count"], row["missing"]) == (False, False, 1, [])
    apis.reaches(call, "KOR")
    read = apis.get(f"/v1/items/{item}", party="KOR")
    assert read["portions"][0]["text"] == "carried by hand"
    assert (_files(tmp_path), _files(tmp_path / "taken")) == ([], written["files"])
    (tmp_path / written["files"][0]).write_bytes(raw)
    status, printed, _ = comity("drop", "in", tmp_path, "--home", "KOR")
    assert (status, "taken before" in printed) == (0, True)
    (later,) = apis.state(CALL, party="JPN")
    status, more = comity_json("drop", "out", tmp_path, "--to", "KOR", "--home", "JPN")
    assert more["files"] == ["comity-exercise-nodes-JPN-KOR-000002.drop"]
    assert comity("drop", "in", tmp_path, "--home", "KOR")[0] == 0
    apis.reaches(later, "KOR")


def test_what_is_damaged_or_for_another_is_left_where_it_is(apis: Apis, tmp_path: Path, comity: Run) -> None:
    """A file cut off by a pulled stick, one for another reader, one of no drop: each with its code, none moved."""
    apis.state(CALL, party="USA", to=("JPN",))
    assert comity("drop", "out", tmp_path, "--to", "JPN", "--home", "USA")[0] == 0
    (name,) = _files(tmp_path)
    raw = (tmp_path / name).read_bytes()
    status, _, err = comity("drop", "in", tmp_path, "--home", "KOR")
    assert (status, "drop.other-reader" in err) == (2, True)
    (tmp_path / name).write_bytes(raw[:-100])
    (tmp_path / "holiday.drop").write_bytes(b"no drop")
    status, _, err = comity("drop", "in", tmp_path, "--home", "JPN")
    assert (status, "drop.damaged" in err, "drop.malformed" in err) == (3, True, True)
    assert _files(tmp_path) == [name, "holiday.drop"]
    status, _, err = comity("drop", "out", tmp_path, "--to", "USA", "--home", "USA")
    assert (status, "cli.no-such-party" in err) == (2, True)
    status, _, err = comity("drop", "out", tmp_path, "--to", "JPN", "--from", "9", "--home", "USA")
    assert (status, "drop.number-unknown" in err) == (2, True)


def test_a_full_stick_is_followed_by_another(
    apis: Apis, tmp_path: Path, comity: Run, comity_json: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small parts, a stick that takes one: the next stick begins where it stopped; out of order both are taken."""
    ids = [apis.state(CALL, party="USA", to=("KOR",))[0] for _ in range(4)]
    monkeypatch.setattr(dropping, "DROP_PART_SIZE_BYTES", 3_000)
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    real_open, written = Path.open, []

    def open_until_full(path: Path, *given: Any, **named: Any) -> Any:
        if path.parent == one and "wb" in given:
            written.append(path.name)
            if len(written) > 1:
                raise OSError(errno.ENOSPC, "no room")
        return real_open(path, *given, **named)

    (one / "a letter.txt").write_text("not ours")
    monkeypatch.setattr(Path, "open", open_until_full)
    status, _, err = comity("drop", "out", one, "--to", "KOR", "--home", "USA")
    assert (status, "drop.no-room" in err) == (4, True)
    assert _files(one) == ["a letter.txt", "comity-exercise-nodes-USA-KOR-000001.drop"]
    status, found = comity_json("drop", "out", two, "--to", "KOR", "--home", "USA")
    assert (status, found["files"][0]) == (0, "comity-exercise-nodes-USA-KOR-000002.drop")
    status, printed, err = comity("drop", "in", two, "--home", "KOR")
    assert (status, "Parts that did not come: 1" in err) == (0, True)
    assert comity("drop", "in", one, "--home", "KOR")[0] == 0
    for id_ in ids:
        apis.reaches(id_, "KOR")
    assert "a letter.txt" in _files(one)
    for _ in range(20):  # the nodes are linked: a receipt that USA wrote meanwhile is news, and soon there is none
        status, printed, _ = comity("drop", "out", two, "--to", "KOR", "--home", "USA")
        if "Nothing new for KOR." in printed:
            break
    assert (status, "Nothing new for KOR." in printed) == (0, True)
    status, again = comity_json("drop", "out", two, "--to", "KOR", "--from", "1", "--home", "USA")
    assert (status, again["files"][0]) == (0, "comity-exercise-nodes-USA-KOR-000001.drop")


def test_the_wrong_realm_and_pact_are_refused(apis: Apis) -> None:
    """Before anything is opened."""
    pins, suite = apis.nodes["KOR"].machine.setup.pins, ProductionSuite()
    fits = DropHeader(1, pins.lineage, pins.realm, "JPN", "KOR", 1, 1, "0", 0, bytes(32))
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"realm": "real"}, "bundle.other-realm-here"),
        ({"lineage": bytes(32)}, "bundle.other-pact-here"),
        ({}, "bundle.malformed"),
    )
    for change, code in cases:
        raw = format_part(msgspec.structs.replace(fits, **change), pages=b"nothing", blobs=(), suite=suite)
        assert apis.call("POST", "/v1/drop/in", party="KOR", content=raw).json()["code"] == code


def test_attachments_go_with_their_item_over_several_parts(
    apis: Apis, tmp_path: Path, comity_json: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two and a half chunks, a part for each; until the giving is there the later parts wait on the stick."""
    content = bytes(range(251)) * (5 * ATTACHMENT_CHUNK_SIZE_BYTES // 502)
    item = apis.run(_give(apis, content))
    monkeypatch.setattr(dropping, "DROP_PART_SIZE_BYTES", ATTACHMENT_CHUNK_SIZE_BYTES)
    monkeypatch.setattr(dropping, "LOOK_COUNT", 20)
    status, written = comity_json("drop", "out", tmp_path, "--to", "KOR", "--home", "JPN")
    assert (status, len(written["files"])) == (0, 3)
    first = tmp_path / written["files"][0]
    kept = first.read_bytes()
    first.unlink()
    status, taken = comity_json("drop", "in", tmp_path, "--home", "KOR")
    assert [(row["is_waiting"], row["missing"]) for row in taken["files"]] == [(True, [1]), (True, [1, 2])]
    first.write_bytes(kept)
    status, taken = comity_json("drop", "in", tmp_path, "--home", "KOR")
    assert [row["is_waiting"] for row in taken["files"]] == [False] * 3
    assert sum(row["blob_count"] for row in taken["files"]) == 4
    found = apis.nodes["KOR"].attachments.read(item, 2)
    attachment, media, read = found.attachment, found.media, found.read_chunk
    assert (media, b"".join(read(number) for number in range(len(attachment.chunks)))) == ("text/csv", content)


async def _give(apis: Apis, content: bytes) -> Digest:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    items, marking = apis.nodes.items("JPN"), Marking("JPN", "JPN", "JPN-OPEN", ("public-message",), ())
    upload = await items.uploads.take(pieces(), name="track.csv")
    portions = (
        Portion(marking, "text/plain", "en", b"See the track."),
        Portion(marking, "text/csv", "", encode(upload.attachment), PortionKind.ATTACHMENT),
    )
    read = items.uploads.reader_of([upload])
    return await items.share(portions, audience=("JPN", "KOR"), at=apis.nodes["JPN"].now(), read=read)


def test_a_file_that_is_too_large_is_not_read(
    apis: Apis, tmp_path: Path, comity: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies on the stick: refused by its code, nothing of it sent, and the others are taken."""
    apis.state(CALL, party="JPN")
    assert comity("drop", "out", tmp_path, "--to", "KOR", "--home", "JPN")[0] == 0
    with (tmp_path / "a.drop").open("wb") as file:
        file.truncate(400 * 1024**3)
    sent: list[int] = []
    call = apis.call

    def note(*given: Any, **named: Any) -> Any:
        sent.append(len(named.get("content", b"")))
        return call(*given, **named)

    monkeypatch.setattr(apis, "call", note)
    status, printed, err = comity("drop", "in", tmp_path, "--home", "KOR")
    assert (status, "bytes.too-large" in err, "pages" in printed) == (3, True, True)
    assert max(sent) < 1_000_000


def _take(apis: Apis, raw: bytes) -> Any:
    return apis.call("POST", "/v1/drop/in", party="KOR", content=raw)


def test_nobody_else_can_say_which_parts_there_are(apis: Apis, tmp_path: Path, comity: Run) -> None:
    """What a stranger wrote is refused; without a signature it is read, and no number of it counts as come."""
    apis.state(CALL, party="JPN")
    assert comity("drop", "out", tmp_path, "--to", "KOR", "--home", "JPN")[0] == 0
    suite = ProductionSuite()
    raw = (tmp_path / "comity-exercise-nodes-JPN-KOR-000001.drop").read_bytes()
    part = read_part(raw, suite)
    later = msgspec.structs.replace(part.header, number=7)
    forged = format_part(later, pages=part.pages, blobs=part.blobs, suite=suite, secret=bytes(range(32)))
    as_other = format_part(msgspec.structs.replace(part.header, author="USA"), pages=part.pages, blobs=part.blobs,
                           suite=suite, secret=apis.nodes["USA"].machine.setup.secrets.node)  # fmt: skip
    for wrong, code in ((forged, "drop.signature"), (as_other, "drop.malformed")):
        found = _take(apis, wrong)
        assert (found.status_code, found.json()["code"]) == (422, code)
    unsigned = format_part(msgspec.structs.replace(later, format=1), pages=part.pages, blobs=part.blobs, suite=suite)
    (tmp_path / "unsigned.drop").write_bytes(unsigned)
    for _ in range(2):
        found = _take(apis, unsigned).json()
        assert (found["is_signed"], found["is_known"], found["missing"]) == (False, False, [])
    status, _, err = comity("drop", "in", tmp_path, "--home", "KOR")
    assert (status, "nobody signed its number" in err) == (0, True)
    marks = [name for name, _ in apis.nodes["KOR"].store.find_marks("drop-in/")]
    assert marks == ["drop-in/JPN/000001"]


def test_a_part_whose_author_is_not_known_yet_waits(
    apis: Apis, tmp_path: Path, comity: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages are taken, and it is to come again once somebody's certificate is here."""
    apis.state(CALL, party="JPN")
    assert comity("drop", "out", tmp_path, "--to", "KOR", "--home", "JPN")[0] == 0
    raw = (tmp_path / "comity-exercise-nodes-JPN-KOR-000001.drop").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(type(apis.nodes["KOR"].machine.ledger.trust), "find_node_keys", lambda *_: ())
        found = _take(apis, raw).json()
    assert (found["is_signed"], found["is_waiting"], found["page_count"] > 0) == (False, True, True)
    found = _take(apis, raw).json()
    assert (found["is_signed"], found["is_waiting"], found["is_known"]) == (True, False, False)
    assert _take(apis, raw).json()["is_known"] is True
