"""The file drop at a node's desk: the next part for a reader, and taking a part that came (X45, X46)."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from comity import __version__
from comity.api.desk import Desk
from comity.api.views.exchange import DroppedIn, DroppedOut, PartRead
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import DROP_PART_SIZE_BYTES, DROP_SIZE_BYTES_MAX
from comity.base.names import Digest, Party
from comity.crypto.production import ProductionCeremony
from comity.exchange.drop import DROP_FORMAT, BlobRecord, DropHeader, Part, format_part, read_part
from comity.journal.bundle import BundleHead, read_bundle, seal_bundle, unseal_bundle, write_bundle
from comity.journal.header import parse_page
from comity.node.node import Node
from comity.procedure.sharing import Giving

__all__ = ["Dropping", "Written", "make_drop_routes", "make_part", "note_written", "take_part"]

READ_COUNT: Final = 64
LOOK_COUNT: Final = 500
LOOK_S: Final = 0.01
"""How long the pages of a part may take until its blobs are known: five seconds, then the part is to come again."""


class _Reached(NamedTuple):
    """How far a part reaches: a row of the store; `given_count` of what that row gives, 0 where it is all there."""

    row: int
    given_count: int


class Dropping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom a part is wanted; `number` 0 is the next one, another is made anew."""

    to: Annotated[str, msgspec.Meta(max_length=12)]
    number: Annotated[int, msgspec.Meta(ge=0, le=999_999)] = 0


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a part lies on the stick, so that the next one goes on after it."""

    to: Annotated[str, msgspec.Meta(max_length=12)]
    number: Annotated[int, msgspec.Meta(ge=1, le=999_999)]
    reached: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}\.[0-9]{1,6}$")]


def make_part(desk: Desk, wish: Dropping) -> tuple[bytes, int, _Reached]:
    """Return the next part for a reader, its number, and how far it reaches; no bytes: nothing new.

    Raises:
        UsageError: `cli.no-such-party`, `drop.number-unknown`.
    """
    node, machine = desk.node, desk.node.machine
    pins = machine.setup.pins
    certificate = machine.ledger.trust.find_newest(wish.to)
    if wish.to not in machine.parties or wish.to == machine.party or certificate is None:
        raise UsageError("cli.no-such-party", party=wish.to, parties=", ".join(machine.parties))
    reached = _read_reached(node, wish.to)
    number = wish.number or max(reached, default=0) + 1
    if number > 1 and number - 1 not in reached:
        raise UsageError("drop.number-unknown", number=number)
    pages, blobs, last = _gather(node, wish.to, after=reached.get(number - 1, _Reached(0, 0)))
    if not pages and not blobs:
        return b"", number, last
    head = BundleHead(1, pins.lineage, pins.realm, machine.party, node.now())
    suite = machine.setup.suite
    bundle = write_bundle(suite, head, pacts=(), pages=pages)
    sealed = seal_bundle(bundle, public=certificate.receiving_key, suite=suite, ceremony=ProductionCeremony())
    version, empty = __version__[:32], bytes(32)
    header = DropHeader(
        DROP_FORMAT, pins.lineage, pins.realm, machine.party, wish.to, number, node.now(), version, 0, empty
    )
    secret = machine.setup.secrets.node
    return format_part(header, pages=sealed, blobs=blobs, suite=suite, secret=secret), number, last


def note_written(desk: Desk, written: Written) -> DroppedOut:
    """Remember that a part is on a stick; parts after it are made anew, for they began elsewhere."""
    store = desk.node.store
    reached = _read_reached(desk.node, written.to)
    row = int(written.reached.partition(".")[0])
    if row > store.last_seq or (written.number > 1 and written.number - 1 not in reached):
        raise UsageError("drop.number-unknown", number=written.number)
    for number in reached:
        if number > written.number:
            store.set_mark(_name_out(written.to, number), "")
    store.set_mark(_name_out(written.to, written.number), written.reached)
    return {"number": written.number}


async def take_part(desk: Desk, raw: bytes) -> DroppedIn:
    """Take the pages and blobs of a part, each part once; tells what was new, and which parts before it are missing.

    Raises:
        RemoteError: `drop.malformed`, `drop.format-unknown`, `drop.damaged`, `drop.signature`; what is wrong with the
            bundle inside.
        UsageError: `bundle.other-realm-here`, `bundle.other-pact-here`, `drop.other-reader`.
    """
    node, machine = desk.node, desk.node.machine
    part = read_part(raw, machine.setup.suite)
    _check_address(desk, part.header)
    header = part.header
    is_signed = _find_signed(node, part)
    name = _name_in(header.author, header.number)
    shown: PartRead = {"author": header.author, "number": header.number, "version": header.version}
    if is_signed and node.store.find_mark(name) == header.digest.hex():
        return {**shown, "is_signed": True, "is_known": True, "is_waiting": False, "page_count": 0, "new_count": 0,
                "blob_count": 0, "missing": _list_missing(node, header)}  # fmt: skip
    bundle = read_bundle(_unseal(desk, part), machine.setup.suite)
    head = bundle.head
    if (head.lineage, head.realm, head.holder) != (header.lineage, header.realm, header.author):
        raise RemoteError("drop.malformed")
    before = node.store.count_pages()
    for page in bundle.pages:
        node.check_running()
        node.take_bytes(page)
        await asyncio.sleep(0)
    kept_count, is_waiting = await _keep_blobs(node, part.blobs)
    node.check_running()
    if is_signed is None:
        # Its author's certificate came in it, or is not here yet either.
        is_signed = _find_signed(node, part)
        is_waiting |= is_signed is None
    if is_signed and not is_waiting:
        node.store.set_mark(name, header.digest.hex())
    return {**shown, "is_signed": bool(is_signed), "is_known": False, "is_waiting": is_waiting,
            "page_count": len(bundle.pages), "new_count": node.store.count_pages() - before, "blob_count": kept_count,
            "missing": _list_missing(node, header) if is_signed else []}  # fmt: skip


def _find_signed(node: Node, part: Part) -> bool | None:
    """Tell whether the author signed the header; False in format 1, None while no key of the author's is known.

    Raises:
        RemoteError: `drop.signature`: somebody else wrote it.
    """
    if not part.signature:
        return False
    keys = node.machine.ledger.trust.find_node_keys(part.header.author)
    if any(part.is_signed_by(key, node.machine.setup.suite) for key in keys):
        return True
    if keys:
        raise RemoteError("drop.signature")
    return None


def _gather(node: Node, to: Party, *, after: _Reached) -> tuple[list[bytes], list[BlobRecord], _Reached]:
    """Return the pages that `to` may read from a row on, with all that they give it, until a part is full.

    What one page gives, with its attachments, may fill many parts: the next one goes on within it.
    """
    suite, given = node.machine.setup.suite, _list_given(node, to)
    pages: list[bytes] = []
    blobs: list[BlobRecord] = []
    size, last, skip = 0, after, after.given_count
    while rows := node.store.read_rows(after=last.row - bool(skip), count=READ_COUNT):
        for row in rows:
            if to in parse_page(row.raw, suite).header.journal.audience:
                if not skip:
                    pages.append(row.raw)
                    size += len(row.raw)
                ids = [one for blob in given.get(row.digest, ()) for one in (blob, *_list_chunks(node, blob))]
                for number, blob_id in enumerate(ids[skip:], skip + 1):
                    answer = node.shelf.answer(blob_id, to)
                    if answer is not None:
                        blobs.append(BlobRecord(blob_id, *answer))
                        size += len(answer[0])
                    if size >= DROP_PART_SIZE_BYTES and number < len(ids):
                        return pages, blobs, _Reached(row.seq, number)
            last, skip = _Reached(row.seq, 0), 0
            if size >= DROP_PART_SIZE_BYTES:
                return pages, blobs, last
    return pages, blobs, last


def _list_given(node: Node, to: Party) -> dict[bytes, list[bytes]]:
    """Return the blobs that own statements give `to`, by the page that gives them."""
    given: dict[bytes, list[bytes]] = {}
    for stated in node.shelf.find_givings():
        if isinstance(stated.entry, Giving) and stated.author == node.machine.party and to in stated.audience:
            given.setdefault(stated.page_digest, []).append(stated.entry.blob)
    return given


def _list_chunks(node: Node, blob: bytes) -> list[bytes]:
    return [row.chunk for row in node.store.blobs.find_attached(blob)]


def _check_address(desk: Desk, header: DropHeader) -> None:
    pins = desk.node.machine.setup.pins
    if header.realm != pins.realm:
        raise UsageError("bundle.other-realm-here", realm=header.realm)
    if header.lineage != pins.lineage:
        raise UsageError("bundle.other-pact-here")
    if header.reader != desk.node.machine.party:
        raise UsageError("drop.other-reader", reader=header.reader)


def _unseal(desk: Desk, part: Part) -> bytes:
    """Open the bundle with the receiving key that it was sealed for, which may be a retired one."""
    setup = desk.node.machine.setup
    fault = RemoteError("bundle.sealed")
    for secret in setup.receiving_secrets:
        try:
            return unseal_bundle(part.pages, secret=secret, suite=setup.suite)
        except RemoteError as error:
            if error.code != "bundle.sealed":
                raise
            fault = error
    raise fault


async def _keep_blobs(node: Node, blobs: Iterable[BlobRecord]) -> tuple[int, bool]:
    """Keep the blobs and chunks that are named here; tells how many, and whether some are named by nothing yet."""
    waiting = {Digest(record.blob_id): record for record in blobs}
    kept_count = 0
    for _ in range(LOOK_COUNT):
        node.attachments.note_new()
        wanted = {blob for _, blob in node.shelf.find_wanted()}
        chunks = {chunk for _, chunk in node.attachments.find_wanted()}
        for blob_id, record in list(waiting.items()):
            if node.store.has_blob(blob_id):
                del waiting[blob_id]
            elif blob_id in wanted or blob_id in chunks:
                _keep(node, blob_id, record, is_chunk=blob_id in chunks)
                kept_count += 1
                del waiting[blob_id]
                await asyncio.sleep(0)
        if not waiting:
            break
        await asyncio.sleep(LOOK_S)
    return kept_count, any(not node.shelf.is_gone(blob_id) for blob_id in waiting)


def _keep(node: Node, blob_id: Digest, record: BlobRecord, *, is_chunk: bool) -> None:
    if is_chunk:
        node.attachments.keep_chunk(blob_id, record.blob)
    else:
        node.shelf.keep(blob_id, record.blob, {node.machine.party: record.wraps})


def _read_reached(node: Node, to: Party) -> dict[int, _Reached]:
    prefix = f"drop-out/{to}/"
    found = {}
    for name, value in node.store.find_marks(prefix):
        row, _, given_count = value.partition(".")
        found[int(name.removeprefix(prefix))] = _Reached(int(row), int(given_count))
    return found


def _list_missing(node: Node, header: DropHeader) -> list[int]:
    """Return the numbers before this one of which no part came."""
    prefix = f"drop-in/{header.author}/"
    held = {int(name.removeprefix(prefix)) for name, _ in node.store.find_marks(prefix)}
    return [number for number in range(max(1, header.number - 1000), header.number) if number not in held]


def _name_out(to: Party, number: int) -> str:
    return f"drop-out/{to}/{number:06}"


def _name_in(author: Party, number: int) -> str:
    return f"drop-in/{author}/{number:06}"


def make_drop_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the paths of the drop; one part is made or taken at a time."""
    turn = asyncio.Lock()

    @post("/v1/drop/out", summary="The next part of a file drop for a party", status_code=200,
          media_type="application/octet-stream")  # fmt: skip
    async def out(data: JSONBody[Dropping]) -> Response[bytes]:
        async with turn:
            raw, number, last = make_part(desk, data)
        # What was said while this part was made goes with the next stick: else the end would run ahead of the writer.
        is_full = len(raw) >= DROP_PART_SIZE_BYTES
        reached = f"{last.row}.{last.given_count}"
        headers = {"x-drop-number": str(number), "x-drop-reached": reached, "x-drop-more": str(int(is_full))}
        return Response(raw, media_type="application/octet-stream", headers=headers)

    @post("/v1/drop/written", summary="That a part lies on the stick", status_code=200)
    async def written(data: JSONBody[Written]) -> DroppedOut:
        return note_written(desk, data)

    @post("/v1/drop/in", summary="Take a part of a file drop", status_code=200,
          request_max_body_size=DROP_SIZE_BYTES_MAX + 1)  # fmt: skip
    async def in_(request: Request[Any, Any, Any]) -> DroppedIn:
        async with turn:  # one part at a time is in memory, however many are sent
            return await take_part(desk, await request.body())

    return [out, written, in_]
