"""A TAXII 2.1 server for this node's consumers: one collection for each, and nothing of any other.

Discovery, API root, collection, objects, one object and its versions, manifest, putting in, status. Whatever is not
this consumer's is answered as what is not there: its own view is all that any answer is made from
(docs/spec/exchange.md, X18 to X23).
"""

import asyncio
import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.doorkeeper import CONSUMER, get_consumer
from comity.api.shape import make_problem
from comity.api.showcase import Showcase
from comity.api.taxii_adding import Receptions
from comity.base.errors import ComityError, make_error
from comity.exchange.consumer import Consumer, Format
from comity.exchange.own_marking import is_exercise
from comity.exchange.taxii import TAXII_MEDIA, Catalogue, Dated, Page, Query, format_us, read_query

__all__ = ["make_taxii"]

ROOT: Final = "comity"
CONTENT_SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
_NAMESPACE: Final = uuid.UUID("3c1c2f0e-9a59-4e61-8f0a-52b1b0d3f7a4")
_PAGING: Final = frozenset({"added_after", "limit", "next"})
_OF_ONE: Final = frozenset({*_PAGING, "match[version]", "match[spec_version]"})
_OF_VERSIONS: Final = frozenset({*_PAGING, "match[spec_version]"})
_Request = Request[Any, Any, Any]


def make_taxii(desk: Desk, showcase: Showcase, receptions: Receptions) -> Router:
    """Return everything under `/taxii2`."""
    views = _Views(desk, showcase)
    return Router(
        path="/taxii2",
        route_handlers=[*_make_roots(views), *_make_objects(views), *_make_receptions(views, receptions)],
        opt={"access": CONSUMER, "format": Format.TAXII},
        exception_handlers={ComityError: _answer_error, HTTPException: _answer_http},
        tags=["TAXII"],
    )


class _Views:
    """What the paths share: whose collection it is, and what is in it."""

    def __init__(self, desk: Desk, showcase: Showcase) -> None:
        self._desk = desk
        self.showcase = showcase

    @property
    def title(self) -> str:
        """How this server calls itself: play says so (law 5)."""
        machine = self._desk.node.machine
        realm = machine.setup.pins.realm
        return f"{'EXERCISE: ' if is_exercise(realm) else ''}{machine.party}, realm {realm}"

    def find_collection_id(self, consumer: Consumer) -> str:
        """Return the id of a consumer's collection: the same for as long as it has its name here."""
        pins = self._desk.node.machine.setup.pins
        return str(uuid.uuid5(_NAMESPACE, f"{pins.lineage.hex()}/{pins.realm}/{consumer.name}"))

    def check_collection(self, request: _Request, root: str, collection: str) -> Consumer:
        """Return the consumer if this is its own collection; anything else is not there, be it another's or nobody's.

        Raises:
            NotFoundException: for whatever else.
        """
        check_accept(request)
        consumer = get_consumer(request)
        if root != ROOT or collection != self.find_collection_id(consumer):
            raise NotFoundException
        return consumer

    async def give(self, consumer: Consumer, catalogue: Catalogue, query: Query) -> Page:
        """Return a page, once it is noted that the consumer reads what stands on it (P48)."""
        page = catalogue.select(query) if query.is_plain else await asyncio.to_thread(catalogue.select, query)
        await self.showcase.record_polled(consumer, (item for row in page.rows for item in row.items))
        return page

    def show_collection(self, consumer: Consumer) -> dict[str, Any]:
        """Return the collection resource (section 5.2)."""
        return {"id": self.find_collection_id(consumer), "title": f"{self.title}: {consumer.name}",
                "can_read": True, "can_write": consumer.adding is not None,
                "media_types": ["application/stix+json;version=2.1"]}  # fmt: skip


def _make_roots(views: _Views) -> list[Any]:
    """Return discovery, the one API root, and its collections."""

    @get("/", summary="TAXII discovery")
    async def discovery(request: _Request) -> Response[bytes]:
        check_accept(request)
        url = f"{str(request.base_url).rstrip('/')}/taxii2/{ROOT}/"
        return _answer({"title": views.title, "default": url, "api_roots": [url]})

    @get("/{root:str}", summary="The one API root")
    async def api_root(request: _Request, root: FromPath[str]) -> Response[bytes]:
        _check_root(request, root)
        return _answer({"title": views.title, "versions": [TAXII_MEDIA],
                        "max_content_length": CONTENT_SIZE_BYTES_MAX})  # fmt: skip

    @get("/{root:str}/collections", summary="This consumer's one collection")
    async def collections(request: _Request, root: FromPath[str]) -> Response[bytes]:
        _check_root(request, root)
        return _answer({"collections": [views.show_collection(get_consumer(request))]})

    @get("/{root:str}/collections/{collection:str}", summary="This consumer's collection")
    async def collection_(request: _Request, root: FromPath[str], collection: FromPath[str]) -> Response[bytes]:
        return _answer(views.show_collection(views.check_collection(request, root, collection)))

    return [discovery, api_root, collections, collection_]


def _make_objects(views: _Views) -> list[Any]:
    """Return what can be pulled."""
    path = "/{root:str}/collections/{collection:str}"

    async def find(request: _Request, root: str, collection: str, **given: Any) -> Page:
        consumer = views.check_collection(request, root, collection)
        query = read_query(dict(request.query_params), **given)
        catalogue = await views.showcase.list_stix(consumer)
        return await views.give(consumer, catalogue, query)

    async def find_one(request: _Request, root: str, collection: str, object_: str, **extra: Any) -> Page:
        consumer = views.check_collection(request, root, collection)
        catalogue = await views.showcase.list_stix(consumer)
        if all(row.object.id != object_ for row in catalogue.rows):
            raise NotFoundException
        query = read_query(dict(request.query_params), permitted=extra.pop("permitted"))
        return await views.give(consumer, catalogue, dataclasses.replace(query, ids=frozenset({object_}), **extra))

    @get(f"{path}/objects", summary="Objects that this consumer may have now, in pages")
    async def objects(request: _Request, root: FromPath[str], collection: FromPath[str]) -> Response[bytes]:
        return _answer_page(await find(request, root, collection))

    @get(f"{path}/manifest", summary="The same, without the objects themselves")
    async def manifest(request: _Request, root: FromPath[str], collection: FromPath[str]) -> Response[bytes]:
        page = await find(request, root, collection)
        rows = [
            {"id": row.object.id, "date_added": format_us(row.added_us), "version": row.version,
             "media_type": f"application/stix+json;version={row.object.spec_version}"}
            for row in page.rows
        ]  # fmt: skip
        return _answer(_show_rows("objects", rows, page), headers=_date_headers(page.rows))

    @get(f"{path}/objects/{{object_id:str}}", summary="One object")
    async def one(
        request: _Request, root: FromPath[str], collection: FromPath[str], object_id: FromPath[str]
    ) -> Response[bytes]:
        return _answer_page(await find_one(request, root, collection, object_id, permitted=_OF_ONE))

    @get(f"{path}/objects/{{object_id:str}}/versions", summary="The versions of one object")
    async def versions(
        request: _Request, root: FromPath[str], collection: FromPath[str], object_id: FromPath[str]
    ) -> Response[bytes]:
        every = frozenset({"all"})
        page = await find_one(request, root, collection, object_id, permitted=_OF_VERSIONS, versions=every)
        shown = _show_rows("versions", [row.version for row in page.rows], page)
        return _answer(shown, headers=_date_headers(page.rows))

    return [objects, manifest, one, versions]


def _make_receptions(views: _Views, receptions: Receptions) -> list[Any]:
    """Return putting in, and what became of it."""

    @post(
        "/{root:str}/collections/{collection:str}/objects",
        summary="Put objects in, where this consumer may",
        status_code=202,
        request_max_body_size=CONTENT_SIZE_BYTES_MAX,
    )
    async def add(request: _Request, root: FromPath[str], collection: FromPath[str]) -> Response[bytes]:
        consumer = views.check_collection(request, root, collection)
        if not _is_taxii(request.headers.get("content-type", "")):
            raise HTTPException(status_code=415)
        with receptions.admit(consumer):
            return _answer(await receptions.take(consumer, await request.body()), status=202)

    @get("/{root:str}/status/{status:str}", summary="What became of objects that this consumer put in")
    async def status_(request: _Request, root: FromPath[str], status: FromPath[str]) -> Response[bytes]:
        _check_root(request, root)
        found = receptions.find(get_consumer(request), status)
        if found is None:
            raise NotFoundException
        return _answer(found)

    return [add, status_]


def _check_root(request: _Request, root: str) -> None:
    check_accept(request)
    if root != ROOT:
        raise NotFoundException


def check_accept(request: _Request) -> None:
    """Return if the client takes what we send (section 3.1.2); it may name no version, or take anything.

    Raises:
        HTTPException: 406.
    """
    accepted = request.headers.get("accept", "*/*").split(",")
    kinds = {one.partition(";")[0].strip().lower() for one in accepted}
    if not (kinds & {"*/*", "application/*"} or any(map(_is_taxii, accepted))):
        raise HTTPException(status_code=406)


def _is_taxii(media: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in media.split(";"))
    versions = {part.partition("=")[2].strip('" ') for part in parameters if part.startswith("version")}
    return kind == "application/taxii+json" and versions <= {"2.1"}


def _answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Response(raw, status_code=status, media_type=TAXII_MEDIA, headers=headers)


def _answer_page(page: Page) -> Response[bytes]:
    """Answer with an envelope (section 3.7), whose objects are written already."""
    if not page.rows:
        return _answer({})
    more = b'"more":true,"next":"%b",' % page.next_.encode() if page.next_ else b'"more":false,'
    raw = b'{%b"objects":[%b]}' % (more, b",".join(row.object.raw for row in page.rows))
    return _answer(raw, headers=_date_headers(page.rows))


def _show_rows(key: str, rows: Sequence[Any], page: Page) -> dict[str, Any]:
    if not rows:
        return {}
    going_on = {"more": True, "next": page.next_} if page.next_ else {"more": False}
    return {**going_on, key: rows}


def _date_headers(rows: Sequence[Dated]) -> dict[str, str]:
    if not rows:
        return {}
    return {"X-TAXII-Date-Added-First": format_us(rows[0].added_us),
            "X-TAXII-Date-Added-Last": format_us(rows[-1].added_us)}  # fmt: skip


def _answer_error(_: _Request, error: ComityError) -> Response[bytes]:
    problem = make_problem(error)
    headers = {"Retry-After": str(error.details["window_s"])} if problem.status == 429 else None
    return _answer_message(problem.title, problem.hint, problem.code, problem.status, headers)


def _answer_http(_: _Request, error: HTTPException) -> Response[bytes]:
    """What the framework refuses; the same words for what is another's and for what is nobody's."""
    code = {401: "api.no-access", 406: "taxii.not-acceptable", 413: "bytes.too-large",
            415: "taxii.not-acceptable"}.get(error.status_code, "api.no-path")  # fmt: skip
    problem = make_problem(make_error(code))
    return _answer_message(problem.title, problem.hint, code, error.status_code, dict(error.headers or {}))


def _answer_message(title: str, hint: str, code: str, status: int, headers: dict[str, str] | None) -> Response[bytes]:
    """Answer with an error message (section 3.6.1)."""
    shown = {"title": title, "description": hint, "error_code": code, "http_status": str(status)}
    return _answer(shown, status=status, headers=headers)
