"""Attachments on real nodes: sealed in chunks, fetched where they stopped, given on under new keys, dropped whole."""

import itertools
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs

from comity.base.encoding import encode
from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.limits import ATTACHMENT_CHUNK_SIZE_BYTES, ATTACHMENT_SIZE_BYTES_MAX
from comity.base.names import Digest, Party
from comity.node.attachments import ReadChunk
from comity.node.destruction import Deciders
from comity.node.uploads import Upload
from comity.procedure.attachment import check_name, decode_attachment, find_chunk_digest
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, PortionKind
from comity.procedure.sharing import ConsentGiven, Giving, ItemGiven, ItemPassedOn
from kit.nodes import SUITE, Nodes, play
from kit.patience import until

CHUNK = ATTACHMENT_CHUNK_SIZE_BYTES
CONTENT = bytes(range(251)) * (5 * CHUNK // 502)
"""Two and a half chunks."""
CANARY = b"the heron stands at the north gate" * 20


async def _pieces(content: bytes, size: int = 70_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def _upload(nodes: Nodes, content: bytes = CONTENT, name: str = "track.csv") -> tuple[Upload, ReadChunk, Any]:
    items = nodes.items("JPN")
    upload = await items.uploads.take(_pieces(content), name=name)
    return upload, items.uploads.reader_of([upload]), items


def _attach(upload: Upload, level: str = "JPN-HI", *caveats: str) -> tuple[Portion, Portion]:
    marking = Marking("JPN", "JPN", level, ("dprk-missile",), caveats)
    return (
        Portion(marking, "text/plain", "en", b"See the track."),
        Portion(marking, "text/csv", "", encode(upload.attachment), PortionKind.ATTACHMENT),
    )


async def _give(nodes: Nodes, to: Party, content: bytes = CONTENT, level: str = "JPN-HI", *caveats: str) -> Digest:
    upload, read, items = await _upload(nodes, content)
    audience = tuple(sorted(("JPN", to)))
    item: Digest = await items.share(
        _attach(upload, level, *caveats), audience=audience, at=nodes["JPN"].now(), read=read
    )
    items.uploads.drop(upload.id)
    return item


def _read(nodes: Nodes, party: Party, item: Digest) -> bytes:
    found = nodes[party].attachments.read(item, 2)
    attachment, media, read_chunk = found.attachment, found.media, found.read_chunk
    assert media == "text/csv"
    return b"".join(read_chunk(number) for number in range(len(attachment.chunks)))


def _is_whole(nodes: Nodes, party: Party, item: bytes) -> bool:
    rows = [row.entry for row in nodes[party].shelf.find_givings() if isinstance(row.entry, Giving)]
    found = [nodes[party].attachments.find_progress(row) for row in rows if row.item == item]
    return bool(found) and all(row.total and row.here == row.total for row in found)


def _count_fetched(nodes: Nodes, party: Party) -> list[Digest]:
    """The blobs that a party asks for from now on, as it asks."""
    asked: list[Digest] = []
    fetch = nodes.posts[party].fetch_blob

    async def counted(giver: Party, blob_id: Digest) -> Any:
        asked.append(blob_id)
        return await fetch(giver, blob_id)

    nodes.posts[party].fetch_blob = counted  # type: ignore[assignment,method-assign]
    return asked


def test_an_attachment_is_read_as_it_was_handed_in(nodes: Nodes) -> None:
    """In chunks of half a mebibyte, each verified; its name, size and type are what the originator signed."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item))
        assert _read(nodes, "KOR", item) == CONTENT == _read(nodes, "JPN", item)
        (stated,) = nodes["KOR"].shelf.find_givings()
        assert isinstance(stated.entry, ItemGiven)
        assert stated.entry.attached_size_bytes == len(CONTENT)
        read, _ = nodes.items("KOR").open(item)
        assert read.attachments[0][1].name == "track.csv"
        progress = nodes["KOR"].attachments.find_progress(stated.entry)
        assert (progress.here, progress.total, progress.here_bytes) == (3, 3, len(CONTENT))
        assert CONTENT[:64] not in b"".join(nodes["KOR"].store.find_blob(one) or b"" for one in _blobs(nodes, "KOR"))
        with pytest.raises(UsageError, match=r"attachment\.none"):
            nodes["KOR"].attachments.read(item, 1)

    play(nodes, scene)


def _blobs(nodes: Nodes, party: Party) -> tuple[Digest, ...]:
    return nodes[party].store.list_blobs()


def test_a_hub_passes_it_on_under_keys_of_its_own(nodes: Nodes) -> None:
    """Japan signs once. KOR verifies Japan's signature over chunks that USA sealed anew, and no blob is the same."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "USA", CONTENT, "JPN-GOKUHI", "ONLY UNDER tisa-2014")
        at = nodes["USA"].now()
        later = Instant(at + 600_000)
        await nodes.items("JPN").consent(item, holder="USA", recipient="KOR", at=at, expires_at=later)
        await until(lambda: bool(nodes["USA"].machine.statements.find(ConsentGiven)))
        await until(lambda: _is_whole(nodes, "USA", item))
        theirs = set(_blobs(nodes, "USA"))
        await nodes.items("USA").pass_on(item, to="KOR", at=at)
        await until(lambda: _is_whole(nodes, "KOR", item))
        assert _read(nodes, "KOR", item) == CONTENT
        assert nodes.items("KOR").open(item)[0].head.originator == "JPN"
        assert not set(_blobs(nodes, "KOR")) & theirs
        assert nodes["USA"].store.blobs.list_drafts() == ()
        (stated,) = nodes["KOR"].shelf.find_givings()
        assert isinstance(stated.entry, ItemPassedOn)

    play(nodes, scene)


def test_what_is_not_here_whole_is_not_passed_on(nodes: Nodes) -> None:
    """A hub that lacks a chunk is told to wait; nothing is sealed or stated."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "USA")
        await until(lambda: _is_whole(nodes, "USA", item))
        nodes.set_cut("USA", "JPN", is_cut=True)
        (parent,) = (row.entry.blob for row in nodes["USA"].shelf.find_givings())  # type: ignore[attr-defined]
        chunk = nodes["USA"].store.blobs.find_attached(parent)[1].chunk
        nodes["USA"].store.drop_blob(chunk)
        before = _blobs(nodes, "USA")
        with pytest.raises(OutageError, match=r"attachment\.not-here"):
            nodes["USA"].attachments.read(item, 2)
        with pytest.raises((OutageError, UsageError)):
            await nodes.items("USA").pass_on(item, to="JPN", at=nodes["USA"].now())
        assert _blobs(nodes, "USA") == before

    play(nodes, scene)


def test_a_reader_that_was_stopped_goes_on_where_it_was(nodes: Nodes) -> None:
    """It asks again for what it has not, and for nothing that it has; the item's blob is not fetched twice."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        fetch, count = nodes.posts["KOR"].fetch_blob, itertools.count()

        async def three_only(giver: Party, blob_id: Digest) -> Any:
            if next(count) >= 3:  # the item's blob, and two chunks
                raise OutageError("link.unavailable")
            return await fetch(giver, blob_id)

        nodes.posts["KOR"].fetch_blob = three_only  # type: ignore[assignment,method-assign]
        item = await _give(nodes, "KOR", CONTENT * 2)
        await until(lambda: len(_blobs(nodes, "KOR")) == 3)
        with pytest.raises(OutageError, match=r"attachment\.not-here"):
            nodes["KOR"].attachments.read(item, 2)
        here = set(_blobs(nodes, "KOR"))
        await nodes.stop("KOR")
        node = nodes.make("KOR")
        asked = _count_fetched(nodes, "KOR")
        await node.start()
        await until(lambda: _is_whole(nodes, "KOR", item))
        assert not set(asked) & here
        assert len(asked) == 3
        assert _read(nodes, "KOR", item) == CONTENT * 2

    play(nodes, scene)


def test_what_a_giver_that_was_stopped_had_not_stated_is_dropped_at_its_next_start(nodes: Nodes) -> None:
    """Chunks of an item that was never given, and files that were handed in; what was given stays."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "KOR")
        kept = set(_blobs(nodes, "JPN"))
        upload, read, items = await _upload(nodes)
        made = items.make(_attach(upload), at=nodes["JPN"].now())
        await nodes["JPN"].attachments.seal(made.digest, made.attachments[:1], read=read, ceremony=items._ceremony)
        (stated,) = nodes["JPN"].shelf.find_givings()
        # As if it had stopped between the statement's commit and the note that it is stated.
        nodes["JPN"].store._file.write(
            lambda db: db.execute("INSERT INTO drafts VALUES (?)", (stated.entry.blob,))  # type: ignore[attr-defined]
        )
        assert len(_blobs(nodes, "JPN")) == len(kept) + 6
        await nodes.stop("JPN")
        await nodes.start("JPN")
        await until(lambda: nodes["JPN"].store.blobs.list_drafts() == ())
        assert set(_blobs(nodes, "JPN")) == kept
        assert _read(nodes, "JPN", item) == CONTENT

    play(nodes, scene)


def test_what_is_refused_leaves_nothing_behind(nodes: Nodes) -> None:
    """The machine withholds what the preview still permitted: its blob and chunks go, too."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        upload, read, items = await _upload(nodes)
        at = nodes["JPN"].now()
        end = Instant(at + 1)
        await until(lambda: nodes["JPN"].now() > end)
        with pytest.raises(UsageError, match=r"release\.withheld.*reason=expired"):
            await items.share(_attach(upload), audience=("JPN", "KOR"), at=at, expires_at=(end,), read=read)
        assert set(_blobs(nodes, "JPN")) == set(upload.blobs)
        items.uploads.drop(upload.id)
        assert _blobs(nodes, "JPN") == ()

    play(nodes, scene)


def test_what_waits_for_a_second_officer_keeps_its_blobs(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The giving is held as it was to be stated, and names them: approved, it gives what is there."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        upload, read, items = await _upload(nodes)

        async def held(*_: object, **__: object) -> None:
            raise UsageError("approval.awaited")

        with monkeypatch.context() as patched:
            patched.setattr(nodes["JPN"], "say", held)
            with pytest.raises(UsageError, match=r"approval\.awaited"):
                await items.share(_attach(upload), audience=("JPN", "KOR"), at=nodes["JPN"].now(), read=read)
        assert len(set(_blobs(nodes, "JPN")) - set(upload.blobs)) == 4

    play(nodes, scene)


def test_a_damaged_chunk_is_dropped_and_fetched_anew(nodes: Nodes) -> None:
    """At the reader and at the giver alike: whoever gave it has it, and so has whom it was given to."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item))
        (parent,) = (row.entry.blob for row in nodes["KOR"].shelf.find_givings())  # type: ignore[attr-defined]
        chunk = nodes["KOR"].store.blobs.find_attached(parent)[1].chunk
        for holder in ("KOR", "JPN"):
            nodes[holder].store._db.execute("UPDATE blobs SET raw = X'00' WHERE id = ?", (chunk,))
            with pytest.raises(OutageError, match=r"attachment\.not-here"):
                _read(nodes, holder, item)
            await until(lambda holder=holder: _is_whole(nodes, holder, item))  # type: ignore[misc]
            assert _read(nodes, holder, item) == CONTENT

    play(nodes, scene)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("other bytes", r"blob\.other"),
        ("other content", r"attachment\.chunk"),
        ("another key", r"blob\.not-opened"),
    ],
)
def test_a_chunk_that_is_not_what_was_signed_is_not_kept(nodes: Nodes, fault: str, code: str) -> None:
    """A giver that answers with other bytes, or sealed other content than the originator signed, is found at once."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        nodes.set_cut("KOR", "JPN", is_cut=False)
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item))
        kor = nodes["KOR"]
        (parent,) = (row.entry.blob for row in kor.shelf.find_givings())  # type: ignore[attr-defined]
        chunk = kor.store.blobs.find_attached(parent)[0].chunk
        blob = kor.store.find_blob(chunk)
        assert blob is not None
        kor.store._db.execute("DELETE FROM blobs WHERE id = ?", (chunk,))
        assert kor.attachments._find_chunk(chunk) is not None
        held = kor.attachments._missing[chunk]
        changes: dict[str, dict[str, Any]] = {
            "other bytes": {},
            "other content": {"attachment": structs.replace(held.attachment, chunks=(bytes(32),) * 3)},
            "another key": {"key": bytes(32)},
        }
        kor.attachments._missing[chunk] = type(held)(
            **{name: getattr(held, name) for name in held.__slots__} | changes[fault]
        )
        with pytest.raises(RemoteError, match=code):
            kor.attachments.keep_chunk(chunk, blob + b"\0" if fault == "other bytes" else blob)
        assert not kor.store.has_blob(chunk)

    play(nodes, scene)


def test_a_giver_that_states_another_size_is_found(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader was told to fetch is what the originator signed."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item))
        (stated,) = nodes["KOR"].shelf.find_givings()
        false = structs.replace(stated, entry=structs.replace(stated.entry, attached_size_bytes=7))
        monkeypatch.setattr(nodes["KOR"].shelf, "find_givings", lambda: (false,))
        with pytest.raises(RemoteError, match=r"item\.attachments"):
            nodes.items("KOR").open(item)

    play(nodes, scene)


def test_a_chunk_is_given_to_whom_its_item_was_given_and_to_no_one_else(nodes: Nodes) -> None:
    """For a stranger a chunk that exists and one that does not are alike (law 2)."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item))
        for chunk in _blobs(nodes, "JPN"):
            assert nodes["JPN"].shelf.answer(chunk, "KOR") is not None
            assert nodes["JPN"].shelf.answer(chunk, "USA") is None
            assert nodes["KOR"].shelf.answer(chunk, "USA") is None
            assert nodes["KOR"].shelf.answer(chunk, "JPN") is not None
            assert await nodes.posts["USA"].fetch_blob("JPN", chunk) is None

    play(nodes, scene)


def test_what_was_destroyed_is_gone_from_the_file_and_is_not_fetched_again(nodes: Nodes) -> None:
    """Blob, chunks and wraps; the chain still stands, another item is untouched, and a later giving is another copy."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        other = await _give(nodes, "KOR", CANARY)
        item = await _give(nodes, "KOR")
        await until(lambda: _is_whole(nodes, "KOR", item) and _is_whole(nodes, "KOR", other))
        kor, pages = nodes["KOR"], nodes["KOR"].store.count_pages()
        giving = next(row.entry for row in kor.shelf.find_givings() if row.entry.item == item)  # type: ignore[attr-defined]
        gone = [giving.blob, *(row.chunk for row in kor.store.blobs.find_attached(giving.blob))]  # type: ignore[attr-defined]
        raws = [kor.store.find_blob(one) or b"" for one in gone]
        wraps = kor.store.find_wraps(gone[0], "KOR")
        await kor.custody.destruction.destroy(item, by=Deciders("watch-officer", ("duty-1",)))
        path = nodes.accepted["KOR"].path
        file = b"".join(found.read_bytes() for found in sorted(path.glob("store.db*")))
        assert not [
            one for raw in (*raws, *wraps) for one in (raw[:64], raw[-64:], raw[300:364]) if one and one in file
        ]
        asked = _count_fetched(nodes, "KOR")
        await nodes.stop("KOR")
        await nodes.start("KOR")
        asked += _count_fetched(nodes, "KOR")
        again = await _give(nodes, "KOR", CANARY * 2)
        await until(lambda: _is_whole(nodes, "KOR", again))
        assert not set(asked) & set(gone)
        assert nodes["KOR"].store.count_pages() >= pages
        assert _read(nodes, "KOR", other) == CANARY
        with pytest.raises(UsageError, match=r"item\.destroyed"):
            nodes["KOR"].attachments.read(item, 2)
        assert nodes["KOR"].store.blobs.find_attached(gone[0]) == ()
        for blob_id, raw in zip(gone, raws, strict=True):
            nodes["KOR"].shelf.keep(Digest(blob_id), raw, {"KOR": wraps})
            assert not nodes["KOR"].store.has_blob(blob_id), "what was on its way when it was destroyed"

    play(nodes, scene)


def test_a_file_is_never_in_memory_whole(nodes: Nodes) -> None:
    """Handed in, sealed and read: 24 MiB, and never more than a few chunks of it at once."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        count = 48

        async def pieces() -> AsyncIterator[bytes]:
            for number in range(count):
                yield bytes([number]) * CHUNK

        tracemalloc.start()
        try:
            items = nodes.items("JPN")
            upload = await items.uploads.take(pieces(), name="long.bin")
            read = items.uploads.reader_of([upload])
            item = await items.share(_attach(upload), audience=("JPN", "KOR"), at=nodes["JPN"].now(), read=read)
            await until(lambda: _is_whole(nodes, "KOR", item))
            read_chunk = nodes["KOR"].attachments.read(item, 2).read_chunk
            for number in range(count):
                assert read_chunk(number) == bytes([number]) * CHUNK
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 16 * CHUNK, peak

    play(nodes, scene)


@pytest.mark.parametrize("size", [0, ATTACHMENT_SIZE_BYTES_MAX + 1])
def test_a_file_out_of_bounds_is_refused_and_leaves_nothing(
    nodes: Nodes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing, or a byte more than 64 MiB: refused as soon as that is known."""
    monkeypatch.setattr("comity.node.uploads.ATTACHMENT_SIZE_BYTES_MAX", 3 * CHUNK)
    given = 3 * CHUNK + 1 if size else 0

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        with pytest.raises(UsageError, match=r"attachment\.size"):
            await nodes.items("JPN").uploads.take(_pieces(bytes(given)), name="x")
        assert _blobs(nodes, "JPN") == ()

    play(nodes, scene)


def test_only_so_many_files_wait_and_an_item_has_only_so_many(nodes: Nodes) -> None:
    """The oldest makes room; a seventeenth attachment is refused before anything is signed."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items = nodes.items("JPN")
        uploads = [await items.uploads.take(_pieces(b"x" * (n + 1)), name=f"{n}") for n in range(33)]
        with pytest.raises(UsageError, match=r"attachment\.unknown"):
            items.uploads.get(uploads[0].id)
        assert len(_blobs(nodes, "JPN")) == 32
        portions = [_attach(upload)[1] for upload in uploads[1:18]]
        with pytest.raises(UsageError, match=r"attachment\.count"):
            items.make(portions, at=nodes["JPN"].now())
        items.make(portions[:16], at=nodes["JPN"].now())

    play(nodes, scene)


NAMES: tuple[tuple[str, bool], ...] = (
    ("chart.png", True), ("航跡 2.csv", True), ("a" * 200, True), ("名" * 80, True), ("no-dot", True),
    ("", False), (".", False), ("..", False), ("../etc", False), ("a/b", False), ("a\\b", False), (".hidden", False),
    ("x ", False), ("x.", False), ("c:x", False), ("a\nb", False), ("a\x00b", False), ("a\u202egpj.exe", False),
    ("a\u200bb", False), ('a"b', False), ("a|b", False), ("a" * 201, False), ("名" * 81, False),
)  # fmt: skip


@pytest.mark.parametrize(("name", "is_good"), NAMES)
def test_a_name_is_one_that_a_file_may_bear_anywhere(name: str, is_good: bool) -> None:
    """Refused when it is handed in, and by every reader of an item that a stranger signed with such a name."""
    raw = b"\x93" + encode(name) + encode(5) + encode((bytes(32),))
    if is_good:
        check_name(name)
        assert decode_attachment(raw).name == name
        return
    with pytest.raises(UsageError, match=r"attachment\.name"):
        check_name(name)
    with pytest.raises(RemoteError, match=r"item\.malformed"):
        decode_attachment(raw)


@pytest.mark.parametrize(
    ("size", "count"), [(1, 2), (CHUNK, 2), (CHUNK + 1, 1), (0, 1), (ATTACHMENT_SIZE_BYTES_MAX + 1, 129)]
)
def test_an_attachment_has_as_many_chunks_as_its_size_says(size: int, count: int) -> None:
    """No more, no fewer: what is missing could not be asked for, and what is more nobody would read."""
    with pytest.raises(RemoteError, match=r"item\.malformed"):
        decode_attachment(b"\x93" + encode("x") + encode(size) + encode((bytes(32),) * count))


def test_the_digest_of_a_chunk_has_its_place_in_it() -> None:
    """Two chunks that change places are not the file that was signed."""
    one, other = (find_chunk_digest(SUITE, number=number, content=b"x") for number in (0, 1))
    assert one != other
