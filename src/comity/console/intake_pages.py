"""Bringing in what other systems made, under *Came in*: files by upload, deposits that wait (X13, X54).

Rules
- A file is read whole into memory, so many bytes and no more; its reader bounds its depth. It waits for its second
  press in the memory of the session that brought it, and nowhere else.
- What will be stored under which marking, who will be given it and what is refused stands before anything is signed.
- What a deposit holds is shown to those who may release, as over the API.
"""

import asyncio
import secrets
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.intake import Intake
from comity.api.words import say
from comity.base.catalogue import CODES
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.fields import TEXT_SIZE_MAX, Fields
from comity.console.forms import list_parties, read_boxes
from comity.console.intake import (
    ALERT,
    Preview,
    Upload,
    import_upload,
    preview_deposit,
    preview_upload,
    take_deposit,
)
from comity.console.keeping import Keeping
from comity.console.once import Once
from comity.console.pages import Pages
from comity.console.release_words import make_words
from comity.console.signing import Deed
from comity.console.visit import Visit, get_visit
from comity.exchange.deposit import Deposit, DepositState
from comity.exchange.marker import Wish
from comity.exchange.stix_import import STIX_MEDIA
from comity.node.powers import ACTING, check_may
from comity.pact.offices import Act

__all__ = ["UPLOAD_SIZE_BYTES_MAX", "make_intake"]

UPLOAD_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Of one file; the command line takes more."""
BODY_SIZE_BYTES_MAX: Final = UPLOAD_SIZE_BYTES_MAX + 256 * 1024
KEPT_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of all files that wait for a second press."""
NAME_SIZE_MAX: Final = 120
FORMATS: Final = (("stix", "STIX 2.1"), ("misp", "MISP"), (ALERT, "CAP 1.2, JMA"))
Asking = Request[Any, Any, Any]


def make_intake(pages: Pages, desk: Desk, acts: Acts, intake: Intake) -> list[HTTPRouteHandler]:
    """Return the pages and the acts."""
    rooms = _Intake(pages, desk, intake)

    @get("/release/imports/new")
    async def ask(request: Asking) -> Response[Any]:
        return rooms.ask(request)

    @post("/release/imports/preview", request_max_body_size=BODY_SIZE_BYTES_MAX, status_code=303)
    async def bring(request: Asking) -> Response[Any]:
        return await rooms.bring(request)

    @get("/release/imports/refused/{kept:str}")
    async def refused(request: Asking, kept: FromPath[str]) -> Response[Any]:
        return rooms.show_refused(request, kept)

    @get("/release/deposits/{deposit:str}")
    async def look(request: Asking, deposit: FromPath[str]) -> Response[Any]:
        return await rooms.look(request, deposit)

    @get("/release/deposits/{deposit:str}/as-it-came")
    async def save(deposit: FromPath[str]) -> Response[bytes]:
        return await rooms.save(deposit)

    return [
        ask, bring, refused, look, save,
        *acts.make("/release/imports/take/{kept:str}", rooms.take_upload),
        *acts.make("/release/deposits/{deposit:str}/take", rooms.take_deposit),
        *acts.make("/release/deposits/{deposit:str}/refuse", rooms.refuse),
    ]  # fmt: skip


class _Intake:
    def __init__(self, pages: Pages, desk: Desk, intake: Intake) -> None:
        self._pages = pages
        self._desk = desk
        self._intake = intake
        self._kept = Keeping(size_max=KEPT_SIZE_BYTES_MAX, size_of_one_max=BODY_SIZE_BYTES_MAX)
        self._once = Once()

    def ask(self, request: Asking) -> Response[Any]:
        """Ask for a file, and for what is said of all that is in it."""
        pact, titles = self._desk.node.machine.pact, self._pages.titles
        levels = [(level["id"], titles.title_of("level", level["id"])) for level in self._desk.levels()]
        return self._pages.render(
            request, "release_bring.html", formats=FORMATS, levels=[("", say("only by its own label")), *levels],
            topics=[(row.id, titles.title_of("topic", row.id)) for row in pact.topics],
            parties=list_parties(self._desk, titles, but_own=True), size_max=UPLOAD_SIZE_BYTES_MAX,
            **make_words(self._desk, titles),
        )  # fmt: skip

    async def bring(self, request: Asking) -> Response[Any]:
        """Take a file, find what would become of it, and lead to where that is confirmed."""
        _check_power(self._desk)
        upload = await self._read(request)
        seen = await preview_upload(self._desk, self._intake, upload)
        name = secrets.token_urlsafe(12)
        self._kept.keep(get_visit(request).secret, name, (upload, seen), size=len(upload.raw) + 4_096)
        return self._pages.lead(f"/release/imports/{'take' if seen.groups else 'refused'}/{name}")

    def show_refused(self, request: Asking, name: str) -> Response[Any]:
        """Show a file of which nothing can be stored, and why."""
        upload, seen = self._find(get_visit(request), name, Upload)
        return self._pages.render(request, "release_refused.html", upload=upload, **self._show(seen))

    def _show(self, seen: Preview) -> dict[str, Any]:
        return {"seen": seen, "catalogue": CODES, **make_words(self._desk, self._pages.titles)}

    async def _read(self, request: Asking) -> Upload:
        """Read what was filled in.

        Raises:
            UsageError: `console.field-missing`, `console.field-malformed`, `console.upload-large`.
        """
        form = await request.form()
        rows = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        if any(len(value) > TEXT_SIZE_MAX for _, value in rows):
            raise UsageError("console.malformed")
        fields, file = Fields(rows), form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError("console.field-missing", field="file")
        raw = await file.read(UPLOAD_SIZE_BYTES_MAX + 1)
        if len(raw) > UPLOAD_SIZE_BYTES_MAX:
            raise UsageError("console.upload-large", size_bytes_max=UPLOAD_SIZE_BYTES_MAX)
        format_ = fields.get("format")
        if format_ not in dict(FORMATS):
            raise UsageError("console.field-malformed", field="format")
        parties = list_parties(self._desk, self._pages.titles, but_own=True)
        caveats = tuple(sorted({word.strip() for word in fields.find("caveats").split(";") if word.strip()}))
        wish = Wish(tuple(sorted({*fields.list("topic")})), fields.find("level"), caveats)
        return Upload(raw, file.filename[:NAME_SIZE_MAX], format_, tuple(read_boxes(fields, "to", parties)), wish)

    def take_upload(self, visit: Visit, fields: Fields, role: str) -> Deed:
        """Propose to import a file as it was shown."""
        del role
        upload, seen = self._find(visit, fields.place["kept"], Upload)

        async def work() -> tuple[Digest, ...]:
            return await import_upload(self._desk, self._intake, upload, seen)

        facts = ((say("file"), upload.name), (say("format"), dict(FORMATS)[upload.format]),
                 (say("size"), make_words(self._desk, self._pages.titles)["size"](len(upload.raw))))  # fmt: skip
        return self._make_deed(say("Bring this file in"), facts, seen, work)

    async def look(self, request: Asking, deposit: str) -> Response[Any]:
        """Show a deposit that waits, with what would become of it."""
        _check_power(self._desk)
        found = self._get(deposit)
        seen = await preview_deposit(self._desk, self._intake, found.id)
        self._kept.keep(get_visit(request).secret, found.id, (found, seen), size=64 * 1024)
        return self._pages.render(request, "release_deposit.html", deposit=found, **self._show(seen))

    async def save(self, deposit: str) -> Response[bytes]:
        """Return a deposit as it came."""
        _check_power(self._desk)
        found = self._get(deposit)
        raw = await asyncio.to_thread(self._desk.deposits.read, found)
        headers = {"Content-Disposition": f'attachment; filename="{found.id}.json"'}
        return Response(raw, media_type=STIX_MEDIA, headers=headers)

    def take_deposit(self, visit: Visit, fields: Fields, role: str) -> Deed:
        """Propose to import a deposit as it was shown."""
        del role
        found, seen = self._find(visit, self._get(fields.place["deposit"]).id, Deposit)

        async def work() -> tuple[Digest, ...]:
            return await take_deposit(self._desk, self._intake, found.id, seen)

        return self._make_deed(say("Take what {name} put in", name=found.consumer), (), seen, work)

    def refuse(self, visit: Visit, fields: Fields, role: str) -> Deed:
        """Propose to refuse a deposit: nothing of it is kept."""
        del visit, role
        _check_power(self._desk)
        found = self._get(fields.place["deposit"])

        async def work() -> tuple[Digest, ...]:
            await self._intake.receptions.refuse(found.id)
            return ()

        return Deed(
            says=say(
                "Refuse what {name} put in: nothing of it is kept, and the system is told so", name=found.consumer
            ),
            do=lambda key: self._once.do(key, work),
            facts=((say("deposit"), found.id), (say("number of objects"), str(found.object_count))),
            does=say("Refuse"),
        )

    def _make_deed(self, says: str, facts: tuple[tuple[str, str], ...], seen: Preview, work: Any) -> Deed:
        _check_power(self._desk)
        if not seen.groups:
            raise UsageError("console.form-expired")  # no page offers it
        return Deed(
            says=says, do=lambda key: self._once.do(key, work), facts=facts, basis=seen.basis,
            does=say("Store and give"),
            audience=tuple(sorted({*seen.readers, self._desk.node.machine.party})), is_pressing=bool(seen.readers),
            template="release_intake.html", shown=self._show(seen),
        )  # fmt: skip

    def _find(self, visit: Visit, name: str, type_: type[Any]) -> tuple[Any, Preview]:
        """Return what this session was shown.

        Raises:
            UsageError: `console.form-expired`.
        """
        kept = self._kept.find(visit.secret, name)
        if not isinstance(kept, tuple) or not isinstance(kept[0], type_):
            raise UsageError("console.form-expired")
        return kept[0], kept[1]

    def _get(self, deposit: str) -> Deposit:
        found = self._desk.deposits.get(deposit)
        if found.state is not DepositState.WAITING:
            raise UsageError("deposit.closed", state=found.state.value)
        return found


def _check_power(desk: Desk) -> None:
    """Refuse whoever may not release (P42).

    Raises:
        UsageError: `officer.wrong-role`.
    """
    for name in ACTING.get():
        check_may(desk.node, name, Act.RELEASE)
