"""The page on which an item is composed: a draft goes to and fro in its own form, and nothing of it is kept here.

With script the preview renews itself as one types; without it there is a button. A file is handed in as the bulk of an
item always is: as a stream, sealed at once (`Uploads`). A form without script carries one too, as far as a form may.
"""

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.attaching import BODY_SIZE_BYTES_MAX
from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.base.errors import ComityError, UsageError
from comity.console.compose import Preview, find_choices, preview
from comity.console.draft import KINDS, Draft, read_draft
from comity.console.fields import Fields, read_fields
from comity.console.pages import Pages
from comity.console.release_words import make_words
from comity.procedure.assessment import Confidence, Likelihood
from comity.procedure.item import PortionKind
from comity.procedure.threat import Credibility, Reliability

__all__ = ["find_preview", "find_preview_fields", "make_compose"]

FORM_FILE_SIZE_BYTES_MAX: Final = 1024 * 1024 - 1
"""A form with a file: what is larger would be laid on the disk as it came before anybody could seal it."""
Name = Annotated[str, QueryParameter(min_length=1, max_length=200)]


def make_compose(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""

    async def show(request: Request[Any, Any, Any], draft: Draft, fault: ComityError | None = None) -> Response[Any]:
        seen = Preview(fault=fault.row) if fault is not None else find_preview(desk, draft)
        fields = find_preview_fields(desk, pages.titles, draft, seen, is_failed=fault is not None)
        return pages.render(
            request, "compose.html", draft=draft, choices=find_choices(desk), kinds=KINDS, kind_of=PortionKind,
            likelihoods=tuple(Likelihood), confidences=tuple(Confidence), reliabilities=tuple(Reliability),
            credibilities=tuple(Credibility), **fields,
        )  # fmt: skip

    @get("/release/new")
    async def begin(request: Request[Any, Any, Any]) -> Response[Any]:
        return await show(request, Draft())

    @post("/release/new", status_code=200)
    async def renew(request: Request[Any, Any, Any]) -> Response[Any]:
        fields, _ = await read_fields(request)
        return await show(request, _change(read_draft(fields), fields.find("do")))

    @post("/release/new/preview", status_code=200)
    async def renew_preview(request: Request[Any, Any, Any]) -> Response[Any]:
        fields, _ = await read_fields(request)
        draft = read_draft(fields)
        shown = find_preview_fields(desk, pages.titles, draft, find_preview(desk, draft))
        return pages.render(request, "compose_preview.html", **shown)

    @post("/release/new/attach/{number:str}", status_code=200, request_max_body_size=FORM_FILE_SIZE_BYTES_MAX)
    async def attach(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[Any]:
        fields, file = await _read_multipart(request, f"upload-{number}")
        draft, fault = read_draft(fields), None
        try:
            draft = await _attach(desk, draft, number, file)
        except ComityError as error:
            fault = error
        return await show(request, draft, fault)

    @post(
        "/release/attachments", status_code=201, request_max_body_size=BODY_SIZE_BYTES_MAX, opt={"is_file": True}
    )  # fmt: skip
    async def take(request: Request[Any, Any, Any], name: Name) -> dict[str, Any]:
        upload = await desk.items.uploads.take(request.stream(), name=name)
        return {"attachment": upload.id.hex(), "name": name, "size_bytes": upload.attachment.size_bytes}

    return [begin, renew, renew_preview, attach, take]


def find_preview(desk: Desk, draft: Draft) -> Preview:
    """Return the preview of a draft; of one that is for nobody, or that nobody wrote anything into yet, nothing."""
    return Preview() if _is_blank(draft) else preview(desk, draft)


def find_preview_fields(
    desk: Desk, titles: Titles, draft: Draft, seen: Preview, *, is_failed: bool = False
) -> dict[str, Any]:
    """Return what the template of a preview is filled with."""
    return {**make_words(desk, titles), "seen": seen, "is_blank": not is_failed and _is_blank(draft)}


def _is_blank(draft: Draft) -> bool:
    return not draft.to or all(portion.is_empty for portion in draft.portions)


def _change(draft: Draft, wish: str) -> Draft:
    """Return a draft with a portion more or less, as the button says; any other button changes nothing."""
    if wish == "add":
        return draft.add()
    number = wish.removeprefix("drop-")
    if wish.startswith("drop-") and number.isascii() and number.isdigit() and len(number) <= 3:
        return draft.drop(int(number) - 1)
    return draft


async def _read_multipart(request: Request[Any, Any, Any], name: str) -> tuple[Fields, UploadFile]:
    """Return the fields of a form, and the file that it brought under a name; other files are left where they are.

    Raises:
        UsageError: `console.field-missing`.
    """
    rows, found = [], None
    for field, value in (await request.form()).multi_items():
        if isinstance(value, str):
            rows.append((field, value.replace("\r\n", "\n")))
        elif field == name and value.filename:
            found = value
    if found is None:
        raise UsageError("console.field-missing", field=name[:64])
    return Fields(rows), found


async def _attach(desk: Desk, draft: Draft, number: str, file: UploadFile) -> Draft:
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= len(draft.portions)):
        raise UsageError("console.field-malformed", field="upload")

    async def content() -> Any:
        yield await file.read()

    upload = await desk.items.uploads.take(content(), name=file.filename)
    return draft.attach(
        int(number) - 1,
        attachment=upload.id.hex(),
        file=file.filename,
        media=file.content_type or "application/octet-stream",
    )
