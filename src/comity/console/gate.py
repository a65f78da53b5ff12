"""What every request to the console passes before anything is done for it (docs/adr/0057).

Rules
- A route that says nothing wants a session that is not locked. `access` in its options opens it further.
- The host must be one of the console's; what changes something must come from its own pages: the browser's Origin and
  the form's token both say so.
- Who acts is bound here, as in the API, and `Node.say` reads it.
- A file that comes as a stream (`is_file`) brings the token in a header: it is not read to find one.
- What a page asks for by itself (`is_quiet`) keeps no session awake.
- What leads elsewhere has no body, as bytes: so it is an answer of a route of any media type, of bytes too.
- Every answer, whatever it is, forbids what pages of ours never do: foreign or inline scripts, frames, being kept.
"""

import hmac
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import FormMultiDict, MutableScopeHeaders
from litestar.types import Message, Scope

from comity.api.officer_door import OfficerDoor
from comity.api.words import speak_in
from comity.base.errors import UsageError
from comity.console.keeping import Keeping
from comity.console.origins import Origins
from comity.console.session import Sessions
from comity.console.visit import Cookies, Visit, is_local_path, split_address
from comity.node.node import Node
from comity.node.passkeys import PasskeyBook
from comity.node.powers import ACTING

__all__ = ["ANYBODY", "FORM_FIELD", "LOCKED_TOO", "Gate", "add_headers", "is_of_script"]

ANYBODY: Final = "anybody"
LOCKED_TOO: Final = "locked-too"
"""Values of a route's option `access`."""
FORM_FIELD: Final = "form"
FORM_HEADER: Final = "x-comity-form"
_SAFE: Final = frozenset({"GET", "HEAD"})

POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # With `no-referrer` a browser would not say from where a form comes either.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Lets requests in, each with its visit."""

    def __init__(
        self,
        node: Node,
        origins: Origins,
        *,
        sessions: Sessions,
        passkeys: PasskeyBook,
        cookies: Cookies,
        door: OfficerDoor,
    ) -> None:
        self._node = node
        self._origins = origins
        self.sessions = sessions
        self._passkeys = passkeys
        self.cookies = cookies
        self.keeping = Keeping()
        self._door = door

    async def admit(self, request: Request[Any, Any, Any]) -> Response[Any] | None:
        """Let a request in, or answer it.

        Raises:
            UsageError: `console.wrong-host`, `console.wrong-origin`, `console.form-expired`, `api.too-often`,
                `officer.book-malformed`.
        """
        ACTING.set(())
        visit = self.open(request)
        request.state.visit = visit
        speak_in(visit.language)
        self._origins.get(request.headers.get("host", ""))
        if request.method not in _SAFE:
            await self._check_sender(request, visit)
        access = request.route_handler.opt.get("access")
        if request.route_handler.opt.get("is_stream") and visit.session is None:
            return Response(b"", status_code=401)  # whoever listens is led nowhere: its page asks, and is
        if visit.session is None or access == ANYBODY:
            return None if access == ANYBODY else _lead(request, "/sign-in", goes_back=True)
        if visit.session.is_locked and access != LOCKED_TOO:
            return await _lead_to_proof(request)
        self._door.count(request, visit.officer)
        if not visit.session.is_locked:
            ACTING.set((visit.officer,) if visit.officer else ())
            if not request.route_handler.opt.get("is_quiet"):
                self.sessions.use(visit.session)
        return None

    def find_open(self, visit: Visit) -> bool | None:
        """Tell whether the session of a visit is open now, or locked; None where it has ended."""
        found = self.sessions.find(visit.secret, self._node.officers, self._passkeys, at=self._node.now())
        return None if found is None or found is not visit.session else visit.is_open

    def open(self, request: Request[Any, Any, Any]) -> Visit:
        """Find who asks; a browser that is new gets its cookie with the answer."""
        try:
            origin = self._origins.get(request.headers.get("host", ""))
        except UsageError:
            origin = self._origins.first
        cookies = self.cookies
        secret, browser = cookies.read(request, "session", origin), cookies.read(request, "browser", origin)
        at = self._node.now()
        session = self.sessions.find(secret, self._node.officers, self._passkeys, at=at) if secret else None
        fresh = "" if browser else self._node.draw_salt().hex()
        return Visit(
            origin=origin,
            session=session,
            secret=secret if session is not None else "",
            browser=browser or fresh,
            form_token=cookies.sign_form(browser or fresh, secret if session is not None else ""),
            language=cookies.find_language(request, origin),
            theme=cookies.find_theme(request, origin),
            set_cookies=(cookies.make("browser", fresh, origin),) if fresh else (),
        )

    async def _check_sender(self, request: Request[Any, Any, Any], visit: Visit) -> None:
        if request.headers.get("origin", "") != visit.origin:
            raise UsageError("console.wrong-origin")
        token = request.headers.get(FORM_HEADER, "")
        if not request.route_handler.opt.get("is_file"):
            form = await _read_form(request)
            token = token or str(form.get(FORM_FIELD, ""))
        if visit.set_cookies or not hmac.compare_digest(token.encode(), visit.form_token.encode()):
            raise UsageError("console.form-expired")


async def _read_form(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Return a form, which every handler finds read; one in letters that there are not is refused.

    Raises:
        UsageError: `console.malformed`.
    """
    try:
        return await request.form()
    except LookupError as error:
        raise UsageError("console.malformed") from error


def is_of_script(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a page's own script asks, for a piece of a page."""
    return request.headers.get("hx-request") == "true"


def _find_page(request: Request[Any, Any, Any]) -> str:
    """Return the page that a request is for, or that the script which asks is on; empty where it is none of ours."""
    if not is_of_script(request):
        return str(request.scope["path"]) if request.method in _SAFE else ""
    shown = split_address(request.headers.get("hx-current-url", "")).path
    return shown if is_local_path(shown) else ""


def _lead(request: Request[Any, Any, Any], path: str, *, goes_back: bool) -> Response[Any]:
    """Lead a browser elsewhere, and back afterwards to where it was if that is a page."""
    here = _find_page(request) if goes_back else ""
    to = f"{path}?next={here}" if here else path
    if is_of_script(request):
        return Response(b"", status_code=401, headers={"HX-Redirect": to})
    return Response(b"", status_code=303, headers={"Location": to})


async def _lead_to_proof(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead whoever left the console to the proof; what was typed into an act's form is kept for after it."""
    keep = request.route_handler.opt.get("keep")
    if keep is None or request.method in _SAFE:
        return _lead(request, "/prove", goes_back=True)
    return _lead(request, f"/prove?next={await keep(request)}", goes_back=False)


async def add_headers(message: Message, _: Scope) -> None:
    """Put the headers on every answer; pages are kept by nobody."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")
